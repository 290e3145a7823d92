package smartway_test

import (
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T27, SW-T32, SW-T33, SW-T35, SW-T36, SW-T39: the odd shapes of search answers
// are decoded.
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
	// SW-T35: spaces in the names of the table are ignored.
	assert.Empty(t, search("airline.search-status-spaces").Variants[0].Fares[0].RefundAfterCheckIn)
	_, err := awkwardly(t, "airline.search-milliseconds").Airlines.Search(t.Context(), flights())
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// SW-T38, SW-T78: a search is checked before it is sent.
func TestSearchChecked(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*smartway.FlightQuery){
		"Class":      func(f *smartway.FlightQuery) { f.Class = "" },
		"Baggage":    func(f *smartway.FlightQuery) { f.Baggage = "" },
		"Travellers": func(f *smartway.FlightQuery) { f.Travellers = smartway.MaxTravellers + 1 },
		"Routes[1].From": func(f *smartway.FlightQuery) {
			f.Routes = append(f.Routes, smartway.RouteQuery{To: "MOW", Date: f.Routes[0].Date})
		},
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

// SW-T78: a search has one to six travellers.
func TestTravellerLimit(t *testing.T) {
	t.Parallel()
	for travellers, ok := range map[int]bool{-1: false, 0: false, 1: true, smartway.MaxTravellers: true, smartway.MaxTravellers + 1: false} {
		f := flights()
		f.Travellers = travellers
		_, err := with(t, `{"search_id":"s","trips":[]}`).Airlines.Search(t.Context(), f)
		if ok {
			require.NoError(t, err, travellers)
			continue
		}
		conformance.Invalid(t, err, "Travellers")
	}
}

// SW-T34: a duration has 0 seconds to ten years.
func TestDurationLimit(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[string]time.Duration{"0": 0, "5100": 85 * time.Minute, "315360000": 10 * 365 * 24 * time.Hour, "315360001": -1, "-1": -1} {
		got, err := with(t, `{"search_id":"s","trips":[{"id":1,"price":1,"duration":`+seconds+`}]}`).Airlines.Search(t.Context(), flights())
		if want < 0 {
			require.ErrorIs(t, err, rutravel.ErrProtocol, seconds)
			continue
		}
		require.NoError(t, err, seconds)
		assert.Equal(t, want, got.Variants[0].Duration, seconds)
	}
}

// The prefix of an airport must not be empty.
func TestAirports(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, `[{"code":"LED","name_rus":"Пулково"}]`)
	got, err := c.Airlines.Airports(t.Context(), "Санкт")
	require.NoError(t, err)
	assert.Equal(t, []smartway.Airport{{Code: "LED", Name: smartway.BilingualName{Russian: "Пулково"}}}, got)
	assert.Equal(t, []string{`"Санкт"`}, *queries)
	_, err = c.Airlines.Airports(t.Context(), "")
	conformance.Invalid(t, err, "prefix")
}

// A variant or fare that cannot be read is left out with a warning. If none can be
// read, that is an error.
func TestSearchRows(t *testing.T) {
	t.Parallel()
	const segment = `{"departure_time":1570218000,"arrival_time":1570223100}`
	variant := func(id, rest string) string {
		return `{"id":` + id + `,"price":5373,"routes":[{"segments":[` + segment + `]}],"fares":[{"price":1}]` + rest + `}`
	}
	for odd, test := range map[string]struct {
		left    bool // out
		warning string
	}{
		variant("2", `,"duration":-5`):               {true, "result.trips[1].duration 2"},
		`{"id":2,"price":-1}`:                        {true, "result.trips[1].price 2"},
		`{"id":null,"price":1}`:                      {true, "result.trips[1].id"},
		`{"id":2}`:                                   {true, "result.trips[1].price 2"},
		`"a flight"`:                                 {true, "result.trips[1]"},
		`{"id":2,"price":1,"fares":[{"price":"x"}]}`: {true, "result.trips[1].fares[0].price 2"},
		`{"id":2,"price":1,"fares":[{"price":1},{"id":"a"}]}`:              {false, "result.trips[1].fares[1].price a"},
		`{"id":2,"price":1,"fares":[{"price":1,"name":{"a":1}}]}`:          {false, "result.trips[1].fares[0].name 2"},
		`{"id":2,"price":1,"fares":[{"price":1,"additional_services":7}]}`: {false, "result.trips[1].fares[0].additional_services 2"},
	} {
		t.Run(odd, func(t *testing.T) {
			t.Parallel()
			c, warnings := bodied(t, `{"id":1,"result":{"search_id":"s","trips":[`+variant("1", "")+`,`+odd+`,`+variant("3", "")+`]}}`)
			got, err := c.Airlines.Search(t.Context(), flights())
			require.NoError(t, err)
			want := 3
			if test.left {
				want = 2
			}
			assert.Len(t, got.Variants, want)
			for _, v := range got.Variants {
				assert.Len(t, v.Fares, 1)
			}
			assert.Contains(t, *warnings, test.warning)
			c, _ = bodied(t, `{"id":1,"result":{"search_id":"s","trips":[`+odd+`]}}`)
			_, err = c.Airlines.Search(t.Context(), flights())
			if test.left {
				conformance.Failure(t, err, rutravel.ErrProtocol)
			} else {
				require.NoError(t, err)
			}
		})
	}
}
