package regionbilet_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// Fuzz runs fuzzAnswers with the golden and awkward answers as seeds.
func Fuzz(f *testing.F) {
	conformance.Fuzz(f, conformance.Fuzzed{
		Seeds:          conformance.Seeds(f, "../testdata/regionbilet/*.json", "../testdata/regionbilet/awkward/*.json"),
		Numbers:        []int{http.StatusOK},
		RotatedNumbers: conformance.Failures,
		Check:          fuzzAnswers(f),
	})
}

// fuzzAnswers runs every command with any answer and any HTTP status. It expects a value or
// a *rutravel.Error. Book, Pay and Refund succeed only with a result.
func fuzzAnswers(f *testing.F) func(*testing.T, int, []byte) {
	var status int
	var body []byte
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		return httpmock.NewBytesResponse(status, body), nil
	})
	c, err := regionbilet.New(regionbilet.Config{User: "test", SecretKey: "test"},
		rutravel.WithHTTPClient(&http.Client{Transport: m}), rutravel.WithMaxAttempts(1))
	require.NoError(f, err)
	return func(t *testing.T, number int, answer []byte) {
		status, body = conformance.Status(number), answer
		ctx := t.Context()
		check := func(err error) bool { return conformance.Succeeded(t, status, err) }
		hold, err := c.Book(ctx, bookRequest("10"))
		require.Equal(t, check(err) || hold.Booking != "", hold.Booking != "")
		tickets, err := c.Pay(ctx, unpaid)
		if check(err) {
			require.NotEmpty(t, tickets)
		}
		for _, k := range tickets {
			require.NotEmpty(t, k.Number)
		}
		refund, err := c.Refund(ctx, ticket)
		if check(err) {
			require.Equal(t, ticketNo, refund.Ticket)
		}
		check(c.Cancel(ctx, unpaid))
		held, err := c.BookingTickets(ctx, bookingID)
		if check(err) {
			require.NotEmpty(t, held)
		}
		trips, err := c.Trips(ctx, tripQuery)
		if check(err) {
			for _, trip := range trips {
				require.NotEmpty(t, trip.ID)
				require.Equal(t, trip.Adult.Price == "", trip.Adult == regionbilet.Fare{})
				require.False(t, trip.Adult.Total.IsNegative())
			}
		}
		days := regionbilet.DateRange{From: tripQuery.Date, To: tripQuery.Date}
		for _, read := range []func() error{
			func() error { _, err := c.Departures(ctx); return err },
			func() error { _, err := c.Arrivals(ctx); return err },
			func() error { _, err := c.Segments(ctx); return err },
			func() error { _, err := c.Nationalities(ctx); return err },
			func() error { _, err := c.DocumentTypes(ctx); return err },
			func() error { _, err := c.TripStops(ctx, bookRequest().Trip); return err },
			func() error { _, err := c.FreeSeats(ctx, bookRequest().Trip); return err },
			func() error { _, err := c.Ticket(ctx, ticket); return err },
			func() error { _, err := c.SalesReport(ctx, days); return err },
			func() error { _, err := c.RefundsReport(ctx, days); return err },
			func() error { _, err := rutravel.Collect(c.AllSales(ctx, days)); return err },
			func() error { _, err := rutravel.Collect(c.AllRefunds(ctx, days)); return err },
		} {
			check(read())
		}
	}
}
