package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

// holiday is a caller's view of Biblio-Globus.
type holiday struct {
	*caller
	*bgoperator.Client
	offers []bgoperator.Offer
	site   *site
}

func openBgoperator(r *run, callers int) error {
	fake := bgoperatortest.New()
	s := &shop{name: "bgoperator", fake: fake, changeOf: bgoperatorChange, refusal: bgoperatorRefusal, throwOut: fake.EndSessions}
	var clients [2]*bgoperator.Client
	for i, t := range r.open(s) {
		const share = 40 // callers of a session, of all suppliers
		cfg := fake.Config()
		cfg.BaseURL, cfg.LoginURL, cfg.Sessions = s.url+"/zayavkaapi", s.url+"/auth", 1+callers/share
		var err error
		if clients[i], err = bgoperator.New(cfg, r.options(t)...); err != nil {
			return err
		}
		r.clients = append(r.clients, clients[i])
	}
	direct, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		return err
	}
	account := &site{fake: fake, direct: direct, of: map[string]string{}}
	s.serve = func(c *caller, who customer) { holiday{c, clients[c.n%2], fake.Offers(), account}.serve(who) }
	s.audit = account.audit
	return nil
}

// site is the agency's account on the supplier's site.
type site struct {
	fake   *bgoperatortest.Server
	direct *bgoperator.Client

	mu   sync.Mutex
	read int               // bookings that were read
	of   map[string]string // bookings by surname
}

// find finds a booking by the surname of its tourist.
func (s *site) find(ctx context.Context, surname string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.fake.Bookings()
	for ; s.read < len(all); s.read++ {
		people, err := s.direct.TouristTransfers(ctx, all[s.read].ID)
		if err != nil {
			return "", err
		}
		s.of[people[0].Surname] = string(all[s.read].ID)
	}
	return s.of[surname], nil
}

func (s *site) audit(ctx context.Context) (held []holding, err error) {
	for _, b := range s.fake.Bookings() {
		people, err := s.direct.TouristTransfers(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		h := holding{object: string(b.ID), entry: entry{customer: people[0].Surname, cancelled: b.Status == bgoperatortest.StatusCancelled, prices: sums(b.Prices)}}
		if len(b.Contacts) > 0 {
			h.contact = b.Contacts[0].Email
		}
		held = append(held, h)
	}
	return held, nil
}

// sums returns all amounts of prices.
func sums(prices []bgoperator.Price) (all []decimal.Decimal) {
	for _, p := range prices {
		all = append(all, p.Full, p.Commission, p.Amount)
	}
	return all
}

var tourID = regexp.MustCompile(`<id>([0-9]+)</id>`)

func bgoperatorChange(r *http.Request, body []byte, a answer) (change, bool) {
	q := r.URL.Query()
	unpacked, err := gzip.NewReader(bytes.NewReader(a.Body.Bytes()))
	if err != nil {
		return change{}, false // a page
	}
	reply, _ := io.ReadAll(unpacked)
	switch {
	case q.Get("action") == "createtour" && bytes.Contains(body, []byte("<confirm")):
		if id := tourID.FindSubmatch(reply); id != nil {
			return change{book, string(id[1])}, true
		}
	case q.Get("confirm") != "" && strings.Contains(string(reply), "OK"):
		return change{cancel, q.Get("idTour")}, true
	}
	return change{}, false
}

func bgoperatorRefusal(_ []byte, detail string) (int, string) {
	return http.StatusOK, "<errors><error>113</error><info>" + html.EscapeString(detail) + "</info></errors>"
}

func (c holiday) serve(who customer) {
	tour := bgoperator.Tour{ClientTourID: who.id, Groups: []bgoperator.Group{{
		Offer: c.offers[c.rng.IntN(len(c.offers))],
		Tourists: []bgoperator.Tourist{{
			BirthDate: born, FirstName: who.first, Surname: who.surname, Citizenship: "100410000050",
			PassportSeries: "62", PassportNumber: who.passport, PassportExpiry: civil.Date{Year: 2040, Month: 1, Day: 1}, Sex: bgoperator.Male,
		}},
	}}}
	price, ok := ask(c.caller, func(ctx context.Context) (bgoperator.Quote, error) { return c.Quote(ctx, tour) })
	if !ok {
		return
	}
	retries := c.chance(50)
	first := c.booking(func() (bgoperator.Booking, verdict) {
		if retries {
			return c.bookAgain(who, tour)
		}
		return c.look(who, made)
	})
	send := first.Send
	first.Send = func(ctx context.Context, t bgoperator.Tour) (bgoperator.Booking, error) {
		b, err := send(ctx, t)
		if errors.Is(err, bgoperator.CodeDuplicate) {
			c.ledger.problem(c.shop.name, rowTwice, "%s would have been booked again", who.surname)
		}
		return b, err
	}
	booking, v := first.persist(c.caller, who, tour)
	if v != made && v != shared {
		return
	}
	object := string(booking.ID)
	c.ledger.write(c.shop, object, func(e *entry) { e.customer, e.prices = who.surname, sums(price.Prices) })
	c.contact(who, object)
	if c.chance(50) {
		c.cancel(who, object)
	}
}

// booking returns the effect of a call that books. person returns what a person finds in the
// account.
func (c holiday) booking(person func() (bgoperator.Booking, verdict)) effect[bgoperator.Tour, bgoperator.Booking] {
	return effect[bgoperator.Tour, bgoperator.Booking]{
		Operation: c.BookOperation(), what: book, object: func(b bgoperator.Booking) string { return string(b.ID) }, person: person,
	}
}

// look looks for a booking on the supplier's site.
func (c holiday) look(who customer, found verdict) (bgoperator.Booking, verdict) {
	object, err := c.site.find(c.ctx, who.surname)
	switch {
	case err != nil:
		return bgoperator.Booking{}, unresolved
	case object == "":
		return bgoperator.Booking{}, notMade
	}
	return bgoperator.Booking{ID: bgoperator.BookingID(object)}, found
}

// bookAgain deliberately books a second time. If the first booking exists, the supplier
// returns its id. Otherwise the second booking is the only one.
func (c holiday) bookAgain(who customer, tour bgoperator.Tour) (bgoperator.Booking, verdict) {
	var of bgoperator.BookingID
	again := c.booking(func() (bgoperator.Booking, verdict) { return c.look(who, shared) })
	send := again.Send
	again.Send = func(ctx context.Context, t bgoperator.Tour) (bgoperator.Booking, error) {
		b, err := send(ctx, t)
		if refusal, ok := errors.AsType[*bgoperator.RefusalError](err); ok {
			of = refusal.DuplicateOf
		}
		return b, err
	}
	booking, v := again.commit(c.caller, who, tour)
	switch {
	case of != "":
		return bgoperator.Booking{ID: of}, made
	case v == notMade: // the second one; the outcome of the first is still unknown
		return c.look(who, shared)
	case v == made:
		v = shared
	}
	return booking, v
}

func (c holiday) contact(who customer, object string) {
	id := bgoperator.BookingID(object)
	people, ok := ask(c.caller, func(ctx context.Context) ([]bgoperator.BookedTourist, error) { return c.TouristTransfers(ctx, id) })
	if !ok {
		return
	}
	if len(people) != 1 || people[0].Surname != who.surname {
		c.ledger.problem(c.shop.name, rowOdd, "%s does not belong to %s", object, who.surname)
	}
	_, _, ok = insist(c.caller, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.SetContacts(ctx, id, []bgoperator.Contact{{Tourist: people[0].ID, Email: who.email, Phone: who.phone}}, long)
	})
	if ok {
		c.ledger.write(c.shop, object, func(e *entry) { e.contact = who.email })
	}
}

func (c holiday) cancel(who customer, object string) {
	id := bgoperator.BookingID(object)
	for range tries {
		quote, err, ok := insist(c.caller, func(ctx context.Context) (bgoperator.CancelQuote, error) { return c.QuoteCancel(ctx, id, long) },
			bgoperator.CodeAlreadyCancelled)
		if !ok || err != nil {
			return
		}
		permit := bgoperator.Cancellation{Booking: id, Ticket: quote.Ticket}
		switch _, v := of(c.CancelOperation(), cancel, object).commit(c.caller, who, permit); v {
		case made:
			c.ledger.write(c.shop, object, func(e *entry) { e.cancelled = true })
			return
		case notMade:
		default:
			return
		}
	}
}
