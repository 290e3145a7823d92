package smartway

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Airlines searches and buys flights. It is the manual's chapter "Авиабилеты". [Trips]
// has what was bought.
type Airlines struct{ core *core }

// IATA is the code of an airport, or of a city with several airports. It has three
// letters.
type IATA string

// Airport is an airport, or a city with several airports.
type Airport struct {
	Code    IATA          // code
	Name    BilingualName // name_rus, name_eng
	City    BilingualName // city
	Country BilingualName // country
}

// BilingualName is a name in two languages.
type BilingualName struct {
	Russian string // name_rus
	English string // name_eng
}

// Airports lists the airports whose city, name or code begins with prefix. An airport
// without a readable code is left out with a [rutravel.Warning].
//
// Smartway: POST airline.airport_autocomplete
func (s Airlines) Airports(ctx context.Context, prefix string, opts ...rutravel.CallOption) ([]Airport, error) {
	r := &request{op: opAirlineAirportAutocomplete, query: prefix}
	r.Text("prefix", prefix)
	return call(ctx, s.core, r, foundOf((*Airport).decode, (*Airport).id), nil, opts)
}

func (a *Airport) id() string { return string(a.Code) }

func (a *Airport) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "code":
			return wire.ID(d, &a.Code)
		case "name_rus":
			return wire.String(d, &a.Name.Russian)
		case "name_eng":
			return wire.String(d, &a.Name.English)
		case "city":
			return wire.Part(d, &a.City, (*BilingualName).decode)
		case "country":
			return wire.Part(d, &a.Country, (*BilingualName).decode)
		default:
			return d.Skip()
		}
	}, "code")
}

func (n *BilingualName) decode(d *wire.Decoder) error {
	if !d.Nested() {
		return wire.String(d, &n.Russian)
	}
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "name_rus":
			return wire.String(d, &n.Russian)
		case "name_eng":
			return wire.String(d, &n.English)
		default:
			return d.Skip()
		}
	})
}

// CabinClass is a cabin class. A search has one.
type CabinClass string

// Cabin classes.
const (
	CabinEconomy  CabinClass = "Econom"
	CabinBusiness CabinClass = "Business"
	CabinFirst    CabinClass = "First"
)

// BaggageFilter limits a search to fares with or without baggage.
type BaggageFilter string

// Filters of a search by baggage.
const (
	AnyBaggage         BaggageFilter = "all"
	BaggageIncluded    BaggageFilter = "included"
	BaggageNotIncluded BaggageFilter = "not_included" // also finds flights whose baggage is not known
)

// FlightQuery has the conditions of [Airlines.Search].
type FlightQuery struct {
	Class      CabinClass    // class
	DirectOnly bool          // direct: only flights without a change of planes
	Baggage    BaggageFilter // baggage
	Travellers int           // travelers: 1 to [MaxTravellers]
	Routes     []RouteQuery  // routes: one, two for a return trip, or more
}

// MaxTravellers is the highest number of travellers in a search or purchase.
const MaxTravellers = 6

// RouteQuery is one route of a [FlightQuery].
type RouteQuery struct {
	From IATA       // departure
	To   IATA       // arrival
	Date civil.Date // date: day of departure
}

// SearchID identifies the results of a search. The manual does not say how long it is
// valid: search right before the purchase.
type SearchID string

// VariantID identifies a variant among the results of one search. It is not the id of the
// trip that is bought.
type VariantID string

// FareID identifies a fare of a variant.
type FareID string

// FlightOffers is the result of a search.
type FlightOffers struct {
	Search   SearchID   // search_id: for [PurchaseRequest]
	Class    CabinClass // class: in the manual's sample, not in its table
	Variants []Variant  // trips
}

// Variant is a combination of flights for all routes of a search.
type Variant struct {
	ID       VariantID       // id: for [PurchaseRequest]
	Price    decimal.Decimal // price: roubles; the manual does not say whether for one traveller or for all
	Duration time.Duration   // duration: of all flights
	Routes   []FlightRoute   // routes
	Fares    []Fare          // fares
}

// FlightRoute is one route of a variant.
type FlightRoute struct {
	Duration time.Duration   // duration
	Segments []FlightSegment // segments
}

// FlightSegment is a flight without a change of planes. Departure and Arrival are local
// times of two places, so their difference is not the duration.
type FlightSegment struct {
	FlightNumber string        // flight_number: without the airline's code
	Airline      IATAName      // airline
	Aircraft     string        // aircraft_name
	Seats        int           // available_seats
	ChangeTime   time.Duration // change_duration: time for the change of planes, if above 0; the manual names no unit, presumably seconds
	From         SegmentEnd    // departure_…
	To           SegmentEnd    // arrival_…
	Departure    civil.DateTime
	Arrival      civil.DateTime
}

// SegmentEnd is where a segment begins or ends.
type SegmentEnd struct {
	Country  string   // …_country
	City     IATAName // …_city: in the sample it has the code of the airport
	Airport  IATAName // …_airport
	Terminal string   // …_terminal; "" if it is not known
}

// IATAName is the IATA code and the name of an airport, a city or an airline.
type IATAName struct {
	Code string // id: the IATA code; "" if the answer has only the name
	Name string // name
}

// Availability says whether a service is part of a fare, costs extra or is not
// offered.
type Availability string

// Availabilities of a service.
const (
	FareIncluded   Availability = "Included"
	FareCharged    Availability = "Charge"     // for extra payment
	FareNotOffered Availability = "NotOffered" // not available on this flight
	FareNotDefined Availability = "NotDefined" // the carrier gave no information
)

// Fare is a fare of a variant. The manual's "after departure" means after check-in has
// closed, which is earlier.
type Fare struct {
	ID      FareID          // id: for [PurchaseRequest]; "" if there is none
	Name    string          // name
	Default bool            // is_default: the base fare, which is the cheapest of the variant
	Price   decimal.Decimal // price: presumably roubles; for one traveller or for all, as in [Variant]

	CarryOn              Availability // is_carryon_included
	CarryOnLimits        string       // carryon_places: in words; may be empty
	Baggage              Availability // is_baggage_included
	BaggageLimits        string       // baggage_places: pieces, weight and size in words; may be empty
	BaggageAtAirport     Availability // can_buy_baggage: extra baggage, paid for at the airport
	Refund               Availability // is_ticket_refundable: until check-in closes
	RefundAfterCheckIn   Availability // is_ticket_refundable_after_departure: after check-in has closed
	Change               Availability // is_ticket_changeable: of date or time, until check-in closes
	ChangeAfterCheckIn   Availability // is_ticket_changeable_after_departure: after check-in has closed
	SeatChoice           Availability // can_registration_seat
	BusinessLounge       Availability // is_business_hall_included
	Internet             Availability // have_internet_access
	PriorityRegistration Availability // is_priority_registration
	PriorityBaggage      Availability // is_priority_baggage_reception
	Upgrade              Availability // can_upgrade_rate
	BonusMiles           string       // airline_bonus_information: in words; may be empty

	RefundConditions map[string]Availability // refund_ticket_with_condition: keys are texts of conditions
	ChangeConditions map[string]Availability // change_ticket_with_condition: keys are texts of conditions
	Services         map[string]Availability // additional_services: keys are texts of services
}

type searchQuery struct {
	Class     string        `json:"class"`
	Direct    bool          `json:"direct"`
	Baggage   string        `json:"baggage"`
	Travelers int           `json:"travelers"`
	Routes    []searchRoute `json:"routes"`
}

type searchRoute struct {
	Departure string `json:"departure"`
	Arrival   string `json:"arrival"`
	Date      string `json:"date"`
}

// Search finds flights. A variant or fare whose id, price, times or seats cannot be read
// is left out with a [rutravel.Warning]. A variant is also left out if none of its fares
// can be read. If no variant can be read, the error is [rutravel.ErrProtocol].
//
// Smartway: POST airline.search
func (s Airlines) Search(ctx context.Context, f FlightQuery, opts ...rutravel.CallOption) (FlightOffers, error) {
	query := searchQuery{Class: string(f.Class), Direct: f.DirectOnly, Baggage: string(f.Baggage), Travelers: f.Travellers}
	for _, route := range f.Routes {
		query.Routes = append(query.Routes, searchRoute{string(route.From), string(route.To), date(route.Date)})
	}
	r := &request{op: opAirlineSearch, query: query}
	f.check(&r.Check)
	return call(ctx, s.core, r, resultOf((*FlightOffers).decode), nil, opts)
}

func (f FlightQuery) check(v *valid.Check) {
	v.ID("Class", string(f.Class))
	v.ID("Baggage", string(f.Baggage))
	v.That(f.Travellers >= 1 && f.Travellers <= MaxTravellers, "Travellers", "must be 1 to 6")
	v.That(len(f.Routes) > 0, "Routes", "must not be empty")
	for i, route := range f.Routes {
		at := fmt.Sprintf("Routes[%d].", i)
		route.From.check(v, at+"From")
		route.To.check(v, at+"To")
		v.Date(at+"Date", route.Date)
	}
}

func (c IATA) check(v *valid.Check, field string) {
	const letters = 3
	v.ID(field, string(c))
	v.That(len([]rune(string(c))) == letters, field, "must have three letters")
}

func (o *FlightOffers) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "search_id":
			return wire.ID(d, &o.Search)
		case "class":
			return wire.String(d, &o.Class)
		case "trips":
			return wire.Found(d, &o.Variants, (*Variant).decode, (*Variant).id)
		default:
			return d.Skip()
		}
	}, "search_id", "trips")
}

func (t *Variant) id() string { return string(t.ID) }

func (t *Variant) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &t.ID)
		case "duration":
			return decodeDuration(d, time.Second, &t.Duration)
		case "price":
			return d.Amount(&t.Price)
		case "routes":
			return wire.List(d, &t.Routes, (*FlightRoute).decode)
		case "fares":
			return wire.Found(d, &t.Fares, (*Fare).decode, (*Fare).id)
		default:
			return d.Skip()
		}
	}, "id", "duration?", "price", "routes?", "fares?")
}

func (r *FlightRoute) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "duration":
			return decodeDuration(d, time.Second, &r.Duration)
		case "segments":
			return wire.List(d, &r.Segments, (*FlightSegment).decode)
		default:
			return d.Skip()
		}
	}, "duration?", "segments?")
}

func (s *FlightSegment) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "flight_number":
			return wire.String(d, &s.FlightNumber)
		case "airline":
			return wire.Part(d, &s.Airline, (*IATAName).decode)
		case "aircraft_name":
			return wire.String(d, &s.Aircraft)
		case "available_seats":
			return decodeOptInt(d, &s.Seats)
		case "change_duration":
			return decodeDuration(d, time.Second, &s.ChangeTime)
		case "departure_time": // local time
			return d.UnixClock(&s.Departure)
		case "departure_country":
			return wire.String(d, &s.From.Country)
		case "departure_city":
			return wire.Part(d, &s.From.City, (*IATAName).decode)
		case "departure_airport":
			return wire.Part(d, &s.From.Airport, (*IATAName).decode)
		case "departure_terminal":
			return wire.String(d, &s.From.Terminal)
		case "arrival_time": // local time
			return d.UnixClock(&s.Arrival)
		case "arrival_country":
			return wire.String(d, &s.To.Country)
		case "arrival_city":
			return wire.Part(d, &s.To.City, (*IATAName).decode)
		case "arrival_airport":
			return wire.Part(d, &s.To.Airport, (*IATAName).decode)
		case "arrival_terminal":
			return wire.String(d, &s.To.Terminal)
		default:
			return d.Skip()
		}
	}, "available_seats?", "change_duration?", "departure_time", "arrival_time")
}

// decode reads {id, name} or a text: cities are texts in the manual's table.
func (p *IATAName) decode(d *wire.Decoder) error {
	if !d.Nested() {
		return wire.String(d, &p.Name)
	}
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.String(d, &p.Code)
		case "name":
			return wire.String(d, &p.Name)
		default:
			return d.Skip()
		}
	})
}

func (f *Fare) id() string { return string(f.ID) }

func (f *Fare) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id": // null if there is none
			return wire.OptID(d, &f.ID)
		case "name":
			return wire.String(d, &f.Name)
		case "is_default":
			return d.OptFlag(&f.Default)
		case "price":
			return d.Amount(&f.Price)
		case "is_carryon_included":
			return wire.String(d, &f.CarryOn)
		case "carryon_places":
			return wire.String(d, &f.CarryOnLimits)
		case "is_baggage_included":
			return wire.String(d, &f.Baggage)
		case "baggage_places":
			return wire.String(d, &f.BaggageLimits)
		case "can_buy_baggage":
			return wire.String(d, &f.BaggageAtAirport)
		case "is_ticket_refundable":
			return wire.String(d, &f.Refund)
		case "is_ticket_refundable_after_departure": // after check-in has closed
			return wire.String(d, &f.RefundAfterCheckIn)
		case "refund_ticket_with_condition":
			return decodeAvailabilities(&f.RefundConditions, d)
		case "is_ticket_changeable":
			return wire.String(d, &f.Change)
		case "is_ticket_changeable_after_departure": // after check-in has closed
			return wire.String(d, &f.ChangeAfterCheckIn)
		case "change_ticket_with_condition":
			return decodeAvailabilities(&f.ChangeConditions, d)
		case "can_registration_seat":
			return wire.String(d, &f.SeatChoice)
		case "is_business_hall_included":
			return wire.String(d, &f.BusinessLounge)
		case "have_internet_access":
			return wire.String(d, &f.Internet)
		case "is_priority_registration":
			return wire.String(d, &f.PriorityRegistration)
		case "is_priority_baggage_reception":
			return wire.String(d, &f.PriorityBaggage)
		case "can_upgrade_rate":
			return wire.String(d, &f.Upgrade)
		case "airline_bonus_information":
			return wire.String(d, &f.BonusMiles)
		case "additional_services":
			return wire.Part(d, &f.Services, decodeAvailabilities)
		default:
			return d.Skip()
		}
	}, "id?", "is_default?", "price", "refund_ticket_with_condition?", "change_ticket_with_condition?")
}

// decodeAvailabilities reads a dictionary. An empty one is nil.
func decodeAvailabilities(p *map[string]Availability, d *wire.Decoder) error {
	*p = nil
	return d.Map(func(name []byte) error {
		if *p == nil {
			*p = map[string]Availability{}
		}
		key := string(name)
		var v Availability
		err := wire.String(d, &v)
		(*p)[key] = v
		return err
	})
}

// decodeDuration reads a number of units. It may be missing.
func decodeDuration(d *wire.Decoder, unit time.Duration, p *time.Duration) error {
	var n int
	err := decodeOptInt(d, &n)
	const longest = 10 * 365 * 24 * time.Hour
	if n < 0 || n > int(longest/unit) {
		d.Fail("", "want a duration")
		return err
	}
	*p = time.Duration(n) * unit
	return err
}

// decodeOptInt reads a whole number. A missing one is 0.
func decodeOptInt(d *wire.Decoder, p *int) error {
	var n *int
	err := d.OptInt(&n)
	if n != nil {
		*p = *n
	}
	return err
}
