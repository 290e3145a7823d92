package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
)

type (
	handTrip struct {
		ID         looseID         `json:"id"`
		Name       string          `json:"name"`
		Status     string          `json:"status"`
		Amount     decimal.Decimal `json:"amount"`
		Booked     localTime       `json:"book_date"`
		LastChange localTime       `json:"last_change_date"`
		CheckIn    localTime       `json:"checkin_date"`
		CheckOut   localTime       `json:"checkout_date"`
		Items      []handItem      `json:"items"`
	}

	handItem struct {
		ID         looseID         `json:"id"`
		RequestID  string          `json:"request_id"`
		Type       string          `json:"service_type"`
		Status     string          `json:"status"`
		Booked     localTime       `json:"book_date"`
		LastChange localTime       `json:"last_change_date"`
		CheckIn    localTime       `json:"checkin_date"`
		CheckOut   localTime       `json:"checkout_date"`
		TravelTime int             `json:"travel_time"`
		Number     string          `json:"number"`
		Info       json.RawMessage `json:"info"`
		Details    handDetails     `json:"-"`
		Company    handCompany     `json:"company"`
		Project    string          `json:"project"`
		Travellers []handTraveller `json:"travellers"`
		Amount     decimal.Decimal `json:"amount"`
		VATs       []handVAT       `json:"vats"`
		Versions   []handVersion   `json:"versions"`
	}

	handVersion struct {
		ID           int             `json:"version_id"`
		ItemID       looseID         `json:"item_id"`
		TripID       looseID         `json:"trip_id"`
		Type         string          `json:"service_type"`
		Status       string          `json:"status"`
		Transactions []handPayment   `json:"transaction_details"`
		Created      localTime       `json:"event_date"`
		CheckIn      localTime       `json:"checkin_date"`
		CheckOut     localTime       `json:"checkout_date"`
		TravelTime   int             `json:"travel_time"`
		Number       string          `json:"number"`
		Info         json.RawMessage `json:"info"`
		Details      handDetails     `json:"-"`
		Travellers   []handTraveller `json:"travellers"`
		Company      handCompany     `json:"company"`
	}

	// handDetails is the value of info. Its shape depends on the type of the
	// service.
	handDetails struct {
		Air      []handRoute
		Hotel    *handStay
		Train    *handRide
		Transfer *handDrive
	}

	handRoute struct {
		TravelTime int `json:"travel_time"`
		Segments   []struct {
			From      handPlace `json:"place_depart"`
			Departure localTime `json:"date_depart"`
			To        handPlace `json:"place_arrive"`
			Arrival   localTime `json:"date_arrive"`
		} `json:"segments"`
	}

	handPlace struct {
		Country string `json:"country"`
		City    string `json:"city"`
		Place   string `json:"place"`
	}

	handStay struct {
		Name  string  `json:"hotel_name"`
		Stars looseID `json:"stars"`
		City  string  `json:"city"`
		Room  string  `json:"room_category"`
	}

	handRide struct {
		From string `json:"station_depart"`
		To   string `json:"station_arrive"`
	}

	handDrive struct {
		From  handPlace `json:"place_depart"`
		To    handPlace `json:"place_arrive"`
		Class string    `json:"car_class"`
	}

	handCompany struct {
		ID   looseID `json:"id"`
		INN  looseID `json:"inn"`
		Name string  `json:"name"`
	}

	handTraveller struct {
		ExternalID looseID   `json:"external_id"`
		Surname    string    `json:"surname"`
		Name       string    `json:"name"`
		Patronymic string    `json:"patronymic"`
		Birthday   localTime `json:"birthday"`
		Sex        string    `json:"sex"`
		Phone      string    `json:"phone"`
		Email      string    `json:"email"`
		Documents  []struct {
			Type   string `json:"type"`
			Number string `json:"number"`
		} `json:"documents"`
	}

	handPayment struct {
		Type   string          `json:"type"`
		Amount decimal.Decimal `json:"amount"`
		VATs   []handVAT       `json:"vats"`
	}

	handVAT struct {
		Rate   string              `json:"vat_rate"`
		Amount decimal.NullDecimal `json:"vat_amount"`
	}

	handFault struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}

	handHistory struct {
		ID     looseID    `json:"id"`
		Fault  *handFault `json:"error"`
		Result struct {
			LastVersion int        `json:"last_version_id"`
			Trips       []handTrip `json:"trips"`
		} `json:"result"`
	}
)

func (a *handHistory) finish(unmarshal func([]byte, any) error) error {
	if a.Fault != nil {
		return errors.New(a.Fault.Message)
	}
	for i := range a.Result.Trips {
		if err := a.Result.Trips[i].finish(unmarshal); err != nil {
			return err
		}
	}
	return nil
}

func (a *handHistory) value() any { return a.Result.Trips }

// finish reads the details when the types are known.
func (t *handTrip) finish(unmarshal func([]byte, any) error) error {
	for i := range t.Items {
		item := &t.Items[i]
		if err := item.Details.read(unmarshal, item.Type, item.Info); err != nil {
			return err
		}
		item.Info = nil
		for j := range item.Versions {
			v := &item.Versions[j]
			if err := v.Details.read(unmarshal, v.Type, v.Info); err != nil {
				return err
			}
			v.Info = nil
		}
	}
	return nil
}

func (d *handDetails) read(unmarshal func([]byte, any) error, of string, info []byte) error {
	if len(info) == 0 {
		return nil
	}
	switch of {
	case "Air":
		return unmarshal(info, &d.Air)
	case "Hotel":
		return unmarshal(info, &d.Hotel)
	case "Train":
		return unmarshal(info, &d.Train)
	case "Transfer":
		return unmarshal(info, &d.Transfer)
	default:
		return errors.New("a service of another type")
	}
}

// trips returns trips with services of all types, each with different ids and
// names.
func trips(number int) []string {
	var templates []string
	for _, name := range []string{"trip.get_after_change", "trip.get_after_change+hotel", "trip.get_by_range+transfer", "trip.get_by_request"} {
		a := parse[struct {
			Result struct{ Trips []json.RawMessage }
		}](golden("smartway", name+".answer.json"))
		for _, t := range a.Result.Trips {
			templates = append(templates, string(t))
		}
	}
	all := make([]string, number)
	for i := range all {
		all[i] = varied(templates[i%len(templates)], i)
	}
	return all
}

// account returns the account of the manual's samples.
func account() smartway.Config {
	return smartway.Config{Username: "your@email.address", Password: "your_password", BaseURL: smartway.Test}
}

// rpc returns a request of JSON-RPC as one writes it by hand.
func rpc(method string, query any) any {
	type authorization struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	type params struct {
		Authorization authorization `json:"authorization"`
		Query         any           `json:"query"`
	}
	return struct {
		JSONRPC string `json:"jsonrpc"`
		ID      int    `json:"id"`
		Method  string `json:"method"`
		Params  params `json:"params"`
	}{"2.0", 1, method, params{authorization{"your@email.address", "your_password"}, query}}
}

// history reads a list of trips whole.
func history(number int) work {
	var b bytes.Buffer
	b.WriteString(`{"id":` + ownID + `,"jsonrpc":"2.0","result":{"last_version_id":263427,"trips":[`)
	b.WriteString(strings.Join(trips(number), ","))
	b.WriteString(`]}}`)
	transport := answering(b.Bytes())
	client := must(smartway.New(account(), rutravel.WithHTTPClient(&http.Client{Transport: transport})))
	days := smartway.DateRange{From: civil.Date{Year: 2019, Month: 5, Day: 1}, To: civil.Date{Year: 2019, Month: 6, Day: 30}}
	x := exchange{
		method: http.MethodPost, url: smartway.Test, header: http.Header{"Content-Type": {"application/json"}},
		request: rpc("trip.get_by_range", map[string]string{"start_date": "2019-05-01", "end_date": "2019-06-30"}),
		answer:  func() answer { return new(handHistory) },
	}
	w := work{
		length:      b.Len(),
		contestants: others(x, transport),
		same: func(v any) any {
			all := v.([]handTrip)
			out := make([]smartway.Trip, len(all))
			for i, t := range all {
				out[i] = t.same()
			}
			return out
		},
	}
	w.contestants = append(w.contestants, contestant{library, func() (any, error) {
		list, err := client.Trips.Between(context.Background(), days)
		return list.Trips, err
	}}, skipping(bytes.Replace(b.Bytes(), []byte(ownID), []byte("1"), 1)))
	return w
}

func (t handTrip) same() smartway.Trip {
	return smartway.Trip{
		ID: smartway.TripID(t.ID), Name: t.Name, Status: smartway.TripStatus(t.Status), Amount: t.Amount,
		Booked: t.Booked.DateTime, LastChange: t.LastChange.DateTime, CheckIn: t.CheckIn.DateTime, CheckOut: t.CheckOut.DateTime,
		Items: each(t.Items, handItem.same),
	}
}

func (i handItem) same() smartway.TripItem {
	return smartway.TripItem{
		ID: smartway.ItemID(i.ID), Request: smartway.RequestID(i.RequestID), Type: smartway.ServiceType(i.Type), Status: smartway.ItemStatus(i.Status),
		Booked: i.Booked.DateTime, LastChange: i.LastChange.DateTime, CheckIn: i.CheckIn.DateTime, CheckOut: i.CheckOut.DateTime,
		TravelTime: time.Duration(i.TravelTime) * time.Minute, Number: i.Number, Details: i.Details.same(), Company: i.Company.same(),
		Project: i.Project, Travellers: each(i.Travellers, handTraveller.same), Amount: i.Amount, VATs: each(i.VATs, handVAT.same),
		Versions: each(i.Versions, handVersion.same),
	}
}

func (v handVersion) same() smartway.ItemVersion {
	return smartway.ItemVersion{
		ID: smartway.VersionID(v.ID), Item: smartway.ItemID(v.ItemID), Trip: smartway.TripID(v.TripID), Type: smartway.ServiceType(v.Type),
		Status: smartway.ItemStatus(v.Status), Transactions: each(v.Transactions, handPayment.same), Created: v.Created.DateTime,
		CheckIn: v.CheckIn.DateTime, CheckOut: v.CheckOut.DateTime, TravelTime: time.Duration(v.TravelTime) * time.Minute, Number: v.Number,
		Details: v.Details.same(), Travellers: each(v.Travellers, handTraveller.same), Company: v.Company.same(),
	}
}

func (d handDetails) same() (s smartway.ItemDetails) {
	s.Air = each(d.Air, func(r handRoute) smartway.AirRoute {
		route := smartway.AirRoute{TravelTime: time.Duration(r.TravelTime) * time.Minute}
		for _, s := range r.Segments {
			route.Segments = append(route.Segments, smartway.AirSegment{
				From: smartway.TripPlace(s.From), Departure: s.Departure.DateTime, To: smartway.TripPlace(s.To), Arrival: s.Arrival.DateTime,
			})
		}
		return route
	})
	if h := d.Hotel; h != nil {
		s.Hotel = &smartway.HotelStay{Name: h.Name, Stars: string(h.Stars), City: h.City, Room: h.Room}
	}
	if t := d.Train; t != nil {
		s.Train = &smartway.TrainRide{From: t.From, To: t.To}
	}
	if t := d.Transfer; t != nil {
		s.Transfer = &smartway.TransferRide{From: smartway.TripPlace(t.From), To: smartway.TripPlace(t.To), Class: smartway.CarClass(t.Class)}
	}
	return s
}

func (c handCompany) same() smartway.Company {
	return smartway.Company{ID: smartway.CompanyID(c.ID), Name: c.Name, INN: smartway.INN(c.INN)}
}

func (t handTraveller) same() smartway.TripTraveller {
	s := smartway.TripTraveller{
		ExternalID: smartway.ExternalID(t.ExternalID), Surname: t.Surname, FirstName: t.Name, MiddleName: t.Patronymic,
		BirthDate: t.Birthday.Date, Phone: t.Phone, Email: t.Email,
		Sex: map[string]smartway.Sex{"Man": smartway.Male, "Woman": smartway.Female}[t.Sex],
	}
	for _, d := range t.Documents {
		s.Documents = append(s.Documents, smartway.TripDocument{
			Type:   map[string]smartway.DocumentType{"DomesticPassport": smartway.DomesticPassport, "ForeignPassport": smartway.ForeignPassport}[d.Type],
			Number: d.Number,
		})
	}
	return s
}

func (p handPayment) same() smartway.Transaction {
	return smartway.Transaction{Type: smartway.TransactionType(p.Type), Amount: p.Amount, VATs: each(p.VATs, handVAT.same)}
}

func (v handVAT) same() smartway.VAT { return smartway.VAT{Rate: v.Rate, Amount: v.Amount} }

// each converts a list. An empty list becomes nil.
func each[T, U any](all []T, one func(T) U) (out []U) {
	for _, v := range all {
		out = append(out, one(v))
	}
	return out
}
