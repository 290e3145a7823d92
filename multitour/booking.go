package multitour

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// BookingCode identifies a booking (заявка): "X1800001". It is also the number of the
// contract.
type BookingCode string

// Sex is a tourist's sex and age group, which are one value. The manual does not define the
// ages of children and infants.
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

// String returns the English word, or the wire value if the manual does not list it.
func (s Sex) String() string { return cmp.Or(sexWords[s], strconv.Itoa(int(s))) }

// Tourist is a tourist of a booking request. Spaces around its texts are not sent.
type Tourist struct {
	Sex            Sex        // sex
	Surname        string     // surname
	FirstName      string     // firstname
	MiddleName     string     // middlename: the patronymic (отчество); may be empty
	BirthDate      civil.Date // birthday
	PassportSeries string     // passports; may be empty
	PassportNumber string     // passportn; may be empty
	PassportExpiry civil.Date `json:",omitzero"` // passportdate: the end of the validity; not sent if zero
	Citizenship    string     // citizen: a word, "Россия"; may be empty
	Phone          string     // tel: the manual has no format; may be empty
}

// BookRequest is the request for a booking.
type BookRequest struct {
	Offer OfferID // price_key: an [Offer]'s ID
	// BookingDate is date: the day on which the booking is made. Use [Today]. It is not the
	// check-in, which belongs to the offer. [Client.LostBookings] searches by it.
	BookingDate civil.Date
	Tourists    []Tourist // persons
}

// Today returns the current date in Moscow.
func Today() civil.Date { return wire.MoscowToday() }

// bookSection has its members in the order of the manual's sample.
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

// Book books an offer and returns the code of the booking. The API has no methods to pay for,
// change or cancel it.
//
// The answer has no price: see [Client.BookingInfo]. It also does not say whether the
// supplier must confirm the booking. This is possible even if the offer was Guaranteed,
// because its places may have been sold since. [Client.Bookings] lists the status.
//
// Book is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] the booking may exist: see [Client.BookOperation]. A code that
// is returned with the error is the code of the booking.
//
// Multitour: POST booking_set
func (c *Client) Book(ctx context.Context, b BookRequest, opts ...rutravel.CallOption) (BookingCode, error) {
	answer, err := call(ctx, c, c.bookRequest(opBookingSet, b), decodeBooked, judgeBooked, opts)
	return answer.Code, err
}

// BookFull is [Client.Book] with the answer of [Client.BookingInfo]: the booking with all its
// parts.
//
// BookFull is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] the booking may exist: see [Client.BookFullOperation]. If the
// Booking that is returned with the error has a Code, the booking exists.
//
// Multitour: POST booking_set
func (c *Client) BookFull(ctx context.Context, b BookRequest, opts ...rutravel.CallOption) (Booking, error) {
	answer, err := call(ctx, c, c.bookRequest(opBookingSetFull, b), decodeBooked, judgeBookedFull, opts)
	return answer.Booking, err
}

// bookRequest returns the request of a booking.
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
		r.private = append(r.private, digitGroups(p.Passports+" "+p.Passportn)...)
		r.private = append(r.private, lastTenDigits(p.Tel))
		if p.PassportDate != "" {
			r.private = append(r.private, p.PassportDate, t.PassportExpiry.String())
		}
	}
	r.body = section
	return r
}

// person returns the wire form of a tourist, without spaces around texts.
func (t Tourist) person() person {
	p := person{
		Sex: int(t.Sex), Surname: valid.Trim(t.Surname), FirstName: valid.Trim(t.FirstName),
		MiddleName: valid.Trim(t.MiddleName), Birthday: wire.FormatDate(wire.DMY, t.BirthDate),
		Passports: valid.Trim(t.PassportSeries), Passportn: valid.Trim(t.PassportNumber),
		Citizen: valid.Trim(t.Citizenship), Tel: valid.Trim(t.Phone),
	}
	if !t.PassportExpiry.IsZero() {
		p.PassportDate = wire.FormatDate(wire.DMY, t.PassportExpiry)
	}
	return p
}

// digitGroups returns the numbers in a document. The supplier may write them separately.
func digitGroups(document string) []string {
	return strings.FieldsFunc(document, func(r rune) bool { return r < '0' || r > '9' })
}

// lastTenDigits returns the digits of a Russian phone number without +7 or 8.
func lastTenDigits(phone string) string {
	const length = 10
	digits := strings.Join(digitGroups(phone), "")
	return digits[max(0, len(digits)-length):]
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

// judgeBooked returns the error of the answer to a booking. Only an answer with a code is a
// success. After a refusal with a value in the response, the outcome is unknown.
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

// judgeBookedFull is judgeBooked for an answer that must have the whole booking.
func judgeBookedFull(r *reply, b *booked, err error) error {
	err = judgeBooked(r, b, err)
	if err == nil && !b.full {
		return &wire.Error{Path: "response.booking_info.info", Problem: missing}
	}
	return err
}
