package regionbilet

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// TripID identifies a trip (рейс) in the timetable. It does not depend on the day.
type TripID string

// StopID identifies a stop (остановочный пункт) of a trip: "stv815", "446".
type StopID string

// Seat is the number of a seat, as the supplier writes it.
type Seat string

// Category is a price category of passengers.
type Category string

// The categories of the manual, which has no age limits.
const (
	Adult Category = "1" // взрослый
	Child Category = "2" // детский
)

var categoryWords = map[Category]string{Adult: "adult", Child: "child"}

// String returns the English word, or the wire value if the manual does not list it.
func (c Category) String() string { return cmp.Or(categoryWords[c], string(c)) }

// Today returns the current date in Moscow.
func Today() civil.Date { return wire.MoscowToday() }

// TripQuery is a search for the trips of one day.
type TripQuery struct {
	From SettlementID // id_from, from [Client.Departures] or [Client.Segments]
	To   SettlementID // id_to, from [Client.Arrivals] or [Client.Segments]
	Date civil.Date   // date_trip: the day of departure
}

// Trip is a trip that is on sale.
type Trip struct {
	ID        TripID         // id_trip
	Name      string         // name_trip
	From      Stop           // id_from_point, from_name_point, from_address_point
	To        Stop           // id_to_point, to_name_point, to_address_point
	Departure civil.DateTime // date_trip, time_trip: at the stop of departure
	Arrival   OptDateTime    `json:",omitzero"` // date_arrival_trip, time_arrival_trip: at the stop of arrival
	Duration  string         // time_duration_trip: as the supplier writes it; the manual has no format
	// AvailableSeats is count_available_seats_trip: the number of seats on sale.
	AvailableSeats int

	// Adult and Child are the prices of a ticket. A Fare is zero, with an empty Price, if
	// tickets of the category are not sold or their price could not be read.
	Adult, Child Fare

	Bus      string    // name_ats: make of the bus; may change on the day of departure
	Carriers []Carrier // kontr; may change on the day of departure
}

// Stop is where a trip departs or arrives.
type Stop struct {
	ID      StopID
	Name    string
	Address string
}

// OptDateTime is a date and a time of day that may be missing.
type OptDateTime struct {
	Date civil.Date  // zero if it is missing; Time is then nil
	Time *civil.Time // nil if it is missing; the zero Time is midnight
}

// IsZero reports whether there is no date.
func (t OptDateTime) IsZero() bool { return t.Date.IsZero() }

// DateTime returns the date with the time. It returns zero if either is missing.
func (t OptDateTime) DateTime() civil.DateTime {
	if t.IsZero() || t.Time == nil {
		return civil.DateTime{}
	}
	return civil.DateTime{Date: t.Date, Time: *t.Time}
}

// settle removes a time without a date.
func (t *OptDateTime) settle() {
	if t.IsZero() {
		*t = OptDateTime{}
	}
}

// Fare is the price of a ticket of one category, in roubles. Total and Price are the same
// amount: use Total for calculations and Price for a booking.
type Fare struct {
	Base  decimal.Decimal // full_ticket_price, child_ticket_price: the fare (тариф)
	Fee   decimal.Decimal // markup_ticket_price, markup_child_price: for the service of selling the ticket
	Total decimal.Decimal // total_full_ticket_price, total_child_ticket_price: the amount to pay
	Price Price           // Total as the supplier wrote it
}

// Price is an amount of roubles as the supplier wrote it. [Client.Book] must send it digit
// for digit, and a decimal number does not distinguish 500.00 from 500. A Price can be
// stored, also as JSON.
type Price string

// valid reports whether p has digits, with or without a decimal point.
func (p Price) valid() bool {
	amount, ok := wire.ParseDecimal(string(p))
	return ok && !amount.IsNegative() && !strings.ContainsAny(string(p), "eE-")
}

// Carrier is the company that operates a trip (перевозчик). The manual's sample and its
// description name different fields, so each may be empty.
type Carrier struct {
	Name             string // name
	INN              string // inn: taxpayer number (ИНН)
	Cash             string // cash: in the manual's sample, without an explanation
	ContactName      string // fio: full name
	Phone            string // phone
	Address          string // address
	WorkingHours     string // mode
	OGRN             string // ogrn: registration number (ОГРН, ОГРНИП)
	License          string // license: number of the licence
	LicenseDate      string // license_date: the end of the licence's validity; the manual has no format
	LicenseAuthority string // info: the authority that issued the licence
}

// Fare returns the price of a ticket of a category. It is zero, with an empty Price, if
// tickets of the category are not sold or the category is unknown.
func (t Trip) Fare(c Category) Fare {
	switch c {
	case Adult:
		return t.Adult
	case Child:
		return t.Child
	default:
		return Fare{}
	}
}

// Key returns the key of the trip for [Client.TripStops], [Client.FreeSeats] and
// [Client.Book].
func (t Trip) Key() TripKey {
	return TripKey{ID: t.ID, From: t.From.ID, To: t.To.ID, Departure: t.Departure}
}

// TripKey identifies one departure of a trip between two of its stops. [Trip.Key] returns
// it.
type TripKey struct {
	ID        TripID         // id_trip
	From      StopID         // id_from_point
	To        StopID         // id_to_point
	Departure civil.DateTime // date_trip, time_trip; seconds are not sent
}

func (k TripKey) check(v *valid.Check, field string) {
	v.ID(field+"ID", string(k.ID))
	v.ID(field+"From", string(k.From))
	v.ID(field+"To", string(k.To))
	v.DateTime(field+"Departure", k.Departure)
}

type tripParams struct {
	IDFrom   string `url:"id_from"`
	IDTo     string `url:"id_to"`
	DateTrip string `url:"date_trip"`
}

// Trips lists the trips between two settlements that are on sale now. The answer must not
// be cached (manual, chapter 4). A trip that cannot be read is left out with a
// [rutravel.Warning]. If one of its fares can be read, only the other is left out.
//
// Regionbilet: GET trip
func (c *Client) Trips(ctx context.Context, q TripQuery, opts ...rutravel.CallOption) ([]Trip, error) {
	r := c.request(opTrip)
	r.ID("From", string(q.From))
	r.ID("To", string(q.To))
	r.Date("Date", q.Date)
	r.query.AddStruct(tripParams{
		IDFrom:   string(q.From),
		IDTo:     string(q.To),
		DateTrip: wire.FormatDate(wire.DMY, q.Date),
	})
	return call(ctx, c, r, foundOf((*Trip).decode, (*Trip).id), judgeList, opts)
}

func (t *Trip) id() string { return string(t.ID) }

func (t *Trip) decode(d *wire.Decoder) error {
	var adult, child fareAmounts
	err := d.Fields(func(name []byte) error {
		switch string(name) {
		case "id_trip":
			return wire.ID(d, &t.ID)
		case "name_trip":
			return wire.String(d, &t.Name)
		case "id_from_point":
			return wire.ID(d, &t.From.ID)
		case "from_name_point":
			return wire.String(d, &t.From.Name)
		case "from_address_point":
			return wire.String(d, &t.From.Address)
		case "id_to_point":
			return wire.ID(d, &t.To.ID)
		case "to_name_point":
			return wire.String(d, &t.To.Name)
		case "to_address_point":
			return wire.String(d, &t.To.Address)
		case "date_trip":
			return d.Date(wire.DMY, &t.Departure.Date)
		case "time_trip":
			return d.Time(wire.HM, &t.Departure.Time)
		case "date_arrival_trip":
			return d.OptDate(wire.DMY, &t.Arrival.Date)
		case "time_arrival_trip":
			return d.OptTime(wire.HM, &t.Arrival.Time)
		case "time_duration_trip":
			return wire.String(d, &t.Duration)
		case "count_available_seats_trip":
			return d.Int(&t.AvailableSeats)
		case "full_ticket_price":
			return adult.decode(d, &adult.base)
		case "markup_ticket_price":
			return adult.decode(d, &adult.fee)
		case "total_full_ticket_price":
			return adult.decodeTotal(d)
		case "child_ticket_price":
			return child.decode(d, &child.base)
		case "markup_child_price": // not markup_child_ticket_price
			return child.decode(d, &child.fee)
		case "total_child_ticket_price":
			return child.decodeTotal(d)
		case "name_ats":
			return wire.String(d, &t.Bus)
		case "kontr":
			return wire.List(d, &t.Carriers, (*Carrier).decode)
		default:
			return d.Skip()
		}
	}, "id_trip", "id_from_point", "id_to_point", "date_trip", "time_trip", "count_available_seats_trip")
	if err != nil {
		return err
	}
	if t.AvailableSeats < 0 {
		d.Fail("count_available_seats_trip", "is negative")
	}
	t.Arrival.settle()
	var adultRead, childRead bool
	t.Adult, adultRead = adult.fare()
	t.Child, childRead = child.fare()
	if adultRead && childRead {
		return nil
	}
	field := "total_full_ticket_price"
	if adultRead {
		field = "total_child_ticket_price"
	}
	const problem = "the total, the fare or the fee is missing or is not a price"
	if t.Adult.Price == "" && t.Child.Price == "" {
		d.Fail(field, problem)
		return nil
	}
	return warn(d, field, problem)
}

// warn reports a warning about a minor value.
func warn(d *wire.Decoder, field, problem string) error {
	return d.Minor(func(d *wire.Decoder) error {
		d.Fail(field, problem)
		return nil
	})
}

// fareAmounts are the three prices of a category as they were read.
type fareAmounts struct {
	base, fee decimal.NullDecimal
	total     Price
	bad       bool // one of them could not be read
}

// decode decodes the fare or the fee.
func (a *fareAmounts) decode(d *wire.Decoder, amount *decimal.NullDecimal) error {
	return a.separately(d, func(d *wire.Decoder) error { return d.OptAmount(amount) })
}

func (a *fareAmounts) decodeTotal(d *wire.Decoder) error {
	return a.separately(d, func(d *wire.Decoder) error { return wire.OptDigits(d, &a.total) })
}

// separately reads a price. If the price cannot be read, the trip can still be read.
func (a *fareAmounts) separately(d *wire.Decoder, read func(*wire.Decoder) error) error {
	bad, err := d.Apart(read)
	a.bad = a.bad || bad != nil
	return err
}

// fare returns the Fare. It is zero if tickets of the category are not sold: all prices
// are missing or zero. If the prices are not a fare, ok is false.
func (a fareAmounts) fare() (f Fare, ok bool) {
	sum, _ := wire.ParseDecimal(string(a.total))
	switch {
	case a.bad:
		return Fare{}, false
	case a.base.Decimal.IsZero() && a.fee.Decimal.IsZero() && sum.IsZero():
		return Fare{}, true
	case !a.base.Valid || !a.fee.Valid || !a.total.valid() || !sum.IsPositive():
		return Fare{}, false
	}
	return Fare{Base: a.base.Decimal, Fee: a.fee.Decimal, Total: sum, Price: a.total}, true
}

func (c *Carrier) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "name":
			return wire.String(d, &c.Name)
		case "inn":
			return wire.String(d, &c.INN)
		case "cash":
			return wire.String(d, &c.Cash)
		case "fio":
			return wire.String(d, &c.ContactName)
		case "phone":
			return wire.String(d, &c.Phone)
		case "address":
			return wire.String(d, &c.Address)
		case "mode":
			return wire.String(d, &c.WorkingHours)
		case "ogrn":
			return wire.String(d, &c.OGRN)
		case "license":
			return wire.String(d, &c.License)
		case "license_date":
			return wire.String(d, &c.LicenseDate)
		case "info":
			return wire.String(d, &c.LicenseAuthority)
		default:
			return d.Skip()
		}
	})
}

// TripStop is an intermediate stop of a trip.
type TripStop struct {
	// Departure is time_trip: when the trip leaves this stop. It is nil if it is missing.
	// The answer has no date, so the day is not known after midnight.
	Departure *civil.Time
	Name      string // name
}

type tripInfoParams struct {
	IDFromPoint string `url:"id_from_point"`
	IDToPoint   string `url:"id_to_point"`
	IDTrip      string `url:"id_trip"`
	TimeTrip    string `url:"time_trip"`
}

// TripStops lists the intermediate stops of a trip. The command has no parameter for the
// day of departure, so it is not sent. The answer must not be cached (manual, chapter 5). A
// stop that cannot be read is left out with a [rutravel.Warning].
//
// Regionbilet: GET trip_info
func (c *Client) TripStops(ctx context.Context, trip TripKey, opts ...rutravel.CallOption) ([]TripStop, error) {
	r := c.request(opTripInfo)
	trip.check(&r.Check, "")
	r.query.AddStruct(tripInfoParams{
		IDFromPoint: string(trip.From),
		IDToPoint:   string(trip.To),
		IDTrip:      string(trip.ID),
		TimeTrip:    wire.FormatTime(wire.HM, trip.Departure.Time),
	})
	return call(ctx, c, r, foundOf((*TripStop).decode, nil), judgeList, opts)
}

func (s *TripStop) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "time_trip":
			return d.OptTime(wire.HM, &s.Departure)
		case "name":
			return wire.String(d, &s.Name)
		default:
			return d.Skip()
		}
	}, "name")
}

type freeSeatsParams struct {
	IDFromPoint string `url:"id_from_point"`
	IDToPoint   string `url:"id_to_point"`
	IDTrip      string `url:"id_trip"`
	DateTrip    string `url:"date_trip"`
	TimeTrip    string `url:"time_trip"`
}

// FreeSeats lists the seats of a trip that are free now, in the supplier's order. The list
// is empty if there are none. The answer must not be cached (manual, chapter 8). A seat
// that cannot be read is left out with a [rutravel.Warning].
//
// Regionbilet: GET trip_free_seats
func (c *Client) FreeSeats(ctx context.Context, trip TripKey, opts ...rutravel.CallOption) ([]Seat, error) {
	r := c.request(opFreeSeats)
	trip.check(&r.Check, "")
	r.query.AddStruct(freeSeatsParams{
		IDFromPoint: string(trip.From),
		IDToPoint:   string(trip.To),
		IDTrip:      string(trip.ID),
		DateTrip:    wire.FormatDate(wire.DMY, trip.Departure.Date),
		TimeTrip:    wire.FormatTime(wire.HM, trip.Departure.Time),
	})
	groups, err := call(ctx, c, r, foundOf((*seatGroup).decode, nil), judgeList, opts)
	if err != nil {
		return nil, err
	}
	var seats []Seat
	for _, g := range groups {
		for _, seat := range g {
			if !slices.Contains(seats, seat) {
				seats = append(seats, seat)
			}
		}
	}
	return seats, nil
}

// seatGroup is an element of the answer. It has seat numbers with "^" between them.
type seatGroup []Seat

func (g *seatGroup) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		if string(name) != "seats_trip" {
			return d.Skip()
		}
		var all string
		if err := wire.String(d, &all); err != nil {
			return err
		}
		return g.split(d, all)
	}, "seats_trip")
}

// split reads the seats in a text. A seat that is not UTF-8 is left out, because with
// replaced bytes it may be another seat.
func (g *seatGroup) split(d *wire.Decoder, all string) error {
	const problem = "has a seat that is not UTF-8"
	for number := range strings.SplitSeq(all, "^") {
		seat := strings.TrimSpace(number)
		if seat != "" && seat != "0" && !strings.ContainsRune(seat, utf8.RuneError) {
			*g = append(*g, Seat(seat))
		}
	}
	switch {
	case !strings.ContainsRune(all, utf8.RuneError):
		return nil
	case len(*g) == 0:
		d.Fail("", problem)
		return nil
	}
	return warn(d, "", problem)
}

// ChooseSeats picks n of the free seats. If there are n seats with consecutive numbers, it
// returns the lowest of these. Otherwise it returns the lowest n, and adjacent is false: ask
// the passengers before you book them. If fewer than n seats are free, the error is
// [rutravel.ErrSoldOut].
//
// The manual has no seat plan. The aisle may be between seats with consecutive numbers.
func ChooseSeats(free []Seat, n int) (seats []Seat, adjacent bool, err error) {
	if n < 1 || n > len(free) {
		e := &rutravel.Error{Supplier: "regionbilet", Op: operations[opFreeSeats].Key, Kind: rutravel.ErrSoldOut}
		if n < 1 {
			e.Kind, e.Err = rutravel.ErrInvalid, &rutravel.FieldError{Field: "n", Problem: "must be at least 1"}
		}
		return nil, false, e
	}
	free = slices.Clone(free)
	slices.SortStableFunc(free, func(a, b Seat) int { return cmp.Compare(a.number(), b.number()) })
	for i := range len(free) - n + 1 {
		if consecutive(free[i : i+n]) {
			return free[i : i+n], true, nil
		}
	}
	return free[:n], false, nil
}

// number returns the number of a seat. A seat whose name is not a number comes last.
func (s Seat) number() int {
	n, err := strconv.Atoi(string(s))
	if err != nil {
		return math.MaxInt
	}
	return n
}

func consecutive(seats []Seat) bool {
	for i, s := range seats[1:] {
		if before := seats[i].number(); before == math.MaxInt || s.number() != before+1 {
			return false
		}
	}
	return true
}
