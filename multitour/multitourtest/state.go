package multitourtest

import (
	"time"

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

// State returns what the fake sells and what it has sold. The free places of a rate
// are the rooms that the quota has tomorrow.
func (s *Server) State() record.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().Add(s.ahead).In(moscow)
	state := record.State{Now: now, SoldOut: s.soldOut}
	tomorrow := midnight(now).AddDate(0, 0, 1)
	for i := range s.hotels {
		h := &s.hotels[i]
		for n, r := range h.rates {
			taken := s.taken[roomNight{h.id, r.room.id, unix(tomorrow)}]
			item := record.Item{
				ID: text(h.id), Name: h.name, Detail: r.room.name + ", " + r.tariff.name, When: tomorrow.Format(dateLayout),
				Free: max(r.room.quota-taken, 0), Total: r.room.quota,
				Prices: []record.Price{{Name: "adult", Amount: h.rates[n].adult, Currency: "RUB"}, {Name: "child", Amount: h.rates[n].child, Currency: "RUB"}},
			}
			if s.soldOut {
				item.Free = 0
			}
			state.Stock = append(state.Stock, item)
		}
	}
	for _, b := range s.bookings {
		state.Add(b.asBooking())
	}
	return state
}

func (b *booking) asBooking() record.Booking {
	r := record.Booking{
		ID: b.code, Title: b.offer.hotel.tour.name, When: b.offer.day.Format(dateLayout), Status: record.Requested, Made: b.made,
		Currency: "RUB", Price: b.offer.price(), Paid: b.paid,
	}
	switch {
	case r.Paid.IsPositive() && !r.Paid.LessThan(r.Price):
		r.Status = record.Paid
	case b.status == statusOK:
		r.Status = record.Confirmed
	}
	for _, t := range b.tourists {
		r.Personal = append(r.Personal, record.Person{Name: fullName(t), Contact: get[string](t, "tel")})
	}
	return r
}
