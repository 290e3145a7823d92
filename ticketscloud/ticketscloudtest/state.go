package ticketscloudtest

import (
	"strconv"

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

// OnCall makes the fake call f after each request, with what was asked and
// answered, without credentials; nil ends that.
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

// SetSoldOut makes everything that is left count as sold, or for sale again.
func (s *Server) SetSoldOut(soldOut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.soldOut = soldOut
	for _, e := range s.events {
		for _, set := range e.sets {
			for _, t := range set.tickets {
				t.gone = soldOut
			}
		}
	}
}

// Expire makes all unpaid orders expire now.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		if o.status == "executed" {
			o.giveUp("expired")
		}
	}
}

// State returns what the fake sells and what it has sold.
func (s *Server) State() record.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	s.expire(now)
	state := record.State{Now: now, SoldOut: s.soldOut}
	for _, e := range s.events {
		for _, set := range e.sets {
			state.Stock = append(state.Stock, e.item(set))
		}
	}
	for _, o := range s.orders {
		state.Add(s.asBooking(o))
	}
	return state
}

func rub(kopecks int64) decimal.Decimal { return decimal.New(kopecks, -2) }

func (e *event) item(s *set) record.Item {
	i := record.Item{
		ID: s.id, Name: e.title, Detail: s.name, When: e.start.Format(layout) + " UTC", Free: s.vacant(), Total: len(s.tickets),
		Prices: []record.Price{{Name: s.name, Amount: rub(s.price + extra(s.price)), Currency: "RUB"}},
	}
	if !s.seats {
		return i
	}
	for _, t := range s.tickets {
		i.Seats = append(i.Seats, record.Seat{
			Name: strconv.Itoa(t.seat), Row: strconv.Itoa(t.row),
			Status: map[string]record.Status{"vacant": record.Free, "reserved": record.Held, "sold": record.Paid}[t.status()],
		})
	}
	return i
}

func (s *Server) asBooking(o *order) record.Booking {
	b := record.Booking{
		ID: o.id, Number: strconv.Itoa(o.number), Title: o.event.title, When: o.event.start.Format(layout) + " UTC", Made: o.created,
		Status: map[string]record.Status{
			"executed": record.Held, "done": record.Paid, "cancelled": record.Cancelled, "expired": record.Expired,
		}[o.status],
		Currency: "RUB",
	}
	if b.Status == record.Held {
		b.Deadline = new(o.expires)
	}
	returned := map[*ticket]bool{}
	for _, f := range s.refunds {
		if f.order != o {
			continue
		}
		b.Refunds = append(b.Refunds, record.Refund{ID: f.id, Status: f.status, Amount: rub(f.amount)})
		if f.status == "approved" {
			b.Refunded = b.Refunded.Add(rub(f.amount))
			for _, t := range f.tickets {
				returned[t] = true
			}
		}
	}
	for _, t := range o.tickets {
		_, _, nominal, fee := o.prices(t)
		k := record.Ticket{ID: o.barcodes[t], Name: t.set.name, Status: b.Status, Price: rub(nominal + fee)}
		if t.seat > 0 {
			k.Seat = strconv.Itoa(t.row) + "-" + strconv.Itoa(t.seat)
		}
		if returned[t] {
			k.Status = record.Refunded
		}
		b.Tickets, b.Price = append(b.Tickets, k), b.Price.Add(k.Price)
	}
	if b.Status == record.Paid {
		b.Paid = b.Price
		if len(returned) > 0 && len(returned) == len(o.tickets) {
			b.Status = record.Refunded
		}
	}
	if c := o.customer; c != nil {
		b.Personal = append(b.Personal, record.Person{Name: c["name"], Contact: c["phone"] + " " + c["email"]})
	}
	return b
}
