package regionbilettest_test

import (
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

const seed = `{
	"Settlements": [{"ID": "1", "Name": "Псков"}, {"ID": "2", "Name": "Изборск"}],
	"Trips": [{
		"ID": "7", "FromSettlement": "1", "ToSettlement": "2", "From": {"ID": "a"}, "To": {"ID": "b"},
		"Departs": "08:30:00", "Minutes": 45, "Seats": ["1", "2"], "Adult": {"Base": "90.00", "Fee": "10.00"}
	}]
}`

func trips(t *testing.T, c *regionbilet.Client, from, to regionbilet.SettlementID, day civil.Date) []regionbilet.Trip {
	t.Helper()
	all, err := c.Trips(t.Context(), regionbilet.TripQuery{From: from, To: to, Date: day})
	require.NoError(t, err)
	return all
}

// Seed replaces the stock, AddSettlement and AddTrip add to it, and Reset restores
// the default.
func TestStock(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
		id, _ := buy(t, c, request(search(t, c, today), "1"))
		require.NoError(t, fake.Seed([]byte(seed)))
		assert.Empty(t, trips(t, c, "124", "463", today))
		sold := trips(t, c, "1", "2", today)
		require.Len(t, sold, 1)
		assert.Equal(t, regionbilet.Price("100.00"), sold[0].Adult.Price)
		assert.Zero(t, sold[0].Child)
		assert.Equal(t, "00:45", sold[0].Duration)
		buy(t, c, request(sold[0], "2"))

		fake.AddSettlement(regionbilet.Settlement{ID: "3", Name: "Печоры"})
		fake.AddTrip(regionbilettest.Trip{
			ID: "8", FromSettlement: "2", ToSettlement: "3", From: regionbilet.Stop{ID: "b"}, To: regionbilet.Stop{ID: "c"},
			Departs: civil.Time{Hour: 10}, Minutes: 30, Seats: []regionbilet.Seat{"1"}, Child: regionbilettest.Fare{Base: decimal.NewFromInt(5)},
			Weekdays: []time.Weekday{time.Sunday},
		})
		assert.Empty(t, trips(t, c, "2", "3", today), "a Saturday")
		assert.Len(t, trips(t, c, "2", "3", today.AddDays(1)), 1)
		segments, err := c.Segments(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []regionbilet.Segment{{From: "1", To: "2"}, {From: "2", To: "3"}}, segments)
		tickets, err := c.BookingTickets(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, regionbilet.TicketPaid, tickets[0].Status, "orders stay")

		fake.SetQuirks(regionbilettest.Quirks{Success: "null"})
		fake.Inject(regionbilettest.Fault{Drop: true})
		fake.Advance(100 * 24 * time.Hour)
		fake.Reset()
		assert.Zero(t, fake.Pending())
		assert.Empty(t, fake.Requests())
		assert.Equal(t, 20, search(t, c, today).AvailableSeats)
		tickets, err = c.BookingTickets(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, regionbilet.TicketNotFound, tickets[0].Status)
		require.NoError(t, c.Cancel(t.Context(), hold(t, c)))
	})
}

func hold(t *testing.T, c *regionbilet.Client) regionbilet.Hold {
	t.Helper()
	h, err := c.Book(t.Context(), request(search(t, c, today), "1"))
	require.NoError(t, err)
	return h
}

// The default stock has a trip without adjacent seats and without tickets for children. It
// also has a trip whose seats have letters.
func TestDefaultStock(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *regionbilettest.Server, c *regionbilet.Client) {
		weekend := trips(t, c, "124", "505", today)
		require.Len(t, weekend, 2)
		assert.Len(t, trips(t, c, "124", "505", today.AddDays(2)), 1)
		assert.Zero(t, weekend[1].Child)
		free, err := c.FreeSeats(t.Context(), weekend[1].Key())
		require.NoError(t, err)
		_, adjacent, err := regionbilet.ChooseSeats(free, 2)
		require.NoError(t, err)
		assert.False(t, adjacent)
		b := request(weekend[1], "3")
		b.Passengers[0].Category = regionbilet.Child
		_, err = c.Book(t.Context(), b)
		assert.ErrorIs(t, err, rutravel.ErrRejected)

		night := trips(t, c, "124", "617", today)[0]
		assert.Equal(t, civil.Date{Year: 2000, Month: 1, Day: 2}, night.Arrival.Date)
		buy(t, c, request(night, "1А", "1Б"))
		stops, err := c.TripStops(t.Context(), night.Key())
		require.NoError(t, err)
		assert.Nil(t, stops[1].Departure)
	})
}

func TestInvalidStock(t *testing.T) {
	t.Parallel()
	fake := regionbilettest.New()
	good := regionbilettest.Trip{
		ID: "8", FromSettlement: "124", ToSettlement: "463", From: regionbilet.Stop{ID: "b"}, To: regionbilet.Stop{ID: "c"}, Minutes: 1,
	}
	for name, change := range map[string]func(*regionbilettest.Trip){
		"no id":          func(t *regionbilettest.Trip) { t.ID = "" },
		"no stop":        func(t *regionbilettest.Trip) { t.To.ID = "" },
		"no settlement":  func(t *regionbilettest.Trip) { t.FromSettlement = "9" },
		"25 o'clock":     func(t *regionbilettest.Trip) { t.Departs.Hour = 25 },
		"no time":        func(t *regionbilettest.Trip) { t.Minutes = 0 },
		"negative fare":  func(t *regionbilettest.Trip) { t.Child.Fee = decimal.NewFromInt(-1) },
		"one seat twice": func(t *regionbilettest.Trip) { t.Seats = []regionbilet.Seat{"1", "1"} },
	} {
		trip := good
		change(&trip)
		assert.Panics(t, func() { fake.AddTrip(trip) }, name)
	}
	fake.AddTrip(good)
	assert.Panics(t, func() { fake.AddTrip(good) }, "twice")
	assert.Panics(t, func() { fake.AddSettlement(regionbilet.Settlement{ID: "124"}) })
	assert.Panics(t, func() { fake.AddSettlement(regionbilet.Settlement{}) })
	for _, text := range []string{``, `[]`, `{"Trip":[]}`, `{"Settlements":[{"ID":""}]}`, `{"Trips":[{"ID":"1"}]}`} {
		assert.Error(t, fake.Seed([]byte(text)), text)
	}
}
