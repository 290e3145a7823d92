package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
)

type (
	handCoach struct {
		ID          looseID     `json:"id_trip"`
		Name        string      `json:"name_trip"`
		FromID      looseID     `json:"id_from_point"`
		FromName    string      `json:"from_name_point"`
		FromAddress string      `json:"from_address_point"`
		ToID        looseID     `json:"id_to_point"`
		ToName      string      `json:"to_name_point"`
		ToAddress   string      `json:"to_address_point"`
		Date        russianDate `json:"date_trip"`
		Time        clock       `json:"time_trip"`
		ArrivalDate russianDate `json:"date_arrival_trip"`
		ArrivalTime clock       `json:"time_arrival_trip"`
		Duration    string      `json:"time_duration_trip"`
		Seats       looseInt    `json:"count_available_seats_trip"`
		Full        optDecimal  `json:"full_ticket_price"`
		Child       optDecimal  `json:"child_ticket_price"`
		Markup      optDecimal  `json:"markup_ticket_price"`
		MarkupChild optDecimal  `json:"markup_child_price"`
		// Booking must send these back digit by digit.
		TotalFull  looseID       `json:"total_full_ticket_price"`
		TotalChild looseID       `json:"total_child_ticket_price"`
		Bus        string        `json:"name_ats"`
		Carriers   []handCarrier `json:"kontr"`
	}

	handCarrier struct {
		Name        string  `json:"name"`
		INN         looseID `json:"inn"`
		Cash        looseID `json:"cash"`
		FIO         string  `json:"fio"`
		Phone       string  `json:"phone"`
		Address     string  `json:"address"`
		Mode        string  `json:"mode"`
		OGRN        looseID `json:"ogrn"`
		License     string  `json:"license"`
		LicenseDate string  `json:"license_date"`
		Info        string  `json:"info"`
	}

	handCoaches struct {
		Error       looseID     `json:"error"`
		Description string      `json:"error_description"`
		Result      []handCoach `json:"result"`
	}
)

func (a *handCoaches) finish(func([]byte, any) error) error {
	if a.Error != "0" {
		return errors.New(a.Description)
	}
	return nil
}

func (a *handCoaches) value() any { return a.Result }

// coaches reads the trips of a day.
func coaches(number int) work {
	a := parse[struct{ Result []json.RawMessage }](golden("regionbilet", "trip.answer.json"))
	rows := make([]string, number)
	for i := range rows {
		rows[i] = strings.Replace(varied(string(a.Result[i%2]), i), `"id_trip":"`, `"id_trip":"`+digits(i), 1)
	}
	var b bytes.Buffer
	b.WriteString(`{"error":"0","error_description":"Нет ошибок","result":[` + strings.Join(rows, ",") + `]}`)
	transport := answering(b.Bytes())
	client := must(regionbilet.New(regionbilet.Config{User: "test", SecretKey: "test"}, rutravel.WithHTTPClient(&http.Client{Transport: transport})))
	query := regionbilet.TripQuery{From: "124", To: "463", Date: civil.Date{Year: 2021, Month: 2, Day: 25}}
	x := exchange{
		method: http.MethodGet, url: regionbilet.Production + "?user=test&skey=test&command=trip&id_from=124&id_to=463&date_trip=25.02.2021",
		answer: func() answer { return new(handCoaches) },
	}
	return work{
		length: b.Len(),
		same:   func(v any) any { return each(v.([]handCoach), handCoach.same) },
		contestants: append(others(x, transport), contestant{library, func() (any, error) {
			return client.Trips(context.Background(), query)
		}}, skipping(b.Bytes())),
	}
}

func (t handCoach) same() regionbilet.Trip {
	return regionbilet.Trip{
		ID: regionbilet.TripID(t.ID), Name: t.Name,
		From:      regionbilet.Stop{ID: regionbilet.StopID(t.FromID), Name: t.FromName, Address: t.FromAddress},
		To:        regionbilet.Stop{ID: regionbilet.StopID(t.ToID), Name: t.ToName, Address: t.ToAddress},
		Departure: civil.DateTime{Date: t.Date.Date, Time: t.Time.Time}, Arrival: regionbilet.OptDateTime{Date: t.ArrivalDate.Date, Time: &t.ArrivalTime.Time},
		Duration: t.Duration, AvailableSeats: int(t.Seats), Bus: t.Bus,
		Adult: fare(t.Full, t.Markup, t.TotalFull), Child: fare(t.Child, t.MarkupChild, t.TotalChild),
		Carriers: each(t.Carriers, func(c handCarrier) regionbilet.Carrier {
			return regionbilet.Carrier{
				Name: c.Name, INN: string(c.INN), Cash: string(c.Cash), ContactName: c.FIO, Phone: c.Phone, Address: c.Address, WorkingHours: c.Mode,
				OGRN: string(c.OGRN), License: c.License, LicenseDate: c.LicenseDate, LicenseAuthority: c.Info,
			}
		}),
	}
}

func fare(base, fee optDecimal, total looseID) regionbilet.Fare {
	return regionbilet.Fare{
		Base: base.Decimal, Fee: fee.Decimal, Total: decimal.RequireFromString(string(total)), Price: regionbilet.Price(total),
	}
}
