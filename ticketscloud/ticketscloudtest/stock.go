package ticketscloudtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/ticketscloud"
)

// Event is an event that is for sale.
type Event struct {
	ID            ticketscloud.EventID // 24 letters and digits, like all ids
	Title         string
	Description   string
	Start, Finish time.Time
	AgeRating     int
	Venue         Venue
	Sets          []Set
}

// Venue is where an event is.
type Venue struct {
	ID       ticketscloud.VenueID
	Name     string
	Address  string
	City     ticketscloud.CityID // a number
	CityName string
	Timezone string // "Europe/Moscow"
	Mosbilet bool   // the venue sells through Mosbilet: buyers must be named
}

// mostTickets is how many tickets a category may have.
const mostTickets = 20_000

// Set is a category of tickets. With Rows they have seats.
type Set struct {
	ID      ticketscloud.SetID
	Name    string
	Price   decimal.Decimal // the face price, roubles; the fee of a tenth comes on top
	Rows    int             // of seats; 0 is a category without seats
	Tickets int             // of the category or, with Rows, of each row; at most 20,000 in all
}

// AddEvent puts an event on sale. It panics if the event cannot be sold: ids must be
// there and differ from those of other events.
func (s *Server) AddEvent(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.stock(e); err != nil {
		panic("ticketscloudtest: " + err.Error())
	}
}

// Seed replaces the events that the fake sells by those that a JSON object lists, as
// elements of [Event]:
//
//	{"Events": [{
//		"ID": "5f0000000000000000000001", "Title": "Гамлет", "Start": "2030-05-04T16:00:00Z", "Finish": "2030-05-04T19:00:00Z",
//		"Venue": {"ID": "5f0000000000000000000002", "Name": "Театр", "City": "524901", "CityName": "Москва", "Timezone": "Europe/Moscow"},
//		"Sets": [{"ID": "5f0000000000000000000003", "Name": "Партер", "Price": "1200.00", "Rows": 5, "Tickets": 10}]
//	}]}
//
// Orders stay as they are. With an error nothing is replaced.
func (s *Server) Seed(seed []byte) error {
	var to struct{ Events []Event }
	d := json.NewDecoder(bytes.NewReader(seed))
	d.DisallowUnknownFields()
	if err := d.Decode(&to); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.events
	s.events = nil
	for _, e := range to.Events {
		if err := s.stock(e); err != nil {
			s.events = before
			return err
		}
	}
	return nil
}

// AddOrder makes an order of another caller, as [ticketscloud.Client.CreateOrder]
// would.
func (s *Server) AddOrder(n ticketscloud.NewOrder) (ticketscloud.OrderID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := newOrder{Event: string(n.Event)}
	for _, id := range n.Tickets {
		b.Tickets = append(b.Tickets, string(id))
	}
	for _, set := range n.Random {
		if b.Random == nil {
			b.Random = map[string]int{}
		}
		b.Random[string(set.Set)] = set.Count
	}
	now := s.clock()
	s.expire(now)
	o, problem := s.add(b, now)
	if problem != "" {
		return "", errors.New(problem)
	}
	return ticketscloud.OrderID(o.id), nil
}

// stock adds an event and makes its tickets.
func (s *Server) stock(e Event) error {
	city, err := strconv.ParseInt(string(e.Venue.City), 10, 32)
	switch {
	case !isID(string(e.ID)) || !isID(string(e.Venue.ID)):
		return fmt.Errorf("event %q: an event and its venue must have ids of 24 letters and digits", e.ID)
	case s.event(string(e.ID)) != nil:
		return fmt.Errorf("there are two events %s", e.ID)
	case err != nil:
		return fmt.Errorf("event %s: the city must be a number", e.ID)
	case len(e.Sets) == 0:
		return fmt.Errorf("event %s has no categories", e.ID)
	}
	added := &event{
		id: string(e.ID), title: e.Title, desc: e.Description, start: e.Start.UTC(), finish: e.Finish.UTC(), age: e.AgeRating,
		venue: venue{
			id: string(e.Venue.ID), name: e.Venue.Name, address: e.Venue.Address, city: int(city),
			cityRu: e.Venue.CityName, cityEn: e.Venue.CityName, timezone: e.Venue.Timezone, mosbilet: e.Venue.Mosbilet,
		},
	}
	for _, from := range e.Sets {
		kopecks := from.Price.Shift(2)
		switch {
		case !isID(string(from.ID)) || added.set(string(from.ID)) != nil:
			return fmt.Errorf("event %s: each category must have an id of its own, of 24 letters and digits", e.ID)
		case from.Tickets > mostTickets || from.Rows > mostTickets || from.Tickets*max(from.Rows, 1) > mostTickets:
			return fmt.Errorf("event %s: category %s has more than %d tickets", e.ID, from.ID, mostTickets)
		case from.Tickets < 0 || from.Rows < 0 || !kopecks.IsInteger() || kopecks.IsNegative():
			return fmt.Errorf("event %s: category %s has an impossible number or price", e.ID, from.ID)
		}
		to := &set{id: string(from.ID), name: from.Name, price: kopecks.IntPart()}
		const first = 100000 // beyond the numbers of the fake's own tickets
		to.stock(first+s.stocked, from.Tickets*max(from.Rows, 1))
		s.stocked += len(to.tickets)
		if from.Rows > 0 {
			to.seat(from.Tickets)
		}
		added.sets = append(added.sets, to)
	}
	s.events = append(s.events, added)
	return nil
}
