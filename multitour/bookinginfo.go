package multitour

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// ServiceID identifies a service of a booking.
type ServiceID string

// TouristID identifies a tourist of a booking.
type TouristID string

// Booking is a booking with all its parts. The manual's sample of the answer has no values,
// so all fields except Code may be missing.
type Booking struct {
	Code     BookingCode         // info.code
	TourDate civil.Date          `json:",omitzero"` // info.tour_date: the begin of the tour; zero if it is missing
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
	MealsID   string     // pansion_key: the manual does not say whether it is a meal type or a meal plan
	MealsName string     // pansion_name
}

// Transfer is a transfer (трансфер).
type Transfer struct {
	ID    ServiceID // key
	Route string    // route
	Type  string    // type
	Place string    // place: the meeting place
	Phone string    // phone: a number to call
}

// Insurance is an insurance (страховка).
type Insurance struct {
	ID   ServiceID // key
	Type string    // type
	Name string    // name
	Days *int      // days: the duration
}

// Ticket is a ticket for a flight (билет).
type Ticket struct {
	ID        ServiceID  // key
	Name      string     // name
	Flight    string     // num: the flight number
	Route     string     // route
	Class     string     // class
	Date      civil.Date `json:",omitzero"` // date: of the flight; zero if it is missing
	Departure string     // time_from: a time of day as the supplier writes it; the manual has no format and no zone
	Arrival   string     // time_to: like time_from
	Airport   string     // airport
}

// BookedTourist is a tourist of a booking. Its fields have other names on the wire than in a
// request: name is the surname.
type BookedTourist struct {
	ID             TouristID  // key
	Surname        string     // name
	FirstName      string     // fname
	MiddleName     string     // sname: the patronymic
	Sex            string     // sex: as the supplier writes it; the manual has no format
	BirthDate      civil.Date `json:",omitzero"` // birthday; zero if it is missing
	PassportSeries string     // passport_ser
	PassportNumber string     // passport_num
	PassportExpiry civil.Date `json:",omitzero"` // passport_date: probably the end of the validity, as in the request; zero if it is missing
	Phone          string     // phone
	Citizenship    string     // citizen
}

// BookingInfo returns a booking with all its parts. An answer about another booking is
// [rutravel.ErrProtocol] without a booking.
//
// Multitour: POST booking_info
func (c *Client) BookingInfo(ctx context.Context, code BookingCode, opts ...rutravel.CallOption) (Booking, error) {
	r := c.userRequest(opBookingInfo)
	r.ID("code", string(code))
	r.body = struct {
		UserKey json.Number `json:"us_key"`
		Code    string      `json:"code"`
	}{json.Number(c.user), string(code)}
	answer, err := call(ctx, c, r, decodeBooked, judgeInfo(code), opts)
	return answer.Booking, err
}

// judgeInfo returns a judge for call. It removes the data of another booking.
func judgeInfo(code BookingCode) func(*reply, *booked, error) error {
	return func(r *reply, b *booked, err error) error {
		if b.Code != "" && !strings.EqualFold(string(b.Code), string(code)) {
			*b = booked{}
			return &wire.Error{Path: "response.booking_info.info.code", Problem: "is another booking's"}
		}
		return judgeBookedFull(r, b, err)
	}
}

// booked is the answer about a booking in both shapes: only its code, or the whole booking.
type booked struct {
	Booking
	full bool // the answer has info
}

// decodeBooked decodes the response to booking_set and to booking_info.
func decodeBooked(d *wire.Decoder, b *booked) error {
	return decodeMember(d, func() error { return b.decode(d) }, "booking_info", "booking_set")
}

func (b *booked) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "code":
			return b.decodeCode(d)
		case "info":
			b.full = true
			return b.decodeInfo(d)
		case "tours": // an object in the manual; the others are lists
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
	}, "code?", "info?", "tours?", "tickets?", "tourists?")
}

// decodeCode decodes the code of a booking. "0" and a text with spaces are not codes. A
// second code must be the same; otherwise the first one is kept, with an error.
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
	return d.Fields(func(name []byte) error {
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
			return d.OptAmount(&b.Price)
		case "payed":
			return d.OptAmount(&b.Paid)
		default:
			return d.Skip()
		}
	}, "code", "price?", "payed?")
}

func (a *Accommodation) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "key":
			return wire.OptID(d, &a.ID)
		case "name":
			return trimmedText(d, &a.Name)
		case "hotel_key":
			return wire.OptID(d, &a.Hotel)
		case "hotel_name":
			return trimmedText(d, &a.HotelName)
		case "date_begin":
			return optDate(d, &a.CheckIn)
		case "date_end":
			return optDate(d, &a.CheckOut)
		case "room_key":
			return wire.OptID(d, &a.Room)
		case "room_name":
			return trimmedText(d, &a.RoomName)
		case "pansion_key":
			return wire.OptID(d, &a.MealsID)
		case "pansion_name":
			return trimmedText(d, &a.MealsName)
		default:
			return d.Skip()
		}
	})
}

func (t *Transfer) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "key":
			return wire.OptID(d, &t.ID)
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
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "key":
			return wire.OptID(d, &i.ID)
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
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "key":
			return wire.OptID(d, &t.ID)
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
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "key":
			return wire.OptID(d, &t.ID)
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
			return optDate(d, &t.PassportExpiry)
		case "phone":
			return wire.String(d, &t.Phone)
		case "citizen":
			return wire.String(d, &t.Citizenship)
		default:
			return d.Skip()
		}
	})
}

// dateLayouts has the layouts of dates of bookings. The manual has DD.MM.YYYY for some, and
// databases write YYYY-MM-DD. A time after the date is ignored.
var dateLayouts = func() (all []string) {
	for _, date := range []string{wire.DMY, time.DateOnly} {
		for _, hour := range []string{"", " 15:04", " 15:04:05", "T15:04:05"} {
			all = append(all, date+hour)
		}
	}
	return all
}()

// optDate decodes a date that may be missing or consist of zeros.
func optDate(d *wire.Decoder, p *civil.Date) error {
	var text string
	if err := wire.String(d, &text); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if strings.Trim(text, "0.-: T") == "" {
		*p = civil.Date{}
		return nil
	}
	for _, layout := range dateLayouts {
		if day, ok := wire.ParseDate(layout, text); ok {
			*p = day
			return nil
		}
	}
	d.Fail("", "want a date or nothing")
	return nil
}
