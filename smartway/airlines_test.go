package smartway_test

import (
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T27, SW-T32, SW-T33, SW-T35, SW-T36, SW-T39: what a search answers otherwise.
func TestSearchShapes(t *testing.T) {
	t.Parallel()
	search := func(name string) smartway.FlightOffers {
		got, err := awkwardly(t, name).Airlines.Search(t.Context(), flights())
		require.NoError(t, err, name)
		return got
	}
	segment := func(o smartway.FlightOffers) smartway.FlightSegment { return o.Variants[0].Routes[0].Segments[0] }
	assert.Equal(t, smartway.IATAName{Name: "Москва"}, segment(search("airline.search-city-string")).To.City)
	assert.Equal(t, "2019-10-04T19:40:00", segment(search("airline.search-strings")).Departure.String())
	assert.Empty(t, search("airline.search-class-absent").Class)
	for _, name := range []string{"airline.search-dictionaries-array", "airline.search-dictionaries-null"} {
		assert.Empty(t, search(name).Variants[0].Fares[0].Services, name)
	}
	assert.Empty(t, search("airline.search-fare-id-empty").Variants[0].Fares[0].ID)
	// SW-T35: the spaces in the table's names are no part of them.
	assert.Empty(t, search("airline.search-status-spaces").Variants[0].Fares[0].RefundAfterCheckIn)
	_, err := awkwardly(t, "airline.search-milliseconds").Airlines.Search(t.Context(), flights())
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// SW-T38, SW-T78: a search is checked before it is sent.
func TestSearchChecked(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*smartway.FlightQuery){
		"Class":          func(f *smartway.FlightQuery) { f.Class = "" },
		"Baggage":        func(f *smartway.FlightQuery) { f.Baggage = "" },
		"Travellers":     func(f *smartway.FlightQuery) { f.Travellers = smartway.MaxTravellers + 1 },
		"Routes":         func(f *smartway.FlightQuery) { f.Routes = nil },
		"Routes[0].From": func(f *smartway.FlightQuery) { f.Routes[0].From = "MOSCOW" },
		"Routes[0].To":   func(f *smartway.FlightQuery) { f.Routes[0].To = "" },
		"Routes[0].Date": func(f *smartway.FlightQuery) { f.Routes[0].Date = civil.Date{} },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			f := flights()
			change(&f)
			_, err := with(t, "null").Airlines.Search(t.Context(), f)
			conformance.Invalid(t, err, field)
		})
	}
}
