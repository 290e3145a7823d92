package bgoperator

import (
	"context"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
)

// CancelTicket permits the cancellation of a booking.
type CancelTicket string

// CancelQuote is the cost of a cancellation and the ticket for it.
type CancelQuote struct {
	Ticket CancelTicket // ticket: for [Client.Cancel]; if each cost has its own, the first one
	Costs  []CancelCost // sum: the manual shows one, and does not say whether several add up
}

// CancelCost is the supplier's actual expense, in one currency.
type CancelCost struct {
	Currency Currency        // currency
	Amount   decimal.Decimal // amount
	Ticket   CancelTicket    // ticket; "" if the cost has no ticket
}

// QuoteCancel returns the cost of a cancellation and the ticket for [Client.Cancel].
// Nothing is cancelled. Only bookings that the supplier has confirmed (status
// "Подтверждена") can be cancelled. For other bookings the manual has only the codes
// [CodeCannotCancel] and [CodeAlreadyCancelled].
//
// With [rutravel.ErrProtocol], the CancelQuote is returned as far as it could be read.
//
// Bgoperator: GET canceltour
func (c *Client) QuoteCancel(ctx context.Context, booking BookingID, opts ...rutravel.CallOption) (CancelQuote, error) {
	return call(ctx, c, bookingRequest(opQuoteCancel, booking, "tours"), (*CancelQuote).decode, opts)
}

// Cancel cancels a booking with the ticket of [Client.QuoteCancel]. It cannot be undone.
// The answer has no cost. The manual does not say whether the quoted cost is guaranteed,
// or how long a ticket is valid.
//
// The call is unsafe: see "Unsafe calls" in the package documentation. If the error is
// [rutravel.ErrNotConfirmed], QuoteCancel or [Client.CancelOperation] finds out whether
// the booking is cancelled. The agency's account on the supplier's site also shows it.
//
// Bgoperator: GET canceltour
func (c *Client) Cancel(ctx context.Context, booking BookingID, ticket CancelTicket, opts ...rutravel.CallOption) error {
	r := bookingRequest(opCancel, booking, "status")
	// Without a ticket, the supplier might take the request for a quote.
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
		r.fail(status.path(), `want OK, got "`+v+`"`) // not shortened, because half of a secret would not be recognised
	}
}
