package bgoperator

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
)

// TouristID identifies a tourist of a booking: "102300000817246001".
type TouristID string

// PointID identifies a hotel, an airport or a city: "103940001962".
type PointID string

// VariantID identifies a variant of a transfer: "103825996892".
type VariantID string

// FlightID identifies a flight: "103162337682".
type FlightID string

// TransferDate is the date of a transfer in the supplier's form, DD.MM.YYYY. It goes back
// unchanged.
type TransferDate string

// Direction says whether a transfer goes to the point of its slot or from it.
type Direction string

// The manual's values of [Direction].
const (
	DirectionTo   Direction = "to"   // to the slot's point
	DirectionFrom Direction = "from" // from the slot's point
)

// PointType is the type of a point. Values that the manual does not list are kept.
type PointType string

// The manual's values of [PointType].
const (
	PointHotel   PointType = "h"
	PointAirport PointType = "a"
	PointCity    PointType = "c"
)

var pointTypeWords = map[PointType]string{PointHotel: "hotel", PointAirport: "airport", PointCity: "city"}

// String returns the English word, or the wire value if the manual does not list it.
func (t PointType) String() string { return cmp.Or(pointTypeWords[t], string(t)) }

// TransferType is the type of a transfer. Values that the manual does not list are kept.
type TransferType string

// The manual's values of [TransferType].
const (
	IndividualTransfer TransferType = "ind"
	GroupTransfer      TransferType = "grp"
)

var transferTypeWords = map[TransferType]string{IndividualTransfer: "individual", GroupTransfer: "group"}

// String returns the English word, or the wire value if the manual does not list it.
func (t TransferType) String() string { return cmp.Or(transferTypeWords[t], string(t)) }

// FlightDirection says whether a flight arrives before a transfer or departs after it.
type FlightDirection string

// The manual's values of [FlightDirection].
const (
	FlightArrival   FlightDirection = "a" // the transfer begins at the airport
	FlightDeparture FlightDirection = "d" // the transfer ends at the airport
)

var flightDirectionWords = map[FlightDirection]string{FlightArrival: "arrival", FlightDeparture: "departure"}

// String returns the English word, or the wire value if the manual does not list it.
func (d FlightDirection) String() string { return cmp.Or(flightDirectionWords[d], string(d)) }

// BookedTourist is a tourist of a booking with the transfers that are possible.
type BookedTourist struct {
	ID        TouristID      // person id
	FirstName string         // firstName
	Surname   string         // lastName
	BirthDate civil.Date     `json:",omitzero"` // birthday
	Slots     []TransferSlot // transferSlot
}

// TransferSlot is one journey for which a tourist can choose a transfer. The transfer is
// between the Point of the slot and the Point of the chosen Variant.
type TransferSlot struct {
	Direction Direction    // dir
	Point     PointID      // point
	PointType PointType    // ptype
	Date      TransferDate // date
	Variants  []Variant    // variant
}

// Variant is one of the possible transfers of a slot.
type Variant struct {
	ID        VariantID       // id
	Name      string          // the text of <variant>, for people
	Price     decimal.Decimal // price, in Currency; the manual does not say for how many tourists
	Currency  Currency        // currency
	Type      TransferType    // ttype
	Point     PointID         // point: the other point of the transfer
	PointType PointType       // ptype
	PID       string          // pid: the supplier's value, unchanged; "" in tours without a flight
}

// Transfer is a chosen variant, which [TransferSlot.Choose] returns. It may be stored as
// JSON.
type Transfer struct {
	Variant   VariantID    // variantId
	Date      TransferDate // date
	Direction Direction    // dir
	From, To  PointID      // pointFrom, pointTo
	PID       string       // pid

	// Airport is the airport at which the transfer begins or ends; "" if neither of its
	// points is an airport.
	Airport         PointID
	FlightDirection FlightDirection

	// Flight must be set to one of [Client.Flights] if there is an Airport. Otherwise it
	// must be empty.
	Flight Flight

	// Ref is your name of the transfer, which errors may contain; optional.
	Ref string // id
}

// Flight is the flight of a transfer.
type Flight struct {
	ID   FlightID // id
	Text string   // the text of <flight>, for people: "UN 651 (Y)#14.03.2015#10:45-14:25"

	// XML is the <flight> element of the answer. It goes back byte for byte, with all its
	// attributes, as the supplier requires. Do not read or change it.
	XML string
}

// Choose returns the transfer for a variant of the slot, with its points and the airport
// and direction of its flight. It returns false
//
//   - if the slot does not have exactly one such variant;
//   - if a value of the slot or variant is missing. This is possible in the slots that
//     [Client.TouristTransfers] returns with an error.
func (s TransferSlot) Choose(variant VariantID) (Transfer, bool) {
	var all []Variant
	for _, v := range s.Variants {
		if v.ID == variant {
			all = append(all, v)
		}
	}
	if len(all) != 1 || s.Direction != DirectionTo && s.Direction != DirectionFrom || s.Date == "" || variant == "" ||
		s.Point == "" || s.PointType == "" || all[0].Point == "" || all[0].PointType == "" {
		return Transfer{}, false
	}
	v := all[0]
	t := Transfer{Variant: v.ID, Date: s.Date, Direction: s.Direction, From: v.Point, To: s.Point, PID: v.PID}
	from, to := v.PointType, s.PointType
	if s.Direction == DirectionFrom {
		t.From, t.To = s.Point, v.Point
		from, to = to, from
	}
	if from == PointAirport {
		t.Airport, t.FlightDirection = t.From, FlightArrival
	} else if to == PointAirport {
		t.Airport, t.FlightDirection = t.To, FlightDeparture
	}
	return t, true
}

// ChosenTransfers has all transfers of one tourist for [Client.SetTransfers].
type ChosenTransfers struct {
	Tourist   TouristID
	Transfers []Transfer
}

// ChangedBooking is a booking with changed transfers. The manual describes this answer in
// two ways, so each field may be empty.
type ChangedBooking struct {
	ID     BookingID     // id
	Number BookingNumber // number
	Prices []Price       // sum: the new price in one or several currencies
}

// TouristTransfers returns the tourists of a booking and the transfers that are possible
// for each. It does not return the transfers that were chosen. It is the only call that
// returns the ids of tourists.
//
// With [rutravel.ErrProtocol], the tourists are returned as far as they could be read. If
// the ids of some tourists cannot be read, a [rutravel.RowsError] names these tourists, and
// the others are complete. Slots and variants that cannot be read are left out with a
// warning.
//
// Bgoperator: GET showtransfers
func (c *Client) TouristTransfers(ctx context.Context, booking BookingID, opts ...rutravel.CallOption) ([]BookedTourist, error) {
	decode := func(all *[]BookedTourist, r *reader, root *element) {
		for _, persons := range root.all("persons") {
			r.checkEcho(persons, "tourId", string(booking))
			rows(r, persons.all("person"), all, (*BookedTourist).decode, func(t *BookedTourist) string { return string(t.ID) })
		}
	}
	return call(ctx, c, bookingRequest(opTouristTransfers, booking, "tours"), decode, opts)
}

func (t *BookedTourist) decode(r *reader, e *element) {
	r.fields(e, func(name string, v value) {
		switch name {
		case "@id":
			id(r, v, &t.ID)
		case "firstName":
			t.FirstName = r.text(v)
		case "lastName":
			t.Surname = r.text(v)
		case "birthday":
			r.date(v, &t.BirthDate)
		}
	}, "@id")
	offers(r, e.all("transferSlot"), &t.Slots, (*TransferSlot).decode, func(*TransferSlot) string { return "" })
}

func (s *TransferSlot) decode(r *reader, e *element) {
	r.fields(e, func(name string, v value) {
		switch name {
		case "@dir":
			if s.Direction = Direction(r.text(v)); s.Direction != DirectionTo && s.Direction != DirectionFrom {
				r.fail(v.path(), "want to or from") // otherwise the points of a transfer would be mixed up
			}
		case "@point":
			id(r, v, &s.Point)
		case "@ptype":
			id(r, v, &s.PointType) // otherwise a transfer would have no flight
		case "@date":
			id(r, v, &s.Date)
		}
	}, "@dir", "@point", "@ptype", "@date")
	offers(r, e.all("variant"), &s.Variants, (*Variant).decode, func(v *Variant) string { return string(v.ID) })
}

func (v *Variant) decode(r *reader, e *element) {
	var price decimal.NullDecimal
	r.fields(e, func(name string, x value) {
		switch name {
		case "@id":
			id(r, x, &v.ID)
		case "@price":
			r.amount(x, &price)
		case "@currency":
			id(r, x, &v.Currency)
		case "@ttype":
			v.Type = TransferType(r.text(x))
		case "@point":
			id(r, x, &v.Point)
		case "@ptype":
			id(r, x, &v.PointType)
		case "@pid": // missing in tours without a flight
			if pid := e.rawAttr("pid"); strings.TrimSpace(pid) != "" {
				r.checkUnchanged(x, pid)
				v.PID = pid
			}
		}
	}, "@id", "@price", "@currency", "@point", "@ptype", "@pid?")
	v.Price = price.Decimal
	r.minor(func() { v.Name = r.text(value{e, ""}) })
}

// Flights returns the possible flights of a transfer on its date. They arrive at the
// airport at which the transfer begins, or depart from the airport at which it ends. The
// answer does not say which of them belongs to the tour. The Flight of t is ignored.
// Flights that cannot be read are left out with a warning.
//
// Bgoperator: GET showflightdata
func (c *Client) Flights(ctx context.Context, t Transfer, opts ...rutravel.CallOption) ([]Flight, error) {
	r := &request{op: opFlights, roots: []string{"tours"}}
	r.ID("t.Airport", string(t.Airport))
	r.ID("t.Date", string(t.Date))
	r.That(t.FlightDirection == FlightArrival || t.FlightDirection == FlightDeparture, "t.FlightDirection", "must be FlightArrival or FlightDeparture")
	r.addAction()
	r.query.Add("idAir", string(t.Airport))
	r.query.Add("dt", string(t.Date))
	r.query.Add("dir", string(t.FlightDirection))
	decode := func(all *[]Flight, r *reader, root *element) {
		var elements []*element
		for _, flights := range root.all("flights") {
			r.checkEcho(flights, "idAirport", string(t.Airport))
			r.checkEcho(flights, "date", string(t.Date))
			r.checkEcho(flights, "dir", string(t.FlightDirection))
			elements = append(elements, flights.all("flight")...)
		}
		offers(r, elements, all, (*Flight).decode, func(f *Flight) string { return string(f.ID) })
	}
	return call(ctx, c, r, decode, opts)
}

func (f *Flight) decode(r *reader, e *element) {
	r.fields(e, func(name string, v value) {
		if name == "@id" {
			id(r, v, &f.ID)
		}
	}, "@id")
	r.text(value{e, ""})
	r.checkUnchanged(value{e, ""}, e.raw)
	f.Text, f.XML = string(e.text), e.raw
}

// check checks that [Client.Flights] has returned the flight.
func (f Flight) check(r *request, field string) {
	e, err := parse([]byte(f.XML))
	r.That(err == nil && e.name == "flight" && len(e.children) == 0 && e.raw == f.XML &&
		f.ID != "" && FlightID(e.attr("id")) == f.ID && string(e.text) == f.Text,
		field, "must be a flight that Flights has returned")
}

// SetTransfers sets the transfers of a booking's tourists. They replace all transfers that
// these tourists had. The price of the booking changes. The manual does not say whether
// tourists who are not in the request keep their transfers ("Существующие трансферы будут
// заменены на новые, указанные в запросе"). So list every tourist who should have
// transfers.
//
// The request has the desired transfers, so it is sent again if an answer is lost. An error
// that is not a refusal, or [CodeTransfersGeneral], leaves open whether the transfers were
// changed. No call shows that. Make this call again with the same transfers until it
// succeeds. Do not send other transfers before it succeeds, because the supplier may carry
// out the older request last.
//
// A refusal with Attempts above 1 is the answer to the last attempt. An earlier attempt,
// whose answer was lost, may have been carried out. Transfers can be changed for a limited
// time ([CodeTooLateForTransfers]).
//
// Bgoperator: POST addtransfers
func (c *Client) SetTransfers(ctx context.Context, booking BookingID, tourists []ChosenTransfers, opts ...rutravel.CallOption) (ChangedBooking, error) {
	r := bookingRequest(opSetTransfers, booking, "tours", "status")
	r.body = new(writer)
	r.That(len(tourists) > 0, "tourists", "must not be empty")
	r.body.open("persons", attr{"tourId", string(booking)})
	for i, p := range tourists {
		field := fmt.Sprintf("tourists[%d].", i)
		r.ID(field+"Tourist", string(p.Tourist))
		r.That(!slices.ContainsFunc(tourists[:i], func(o ChosenTransfers) bool { return o.Tourist == p.Tourist }),
			field+"Tourist", "must not be given twice: all transfers of a tourist belong together")
		r.That(len(p.Transfers) > 0, field+"Transfers", "must not be empty")
		r.tourists = append(r.tourists, p.Tourist)
		r.body.open("person", attr{"id", string(p.Tourist)})
		for j, t := range p.Transfers {
			r.writeTransfer(fmt.Sprintf("%sTransfers[%d].", field, j), t)
		}
		r.body.close("person")
	}
	r.body.close("persons")
	return call(ctx, c, r, func(b *ChangedBooking, r *reader, root *element) { b.decode(r, root, booking) }, opts)
}

// invalidInXML reports whether XML cannot contain a character, not even as a character
// reference.
func invalidInXML(r rune) bool {
	return r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == '\ufffe' || r == '\uffff'
}

func (r *request) writeTransfer(field string, t Transfer) {
	r.ID(field+"Variant", string(t.Variant))
	r.ID(field+"Date", string(t.Date))
	r.ID(field+"From", string(t.From))
	r.ID(field+"To", string(t.To))
	r.That(t.Direction == DirectionTo || t.Direction == DirectionFrom, field+"Direction", "must be DirectionTo or DirectionFrom")
	r.OptText(field+"Ref", t.Ref)
	r.That(utf8.ValidString(t.PID) && !strings.ContainsFunc(t.PID, invalidInXML), field+"PID", "must be as Choose has set it")
	r.That(t.Airport == t.From && t.FlightDirection == FlightArrival || t.Airport == t.To && t.FlightDirection == FlightDeparture ||
		t.Airport == "" && t.FlightDirection == "", field+"Airport", "and FlightDirection must be as Choose has set them")
	r.That((t.Flight == Flight{}) == (t.Airport == ""), field+"Flight", "must be set if, and only if, there is an Airport")
	attrs := []attr{
		{"date", string(t.Date)}, {"variantId", string(t.Variant)},
		{"pointFrom", string(t.From)}, {"pointTo", string(t.To)}, {"dir", string(t.Direction)},
	}
	if t.Ref != "" {
		attrs = append(attrs, attr{"id", t.Ref})
	}
	if t.PID != "" {
		attrs = append(attrs, attr{"pid", t.PID})
	}
	r.body.open("transferSlot", attrs...)
	if (t.Flight != Flight{}) {
		t.Flight.check(r, field+"Flight")
		r.body.raw(t.Flight.XML)
	}
	r.body.close("transferSlot")
}

// decode accepts three kinds of answers: the price, which the manual's text promises; the id
// and number, which the chapter that it refers to shows; and the OK of the other changes.
func (b *ChangedBooking) decode(r *reader, root *element, asked BookingID) {
	if root.name == "status" {
		decodeOK(nil, r, root)
		return
	}
	found := false
	for _, e := range root.children {
		if e.name != "tour" {
			continue
		}
		if found {
			r.fail(e.path(), "is there twice")
			break
		}
		found = true
		var t tourAnswer
		t.decode(r, e)
		if t.id != "" && t.id != asked {
			r.fail(e.path()+"/id", "differs from the request")
		}
		*b = ChangedBooking{ID: t.id, Number: t.number, Prices: t.prices(r)}
	}
	if b.ID == "" && len(b.Prices) == 0 {
		r.fail(root.path(), "neither an id nor a price")
	}
}
