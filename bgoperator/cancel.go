package bgoperator

import (
	"context"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
)

// CancelTicket permits the cancellation of a booking.
type CancelTicket string

// CancelQuote is what cancelling a booking would cost.
type CancelQuote struct {
	Ticket CancelTicket // ticket: for [Client.Cancel]; of several costs with tickets of their own, the first one's
	Costs  []CancelCost // sum: the manual shows one, and does not say whether several add up
}

// CancelCost is the supplier's actual expense, in one currency.
type CancelCost struct {
	Currency Currency        // currency
	Amount   decimal.Decimal // amount
	Ticket   CancelTicket    // ticket; "" if it has none of its own
}

// QuoteCancel asks what cancelling a booking costs, and for the ticket that
// [Client.Cancel] takes. Nothing is cancelled. Only bookings that the supplier has
// confirmed (status "Подтверждена") can be cancelled; of others the manual says
// nothing but [CodeCannotCancel] and [CodeAlreadyCancelled].
//
// With [rutravel.ErrProtocol] the CancelQuote is returned as far as it could be
// read.
//
// Bgoperator: GET canceltour
func (c *Client) QuoteCancel(ctx context.Context, booking BookingID, opts ...rutravel.CallOption) (CancelQuote, error) {
	return call(ctx, c, bookingRequest(opQuoteCancel, booking, "tours"), (*CancelQuote).decode, opts)
}

// Cancel cancels a booking, with the ticket of [Client.QuoteCancel]. It cannot be
// undone. The answer names no cost; whether the quoted one is held, and for how
// long a ticket is good, the manual does not say.
//
// Detach the call from a user's request. It is sent again only if nothing was done.
// With [rutravel.ErrNotConfirmed] the booking may be cancelled:
// [Client.CancelOperation] says what became of the call. The agency's account on the
// supplier's site also shows it.
//
// Bgoperator: GET canceltour
func (c *Client) Cancel(ctx context.Context, booking BookingID, ticket CancelTicket, opts ...rutravel.CallOption) error {
	r := bookingRequest(opCancel, booking, "status")
	// Without a ticket the supplier might take it for the quote, or worse.
	r.ID("ticket", string(ticket))
	r.query.Add("confirm", "yes")
	r.query.AddPrivate("ticket", string(ticket))
	_, err := call(ctx, c, r, decodeOK, opts)
	return err
}

func (q *CancelQuote) decode(r *reader, root *element) {
	for _, e := range root.children {
		if e.name != "tour" {
			continue
		}
		if len(q.Costs) > 0 {
			r.fail(e.path(), "is there twice")
			break
		}
		var t tourAnswer
		t.decode(r, e)
		q.Ticket = t.ticket
		for _, s := range t.sums {
			if q.Ticket == "" {
				q.Ticket = s.ticket
			}
			q.Costs = append(q.Costs, CancelCost{Currency: s.currency, Amount: s.amount.Decimal, Ticket: s.ticket})
		}
	}
	if len(q.Costs) == 0 || q.Ticket == "" {
		r.fail(root.path(), "no sum or no ticket")
	}
}

// decodeOK decodes the answer of an action that returns nothing:
// <status>OK</status>.
func decodeOK(_ *struct{}, r *reader, status *element) {
	if v := r.text(value{status, ""}); v != "OK" {
		r.fail(status.path(), `want OK, got "`+v+`"`) // not shortened: half of a secret would not be recognised
	}
}
