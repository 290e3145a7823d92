package bgoperator_test

import (
	"net/http"
	"strings"
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

// BG-T05, BG-T17: with every fault an unsafe operation arrives once, and its operation
// finds out what became of it, as far as the supplier says. In the end every tour is
// booked once, or cancelled.
func TestRecovery(t *testing.T) {
	t.Parallel()
	conformance.Resolutions[*supplier, *caller]{
		Supplier:   "bgoperator",
		Operations: bgoperator.Operations,
		GoldenDir:  "../testdata/bgoperator",
		NewFake:    bgoperatortest.New,
		NewClient: func(f *supplier, h *http.Client) (*caller, error) {
			return bgoperator.New(f.Config(), rutravel.WithHTTPClient(h))
		},
		Inject:  func(f *supplier, fault fake.Fault) { f.Inject(bgoperatortest.Fault(fault)) },
		Arrived: ops,
		Cases: []conformance.ResolutionCase[*supplier, *caller]{
			conformance.Resolution[*supplier, *caller, bgoperator.Tour, bgoperator.Booking]{
				Op: "createtour+confirm", Operation: (*caller).BookOperation,
				Prepare: func(_ *testing.T, f *supplier, _ *caller) bgoperator.Tour { return fakeTour(f, "1") },
				Done:    conformance.WantUndecidable, NotDone: conformance.WantUndecidable,
				Check: func(t *testing.T, f *supplier, c *caller, tour bgoperator.Tour, _ bgoperator.Booking, done bool) {
					t.Helper()
					checkBookings(t, f, c, []bgoperator.Tour{tour}, nil, done)
				},
			}.Case(),
			conformance.Resolution[*supplier, *caller, []bgoperator.Tour, []bgoperator.Booking]{
				Op: "createtour+confirm", Form: " of two", Operation: (*caller).BookAllOperation,
				Prepare: func(_ *testing.T, f *supplier, _ *caller) []bgoperator.Tour {
					tours := []bgoperator.Tour{fakeTour(f, "1"), fakeTour(f, "2")}
					tours[1].ClientTourID = "2"
					return tours
				},
				Done: conformance.WantUndecidable, NotDone: conformance.WantUndecidable,
				Check: checkBookings,
			}.Case(),
			conformance.Resolution[*supplier, *caller, bgoperator.Cancellation, struct{}]{
				Op: "canceltour+confirm", Operation: (*caller).CancelOperation,
				Prepare: func(t *testing.T, f *supplier, c *caller) bgoperator.Cancellation {
					t.Helper()
					booking, err := c.Book(t.Context(), fakeTour(f, "1"))
					require.NoError(t, err)
					quote, err := c.QuoteCancel(t.Context(), booking.ID)
					require.NoError(t, err)
					return bgoperator.Cancellation{Booking: booking.ID, Ticket: quote.Ticket}
				},
				Done: conformance.WantDone, NotDone: conformance.WantPresumed, NeverLate: true,
				Unread: func(answer string) string { return strings.ReplaceAll(answer, "<error>158", "<error>") },
				Check:  checkCancel,
			}.Case(),
		},
	}.Run(t)
}

// checkBookings looks into the agency's account on the supplier's site, which is
// Bookings of the fake. It books tours that are not there. If it books a tour that
// is there, the supplier reports a duplicate and names the booking.
func checkBookings(t *testing.T, f *supplier, c *caller, tours []bgoperator.Tour, _ []bgoperator.Booking, done bool) {
	t.Helper()
	time.Sleep(3 * time.Minute) // the call may have been carried out late
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

// checkCancel: a booking that was not cancelled can be.
func checkCancel(t *testing.T, f *supplier, c *caller, r bgoperator.Cancellation, _ struct{}, done bool) {
	t.Helper()
	require.Len(t, f.Bookings(), 1)
	assert.Equal(t, done, f.Bookings()[0].Status == bgoperatortest.StatusCancelled)
	if !done {
		quote, err := c.QuoteCancel(t.Context(), r.Booking) // each look-up has made the ticket before it invalid
		require.NoError(t, err)
		require.NoError(t, c.Cancel(t.Context(), r.Booking, quote.Ticket))
	}
	_, err := c.QuoteCancel(t.Context(), r.Booking)
	require.ErrorIs(t, err, bgoperator.CodeAlreadyCancelled)
}

// Given bookings that arrived with an error, expect the call to be done if all of its
// tours have an id.
func TestResolveBookWithID(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, "<tours/>")
	one, all := c.BookOperation(), c.BookAllOperation()
	lost := &rutravel.Error{Kind: rutravel.ErrNotConfirmed}
	first, second := bgoperator.Booking{ClientTourID: "1", ID: "77"}, bgoperator.Booking{ClientTourID: "2", ID: "78"}
	for _, test := range []struct {
		arrived []bgoperator.Booking
		one     rutravel.Outcome // of a call for the first tour
		all     rutravel.Outcome // of a call for both
	}{
		{[]bgoperator.Booking{first, second}, rutravel.OutcomeDone, rutravel.OutcomeDone},
		{[]bgoperator.Booking{first, {ClientTourID: "2"}}, rutravel.OutcomeDone, rutravel.OutcomeUndecidable},
		{[]bgoperator.Booking{first}, rutravel.OutcomeDone, rutravel.OutcomeUndecidable},
		{[]bgoperator.Booking{second, first}, rutravel.OutcomeUndecidable, rutravel.OutcomeUndecidable},
		{[]bgoperator.Booking{{ClientTourID: "1"}, second}, rutravel.OutcomeUndecidable, rutravel.OutcomeUndecidable},
	} {
		in := one.NewIntent(tour("1"))
		in.Ended, in.Err, in.Value = time.Now(), lost, test.arrived[0]
		r, err := one.Resolve(t.Context(), in, nil)
		require.NoError(t, err)
		assert.Equal(t, test.one, r.Outcome, test.arrived)
		both := all.NewIntent([]bgoperator.Tour{tour("1"), tour("2")})
		both.Ended, both.Err, both.Value = time.Now(), lost, test.arrived
		rs, err := all.Resolve(t.Context(), both, nil)
		require.NoError(t, err)
		assert.Equal(t, test.all, rs.Outcome, test.arrived)
		if test.all == rutravel.OutcomeDone {
			assert.Equal(t, test.arrived, rs.Value)
			assert.Equal(t, "bgoperator/booking/77", one.ID(r.Value))
			assert.Equal(t, "bgoperator/booking/77", all.ID(rs.Value))
		}
	}
	assert.Empty(t, *asked)
}

// Given an answer to the look-up of a cancellation, expect only the code for a
// cancelled booking to prove it, and only a quote to count as not done.
func TestResolveCancel(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]rutravel.Outcome{
		"<errors><error>158</error></errors>":                  rutravel.OutcomeDone,
		"<errors><error>157</error></errors>":                  rutravel.OutcomeOpen,
		"<errors><error>129</error></errors>":                  rutravel.OutcomeOpen,
		`<errors clientTourId="9"><error>158</error></errors>`: rutravel.OutcomeOpen,
		"<tours/>":                    rutravel.OutcomeOpen,
		goldenAnswer(t, "canceltour"): rutravel.OutcomeNotDone,
	} {
		c, _ := answering(t, answer)
		o := c.CancelOperation()
		in := o.NewIntent(bgoperator.Cancellation{Booking: bookingID, Ticket: ticket})
		in.Ended, in.Err = time.Now().Add(-o.Patience), &rutravel.Error{Kind: rutravel.ErrNotConfirmed}
		r, err := o.Resolve(t.Context(), in, nil)
		assert.Equal(t, want, r.Outcome, answer)
		assert.Equal(t, want == rutravel.OutcomeOpen, err != nil, answer)
	}
}
