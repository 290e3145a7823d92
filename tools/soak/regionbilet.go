package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// coach is a caller's view of Regionbilet.
type coach struct {
	*caller
	*regionbilet.Client
}

func openRegionbilet(r *run, _ int) error {
	fake := regionbilettest.New()
	s := &shop{name: "regionbilet", fake: fake, changeOf: regionbiletChange, refusal: regionbiletRefusal}
	var clients [2]*regionbilet.Client
	for i, t := range r.open(s) {
		cfg := fake.Config()
		cfg.BaseURL = s.url
		var err error
		if clients[i], err = regionbilet.New(cfg, r.options(t)...); err != nil {
			return err
		}
		r.clients = append(r.clients, clients[i])
	}
	s.serve = func(c *caller, who customer) { coach{c, clients[c.n%2]}.serve(who) }
	s.audit = func(ctx context.Context) ([]holding, error) { return auditRegionbilet(ctx, fake, r.ledger.objects(s)) }
	return nil
}

func regionbiletChange(r *http.Request, _ []byte, a answer) (change, bool) {
	q := r.URL.Query()
	var reply struct {
		Error  string
		Result json.RawMessage
	}
	if json.Unmarshal(a.Body.Bytes(), &reply) != nil || reply.Error != "0" {
		return change{}, false
	}
	switch q.Get("command") {
	case "booking":
		var hold struct {
			ID string `json:"id_booking"`
		}
		_ = json.Unmarshal(reply.Result, &hold) // a missing id is never reported
		return change{book, hold.ID}, true
	case "pay":
		return change{pay, q.Get("id_booking")}, true
	case "cancel":
		return change{cancel, q.Get("id_booking")}, true
	case "refund":
		return change{refund, q.Get("number_ticket")}, true
	}
	return change{}, false
}

func regionbiletRefusal(_ []byte, detail string) (int, string) {
	return http.StatusOK, fmt.Sprintf(`{"error": "1", "error_description": %s}`, quote(detail))
}

var moscow = time.FixedZone("Moscow", 3*60*60)

func (c coach) serve(who customer) {
	const days = 50
	pairs := [][2]regionbilet.SettlementID{{"124", "463"}, {"463", "124"}, {"124", "505"}}
	pair := pairs[c.rng.IntN(len(pairs))]
	day := civil.DateOf(time.Now().In(moscow)).AddDays(2 + c.rng.IntN(days))
	trips, ok := ask(c.caller, func(ctx context.Context) ([]regionbilet.Trip, error) {
		return c.Trips(ctx, regionbilet.TripQuery{From: pair[0], To: pair[1], Date: day})
	})
	if !ok || len(trips) == 0 {
		return
	}
	trip := trips[0]
	free, ok := ask(c.caller, func(ctx context.Context) ([]regionbilet.Seat, error) { return c.FreeSeats(ctx, trip.Key()) })
	if !ok || len(free) < 2 {
		return
	}
	price := trip.Adult.Total
	request := regionbilet.BookRequest{Trip: trip.Key(), Phone: who.phone, Passengers: []regionbilet.Passenger{{
		Surname: who.surname, FirstName: who.first, Sex: regionbilet.Male, Category: regionbilet.Adult, BirthDate: born,
		Nationality: "643", DocumentType: "1", Document: who.passport, Seat: free[c.rng.IntN(len(free)-1)], Price: trip.Adult.Price,
	}}}
	if c.chance(40) {
		second := request.Passengers[0]
		second.FirstName, second.Category, second.Price = "WQJINA", regionbilet.Child, trip.Child.Price
		second.Seat = free[len(free)-1]
		request.Passengers = append(request.Passengers, second)
		price = price.Add(trip.Child.Total)
	}
	hold, v := effect[regionbilet.BookRequest, regionbilet.Hold]{
		Operation: c.BookOperation(), what: book,
		object: func(h regionbilet.Hold) string { return string(h.Booking) },
		person: func() (regionbilet.Hold, verdict) { return regionbilet.Hold{}, abandoned }, // the manual has no look-up
	}.persist(c.caller, who, request)
	if v != made {
		return
	}
	object := string(hold.Booking)
	c.ledger.write(c.shop, object, func(e *entry) { e.customer = who.surname })
	if c.chance(25) {
		if _, v := of(c.CancelOperation(), cancel, object).persist(c.caller, who, hold); v == made {
			c.ledger.write(c.shop, object, func(e *entry) { e.cancelled = true })
		}
		return
	}
	c.pay(who, hold, price)
}

func (c coach) pay(who customer, hold regionbilet.Hold, price decimal.Decimal) {
	object := string(hold.Booking)
	if _, v := of(c.PayOperation(), pay, object).persist(c.caller, who, hold); v != made {
		return
	}
	c.ledger.write(c.shop, object, func(e *entry) { e.paid = price })
	tickets, _, ok := insist(c.caller, func(ctx context.Context) ([]regionbilet.Ticket, error) {
		return c.BookingTickets(ctx, hold.Booking, long)
	})
	if !ok || c.chance(10) {
		return
	}
	for _, t := range tickets {
		who := who
		who.surname += " " + t.FirstName // each ticket is refunded once
		ref := regionbilet.TicketRef{Booking: hold.Booking, Ticket: t.Number}
		given, v := of(c.RefundOperation(), refund, string(t.Number)).persist(c.caller, who, ref)
		if v == made {
			c.ledger.write(c.shop, object, func(e *entry) { e.refunded = e.refunded.Add(given.Amount) })
		}
	}
}

// auditRegionbilet reads the reports, and the status of all bookings.
func auditRegionbilet(ctx context.Context, fake *regionbilettest.Server, booked []string) ([]holding, error) {
	all := map[string]*holding{}
	of := func(id string) *holding {
		if all[id] == nil {
			all[id] = &holding{object: id}
		}
		return all[id]
	}
	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(tapped(fake, func(r *http.Request, answer []byte) error {
		if !strings.HasPrefix(r.URL.Query().Get("command"), "report_") {
			return nil
		}
		var reply struct {
			Result []struct {
				Booking string          `json:"id_booking"`
				Base    decimal.Decimal `json:"ticket_price"`
				Fee     decimal.Decimal `json:"markup_price"`
				Back    decimal.Decimal `json:"ticket_refund_price"`
			}
		}
		err := json.Unmarshal(answer, &reply)
		for _, t := range reply.Result {
			h := of(t.Booking)
			h.paid, h.refunded = h.paid.Add(t.Base).Add(t.Fee), h.refunded.Add(t.Back)
		}
		return err
	})))
	if err != nil {
		return nil, err
	}
	today := civil.DateOf(time.Now().In(moscow))
	days := regionbilet.DateRange{From: today.AddDays(-1), To: today.AddDays(1)}
	if _, err = rutravel.Collect(client.AllSales(ctx, days)); err != nil {
		return nil, err
	}
	if _, err = rutravel.Collect(client.AllRefunds(ctx, days)); err != nil {
		return nil, err
	}
	for _, id := range booked {
		tickets, err := client.BookingTickets(ctx, regionbilet.BookingID(id))
		if err != nil {
			return nil, err
		}
		h := of(id)
		h.customer, h.cancelled = tickets[0].Surname, tickets[0].Status == regionbilet.TicketExpired
	}
	var held []holding
	for _, h := range all {
		held = append(held, *h)
	}
	return held, nil
}
