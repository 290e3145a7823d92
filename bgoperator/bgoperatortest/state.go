package bgoperatortest

import (
	"cmp"
	"time"

	"github.com/rutravel/rutravel-go/bgoperator"
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

// SetSoldOut makes everything that is left count as sold, or puts it on sale again.
func (s *Server) SetSoldOut(soldOut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.soldOut = soldOut
}

// Expire ends all sessions; see [Server.EndSessions].
func (s *Server) Expire() { s.EndSessions() }

// State returns what the fake sells and what it has sold. Prices are in the first
// currency of an offer.
func (s *Server) State() record.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := record.State{Now: time.Now(), SoldOut: s.soldOut}
	for _, v := range s.stock {
		o := v.offer
		id := string(o.TemplateID)
		if id == "" {
			id = string(o.CommissionID)
		}
		item := record.Item{ID: id, Name: "country " + string(o.Country), When: o.StartDate, Free: 1}
		if s.soldOut {
			item.Free = 0
		}
		for _, p := range v.prices {
			item.Prices = append(item.Prices, record.Price{Name: "tourist", Amount: p.Full, Currency: string(p.Currency)})
		}
		state.Stock = append(state.Stock, item)
	}
	for _, b := range s.bookings {
		state.Add(b.asBooking())
	}
	return state
}

func (b *booking) asBooking() record.Booking {
	r := record.Booking{
		ID: b.id, Number: b.number, Title: cmp.Or(b.client, "Tour"), When: b.begins.Format(dateLayout), Made: b.made,
		Status: map[string]record.Status{
			StatusRequested: record.Requested, StatusConfirmed: record.Confirmed, StatusCancelled: record.Cancelled,
		}[b.status],
	}
	if prices := b.prices(); len(prices) > 0 {
		r.Price, r.Currency = prices[0].Full, string(prices[0].Currency)
	}
	for _, t := range b.tourists {
		p := record.Person{ID: t.id, Name: t.last + " " + t.first}
		if t.contact != (bgoperator.Contact{}) {
			p.Contact = t.contact.Phone + " " + t.contact.Email
		}
		r.Personal = append(r.Personal, p)
	}
	return r
}
