package smartway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// TripService is the manual's chapter "Поездки": what was bought, by whatever
// way, and what became of it.
type TripService struct{ e *core }

// TripID identifies a trip: one or several services that were paid at once. It is
// not the id of a variant in a search.
type TripID string

// ItemID identifies a service of a trip.
type ItemID string

// VersionID identifies a version: the state of a service after its purchase, a
// change or its cancellation. Later ones have greater ids.
type VersionID int

// ServiceType is what was bought.
type ServiceType string

// The types of services.
const (
	ServiceAir      ServiceType = "Air"
	ServiceHotel    ServiceType = "Hotel"
	ServiceTrain    ServiceType = "Train"
	ServiceTransfer ServiceType = "Transfer"
)

// TripStatus is the state of a trip.
type TripStatus string

// The statuses.
const (
	TripBooked               TripStatus = "Booked"
	TripCancelled            TripStatus = "Cancelled"
	TripCompleted            TripStatus = "Completed"
	TripAwaitingConfirmation TripStatus = "AwaitingConfirmation" // a travel assistant has yet to confirm it by hand
)

// TripInfo is a trip in brief. Its dates have no zone: the check-ins and
// check-outs are presumably by the clock of the place.
type TripInfo struct {
	ID     TripID          // id
	Name   string          // name
	Status TripStatus      // status
	Amount decimal.Decimal // amount: roubles
	Booked civil.DateTime  `json:",omitzero"` // book_date
	Items  []TripInfoItem  // items
}

// TripInfoItem is a service of a trip in brief.
type TripInfoItem struct {
	ID       ItemID          // id: for [TripService.ItemVoucher]
	Type     ServiceType     // service_type
	Amount   decimal.Decimal // amount: roubles
	CheckIn  civil.DateTime  `json:",omitzero"` // checkin: departure, or arrival at the hotel
	CheckOut civil.DateTime  `json:",omitzero"` // checkout: arrival, or departure from the hotel
}

// Info returns a trip in brief.
//
// Smartway: POST trip.info
func (s TripService) Info(ctx context.Context, id TripID, opts ...rutravel.CallOption) (TripInfo, error) {
	var v valid.Check
	v.Number("id", string(id))
	return call(ctx, s.e, opTripInfo, json.Number(id), nil, v, func(d *wire.Decoder, t *TripInfo) error {
		err := t.decode(d)
		if t.ID != "" && t.ID != id {
			d.Fail("id", "another trip's")
		}
		return err
	}, opts)
}

func (t *TripInfo) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &t.ID)
		case "name":
			return wire.String(d, &t.Name)
		case "status":
			return wire.String(d, &t.Status)
		case "amount":
			return d.Decimal(&t.Amount)
		case "book_date":
			return d.OptDateTime(&t.Booked)
		case "items":
			return wire.List(d, &t.Items, (*TripInfoItem).decode)
		default:
			return d.Skip()
		}
	}, "id", "amount")
}

func (i *TripInfoItem) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &i.ID)
		case "service_type":
			return wire.String(d, &i.Type)
		case "amount":
			return d.Decimal(&i.Amount)
		case "checkin": // checkin_date in the other methods
			return d.OptDateTime(&i.CheckIn)
		case "checkout":
			return d.OptDateTime(&i.CheckOut)
		default:
			return d.Skip()
		}
	}, "id", "amount")
}

// Trip is a trip in all its parts. Its dates have no zone: those of booking and
// change are presumably Moscow's, the check-ins and check-outs by the clock of
// the place. The total is Amount; what stands in the items need not add up to
// it.
type Trip struct {
	ID         TripID          // id
	Name       string          // name
	Status     TripStatus      // status
	Amount     decimal.Decimal // amount: the manual names the rouble at [TripInfo] alone
	Booked     civil.DateTime  `json:",omitzero"` // book_date: when the trip was created
	LastChange civil.DateTime  `json:",omitzero"` // last_change_date
	CheckIn    civil.DateTime  `json:",omitzero"` // checkin_date: when it begins
	CheckOut   civil.DateTime  `json:",omitzero"` // checkout_date: when it ends
	Items      []Item          // items
}

// Item is a service of a trip in its present state.
type Item struct {
	ID         ItemID          // id: for [TripService.ItemVoucher]
	Request    RequestID       // request_id: of the travel request; "" if there is none
	Type       ServiceType     // service_type
	Status     ItemStatus      // status
	Booked     civil.DateTime  `json:",omitzero"` // book_date: when it was bought
	LastChange civil.DateTime  `json:",omitzero"` // last_change_date
	CheckIn    civil.DateTime  `json:",omitzero"` // checkin_date: departure, or arrival at the hotel
	CheckOut   civil.DateTime  `json:",omitzero"` // checkout_date: arrival, or departure from the hotel
	TravelTime time.Duration   // travel_time; 0 if it is not known
	Number     string          // number: of the ticket, or of the voucher of a hotel or transfer
	Details    ItemDetails     // info
	Company    Company         // company
	Project    string          // project: presumably its name; the manual describes another field here
	Travellers []TripTraveller // travellers
	Amount     decimal.Decimal // amount: presumably of this service
	VATs       []VAT           // vats: for accounts, take those of Versions; they differ in the samples
	Versions   []Version       // versions: all states so far
}

// Version is the state of a service after its purchase, a change or its
// cancellation.
type Version struct {
	ID           VersionID       // version_id: for [TripService.VersionVoucher]
	Item         ItemID          // item_id
	Trip         TripID          // trip_id: inside a trip only; "" if it is missing
	Type         ServiceType     // service_type
	Status       ItemStatus      // status
	Transactions []Transaction   // transaction_details
	Created      civil.DateTime  `json:",omitzero"` // event_date: of this version
	CheckIn      civil.DateTime  `json:",omitzero"` // checkin_date
	CheckOut     civil.DateTime  `json:",omitzero"` // checkout_date
	TravelTime   time.Duration   // travel_time; 0 if it is not known
	Number       string          // number
	Details      ItemDetails     // info
	Travellers   []TripTraveller // travellers
	Company      Company         // company
}

// ItemStatus is the state of a service.
type ItemStatus string

// The statuses.
const (
	ItemCreated   ItemStatus = "Created" // bought
	ItemChanged   ItemStatus = "Changed"
	ItemCancelled ItemStatus = "Cancelled"
)

// Transaction is a payment of a version. Which sign a refund or a penalty has is
// not documented: go by the type, and look at real ones before adding them up.
type Transaction struct {
	Type   TransactionType // type
	Amount decimal.Decimal // amount
	VATs   []VAT           // vats; empty if they are missing
}

// TransactionType is what was paid for.
type TransactionType string

// The types of transactions.
const (
	TransactionPurchase  TransactionType = "Booking"
	TransactionPenalty   TransactionType = "Penalty"
	TransactionSurcharge TransactionType = "Surcharge" // an extra payment
	TransactionRefund    TransactionType = "Return"
)

// VAT is a part of the value added tax.
type VAT struct {
	Rate   string              // vat_rate: "20%", "0%", "Без НДС"
	Amount decimal.NullDecimal // vat_amount; may be missing
}

// TripTraveller is a person who travels.
type TripTraveller struct {
	ExternalID ExternalID     // external_id: in the caller's system; "" if there is none
	Surname    string         // surname
	FirstName  string         // name
	MiddleName string         // patronymic; may be empty
	BirthDate  civil.Date     `json:",omitzero"` // birthday; zero if it is missing
	Sex        Sex            // sex; "" if it is missing
	Phone      string         // phone; may be missing
	Email      string         // email; may be missing
	Documents  []TripDocument // documents
}

// TripDocument is an identity document of a traveller.
type TripDocument struct {
	Type   DocumentType // type
	Number string       // number
}

// Company is the company in whose name a service was bought.
type Company struct {
	ID   CompanyID // id: inside versions only; "" if it is missing
	Name string    // name
	INN  INN       // inn
}

// ItemDetails are what is particular to a type of service.
type ItemDetails struct {
	Air      []AirRoute      // of a flight: its routes
	Hotel    *HotelStay      // of a hotel
	Train    *TrainRide      // of a train
	Transfer *TransferRide   // of a transfer
	Raw      json.RawMessage `json:",omitempty"` // of another type: as it came
}

// AirRoute is a way from one place to another by air.
type AirRoute struct {
	TravelTime time.Duration // travel_time
	Segments   []AirSegment  // segments
}

// AirSegment is a flight. Its times are by the clocks of the two places.
type AirSegment struct {
	From      Address        // place_depart
	Departure civil.DateTime `json:",omitzero"` // date_depart
	To        Address        // place_arrive
	Arrival   civil.DateTime `json:",omitzero"` // date_arrive
}

// Address is where a flight or a transfer begins or ends.
type Address struct {
	Country string // country
	City    string // city
	Place   string // place: an airport or an address
}

// HotelStay is a stay in a hotel.
type HotelStay struct {
	Name  string // hotel_name
	Stars string // stars: "4"
	City  string // city
	Room  string // room_category
}

// TrainRide is a journey by train.
type TrainRide struct {
	From string // station_depart
	To   string // station_arrive
}

// TransferRide is a journey by car.
type TransferRide struct {
	From  Address  // place_depart
	To    Address  // place_arrive
	Class CarClass // car_class
}

// CarClass is the class of a car.
type CarClass string

// The classes of cars.
const (
	CarUndefined       CarClass = "Undefined"
	CarStandard        CarClass = "Standart"
	CarComfort         CarClass = "Comfort"
	CarBusiness        CarClass = "Business"
	CarBusinessComfort CarClass = "BusinessComfort"
	CarMinivan         CarClass = "Minivan"
	CarMinibus         CarClass = "Minibus"
	CarExecutive       CarClass = "Executive"
)

// VersionQuery says which versions to list. The zero value is all.
type VersionQuery struct {
	INNs      []INN      // inn_companies: empty: of all companies
	Documents []string   // document_numbers: of travellers; empty: of all
	From      civil.Date `json:",omitzero"` // start_date: created on this day or later; zero: any
	To        civil.Date `json:",omitzero"` // end_date: created on this day or earlier; zero: any
	Start     VersionID  // start_id: this version and those after it; 0: all
}

// Versions lists versions. To go on later, ask from the greatest ID so far as
// Start and pass over that one, which comes again.
//
// Smartway: POST trip.versions
func (s TripService) Versions(ctx context.Context, q VersionQuery, opts ...rutravel.CallOption) ([]Version, error) {
	var v valid.Check
	checkCompanies(&v, "", q.INNs, nil)
	for i, n := range q.Documents {
		v.Text(fmt.Sprintf("Documents[%d]", i), n)
	}
	checkOptDate(&v, "From", q.From)
	checkOptDate(&v, "To", q.To)
	v.That(q.Start >= 0, "Start", "must not be negative")
	query := struct {
		INNCompanies    []string `json:"inn_companies"`
		DocumentNumbers []string `json:"document_numbers"`
		StartDate       string   `json:"start_date,omitempty"`
		EndDate         string   `json:"end_date,omitempty"`
		StartID         int      `json:"start_id,omitempty"`
	}{append([]string{}, strs(q.INNs)...), append([]string{}, q.Documents...), dateOrNothing(q.From), dateOrNothing(q.To), int(q.Start)}
	return call(ctx, s.e, opTripVersions, query, q.Documents, v, func(d *wire.Decoder, all *[]Version) error {
		return wire.List(d, all, (*Version).decode)
	}, opts)
}

// TripList is a part of the trips.
type TripList struct {
	Trips []Trip // trips
	// LastVersion is the greatest version of these trips: last_version_id. It is no
	// [Cursor]: trips that are not among these may have lesser ones.
	LastVersion VersionID
}

// DateRange is a range of days.
type DateRange struct {
	From civil.Date // start_date
	To   civil.Date // end_date: whether trips of this day are included is not documented
}

// Between lists the trips of a range of dates, which are, as it seems, those of
// booking or change.
//
// Smartway: POST trip.get_by_range
func (s TripService) Between(ctx context.Context, r DateRange, opts ...rutravel.CallOption) (TripList, error) {
	var v valid.Check
	v.Date("From", r.From)
	v.Date("To", r.To)
	v.That(!r.To.Before(r.From), "To", "must not be before From")
	query := struct {
		StartDate string `json:"start_date"`
		EndDate   string `json:"end_date"`
	}{date(r.From), date(r.To)}
	return call(ctx, s.e, opTripGetByRange, query, nil, v, decodeTrips, opts)
}

// OfRequest lists the trips that became of a travel request.
//
// Smartway: POST trip.get_by_request
func (s TripService) OfRequest(ctx context.Context, id RequestID, opts ...rutravel.CallOption) (TripList, error) {
	var v valid.Check
	v.Text("id", string(id))
	return call(ctx, s.e, opTripGetByRequest, string(id), nil, v, decodeTrips, opts)
}

func decodeTrips(d *wire.Decoder, l *TripList) error {
	var other failure
	err := d.Object(func(name []byte) error {
		switch string(name) {
		case "last_version_id": // null and 0: no trips
			var n int
			err := optInt(d, &n)
			l.LastVersion = VersionID(n)
			return err
		case "trips":
			return wire.List(d, &l.Trips, (*Trip).decode)
		default:
			return other.member(d, name)
		}
	}, "trips")
	if other.there() {
		d.Fail("trips", besideFailure)
	}
	return err
}

// LostQuery says what to look for after a purchase whose answer was lost: plain
// values that were there before the call, and can be stored.
type LostQuery struct {
	Passengers []Passenger // of the [BookRequest]
	// After is a cursor from before the call.
	After Cursor
	// Day, in place of After, is the day of the call: trips from the day before to
	// the day after are looked at. Whoever has no cursor yet asks by it.
	Day civil.Date `json:",omitzero"`
}

// Lost lists the trips that an [AirlineService.Book] may have bought whose answer
// was lost: those with flights for any of its passengers, who are known by their
// ids in the caller's system or by surname and first name, in either alphabet.
// They are candidates: the manual has nothing to tell a purchase by, and does not
// say that one becomes a single trip, so compare the passengers, the flights and
// the amount. Finding none proves nothing while the supplier may still be at work:
// ask again for some minutes. Book no second time before that.
//
// Smartway: POST trip.get_after_change, or trip.get_by_range with a Day
func (s TripService) Lost(ctx context.Context, q LostQuery, opts ...rutravel.CallOption) ([]Trip, error) {
	if err := s.check(q); err != nil {
		return nil, err
	}
	var found []Trip
	if !q.Day.IsZero() {
		list, err := s.Between(ctx, DateRange{q.Day.AddDays(-1), q.Day.AddDays(1)}, opts...)
		for _, t := range list.Trips {
			if t.carries(q.Passengers) {
				found = append(found, t)
			}
		}
		return found, err
	}
	for t, err := range s.AfterChange(ctx, q.After, opts...).All() {
		if err != nil {
			return found, err
		}
		if t.carries(q.Passengers) {
			found = append(found, t)
		}
	}
	return found, nil
}

func (s TripService) check(q LostQuery) error {
	var v valid.Check
	v.That(len(q.Passengers) > 0, "Passengers", "must not be empty")
	for i, p := range q.Passengers {
		v.That(wire.Fold(p.Surname) != "", fmt.Sprintf("Passengers[%d].Surname", i), "must not be empty")
		v.That(firstName(p.FirstName) != "", fmt.Sprintf("Passengers[%d].FirstName", i), "must not be empty")
	}
	v.That(q.After >= 0, "After", "must not be negative")
	v.That(q.After != 0 || !q.Day.IsZero(), "After", "must be set, unless Day is")
	v.That(q.After == 0 || q.Day.IsZero(), "Day", "must not be set beside After")
	checkOptDate(&v, "Day", q.Day)
	if v.Err() != nil {
		return s.e.line.Invalid(&operations[opTripGetAfterChange], v.Err())
	}
	return nil
}

// carries reports whether a trip has flights for any of the passengers. All of
// them need not be in one: a trip too many is seen, one too few is bought twice.
func (t Trip) carries(passengers []Passenger) bool {
	return slices.ContainsFunc(t.Items, func(i Item) bool {
		return i.Type == ServiceAir && slices.ContainsFunc(i.Travellers, func(t TripTraveller) bool {
			return slices.ContainsFunc(passengers, func(p Passenger) bool { return p.is(t) })
		})
	})
}

// is compares people by id or, if only their names agree, by these: the id and
// the birthday may be those that the supplier has had before.
func (p Passenger) is(t TripTraveller) bool {
	return t.ExternalID != "" && t.ExternalID == p.ID ||
		sameName(t, p.Surname, p.FirstName) || sameName(t, p.SurnameEng, p.FirstNameEng)
}

func sameName(t TripTraveller, surname, name string) bool {
	surname, name = wire.Fold(surname), firstName(name)
	return surname != "" && name != "" && wire.Fold(t.Surname) == surname && firstName(t.FirstName) == name
}

// firstName is the first of the names: the others, and the patronymic, may stand
// behind it, or not.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return wire.Fold(first)
}

// ItemVoucher returns the voucher of a service, a PDF.
//
// Smartway: POST trip.item_voucher
func (s TripService) ItemVoucher(ctx context.Context, id ItemID, opts ...rutravel.CallOption) ([]byte, error) {
	var v valid.Check
	v.Number("id", string(id))
	return call(ctx, s.e, opTripItemVoucher, json.Number(id), nil, v, decodeVoucher, opts)
}

// VersionVoucher returns the voucher of a version of a service, a PDF.
//
// Smartway: POST trip.version_voucher
func (s TripService) VersionVoucher(ctx context.Context, id VersionID, opts ...rutravel.CallOption) ([]byte, error) {
	var v valid.Check
	v.That(id > 0, "id", "must be positive")
	return call(ctx, s.e, opTripVersionVoucher, int(id), nil, v, decodeVoucher, opts)
}

func decodeVoucher(d *wire.Decoder, pdf *[]byte) error {
	return d.Object(func(name []byte) error {
		if string(name) != "content" {
			return d.Skip()
		}
		var content string
		if err := wire.String(d, &content); err != nil {
			return err
		}
		text := strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) { // lines are broken at times
				return -1
			}
			return r
		}, content)
		data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
		if err == nil && bytes.HasPrefix(data, []byte("%PDF-")) {
			*pdf = data
		} else {
			d.Fail("", "want a PDF in base64")
		}
		return nil
	}, "content")
}
