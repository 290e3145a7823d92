package regionbilet

import (
	"context"
	"errors"
	"slices"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// The Patience of each operation: how long to look for the outcome of a call after it has
// ended with [rutravel.ErrNotConfirmed]. "Our choice" means that the manual has no
// figure. Before that time has passed, an unchanged status proves nothing.
const (
	BookPatience   = HoldTime               // there is no look-up; an unpaid hold has expired by then (manual, chapter 9)
	PayPatience    = HoldTime + time.Minute // an unpaid hold has expired by then (manual, chapter 9); the minute is our choice
	CancelPatience = 10 * time.Minute       // our choice
	RefundPatience = 10 * time.Minute       // our choice
)

// BookOperation is [Client.Book] with its recovery. If an id arrived with the error, Look
// calls [Client.BookingTickets]:
//
//   - Done: all tickets are booked, or all are paid.
//   - Not done: all tickets have expired.
//   - Undecidable: the look-up fails for a day, the answer has another number of tickets
//     than the hold, or the tickets have different statuses.
//
// Without an id there is no look-up, and the call counts as not done after [BookPatience].
// An unpaid hold has expired by then, and nothing is charged.
func (c *Client) BookOperation() rutravel.Operation[BookRequest, Hold] {
	return rutravel.Operation[BookRequest, Hold]{
		Name: "regionbilet.book",
		Send: func(ctx context.Context, b BookRequest) (Hold, error) { return c.Book(ctx, b) },
		Look: func(ctx context.Context, in rutravel.Intent[BookRequest, Hold]) (rutravel.Resolution[Hold], error) {
			hold := in.Value
			if hold.Booking == "" {
				return rutravel.Resolution[Hold]{Outcome: rutravel.OutcomeOpen, Reason: "The booking's id did not arrive, and the supplier has no other look-up."}, nil
			}
			_, status, err := c.statusOf(ctx, hold)
			switch {
			case err != nil:
				return rutravel.Resolution[Hold]{}, err
			case status == TicketExpired:
				return rutravel.Resolution[Hold]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrExpired, Reason: "The hold has expired."}, nil
			}
			return rutravel.Resolution[Hold]{Outcome: rutravel.OutcomeDone, Value: hold, Reason: "The supplier has the booking."}, nil
		},
		Timeout:       operations[opBooking].CallTimeout(),
		Patience:      BookPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "If a hold was made, it expires unpaid. Nothing is charged.",
		ID:            Hold.operationID,
	}
}

// operationID returns the id of a booking in [rutravel.Operation].
func (h Hold) operationID() string {
	if h.Booking == "" {
		return ""
	}
	return "regionbilet/booking/" + string(h.Booking)
}

// PayOperation is [Client.Pay] with its recovery. Look calls [Client.BookingTickets], also
// after [rutravel.ErrRejected]:
//
//   - Done: all tickets are paid, or were refunded after the payment.
//   - Not done: all tickets have expired. Or they are still booked after a refusal, or a
//     minute after the hold has ended.
//   - Undecidable: the look-up fails for a day, the answer has another number of tickets
//     than the hold, a paid ticket has no number, or the tickets have different statuses.
//
// The decision takes up to [PayPatience].
func (c *Client) PayOperation() rutravel.Operation[Hold, []IssuedTicket] {
	return rutravel.Operation[Hold, []IssuedTicket]{
		Name: "regionbilet.pay",
		Send: func(ctx context.Context, h Hold) ([]IssuedTicket, error) { return c.Pay(ctx, h) },
		Look: func(ctx context.Context, in rutravel.Intent[Hold, []IssuedTicket]) (rutravel.Resolution[[]IssuedTicket], error) {
			tickets, status, err := c.statusOf(ctx, in.Request)
			switch {
			case err != nil:
				return rutravel.Resolution[[]IssuedTicket]{}, err
			case status == TicketPaid:
				if slices.ContainsFunc(tickets, func(t Ticket) bool { return t.Number == "" }) {
					return rutravel.Resolution[[]IssuedTicket]{}, c.undecided(opStatusOrder, "a paid ticket has no number")
				}
				return rutravel.Resolution[[]IssuedTicket]{Outcome: rutravel.OutcomeDone, Value: issued(tickets), Reason: "The tickets are paid."}, nil
			case status == TicketExpired:
				return rutravel.Resolution[[]IssuedTicket]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrExpired, Reason: "The hold has expired unpaid."}, nil
			case refused(in.Err):
				return rutravel.Resolution[[]IssuedTicket]{Outcome: rutravel.OutcomeNotDone, Kind: in.Err.Kind, Reason: "The supplier refused the call, and the booking is not paid."}, nil
			case holdIsOver(in):
				return rutravel.Resolution[[]IssuedTicket]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrExpired, Reason: "The hold has ended, and the booking is not paid."}, nil
			}
			return rutravel.Resolution[[]IssuedTicket]{Outcome: rutravel.OutcomeOpen, Reason: "The booking is still held."}, nil
		},
		Timeout:       operations[opPay].CallTimeout(),
		Patience:      PayPatience,
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: "Ask Regionbilet's support whether the booking is paid.",
		Unsure:        rejected,
		Subject:       func(h Hold) string { return "regionbilet/pay/" + string(h.Booking) },
	}
}

// CancelOperation is [Client.Cancel] with its recovery. Look calls [Client.BookingTickets],
// also after [rutravel.ErrRejected]:
//
//   - Done: all tickets have expired. The manual has no other status for a cancelled
//     booking.
//   - Not done: all tickets are paid. Or they are still booked after a refusal, or after
//     [CancelPatience].
//   - Undecidable: the look-up fails for a day, the answer has another number of tickets
//     than the hold, or the tickets have different statuses.
func (c *Client) CancelOperation() rutravel.Operation[Hold, struct{}] {
	return rutravel.Operation[Hold, struct{}]{
		Name: "regionbilet.cancel",
		Send: func(ctx context.Context, h Hold) (struct{}, error) { return struct{}{}, c.Cancel(ctx, h) },
		Look: func(ctx context.Context, in rutravel.Intent[Hold, struct{}]) (rutravel.Resolution[struct{}], error) {
			_, status, err := c.statusOf(ctx, in.Request)
			switch {
			case err != nil:
				return rutravel.Resolution[struct{}]{}, err
			case status == TicketExpired:
				return rutravel.Resolution[struct{}]{Outcome: rutravel.OutcomeDone, Value: struct{}{}, Reason: "The booking is cancelled or has expired."}, nil
			case status == TicketPaid:
				return rutravel.Resolution[struct{}]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrConflict, Reason: "The booking is paid."}, nil
			case refused(in.Err):
				return rutravel.Resolution[struct{}]{Outcome: rutravel.OutcomeNotDone, Kind: in.Err.Kind, Reason: "The supplier refused the call, and the booking is still held."}, nil
			}
			return rutravel.Resolution[struct{}]{Outcome: rutravel.OutcomeOpen, Reason: "The booking is still held."}, nil
		},
		Timeout:       operations[opCancel].CallTimeout(),
		Patience:      CancelPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "The booking is still held. It expires by itself if it is not paid.",
		Unsure:        rejected,
		Subject:       func(h Hold) string { return "regionbilet/cancel/" + string(h.Booking) },
	}
}

// RefundOperation is [Client.Refund] with its recovery. Look calls [Client.Ticket], also
// after [rutravel.ErrRejected]:
//
//   - Done: the ticket is refunded.
//   - Not done: the ticket is still paid after a refusal, or after [RefundPatience].
//   - Undecidable: the look-up fails for a day, a refunded ticket has no amount or no
//     percentage, or the ticket is neither paid nor refunded.
func (c *Client) RefundOperation() rutravel.Operation[TicketRef, Refund] {
	return rutravel.Operation[TicketRef, Refund]{
		Name: "regionbilet.refund",
		Send: func(ctx context.Context, t TicketRef) (Refund, error) { return c.Refund(ctx, t) },
		Look: func(ctx context.Context, in rutravel.Intent[TicketRef, Refund]) (rutravel.Resolution[Refund], error) {
			t, err := c.Ticket(ctx, in.Request)
			switch {
			case err != nil:
				return rutravel.Resolution[Refund]{}, err
			case t.Status == TicketRefunded:
				if !t.WithheldPercent.Valid || !t.RefundAmount.Valid {
					return rutravel.Resolution[Refund]{}, c.undecided(opStatusTicket, "the refunded ticket has no amount or no percentage")
				}
				refund := Refund{in.Request.Ticket, t.WithheldPercent.Decimal, t.RefundAmount.Decimal}
				return rutravel.Resolution[Refund]{Outcome: rutravel.OutcomeDone, Value: refund, Reason: "The ticket is refunded."}, nil
			case t.Status != TicketPaid:
				return rutravel.Resolution[Refund]{}, c.undecided(opStatusTicket, "the ticket is neither paid nor refunded")
			case refused(in.Err):
				return rutravel.Resolution[Refund]{Outcome: rutravel.OutcomeNotDone, Kind: in.Err.Kind, Reason: "The supplier refused the call, and the ticket is not refunded."}, nil
			}
			return rutravel.Resolution[Refund]{Outcome: rutravel.OutcomeOpen, Reason: "The ticket is still paid."}, nil
		},
		Timeout:       operations[opRefund].CallTimeout(),
		Patience:      RefundPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "The ticket is still paid.",
		Unsure:        rejected,
		Subject: func(t TicketRef) string {
			return "regionbilet/refund/" + string(t.Booking) + "/" + string(t.Ticket)
		},
	}
}

// statusOf returns the tickets of a booking and the status that all of them have.
// Refunded tickets count as paid. If the statuses differ or decide nothing, it returns an
// error.
func (c *Client) statusOf(ctx context.Context, hold Hold) ([]Ticket, TicketStatus, error) {
	tickets, err := c.BookingTickets(ctx, hold.Booking)
	if err != nil {
		return nil, "", err
	}
	if hold.Tickets != 0 && hold.Tickets != len(tickets) {
		return nil, "", c.undecided(opStatusOrder, "the answer has another number of tickets than the hold")
	}
	var all []TicketStatus
	for _, t := range tickets {
		status := t.Status
		if status == TicketRefunded {
			status = TicketPaid
		}
		if !slices.Contains(all, status) {
			all = append(all, status)
		}
	}
	if len(all) > 1 || !slices.Contains([]TicketStatus{TicketBooked, TicketExpired, TicketPaid}, all[0]) {
		return nil, "", c.undecided(opStatusOrder, "the tickets are not all booked, all paid or all expired")
	}
	return tickets, all[0], nil
}

// undecided returns the error of a look-up whose answer decides nothing.
func (c *Client) undecided(op int, problem string) error {
	return c.engine.Conclude(&operations[op], rutravel.ErrProtocol, errors.New(problem))
}

func issued(tickets []Ticket) (all []IssuedTicket) {
	for _, t := range tickets {
		all = append(all, IssuedTicket{t.Seat, t.Number})
	}
	return all
}

// rejected reports whether the outcome is unknown after a refusal. ErrRejected settles
// nothing, because the manual lists no codes.
func rejected(refusal *rutravel.Error) bool { return refusal.Kind == rutravel.ErrRejected }

// refused reports whether a call has ended in a refusal.
func refused(err *rutravel.Error) bool { return err != nil && err.Kind != rutravel.ErrNotConfirmed }

// holdIsOver reports whether a minute has passed since the end of the hold and since the
// end of the payment. A hold whose end was not stored ends at most [HoldTime] after the
// payment began.
func holdIsOver(in rutravel.Intent[Hold, []IssuedTicket]) bool {
	end := in.Request.PayBefore
	if end.IsZero() {
		end = in.Sent.Add(HoldTime)
	}
	ended := in.Ended
	if ended.IsZero() {
		ended = in.Deadline
	}
	return time.Since(end) >= time.Minute && time.Since(ended) >= time.Minute
}
