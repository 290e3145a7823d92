package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// business is a caller's view of Smartway.
type business struct {
	*caller
	*smartway.Client
	cursor *smartway.Cursor // the caller knows all trips up to it
}

func openSmartway(r *run, callers int) error {
	fake := smartwaytest.New()
	fake.SetBalance(decimal.New(1, 12))
	s := &shop{name: "smartway", fake: fake, changeOf: smartwayChange, refusal: smartwayRefusal}
	var clients [2]*smartway.Client
	for i, t := range r.open(s) {
		cfg := fake.Config()
		cfg.BaseURL = s.url + "/v2"
		var err error
		if clients[i], err = smartway.New(cfg, r.options(t)...); err != nil {
			return err
		}
		r.clients = append(r.clients, clients[i])
	}
	cursors := make([]smartway.Cursor, callers)
	s.serve = func(c *caller, who customer) {
		b := business{c, clients[c.n%2], &cursors[c.n]}
		if c.chance(30) {
			b.request(who)
		} else {
			b.fly(who)
		}
	}
	s.audit = func(ctx context.Context) ([]holding, error) { return auditSmartway(ctx, fake, r.ledger, s) }
	return nil
}

func smartwayChange(_ *http.Request, body []byte, a answer) (change, bool) {
	var asked struct {
		Method string
		Params struct{ Query json.RawMessage }
	}
	var reply struct{ Result string }
	if json.Unmarshal(body, &asked) != nil || json.Unmarshal(a.Body.Bytes(), &reply) != nil || reply.Result == "" {
		return change{}, false
	}
	switch asked.Method {
	case "airline.book":
		return change{book, reply.Result}, true
	case "request.save":
		var request struct{ ID string }
		_ = json.Unmarshal(asked.Params.Query, &request) // the fake has read it
		return change{book, request.ID}, true
	case "request.cancel":
		var id string
		_ = json.Unmarshal(asked.Params.Query, &id) // the fake has read it
		return change{cancel, id}, reply.Result == string(smartway.RequestCancelled)
	}
	return change{}, false
}

func smartwayRefusal(body []byte, detail string) (int, string) {
	var asked struct{ ID int }
	_ = json.Unmarshal(body, &asked) // the library's request is valid
	return http.StatusOK, fmt.Sprintf(`{"jsonrpc": "2.0", "id": %d, "error": {"code": -32602, "message": %s, "data": null, "name": "Error"}}`, asked.ID, quote(detail))
}

// catchUp reads the trips that are newer than the cursor.
func (c business) catchUp(ctx context.Context) (struct{}, error) {
	history := c.Trips.AfterChange(ctx, *c.cursor)
	for _, err := range history.All() {
		if err != nil {
			return struct{}{}, err
		}
	}
	if cursor, ok := history.Cursor(); ok {
		*c.cursor = cursor
	}
	return struct{}{}, nil
}

func (c business) fly(who customer) {
	today := civil.DateOf(time.Now().In(moscow))
	if _, ok := ask(c.caller, c.catchUp); !ok {
		return
	}
	offers, ok := ask(c.caller, func(ctx context.Context) (smartway.FlightOffers, error) {
		return c.Airlines.Search(ctx, smartway.FlightQuery{Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1, Routes: []smartway.RouteQuery{
			{From: "LED", To: "MOW", Date: today.AddDays(5 + c.rng.IntN(100))},
		}})
	})
	if !ok || len(offers.Variants) == 0 {
		return
	}
	variant := offers.Variants[c.rng.IntN(len(offers.Variants))]
	fare := variant.Fares[c.rng.IntN(len(variant.Fares))]
	booking := smartway.PurchaseRequest{Search: offers.Search, Variant: variant.ID, Fare: fare.ID, Passengers: []smartway.Passenger{{
		ID: smartway.ExternalID(who.id), Phone: who.phone, Surname: who.surname, FirstName: who.first, SurnameEng: who.surname, FirstNameEng: who.first,
		Email: who.email, Citizenship: "RU", BirthDate: born, Sex: smartway.Male, INN: "7799555550",
		Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: who.passport, Selected: true}},
	}}}
	bought, v := effect[smartway.PurchaseRequest, smartway.Purchase]{
		Operation: c.Airlines.BuyOperation(), what: book, runsOn: smartwaytest.PurchaseTime + time.Millisecond,
		object: func(p smartway.Purchase) string { return string(p.ID) },
	}.persist(c.caller, who, booking)
	if v != made {
		return
	}
	trip := bought.Trip
	info, _, ok := insist(c.caller, func(ctx context.Context) (smartway.TripInfo, error) { return c.Trips.Info(ctx, trip, long) })
	if !ok {
		return
	}
	if !info.Amount.Equal(fare.Price) {
		c.ledger.problem(c.shop.name, rowMoney, "trip %s costs %s, not %s", trip, info.Amount, fare.Price)
	}
	c.ledger.write(c.shop, string(trip), func(e *entry) { e.customer, e.paid = who.id, fare.Price })
}

func (c business) request(who customer) {
	id := smartway.RequestID("rq" + who.id)
	traveller := smartway.Traveller{
		ID: smartway.ExternalID(who.id), Surname: who.surname, FirstName: who.first, SurnameEng: who.surname, FirstNameEng: who.first, Sex: smartway.Male,
		BirthDate: born, Citizenship: "RU", Phone: who.phone, Email: who.email, INNs: []smartway.INN{"7799555550"},
		Documents: []smartway.Document{{Type: smartway.DomesticPassport, Number: who.passport}},
	}
	_, v := of(c.Requests.SaveOperation(), book, string(id)).persist(c.caller, who,
		smartway.TravelRequest{ID: id, Travellers: []smartway.Traveller{traveller}, Creator: traveller})
	if v != made {
		return
	}
	c.ledger.write(c.shop, string(id), func(e *entry) { e.customer = who.id })
	if c.chance(50) {
		return
	}
	if _, v = of(c.Requests.CancelOperation(), cancel, string(id)).persist(c.caller, who, id); v == made {
		c.ledger.write(c.shop, string(id), func(e *entry) { e.cancelled = true })
	}
}

func auditSmartway(ctx context.Context, fake *smartwaytest.Server, l *ledger, s *shop) (held []holding, err error) {
	paid := map[string]decimal.Decimal{}
	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(tapped(fake, func(_ *http.Request, answer []byte) error {
		if !bytes.Contains(answer, []byte(`"trips"`)) {
			return nil
		}
		var reply struct {
			Result struct {
				Trips []struct {
					ID     json.Number
					Amount decimal.Decimal
				}
			}
		}
		bad := json.Unmarshal(answer, &reply)
		for _, t := range reply.Result.Trips {
			paid[t.ID.String()] = t.Amount
		}
		return bad
	})))
	if err != nil {
		return nil, err
	}
	for t, err := range client.Trips.AfterChange(ctx, 0).All() {
		if err != nil {
			return nil, err
		}
		held = append(held, holding{object: string(t.ID), entry: entry{
			customer: string(t.Items[0].Travellers[0].ExternalID), paid: paid[string(t.ID)],
		}})
	}
	for _, object := range l.objects(s) {
		id := smartway.RequestID(object)
		status, err := client.Requests.Statuses(ctx, []smartway.RequestID{id})
		if err != nil {
			return nil, err
		}
		if status[id] != smartway.RequestNotFound { // a purchase is not a request
			held = append(held, holding{object: object, entry: entry{
				customer: object[len("rq"):], cancelled: status[id] == smartway.RequestCancelled,
			}})
		}
	}
	return held, nil
}
