package regionbilet

import (
	"cmp"
	"context"
	"slices"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// TicketRef identifies a ticket of a booking.
type TicketRef struct {
	Booking BookingID    // id_booking
	Ticket  TicketNumber // number_ticket
}

// ticketRequest returns the request of a command for one ticket. An empty number is
// invalid: in status_ticket it means the whole order, and the manual does not say what it
// means in refund.
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

// TicketStatus is the state of a ticket. Values that the manual does not list are kept.
// It lists no value for a booking that [Client.Cancel] has cancelled.
type TicketStatus string

// The statuses of the manual, chapter 12.
const (
	TicketNotFound TicketStatus = "0" // no such ticket
	TicketBooked   TicketStatus = "1" // held until it is paid
	TicketExpired  TicketStatus = "2" // cancelled by the supplier: not paid within 20 minutes
	TicketPaid     TicketStatus = "3" // confirmed and paid
	TicketRefunded TicketStatus = "4" // refunded
)

var ticketStatusWords = map[TicketStatus]string{
	TicketNotFound: "not found",
	TicketBooked:   "booked",
	TicketExpired:  "expired",
	TicketPaid:     "paid",
	TicketRefunded: "refunded",
}

// String returns the English word, or the wire value if the manual does not list it.
func (s TicketStatus) String() string { return cmp.Or(ticketStatusWords[s], string(s)) }

// Ticket is the state of a ticket. Fields that do not apply to its status are empty, zero
// or not valid. A ticket that was not found has only a Status. A ticket that was not
// refunded has no fields of a refund.
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

// BookingTickets returns the current states of all tickets of a booking. It is the look-up
// of [Client.PayOperation] and [Client.CancelOperation].
//
// For a booking that does not exist, the answer is one ticket with [TicketNotFound] or a
// refusal. The manual does not say which. The answer has no booking id and no count, so
// compare the number of tickets with [Hold].Tickets.
//
// If tickets could not be read, the others are returned with a [rutravel.RowsError] that
// names them. [Client.Ticket] returns what can be read of one ticket.
//
// Regionbilet: GET status_ticket
func (c *Client) BookingTickets(ctx context.Context, id BookingID, opts ...rutravel.CallOption) ([]Ticket, error) {
	r := c.request(opStatusOrder)
	r.ID("id", string(id))
	r.query.AddStruct(ticketParams{IDBooking: string(id)})
	tickets, err := call(ctx, c, r, rowsOf((*Ticket).decode, (*Ticket).id), judgeTickets, opts)
	return wire.Readable(tickets, err), err
}

// judgeTickets returns the error of an answer about a status. An answer without a ticket
// is an error.
func judgeTickets(_ *reply, tickets *[]Ticket, err error) error {
	if err == nil && len(*tickets) == 0 {
		return &wire.Error{Path: "result", Problem: "no ticket"}
	}
	return err
}

// Ticket returns the current state of one ticket. It is the look-up of
// [Client.RefundOperation]. A ticket that does not exist has the status [TicketNotFound],
// without an error. With [rutravel.ErrProtocol], the ticket is returned as far as it could
// be read. An answer about another ticket is ErrProtocol without a ticket.
//
// Regionbilet: GET status_ticket
func (c *Client) Ticket(ctx context.Context, ticket TicketRef, opts ...rutravel.CallOption) (Ticket, error) {
	return single(call(ctx, c, c.ticketRequest(opStatusTicket, ticket), listOf((*Ticket).decode), ticket.judgeTicket, opts))
}

// judgeTicket returns the error of an answer about the status of one ticket. An answer
// without a ticket number is about the requested ticket.
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

// decode decodes a ticket. A ticket that is not paid may have no number.
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

// Refund is a refunded ticket.
type Refund struct {
	Ticket          TicketNumber    // number_ticket
	WithheldPercent decimal.Decimal // proc_refund: per cent of the fare withheld
	// Amount is sum_refund_ticket: the part of the fare that is returned to the passenger,
	// roubles. It does not include the service fee, which is returned only with the full
	// price of the ticket.
	Amount decimal.Decimal
}

// Refund refunds one paid ticket to the passenger. It cannot be undone.
//
// If the passenger gives up the trip, a part of the fare is withheld (manual, chapter 13):
//
//   - 5 % more than two hours before departure,
//   - 15 % within two hours before departure,
//   - 25 % within three hours after departure.
//
// Later, nothing is refunded under the general rules. In all these cases the service fee
// is not returned. It is returned only if the full price of the ticket is refunded. The
// supplier decides which rule applies.
//
// Refund is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] or [rutravel.ErrRejected] the ticket may be refunded: see
// [Client.RefundOperation]. A Refund that is returned with the error is filled in as far as
// it arrived.
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
