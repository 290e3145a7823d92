package ticketscloudtest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

func (s *Server) listEvents(r request) fake.Answer {
	lifetime, problem := period(r.params, "lifetime")
	if problem != "" {
		return refuse(problem)
	}
	affordable, problem := prices(r.params.Get("price"))
	if problem != "" {
		return refuse(problem)
	}
	org, status, city := oneOf(r.params, "org"), oneOf(r.params, "status"), oneOf(r.params, "city")
	country, place := oneOf(r.params, "country"), oneOf(r.params, "venue")
	var found []*event
	for _, e := range s.events {
		if lifetime(e.start) && org(organiser) && status("public") && city(strconv.Itoa(e.venue.city)) && country("RU") && place(e.venue.id) && affordable(e) {
			found = append(found, e)
		}
	}
	part, _, problem := page(s, r.params, found)
	if problem != "" {
		return refuse(problem)
	}
	list := []object{}
	for _, e := range part {
		list = append(list, e.listed())
	}
	return s.listAnswer("events", list)
}

// listAnswer answers like v1: with a list.
func (s *Server) listAnswer(name string, list []object) fake.Answer {
	if s.quirks.Listed {
		return answer(http.StatusOK, object{name: list})
	}
	return answer(http.StatusOK, list)
}

// prices reads a range of prices.
func prices(text string) (in func(*event) bool, problem string) {
	if text == "" {
		return func(*event) bool { return true }, ""
	}
	from, to, _ := strings.Cut(text, ",")
	low, err := decimal.NewFromString(from)
	if err != nil {
		return nil, "price: bad range"
	}
	high, err := decimal.NewFromString(to)
	if err != nil {
		return nil, "price: bad range"
	}
	return func(e *event) bool {
		for _, set := range e.sets {
			if roubles := decimal.New(set.price, -2); !roubles.LessThan(low) && !roubles.GreaterThan(high) {
				return true
			}
		}
		return false
	}, ""
}

// listed is an event in v1.
func (e *event) listed() object {
	media := object{}
	contact := object{"address": "", "email": "org@example.org", "name": nil, "phones": []string{"+70000000000"}, "www": "example.org"}
	sets := []object{}
	for i, set := range e.sets {
		sets = append(sets, set.listed(i, e))
	}
	return object{
		"id": e.id, "status": "public", "age_rating": e.age, "allow_other_ps": false, "lifetime": vevent(e.start, e.finish),
		"created_at": e.start.AddDate(-1, 0, 0).Format(layoutV1), "updated_at": e.start.AddDate(-1, 0, 0).Format(layoutV1),
		"deal":  object{"org": percent(shareOrg), "agent": percent(shareAgent), "extra": percent(shareExtra), "media": []string{}},
		"title": object{"text": e.title, "desc": e.desc}, "tags": []string{"Концерты"}, "media": media, "map": nil,
		"org":            object{"id": organiser, "name": "Летняя сцена", "desc": "", "media": media, "contact": contact, "tags": []string{}},
		"partner":        object{"id": vendor, "name": "Билеты и точка", "desc": nil, "media": media, "contact": contact, "tags": []string{}},
		"tickets_amount": e.amount(func(s *set) int { return len(s.tickets) }), "tickets_amount_vacant": e.amount((*set).vacant),
		"sets": sets, "ticket_template": object{"fan_cover_url": nil, "name": nil, "text_color": nil},
		"venue": object{
			"id": e.venue.id, "name": e.venue.name, "desc": "", "address": e.venue.address,
			"city": object{
				"id": e.venue.city, "country": "RU", "timezone": e.venue.timezone,
				"name": object{"default": e.venue.cityEn, "en": e.venue.cityEn, "ru": e.venue.cityRu},
			},
			"country": object{"id": "RU", "name": object{"default": "Russia", "ru": "Россия"}},
			"point":   object{"type": "Point", "coordinates": []any{raw("60.597465"), raw("56.838011")}},
		},
	}
}

func (s *set) listed(position int, e *event) object {
	price := object{"price_org": money(s.price), "price_extra": money(extra(s.price)), "price": money(s.price + extra(s.price))}
	listed := object{
		"id": s.id, "name": s.name, "desc": "", "pos": position, "amount": len(s.tickets), "amount_vacant": s.vacant(),
		"with_seats": s.seats, "seats": nil, "sector": nil,
	}
	rule := object{"id": s.ruleID(), "cal": vevent(e.start.AddDate(-1, 0, 0), e.finish), "current": true}
	for name, value := range price {
		listed[name], rule[name] = value, value
	}
	listed["rules"] = []object{rule}
	if s.seats {
		rows := map[string][]int{}
		for _, t := range s.tickets {
			row := strconv.Itoa(t.row)
			rows[row] = append(rows[row], t.seat)
		}
		listed["seats"], listed["sector"] = rows, sector
	}
	return listed
}

func (s *set) ruleID() string { return s.id[:23] + "f" }

func vevent(start, finish time.Time) string {
	const layout = "20060102T150405Z"
	return fmt.Sprintf("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE-TIME:%s\r\nDTEND;VALUE=DATE-TIME:%s\r\nEND:VEVENT\r\n",
		start.UTC().Format(layout), finish.UTC().Format(layout))
}

func (s *Server) listTickets(r request) fake.Answer {
	e := s.event(r.id)
	if e == nil {
		return refuseWith(http.StatusNotFound, "HTTPNotFound", "Event "+r.id+" not found")
	}
	status, sectors := oneOf(r.params, "status"), oneOf(r.params, "sector")
	list := []object{}
	for _, set := range e.sets {
		for _, t := range set.tickets {
			if !set.seats || !status(t.status()) || !sectors(sector) {
				continue
			}
			listed := object{
				"id": t.id, "number": t.number, "serial": "TST", "set": set.id, "status": t.status(), "reserved_till": nil,
				"seat": object{"row": t.row, "number": t.seat, "sector": sector},
			}
			if t.status() == "reserved" {
				listed["reserved_till"] = t.holder.expires.Format(layout)
			}
			list = append(list, listed)
		}
	}
	return s.listAnswer("data", list)
}
