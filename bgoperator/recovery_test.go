package bgoperator_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

type (
	supplier = bgoperatortest.Server
	caller   = bgoperator.Client
)

// cancellation is what a backend stores before it cancels.
type cancellation struct {
	Booking bgoperator.BookingID
	Ticket  bgoperator.CancelTicket
}

// BG-T05, BG-T17: with every fault an unsafe operation arrives once, and the
// look-up of its doc comment finds out what happened. In the end every tour is
// booked once, or cancelled.
func TestRecovery(t *testing.T) {
	t.Parallel()
	conformance.RecoverySuite[*supplier, *caller]{
		Operations: bgoperator.Operations,
		GoldenDir:  "../testdata/bgoperator",
		NewFake:    bgoperatortest.New,
		NewClient: func(f *supplier) (*caller, error) {
			return bgoperator.New(f.Config(), rutravel.WithHTTPClient(f.HTTPClient()))
		},
		Inject:  func(f *supplier, fault fake.Fault) { f.Inject(bgoperatortest.Fault(fault)) },
		Arrived: ops,
		Cases: []conformance.RecoveryCase[*supplier, *caller]{
			conformance.Recovery("createtour+confirm", "", func(_ *testing.T, f *supplier, _ *caller) []bgoperator.Tour {
				return []bgoperator.Tour{fakeTour(f, "1")}
			}, func(ctx context.Context, c *caller, tours []bgoperator.Tour) error {
				_, err := c.Book(ctx, tours[0])
				return err
			}, recoverBookings),
			conformance.Recovery("createtour+confirm", " of two", func(_ *testing.T, f *supplier, _ *caller) []bgoperator.Tour {
				tours := []bgoperator.Tour{fakeTour(f, "1"), fakeTour(f, "2")}
				tours[1].ClientTourID = "2"
				return tours
			}, func(ctx context.Context, c *caller, tours []bgoperator.Tour) error {
				_, err := c.BookAll(ctx, tours)
				return err
			}, recoverBookings),
			conformance.Recovery("canceltour+confirm", "", func(t *testing.T, f *supplier, c *caller) cancellation {
				t.Helper()
				booking, err := c.Book(t.Context(), fakeTour(f, "1"))
				require.NoError(t, err)
				quote, err := c.QuoteCancel(t.Context(), booking.ID)
				require.NoError(t, err)
				return cancellation{booking.ID, quote.Ticket}
			}, func(ctx context.Context, c *caller, s cancellation) error {
				return c.Cancel(ctx, s.Booking, s.Ticket)
			}, recoverCancel),
		},
	}.Run(t)
}

// recoverBookings looks into the agency's account on the supplier's site, which is
// Bookings of the fake. It books tours that are not there. If it books a tour that
// is there, the supplier reports a duplicate and names the booking.
func recoverBookings(t *testing.T, f *supplier, c *caller, tours []bgoperator.Tour, done bool) {
	t.Helper()
	account := f.Bookings()
	if !done {
		assert.Empty(t, account)
	} else {
		require.Len(t, account, len(tours))
	}
	for i, tour := range tours {
		booking, err := c.Book(t.Context(), tour)
		if done {
			var refusal *bgoperator.RefusalError
			require.ErrorAs(t, err, &refusal, "tour %d", i)
			assert.Equal(t, account[i].ID, refusal.DuplicateOf, "tour %d", i)
			booking.ID = refusal.DuplicateOf
		} else {
			require.NoError(t, err, "tour %d", i)
		}
		tourists, err := c.TouristTransfers(t.Context(), booking.ID)
		require.NoError(t, err, "tour %d", i)
		assert.Equal(t, "IVANOV", tourists[0].Surname, "tour %d", i)
	}
	assert.Len(t, f.Bookings(), len(tours))
}

// recoverCancel asks for a quote again, for CancelPatience. A booking that can
// still be quoted after it was not cancelled.
func recoverCancel(t *testing.T, f *supplier, c *caller, s cancellation, done bool) {
	t.Helper()
	var quote bgoperator.CancelQuote
	var cancelled bool
	for deadline := time.Now().Add(bgoperator.CancelPatience); !cancelled && time.Now().Before(deadline); time.Sleep(time.Minute) {
		var err error
		if quote, err = c.QuoteCancel(t.Context(), s.Booking); err != nil {
			require.ErrorIs(t, err, bgoperator.CodeAlreadyCancelled)
		}
		cancelled = err != nil
	}
	require.Equal(t, done, cancelled)
	if !cancelled {
		require.NoError(t, c.Cancel(t.Context(), s.Booking, quote.Ticket))
	}
	_, err := c.QuoteCancel(t.Context(), s.Booking)
	require.ErrorIs(t, err, bgoperator.CodeAlreadyCancelled)
	require.Len(t, f.Bookings(), 1)
	assert.Equal(t, bgoperatortest.StatusCancelled, f.Bookings()[0].Status)
}
