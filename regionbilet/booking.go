package regionbilet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

const (
	// HoldTime is how long a booking holds its seats for payment (manual, chapter 9).
	HoldTime = 20 * time.Minute
	// MaxPassengers is the number of tickets that one booking may have (manual, chapter 9).
	MaxPassengers = 4
)

// BookingID identifies a booking (заказ). It is sent exactly as it arrived.
type BookingID string

// TicketNumber identifies an issued ticket.
type TicketNumber string

// Sex is a passenger's sex.
type Sex string

// The sexes of the manual.
const (
	Male   Sex = "1"
	Female Sex = "2"
)

var sexWords = map[Sex]string{Male: "male", Female: "female"}

// String returns the English word, or the wire value if the manual does not list it.
func (s Sex) String() string { return cmp.Or(sexWords[s], string(s)) }

// BookRequest is the request for one to four seats of a trip.
type BookRequest struct {
	Trip       TripKey
	Phone      string // user_phone: the customer's phone; the manual has no format, its sample is 9187557788
	Passengers []Passenger
}

// Passenger is a passenger with a ticket. Spaces around names and documents are not sent.
type Passenger struct {
	Surname      string         // surname
	FirstName    string         // first_name
	MiddleName   string         // middle_name: the patronymic (отчество); may be empty
	Sex          Sex            // sex
	Category     Category       // category: decides the price; the passenger's age is not checked
	BirthDate    civil.Date     // dob
	Nationality  NationalityID  // nationality, from [Client.Nationalities]
	DocumentType DocumentTypeID // type_doc, from [Client.DocumentTypes]
	Document     string         // value_doc: series and number, with the spaces between them: "0701 755756"
	Seat         Seat           // seat, from [Client.FreeSeats]; each passenger has a different one
	Price        Price          // total_ticket_price: the [Fare].Price of the trip for the category
}

// Hold is a booking that waits for payment.
type Hold struct {
	Booking BookingID // id_booking
	// PayBefore is when the supplier cancels the booking if it is not paid. It is
	// [HoldTime] after the call of Book, by this machine's clock, because the answer has
	// no time.
	PayBefore time.Time
	Tickets   int // the number of booked tickets; 0 if it is not known
}

// Book holds seats of a trip for 20 minutes. In that time, [Client.Pay] pays for them or
// [Client.Cancel] releases them. Nothing is charged yet.
//
// The price of each passenger must be the one in the trip's answer, digit for digit. A
// refusal, for example of a seat that is taken, is [rutravel.ErrRejected] with the
// supplier's text. The manual has no codes.
//
// Book is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] the hold may exist, and the manual has no way to find it: see
// [Client.BookOperation]. An unpaid hold expires after 20 minutes. Until then its seats are
// not free, and nothing is charged. An id that arrived is returned with the error. If
// several ids arrived, only [rutravel.WithRawAnswer] has them.
//
// Regionbilet: GET booking
func (c *Client) Book(ctx context.Context, b BookRequest, opts ...rutravel.CallOption) (Hold, error) {
	r := c.request(opBooking)
	b = b.trimmed()
	b.check(&r.Check)
	q := &r.query
	q.Add("date_trip", wire.FormatDate(wire.DMY, b.Trip.Departure.Date))
	q.Add("time_trip", wire.FormatTime(wire.HM, b.Trip.Departure.Time))
	q.Add("id_trip", string(b.Trip.ID))
	q.Add("id_from_point", string(b.Trip.From))
	q.Add("id_to_point", string(b.Trip.To))
	q.AddPrivate("user_phone", b.Phone, wire.PhoneForms(b.Phone)...)
	for i, p := range b.Passengers {
		n := strconv.Itoa(i + 1)
		q.AddPrivate("surname"+n, p.Surname)
		q.AddPrivate("first_name"+n, p.FirstName)
		q.AddPrivate("middle_name"+n, p.MiddleName) // sent empty if there is none
		q.Add("sex"+n, string(p.Sex))
		q.Add("category"+n, string(p.Category))
		q.AddPrivate("dob"+n, wire.FormatDate(wire.DMY, p.BirthDate), p.BirthDate.String())
		q.Add("nationality"+n, string(p.Nationality))
		q.Add("type_doc"+n, string(p.DocumentType))
		q.AddPrivate("value_doc"+n, p.Document, wire.DocumentForms(p.Document)...)
		q.Add("seat"+n, string(p.Seat))
		q.Add("total_ticket_price"+n, string(p.Price))
	}
	payBefore := time.Now().Add(HoldTime).Round(0)
	hold, err := single(call(ctx, c, r, listOf((*Hold).decode), judgeHolds, opts))
	if hold.Booking != "" {
		hold.PayBefore, hold.Tickets = payBefore, len(b.Passengers)
	}
	return hold, err
}

// trimmed returns the request without spaces around names, documents and the phone.
func (b BookRequest) trimmed() BookRequest {
	b.Phone = valid.Trim(b.Phone)
	b.Passengers = slices.Clone(b.Passengers)
	for i := range b.Passengers {
		p := &b.Passengers[i]
		for _, text := range []*string{&p.Surname, &p.FirstName, &p.MiddleName, &p.Document} {
			*text = valid.Trim(*text)
		}
	}
	return b
}

func (b BookRequest) check(v *valid.Check) {
	b.Trip.check(v, "Trip.")
	v.Text("Phone", b.Phone)
	v.That(len(b.Passengers) >= 1 && len(b.Passengers) <= MaxPassengers, "Passengers",
		"must have 1 to 4: a booking has no more tickets")
	for i, p := range b.Passengers {
		field := fmt.Sprintf("Passengers[%d].", i)
		v.Text(field+"Surname", p.Surname)
		v.Text(field+"FirstName", p.FirstName)
		v.OptText(field+"MiddleName", p.MiddleName)
		v.That(p.Sex == Male || p.Sex == Female, field+"Sex", "must be Male or Female")
		v.That(p.Category == Adult || p.Category == Child, field+"Category", "must be Adult or Child")
		v.Date(field+"BirthDate", p.BirthDate)
		v.ID(field+"Nationality", string(p.Nationality))
		v.ID(field+"DocumentType", string(p.DocumentType))
		v.Text(field+"Document", p.Document)
		v.Text(field+"Seat", string(p.Seat))
		v.That(strings.TrimSpace(string(p.Seat)) == string(p.Seat), field+"Seat", "must not have spaces around it")
		v.That(!slices.ContainsFunc(b.Passengers[:i], func(other Passenger) bool { return other.Seat == p.Seat }),
			field+"Seat", "must not be another passenger's")
		v.That(p.Price.valid(), field+"Price", "must be the Price of the trip's fare")
	}
}

// judgeHolds accepts the object of the manual's sample and the list of one that its text
// describes.
func judgeHolds(_ *reply, holds *[]Hold, err error) error {
	*holds = slices.DeleteFunc(*holds, func(h Hold) bool { return h.Booking == "" })
	return judgeMoney(err, len(*holds) > 0, len(*holds) == 1)
}

func (h *Hold) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		if string(name) == "id_booking" {
			return strictID(d, &h.Booking)
		}
		return d.Skip()
	}, "id_booking")
}

// IssuedTicket is a ticket that was paid for. The answer names no passenger. The seat
// shows whose ticket it is.
type IssuedTicket struct {
	Seat   Seat         // seat
	Number TicketNumber // number_ticket
}

type bookingParams struct {
	IDBooking string `url:"id_booking"`
}

// Pay pays for the whole booking from the agent's account and issues its tickets.
// [Client.Refund] refunds them. If the answer has another number of tickets than the
// hold's Tickets, the payment is not confirmed. A Hold with only a Booking is paid for
// without this check.
//
// Pay is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] or [rutravel.ErrRejected] the booking may be paid: see
// [Client.PayOperation]. Tickets that arrived are returned with the error. There may be
// more.
//
// Regionbilet: GET pay
func (c *Client) Pay(ctx context.Context, hold Hold, opts ...rutravel.CallOption) ([]IssuedTicket, error) {
	return call(ctx, c, c.holdRequest(opPay, hold), listOf((*IssuedTicket).decode), hold.judgeIssued, opts)
}

func (h Hold) judgeIssued(_ *reply, tickets *[]IssuedTicket, err error) error {
	arrived := slices.ContainsFunc(*tickets, func(t IssuedTicket) bool { return t != IssuedTicket{} })
	*tickets = slices.DeleteFunc(*tickets, func(t IssuedTicket) bool { return t.Number == "" })
	all := h.Tickets == 0 || h.Tickets == len(*tickets)
	return judgeMoney(err, arrived, len(*tickets) > 0 && all && distinct(*tickets))
}

// distinct reports whether all tickets have different numbers and seats.
func distinct(all []IssuedTicket) bool {
	for i, t := range all {
		if slices.ContainsFunc(all[:i], func(o IssuedTicket) bool { return o.Number == t.Number || o.Seat == t.Seat }) {
			return false
		}
	}
	return true
}

func (t *IssuedTicket) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "seat":
			return wire.ID(d, &t.Seat)
		case "number_ticket":
			return strictID(d, &t.Number)
		default:
			return d.Skip()
		}
	}, "seat", "number_ticket")
}

// Cancel cancels the whole booking and frees its seats. It works only while the booking
// waits for payment, at most 20 minutes. [Client.Refund] refunds paid tickets. The answer
// has only an error code, so only the documented code "0" is a success.
//
// Cancel is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] or [rutravel.ErrRejected] the booking may be cancelled: see
// [Client.CancelOperation]. An unpaid booking expires by itself after 20 minutes.
//
// Regionbilet: GET cancel
func (c *Client) Cancel(ctx context.Context, hold Hold, opts ...rutravel.CallOption) error {
	r := c.holdRequest(opCancel, hold)
	r.noResult = true
	_, err := call(ctx, c, r, func(d *wire.Decoder, _ *struct{}) error { return d.Skip() }, nil, opts)
	return err
}

// holdRequest returns the request of a command for a whole booking.
func (c *Client) holdRequest(op int, hold Hold) *request {
	r := c.request(op)
	r.ID("Booking", string(hold.Booking))
	r.query.AddStruct(bookingParams{IDBooking: string(hold.Booking)})
	return r
}
