package smartwaytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/smartway"
)

// Flight is a flight that is for sale every day. The first variant of a search has the
// first flight of each route, the second variant the second flight, and so on.
type Flight struct {
	From, To smartway.IATA // empty: any of the fake's airports
	Number   string
	Departs  civil.Time // local time
	Minutes  int        // of travel
	Changes  bool       // with a change of planes at Minsk
	Fares    []Fare     // at least one; the first is the base fare
}

// Fare is a fare of a flight.
type Fare struct {
	ID      smartway.FareID // may be empty
	Name    string
	Price   decimal.Decimal       // roubles for one traveller
	Baggage smartway.Availability // "" is [smartway.FareCharged]
	Refund  smartway.Availability // "" is [smartway.FareNotOffered]
	Change  smartway.Availability // "" is [smartway.FareCharged]
	// RefundConditions has the conditions of a refund. Its keys are texts.
	RefundConditions map[string]smartway.Availability
}

// Trip is a trip that was bought by another program or by people.
type Trip struct {
	Name       string
	Service    smartway.ServiceType // "" is [smartway.ServiceAir]
	Amount     decimal.Decimal      // roubles
	Request    smartway.RequestID   // may be empty
	Company    smartway.CompanyID   // "" is the first company
	Travellers []smartway.TripTraveller
}

// stock is the content of a seed.
type stock struct {
	Flights   []Flight
	Employees []smartway.EmployeeChange
	Trips     []Trip
}

// AddFlight adds a flight. It panics if the flight has an unknown airport or no fare.
func (s *Server) AddFlight(f Flight) {
	if err := f.check(); err != nil {
		panic("smartwaytest: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flights = append(slices.Clone(s.flights), f)
}

// AddEmployee adds an employee and returns the id at Smartway. All fields may be missing.
func (s *Server) AddEmployee(e smartway.EmployeeChange) smartway.EmployeeID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hire(e)
}

// AddTrip adds a trip and returns its id. Its time of purchase is now.
func (s *Server) AddTrip(t Trip) smartway.TripID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book(t)
}

// Seed replaces flights, employees and trips by those of a JSON object. Their fields are
// those of [Flight], [smartway.EmployeeChange] and [Trip]:
//
//	{
//		"Flights": [{
//			"From": "LED", "To": "MOW", "Number": "26", "Departs": "08:30:00", "Minutes": 90,
//			"Fares": [{"ID": "FLEX", "Name": "Гибкий", "Price": "9100.00", "Refund": "Included"}]
//		}],
//		"Employees": [{"ID": "8754", "Surname": "Волина", "FirstName": "Ирина", "Companies": ["11525"]}],
//		"Trips": [{"Name": "Москва", "Amount": "5373.00", "Travellers": [{"Surname": "Волина", "FirstName": "Ирина"}]}]
//	}
//
// The user of the account, travel requests and codes stay as they are. If Seed returns an
// error, it has replaced nothing.
func (s *Server) Seed(seed []byte) error {
	var to stock
	d := json.NewDecoder(bytes.NewReader(seed))
	d.DisallowUnknownFields()
	if err := d.Decode(&to); err != nil {
		return err
	}
	for i, f := range to.Flights {
		if err := f.check(); err != nil {
			return fmt.Errorf("flight %d: %w", i, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flights, s.employees, s.trips, s.purchases = to.Flights, []*employee{s.agent()}, nil, nil
	for _, e := range to.Employees {
		s.hire(e)
	}
	for _, t := range to.Trips {
		s.book(t)
	}
	return nil
}

// Reset returns the fake to the state of [New]. It has the default stock and the machine's
// clock again, and no purchases, faults, quirks or recorded requests.
func (s *Server) Reset() {
	s.gateway.Reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = s.newState()
}

func (f Flight) check() error {
	for _, code := range []smartway.IATA{f.From, f.To} {
		if code != "" && findPlace(string(code)) == nil {
			return fmt.Errorf("there is no airport %s", code)
		}
	}
	if len(f.Fares) == 0 {
		return errors.New("a flight needs a fare")
	}
	return nil
}

// flies reports whether a flight goes between two places.
func (f Flight) flies(from, to *place) bool {
	return (f.From == "" || findPlace(string(f.From)) == from) && (f.To == "" || findPlace(string(f.To)) == to)
}

func (s *Server) hire(c smartway.EmployeeChange) smartway.EmployeeID {
	optional := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	s.ids++
	e := &employee{id: 159304 + s.ids, status: "Active", person: person{
		ID: optional(string(c.ID)), MobilePhone: c.Phone, Surname: c.Surname, Name: c.FirstName, Patronymic: optional(c.MiddleName),
		SurnameEng: optional(c.SurnameEng), NameEng: optional(c.FirstNameEng), PatronymicEng: optional(c.MiddleNameEng),
		Email: c.Email, Citizenship: c.Citizenship, Sex: string(c.Sex), EmployeeNumber: optional(c.Number), IsArchive: c.Archived,
	}}
	if !c.BirthDate.IsZero() {
		e.Birthday = c.BirthDate.String()
	}
	if c.Archived != nil && *c.Archived {
		e.status = "Archived"
	}
	for _, d := range c.Documents {
		var due *string
		if !d.Expiry.IsZero() {
			due = new(d.Expiry.String())
		}
		e.Documents = append(e.Documents, document{d.Number, due, string(d.Type)})
	}
	for _, b := range c.Bonuses {
		e.Bonuses = append(e.Bonuses, bonus{b.Code, b.Number, string(b.Type)})
	}
	for _, id := range c.Companies {
		e.CompaniesID = append(e.CompaniesID, string(id))
	}
	for _, inn := range c.INNs {
		e.CompaniesINN = append(e.CompaniesINN, string(inn))
	}
	s.employees = append(s.employees, e)
	return smartway.EmployeeID(strconv.Itoa(e.id))
}

func (s *Server) book(sold Trip) smartway.TripID {
	now := s.now()
	t := &trip{
		name: sold.Name, status: "Booked", amount: sold.Amount, booked: now, begins: now.AddDate(0, 0, 7).Truncate(time.Second),
		request: string(sold.Request), service: string(sold.Service), takes: 90 * time.Minute, company: findCompany(string(sold.Company), ""),
		info: []object{},
	}
	if t.service == "" {
		t.service = string(smartway.ServiceAir)
	}
	if t.service != string(smartway.ServiceAir) {
		t.info = nil
	}
	if t.company == nil {
		t.company = &companies[0]
	}
	t.ends = t.begins.Add(t.takes)
	for _, p := range sold.Travellers {
		papers := []object{}
		for _, d := range p.Documents {
			papers = append(papers, object{{"number", d.Number}, {"type", pascal(string(d.Type))}})
			t.papers = append(t.papers, d.Number)
		}
		var birthday, external any
		if !p.BirthDate.IsZero() {
			birthday = p.BirthDate.String() + "T00:00:00"
		}
		if p.ExternalID != "" {
			external = string(p.ExternalID)
		}
		t.people = append(t.people, object{
			{"birthday", birthday}, {"documents", papers}, {"email", p.Email}, {"external_id", external}, {"name", p.FirstName},
			{"patronymic", p.MiddleName}, {"phone", p.Phone}, {"sex", person{Sex: string(p.Sex)}.listedSex()}, {"surname", p.Surname},
		})
	}
	return smartway.TripID(strconv.Itoa(s.addTrip(t).id))
}

// defaultFlights returns a direct flight and one with a change of planes, both between all
// airports. One fare is refundable with conditions and includes baggage.
func defaultFlights() []Flight {
	roubles := func(kopecks int64) decimal.Decimal { return decimal.New(kopecks, -2) }
	return []Flight{
		{
			Number: "256", Departs: civil.Time{Hour: 19, Minute: 40}, Minutes: 85,
			Fares: []Fare{{Name: "Эконом", Price: roubles(537300)}},
		},
		{
			Number: "10256", Departs: civil.Time{Hour: 7}, Minutes: 240, Changes: true,
			Fares: []Fare{
				{ID: "EC-BASE", Name: "Эконом базовый", Price: roubles(489050)},
				{
					ID: "EC-PLUS", Name: "Эконом плюс", Price: roubles(612000), Baggage: smartway.FareIncluded,
					Refund: smartway.FareCharged, Change: smartway.FareIncluded,
					RefundConditions: map[string]smartway.Availability{"За вычетом сбора 2000 руб.": smartway.FareCharged},
				},
			},
		},
	}
}

// offer returns the variant with the k-th flight of each route. ok is false if a route has
// no such flight.
func (s *Server) offer(k int, q searchQuery, days []time.Time, now time.Time) (v variant, ok bool) {
	v.id = k + 1
	for i, r := range q.Routes {
		from, to := findPlace(r.Departure), findPlace(r.Arrival)
		if from == nil || to == nil || from == to || days[i].Add(24*time.Hour).Before(now) {
			return v, false
		}
		n := 0
		at := slices.IndexFunc(s.flights, func(f Flight) bool {
			if !f.flies(from, to) {
				return false
			}
			n++
			return n == k+1
		})
		if at < 0 {
			return v, false
		}
		f := s.flights[at]
		v.changes = v.changes || f.Changes
		v.routes = append(v.routes, route{
			from, to, days[i].Add(time.Duration(f.Departs.Hour)*time.Hour + time.Duration(f.Departs.Minute)*time.Minute),
			time.Duration(f.Minutes) * time.Minute, following(f.Number, i), f.Changes,
		})
		for j, sold := range f.Fares {
			price := sold.Price.Mul(decimal.NewFromInt(int64(q.Travelers)))
			switch {
			case i == 0:
				v.fares = append(v.fares, fare{sold, price})
			case j < len(v.fares):
				v.fares[j].price = v.fares[j].price.Add(price)
			}
		}
		v.fares = v.fares[:min(len(v.fares), len(f.Fares))]
	}
	return v, true
}

// following returns the number of a flight of the i-th route.
func following(number string, i int) string {
	n, err := strconv.Atoi(number)
	if err != nil || strings.HasPrefix(number, "0") {
		return number
	}
	return strconv.Itoa(n + i)
}

// includes reports whether a variant matches the filter of a search.
func (v variant) includes(baggage string) bool {
	return baggage != "included" || slices.ContainsFunc(v.fares, func(f fare) bool { return f.Baggage == smartway.FareIncluded })
}
