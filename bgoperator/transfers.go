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

// TransferDate is the date of a transfer as the supplier writes it, DD.MM.YYYY;
// it goes back unchanged.
type TransferDate string

// Direction says on which side of a transfer the point of its slot is.
type Direction string

// The directions of the manual.
const (
	DirectionTo   Direction = "to"   // to the slot's point
	DirectionFrom Direction = "from" // from the slot's point
)

// PointType says what a point is. Values that the manual does not list are kept.
type PointType string

// The types of points of the manual.
const (
	PointHotel   PointType = "h"
	PointAirport PointType = "a"
	PointCity    PointType = "c"
)

var pointTypeWords = map[PointType]string{PointHotel: "hotel", PointAirport: "airport", PointCity: "city"}

// String returns the English word, or the wire value if the manual does not
// list it.
func (t PointType) String() string { return cmp.Or(pointTypeWords[t], string(t)) }

// TransferType is individual or group. Values that the manual does not list are
// kept.
type TransferType string

// The types of transfers of the manual.
const (
	IndividualTransfer TransferType = "ind"
	GroupTransfer      TransferType = "grp"
)

var transferTypeWords = map[TransferType]string{IndividualTransfer: "individual", GroupTransfer: "group"}

// String returns the English word, or the wire value if the manual does not
// list it.
func (t TransferType) String() string { return cmp.Or(transferTypeWords[t], string(t)) }

// FlightDirection says whether a flight brings to a transfer or follows it.
type FlightDirection string

// The directions of flights of the manual.
const (
	FlightArrival   FlightDirection = "a" // the transfer begins at the airport
	FlightDeparture FlightDirection = "d" // the transfer ends at the airport
)

var flightDirectionWords = map[FlightDirection]string{FlightArrival: "arrival", FlightDeparture: "departure"}

// String returns the English word, or the wire value if the manual does not
// list it.
func (d FlightDirection) String() string { return cmp.Or(flightDirectionWords[d], string(d)) }

// BookedTourist is a tourist of a booking, with the transfers that are possible.
type BookedTourist struct {
	ID        TouristID      // person id
	FirstName string         // firstName
	Surname   string         // lastName
	BirthDate civil.Date     `json:",omitzero"` // birthday
	Slots     []TransferSlot // transferSlot
}

// TransferSlot is an occasion for a transfer. One of the transfer's two points is
// the slot's, the other the variant's.
type TransferSlot struct {
	Direction Direction    // dir
	Point     PointID      // point
	PointType PointType    // ptype
	Date      TransferDate // date
	Variants  []Variant    // variant
}

// Variant is one of the transfers that are possible in a slot.
type Variant struct {
	ID        VariantID       // id
	Name      string          // the text of <variant>, to be shown
	Price     decimal.Decimal // price, in Currency; the manual does not say for how many tourists
	Currency  Currency        // currency
	Type      TransferType    // ttype
	Point     PointID         // point: the other point of the transfer
	PointType PointType       // ptype
	PID       string          // pid: the supplier's, as it came; "" in tours without a flight
}

// Transfer is a variant that was chosen; [TransferSlot.Choose] fills it in. It
// survives being stored as JSON.
type Transfer struct {
	Variant   VariantID    // variantId
	Date      TransferDate // date
	Direction Direction    // dir
	From, To  PointID      // pointFrom, pointTo
	PID       string       // pid

	// Airport is the one that the transfer begins or ends at; "" if neither of
	// its points is an airport.
	Airport         PointID
	FlightDirection FlightDirection

	// Flight is for the caller to choose from [Client.Flights]. It stays empty if
	// there is no Airport.
	Flight Flight

	// Ref is the caller's own name of the transfer, to find it by in errors;
	// optional.
	Ref string // id
}

// Flight is a flight that a transfer belongs to.
type Flight struct {
	ID   FlightID // id
	Text string   // its text, to be shown: "UN 651 (Y)#14.03.2015#10:45-14:25"

	// XML is the <flight> element as it came. It goes back byte for byte, with
	// all its attributes, as the supplier asks; nothing is to be read out of it.
	XML string
}

// Choose chooses a variant of the slot. Which points and which flights that
// means follows from both. It reports false if the slot has no such variant, or
// several, or if it is unknown where one of the two is, as it may be in what
// [Client.TouristTransfers] returns next to an error.
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

// ChosenTransfers are all transfers that one tourist is to have, for
// [Client.SetTransfers].
type ChosenTransfers struct {
	Tourist   TouristID
	Transfers []Transfer
}

// ChangedBooking is a booking whose transfers were changed, with its new price.
// The manual describes this answer in two ways, so each field may be empty.
type ChangedBooking struct {
	ID     BookingID     // id
	Number BookingNumber // number
	Prices []Price       // sum
}

// TouristTransfers lists the tourists of a booking and the transfers that are possible
// for each. Which ones were chosen is not said. It is the only call that tells
// the ids of tourists.
//
// With [rutravel.ErrProtocol] the tourists are returned as far as they could be
// read. If some of them have no id that can be read, a [rutravel.RowsError] names
// those, and the others are complete. Slots and variants that cannot be read are
// left out with a warning.
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
	found(r, e.all("transferSlot"), &t.Slots, (*TransferSlot).decode, func(*TransferSlot) string { return "" })
}

func (s *TransferSlot) decode(r *reader, e *element) {
	r.fields(e, func(name string, v value) {
		switch name {
		case "@dir":
			if s.Direction = Direction(r.text(v)); s.Direction != DirectionTo && s.Direction != DirectionFrom {
				r.fail(v.path(), "want to or from") // or a transfer's points would be mixed up
			}
		case "@point":
			id(r, v, &s.Point)
		case "@ptype":
			id(r, v, &s.PointType) // or a transfer would go without its flight
		case "@date":
			id(r, v, &s.Date)
		}
	}, "@dir", "@point", "@ptype", "@date")
	found(r, e.all("variant"), &s.Variants, (*Variant).decode, func(v *Variant) string { return string(v.ID) })
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

// Flights lists the flights that a chosen transfer can belong to: those that
// arrive at the airport that it begins at, or depart from the one that it ends
// at, on its date. The answer does not say which of them is the tour's own. The
// Flight of t is not looked at. Flights that cannot be read are left out with a
// warning.
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
		found(r, elements, all, (*Flight).decode, func(f *Flight) string { return string(f.ID) })
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

// check checks that a flight is one that [Client.Flights] has returned.
func (f Flight) check(r *request, field string) {
	e, err := parse([]byte(f.XML))
	r.That(err == nil && e.name == "flight" && len(e.children) == 0 && e.raw == f.XML &&
		f.ID != "" && FlightID(e.attr("id")) == f.ID && string(e.text) == f.Text,
		field, "must be a flight that Flights has returned")
}

// SetTransfers gives a booking's tourists the transfers that are listed. They take
// the place of those that were there: all that a tourist had are gone. Whether
// tourists who are not listed keep theirs, the manual does not say ("Существующие
// трансферы будут заменены на новые, указанные в запросе"): list every one who
// shall have any. The price changes.
//
// A request names the whole of what shall be, so sending it twice changes
// nothing: it is retried when an answer is lost. An error that is not a refusal, or
// [CodeTransfersGeneral], leaves open whether the transfers were changed, and no
// call tells: make this one again with the same set, and no other set before
// that has succeeded, or the supplier may carry out the older one last. A refusal
// with Attempts above 1 speaks of the last attempt alone; an earlier one, whose
// answer was lost, may have been carried out. What was chosen can be changed for
// a limited time ([CodeTooLateForTransfers]).
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

// invalidInXML reports whether XML cannot hold a character, not even as a
// character reference.
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

// decode accepts the price, which the manual's text promises, the id and number,
// which the chapter that it refers to shows, and the OK of the other changes.
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
			r.fail(e.path()+"/id", "is not what was asked for")
		}
		*b = ChangedBooking{ID: t.id, Number: t.number, Prices: t.prices(r)}
	}
	if b.ID == "" && len(b.Prices) == 0 {
		r.fail(root.path(), "neither an id nor a price")
	}
}
