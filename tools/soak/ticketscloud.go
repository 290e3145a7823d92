package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// distributor is shared by the callers of one account. A new order has no buyer. So a lost
// order can be distinguished from others only if orders are made one after the other.
type distributor struct {
	fake   *ticketscloudtest.Server
	client *ticketscloud.Client

	creating map[ticketscloud.EventID]*sync.Mutex
}

// concert is a caller's view of Ticketscloud.
type concert struct {
	*caller
	*ticketscloud.Client
	shared *distributor
}

func openTicketscloud(r *run, callers int) error {
	const (
		share      = 60 // callers per account, of all suppliers, because its events have few tickets
		changeTime = 2 * time.Millisecond
	)
	for n := range 1 + callers/share {
		d := &distributor{fake: ticketscloudtest.New(), creating: map[ticketscloud.EventID]*sync.Mutex{
			ticketscloudtest.Concert: new(sync.Mutex), ticketscloudtest.Play: new(sync.Mutex),
		}}
		d.fake.SetQuirks(ticketscloudtest.Quirks{ChangeTime: changeTime})
		s := &shop{name: "ticketscloud", fake: d.fake, changeOf: ticketscloudChange, refusal: ticketscloudRefusal, audit: d.audit}
		transports := r.open(s)
		cfg := d.fake.Config()
		cfg.BaseURL = s.url
		var err error
		if d.client, err = ticketscloud.New(cfg, r.options(transports[n%2])...); err != nil {
			return err
		}
		r.clients = append(r.clients, d.client)
		s.serve = func(c *caller, who customer) { concert{c, d.client, d}.serve(who) }
	}
	return nil
}

func ticketscloudChange(r *http.Request, _ []byte, a answer) (change, bool) {
	var reply struct {
		Data struct{ ID, Status string }
	}
	if r.Method == http.MethodGet || json.Unmarshal(a.Body.Bytes(), &reply) != nil || a.Code != http.StatusOK {
		return change{}, false
	}
	refunds := strings.Contains(r.URL.Path, "refund_requests")
	switch {
	case refunds && r.Method == http.MethodPost:
		return change{requestRefund, reply.Data.ID}, true
	case refunds && reply.Data.Status == "approved":
		return change{refund, reply.Data.ID}, true
	case r.Method == http.MethodPost:
		return change{book, reply.Data.ID}, true
	case reply.Data.Status == "done":
		return change{pay, reply.Data.ID}, true
	case reply.Data.Status == "cancelled":
		return change{cancel, reply.Data.ID}, true
	}
	return change{}, false
}

func ticketscloudRefusal(_ []byte, detail string) (int, string) {
	return http.StatusBadRequest, fmt.Sprintf(`{"errors": [%s]}`, quote(detail))
}

func (c concert) serve(who customer) {
	event, set := ticketscloud.EventID(ticketscloudtest.Concert), ticketscloud.SetID(ticketscloudtest.FanZone)
	if c.chance(25) {
		event, set = ticketscloudtest.Play, ticketscloudtest.Gallery
	}
	if _, ok := ask(c.caller, func(ctx context.Context) ([]ticketscloud.ListedEvent, error) {
		return rutravel.Collect(c.Events(ctx, ticketscloud.EventQuery{}))
	}); !ok {
		return
	}
	order, ok := c.create(who, ticketscloud.NewOrder{
		Event: event, Random: []ticketscloud.SetCount{{Set: set, Count: 1 + c.rng.IntN(2)}},
	})
	if !ok {
		return
	}
	if order, ok = c.setCustomer(who, order); !ok {
		return
	}
	c.ledger.write(c.shop, string(order.ID), func(e *entry) { e.contact = who.email })
	if event == ticketscloudtest.Play { // its hall sells through Mosbilet
		if _, _, ok = insist(c.caller, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, c.SetMosbiletBuyers(ctx, order.Key(), []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "Иван", Surname: who.surname}}, long)
		}); !ok {
			return
		}
	}
	if len(order.Tickets) == 0 || c.chance(20) {
		c.end(who, cancel, order)
		return
	}
	if c.end(who, pay, order) && !c.chance(4) {
		c.refund(who, order)
	}
}

// setCustomer sets the customer of an order. Two callers do so at the same time.
func (c concert) setCustomer(who customer, o ticketscloud.Order) (ticketscloud.Order, bool) {
	one, two := *c.caller, *c.caller
	one.order = new(order)
	two.order, two.rng = one.order, rand.New(rand.NewPCG(c.rng.Uint64(), 0))
	set := func(from *caller) (ticketscloud.Order, bool) {
		changed, _, ok := insist(from, func(ctx context.Context) (ticketscloud.Order, error) {
			return c.ChangeOrder(ctx, o.Key(), ticketscloud.OrderChange{
				Customer: ticketscloud.Customer{Name: who.surname, Email: who.email, Phone: who.phone},
			}, long)
		})
		return changed, ok
	}
	var wait sync.WaitGroup
	wait.Go(func() { set(&two) })
	changed, ok := set(&one)
	wait.Wait()
	return changed, ok
}

// create makes an order. Orders for an event are made one after the other.
func (c concert) create(who customer, n ticketscloud.NewOrder) (order ticketscloud.Order, ok bool) {
	lock := c.shared.creating[n.Event]
	lock.Lock()
	defer lock.Unlock()
	var sent time.Time
	create := effect[ticketscloud.NewOrder, ticketscloud.Order]{
		Operation: c.CreateOrderOperation(), what: book, object: func(o ticketscloud.Order) string { return string(o.ID) },
	}
	send := create.Send
	create.Send = func(ctx context.Context, n ticketscloud.NewOrder) (ticketscloud.Order, error) {
		sent = time.Now()
		return send(ctx, n)
	}
	// An order with fewer tickets than in the request is left to expire.
	create.person = func() (ticketscloud.Order, verdict) {
		orders, _, ok := insist(c.caller, func(ctx context.Context) ([]ticketscloud.Order, error) {
			return c.LostOrders(ctx, ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: n.Event}, Sent: sent}, long)
		})
		if !ok {
			return ticketscloud.Order{}, unresolved
		}
		for _, o := range orders {
			if c.shop.claim(create.ID(o)) {
				return ticketscloud.Order{}, abandoned
			}
		}
		return ticketscloud.Order{}, notMade
	}
	order, v := create.persist(c.caller, who, n)
	if v != made {
		return order, false
	}
	c.ledger.write(c.shop, string(order.ID), func(e *entry) { e.customer = who.surname })
	return order, true
}

// end pays for an order or cancels it, and reports whether it succeeded.
func (c concert) end(who customer, what string, order ticketscloud.Order) bool {
	operation := c.PayOrderOperation()
	if what == cancel {
		operation = c.CancelOrderOperation()
	}
	_, v := of(operation, what, string(order.ID)).persist(c.caller, who, order.Key())
	if v == made {
		c.ledger.write(c.shop, string(order.ID), func(e *entry) {
			if e.cancelled = what == cancel; !e.cancelled {
				e.paid = order.Totals.Full
			}
		})
	}
	return v == made
}

// refund refunds all tickets of an order.
func (c concert) refund(who customer, order ticketscloud.Order) {
	n := ticketscloud.NewRefund{Order: order.Key(), Culprit: ticketscloud.CulpritOrg}
	for _, t := range order.Tickets {
		n.Tickets = append(n.Tickets, t.ID)
	}
	asked, v := effect[ticketscloud.NewRefund, ticketscloud.Refund]{
		Operation: c.CreateRefundOperation(), what: requestRefund, object: func(f ticketscloud.Refund) string { return string(f.ID) },
	}.persist(c.caller, who, n)
	if v != made {
		return
	}
	if _, v = of(c.ApproveRefundOperation(), refund, string(asked.ID)).persist(c.caller, who, asked.Key()); v == made {
		c.ledger.write(c.shop, string(order.ID), func(e *entry) { e.refunded = asked.Amount })
	}
}

func (d *distributor) audit(ctx context.Context) (held []holding, err error) {
	paid, refunded := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	client, err := ticketscloud.New(d.fake.Config(), rutravel.WithHTTPClient(tapped(d.fake, func(r *http.Request, answer []byte) error {
		var reply struct {
			Data []struct {
				ID, Status, Order string
				Values            struct{ Full decimal.Decimal }
				RefundNominal     decimal.Decimal `json:"refund_nominal"`
			}
		}
		bad := json.Unmarshal(answer, &reply)
		for _, o := range reply.Data {
			switch refunds := strings.Contains(r.URL.Path, "refund_requests"); {
			case refunds && o.Status == "approved":
				refunded[o.Order] = refunded[o.Order].Add(o.RefundNominal)
			case !refunds && o.Status == "done":
				paid[o.ID] = o.Values.Full
			}
		}
		return bad
	})))
	if err != nil {
		return nil, err
	}
	for _, err := range client.Refunds(ctx, ticketscloud.RefundQuery{PageSize: ticketscloud.MaxPageSize}) {
		if err != nil {
			return nil, err
		}
	}
	for o, err := range client.Orders(ctx, ticketscloud.OrderQuery{PageSize: ticketscloud.MaxPageSize}) {
		if err != nil {
			return nil, err
		}
		held = append(held, holding{object: string(o.ID), entry: entry{
			customer: o.Settings.Customer.Name, contact: o.Settings.Customer.Email,
			cancelled: o.Status == ticketscloud.OrderCancelled, paid: paid[string(o.ID)], refunded: refunded[string(o.ID)],
		}})
	}
	return held, nil
}
