package regionbilet_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
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

// RB-T01, RB-T37: with every fault an unsafe command arrives once, and its operation
// finds out what became of it. In the end one seat is paid for, or none is held.
func TestRecovery(t *testing.T) {
	t.Parallel()
	expired := conformance.Want{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrExpired}
	conformance.Resolutions[*supplier, *caller]{
		Supplier:   "regionbilet",
		Operations: regionbilet.Operations,
		GoldenDir:  "../testdata/regionbilet",
		NewFake:    regionbilettest.New,
		NewClient: func(f *supplier, h *http.Client) (*caller, error) {
			return regionbilet.New(f.Config(), rutravel.WithHTTPClient(h))
		},
		Inject: func(f *supplier, fault fake.Fault) { f.Inject(regionbilettest.Fault(fault)) },
		Arrived: func(f *supplier) (all []string) {
			for _, r := range f.Requests() {
				all = append(all, r.Op)
			}
			return all
		},
		Cases: []conformance.ResolutionCase[*supplier, *caller]{
			conformance.Resolution[*supplier, *caller, regionbilet.BookRequest, regionbilet.Hold]{
				Op: "booking", Operation: (*caller).BookOperation,
				Prepare: func(t *testing.T, _ *supplier, c *caller) regionbilet.BookRequest {
					t.Helper()
					return fakeRequest(t, c, 1)
				},
				Done: conformance.WantPresumed, NotDone: conformance.WantPresumed,
				Check: checkBook,
			}.Case(),
			conformance.Resolution[*supplier, *caller, regionbilet.Hold, []regionbilet.IssuedTicket]{
				Op: "pay", Operation: (*caller).PayOperation, Prepare: held,
				Done: conformance.WantDone, NotDone: expired,
				Unread: unreadStatus, Check: checkPay,
			}.Case(),
			conformance.Resolution[*supplier, *caller, regionbilet.Hold, struct{}]{
				Op: "cancel", Operation: (*caller).CancelOperation, Prepare: held,
				Done: conformance.WantDone, NotDone: conformance.WantPresumed,
				Unread: unreadStatus, Check: checkCancel,
			}.Case(),
			conformance.Resolution[*supplier, *caller, regionbilet.TicketRef, regionbilet.Refund]{
				Op: "refund", Operation: (*caller).RefundOperation,
				Prepare: func(t *testing.T, f *supplier, c *caller) regionbilet.TicketRef {
					t.Helper()
					hold := held(t, f, c)
					return regionbilet.TicketRef{Booking: hold.Booking, Ticket: pay(t, c, hold)}
				},
				Done: conformance.WantDone, NotDone: conformance.WantPresumed,
				Unread: unreadStatus, Check: checkRefund,
			}.Case(),
		},
	}.Run(t)
}

// unreadStatus breaks the statuses in an answer.
func unreadStatus(answer string) string { return strings.ReplaceAll(answer, `"status":`, `"other":`) }

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

// checkBook: an unpaid hold has expired, so the seat is free and nothing is charged.
// Then the seat is booked again.
func checkBook(t *testing.T, _ *supplier, c *caller, b regionbilet.BookRequest, _ regionbilet.Hold, _ bool) {
	t.Helper()
	time.Sleep(3 * time.Minute) // the call may have been carried out late
	assert.True(t, isFree(t, c, b.Trip, b.Passengers[0].Seat))
	assert.Empty(t, sales(t, c))
	hold, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	pay(t, c, hold)
	assert.Len(t, sales(t, c), 1)
}

// checkPay: the tickets that were found are those that were sold. If the payment was
// not made, the hold has expired, and another one can be paid for.
func checkPay(t *testing.T, f *supplier, c *caller, _ regionbilet.Hold, tickets []regionbilet.IssuedTicket, done bool) {
	t.Helper()
	if !done {
		assert.Empty(t, sales(t, c))
		pay(t, c, held(t, f, c))
	}
	sold := sales(t, c)
	require.Len(t, sold, 1)
	if done {
		assert.Equal(t, []regionbilet.IssuedTicket{{Seat: sold[0].Seat, Number: sold[0].Number}}, tickets)
	}
}

// checkCancel: a booking that was not cancelled is still held. Its seat cannot be
// booked until it expires.
func checkCancel(t *testing.T, f *supplier, c *caller, h regionbilet.Hold, _ struct{}, done bool) {
	t.Helper()
	tickets, err := c.BookingTickets(t.Context(), h.Booking)
	require.NoError(t, err)
	assert.Equal(t, map[bool]regionbilet.TicketStatus{true: regionbilet.TicketExpired, false: regionbilet.TicketBooked}[done], tickets[0].Status)
	time.Sleep(time.Until(h.PayBefore))
	assert.Empty(t, sales(t, c))
	pay(t, c, held(t, f, c)) // the seat can be booked again
	assert.Equal(t, regionbilet.Seat("1"), sales(t, c)[0].Seat)
}

// checkRefund: the refund that was found is that of the report. A ticket that was not
// refunded can be.
func checkRefund(t *testing.T, _ *supplier, c *caller, k regionbilet.TicketRef, refund regionbilet.Refund, done bool) {
	t.Helper()
	today := civil.DateOf(time.Now().UTC())
	days := regionbilet.DateRange{From: today.AddDays(-1), To: today.AddDays(1)}
	refunds, err := rutravel.Collect(c.AllRefunds(t.Context(), days))
	require.NoError(t, err)
	if !done {
		assert.Empty(t, refunds)
		_, err := c.Refund(t.Context(), k)
		require.NoError(t, err)
		return
	}
	require.Len(t, refunds, 1)
	assert.Equal(t, k.Ticket, refunds[0].Number)
	assert.Equal(t, k.Ticket, refund.Ticket)
	assert.True(t, refund.Amount.IsPositive())
}

// Given a hold whose id arrived with the error, expect its status to decide.
func TestResolveBookWithID(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]rutravel.Outcome{
		`[{"status":"1"}]`:                rutravel.OutcomeDone,
		`[{"status":"3"}]`:                rutravel.OutcomeDone,
		`[{"status":"2"}]`:                rutravel.OutcomeNotDone,
		`[{"status":"0"}]`:                rutravel.OutcomeOpen,
		`[{"status":"9"}]`:                rutravel.OutcomeOpen,
		`[{"status":"1"},{"status":"1"}]`: rutravel.OutcomeOpen, // of one
	} {
		c, _ := answering(t, `{"error":"0","result":`+body+`}`)
		r, err := resolved(t, c.BookOperation(), regionbilet.BookRequest{}, regionbilet.Hold{Booking: bookingID, Tickets: 1}, rutravel.ErrNotConfirmed)
		assert.Equal(t, want, r.Outcome, body)
		assert.Equal(t, want == rutravel.OutcomeOpen, err != nil, body)
		if want == rutravel.OutcomeDone {
			assert.Equal(t, "regionbilet/booking/"+string(bookingID), c.BookOperation().ID(r.Value))
		}
	}
}

// Given a call that was refused or whose answer was lost, expect the statuses of the
// tickets to decide.
func TestResolveByStatus(t *testing.T) {
	t.Parallel()
	const (
		open    = rutravel.OutcomeOpen
		made    = rutravel.OutcomeDone
		notMade = rutravel.OutcomeNotDone
	)
	two := regionbilet.Hold{Booking: bookingID, Tickets: 2}
	for _, test := range []struct {
		statuses                            string
		pay, cancel                         rutravel.Outcome // after a lost answer
		payAfterRefusal, cancelAfterRefusal rutravel.Outcome
	}{
		{"11", open, open, notMade, notMade},
		{"22", notMade, made, notMade, made},
		{"33", made, notMade, made, notMade},
		{"34", made, notMade, made, notMade},
		{"44", made, notMade, made, notMade},
		{"31", open, open, open, open},
		{"32", open, open, open, open},
		{"00", open, open, open, open},
		{"3", open, open, open, open},
		{"2", open, open, open, open},
		{"333", open, open, open, open},
	} {
		var rows []string
		for i, status := range test.statuses {
			rows = append(rows, fmt.Sprintf(`{"status":"%c","seat":"%d","number_ticket":"T%d"}`, status, i, i))
		}
		c, _ := answering(t, `{"error":"0","result":[`+strings.Join(rows, ",")+`]}`)
		for kind, want := range map[rutravel.Kind][2]rutravel.Outcome{
			rutravel.ErrNotConfirmed: {test.pay, test.cancel},
			rutravel.ErrRejected:     {test.payAfterRefusal, test.cancelAfterRefusal},
		} {
			paid, _ := resolved(t, c.PayOperation(), two, nil, kind)
			assert.Equal(t, want[0], paid.Outcome, "pay %s: %s", test.statuses, kind)
			cancelled, _ := resolved(t, c.CancelOperation(), two, struct{}{}, kind)
			assert.Equal(t, want[1], cancelled.Outcome, "cancel %s: %s", test.statuses, kind)
			if paid.Outcome == made {
				assert.Equal(t, []regionbilet.IssuedTicket{{Seat: "0", Number: "T0"}, {Seat: "1", Number: "T1"}}, paid.Value)
			}
			if paid.Outcome == notMade && test.statuses == "11" {
				assert.Equal(t, kind, paid.Kind)
			}
		}
	}
	for status, want := range map[string][2]rutravel.Outcome{
		"0": {open, open}, "1": {open, open}, "2": {open, open}, "3": {open, notMade}, "4": {made, made},
	} {
		c, _ := answering(t, `{"error":"0","result":[{"status":"`+status+`"}]}`)
		for i, kind := range []rutravel.Kind{rutravel.ErrNotConfirmed, rutravel.ErrRejected} {
			r, _ := resolved(t, c.RefundOperation(), ticket, regionbilet.Refund{}, kind)
			assert.Equal(t, want[i], r.Outcome, "refund %s: %s", status, kind)
		}
	}
}

// A refusal that names another reason settles a call without a look-up.
func TestRefusalsThatSettle(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, `{}`)
	for _, kind := range []rutravel.Kind{rutravel.ErrAuth, rutravel.ErrForbidden, rutravel.ErrUnavailable, rutravel.ErrInvalid} {
		r, err := resolved(t, c.PayOperation(), unpaid, nil, kind)
		require.NoError(t, err)
		assert.Equal(t, rutravel.OutcomeNotDone, r.Outcome, kind)
		assert.Equal(t, kind, r.Kind)
	}
	assert.Empty(t, *asked)
}

// resolved resolves a call that has just ended in an error.
func resolved[R, V any](t *testing.T, o rutravel.Operation[R, V], r R, v V, kind rutravel.Kind) (rutravel.Resolution[V], error) {
	t.Helper()
	in := o.NewIntent(r)
	in.Ended, in.Value, in.Err = time.Now(), v, &rutravel.Error{Kind: kind}
	return o.Resolve(t.Context(), in, nil)
}
