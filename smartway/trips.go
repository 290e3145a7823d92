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

// Trips lists what was bought, through the API or otherwise, with all changes. It is the
// manual's chapter "Поездки".
type Trips struct{ core *core }

// TripID identifies a trip: one or more services that were paid together. It is not the id
// of a variant in a search.
type TripID string

// ItemID identifies a service of a trip.
type ItemID string

// VersionID identifies a version: the state of a service after its purchase, a change or
// its cancellation. Later versions have greater ids.
type VersionID int

// ServiceType is the type of a service.
type ServiceType string

// Types of services.
const (
	ServiceAir      ServiceType = "Air"
	ServiceHotel    ServiceType = "Hotel"
	ServiceTrain    ServiceType = "Train"
	ServiceTransfer ServiceType = "Transfer"
)

// TripStatus is the status of a trip.
type TripStatus string

// Statuses of trips.
const (
	TripBooked               TripStatus = "Booked"
	TripCancelled            TripStatus = "Cancelled"
	TripCompleted            TripStatus = "Completed"
	TripAwaitingConfirmation TripStatus = "AwaitingConfirmation" // a travel assistant must confirm it
)

// TripInfo is the summary of a trip. Its times have no zone: check-in and check-out are
// presumably in local time.
type TripInfo struct {
	ID     TripID          // id
	Name   string          // name
	Status TripStatus      // status
	Amount decimal.Decimal // amount: roubles
	Booked civil.DateTime  `json:",omitzero"` // book_date
	Items  []TripInfoItem  // items
}

// TripInfoItem is the summary of a service of a trip.
type TripInfoItem struct {
	ID       ItemID          // id: for [Trips.ItemVoucher]
	Type     ServiceType     // service_type
	Amount   decimal.Decimal // amount: roubles
	CheckIn  civil.DateTime  `json:",omitzero"` // checkin: departure, or arrival at the hotel
	CheckOut civil.DateTime  `json:",omitzero"` // checkout: arrival, or departure from the hotel
}

// Info returns the summary of a trip.
//
// Smartway: POST trip.info
func (s Trips) Info(ctx context.Context, id TripID, opts ...rutravel.CallOption) (TripInfo, error) {
	r := &request{op: opTripInfo, query: json.Number(id)}
	r.Number("id", string(id))
	return call(ctx, s.core, r, func(d *wire.Decoder, t *TripInfo) error {
		err := t.decode(d)
		if t.ID != "" && t.ID != id {
			d.Fail("id", "belongs to another trip")
		}
		return err
	}, nil, opts)
}

func (t *TripInfo) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
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
	}, "id", "status?", "amount", "items?")
}

func (i *TripInfoItem) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &i.ID)
		case "service_type":
			return wire.String(d, &i.Type)
		case "amount":
			return d.Decimal(&i.Amount)
		case "checkin": // checkin_date in other methods
			return d.OptDateTime(&i.CheckIn)
		case "checkout":
			return d.OptDateTime(&i.CheckOut)
		default:
			return d.Skip()
		}
	}, "id", "amount")
}

// Trip is a trip with all details. Its times have no zone: Booked and LastChange are
// presumably in Moscow's zone, check-in and check-out in local time. Amount is the total.
// The amounts of the items may have another sum.
type Trip struct {
	ID         TripID          // id
	Name       string          // name
	Status     TripStatus      // status
	Amount     decimal.Decimal // amount: presumably roubles; the manual names a currency only for [TripInfo]
	Booked     civil.DateTime  `json:",omitzero"` // book_date: when the trip was created
	LastChange civil.DateTime  `json:",omitzero"` // last_change_date
	CheckIn    civil.DateTime  `json:",omitzero"` // checkin_date: when it begins
	CheckOut   civil.DateTime  `json:",omitzero"` // checkout_date: when it ends
	Items      []TripItem      // items
}

// TripItem is the current state of a service of a trip.
type TripItem struct {
	ID         ItemID          // id: for [Trips.ItemVoucher]
	Request    RequestID       // request_id; "" if there is no travel request
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
	Project    string          // project: presumably the name; the manual describes another field here
	Travellers []TripTraveller // travellers
	Amount     decimal.Decimal // amount: presumably of this service
	VATs       []VAT           // vats: for accounting, use those of Versions; they differ in the samples
	Versions   []ItemVersion   // versions: all states until now
}

// ItemVersion is the state of a service after its purchase, a change or its
// cancellation.
type ItemVersion struct {
	ID           VersionID       // version_id: for [Trips.VersionVoucher]
	Item         ItemID          // item_id
	Trip         TripID          // trip_id: only inside a trip; "" if it is missing
	Type         ServiceType     // service_type
	Status       ItemStatus      // status
	Transactions []Transaction   // transaction_details
	Created      civil.DateTime  `json:",omitzero"` // event_date: creation of this version
	CheckIn      civil.DateTime  `json:",omitzero"` // checkin_date
	CheckOut     civil.DateTime  `json:",omitzero"` // checkout_date
	TravelTime   time.Duration   // travel_time; 0 if it is not known
	Number       string          // number
	Details      ItemDetails     // info
	Travellers   []TripTraveller // travellers
	Company      Company         // company
}

// ItemStatus is the status of a service.
type ItemStatus string

// Statuses of services.
const (
	ItemCreated   ItemStatus = "Created" // bought
	ItemChanged   ItemStatus = "Changed"
	ItemCancelled ItemStatus = "Cancelled"
)

// Transaction is a payment of a version. The manual does not say which sign a refund or a
// penalty has. Use the type, and check real transactions before you add amounts.
type Transaction struct {
	Type   TransactionType // type
	Amount decimal.Decimal // amount
	VATs   []VAT           // vats; empty if they are missing
}

// TransactionType is the reason for a payment.
type TransactionType string

// Types of transactions.
const (
	TransactionPurchase  TransactionType = "Booking"
	TransactionPenalty   TransactionType = "Penalty"
	TransactionSurcharge TransactionType = "Surcharge" // an extra payment
	TransactionRefund    TransactionType = "Return"
)

// VAT is the value added tax at one rate.
type VAT struct {
	Rate   string              // vat_rate: "20%", "0%", "Без НДС"
	Amount decimal.NullDecimal // vat_amount; may be missing
}

// TripTraveller is a traveller of a service.
type TripTraveller struct {
	ExternalID ExternalID     // external_id: the id in the caller's system; "" if there is none
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

// Company is the company that bought a service.
type Company struct {
	ID   CompanyID // id: only inside versions; "" if it is missing
	Name string    // name
	INN  INN       // inn
}

// ItemDetails has the details of a service. One field is set, which depends on its type.
type ItemDetails struct {
	Air      []AirRoute      // routes of a flight
	Hotel    *HotelStay      // hotel
	Train    *TrainRide      // train
	Transfer *TransferRide   // transfer
	Raw      json.RawMessage `json:",omitempty"` // another type: the JSON of the answer
}

// AirRoute is one route of a flight.
type AirRoute struct {
	TravelTime time.Duration // travel_time
	Segments   []AirSegment  // segments
}

// AirSegment is a flight without a change of planes. Its times are local times of the two
// places.
type AirSegment struct {
	From      TripPlace      // place_depart
	Departure civil.DateTime `json:",omitzero"` // date_depart
	To        TripPlace      // place_arrive
	Arrival   civil.DateTime `json:",omitzero"` // date_arrive
}

// TripPlace is the place where a flight or a transfer begins or ends.
type TripPlace struct {
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
	From  TripPlace // place_depart
	To    TripPlace // place_arrive
	Class CarClass  // car_class
}

// CarClass is the class of a car.
type CarClass string

// Classes of cars.
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

// HasNews reports whether the trip has a version that is not among the stored ones. It
// also returns true if the trip has no services, or if a service has no versions or a
// version whose id could not be read. A trip can also change without a new version: compare
// its Status, Amount and LastChange with the stored values.
func (t Trip) HasNews(stored []VersionID) bool {
	return len(t.Items) == 0 || slices.ContainsFunc(t.Items, func(i TripItem) bool {
		return len(i.Versions) == 0 || slices.ContainsFunc(i.Versions, func(v ItemVersion) bool {
			return v.ID == 0 || !slices.Contains(stored, v.ID)
		})
	})
}

// VersionQuery has the conditions of [Trips.Versions]. The zero value lists all versions.
type VersionQuery struct {
	INNs      []INN      // inn_companies: empty: all companies
	Documents []string   // document_numbers: documents of travellers; empty: all travellers
	From      civil.Date `json:",omitzero"` // start_date: created on this day or later; zero: any day
	To        civil.Date `json:",omitzero"` // end_date: created on this day or earlier; zero: any day
	Start     VersionID  // start_id: this version and later ones; 0: all
}

// Versions lists versions. To continue later, set Start to the greatest ID so far, and skip
// this version, which comes again.
//
// If some versions cannot be read, Versions returns the others and an error with a
// [*rutravel.RowsError] in its chain.
//
// Smartway: POST trip.versions
func (s Trips) Versions(ctx context.Context, q VersionQuery, opts ...rutravel.CallOption) ([]ItemVersion, error) {
	q.Documents = each(q.Documents, valid.Trim)
	query := struct {
		INNCompanies    []string `json:"inn_companies"`
		DocumentNumbers []string `json:"document_numbers"`
		StartDate       string   `json:"start_date,omitempty"`
		EndDate         string   `json:"end_date,omitempty"`
		StartID         int      `json:"start_id,omitempty"`
	}{append([]string{}, strs(q.INNs)...), append([]string{}, q.Documents...), dateOrNothing(q.From), dateOrNothing(q.To), int(q.Start)}
	r := &request{op: opTripVersions, query: query, private: q.Documents}
	checkCompanies(&r.Check, "", q.INNs, nil)
	for i, n := range q.Documents {
		r.Text(fmt.Sprintf("Documents[%d]", i), n)
	}
	checkOptDate(&r.Check, "From", q.From)
	checkOptDate(&r.Check, "To", q.To)
	r.That(q.Start >= 0, "Start", "must not be negative")
	return readable(call(ctx, s.core, r, rowsOf((*ItemVersion).decode, (*ItemVersion).id), nil, opts))
}

// TripList is a list of trips. If some trips cannot be read, the call returns the others
// and an error with a [*rutravel.RowsError] in its chain.
type TripList struct {
	Trips []Trip // trips
	// LastVersion is the greatest version of these trips: last_version_id. It is not a
	// [Cursor]: trips outside this list may have lower versions.
	LastVersion VersionID
}

// DateRange is a range of days.
type DateRange struct {
	From civil.Date // start_date
	To   civil.Date // end_date: the manual does not say whether this day is included
}

// Between lists the trips of a range of days. The days are presumably those of purchases
// or changes.
//
// Smartway: POST trip.get_by_range
func (s Trips) Between(ctx context.Context, days DateRange, opts ...rutravel.CallOption) (TripList, error) {
	return readableTrips(call(ctx, s.core, days.request(opTripGetByRange), resultOf((*TripList).decode), nil, opts))
}

// allBetween lists the trips of a range of days. Trips that could not be read are among
// them, as far as they were read.
func (s Trips) allBetween(ctx context.Context, days DateRange, opts []rutravel.CallOption) (TripList, error) {
	return call(ctx, s.core, days.request(opTripGetByRange), resultOf((*TripList).decode), nil, opts)
}

// request returns a request for the trips of a range of days.
func (r DateRange) request(op int) *request {
	query := struct {
		StartDate string `json:"start_date"`
		EndDate   string `json:"end_date"`
	}{date(r.From), date(r.To)}
	q := &request{op: op, query: query}
	q.Date("From", r.From)
	q.Date("To", r.To)
	q.That(!r.To.Before(r.From), "To", "must not be before From")
	return q
}

// OfRequest lists the trips that were bought for a travel request.
//
// Smartway: POST trip.get_by_request
func (s Trips) OfRequest(ctx context.Context, id RequestID, opts ...rutravel.CallOption) (TripList, error) {
	r := &request{op: opTripGetByRequest, query: string(id)}
	checkID(&r.Check, "id", string(id))
	return readableTrips(call(ctx, s.core, r, resultOf((*TripList).decode), nil, opts))
}

func readableTrips(list TripList, err error) (TripList, error) {
	list.Trips = wire.Readable(list.Trips, err)
	return list, err
}

func (l *TripList) decode(d *wire.Decoder) error {
	var f failure
	err := d.Object(func(name []byte) error {
		switch string(name) {
		case "last_version_id": // null and 0: no trips
			var n int
			err := decodeOptInt(d, &n)
			l.LastVersion = VersionID(n)
			return err
		case "trips":
			return wire.Rows(d, &l.Trips, (*Trip).decode, (*Trip).id)
		default:
			return f.member(d, name)
		}
	}, "trips")
	if f.found() {
		d.Fail("trips", incomplete)
	}
	return err
}

// ItemVoucher returns the voucher of a service as a PDF.
//
// Smartway: POST trip.item_voucher
func (s Trips) ItemVoucher(ctx context.Context, id ItemID, opts ...rutravel.CallOption) ([]byte, error) {
	r := &request{op: opTripItemVoucher, query: json.Number(id)}
	r.Number("id", string(id))
	return call(ctx, s.core, r, decodeVoucher, nil, opts)
}

// VersionVoucher returns the voucher of a version of a service as a PDF.
//
// Smartway: POST trip.version_voucher
func (s Trips) VersionVoucher(ctx context.Context, id VersionID, opts ...rutravel.CallOption) ([]byte, error) {
	r := &request{op: opTripVersionVoucher, query: int(id)}
	r.That(id > 0, "id", "must be positive")
	return call(ctx, s.core, r, decodeVoucher, nil, opts)
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
			if unicode.IsSpace(r) { // there may be line breaks
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
