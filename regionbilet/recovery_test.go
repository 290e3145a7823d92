package regionbilet_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

type (
	supplier = regionbilettest.Server
	caller   = regionbilet.Client
)

// RB-T01, RB-T37: with every fault an unsafe command arrives once, and the
// look-up of its doc comment finds out what happened. In the end one seat is
// paid for, or none is held.
func TestRecovery(t *testing.T) {
	t.Parallel()
	conformance.RecoverySuite[*supplier, *caller]{
		Operations:       regionbilet.Operations,
		SearchOperations: []string{"trip", "trip_free_seats"}, // an unnoticed hold expires without a charge
		GoldenDir:        "../testdata/regionbilet",
		NewFake:          regionbilettest.New,
		NewClient: func(f *supplier) (*caller, error) {
			return regionbilet.New(f.Config(), rutravel.WithHTTPClient(f.HTTPClient()))
		},
		Inject: func(f *supplier, fault fake.Fault) { f.Inject(regionbilettest.Fault(fault)) },
		Arrived: func(f *supplier) (all []string) {
			for _, r := range f.Requests() {
				all = append(all, r.Op)
			}
			return all
		},
		Cases: []conformance.RecoveryCase[*supplier, *caller]{
			conformance.Recovery("booking", "", func(t *testing.T, _ *supplier, c *caller) regionbilet.BookRequest {
				t.Helper()
				return fakeRequest(t, c, 1)
			}, func(ctx context.Context, c *caller, b regionbilet.BookRequest) error {
				_, err := c.Book(ctx, b)
				return err
			}, recoverBook),
			conformance.Recovery("pay", "", held, func(ctx context.Context, c *caller, h regionbilet.Hold) error {
				_, err := c.Pay(ctx, h)
				return err
			}, recoverPay),
			conformance.Recovery("cancel", "", held, func(ctx context.Context, c *caller, h regionbilet.Hold) error {
				return c.Cancel(ctx, h)
			}, recoverCancel),
			conformance.Recovery("refund", "", func(t *testing.T, f *supplier, c *caller) regionbilet.TicketRef {
				t.Helper()
				hold := held(t, f, c)
				return regionbilet.TicketRef{Booking: hold.Booking, Ticket: pay(t, c, hold)}
			}, func(ctx context.Context, c *caller, k regionbilet.TicketRef) error {
				_, err := c.Refund(ctx, k)
				return err
			}, recoverRefund),
		},
	}.Run(t)
}

func held(t *testing.T, _ *supplier, c *caller) regionbilet.Hold {
	t.Helper()
	hold, err := c.Book(t.Context(), fakeRequest(t, c, 1))
	require.NoError(t, err)
	return hold
}

func pay(t *testing.T, c *caller, h regionbilet.Hold) regionbilet.TicketNumber {
	t.Helper()
	tickets, err := c.Pay(t.Context(), h)
	require.NoError(t, err)
	require.Len(t, tickets, 1)
	return tickets[0].Number
}

// waitForStatus asks until the status is the wanted one, for as long as the doc
// comment says. It returns the last status.
func waitForStatus(t *testing.T, c *caller, id regionbilet.BookingID, want regionbilet.TicketStatus) regionbilet.TicketStatus {
	t.Helper()
	var last regionbilet.TicketStatus
	conformance.AskAgain(func() bool {
		tickets, err := c.BookingTickets(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, tickets, 1)
		last = tickets[0].Status
		return last == want
	})
	return last
}

// sales returns the fake's report of sales.
func sales(t *testing.T, c *caller) []regionbilet.Sale {
	t.Helper()
	today := civil.DateOf(time.Now().UTC())
	rows, err := rutravel.Collect(c.AllSales(t.Context(), regionbilet.DateRange{From: today.AddDays(-1), To: today.AddDays(1)}))
	require.NoError(t, err)
	return rows
}

// isFree reports whether a seat of a trip can be booked.
func isFree(t *testing.T, c *caller, trip regionbilet.TripKey, seat regionbilet.Seat) bool {
	t.Helper()
	seats, err := c.FreeSeats(t.Context(), trip)
	require.NoError(t, err)
	return slices.Contains(seats, seat)
}

// recoverBook: the manual has no look-up. A hold keeps its seat for 20 minutes
// and expires without a charge. Then the seat is booked again.
func recoverBook(t *testing.T, _ *supplier, c *caller, b regionbilet.BookRequest, done bool) {
	t.Helper()
	seat := b.Passengers[0].Seat
	assert.Equal(t, !done, isFree(t, c, b.Trip, seat))
	time.Sleep(regionbilet.HoldTime)
	assert.True(t, isFree(t, c, b.Trip, seat))
	assert.Empty(t, sales(t, c))

	hold, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	pay(t, c, hold)
	assert.Len(t, sales(t, c), 1)
}

// recoverPay: a booking that expired was not paid for. A new one is made.
func recoverPay(t *testing.T, f *supplier, c *caller, h regionbilet.Hold, done bool) {
	t.Helper()
	state := waitForStatus(t, c, h.Booking, regionbilet.TicketPaid)
	if !done {
		assert.Equal(t, regionbilet.TicketBooked, state)
		time.Sleep(time.Until(h.PayBefore))
		require.Equal(t, regionbilet.TicketExpired, waitForStatus(t, c, h.Booking, regionbilet.TicketExpired))
		pay(t, c, held(t, f, c))
	} else {
		assert.Equal(t, regionbilet.TicketPaid, state)
	}
	assert.Len(t, sales(t, c), 1)
}

// recoverCancel: a booking that is still held was not cancelled. It expires
// without another call.
func recoverCancel(t *testing.T, f *supplier, c *caller, h regionbilet.Hold, done bool) {
	t.Helper()
	state := waitForStatus(t, c, h.Booking, regionbilet.TicketExpired)
	if !done {
		assert.Equal(t, regionbilet.TicketBooked, state)
		time.Sleep(time.Until(h.PayBefore))
		state = waitForStatus(t, c, h.Booking, regionbilet.TicketExpired)
	}
	assert.Equal(t, regionbilet.TicketExpired, state, "the fake's status of a cancelled booking is that of an expired one")
	assert.Empty(t, sales(t, c))
	pay(t, c, held(t, f, c)) // the seat can be booked again
	assert.Equal(t, regionbilet.Seat("1"), sales(t, c)[0].Seat)
}

// recoverRefund: a ticket that is still paid after some minutes was not
// refunded.
func recoverRefund(t *testing.T, _ *supplier, c *caller, k regionbilet.TicketRef, done bool) {
	t.Helper()
	state := waitForStatus(t, c, k.Booking, regionbilet.TicketRefunded)
	if !done {
		assert.Equal(t, regionbilet.TicketPaid, state)
		_, err := c.Refund(t.Context(), k)
		require.NoError(t, err)
	} else {
		assert.Equal(t, regionbilet.TicketRefunded, state)
	}
	today := civil.DateOf(time.Now().UTC())
	refunds, err := rutravel.Collect(c.AllRefunds(t.Context(), regionbilet.DateRange{From: today.AddDays(-1), To: today.AddDays(1)}))
	require.NoError(t, err)
	require.Len(t, refunds, 1)
	assert.Equal(t, k.Ticket, refunds[0].Number)
}
