package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
)

type (
	handHotel struct {
		ID        looseID    `json:"id"`
		Name      string     `json:"name"`
		CountryID looseID    `json:"country_id"`
		ResortID  looseID    `json:"resort_id"`
		CityID    looseID    `json:"city_id"`
		MinAge    *looseInt  `json:"min_age"`
		Image     string     `json:"img_src"`
		X         optDecimal `json:"x"`
		Y         optDecimal `json:"y"`
	}

	handHotels struct {
		Header   struct{ Method string }
		Error    []string
		Response struct{ Hotel []handHotel }
	}
)

func (a *handHotels) finish(func([]byte, any) error) error {
	if len(a.Error) > 0 {
		return errors.New(strings.Join(a.Error, "; "))
	}
	for i := range a.Response.Hotel { // some end with a line break
		a.Response.Hotel[i].Name = strings.TrimSpace(a.Response.Hotel[i].Name)
	}
	return nil
}

func (a *handHotels) value() any { return a.Response.Hotel }

// hotels reads a directory of hotels.
func hotels(number int) work {
	a := parse[struct {
		Header   json.RawMessage
		Request  json.RawMessage
		Response struct{ Hotel []json.RawMessage }
	}](golden("multitour", "map.hotel.answer.json"))
	rows := make([]string, number)
	for i := range rows {
		rows[i] = strings.ReplaceAll(varied(string(a.Response.Hotel[i%2]), i), "/", `\/`) // as PHP writes addresses
		rows[i] = strings.Replace(rows[i], `"id":"`, `"id":"`+digits(i), 1)
	}
	var b bytes.Buffer
	b.WriteString(`{"header":` + string(a.Header) + `,"request":` + string(a.Request) + `,"response":{"hotel":[`)
	b.WriteString(strings.Join(rows, ","))
	b.WriteString(`]}}`)
	line := answering(b.Bytes())
	client := must(multitour.New(multitour.Config{Token: "t"}, rutravel.WithHTTPClient(&http.Client{Transport: line})))
	w := work{
		length: b.Len(),
		contestants: others(exchange{
			method: http.MethodPost, url: multitour.Production, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
			request: map[string]any{"header": map[string]string{"token": "t", "method": "map.hotel"}, "request": map[string]int{"country_id": 6228}},
			answer:  func() answer { return new(handHotels) },
		}, line),
		same: func(v any) any {
			return each(v.([]handHotel), func(h handHotel) multitour.Hotel {
				s := multitour.Hotel{
					ID: multitour.HotelID(h.ID), Name: h.Name, Country: multitour.CountryID(h.CountryID), Resort: multitour.ResortID(h.ResortID),
					City: multitour.CityID(h.CityID), Image: h.Image, Latitude: h.X.NullDecimal, Longitude: h.Y.NullDecimal,
				}
				if h.MinAge != nil {
					s.MinAge = new(int(*h.MinAge))
				}
				return s
			})
		},
	}
	w.contestants = append(w.contestants, contestant{library, func() (any, error) {
		return client.Hotels(context.Background(), multitour.Area{Country: "6228"})
	}}, skipping(b.Bytes()))
	return w
}
