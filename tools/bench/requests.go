package main

import (
	"encoding/json"
	"net/url"

	"github.com/rutravel/rutravel-go/internal/wire"
)

// tripQuery builds the query string of a search for coach trips, as package
// regionbilet does.
func tripQuery() work {
	type params struct {
		IDFrom   string `url:"id_from"`
		IDTo     string `url:"id_to"`
		DateTrip string `url:"date_trip"`
	}
	return work{contestants: []contestant{{byHand, func() (any, error) {
		q := url.Values{}
		q.Set("user", "test")
		q.Set("skey", "test")
		q.Set("command", "trip")
		q.Set("id_from", "124")
		q.Set("id_to", "463")
		q.Set("date_trip", "25.02.2021")
		return q.Encode(), nil
	}}, {library, func() (any, error) {
		q := new(wire.Query)
		q.Add("user", "test")
		q.Add("skey", "test")
		q.Add("command", "trip")
		q.AddStruct(params{"124", "463", "25.02.2021"})
		return q.String(), nil
	}}}}
}

// bookingBody builds the body of a booking of a package tour, as package multitour
// does.
func bookingBody() work {
	type person struct {
		Sex          int    `json:"sex"`
		Surname      string `json:"surname"`
		FirstName    string `json:"firstname"`
		MiddleName   string `json:"middlename,omitempty"`
		Birthday     string `json:"birthday"`
		Passports    string `json:"passports,omitempty"`
		Passportn    string `json:"passportn,omitempty"`
		PassportDate string `json:"passportdate,omitempty"`
		Citizen      string `json:"citizen,omitempty"`
		Tel          string `json:"tel,omitempty"`
	}
	type header struct {
		Token  string `json:"token"`
		Method string `json:"method"`
	}
	type request struct {
		UserKey  json.Number `json:"us_key"`
		PriceKey json.Number `json:"price_key"`
		Date     string      `json:"date"`
		Persons  []person    `json:"persons"`
		View     string      `json:"view,omitempty"`
	}
	type envelope struct {
		Header  header `json:"header"`
		Request any    `json:"request"`
	}
	build := func() envelope {
		return envelope{header{"t", "booking_set"}, request{"111", "1438172603", "28.06.2018", []person{
			{1, "Иванов", "Петр", "Сергеевич", "15.03.1976", "1122", "333444", "01.06.2020", "Россия", "+7 123 345 67 89"},
			{2, "Иванова", "Татьяна", "Сергеевна", "13.05.1978", "9876", "555444", "12.02.2019", "Россия", ""},
		}, "full"}}
	}
	return work{contestants: []contestant{
		{byHand, func() (any, error) { return json.Marshal(build()) }},
		{library, func() (any, error) { return wire.JSON(build()), nil }},
	}}
}
