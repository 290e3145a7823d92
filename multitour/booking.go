package multitour

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// BookingCode identifies a booking (заявка): "X1800001". It is the number of
// the contract, too.
type BookingCode string

// Sex is a tourist's sex and age group, which are one value. The ages at which
// a child is one are not documented.
type Sex int

// The sexes of the manual.
const (
	Male         Sex = 1
	Female       Sex = 2
	MaleChild    Sex = 3 // Реб-М
	FemaleChild  Sex = 4 // Реб-Ж
	MaleInfant   Sex = 5 // Млад-М
	FemaleInfant Sex = 6 // Млад-Ж
)

var sexWords = map[Sex]string{
	Male:         "male",
	Female:       "female",
	MaleChild:    "male child",
	FemaleChild:  "female child",
	MaleInfant:   "male infant",
	FemaleInfant: "female infant",
}

// String returns the English word, or the wire value if the manual does not
// list it.
func (s Sex) String() string { return cmp.Or(sexWords[s], strconv.Itoa(int(s))) }

// Tourist is a person to book for.
type Tourist struct {
	Sex            Sex        // sex
	Surname        string     // surname
	FirstName      string     // firstname
	MiddleName     string     // middlename: the patronymic (отчество); may be empty
	BirthDate      civil.Date // birthday
	PassportSeries string     // passports; may be empty
	PassportNumber string     // passportn; may be empty
	PassportExpiry civil.Date `json:",omitzero"` // passportdate: valid until; zero: not named
	Citizenship    string     // citizen: in words, "Россия"; may be empty
	Phone          string     // tel: in no documented format; may be empty
}

// BookRequest asks for a booking.
type BookRequest struct {
	Offer OfferID // price_key: an [Offer]'s ID
	// BookingDate is the day on which the booking is made: date, [Today]. It is not
	// the check-in, which is the offer's. [Client.LostBookings] needs it.
	BookingDate civil.Date
	Tourists    []Tourist // persons
}

// Today returns the date that it is in Moscow.
func Today() civil.Date { return wire.MoscowToday() }

// The members stand in the order of the manual's sample.
type bookSection struct {
	UserKey  json.Number `json:"us_key"`
	PriceKey json.Number `json:"price_key"`
	Date     string      `json:"date"`
	Persons  []person    `json:"persons"`
	View     string      `json:"view,omitempty"`
}

type person struct {
	Sex          int    `json:"sex"`
	Surname      string `json:"surname"`
	FirstName    string `json:"firstname"`
	MiddleName   string `json:"middlename,omitempty"`
	Birthday     string `json:"birthday"`
	Passports    string `json:"passports,omitempty"`
	Passportn    string `json:"passportn,omitempty"`
	PassportDate string `json:"passportdate,omitempty"`
	Citizen      string `json:"citizen,omitempty"`
	Tel          string `json:"tel,omitempty"`
}

// Book books an offer and returns the booking's code. The manual has no methods
// to pay, change or cancel: that is done outside this API. The answer says
// neither what the booking costs, which [Client.BookingInfo] does, nor whether the
// supplier must confirm it: an offer that was Guaranteed when it was asked for
// may have been taken since. The status that [Client.Bookings] lists tells.
//
// The call is sent once; detach it from a user's request. With
// [rutravel.ErrNotConfirmed] the booking may have been made: the manual knows no
// key of one's own to ask by, so ask [Client.LostBookings] with the same request,
// on a context that has not ended. Store the request before the call. A code
// that is returned in spite of the error did arrive, and [Client.BookingInfo]
// tells the rest.
//
// Multitour: POST booking_set
func (c *Client) Book(ctx context.Context, b BookRequest, opts ...rutravel.CallOption) (BookingCode, error) {
	answer, err := call(ctx, c, c.bookRequest(opBookingSet, b), decodeBooked, judgeBooked, opts)
	return answer.Code, err
}

// BookFull is [Client.Book] with the answer of [Client.BookingInfo]: the booking
// in all its parts.
//
// The call is sent once; what is said at Book applies. A Booking that is returned
// beside [rutravel.ErrNotConfirmed] was made if it has a Code.
//
// Multitour: POST booking_set
func (c *Client) BookFull(ctx context.Context, b BookRequest, opts ...rutravel.CallOption) (Booking, error) {
	answer, err := call(ctx, c, c.bookRequest(opBookingSetFull, b), decodeBooked, judgeBookedFull, opts)
	return answer.Booking, err
}

// bookRequest makes the request of a booking.
func (c *Client) bookRequest(op int, b BookRequest) *request {
	r := c.userRequest(op)
	b.check(&r.Check)
	section := bookSection{
		UserKey: json.Number(c.user), PriceKey: json.Number(b.Offer),
		Date: wire.FormatDate(wire.DMY, b.BookingDate),
	}
	if op == opBookingSetFull {
		section.View = "full"
	}
	for _, t := range b.Tourists {
		p := t.person()
		section.Persons = append(section.Persons, p)
		r.private = append(r.private, p.Surname, p.FirstName, p.MiddleName, p.Birthday, t.BirthDate.String(),
			p.Passports, p.Passportn, p.Passports+p.Passportn, p.Tel)
		if p.PassportDate != "" {
			r.private = append(r.private, p.PassportDate, t.PassportExpiry.String())
		}
	}
	r.body = section
	return r
}

func (t Tourist) person() person {
	p := person{
		Sex: int(t.Sex), Surname: t.Surname, FirstName: t.FirstName, MiddleName: t.MiddleName,
		Birthday:  wire.FormatDate(wire.DMY, t.BirthDate),
		Passports: t.PassportSeries, Passportn: t.PassportNumber,
		Citizen: t.Citizenship, Tel: t.Phone,
	}
	if !t.PassportExpiry.IsZero() {
		p.PassportDate = wire.FormatDate(wire.DMY, t.PassportExpiry)
	}
	return p
}

func (b BookRequest) check(v *valid.Check) {
	v.That(positiveNumber(string(b.Offer)), "Offer", "must be an offer's ID")
	v.Date("BookingDate", b.BookingDate)
	v.That(len(b.Tourists) > 0, "Tourists", "must not be empty")
	for i, t := range b.Tourists {
		field := fmt.Sprintf("Tourists[%d].", i)
		v.That(t.Sex >= Male && t.Sex <= FemaleInfant, field+"Sex", "must be one of the six")
		v.Text(field+"Surname", t.Surname)
		v.Text(field+"FirstName", t.FirstName)
		v.OptText(field+"MiddleName", t.MiddleName)
		v.Date(field+"BirthDate", t.BirthDate)
		v.OptText(field+"PassportSeries", t.PassportSeries)
		v.OptText(field+"PassportNumber", t.PassportNumber)
		if !t.PassportExpiry.IsZero() {
			v.Date(field+"PassportExpiry", t.PassportExpiry)
		}
		v.OptText(field+"Citizenship", t.Citizenship)
		v.OptText(field+"Phone", t.Phone)
	}
}

// judgeBooked judges the answer to a booking. It is a success only if the code
// is there. A refusal next to anything in the response leaves open what was done.
func judgeBooked(r *reply, b *booked, err error) error {
	refusal, refused := errors.AsType[*transport.Refusal](err)
	switch {
	case refused:
		refusal.Unsettled = !r.blank()
	case err == nil && b.Code == "":
		return &wire.Error{Path: "response.booking_info.code", Problem: missing}
	}
	return err
}

// judgeBookedFull is judgeBooked of an answer that must hold the whole booking.
func judgeBookedFull(r *reply, b *booked, err error) error {
	err = judgeBooked(r, b, err)
	if err == nil && !b.full {
		return &wire.Error{Path: "response.booking_info.info", Problem: missing}
	}
	return err
}

// LostBookings lists the bookings that a [Client.Book] or [Client.BookFull] with
// this request may have made whose answer was lost: those of the day and its two
// neighbours whose main tourist has the surname of one of the request's, or no
// name yet. They are candidates: the manual has nothing to tell a booking by, so
// compare the stay, the price and the number of tourists
// ([BookingSummary].TourDate, Days, Price, TouristCount).
//
// Finding none proves nothing while the supplier may still be at work: ask again
// for some minutes. If names may be written in another way at the supplier's, see
// all of the days' by [Client.Bookings]. What is returned beside an error was
// found before it.
//
// Multitour: POST booking_list
func (c *Client) LostBookings(ctx context.Context, b BookRequest, opts ...rutravel.CallOption) ([]BookingSummary, error) {
	r := c.userRequest(opBookingList)
	b.check(&r.Check)
	if err := r.Err(); err != nil {
		return nil, c.engine.Invalid(&operations[r.op], err)
	}
	var surnames []string
	for _, t := range b.Tourists {
		surnames = append(surnames, wire.Fold(t.Surname))
	}
	var found []BookingSummary
	query := BookingQuery{CreatedFrom: b.BookingDate.AddDays(-1), CreatedTo: b.BookingDate.AddDays(1)}
	for s, err := range c.Bookings(ctx, query, opts...) {
		if err != nil {
			return found, err
		}
		main := wire.Fold(s.MainTourist)
		if main == "" || slices.ContainsFunc(surnames, func(surname string) bool { return strings.Contains(main, surname) }) {
			found = append(found, s)
		}
	}
	return found, nil
}
