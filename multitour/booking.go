package multitour

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// BookingCode identifies a booking (заявка): "X1800001". It is the number of
// the contract, too.
type BookingCode string

// ServiceID identifies a service of a booking.
type ServiceID string

// TouristID identifies a tourist of a booking.
type TouristID string

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
	// Date is the day on which the booking is made: date, [Today]. It is not the
	// check-in, which is the offer's. [Client.LostBookings] needs it.
	Date     civil.Date
	Tourists []Tourist // persons
}

// Today returns the date that it is in Moscow.
func Today() civil.Date { return wire.MoscowToday() }

// The members stand in the order of the manual's sample.
type bookRequest struct {
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
	booking, err := book(ctx, c, opBookingSet, "", b, opts)
	return booking.Code, err
}

// BookFull is [Client.Book] with the answer of [Client.BookingInfo]: the booking
// in all its parts.
//
// The call is sent once; what is said at Book applies. A Booking that is returned
// beside [rutravel.ErrNotConfirmed] was made if it has a Code.
//
// Multitour: POST booking_set
func (c *Client) BookFull(ctx context.Context, b BookRequest, opts ...rutravel.CallOption) (Booking, error) {
	return book(ctx, c, opBookingSetFull, "full", b, opts)
}

func book(ctx context.Context, c *Client, op int, view string, b BookRequest, opts []rutravel.CallOption) (Booking, error) {
	request := bookRequest{
		UserKey: json.Number(c.user), PriceKey: json.Number(b.Offer),
		Date: wire.FormatDate(wire.DMY, b.Date), View: view,
	}
	var private []string
	for _, t := range b.Tourists {
		p := t.request()
		request.Persons = append(request.Persons, p)
		private = append(private, p.Surname, p.FirstName, p.MiddleName, p.Birthday, t.BirthDate.String(),
			p.Passports, p.Passportn, p.Passports+p.Passportn, p.Tel)
		if p.PassportDate != "" {
			private = append(private, p.PassportDate, t.PassportExpiry.String())
		}
	}
	return call(ctx, c, op, request, private, c.check(b), func(r *reply, v *Booking) error {
		return r.readBooked(v, view != "")
	}, opts)
}

func (t Tourist) request() person {
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

func (c *Client) check(b BookRequest) valid.Check {
	v := c.userCheck()
	v.That(wholeNumber(string(b.Offer)), "Offer", "must be an offer's ID")
	v.Date("Date", b.Date)
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
	return v
}

// userCheck begins the check of a method that needs the user.
func (c *Client) userCheck() (v valid.Check) {
	v.That(c.user != "", "Config.UserKey", "must be set: bookings belong to a user")
	return v
}

// readBooked reads the answer to a booking, which is the code alone or all of
// the booking. It is a success only if what was asked for is there; a refusal
// beside anything in the response settles nothing.
func (r *reply) readBooked(b *Booking, full bool) error {
	var detailed bool
	err := r.read(func(d *wire.Decoder) error {
		return under(d, func() error { return b.decode(d, &detailed) }, nil, "booking_info", "booking_set")
	})
	refusal, refused := errors.AsType[*transport.Refusal](err)
	switch {
	case refused:
		refusal.Unsettled = !r.blank()
	case err == nil && b.Code == "":
		return &wire.Error{Path: "response.booking_info.code", Problem: "missing"}
	case err == nil && full && !detailed:
		return &wire.Error{Path: "response.booking_info.info", Problem: "missing"}
	}
	return err
}

// LostBookings lists the bookings that a [Client.Book] or [Client.BookFull] with
// this request may have made whose answer was lost: those of the day and its two
// neighbours whose main tourist has the surname of one of the request's, or no
// name yet. They are candidates: the manual has nothing to tell a booking by, so
// compare the stay, the price and the number of tourists
// ([BookingSummary].TourDate, Days, Price, Tourists).
//
// Finding none proves nothing while the supplier may still be at work: ask again
// for some minutes. If names may be written in another way at the supplier's, see
// all of the days' by [Client.Bookings]. What is returned beside an error was
// found before it.
//
// Multitour: POST booking_list
func (c *Client) LostBookings(ctx context.Context, b BookRequest, opts ...rutravel.CallOption) ([]BookingSummary, error) {
	if v := c.check(b); v.Err() != nil {
		return nil, c.line.Invalid(&operations[opBookingList], v.Err())
	}
	var surnames []string
	for _, t := range b.Tourists {
		surnames = append(surnames, wire.Fold(t.Surname))
	}
	var found []BookingSummary
	query := BookingQuery{CreatedFrom: b.Date.AddDays(-1), CreatedTo: b.Date.AddDays(1)}
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

// Booking is a booking in all its parts. The manual shows the answer without a
// single value; what may be missing, may be missing.
type Booking struct {
	Code     BookingCode         // info.code
	TourDate civil.Date          `json:",omitzero"` // info.tour_date: when the tour begins; zero if it is missing
	Days     *int                // info.days
	Nights   *int                // info.nights
	Price    decimal.NullDecimal // info.price
	Paid     decimal.NullDecimal // info.payed

	Accommodations []Accommodation // tours
	Transfers      []Transfer      // transfers
	Insurances     []Insurance     // insurances
	Tickets        []Ticket        // tickets
	Tourists       []BookedTourist // tourists
}

// Accommodation is a stay in a room of a hotel.
type Accommodation struct {
	ID        ServiceID  // key
	Name      string     // name
	Hotel     HotelID    // hotel_key
	HotelName string     // hotel_name
	CheckIn   civil.Date `json:",omitzero"` // date_begin; zero if it is missing
	CheckOut  civil.Date `json:",omitzero"` // date_end; zero if it is missing
	Room      RoomID     // room_key
	RoomName  string     // room_name: room, category and accommodation
	Meals     string     // pansion_key: whether the id of a meal type or of a meal plan is not said
	MealsName string     // pansion_name
}

// Transfer is a transfer (трансфер).
type Transfer struct {
	ID    ServiceID // key
	Route string    // route
	Type  string    // type
	Place string    // place: where to meet
	Phone string    // phone: to call
}

// Insurance is an insurance (страховка).
type Insurance struct {
	ID   ServiceID // key
	Type string    // type
	Name string    // name
	Days *int      // days: how long it lasts
}

// Ticket is a ticket for a flight (билет).
type Ticket struct {
	ID        ServiceID  // key
	Name      string     // name
	Flight    string     // num: number of the flight
	Route     string     // route
	Class     string     // class
	Date      civil.Date `json:",omitzero"` // date: of the flight; zero if it is missing
	Departure string     // time_from: time of day as the supplier writes it, the manual states no format and no zone
	Arrival   string     // time_to: likewise
	Airport   string     // airport
}

// BookedTourist is a tourist of a booking. The answer's names of these fields
// are others than the request's: name is the surname.
type BookedTourist struct {
	ID             TouristID  // key
	Surname        string     // name
	FirstName      string     // fname
	MiddleName     string     // sname: the patronymic
	Sex            string     // sex: as the supplier writes it, the manual states no format
	BirthDate      civil.Date `json:",omitzero"` // birthday; zero if it is missing
	PassportSeries string     // passport_ser
	PassportNumber string     // passport_num
	PassportDate   civil.Date `json:",omitzero"` // passport_date: probably valid until, as in the request; zero if it is missing
	Phone          string     // phone
	Citizenship    string     // citizen
}

// BookingInfo returns a booking in all its parts. An answer about another booking
// is [rutravel.ErrProtocol], and nothing of it is returned.
//
// Multitour: POST booking_info
func (c *Client) BookingInfo(ctx context.Context, code BookingCode, opts ...rutravel.CallOption) (Booking, error) {
	v := c.userCheck()
	v.ID("code", string(code))
	request := struct {
		UserKey json.Number `json:"us_key"`
		Code    string      `json:"code"`
	}{json.Number(c.user), string(code)}
	return call(ctx, c, opBookingInfo, request, nil, v, func(r *reply, b *Booking) error {
		err := r.readBooked(b, true)
		if b.Code != "" && !strings.EqualFold(string(b.Code), string(code)) {
			*b = Booking{}
			err = &wire.Error{Path: "response.booking_info.info.code", Problem: "another booking's"}
		}
		return err
	}, opts)
}

// decode reads a booking in both shapes: its code alone, or with all details.
func (b *Booking) decode(d *wire.Decoder, detailed *bool) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "code":
			return b.decodeCode(d)
		case "info":
			*detailed = true
			return b.decodeInfo(d)
		case "tours": // an object in the manual, among lists
			return wire.List(d, &b.Accommodations, (*Accommodation).decode)
		case "transfers":
			return wire.List(d, &b.Transfers, (*Transfer).decode)
		case "insurances":
			return wire.List(d, &b.Insurances, (*Insurance).decode)
		case "tickets":
			return wire.List(d, &b.Tickets, (*Ticket).decode)
		case "tourists":
			return wire.List(d, &b.Tourists, (*BookedTourist).decode)
		default:
			return d.Skip()
		}
	})
}

// decodeCode reads the code of a booking, of which the first counts: one that is
// "0" or holds a space is none, and there must be no other.
func (b *Booking) decodeCode(d *wire.Decoder) error {
	var code BookingCode
	err := wire.ID(d, &code)
	switch {
	case code == "" || code == "0" || strings.ContainsFunc(string(code), unicode.IsSpace):
		d.Fail("", "want a code")
	case b.Code != "" && b.Code != code:
		d.Fail("", "want one code, got two")
	default:
		b.Code = code
	}
	return err
}

func (b *Booking) decodeInfo(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "code":
			return b.decodeCode(d)
		case "tour_date":
			return optDate(d, &b.TourDate)
		case "days":
			return d.OptInt(&b.Days)
		case "nights":
			return d.OptInt(&b.Nights)
		case "price":
			return d.OptDecimal(&b.Price)
		case "payed":
			return d.OptDecimal(&b.Paid)
		default:
			return d.Skip()
		}
	}, "code")
}

func (a *Accommodation) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "key":
			return wire.String(d, &a.ID)
		case "name":
			return trimmed(d, &a.Name)
		case "hotel_key":
			return wire.String(d, &a.Hotel)
		case "hotel_name":
			return trimmed(d, &a.HotelName)
		case "date_begin":
			return optDate(d, &a.CheckIn)
		case "date_end":
			return optDate(d, &a.CheckOut)
		case "room_key":
			return wire.String(d, &a.Room)
		case "room_name":
			return trimmed(d, &a.RoomName)
		case "pansion_key":
			return wire.String(d, &a.Meals)
		case "pansion_name":
			return trimmed(d, &a.MealsName)
		default:
			return d.Skip()
		}
	})
}

func (t *Transfer) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "key":
			return wire.String(d, &t.ID)
		case "route":
			return wire.String(d, &t.Route)
		case "type":
			return wire.String(d, &t.Type)
		case "place":
			return wire.String(d, &t.Place)
		case "phone":
			return wire.String(d, &t.Phone)
		default:
			return d.Skip()
		}
	})
}

func (i *Insurance) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "key":
			return wire.String(d, &i.ID)
		case "type":
			return wire.String(d, &i.Type)
		case "name":
			return wire.String(d, &i.Name)
		case "days":
			return d.OptInt(&i.Days)
		default:
			return d.Skip()
		}
	})
}

func (t *Ticket) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "key":
			return wire.String(d, &t.ID)
		case "name":
			return wire.String(d, &t.Name)
		case "num":
			return wire.String(d, &t.Flight)
		case "route":
			return wire.String(d, &t.Route)
		case "class":
			return wire.String(d, &t.Class)
		case "date":
			return optDate(d, &t.Date)
		case "time_from":
			return wire.String(d, &t.Departure)
		case "time_to":
			return wire.String(d, &t.Arrival)
		case "airport":
			return wire.String(d, &t.Airport)
		default:
			return d.Skip()
		}
	})
}

func (t *BookedTourist) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "key":
			return wire.String(d, &t.ID)
		case "name": // the surname, which the request calls surname
			return wire.String(d, &t.Surname)
		case "fname":
			return wire.String(d, &t.FirstName)
		case "sname": // the patronymic, not the surname
			return wire.String(d, &t.MiddleName)
		case "sex":
			return wire.String(d, &t.Sex)
		case "birthday":
			return optDate(d, &t.BirthDate)
		case "passport_ser":
			return wire.String(d, &t.PassportSeries)
		case "passport_num":
			return wire.String(d, &t.PassportNumber)
		case "passport_date":
			return optDate(d, &t.PassportDate)
		case "phone":
			return wire.String(d, &t.Phone)
		case "citizen":
			return wire.String(d, &t.Citizenship)
		default:
			return d.Skip()
		}
	})
}

// optDate reads a date that may be missing. The manual shows none in these
// answers: DD.MM.YYYY as in its others, or YYYY-MM-DD as databases write it.
func optDate(d *wire.Decoder, p *civil.Date) error {
	var text string
	if err := wire.String(d, &text); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if strings.Trim(text, "0.-") == "" {
		*p = civil.Date{}
		return nil
	}
	for _, layout := range []string{wire.DMY, time.DateOnly} {
		if day, err := time.Parse(layout, text); err == nil {
			*p = civil.DateOf(day)
			return nil
		}
	}
	d.Fail("", "want a date or nothing")
	return nil
}
