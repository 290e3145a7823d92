package smartwaytest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

func fly(t *testing.T, c *smartway.Client, baggage smartway.BaggageFilter) []smartway.Variant {
	t.Helper()
	offers, err := c.Airlines.Search(t.Context(), smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: baggage, Travellers: 2,
		Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: civil.DateOf(time.Now()).AddDays(3)}},
	})
	require.NoError(t, err)
	return offers.Variants
}

// Added flights, employees and trips can be found. Reset removes them.
func TestStock(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	c := client(t, fake)
	require.Len(t, fly(t, c, smartway.AnyBaggage), 2)
	fake.AddFlight(smartwaytest.Flight{
		From: "LED", To: "MOW", Number: "0026", Departs: civil.Time{Hour: 8, Minute: 30}, Minutes: 90,
		Fares: []smartwaytest.Fare{{
			ID: "FLEX", Name: "Гибкий", Price: decimal.New(910000, -2), Baggage: smartway.FareIncluded, Refund: smartway.FareIncluded,
			RefundConditions: map[string]smartway.Availability{"В любое время": smartway.FareIncluded},
		}},
	})
	variants := fly(t, c, smartway.AnyBaggage)
	require.Len(t, variants, 3)
	got := variants[2]
	assert.Equal(t, "0026", got.Routes[0].Segments[0].FlightNumber)
	assert.Equal(t, 8, got.Routes[0].Segments[0].Departure.Time.Hour)
	assert.Equal(t, "18200", got.Fares[0].Price.String(), "for both travellers")
	assert.Equal(t, smartway.FareIncluded, got.Fares[0].Refund)
	assert.Equal(t, map[string]smartway.Availability{"В любое время": smartway.FareIncluded}, got.Fares[0].RefundConditions)
	included := fly(t, c, smartway.BaggageIncluded)
	require.Len(t, included, 2)
	assert.Equal(t, smartway.FareCharged, included[0].Fares[1].Refund, "a fare of the default stock")

	id := fake.AddEmployee(smartway.EmployeeChange{Surname: "Волина", FirstName: "Ирина", Companies: []smartway.CompanyID{"11525"}})
	all, err := c.Employees.ListAll(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, id, all[1].ID)
	assert.Zero(t, all[1].BirthDate)

	trip := fake.AddTrip(smartwaytest.Trip{Name: "Москва", Amount: decimal.New(537300, -2), Travellers: []smartway.TripTraveller{{Surname: "Волина", FirstName: "Ирина"}}})
	info, err := c.Trips.Info(t.Context(), trip)
	require.NoError(t, err)
	assert.Equal(t, "Москва", info.Name)
	people := []smartway.Passenger{{Surname: "ВОЛИНА", FirstName: "Ирина"}}
	found, err := c.Trips.Lost(t.Context(), smartway.LostQuery{Passengers: people, After: new(smartway.Cursor(0))})
	require.NoError(t, err)
	require.Len(t, found, 1, "it may be another caller's")

	fake.Inject(smartwaytest.Fault{Op: "ping", Refuse: true})
	fake.Reset()
	assert.Zero(t, fake.Pending())
	assert.Empty(t, fake.Requests())
	assert.Len(t, fly(t, c, smartway.AnyBaggage), 2)
	found, err = c.Trips.Lost(t.Context(), smartway.LostQuery{Passengers: people, After: new(smartway.Cursor(0))})
	require.NoError(t, err)
	assert.Empty(t, found)

	for _, f := range []smartwaytest.Flight{{}, {From: "XXX", Fares: []smartwaytest.Fare{{}}}} {
		assert.Panics(t, func() { fake.AddFlight(f) })
	}
}

// A seed replaces the stock. An invalid one replaces nothing.
func TestSeed(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	c := client(t, fake)
	require.NoError(t, fake.Seed([]byte(`{
		"Flights": [{"From": "LED", "To": "MOW", "Number": "26", "Departs": "08:30:00", "Minutes": 90,
			"Fares": [{"ID": "FLEX", "Name": "Гибкий", "Price": "9100.00", "Refund": "Included"}]}],
		"Employees": [{"ID": "8754", "Surname": "Волина", "FirstName": "Ирина", "BirthDate": "1991-05-04", "Companies": ["11525"]}],
		"Trips": [{"Name": "Москва", "Amount": "5373.00", "Travellers": [{"Surname": "Волина", "FirstName": "Ирина"}]}]
	}`)))
	assert.Len(t, fly(t, c, smartway.AnyBaggage), 1)
	all, err := c.Employees.List(t.Context(), smartway.EmployeeQuery{Employees: []smartway.ExternalID{"8754"}})
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, civil.Date{Year: 1991, Month: 5, Day: 4}, all[0].BirthDate)
	for _, wrong := range []string{``, `[]`, `{"Hotels": []}`, `{"Flights": [{}]}`, `{"Flights": [{"From": "XXX", "Fares": [{}]}]}`} {
		require.Error(t, fake.Seed([]byte(wrong)), wrong)
	}
	assert.Len(t, fly(t, c, smartway.AnyBaggage), 1)
}

// The supplier ignores filters, lists trips late, and its clock is wrong by 15 minutes. The
// look-up finds only the purchase whose answer was lost.
func TestLostWithQuirks(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-15 * time.Minute, 15 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			fake := smartwaytest.New()
			fake.SetQuirks(smartwaytest.Quirks{NoFilters: true, ListedAfter: 10 * time.Minute, ClockSkew: skew})
			c := client(t, fake)
			buy(t, c, "EC-BASE") // long before
			time.Sleep(100 * time.Hour)
			history := c.Trips.AfterChange(t.Context(), 0)
			for _, err := range history.All() {
				require.NoError(t, err)
			}
			before, ok := history.Cursor()
			require.True(t, ok)
			day := civil.DateOf(time.Now())
			bought := buy(t, c, "EC-BASE")
			fake.AddTrip(smartwaytest.Trip{Travellers: []smartway.TripTraveller{{Surname: "Другой", FirstName: "Человек"}}})
			for _, q := range []smartway.LostQuery{{After: &before}, {Day: day}} {
				q.Passengers = []smartway.Passenger{passenger()}
				found, err := c.Trips.Lost(t.Context(), q)
				require.NoError(t, err)
				assert.Empty(t, found, "not listed yet")
			}
			time.Sleep(smartway.BuyPatience)
			for _, q := range []smartway.LostQuery{{After: &before}, {Day: day}} {
				q.Passengers = []smartway.Passenger{passenger()}
				found, err := c.Trips.Lost(t.Context(), q)
				require.NoError(t, err)
				require.Len(t, found, 1)
				assert.Equal(t, bought, found[0].ID)
			}
		})
	}
}
