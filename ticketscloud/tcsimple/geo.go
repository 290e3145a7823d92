package tcsimple

import (
	"context"
	"iter"
	"strconv"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// Country is a country.
type Country struct {
	ID         ticketscloud.CountryID // id
	Name       string                 // name
	Currency   string                 // currency
	ISO        string                 // iso: two letters
	ISO3       string                 // iso3: three letters
	ISONumeric int                    // iso_numeric
}

// CountryQuery filters the list of countries. Only the fields that are set are sent.
type CountryQuery struct {
	IDs []ticketscloud.CountryID // ids
}

// Countries iterates over countries.
//
// Ticketscloud: gRPC Countries
func (c *Client) Countries(ctx context.Context, q CountryQuery, opts ...rutravel.CallOption) iter.Seq2[Country, error] {
	r := &request[simple.CountriesRequest]{op: opCountries}
	r.message = &simple.CountriesRequest{Ids: texts(&r.Check, "IDs", q.IDs)}
	return stream(ctx, c, r, decodeCountry, opts)
}

func decodeCountry(r *reading, m *simple.Country) Country {
	return Country{
		ID:         essentialID[ticketscloud.CountryID](r, "id", m.GetId()),
		Name:       m.GetName(),
		Currency:   m.GetCurrency(),
		ISO:        m.GetIso(),
		ISO3:       m.GetIso3(),
		ISONumeric: count(m.GetIsoNumeric()),
	}
}

// City is a city.
type City struct {
	ID         ticketscloud.CityID    // id
	Name       string                 // name
	Country    ticketscloud.CountryID // country
	Timezone   string                 // timezone: "Europe/Moscow"
	Point      *ticketscloud.Point    // coordinates; nil if they are not known
	Population int64                  // population; 0 if it is not known
}

// Local converts an instant, for example the Start of an event, to the local time of the
// city. A ticket must show this time. Local fails if the instant is zero, if the city has no
// time zone, or if this system does not know the zone.
func (c City) Local(t time.Time) (time.Time, error) {
	return ticketscloud.Event{Timezone: c.Timezone}.Local(t)
}

// CityQuery filters the list of cities. Only the fields that are set are sent.
type CityQuery struct {
	IDs     []ticketscloud.CityID  // ids
	Name    string                 // name
	Suggest string                 // suggest: a part of the name
	Country ticketscloud.CountryID // country
}

func (q CityQuery) message(v *valid.Check) *simple.CitiesRequest {
	m := &simple.CitiesRequest{Name: q.Name, Suggest: q.Suggest, Country: text(v, "Country", q.Country)}
	v.OptText("Name", q.Name)
	v.OptText("Suggest", q.Suggest)
	checkNotEmpty(v, "IDs", q.IDs)
	for i, id := range q.IDs {
		n, err := strconv.ParseInt(string(id), 10, 32)
		v.That(err == nil, "IDs["+strconv.Itoa(i)+"]", "must be a whole number")
		m.Ids = append(m.Ids, int32(n))
	}
	return m
}

// Cities iterates over cities.
//
// Ticketscloud: gRPC Cities
func (c *Client) Cities(ctx context.Context, q CityQuery, opts ...rutravel.CallOption) iter.Seq2[City, error] {
	r := &request[simple.CitiesRequest]{op: opCities}
	r.message = q.message(&r.Check)
	return stream(ctx, c, r, decodeCity, opts)
}

func decodeCity(r *reading, m *simple.City) City {
	return City{
		ID:         essentialID[ticketscloud.CityID](r, "id", cityID(m.GetId())),
		Name:       m.GetName(),
		Country:    optID[ticketscloud.CountryID](r, "country", m.GetCountry()),
		Timezone:   m.GetTimezone(),
		Point:      r.point("coordinates", m.GetCoordinates()),
		Population: m.GetPopulation(),
	}
}

// cityID is a city's id as in the REST API; 0 means no city.
func cityID(id int32) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(int(id))
}
