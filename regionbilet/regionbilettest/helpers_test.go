package regionbilettest_test

import (
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// inBubble runs a test whose clock starts on 1 January 2000 at midnight UTC, which is
// 03:00 in Moscow.
func inBubble(t *testing.T, f func(*testing.T, *regionbilettest.Server, *regionbilet.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := regionbilettest.New()
		c, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		f(t, fake, c)
	})
}

var today = civil.Date{Year: 2000, Month: 1, Day: 1}

// search returns the first trip of a day between the first two settlements.
func search(t *testing.T, c *regionbilet.Client, day civil.Date) regionbilet.Trip {
	t.Helper()
	trips, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: day})
	require.NoError(t, err)
	require.NotEmpty(t, trips)
	return trips[0]
}

// request returns a request for the seats of a trip, with one passenger each.
func request(trip regionbilet.Trip, seats ...regionbilet.Seat) regionbilet.BookRequest {
	b := regionbilet.BookRequest{Trip: trip.Key(), Phone: "9187557788"}
	for _, s := range seats {
		b.Passengers = append(b.Passengers, regionbilet.Passenger{
			Surname: "ИВАНОВ", FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
			BirthDate: civil.Date{Year: 1977, Month: 1, Day: 1}, Nationality: "643", DocumentType: "1",
			Document: "0701 755756", Seat: s, Price: trip.Adult.Price,
		})
	}
	return b
}

// buy books and pays.
func buy(t *testing.T, c *regionbilet.Client, b regionbilet.BookRequest) (regionbilet.BookingID, []regionbilet.IssuedTicket) {
	t.Helper()
	hold, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	tickets, err := c.Pay(t.Context(), hold)
	require.NoError(t, err)
	return hold.Booking, tickets
}

// flow searches, books, pays, refunds and cancels.
func flow(t *testing.T, c *regionbilet.Client, today civil.Date) {
	t.Helper()
	segments, err := c.Segments(t.Context())
	require.NoError(t, err)
	departures, err := c.Departures(t.Context())
	require.NoError(t, err)
	arrivals, err := c.Arrivals(t.Context())
	require.NoError(t, err)
	for _, s := range segments {
		assert.True(t, slices.ContainsFunc(departures, func(p regionbilet.Settlement) bool { return p.ID == s.From }), s)
		assert.True(t, slices.ContainsFunc(arrivals, func(p regionbilet.Settlement) bool { return p.ID == s.To }), s)
	}
	trip := search(t, c, today.AddDays(1))
	assert.True(t, trip.Adult.Base.Add(trip.Adult.Fee).Equal(trip.Adult.Total))
	assert.Len(t, trip.Carriers, 1)
	stops, err := c.TripStops(t.Context(), trip.Key())
	require.NoError(t, err)
	assert.NotEmpty(t, stops)
	nationalities, err := c.Nationalities(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, nationalities)
	documents, err := c.DocumentTypes(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, documents)

	free, err := c.FreeSeats(t.Context(), trip.Key())
	require.NoError(t, err)
	assert.Len(t, free, trip.AvailableSeats)
	b := request(trip, free[0], free[1])
	b.Passengers[1].Category, b.Passengers[1].Price = regionbilet.Child, trip.Child.Price
	id, tickets := buy(t, c, b)
	require.Len(t, tickets, 2)
	assert.Equal(t, free[0], tickets[0].Seat)

	refund, err := c.Refund(t.Context(), regionbilet.TicketRef{Booking: id, Ticket: tickets[0].Number})
	require.NoError(t, err)
	assert.Equal(t, "5", refund.WithheldPercent.String())
	states, err := c.BookingTickets(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, states, 2)
	assert.Equal(t, regionbilet.TicketRefunded, states[0].Status)
	assert.True(t, states[0].RefundAmount.Decimal.Equal(refund.Amount))
	assert.Equal(t, regionbilet.TicketPaid, states[1].Status)
	assert.False(t, states[1].RefundAmount.Valid)

	hold, err := c.Book(t.Context(), request(trip, free[0]))
	require.NoError(t, err, "a refunded seat is free again")
	require.NoError(t, c.Cancel(t.Context(), hold))

	days := regionbilet.DateRange{From: today.AddDays(-1), To: today.AddDays(1)}
	sales, err := rutravel.Collect(c.AllSales(t.Context(), days))
	require.NoError(t, err)
	require.Len(t, sales, 2)
	assert.Equal(t, tickets[1].Number, sales[1].Number)
	assert.Equal(t, regionbilet.Child, sales[1].Category)
	assert.True(t, sales[1].Base.Equal(trip.Child.Base))
	refunds, err := rutravel.Collect(c.AllRefunds(t.Context(), days))
	require.NoError(t, err)
	require.Len(t, refunds, 1)
	assert.True(t, refunds[0].Amount.Equal(refund.Amount))
}

// overSocket returns a client that sends its requests to the fake through a socket.
func overSocket(t *testing.T, fake *regionbilettest.Server) *regionbilet.Client {
	t.Helper()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL = srv.URL
	c, err := regionbilet.New(cfg)
	require.NoError(t, err)
	return c
}
