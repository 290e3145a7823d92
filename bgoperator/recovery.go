package bgoperator

import (
	"context"
	"errors"
	"slices"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// CancelPatience is how long [Client.CancelOperation] asks [Client.QuoteCancel] after a
// lost answer. A booking that still has a quote after this time was presumably not
// cancelled. The manual has no time; this one is chosen.
const CancelPatience = 10 * time.Minute

// BookOperation is [Client.Book] with its recovery. The manual has no call that finds a
// booking. The call is done if a Booking with an ID and the tour's ClientTourID arrived
// with the error. Otherwise the outcome is undecidable: a person must look into the
// agency's account. With package journal, Call.Decide stores what the person found: a
// Booking with its ID, its Number and the tour's ClientTourID.
func (c *Client) BookOperation() rutravel.Operation[Tour, Booking] {
	return rutravel.Operation[Tour, Booking]{
		Name: "bgoperator.book",
		Send: func(ctx context.Context, t Tour) (Booking, error) { return c.Book(ctx, t) },
		Look: func(_ context.Context, in rutravel.Intent[Tour, Booking]) (rutravel.Resolution[Booking], error) {
			return resolutionOf(in.Value, in.Value.isOf(in.Request)), nil
		},
		Timeout:       operations[opBook].CallTimeout(),
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: lookIntoAccount,
		ID:            Booking.operationID,
	}
}

// BookAllOperation is [Client.BookAll] with its recovery. The call is done if the ids of
// all its bookings arrived with the error. Otherwise the outcome is undecidable: a person
// must look into the agency's account. Bookings in the intent's Value that have an ID
// were made.
func (c *Client) BookAllOperation() rutravel.Operation[[]Tour, []Booking] {
	return rutravel.Operation[[]Tour, []Booking]{
		Name: "bgoperator.book_all",
		Send: func(ctx context.Context, tours []Tour) ([]Booking, error) { return c.BookAll(ctx, tours) },
		Look: func(_ context.Context, in rutravel.Intent[[]Tour, []Booking]) (rutravel.Resolution[[]Booking], error) {
			return resolutionOf(in.Value, slices.EqualFunc(in.Value, in.Request, Booking.isOf)), nil
		},
		Timeout:       operations[opBook].CallTimeout(),
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: lookIntoAccount,
		ID: func(all []Booking) string {
			if len(all) == 0 {
				return ""
			}
			return all[0].operationID()
		},
	}
}

const lookIntoAccount = "Check in the agency's account on the supplier's site whether these tourists are booked on this tour."

// operationID returns the id of a booking in [rutravel.Operation].
func (b Booking) operationID() string {
	if b.ID == "" {
		return ""
	}
	return "bgoperator/booking/" + string(b.ID)
}

// isOf reports whether a booking has an id and the ClientTourID of the tour. A booking
// with another ClientTourID may be the result of another call.
func (b Booking) isOf(t Tour) bool { return b.ID != "" && b.ClientTourID == t.ClientTourID }

// resolutionOf returns the resolution of a booking from the value that arrived with its
// error.
func resolutionOf[V any](v V, complete bool) rutravel.Resolution[V] {
	if complete {
		return rutravel.Resolution[V]{Outcome: rutravel.OutcomeDone, Value: v, Reason: "The id of the booking arrived."}
	}
	return rutravel.Resolution[V]{Outcome: rutravel.OutcomeOpen, Reason: "The supplier has no call that finds a booking."}
}

// Cancellation is the request of [Client.CancelOperation].
type Cancellation struct {
	Booking BookingID
	Ticket  CancelTicket // from [Client.QuoteCancel]
}

// CancelOperation is [Client.Cancel] with its recovery, which calls [Client.QuoteCancel]:
//
//   - The call is done if the answer is [CodeAlreadyCancelled].
//   - If the booking still has a quote after [CancelPatience], it was presumably not
//     cancelled.
//   - If all answers for a day are other errors, the outcome is undecidable.
//
// To cancel again, use the ticket of a new quote: the manual does not say how long a
// ticket is valid.
func (c *Client) CancelOperation() rutravel.Operation[Cancellation, struct{}] {
	return rutravel.Operation[Cancellation, struct{}]{
		Name: "bgoperator.cancel",
		Send: func(ctx context.Context, r Cancellation) (struct{}, error) {
			return struct{}{}, c.Cancel(ctx, r.Booking, r.Ticket)
		},
		Look: func(ctx context.Context, in rutravel.Intent[Cancellation, struct{}]) (rutravel.Resolution[struct{}], error) {
			_, err := c.QuoteCancel(ctx, in.Request.Booking)
			switch {
			case errors.Is(err, CodeAlreadyCancelled):
				return rutravel.Resolution[struct{}]{Outcome: rutravel.OutcomeDone, Reason: "The booking is cancelled."}, nil
			case err != nil:
				return rutravel.Resolution[struct{}]{}, err
			}
			return rutravel.Resolution[struct{}]{Outcome: rutravel.OutcomeOpen, Reason: "The booking can still be cancelled."}, nil
		},
		Timeout:       operations[opCancel].CallTimeout(),
		Patience:      CancelPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "The booking can still be cancelled. The agency's account on the supplier's site also shows it.",
		Subject:       func(r Cancellation) string { return "bgoperator/cancel/" + string(r.Booking) },
	}
}
