package bgoperatortest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

// The statuses of bookings, as the agency's account on the supplier's site
// shows them.
const (
	StatusRequested = "Тур подобран. Просим забронировать"
	StatusConfirmed = "Подтверждена"
	StatusCancelled = "Аннулирована"
)

// Booking is what the agency's account shows of a booking.
type Booking struct {
	ID       bgoperator.BookingID
	Number   bgoperator.BookingNumber
	Status   string
	Prices   []bgoperator.Price                              // the same price in all currencies
	Contacts []bgoperator.Contact                            // of the tourists who have any
	Chosen   map[bgoperator.TouristID][]bgoperator.VariantID // the transfers
}

type booking struct {
	tour

	id, number string
	status     string
	ticket     string // the last one given
	made       time.Time
}

// Bookings returns all bookings in the order in which they were made. The real
// supplier's interface has no such call; its site does.
func (s *Server) Bookings() []Booking {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Booking
	for _, b := range s.bookings {
		v := Booking{
			ID: bgoperator.BookingID(b.id), Number: bgoperator.BookingNumber(b.number), Status: b.status, Prices: b.prices(),
			Chosen: map[bgoperator.TouristID][]bgoperator.VariantID{},
		}
		for _, t := range b.tourists {
			if t.contact != (bgoperator.Contact{}) {
				v.Contacts = append(v.Contacts, t.contact)
			}
			if len(t.transfers) > 0 {
				v.Chosen[bgoperator.TouristID(t.id)] = slices.Clone(t.transfers)
			}
		}
		all = append(all, v)
	}
	return all
}

// Confirm confirms a booking, as the supplier's staff does; see
// [Quirks].Unconfirmed. It reports whether there is such a booking that waits.
func (s *Server) Confirm(id bgoperator.BookingID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.find(string(id))
	if b == nil || b.status != StatusRequested {
		return false
	}
	b.status = StatusConfirmed
	return true
}

func (s *Server) find(id string) *booking {
	i := slices.IndexFunc(s.bookings, func(b *booking) bool { return b.id == id })
	if i < 0 {
		return nil
	}
	return s.bookings[i]
}

// actions are the manual's: the method, the parameters in their order, and what
// the fake does.
var actions = map[string]struct {
	method string
	params string
	run    func(*Server, url.Values, []byte) fake.Answer
}{
	"createtour":         {http.MethodPost, "prx action", (*Server).createTours},
	"createtour+confirm": {http.MethodPost, "prx action", (*Server).createTours},
	"canceltour":         {http.MethodGet, "idTour action", (*Server).quoteCancel},
	"canceltour+confirm": {http.MethodGet, "idTour action confirm ticket", (*Server).cancel},
	"addContactInfo":     {http.MethodPost, "idTour action", (*Server).addContacts},
	"showtransfers":      {http.MethodGet, "idTour action", (*Server).showTransfers},
	"showflightdata":     {http.MethodGet, "action idAir dt dir", (*Server).showFlights},
	"addtransfers":       {http.MethodPost, "idTour action", (*Server).addTransfers},
}

// carryOut carries out a request of a session.
func (s *Server) carryOut(op string, r fake.Request) fake.Answer {
	a, known := actions[op]
	q, err := url.ParseQuery(r.URL.RawQuery)
	var names []string
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	if !known || err != nil || r.Method != a.method || strings.Join(names, " ") != a.params ||
		(r.Method == http.MethodPost) != (len(r.Text) > 0) {
		return page(http.StatusBadRequest)
	}
	answer := a.run(s, q, r.Text)
	if refusal := []byte("<errors"); s.quirks.ForeignErrors && bytes.HasPrefix(answer.Body, refusal) {
		_, rest, _ := bytes.Cut(answer.Body, []byte(">"))
		answer.Body = append([]byte(`<errors clientTourId="another">`), rest...)
	}
	return answer
}

// createTours prices and books tours. It stops at the first error; what it has
// booked by then stays booked.
func (s *Server) createTours(q url.Values, body []byte) fake.Answer {
	root, valid := parse(body)
	if !valid || root.name != "tours" || !root.only("tour+") || len(root.children) == 0 {
		return refuse("", &problem{code: "101"})
	}
	a := answer{spaces: s.quirks.Spaces}
	a.printf("<tours>")
	for _, e := range root.children {
		t, p := s.readTour(q.Get("prx"), e)
		if p == nil && t.confirm {
			p = s.book(&a, t)
		} else if p == nil {
			a.tour(t.client)
			s.writePrice(&a, t.prices())
			a.printf("</tour>")
		}
		if p != nil {
			return refuse(t.client, p)
		}
	}
	a.printf("</tours>")
	return a.finish()
}

// tour begins a tour of an answer.
func (a *answer) tour(client string) {
	if client == "" {
		a.printf("<tour>")
		return
	}
	a.printf(`<tour clientTourId="%s">`, client)
}

// book books a tour, unless it is a duplicate.
func (s *Server) book(a *answer, t tour) *problem {
	for _, b := range s.bookings {
		if b.key == t.key && b.status != StatusCancelled && !s.quirks.SameBooking {
			return &problem{code: "126", info: b.id}
		}
	}
	b := &booking{tour: t, id: countFrom(104400000842366804, len(s.bookings)), number: countFrom(214150198, len(s.bookings)), status: StatusConfirmed, made: time.Now()}
	if s.quirks.Unconfirmed {
		b.status = StatusRequested
	}
	for i := range b.tourists {
		b.tourists[i].id = countFrom(102300000817246001, s.tourists)
		s.tourists++
	}
	s.bookings = append(s.bookings, b)
	a.tour(t.client)
	a.printf("<id>%s</id>", b.id)
	a.printf("<number>%s</number></tour>", b.number)
	return nil
}

// countFrom returns the id that is n after the first one. Ids do not fit into the
// int of a 32-bit machine.
func countFrom(first int64, n int) string { return strconv.FormatInt(first+int64(n), 10) }

// cancellable finds a booking that can be cancelled.
func (s *Server) cancellable(q url.Values) (*booking, *problem) {
	b := s.find(q.Get("idTour"))
	switch {
	case b == nil:
		return nil, &problem{code: "129"}
	case b.status == StatusCancelled:
		return nil, &problem{code: "158"}
	case b.status != StatusConfirmed:
		return nil, &problem{code: "157"}
	}
	return b, nil
}

func (s *Server) quoteCancel(q url.Values, _ []byte) fake.Answer {
	b, p := s.cancellable(q)
	if p != nil {
		return refuse("", p)
	}
	s.tickets++
	b.ticket = fmt.Sprintf("%032x", s.tickets)
	a := answer{spaces: s.quirks.Spaces}
	a.printf("<tours><tour><sum><currency>%s</currency>", "EUR")
	a.printf("<amount>%s</amount>", "20")
	if s.quirks.TicketInTour {
		a.printf("</sum><ticket>%s</ticket></tour></tours>", b.ticket)
	} else {
		a.printf("<ticket>%s</ticket></sum></tour></tours>", b.ticket)
	}
	return a.finish()
}

func (s *Server) cancel(q url.Values, _ []byte) fake.Answer {
	b, p := s.cancellable(q)
	if p == nil && (q.Get("confirm") != "yes" || b.ticket == "" || q.Get("ticket") != b.ticket) {
		p = &problem{code: "157"}
	}
	if p != nil {
		return refuse("", p)
	}
	b.status = StatusCancelled
	return ok()
}

func (s *Server) addContacts(q url.Values, body []byte) fake.Answer {
	b := s.find(q.Get("idTour"))
	if b == nil {
		return refuse("", &problem{code: "129"})
	}
	root, valid := parse(body)
	if !valid || root.name != "persons" || !root.only("person+") || len(root.children) == 0 {
		return refuse("", &problem{code: "101"})
	}
	changed := slices.Clone(b.tourists)
	for _, e := range root.children {
		i := slices.IndexFunc(changed, func(t tourist) bool { return t.id == e.attr("id") })
		email, phone := e.child("email").text, e.child("phone").text
		switch {
		case !e.only("@id", "email", "phone"):
			return refuse("", &problem{code: "101"})
		case e.attr("id") == "":
			return refuse("", &problem{code: "136"})
		case i < 0:
			return refuse("", &problem{code: "137"})
		case email == "" && phone == "":
			return refuse("", &problem{code: "155"})
		case e.has("email") && strings.Count(email, "@") != 1:
			return refuse("", &problem{code: "156"})
		}
		c := &changed[i].contact
		c.Tourist = bgoperator.TouristID(e.attr("id"))
		if e.has("email") {
			c.Email = email
		}
		if e.has("phone") {
			c.Phone = phone
		}
	}
	b.tourists = changed
	return ok()
}

// lastDay is when a tour ends.
func (b *booking) lastDay() time.Time { return b.begins.AddDate(0, 0, b.nights) }
