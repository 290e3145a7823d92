package smartwaytest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/smartway"
)

type place struct {
	code, airport   string // an airport's, or a city's with its airport's
	rus, eng        string
	city, cityEng   string
	country, nation string
}

var places = []place{
	{"LED", "LED", "Пулково. Санкт-Петербург", "St. Petersburg Pulkovo", "Санкт-Петербург", "St. Petersburg", "Россия", "Russia"},
	{"PEZ", "PEZ", "Пенза", "Penza", "Пенза", "Penza", "Россия", "Russia"},
	{"MOW", "DME", "Москва", "Moscow", "Москва", "Moscow", "Россия", "Russia"},
}

func findPlace(code string) *place {
	for i, p := range places {
		if p.code == code || p.airport == code {
			return &places[i]
		}
	}
	return nil
}

// begins reports whether a text begins with another in any case.
func begins(text, prefix string) bool {
	return strings.HasPrefix(strings.ToLower(text), strings.ToLower(prefix))
}

// prefix reads a query that is a text to look for.
func prefix(query json.RawMessage) (text string, p *problem) {
	p = parse(query, &text)
	return text, p
}

func airports(_ *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	text, p := prefix(query)
	list := []object{}
	for _, a := range places {
		if slices.ContainsFunc([]string{a.code, a.airport, a.rus, a.eng, a.city, a.cityEng}, func(name string) bool { return begins(name, text) }) {
			list = append(list, object{
				{"city", object{{"name_eng", a.cityEng}, {"name_rus", a.city}}}, {"code", a.code},
				{"country", object{{"name_eng", a.nation}, {"name_rus", a.country}}}, {"name_eng", a.eng}, {"name_rus", a.rus},
			})
		}
	}
	return list, p
}

// search is a search whose results can be bought.
type search struct {
	travellers int
	made       time.Time
	variants   []variant
}

type variant struct {
	id      int
	changes bool
	routes  []route
	fares   []fare
}

type route struct {
	from, to *place
	departs  time.Time // local
	takes    time.Duration
	number   string
	changes  bool
}

type fare struct {
	Fare
	price decimal.Decimal // for all travellers and routes
}

type searchQuery struct {
	Class     string `json:"class"`
	Direct    *bool  `json:"direct"`
	Baggage   string `json:"baggage"`
	Travelers int    `json:"travelers"`
	Routes    []struct {
		Departure string `json:"departure"`
		Arrival   string `json:"arrival"`
		Date      string `json:"date"`
	} `json:"routes"`
}

func searchFlights(s *Server, query json.RawMessage, now time.Time) (any, *problem) {
	var q searchQuery
	if p := parse(query, &q); p != nil {
		return nil, p
	}
	const mostTravellers = 6
	switch {
	case !slices.Contains([]string{"Econom", "Business", "First"}, q.Class):
		return nil, invalid("Invalid class")
	case !slices.Contains([]string{"all", "included", "not_included"}, q.Baggage):
		return nil, invalid("Invalid baggage")
	case q.Direct == nil:
		return nil, invalid("direct is required")
	case q.Travelers < 1 || q.Travelers > mostTravellers:
		return nil, invalid("Invalid travelers")
	case len(q.Routes) == 0:
		return nil, invalid("routes are required")
	}
	found := &search{travellers: q.Travelers, made: now}
	var days []time.Time
	for _, r := range q.Routes {
		day, err := time.Parse(time.DateOnly, r.Date)
		if err != nil {
			return nil, invalid("Invalid date")
		}
		days = append(days, day)
	}
	for k := range s.flights {
		if s.soldOut {
			break
		}
		if v, ok := s.offer(k, q, days, now); ok && v.includes(q.Baggage) && (!v.changes || !*q.Direct) {
			found.variants = append(found.variants, v)
		}
	}
	id := s.uuid()
	const mostSearches = 2000 // a fake that runs for hours must not grow
	if s.searched = append(s.searched, id); len(s.searched) > mostSearches {
		delete(s.searches, s.searched[0])
		s.searched = s.searched[1:]
	}
	s.searches[id] = found
	list := []object{}
	for _, v := range found.variants {
		list = append(list, s.variant(v))
	}
	return object{{"class", q.Class}, {"search_id", id}, {"trips", list}}, nil
}

func (s *Server) variant(v variant) object {
	var total time.Duration
	var routes, fares []object
	for _, r := range v.routes {
		total += r.takes
		routes = append(routes, object{{"duration", int(r.takes.Seconds())}, {"segments", s.segments(r)}})
	}
	for i, f := range v.fares {
		var id any
		if f.ID != "" {
			id = f.ID
		}
		conditions := dictionary{}
		for _, text := range slices.Sorted(maps.Keys(f.RefundConditions)) {
			conditions = append(conditions, member{text, f.RefundConditions[text]})
		}
		fares = append(fares, object{
			{"additional_services", dictionary{}}, {"airline_bonus_information", nil}, {"baggage_places", nil},
			{"can_buy_baggage", "Charge"}, {"can_registration_seat", "NotOffered"}, {"can_upgrade_rate", "Charge"},
			{"carryon_places", "10 кг. 55*40*20см."}, {"change_ticket_with_condition", dictionary{}},
			{"have_internet_access", "NotDefined"}, {"id", id}, {"is_baggage_included", cmp.Or(f.Baggage, smartway.FareCharged)},
			{"is_business_hall_included", "NotOffered"}, {"is_carryon_included", "Included"}, {"is_default", i == 0},
			{"is_priority_baggage_reception", "NotOffered"}, {"is_priority_registration", "NotOffered"},
			{"is_ticket_changeable", cmp.Or(f.Change, smartway.FareCharged)}, {"is_ticket_changeable_after_departure", "NotOffered"},
			{"is_ticket_refundable", cmp.Or(f.Refund, smartway.FareNotOffered)}, {"is_ticket_refundable_after_departure", "NotOffered"},
			{"name", f.Name}, {"price", f.price}, {"refund_ticket_with_condition", conditions},
		})
	}
	return object{{"id", v.id}, {"duration", int(total.Seconds())}, {"price", v.fares[0].price}, {"routes", routes}, {"fares", fares}}
}

// segments are the flights of a route; one with a change is in two halves.
func (s *Server) segments(r route) []object {
	if !r.changes {
		return []object{s.segment(r.from, r.to, r.departs, r.takes, 0, r.number)}
	}
	const change = time.Hour
	half := (r.takes - change) / 2
	minsk := &place{"MSQ", "MSQ", "Минск-2", "Minsk", "Минск", "Minsk", "Беларусь", "Belarus"}
	return []object{
		s.segment(r.from, minsk, r.departs, half, 0, r.number),
		s.segment(minsk, r.to, r.departs.Add(half+change), half, change, r.number+"1"),
	}
}

// segment writes local clocks as UNIX time, as the supplier does.
func (s *Server) segment(from, to *place, departs time.Time, takes, change time.Duration, number string) object {
	city := func(p *place) any {
		if s.quirks.CityText {
			return p.city
		}
		return object{{"id", p.airport}, {"name", p.city}}
	}
	return object{
		{"aircraft_name", "Embraer 170 Regional Jet"}, {"airline", object{{"id", "S7"}, {"name", "S7"}}},
		{"arrival_airport", object{{"id", to.airport}, {"name", to.rus}}}, {"arrival_city", city(to)}, {"arrival_country", to.country},
		{"arrival_terminal", nil}, {"arrival_time", departs.Add(takes).Unix()}, {"available_seats", 6},
		{"change_duration", int(change.Seconds())},
		{"departure_airport", object{{"id", from.airport}, {"name", from.rus}}}, {"departure_city", city(from)}, {"departure_country", from.country},
		{"departure_terminal", nil}, {"departure_time", departs.Unix()}, {"flight_number", number},
	}
}

// purchase is a purchase that is under way, or has ended.
type purchase struct {
	id      string
	ends    time.Time
	routes  []route
	price   decimal.Decimal
	people  []passenger
	company *company // of a part

	trip    *trip  // once it is done
	failure string // once it has failed
}

type passenger struct {
	ID             string `json:"id"`
	Phone          string `json:"phone"`
	Surname        string `json:"surname"`
	Name           string `json:"name"`
	Patronymic     string `json:"patronymic"`
	SurnameE       string `json:"surname_e"`
	NameE          string `json:"name_e"`
	PatronymicE    string `json:"patronymic_e"`
	Email          string `json:"email"`
	Citizenship    string `json:"citizenship"`
	Birthday       string `json:"birthday"`
	Sex            string `json:"sex"`
	AirlineBonuses []struct {
		IATA   string `json:"iata"`
		Number string `json:"number"`
	} `json:"airline_bonuses"`
	Passports []struct {
		document
		Selected bool `json:"selected"`
	} `json:"passports"`
	CompaniesINN string `json:"companies_inn"`
	CompanyID    string `json:"company_id"`

	company *company
}

func bookFlight(s *Server, query json.RawMessage, now time.Time) (any, *problem) {
	var q struct {
		Item struct {
			SearchID string  `json:"search_id"`
			TripID   int     `json:"trip_id"`
			FareID   *string `json:"fare_id"`
		} `json:"item"`
		Employees []passenger `json:"employees"`
	}
	if p := parse(query, &q); p != nil {
		return nil, p
	}
	found := s.searches[q.Item.SearchID]
	if found == nil || now.Sub(found.made) >= SearchLife {
		return nil, notFound("Search not found")
	}
	i := slices.IndexFunc(found.variants, func(v variant) bool { return v.id == q.Item.TripID })
	if i < 0 {
		return nil, notFound("Trip not found")
	}
	v := found.variants[i]
	j := 0 // the default fare
	if q.Item.FareID != nil {
		j = slices.IndexFunc(v.fares, func(f fare) bool { return string(f.ID) == *q.Item.FareID })
	}
	switch {
	case j < 0:
		return nil, notFound("Fare not found")
	case len(q.Employees) != found.travellers:
		return nil, invalid("Invalid number of employees")
	}
	ends := now.Add(PurchaseTime)
	if s.quirks.AtOnce {
		ends = now
	}
	bought := &purchase{ends: ends, routes: v.routes, price: v.fares[j].price, people: q.Employees}
	for i, e := range q.Employees {
		for _, field := range []struct{ name, value string }{
			{"id", e.ID}, {"phone", e.Phone}, {"surname", e.Surname}, {"name", e.Name}, {"surname_e", e.SurnameE}, {"name_e", e.NameE},
			{"email", e.Email}, {"citizenship", e.Citizenship}, {"birthday", e.Birthday}, {"sex", e.Sex},
		} {
			if field.value == "" {
				return nil, invalid(fmt.Sprintf("employees[%d].%s is required", i, field.name))
			}
		}
		q.Employees[i].company = findCompany(e.CompanyID, e.CompaniesINN)
		if len(e.Passports) == 0 || q.Employees[i].company == nil {
			return nil, invalid(fmt.Sprintf("employees[%d]: passports and a company are required", i))
		}
	}
	bought.id = s.uuid()
	s.purchases = append(s.purchases, bought)
	return bought.id, nil
}

// settle ends the purchases whose time has come.
func (s *Server) settle(now time.Time) {
	for _, p := range s.purchases {
		if p.trip != nil || p.failure != "" || now.Before(p.ends) {
			continue
		}
		switch {
		case s.quirks.Failure != "":
			p.failure = s.quirks.Failure
		case s.soldOut:
			p.failure = "Бронирование невозможно. Мест нет"
		case p.price.GreaterThan(s.balance):
			p.failure = fmt.Sprintf("Бронирование невозможно. Стоимость: %s. Доступно: %s", p.price.StringFixed(2), s.balance.StringFixed(2))
		default:
			s.balance = s.balance.Sub(p.price)
			for _, part := range p.parts() {
				if t := s.newTrip(part); p.trip == nil {
					p.trip = t
				}
			}
		}
	}
}

// parts are the purchases of the companies: each has a trip of its own, with its
// share of the price.
func (p *purchase) parts() []*purchase {
	var parts []*purchase
	left := p.price
	for i, e := range p.people {
		share := left.DivRound(decimal.NewFromInt(int64(len(p.people)-i)), 2)
		left = left.Sub(share)
		j := slices.IndexFunc(parts, func(part *purchase) bool { return part.company == e.company })
		if j < 0 {
			j = len(parts)
			parts = append(parts, &purchase{ends: p.ends, routes: p.routes, company: e.company})
		}
		parts[j].people = append(parts[j].people, e)
		parts[j].price = parts[j].price.Add(share)
	}
	return parts
}

func purchaseResult(s *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	id, p := prefix(query)
	if p != nil {
		return nil, p
	}
	i := slices.IndexFunc(s.purchases, func(p *purchase) bool { return p.id == id })
	if i < 0 {
		return nil, notFound("Booking not found")
	}
	switch bought := s.purchases[i]; {
	case bought.trip != nil:
		return object{{"error", nil}, {"status", "done"}, {"trip_id", bought.trip.id}}, nil
	case bought.failure != "":
		return object{{"error", bought.failure}, {"status", "failed"}, {"trip_id", nil}}, nil
	default:
		return object{{"error", nil}, {"status", "pending"}, {"trip_id", nil}}, nil
	}
}

func stations(_ *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	text, p := prefix(query)
	list := []object{}
	for _, st := range [][2]string{
		{"2000000", "москва"}, {"2004000", "санкт-петербург"}, {"2044000", "новосибирск"}, {"2044002", "новосибирск-восточный"},
		{"2044001", "новосибирск-главный"},
	} {
		if begins(st[1], text) {
			list = append(list, object{{"code", st[0]}, {"name", st[1]}})
		}
	}
	return list, p
}

func hotels(_ *Server, query json.RawMessage, _ time.Time) (any, *problem) {
	text, p := prefix(query)
	list := []object{}
	for _, h := range []object{
		{{"id", 2721}, {"is_region", true}, {"location", "Россия"}, {"name", "Новосибирск"}},
		{{"id", 154922}, {"is_region", false}, {"location", "Новосибирск"}, {"name", "Domina Hotel Novosibirsk (Домина отель Новосибирск)"}},
		{{"id", 311842}, {"is_region", false}, {"location", "Новосибирск"}, {"name", "Отель DoubleTree by Hilton Novosibirsk"}},
	} {
		for _, m := range h {
			if name, _ := m.value.(string); m.name == "name" && strings.Contains(strings.ToLower(name), strings.ToLower(text)) {
				list = append(list, h)
			}
		}
	}
	return list, p
}
