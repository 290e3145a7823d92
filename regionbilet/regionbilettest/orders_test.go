package regionbilettest_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

func TestHoldsExpire(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
		trip := search(t, c, today)
		hold, err := c.Book(t.Context(), request(trip, "1", "2"))
		require.NoError(t, err)
		assert.Equal(t, trip.AvailableSeats-2, search(t, c, today).AvailableSeats)

		fake.Advance(regionbilet.HoldTime - time.Second)
		assert.Equal(t, trip.AvailableSeats-2, search(t, c, today).AvailableSeats)
		time.Sleep(time.Second) // on the bubble's clock
		assert.Equal(t, trip.AvailableSeats, search(t, c, today).AvailableSeats)

		_, err = c.Pay(t.Context(), hold)
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		assert.ErrorIs(t, c.Cancel(t.Context(), hold), rutravel.ErrRejected)
		states, err := c.BookingTickets(t.Context(), hold.Booking)
		require.NoError(t, err)
		require.Len(t, states, 2)
		assert.Equal(t, regionbilet.TicketExpired, states[0].Status)
	})
}

// The percentages are those of the manual, chapter 13. The trip departs at 08:30 in Moscow,
// five and a half hours after the start of the bubble's clock.
func TestRefundPercentages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before time.Duration // departure
		want   string
	}{
		"more than 2 hours before": {2*time.Hour + time.Second, "5"},
		"2 hours before":           {2 * time.Hour, "15"},
		"just before":              {time.Second, "15"},
		"at departure":             {0, "25"},
		"3 hours after":            {-3 * time.Hour, "25"},
		"later":                    {-3*time.Hour - time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
				trip := search(t, c, today)
				id, tickets := buy(t, c, request(trip, "1"))
				fake.Advance(5*time.Hour + 30*time.Minute - test.before)
				refund, err := c.Refund(t.Context(), regionbilet.TicketRef{Booking: id, Ticket: tickets[0].Number})
				if test.want == "" {
					require.ErrorIs(t, err, rutravel.ErrRejected)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, test.want, refund.WithheldPercent.String())
				kept := trip.Adult.Base.Sub(refund.Amount).Div(trip.Adult.Base).Shift(2).Round(0)
				assert.Equal(t, test.want, kept.String())

				_, err = c.Refund(t.Context(), regionbilet.TicketRef{Booking: id, Ticket: tickets[0].Number})
				assert.ErrorIs(t, err, rutravel.ErrRejected, "a ticket is refunded once")
			})
		})
	}
}

// Given 20 bookings of one seat at the same time, expect one to succeed.
func TestSeatsAreSoldOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *regionbilettest.Server, c *regionbilet.Client) {
		trip := search(t, c, today)
		var got atomic.Int32
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := c.Book(t.Context(), request(trip, "7")); err == nil {
					got.Add(1)
				} else {
					assert.ErrorIs(t, err, rutravel.ErrRejected)
				}
			})
		}
		wg.Wait()
		assert.EqualValues(t, 1, got.Load())
	})
}

func TestUnknownOrdersAndTickets(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *regionbilettest.Server, c *regionbilet.Client) {
		id, tickets := buy(t, c, request(search(t, c, today), "1"))
		for _, ref := range []regionbilet.TicketRef{
			{Booking: "stv-0", Ticket: tickets[0].Number},
			{Booking: id, Ticket: "T0"},
		} {
			state, err := c.Ticket(t.Context(), ref)
			require.NoError(t, err, ref)
			assert.Equal(t, regionbilet.Ticket{Status: regionbilet.TicketNotFound}, state, ref)
			_, err = c.Refund(t.Context(), ref)
			assert.ErrorIs(t, err, rutravel.ErrRejected, ref)
		}
		_, err := c.Pay(t.Context(), regionbilet.Hold{Booking: "stv-0"})
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		assert.ErrorIs(t, c.Cancel(t.Context(), regionbilet.Hold{Booking: "stv-0"}), rutravel.ErrRejected)
		_, err = c.Pay(t.Context(), regionbilet.Hold{Booking: id})
		assert.ErrorIs(t, err, rutravel.ErrRejected, "an order is paid once")
		assert.ErrorIs(t, c.Cancel(t.Context(), regionbilet.Hold{Booking: id}), rutravel.ErrRejected, "a paid order cannot be cancelled")
	})
}
