package ticketscloud

import (
	"slices"

	"github.com/rutravel/rutravel-go/internal/valid"
)

// wanted is the tickets of a request.
type wanted struct {
	tickets []TicketID
	random  []SetCount
	names   string // the name of the request's field of tickets; "" means Tickets
}

func (w wanted) check() (v valid.Check) {
	field := w.names
	if field == "" {
		field = "Tickets"
	}
	v.That(w.tickets == nil || w.random == nil, "Random", "must not be set together with Tickets")
	for i, id := range w.tickets {
		checkID(&v, at(field, i), id)
		v.That(!slices.Contains(w.tickets[:i], id), at(field, i), "must not be given twice")
	}
	w.checkRandom(&v)
	return v
}

func (w wanted) checkRandom(v *valid.Check) {
	for i, s := range w.random {
		checkID(v, at("Random", i)+".Set", s.Set)
		v.That(s.Count >= 0, at("Random", i)+".Count", "must not be negative")
		twice := slices.ContainsFunc(w.random[:i], func(o SetCount) bool { return o.Set == s.Set })
		v.That(!twice, at("Random", i)+".Set", "must not be given twice")
	}
}

// missing compares the tickets of a request with the tickets of an order. A ticket
// without a category in the answer may be of any category.
func (w wanted) missing(o Order) (m Missing) {
	if o.ID == "" { // no order arrived
		return m
	}
	for _, id := range w.tickets {
		if !o.holds(id) {
			m.Tickets = append(m.Tickets, id)
		}
	}
	held := map[SetID]int{}
	for _, t := range o.Tickets {
		held[t.Set.ID]++
	}
	spare := held[""]
	for _, s := range w.random {
		short := s.Count - held[s.Set]
		used := min(max(short, 0), spare)
		if spare -= used; short > used {
			m.Random = append(m.Random, SetCount{Set: s.Set, Count: short - used})
		}
	}
	return m
}
