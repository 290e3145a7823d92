package regionbilettest

import (
	"slices"
	"strings"
	"time"

	"github.com/rutravel/rutravel-go/regionbilet"
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

// Expire makes all unpaid holds expire now.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		if o.waits() {
			o.set(cancelled)
		}
	}
}

// State returns what the fake sells and what it has sold. A trip is listed for its
// next day, and for each day for which there are orders.
func (s *Server) State() record.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().Add(s.ahead).In(moscow)
	s.expire(now)
	state := record.State{Now: now, SoldOut: s.soldOut}
	for _, t := range s.stock.Trips {
		for _, day := range s.days(t, now) {
			state.Stock = append(state.Stock, s.item(t, day))
		}
	}
	for _, o := range s.orders {
		state.Add(o.asBooking())
	}
	return state
}

// days returns the next day on which a trip departs, and those for which there are orders.
func (s *Server) days(t Trip, now time.Time) (days []time.Time) {
	const week = 7
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, moscow)
	for n := range week + 1 {
		if day := today.AddDate(0, 0, n); t.sold(day, now) {
			days = append(days, day)
			break
		}
	}
	for _, o := range s.orders {
		if o.trip.ID == t.ID && !slices.ContainsFunc(days, o.day.Equal) {
			days = append(days, o.day)
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return days
}

func (s *Server) item(t Trip, day time.Time) record.Item {
	free := s.freeSeats(t, day)
	i := record.Item{
		ID: string(t.ID), Name: t.Name, Detail: t.Bus, When: t.on(day).Format(dateLayout + " " + timeLayout),
		Free: len(free), Total: len(t.Seats),
	}
	for _, p := range []struct {
		name string
		fare Fare
	}{{"adult", t.Adult}, {"child", t.Child}} {
		if total := p.fare.total(); !total.IsZero() {
			i.Prices = append(i.Prices, record.Price{Name: p.name, Amount: total, Currency: "RUB"})
		}
	}
	for _, name := range t.Seats {
		seat := record.Seat{Name: string(name), Status: record.Paid}
		if slices.Contains(free, seat.Name) {
			seat.Status = record.Free
		}
		for _, o := range s.orders {
			if o.trip.ID == t.ID && o.day.Equal(day) && slices.ContainsFunc(o.tickets, func(k *ticket) bool {
				return k.seat == seat.Name && k.status == booked
			}) {
				seat.Status = record.Held
			}
		}
		i.Seats = append(i.Seats, seat)
	}
	return i
}

func (o *order) asBooking() record.Booking {
	b := record.Booking{
		ID: o.id, Title: o.trip.Name, When: o.trip.on(o.day).Format(dateLayout + " " + timeLayout), Status: record.Refunded,
		Made: o.made, Currency: "RUB",
	}
	for _, t := range o.tickets {
		total := t.fare.total()
		b.Price, b.Refunded = b.Price.Add(total), b.Refunded.Add(t.refund)
		if !t.sold.IsZero() {
			b.Paid = b.Paid.Add(total)
		}
		status := map[status]record.Status{booked: record.Held, paid: record.Paid, refunded: record.Refunded}[t.status]
		switch {
		case o.onDemand:
			status = record.Cancelled
		case status == "":
			status = record.Expired
		}
		if status != record.Refunded {
			b.Status = status
		}
		b.Tickets = append(b.Tickets, record.Ticket{ID: t.number, Seat: t.seat, Status: status, Price: total, Refunded: t.refund})
		b.Personal = append(b.Personal, record.Person{Name: strings.TrimSpace(t.surname + " " + t.firstName + " " + t.middleName)})
	}
	if o.waits() {
		b.Deadline = new(o.made.Add(regionbilet.HoldTime))
	}
	return b
}
