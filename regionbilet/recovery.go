package regionbilet

import (
	"context"
	"fmt"
	"slices"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// How long after a call with [rutravel.ErrNotConfirmed] its outcome may still be
// open. Until then a status that has not changed proves nothing.
const (
	BookPatience   = HoldTime               // there is no look-up; an unpaid hold has expired then (manual, chapter 9)
	PayPatience    = HoldTime + time.Minute // an unpaid hold has expired then (manual, chapter 9); the minute is chosen
	CancelPatience = 10 * time.Minute       // chosen
	RefundPatience = 10 * time.Minute       // chosen
)

// callTimeout is the Timeout of an operation: longer than one attempt.
func callTimeout(op int) time.Duration { return operations[op].Timeout + 30*time.Second }

// BookOperation is [Client.Book] with its recovery. The manual offers nothing to
// find a hold by. If an id arrived with the error, [Client.BookingTickets] returns the
// state: booked or paid is done, expired is not done.
//
// Without an id the call counts as not done after [BookPatience]: an unpaid hold has
// expired then, and nothing is charged.
func (c *Client) BookOperation() rutravel.Operation[BookRequest, Hold] {
	return rutravel.Operation[BookRequest, Hold]{
		Name: "regionbilet.book",
		Send: func(ctx context.Context, b BookRequest) (Hold, error) { return c.Book(ctx, b) },
		Look: func(ctx context.Context, in rutravel.Intent[BookRequest, Hold]) (rutravel.Resolution[Hold], error) {
			hold := in.Value
			if hold.Booking == "" {
				return rutravel.Resolution[Hold]{Outcome: rutravel.OutcomeOpen, Reason: "The supplier offers nothing to find a hold by."}, nil
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
		Timeout:       callTimeout(opBooking),
		Patience:      BookPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "If a hold was made, it expires unpaid. Nothing is charged.",
		ID: func(h Hold) string {
			if h.Booking == "" {
				return ""
			}
			return "regionbilet/booking/" + string(h.Booking)
		},
	}
}

// PayOperation is [Client.Pay] with its recovery. [Client.BookingTickets] says
// what became of the call, also after [rutravel.ErrRejected]:
//
//   - Done: all tickets are paid, or refunded since.
//   - Not done: the tickets have expired. Or they are still booked after a refusal, or
//     a minute after the hold has ended.
//   - Undecidable: the look-up fails for a day, the answer has another number of
//     tickets than the hold, or the tickets have different statuses.
//
// It takes up to [PayPatience].
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
				return rutravel.Resolution[[]IssuedTicket]{Outcome: rutravel.OutcomeDone, Value: issued(tickets), Reason: "The tickets are paid."}, nil
			case status == TicketExpired:
				return rutravel.Resolution[[]IssuedTicket]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrExpired, Reason: "The hold has expired unpaid."}, nil
			case refused(in.Err):
				return rutravel.Resolution[[]IssuedTicket]{Outcome: rutravel.OutcomeNotDone, Kind: in.Err.Kind, Reason: "The supplier refused the call, and the booking is unpaid."}, nil
			case holdIsOver(in):
				return rutravel.Resolution[[]IssuedTicket]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrExpired, Reason: "The booking was still unpaid when its hold had ended."}, nil
			}
			return rutravel.Resolution[[]IssuedTicket]{Outcome: rutravel.OutcomeOpen, Reason: "The booking is still held."}, nil
		},
		Timeout:       callTimeout(opPay),
		Patience:      PayPatience,
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: "Ask Regionbilet's support whether the booking is paid.",
		Unsure:        rejected,
		Subject:       func(h Hold) string { return "regionbilet/pay/" + string(h.Booking) },
	}
}

// CancelOperation is [Client.Cancel] with its recovery. [Client.BookingTickets]
// says what became of the call, also after [rutravel.ErrRejected]:
//
//   - Done: the tickets have expired. The supplier has no other status for a cancelled
//     booking.
//   - Not done: the tickets are paid. Or they are still booked after a refusal, or
//     after [CancelPatience].
//   - Undecidable: the look-up fails for a day, the answer has another number of
//     tickets than the hold, or the tickets have different statuses.
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
		Timeout:       callTimeout(opCancel),
		Patience:      CancelPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "The booking is still held. It expires by itself if it is not paid.",
		Unsure:        rejected,
		Subject:       func(h Hold) string { return "regionbilet/cancel/" + string(h.Booking) },
	}
}

// RefundOperation is [Client.Refund] with its recovery. [Client.Ticket] says what
// became of the call, also after [rutravel.ErrRejected]:
//
//   - Done: the ticket is refunded.
//   - Not done: the ticket is still paid after a refusal, or after [RefundPatience].
//   - Undecidable: the look-up fails for a day, or the ticket has another status.
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
				refund := Refund{in.Request.Ticket, t.WithheldPercent.Decimal, t.RefundAmount.Decimal}
				return rutravel.Resolution[Refund]{Outcome: rutravel.OutcomeDone, Value: refund, Reason: "The ticket is refunded."}, nil
			case t.Status != TicketPaid:
				return rutravel.Resolution[Refund]{}, fmt.Errorf("regionbilet: the status of a refunded ticket is %v", t.Status)
			case refused(in.Err):
				return rutravel.Resolution[Refund]{Outcome: rutravel.OutcomeNotDone, Kind: in.Err.Kind, Reason: "The supplier refused the call, and the ticket is not refunded."}, nil
			}
			return rutravel.Resolution[Refund]{Outcome: rutravel.OutcomeOpen, Reason: "The ticket is still paid."}, nil
		},
		Timeout:       callTimeout(opRefund),
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
// Refunded tickets count as paid. Another answer is an error, because it decides
// nothing.
func (c *Client) statusOf(ctx context.Context, hold Hold) ([]Ticket, TicketStatus, error) {
	tickets, err := c.BookingTickets(ctx, hold.Booking)
	if err != nil {
		return nil, "", err
	}
	if hold.Tickets != 0 && hold.Tickets != len(tickets) {
		return nil, "", fmt.Errorf("regionbilet: the answer has %d tickets of %d", len(tickets), hold.Tickets)
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
		return nil, "", fmt.Errorf("regionbilet: the tickets are %v", all)
	}
	return tickets, all[0], nil
}

func issued(tickets []Ticket) (all []IssuedTicket) {
	for _, t := range tickets {
		all = append(all, IssuedTicket{t.Seat, t.Number})
	}
	return all
}

// rejected reports whether a refusal leaves open what became of a call: the manual
// lists no codes.
func rejected(refusal *rutravel.Error) bool { return refusal.Kind == rutravel.ErrRejected }

// refused reports whether a call that is looked up has ended in a refusal.
func refused(err *rutravel.Error) bool { return err != nil && err.Kind != rutravel.ErrNotConfirmed }

// holdIsOver reports whether a minute has passed since a hold ended and since the
// call to pay for it did. A hold whose end was not stored ends at most [HoldTime] after
// that call began.
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
