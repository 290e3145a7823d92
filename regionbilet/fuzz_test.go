package regionbilet_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// Fuzz runs fuzzedCalls with any answer. The golden and awkward answers are its seeds.
func Fuzz(f *testing.F) {
	answer := new(conformance.FuzzedAnswer)
	c, err := regionbilet.New(regionbilet.Config{User: "test", SecretKey: "test"},
		rutravel.WithHTTPClient(&http.Client{Transport: answer}), rutravel.WithMaxAttempts(1))
	require.NoError(f, err)
	conformance.Fuzz(f, answer.Calls(conformance.Fuzzed{
		Seeds:          conformance.Seeds(f, "../testdata/regionbilet/*.json", "../testdata/regionbilet/awkward/*.json"),
		Numbers:        []int{http.StatusOK},
		RotatedNumbers: conformance.Failures,
	}, fuzzedCalls(c)...)...)
}

// fuzzedCalls returns all calls. Each expects a value or a *rutravel.Error. Book, Pay and
// Refund succeed only with their result.
func fuzzedCalls(c *regionbilet.Client) []func(t *testing.T, status int) {
	days := regionbilet.DateRange{From: tripQuery.Date, To: tripQuery.Date}
	calls := []func(t *testing.T, status int){
		func(t *testing.T, status int) {
			hold, err := c.Book(t.Context(), bookRequest("10"))
			require.Equal(t, conformance.Succeeded(t, status, err) || hold.Booking != "", hold.Booking != "")
		},
		func(t *testing.T, status int) {
			tickets, err := c.Pay(t.Context(), unpaid)
			if conformance.Succeeded(t, status, err) {
				require.NotEmpty(t, tickets)
			}
			for _, k := range tickets {
				require.NotEmpty(t, k.Number)
			}
		},
		func(t *testing.T, status int) {
			refund, err := c.Refund(t.Context(), ticket)
			if conformance.Succeeded(t, status, err) {
				require.Equal(t, ticketNo, refund.Ticket)
			}
		},
		func(t *testing.T, status int) {
			held, err := c.BookingTickets(t.Context(), bookingID)
			if conformance.Succeeded(t, status, err) {
				require.NotEmpty(t, held)
			}
		},
		func(t *testing.T, status int) {
			trips, err := c.Trips(t.Context(), tripQuery)
			if !conformance.Succeeded(t, status, err) {
				return
			}
			for _, trip := range trips {
				require.NotEmpty(t, trip.ID)
				require.Equal(t, trip.Adult.Price == "", trip.Adult == regionbilet.Fare{})
				require.False(t, trip.Adult.Total.IsNegative())
			}
		},
	}
	for _, read := range []func(context.Context) error{
		func(ctx context.Context) error { return c.Cancel(ctx, unpaid) },
		func(ctx context.Context) error { _, err := c.Departures(ctx); return err },
		func(ctx context.Context) error { _, err := c.Arrivals(ctx); return err },
		func(ctx context.Context) error { _, err := c.Segments(ctx); return err },
		func(ctx context.Context) error { _, err := c.Nationalities(ctx); return err },
		func(ctx context.Context) error { _, err := c.DocumentTypes(ctx); return err },
		func(ctx context.Context) error { _, err := c.TripStops(ctx, bookRequest().Trip); return err },
		func(ctx context.Context) error { _, err := c.FreeSeats(ctx, bookRequest().Trip); return err },
		func(ctx context.Context) error { _, err := c.Ticket(ctx, ticket); return err },
		func(ctx context.Context) error { _, err := c.SalesReport(ctx, days); return err },
		func(ctx context.Context) error { _, err := c.RefundsReport(ctx, days); return err },
		func(ctx context.Context) error { _, err := rutravel.Collect(c.AllSales(ctx, days)); return err },
		func(ctx context.Context) error { _, err := rutravel.Collect(c.AllRefunds(ctx, days)); return err },
	} {
		calls = append(calls, func(t *testing.T, status int) { conformance.Succeeded(t, status, read(t.Context())) })
	}
	return calls
}
