package regionbilet

import (
	"cmp"
	"context"
	"slices"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// TicketRef names a ticket of a booking.
type TicketRef struct {
	Booking BookingID    // id_booking
	Ticket  TicketNumber // number_ticket
}

// ticketRequest makes the request of a command about one ticket. An empty
// number is invalid: in status_ticket it means the whole order, and the manual
// does not say what it means in refund.
func (c *Client) ticketRequest(op int, ticket TicketRef) *request {
	r := c.request(op)
	r.ID("Booking", string(ticket.Booking))
	r.ID("Ticket", string(ticket.Ticket))
	r.query.AddStruct(ticketParams{NumberTicket: string(ticket.Ticket), IDBooking: string(ticket.Booking)})
	return r
}

type ticketParams struct {
	NumberTicket string `url:"number_ticket"` // empty: the whole order
	IDBooking    string `url:"id_booking"`
}

// TicketStatus is the state of a ticket. Values that the manual does not list
// are kept; it has none for a booking that [Client.Cancel] has cancelled.
type TicketStatus string

// The statuses of the manual, chapter 12.
const (
	TicketNotFound TicketStatus = "0" // no such ticket
	TicketBooked   TicketStatus = "1" // held, waiting for payment
	TicketExpired  TicketStatus = "2" // cancelled by the supplier: not paid within 20 minutes
	TicketPaid     TicketStatus = "3" // confirmed and paid
	TicketRefunded TicketStatus = "4" // given back
)

var ticketStatusWords = map[TicketStatus]string{
	TicketNotFound: "not found",
	TicketBooked:   "booked",
	TicketExpired:  "expired",
	TicketPaid:     "paid",
	TicketRefunded: "refunded",
}

// String returns the English word, or the wire value if the manual does not
// list it.
func (s TicketStatus) String() string { return cmp.Or(ticketStatusWords[s], string(s)) }

// Ticket is the state of a ticket. What does not apply to its status is empty,
// zero or not valid: a ticket that was not found has nothing else, one that was not
// refunded nothing about a refund.
type Ticket struct {
	Status          TicketStatus        // status
	Sold            OptDateTime         `json:",omitzero"` // datesale, timesale
	Number          TicketNumber        // number_ticket
	Trip            TripID              // id_trip
	Departure       OptDateTime         `json:",omitzero"` // date_trip, time_trip
	Seat            Seat                // seat
	Surname         string              // surname
	FirstName       string              // first_name
	MiddleName      string              // middle_name
	Base            decimal.NullDecimal // ticket_price: the fare (тариф), roubles
	Fee             decimal.NullDecimal // markup_ticket_price: for information services, roubles
	Refunded        OptDateTime         `json:",omitzero"` // date_refund, time_refund
	WithheldPercent decimal.NullDecimal // proc_refund: per cent of the fare withheld
	RefundAmount    decimal.NullDecimal // sum_refund_ticket: to the passenger, roubles
}

// BookingTickets returns all tickets of a booking in their present state. It is the
// look-up of [Client.PayOperation] and [Client.CancelOperation]. A booking that does not exist is one ticket with
// [TicketNotFound] or a refusal; the manual does not say which. The answer names no
// booking and no count: compare the number of tickets with [Hold].Tickets.
//
// If tickets could not be read, all others are returned with a
// [rutravel.RowsError] that names them; [Client.Ticket] returns one as far as it
// could be read.
//
// Regionbilet: GET status_ticket
func (c *Client) BookingTickets(ctx context.Context, id BookingID, opts ...rutravel.CallOption) ([]Ticket, error) {
	r := c.request(opStatusOrder)
	r.ID("id", string(id))
	r.query.AddStruct(ticketParams{IDBooking: string(id)})
	tickets, err := call(ctx, c, r, rowsOf((*Ticket).decode, (*Ticket).id), judgeTickets, opts)
	return wire.Readable(tickets, err), err
}

// judgeTickets is the judge of a status: an answer without a ticket says nothing.
func judgeTickets(_ *reply, tickets *[]Ticket, err error) error {
	if err == nil && len(*tickets) == 0 {
		return &wire.Error{Path: "result", Problem: "no ticket"}
	}
	return err
}

// Ticket returns one ticket in its present state. A ticket that does not exist
// has [TicketNotFound]; that is an answer, not an error. With
// [rutravel.ErrProtocol] the ticket is returned as far as it could be read. An
// answer about another ticket is such an error, without a ticket.
//
// Regionbilet: GET status_ticket
func (c *Client) Ticket(ctx context.Context, ticket TicketRef, opts ...rutravel.CallOption) (Ticket, error) {
	return single(call(ctx, c, c.ticketRequest(opStatusTicket, ticket), listOf((*Ticket).decode), ticket.judgeTicket, opts))
}

// judgeTicket is the judge of the status of one ticket. An answer that names no
// ticket is about the one that was asked for.
func (t TicketRef) judgeTicket(r *reply, tickets *[]Ticket, err error) error {
	switch all := *tickets; {
	case len(all) > 1:
		*tickets = nil
		return cmp.Or(err, error(&wire.Error{Path: "result", Problem: "more than one ticket"}))
	case len(all) == 1 && all[0].Number != "" && all[0].Number != t.Ticket:
		*tickets = nil
		return cmp.Or(err, error(&wire.Error{Path: "result[0].number_ticket", Problem: "is another ticket's"}))
	}
	return judgeTickets(r, tickets, err)
}

func (t *Ticket) id() string { return string(t.Number) }

// decode decodes a ticket. One that waits for payment may have no number.
func (t *Ticket) decode(d *wire.Decoder) error {
	err := d.Fields(func(name []byte) error {
		switch string(name) {
		case "status":
			return wire.ID(d, &t.Status)
		case "datesale":
			return d.OptDate(wire.DMY, &t.Sold.Date)
		case "timesale":
			return d.OptTime(wire.HM, &t.Sold.Time)
		case "number_ticket":
			return wire.OptID(d, &t.Number)
		case "date_trip":
			return d.OptDate(wire.DMY, &t.Departure.Date)
		case "time_trip":
			return d.OptTime(wire.HM, &t.Departure.Time)
		case "seat":
			return wire.OptID(d, &t.Seat)
		case "id_trip":
			return wire.OptID(d, &t.Trip)
		case "surname":
			return wire.String(d, &t.Surname)
		case "first_name":
			return wire.String(d, &t.FirstName)
		case "middle_name":
			return wire.String(d, &t.MiddleName)
		case "ticket_price":
			return d.OptAmount(&t.Base)
		case "markup_ticket_price":
			return d.OptAmount(&t.Fee)
		case "date_refund":
			return d.OptDate(wire.DMY, &t.Refunded.Date)
		case "time_refund":
			return d.OptTime(wire.HM, &t.Refunded.Time)
		case "proc_refund":
			return d.OptPercent(&t.WithheldPercent)
		case "sum_refund_ticket":
			return d.OptAmount(&t.RefundAmount)
		default:
			return d.Skip()
		}
	}, "status", "number_ticket?", "seat?", "ticket_price?", "markup_ticket_price?", "proc_refund?", "sum_refund_ticket?")
	t.Sold.settle()
	t.Departure.settle()
	t.Refunded.settle()
	return err
}

// Refund is a ticket that was given back.
type Refund struct {
	Ticket          TicketNumber    // number_ticket
	WithheldPercent decimal.Decimal // proc_refund: per cent of the fare withheld
	// Amount is sum_refund_ticket: what the passenger gets back of the fare,
	// roubles. It leaves out the service fee, which is returned only when the
	// ticket's full price is.
	Amount decimal.Decimal
}

// Refund gives one paid ticket back and returns money to the passenger. It
// cannot be undone.
//
// What is withheld of the fare when the passenger gives up the trip: 5 % more
// than two hours before departure, 15 % within two hours before it, 25 %
// within three hours after it. Later nothing is refunded under the general
// rules. The service fee is not returned then; it is when the carrier owes the
// full price (manual, chapter 13). The supplier decides which case it is.
//
// The call is sent once; detach it from a user's request. With
// [rutravel.ErrNotConfirmed] the ticket may have been refunded, and with
// [rutravel.ErrRejected] as well: the manual lists no codes of refusals.
// [Client.RefundOperation] says what became of the call. A Refund returned with the
// error did arrive as far as it is filled in.
//
// Regionbilet: GET refund
func (c *Client) Refund(ctx context.Context, ticket TicketRef, opts ...rutravel.CallOption) (Refund, error) {
	return single(call(ctx, c, c.ticketRequest(opRefund, ticket), listOf((*Refund).decode), ticket.judgeRefunds, opts))
}

func (t TicketRef) judgeRefunds(_ *reply, refunds *[]Refund, err error) error {
	*refunds = slices.DeleteFunc(*refunds, func(r Refund) bool { return r == (Refund{}) })
	return judgeMoney(err, len(*refunds) > 0, len(*refunds) == 1 && (*refunds)[0].Ticket == t.Ticket)
}

func (r *Refund) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "number_ticket":
			return strictID(d, &r.Ticket)
		case "proc_refund":
			return d.Percent(&r.WithheldPercent)
		case "sum_refund_ticket":
			return d.Amount(&r.Amount)
		default:
			return d.Skip()
		}
	}, "number_ticket", "proc_refund", "sum_refund_ticket")
}
