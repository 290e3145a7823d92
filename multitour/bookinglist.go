package multitour

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// TourID identifies the tour of a booking. It is not a [TourTypeID].
type TourID string

// StatusID identifies the status of a booking. The manual has one sample: "1" with the name
// OK.
type StatusID string

// StatusFilter is a status by which bookings can be filtered. The status of a booking is a
// [StatusID].
type StatusFilter string

// The filters of the manual. "" means all statuses.
const (
	StatusOK      StatusFilter = "ok"
	StatusNotPaid StatusFilter = "not_pay"
)

var statusWords = map[StatusFilter]string{
	StatusOK:      "OK",
	StatusNotPaid: "not paid",
}

// String returns the English word, or the wire value if the manual does not list it.
func (s StatusFilter) String() string { return cmp.Or(statusWords[s], string(s)) }

const defaultPageSize = 30

// BookingQuery is a search for bookings of the client's user. Empty fields are not sent. The
// manual does not say how texts are compared.
type BookingQuery struct {
	Code        BookingCode  // code
	Year        int          // year: of the booking
	CreatedFrom civil.Date   `json:",omitzero"` // create_date_begin: the first day of booking
	CreatedTo   civil.Date   `json:",omitzero"` // create_date_end: the last day of booking
	TourFrom    civil.Date   `json:",omitzero"` // tour_date_begin: the first day on which the tour begins
	TourTo      civil.Date   `json:",omitzero"` // tour_date_end: the last day on which the tour begins
	TourDate    civil.Date   `json:",omitzero"` // tour_date
	TourName    string       // tour_name
	TouristName string       // tourist_name
	Status      StatusFilter // status
	PageSize    int          // count: the number of bookings on a page; 0 means 30
	Page        int          // page: from 1; 0 means the first page
}

// BookingSummary is a booking in a list. All fields except Code may be missing.
type BookingSummary struct {
	Code         BookingCode         // code
	Created      civil.Date          `json:",omitzero"` // create_date; zero if it is missing
	Tour         TourID              // tour_key
	TourDate     civil.Date          `json:",omitzero"` // tour_date; zero if it is missing
	TourName     string              // tour_name
	TouristCount *int                // count_tourist
	MainTourist  string              // main_tourist: surname, first name and patronymic
	Price        decimal.NullDecimal // price
	Paid         decimal.NullDecimal // payed
	Days         *int                // days
	StatusID     StatusID            // status_key
	StatusName   string              // status_name
}

// BookingPage is a page of a list of bookings. The manual does not explain the counts and
// totals. Its sample has one page and a BookingCount of 99.
type BookingPage struct {
	Bookings     []BookingSummary    // data
	BookingCount *int                // count
	TouristCount *int                // persons
	TotalPrice   decimal.NullDecimal // price
	TotalPaid    decimal.NullDecimal // payed
}

type listSection struct {
	UserKey         json.Number `json:"us_key"`
	Code            string      `json:"code,omitempty"`
	Year            int         `json:"year,omitempty"`
	CreateDateBegin string      `json:"create_date_begin,omitempty"`
	CreateDateEnd   string      `json:"create_date_end,omitempty"`
	TourDateBegin   string      `json:"tour_date_begin,omitempty"`
	TourDateEnd     string      `json:"tour_date_end,omitempty"`
	TourDate        string      `json:"tour_date,omitempty"`
	TourName        string      `json:"tour_name,omitempty"`
	TouristName     string      `json:"tourist_name,omitempty"`
	Status          string      `json:"status,omitempty"`
	Count           int         `json:"count,omitempty"`
	Page            int         `json:"page,omitempty"`
}

func (q BookingQuery) section(user UserKey) listSection {
	date := func(d civil.Date) string {
		if d.IsZero() {
			return ""
		}
		return wire.FormatDate(wire.DMY, d)
	}
	return listSection{
		json.Number(user), string(q.Code), q.Year, date(q.CreatedFrom), date(q.CreatedTo),
		date(q.TourFrom), date(q.TourTo), date(q.TourDate), q.TourName, q.TouristName,
		string(q.Status), q.PageSize, q.Page,
	}
}

func (q BookingQuery) check(v *valid.Check) {
	if q.Code != "" {
		v.ID("Code", string(q.Code))
	}
	v.That(q.Year >= 0, "Year", "must not be negative")
	for _, d := range []struct {
		field string
		date  civil.Date
	}{
		{"CreatedFrom", q.CreatedFrom}, {"CreatedTo", q.CreatedTo},
		{"TourFrom", q.TourFrom}, {"TourTo", q.TourTo}, {"TourDate", q.TourDate},
	} {
		if !d.date.IsZero() {
			v.Date(d.field, d.date)
		}
	}
	v.That(q.CreatedTo.IsZero() || !q.CreatedTo.Before(q.CreatedFrom), "CreatedTo", "must not be before CreatedFrom")
	v.That(q.TourTo.IsZero() || !q.TourTo.Before(q.TourFrom), "TourTo", "must not be before TourFrom")
	v.OptText("TourName", q.TourName)
	v.OptText("TouristName", q.TouristName)
	v.OptText("Status", string(q.Status))
	v.That(q.PageSize >= 0, "PageSize", "must not be negative")
	v.That(q.Page >= 0, "Page", "must not be negative")
}

// BookingsPage returns one page of the user's bookings, with the totals. A page after the
// last one is empty.
//
// If a booking cannot be read, the others are returned with an error that has a
// [*rutravel.RowsError] in its chain:
//
//	page, err := client.BookingsPage(ctx, query)
//	if rows, ok := errors.AsType[*rutravel.RowsError](err); ok {
//		log.Print(rows) // and go on with page
//	} else if err != nil {
//		return err
//	}
//
// Multitour: POST booking_list
func (c *Client) BookingsPage(ctx context.Context, q BookingQuery, opts ...rutravel.CallOption) (BookingPage, error) {
	page, err := c.bookingsPage(ctx, q, opts)
	page.Bookings = wire.Readable(page.Bookings, err)
	return page, err
}

// bookingsPage is BookingsPage. It also returns the bookings that could not be read
// completely.
func (c *Client) bookingsPage(ctx context.Context, q BookingQuery, opts []rutravel.CallOption) (BookingPage, error) {
	r := c.userRequest(opBookingList)
	q.TouristName = valid.Trim(q.TouristName)
	q.check(&r.Check)
	r.body = q.section(c.user)
	if q.TouristName != "" {
		r.private = []string{q.TouristName}
	}
	p, err := call(ctx, c, r, func(d *wire.Decoder, p *bookingList) error {
		return decodeMember(d, func() error { return p.decode(d) }, "booking_list")
	}, nil, opts)
	return p.BookingPage, err
}

// bookingList is a BookingPage with a Len, so that observers get the number of bookings.
type bookingList struct{ BookingPage }

// Len returns the number of bookings.
func (l bookingList) Len() int { return len(l.Bookings) }

// Bookings iterates over the user's bookings, from the query's page on. It sends one request
// for each page until a page is empty. A booking that cannot be read completely is yielded as
// far as it was read. Its error has a [*rutravel.RowError] in its chain, and the iteration
// continues. Any other error ends it:
//
//	for booking, err := range client.Bookings(ctx, query) {
//		if row, ok := errors.AsType[*rutravel.RowError](err); ok {
//			log.Print(row)
//			continue
//		}
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// A full page that only repeats earlier bookings ends the iteration with an error, because
// there may be more bookings. A booking that moves to another page during the iteration is
// not yielded twice, but it may be missed. Filter by values that do not change.
//
// Multitour: POST booking_list
func (c *Client) Bookings(ctx context.Context, q BookingQuery, opts ...rutravel.CallOption) iter.Seq2[BookingSummary, error] {
	return c.bookings(ctx, q, false, opts)
}

// bookings is Bookings. In a look-up, a short page does not end a list that announces more
// bookings, because the supplier's pages may be shorter than requested.
func (c *Client) bookings(ctx context.Context, q BookingQuery, lookUp bool, opts []rutravel.CallOption) iter.Seq2[BookingSummary, error] {
	first, size := cmp.Or(q.Page, 1), cmp.Or(q.PageSize, defaultPageSize)
	return transport.Pages(c.engine, &operations[opBookingList], first, (*BookingSummary).key, func(page int) (transport.Page[BookingSummary], error) {
		q := q
		q.Page = page
		p, err := c.bookingsPage(ctx, q, opts)
		rows := transport.Page[BookingSummary]{Rows: p.Bookings, Size: size}
		// The manual does not define count. It is treated as a total if the page has fewer
		// bookings.
		if p.BookingCount != nil && *p.BookingCount > len(p.Bookings) {
			rows.Total = *p.BookingCount
			if lookUp {
				rows.Size = 0
			}
		}
		return rows, err
	})
}

func (p *BookingPage) decode(d *wire.Decoder) error {
	return decodeData(d, func(name []byte) error {
		switch string(name) {
		case "data":
			return wire.Rows(d, &p.Bookings, (*BookingSummary).decode, (*BookingSummary).key)
		case "count":
			return d.OptInt(&p.BookingCount)
		case "persons":
			return d.OptInt(&p.TouristCount)
		case "price":
			return d.OptAmount(&p.TotalPrice)
		case "payed":
			return d.OptAmount(&p.TotalPaid)
		default:
			return d.Skip()
		}
	})
}

func (b *BookingSummary) key() string { return string(b.Code) }

func (b *BookingSummary) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "code":
			return wire.ID(d, &b.Code)
		case "create_date":
			return optDate(d, &b.Created)
		case "tour_key":
			return wire.OptID(d, &b.Tour)
		case "tour_date":
			return optDate(d, &b.TourDate)
		case "tour_name":
			return trimmedText(d, &b.TourName)
		case "count_tourist":
			return d.OptInt(&b.TouristCount)
		case "main_tourist":
			return trimmedText(d, &b.MainTourist)
		case "price":
			return d.OptAmount(&b.Price)
		case "payed":
			return d.OptAmount(&b.Paid)
		case "days":
			return d.OptInt(&b.Days)
		case "status_key":
			return wire.OptID(d, &b.StatusID)
		case "status_name":
			return wire.String(d, &b.StatusName)
		default:
			return d.Skip()
		}
	}, "code", "price?", "payed?", "status_key?", "status_name?")
}
