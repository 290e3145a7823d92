package smartway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// AirlineService is the manual's chapter "Авиабилеты": flights are searched and
// bought. How one that was bought is found, paid for and used is in the chapter
// of [TripService].
type AirlineService struct{ e *core }

// IATA is the code of an airport or of a city with several, three letters long.
type IATA string

// Airport is an airport, or a city with several.
type Airport struct {
	Code    IATA // code
	Name    Name // name_rus, name_eng
	City    Name // city
	Country Name // country
}

// Name is a name in two languages.
type Name struct {
	Russian string // name_rus
	English string // name_eng
}

// Airports lists the airports of which the city, the name or the code begins
// with a text.
//
// Smartway: POST airline.airport_autocomplete
func (s AirlineService) Airports(ctx context.Context, prefix string, opts ...rutravel.CallOption) ([]Airport, error) {
	var v valid.Check
	v.Text("prefix", prefix)
	return call(ctx, s.e, opAirlineAirportAutocomplete, prefix, nil, v, func(d *wire.Decoder, all *[]Airport) error {
		return wire.List(d, all, (*Airport).decode)
	}, opts)
}

func (a *Airport) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "code":
			return wire.ID(d, &a.Code)
		case "name_rus":
			return wire.String(d, &a.Name.Russian)
		case "name_eng":
			return wire.String(d, &a.Name.English)
		case "city":
			return a.City.decode(d)
		case "country":
			return a.Country.decode(d)
		default:
			return d.Skip()
		}
	}, "code")
}

func (n *Name) decode(d *wire.Decoder) error {
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

// Class is a cabin class. A search is for one.
type Class string

// The classes.
const (
	ClassEconomy  Class = "Econom"
	ClassBusiness Class = "Business"
	ClassFirst    Class = "First"
)

// Baggage limits a search by what the fare includes.
type Baggage string

// The limits.
const (
	AnyBaggage         Baggage = "all"
	BaggageIncluded    Baggage = "included"
	BaggageNotIncluded Baggage = "not_included" // also finds flights of which it is not known
)

// FlightQuery says which flights to search.
type FlightQuery struct {
	Class      Class   // class
	DirectOnly bool    // direct: without a change of planes
	Baggage    Baggage // baggage
	Travellers int     // travelers: 1 to [MaxTravellers]
	Routes     []Route // routes: one, or there and back, or more
}

// MaxTravellers is how many may fly at most.
const MaxTravellers = 6

// Route is a flight to be searched.
type Route struct {
	From IATA       // departure
	To   IATA       // arrival
	Date civil.Date // date: of the departure
}

// SearchID identifies the results of a search. For how long is not documented:
// search again right before booking.
type SearchID string

// VariantID identifies a variant among the results of one search. It is not the
// id of the trip that becomes of it.
type VariantID string

// FareID identifies a fare of a variant.
type FareID string

// FlightOffers are the results of a search.
type FlightOffers struct {
	Search   SearchID  // search_id: for [BookRequest]
	Class    Class     // class: in the manual's sample, not in its table
	Variants []Variant // trips
}

// Variant is a way to fly all routes that were asked for.
type Variant struct {
	ID       VariantID       // id: for [BookRequest]
	Price    decimal.Decimal // price: roubles, for all travellers as far as is known
	Duration time.Duration   // duration: of all flights
	Routes   []FlightRoute   // routes
	Fares    []Fare          // fares
}

// FlightRoute is one route of a variant.
type FlightRoute struct {
	Duration time.Duration // duration
	Segments []Segment     // segments
}

// Segment is a flight without a change of planes. Departure and Arrival are the
// clocks of two places: their difference is not how long it takes.
type Segment struct {
	FlightNumber string        // flight_number: without the airline's code
	Airline      Place         // airline
	Aircraft     string        // aircraft_name
	Seats        int           // available_seats
	ChangeTime   time.Duration // change_duration: time for the change of planes, if it is more than 0; the manual names no unit, seconds are assumed
	From         Stop          // departure_…
	To           Stop          // arrival_…
	Departure    civil.DateTime
	Arrival      civil.DateTime
}

// Stop is one end of a segment.
type Stop struct {
	Country  string // …_country
	City     Place  // …_city: the ID seen is the airport's
	Airport  Place  // …_airport
	Terminal string // …_terminal; "" if it is not known
}

// Place is a thing with a IATA code: an airport, a city, an airline.
type Place struct {
	ID   string // id; "" if only the name is written
	Name string // name
}

// Offered is whether a service is part of a fare.
type Offered string

// How services are offered.
const (
	FareIncluded   Offered = "Included"
	FareCharged    Offered = "Charge"     // for extra payment
	FareNotOffered Offered = "NotOffered" // not available on this flight
	FareNotDefined Offered = "NotDefined" // the carrier gave no information
)

// Fare is a fare of a variant. What the manual calls "after departure" is after
// the check-in has closed, which is earlier.
type Fare struct {
	ID      FareID          // id: for [BookRequest]; "" if there is none
	Name    string          // name
	Default bool            // is_default: the base fare, the cheapest of the variant
	Price   decimal.Decimal // price: roubles

	CarryOn              Offered // is_carryon_included
	CarryOnLimits        string  // carryon_places: in words; may be empty
	Baggage              Offered // is_baggage_included
	BaggageLimits        string  // baggage_places: pieces, weight and size in words; may be empty
	BaggageAtAirport     Offered // can_buy_baggage: extra baggage, paid for at the airport
	Refund               Offered // is_ticket_refundable: until check-in closes
	RefundAfterCheckIn   Offered // is_ticket_refundable_after_departure: after check-in has closed
	Change               Offered // is_ticket_changeable: of date or time, until check-in closes
	ChangeAfterCheckIn   Offered // is_ticket_changeable_after_departure: after check-in has closed
	SeatChoice           Offered // can_registration_seat
	BusinessLounge       Offered // is_business_hall_included
	Internet             Offered // have_internet_access
	PriorityRegistration Offered // is_priority_registration
	PriorityBaggage      Offered // is_priority_baggage_reception
	Upgrade              Offered // can_upgrade_rate
	BonusMiles           string  // airline_bonus_information: in words; may be empty

	RefundConditions map[string]Offered // refund_ticket_with_condition: by the condition in words
	ChangeConditions map[string]Offered // change_ticket_with_condition: by the condition in words
	Services         map[string]Offered // additional_services: by the service in words
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

// Search finds flights.
//
// Smartway: POST airline.search
func (s AirlineService) Search(ctx context.Context, f FlightQuery, opts ...rutravel.CallOption) (FlightOffers, error) {
	query := searchQuery{Class: string(f.Class), Direct: f.DirectOnly, Baggage: string(f.Baggage), Travelers: f.Travellers}
	var v valid.Check
	v.ID("Class", string(f.Class))
	v.ID("Baggage", string(f.Baggage))
	v.That(f.Travellers >= 1 && f.Travellers <= MaxTravellers, "Travellers", "must be 1 to 6")
	v.That(len(f.Routes) > 0, "Routes", "must not be empty")
	for i, r := range f.Routes {
		at := fmt.Sprintf("Routes[%d].", i)
		r.From.check(&v, at+"From")
		r.To.check(&v, at+"To")
		v.Date(at+"Date", r.Date)
		query.Routes = append(query.Routes, searchRoute{string(r.From), string(r.To), date(r.Date)})
	}
	return call(ctx, s.e, opAirlineSearch, query, nil, v, func(d *wire.Decoder, o *FlightOffers) error { return o.decode(d) }, opts)
}

func (c IATA) check(v *valid.Check, field string) {
	const letters = 3
	v.ID(field, string(c))
	v.That(len([]rune(string(c))) == letters, field, "must have three letters")
}

func (o *FlightOffers) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "search_id":
			return wire.ID(d, &o.Search)
		case "class":
			return wire.String(d, &o.Class)
		case "trips":
			return wire.List(d, &o.Variants, (*Variant).decode)
		default:
			return d.Skip()
		}
	}, "search_id", "trips")
}

func (t *Variant) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &t.ID)
		case "duration":
			return duration(d, time.Second, &t.Duration)
		case "price":
			return d.Decimal(&t.Price)
		case "routes":
			return wire.List(d, &t.Routes, (*FlightRoute).decode)
		case "fares":
			return wire.List(d, &t.Fares, (*Fare).decode)
		default:
			return d.Skip()
		}
	}, "id", "price")
}

func (r *FlightRoute) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "duration":
			return duration(d, time.Second, &r.Duration)
		case "segments":
			return wire.List(d, &r.Segments, (*Segment).decode)
		default:
			return d.Skip()
		}
	})
}

func (s *Segment) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "flight_number":
			return wire.String(d, &s.FlightNumber)
		case "airline":
			return s.Airline.decode(d)
		case "aircraft_name":
			return wire.String(d, &s.Aircraft)
		case "available_seats":
			return optInt(d, &s.Seats)
		case "change_duration":
			return duration(d, time.Second, &s.ChangeTime)
		case "departure_time": // the local clock
			return d.UnixClock(&s.Departure)
		case "departure_country":
			return wire.String(d, &s.From.Country)
		case "departure_city":
			return s.From.City.decode(d)
		case "departure_airport":
			return s.From.Airport.decode(d)
		case "departure_terminal":
			return wire.String(d, &s.From.Terminal)
		case "arrival_time": // the local clock
			return d.UnixClock(&s.Arrival)
		case "arrival_country":
			return wire.String(d, &s.To.Country)
		case "arrival_city":
			return s.To.City.decode(d)
		case "arrival_airport":
			return s.To.Airport.decode(d)
		case "arrival_terminal":
			return wire.String(d, &s.To.Terminal)
		default:
			return d.Skip()
		}
	}, "departure_time", "arrival_time")
}

// decode reads {id, name}; cities are texts in the manual's table.
func (p *Place) decode(d *wire.Decoder) error {
	if !d.Nested() {
		return wire.String(d, &p.Name)
	}
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.String(d, &p.ID)
		case "name":
			return wire.String(d, &p.Name)
		default:
			return d.Skip()
		}
	})
}

func (f *Fare) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id": // null if there is none
			return wire.String(d, &f.ID)
		case "name":
			return wire.String(d, &f.Name)
		case "is_default":
			return d.OptFlag(&f.Default)
		case "price":
			return d.Decimal(&f.Price)
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
			return offers(d, &f.RefundConditions)
		case "is_ticket_changeable":
			return wire.String(d, &f.Change)
		case "is_ticket_changeable_after_departure": // after check-in has closed
			return wire.String(d, &f.ChangeAfterCheckIn)
		case "change_ticket_with_condition":
			return offers(d, &f.ChangeConditions)
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
			return offers(d, &f.Services)
		default:
			return d.Skip()
		}
	}, "price")
}

// offers reads a dictionary; one that is empty is nil.
func offers(d *wire.Decoder, p *map[string]Offered) error {
	*p = nil
	return d.Map(func(name []byte) error {
		if *p == nil {
			*p = map[string]Offered{}
		}
		key := string(name)
		var v Offered
		err := wire.String(d, &v)
		(*p)[key] = v
		return err
	})
}

// duration reads a number of units that may be missing.
func duration(d *wire.Decoder, unit time.Duration, p *time.Duration) error {
	var n int
	err := optInt(d, &n)
	const longest = 10 * 365 * 24 * time.Hour
	if n < 0 || n > int(longest/unit) {
		d.Fail("", "want a duration")
		return err
	}
	*p = time.Duration(n) * unit
	return err
}

// optInt reads a whole number; 0 if it is missing.
func optInt(d *wire.Decoder, p *int) error {
	var n *int
	err := d.OptInt(&n)
	if n != nil {
		*p = *n
	}
	return err
}

// BookRequest says which variant to buy, and for whom.
type BookRequest struct {
	Search     SearchID    // item.search_id
	Variant    VariantID   // item.trip_id
	Fare       FareID      // item.fare_id: always that of the fare that was chosen; "" if it has none
	Passengers []Passenger // employees: 1 to [MaxTravellers], as many as were searched for
}

// Passenger is an employee for whom a ticket is bought.
type Passenger struct {
	ID            ExternalID       // id
	Phone         string           // phone: +7XXXXXXXXXX
	Surname       string           // surname
	FirstName     string           // name
	MiddleName    string           // patronymic; empty if there is none
	SurnameEng    string           // surname_e: in Latin letters
	FirstNameEng  string           // name_e
	MiddleNameEng string           // patronymic_e; empty if there is none
	Email         string           // email
	Citizenship   string           // citizenship: two letters
	BirthDate     civil.Date       `json:",omitzero"` // birthday; not needed by [TripService.Lost]
	Sex           Sex              // sex
	Cards         []LoyaltyCard    // airline_bonuses; may be empty
	Passports     []TravelDocument // passports

	// The company to which the ticket is billed: INN or Company. Company counts
	// if both are set.
	INN     INN       // companies_inn
	Company CompanyID // company_id
}

// LoyaltyCard is an airline's loyalty card.
type LoyaltyCard struct {
	Airline string // iata
	Number  string // number
}

// TravelDocument is a document of a passenger. The manual shows it in a sample
// alone, with one selected: which one counts if none is, or several are,
// it does not say, so select one.
type TravelDocument struct {
	Type     DocumentType // type
	Number   string       // number
	Expiry   civil.Date   `json:",omitzero"` // due_date; zero: none
	Selected bool         // selected: to fly with this one
}

// The members stand in the order of the manual's sample.
type bookQuery struct {
	Item struct {
		SearchID string      `json:"search_id"`
		TripID   json.Number `json:"trip_id"`
		FareID   string      `json:"fare_id,omitempty"`
	} `json:"item"`
	Employees []bookEmployee `json:"employees"`
}

type bookEmployee struct {
	ID             string         `json:"id"`
	Phone          string         `json:"phone"`
	Surname        string         `json:"surname"`
	Name           string         `json:"name"`
	Patronymic     string         `json:"patronymic"` // required, unlike patronymic_e
	SurnameE       string         `json:"surname_e"`
	NameE          string         `json:"name_e"`
	PatronymicE    string         `json:"patronymic_e,omitempty"`
	Email          string         `json:"email"`
	Citizenship    string         `json:"citizenship"`
	Birthday       string         `json:"birthday"`
	Sex            string         `json:"sex"`
	AirlineBonuses []airlineBonus `json:"airline_bonuses,omitempty"`
	Passports      []passport     `json:"passports"`
	CompaniesINN   string         `json:"companies_inn,omitempty"`
	CompanyID      string         `json:"company_id,omitempty"`
}

type airlineBonus struct {
	IATA   string `json:"iata"`
	Number string `json:"number"`
}

type passport struct {
	Number   string  `json:"number"`
	DueDate  *string `json:"due_date"`
	Type     string  `json:"type"`
	Selected bool    `json:"selected"`
}

// BookingID identifies a purchase that is under way.
type BookingID string

// Book buys tickets at once, and bills them: there is no step to confirm, no
// price to agree to, and no method to cancel or refund. It returns before they
// are bought; [AirlineService.Wait] waits until they are. Compare the amount of
// [TripService.Info] with the price that was shown, and search right before.
//
// Any error but [rutravel.ErrNotConfirmed] means that nothing was bought: the
// booking was not sent, or the supplier refused it with a code that says so.
//
// The call is sent once; detach it from a user's request. With
// [rutravel.ErrNotConfirmed] the tickets may have been bought. If a BookingID is
// returned beside the error, ask [AirlineService.Wait] about it, and see that the
// trip has the right passengers: the answer may have been another's, or no id.
// If that does not find it, or there is none, ask [TripService.Lost], which
// needs nothing but the passengers and a cursor or a day from before the call:
// store them before it. Do not book again before it has found nothing for a good
// while: the purchase runs on after the line is lost, and a trip that is not
// listed yet proves nothing.
//
// Smartway: POST airline.book
func (s AirlineService) Book(ctx context.Context, b BookRequest, opts ...rutravel.CallOption) (BookingID, error) {
	var query bookQuery
	query.Item.SearchID, query.Item.TripID, query.Item.FareID = string(b.Search), json.Number(b.Variant), string(b.Fare)
	var private []string
	for _, p := range b.Passengers {
		query.Employees = append(query.Employees, p.request())
		private = append(private, p.private()...)
	}
	return call(ctx, s.e, opAirlineBook, query, private, b.check(), func(d *wire.Decoder, id *BookingID) error {
		err := token(d, id, "the id of a booking")
		if !isUUID(string(*id)) { // kept beside the error: it may be an id after all
			d.Fail("", "want a UUID")
		}
		if *id == notFound {
			*id = ""
		}
		return err
	}, opts)
}

// isUUID reports whether a text has the shape of the ids that the manual shows.
func isUUID(text string) bool {
	const shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(text) != len(shape) {
		return false
	}
	for i, c := range []byte(text) {
		if shape[i] == '-' {
			if c != '-' {
				return false
			}
		} else if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// token reads a text without spaces; others are no ids, but words.
func token[T ~string](d *wire.Decoder, p *T, want string) error {
	const longest = 100 // bytes
	err := wire.ID(d, p)
	for _, c := range []byte(*p) {
		if c <= ' ' || c > '~' || len(*p) > longest {
			*p = ""
			d.Fail("", "want "+want)
			break
		}
	}
	return err
}

func (p Passenger) request() bookEmployee {
	e := bookEmployee{
		ID: string(p.ID), Phone: p.Phone, Surname: p.Surname, Name: p.FirstName, Patronymic: p.MiddleName,
		SurnameE: p.SurnameEng, NameE: p.FirstNameEng, PatronymicE: p.MiddleNameEng, Email: p.Email, Citizenship: p.Citizenship,
		Birthday: date(p.BirthDate), Sex: map[Sex]string{Male: "man", Female: "woman"}[p.Sex],
		CompaniesINN: string(p.INN), CompanyID: string(p.Company),
	}
	for _, c := range p.Cards {
		e.AirlineBonuses = append(e.AirlineBonuses, airlineBonus{c.Airline, c.Number})
	}
	for _, d := range p.Passports {
		kind := string(d.Type)
		switch d.Type {
		case DomesticPassport:
			kind = "DomesticPassport"
		case ForeignPassport:
			kind = "ForeignPassport"
		}
		e.Passports = append(e.Passports, passport{d.Number, optDate(d.Expiry), kind, d.Selected})
	}
	return e
}

func (p Passenger) private() []string {
	private := []string{
		p.Phone, p.Surname, p.FirstName, p.MiddleName, p.SurnameEng, p.FirstNameEng, p.MiddleNameEng, p.Email, dateOrNothing(p.BirthDate),
	}
	for _, c := range p.Cards {
		private = append(private, c.Number)
	}
	for _, d := range p.Passports {
		private = append(private, d.Number, dateOrNothing(d.Expiry))
	}
	return private
}

func (b BookRequest) check() (v valid.Check) {
	v.ID("Search", string(b.Search))
	v.Number("Variant", string(b.Variant))
	v.OptText("Fare", string(b.Fare))
	v.That(len(b.Passengers) >= 1 && len(b.Passengers) <= MaxTravellers, "Passengers", "must be 1 to 6")
	for i, p := range b.Passengers {
		at := fmt.Sprintf("Passengers[%d].", i)
		v.Text(at+"ID", string(p.ID))
		v.That(!slices.ContainsFunc(b.Passengers[:i], func(other Passenger) bool { return other.ID == p.ID }),
			at+"ID", "must not be another passenger's too")
		for _, f := range []struct{ name, value string }{
			{"Phone", p.Phone}, {"Surname", p.Surname}, {"FirstName", p.FirstName}, {"SurnameEng", p.SurnameEng}, {"FirstNameEng", p.FirstNameEng},
			{"Email", p.Email}, {"Citizenship", p.Citizenship},
		} {
			v.Text(at+f.name, f.value)
		}
		v.OptText(at+"MiddleName", p.MiddleName)
		v.OptText(at+"MiddleNameEng", p.MiddleNameEng)
		v.Date(at+"BirthDate", p.BirthDate)
		checkSex(&v, at+"Sex", p.Sex)
		for j, c := range p.Cards {
			v.Text(fmt.Sprintf("%sCards[%d].Airline", at, j), c.Airline)
			v.Text(fmt.Sprintf("%sCards[%d].Number", at, j), c.Number)
		}
		v.That(len(p.Passports) > 0, at+"Passports", "must not be empty")
		for j, d := range p.Passports {
			v.Text(fmt.Sprintf("%sPassports[%d].Number", at, j), d.Number)
			v.Text(fmt.Sprintf("%sPassports[%d].Type", at, j), string(d.Type))
			checkOptDate(&v, fmt.Sprintf("%sPassports[%d].Expiry", at, j), d.Expiry)
		}
		v.That(p.INN != "" || p.Company != "", at+"INN", "must be set, unless Company is: somebody is billed")
		if p.INN != "" {
			v.ID(at+"INN", string(p.INN))
		}
		if p.Company != "" {
			v.Number(at+"Company", string(p.Company))
		}
	}
	return v
}
