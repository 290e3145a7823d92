package smartwaytest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/sandbox/record"
)

// Operations returns the operations that a [Fault] can name.
func (s *Server) Operations() []string { return s.gateway.Operations() }

// Faults returns the faults that have not applied yet, each with its ID.
func (s *Server) Faults() (all []Fault) {
	for _, f := range s.gateway.Faults() {
		all = append(all, Fault(f))
	}
	return all
}

// RemoveFault removes a fault that has not applied yet. It reports whether there was
// one with this ID.
func (s *Server) RemoveFault(id int) bool { return s.gateway.Remove(id) }

// OnCall makes the fake call f after each request, with the request and the answer but
// without credentials. nil removes f.
func (s *Server) OnCall(f func(record.Call)) { s.gateway.OnCall(f) }

// KeepRequests limits the recorded requests to the last n; 0 means all. Use it in
// programs that run for a long time.
func (s *Server) KeepRequests(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = n
}

// Quirks returns the quirks that are set.
func (s *Server) Quirks() Quirks {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.quirks
}

// SetSoldOut makes all flights count as sold out, or puts them on sale again.
func (s *Server) SetSoldOut(soldOut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.soldOut = soldOut
}

// Expire makes the results of all searches expire now.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.searches)
	s.searched = nil
}

// State returns what the fake sells and what it has sold.
func (s *Server) State() record.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.settle(now)
	state := record.State{Now: now, SoldOut: s.soldOut}
	for _, f := range s.flights {
		state.Stock = append(state.Stock, s.item(f))
	}
	for _, e := range s.employees {
		state.Employees = append(state.Employees, record.Person{
			ID: strconv.Itoa(e.id), Name: strings.TrimSpace(e.Surname + " " + e.Name + " " + deref(e.Patronymic)),
			Contact: e.MobilePhone + " " + e.Email,
		})
	}
	for _, t := range s.trips {
		state.Add(t.asBooking())
	}
	for _, p := range s.purchases {
		if p.trip == nil {
			state.Add(p.asBooking())
		}
	}
	balance := decimal.NewNullDecimal(s.balance)
	if i := slices.IndexFunc(state.Money, func(m record.Money) bool { return m.Currency == "RUB" }); i >= 0 {
		state.Money[i].Balance = balance
	} else {
		state.Money = append(state.Money, record.Money{Currency: "RUB", Balance: balance})
	}
	return state
}

func (s *Server) item(f Flight) record.Item {
	end := func(code string) string {
		if code == "" {
			return "*"
		}
		return code
	}
	name := end(string(f.From)) + " → " + end(string(f.To))
	if f.From == "" && f.To == "" {
		name = "any route"
	}
	i := record.Item{
		ID: f.Number, Name: name, Free: 1,
		When: fmt.Sprintf("%02d:%02d", f.Departs.Hour, f.Departs.Minute),
	}
	if s.soldOut {
		i.Free = 0
	}
	for _, fare := range f.Fares {
		i.Prices = append(i.Prices, record.Price{Name: fare.Name, Amount: fare.Price, Currency: "RUB"})
	}
	return i
}

// asBooking returns the trip, with the payments and refunds of its versions.
func (t *trip) asBooking() record.Booking {
	b := record.Booking{
		ID: strconv.Itoa(t.id), Number: t.number, Title: t.name, When: t.begins.Format("2006-01-02 15:04"), Status: record.Paid,
		Made: t.booked, Currency: "RUB",
		Tickets: []record.Ticket{{ID: t.number, Name: t.service, Status: record.Paid}},
	}
	for _, v := range t.versions {
		for _, change := range v.changes {
			var kind string
			var amount decimal.Decimal
			for _, m := range change {
				switch value := m.value.(type) {
				case string:
					kind = value
				case decimal.Decimal:
					amount = value
				}
			}
			switch kind {
			case "Booking":
				b.Price, b.Paid = b.Price.Add(amount), b.Paid.Add(amount)
			case "Return":
				b.Refunded = b.Refunded.Add(amount)
			case "Penalty":
				b.Refunded = b.Refunded.Sub(amount)
			}
		}
	}
	if t.status == "Cancelled" {
		b.Status, b.Tickets[0].Status = record.Cancelled, record.Cancelled
	}
	b.Tickets[0].Price, b.Tickets[0].Refunded = b.Price, b.Refunded
	for _, person := range t.people {
		var p record.Person
		for _, m := range person {
			text, _ := m.value.(string)
			switch m.name {
			case "surname", "name", "patronymic":
				p.Name = strings.TrimSpace(p.Name + " " + text)
			case "phone", "email":
				p.Contact = strings.TrimSpace(p.Contact + " " + text)
			case "external_id":
				p.ID = text
			}
		}
		b.Personal = append(b.Personal, p)
	}
	return b
}

// asBooking returns a purchase that has no trip.
func (p *purchase) asBooking() record.Booking {
	b := record.Booking{
		ID: p.id, Title: p.routes[len(p.routes)-1].to.city, When: p.routes[0].departs.Format("2006-01-02 15:04"), Status: record.Pending,
		Made: p.ends.Add(-PurchaseTime), Currency: "RUB", Price: p.price,
	}
	if p.failure != "" {
		b.Status, b.Title = record.Failed, p.failure
	}
	for _, e := range p.people {
		b.Personal = append(b.Personal, record.Person{ID: e.ID, Name: strings.TrimSpace(e.Surname + " " + e.Name + " " + e.Patronymic), Contact: e.Phone + " " + e.Email})
	}
	return b
}
