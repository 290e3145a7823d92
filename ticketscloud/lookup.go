package ticketscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// OrderQuery narrows a list of orders. Only what is set is sent.
type OrderQuery struct {
	Status           []OrderStatus // status
	CreatedAt        Period        // created_at
	Events           []EventID     // events
	OnlyWithCustomer bool          // only_with_customer: only orders whose customer is set
	Page             int           // page: 0 is the first, which is 1
	PageSize         int           // page_size: 1 to 200; 0 is the supplier's 50
}

// OrderPage is a page of a list of orders.
type OrderPage struct {
	Orders     []Order    // data
	Pagination Pagination // pagination
}

// OrdersPage returns one page of the list of orders; [Client.Orders] goes through
// all. A page after the last is empty. With [rutravel.ErrProtocol] the orders
// are returned as far as they could be read.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) OrdersPage(ctx context.Context, q OrderQuery, opts ...rutravel.CallOption) (OrderPage, error) {
	return c.orderPage(ctx, opOrders, q, nil, opts)
}

// Orders iterates over the orders of a list, from q.Page on, with one request for
// each page until one is empty. An order that moves to the next page meanwhile
// comes once. An error ends the sequence, after the orders of its page that could
// be read; so does a page that has nothing but what came before. So that none is
// passed over while others are made, give a period of creation that lies in the
// past.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) Orders(ctx context.Context, q OrderQuery, opts ...rutravel.CallOption) iter.Seq2[Order, error] {
	return allPages(q.Page, orderID, func(page int, check func([]Order) error) ([]Order, error) {
		q.Page = page
		p, err := c.orderPage(ctx, opOrders, q, check, opts)
		return p.Orders, err
	})
}

func orderID(o Order) OrderID { return o.ID }

// orderPage reads one page; check, if not nil, says whether it may follow those
// before.
func (c *Client) orderPage(ctx context.Context, op int, q OrderQuery, check func([]Order) error, opts []rutravel.CallOption) (OrderPage, error) {
	r := &request{op: op, method: http.MethodGet, path: ordersPath}
	q.filter(r)
	r.addPage(q.Page, q.PageSize, MaxPageSize)
	decode := func(d *wire.Decoder, p *OrderPage) error { return wire.List(d, &p.Orders, (*Order).decode) }
	return call(ctx, c, r, decode, func(answer *reply, p *OrderPage, err error) error {
		for i := range p.Orders {
			err = cmp.Or(err, p.Orders[i].link(&answer.refs))
		}
		p.Pagination = answer.page
		if err == nil && check != nil {
			err = check(p.Orders)
		}
		return err
	}, opts)
}

// filter adds what narrows a list.
func (q OrderQuery) filter(r *request) {
	checkList(&r.Check, "Status", q.Status)
	q.CreatedAt.check(&r.Check, "CreatedAt")
	checkList(&r.Check, "Events", q.Events)
	addList(&r.query, "status", q.Status)
	if !q.CreatedAt.isZero() {
		r.query.Add("created_at", q.CreatedAt.text())
	}
	addList(&r.query, "events", q.Events)
	if q.OnlyWithCustomer {
		r.query.Add("only_with_customer", "true")
	}
}

// OrderKey names an existing order; see [Order.Key].
type OrderKey struct {
	ID OrderID
	// Event and CreatedAt are those of the order. They may be empty. Calls that
	// search the list of orders, such as [Client.FindOrder], then read all of it.
	Event     EventID
	CreatedAt time.Time
}

func (k OrderKey) check(v *valid.Check, field string) { checkKey(v, field, k.ID, k.Event) }

// In which time zone the supplier reads a period the manual does not say; it is
// taken for UTC, as its answers are. What must not be overlooked is looked for
// in a whole day on either side, too.
const anyZone = 24 * time.Hour

// around makes a period of a time.
func around(t time.Time, d time.Duration) Period {
	if t.IsZero() {
		return Period{}
	}
	return Period{From: t.Add(-d), To: t.Add(d)}
}

// searchAround searches the minutes of a time and, if nothing was found there, its
// days.
func searchAround[T any](created time.Time, search func(Period) (T, error)) (T, error) {
	v, err := search(around(created, time.Minute))
	if !created.IsZero() && errors.Is(err, rutravel.ErrNotFound) {
		return search(around(created, anyZone))
	}
	return v, err
}

// ifKnown makes a list of an event, if it is known.
func ifKnown(event EventID) []EventID {
	if event == "" {
		return nil
	}
	return []EventID{event}
}

// FindOrder returns an order as it is now. It is what tells the truth after a
// [Client.PayOrder], [Client.CancelOrder] or [Client.ChangeOrder] whose
// answer was lost. The manual has no call for one order: it is looked for in
// the list. [rutravel.ErrNotFound] says that the list was read and does not have
// it.
//
// With [rutravel.ErrProtocol] the order is returned as far as it could be read,
// if it was found.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) FindOrder(ctx context.Context, key OrderKey, opts ...rutravel.CallOption) (Order, error) {
	var v valid.Check
	key.check(&v, "key")
	if err := v.Err(); err != nil {
		return Order{}, c.engine.Invalid(&operations[opOrders], err)
	}
	return searchAround(key.CreatedAt, func(p Period) (Order, error) {
		q := OrderQuery{CreatedAt: p, Events: ifKnown(key.Event), PageSize: MaxPageSize}
		return findInPages(key.ID, orderID, func(page int, check func([]Order) error) ([]Order, error) {
			q.Page = page
			p, err := c.orderPage(ctx, opOrders, q, check, opts)
			return p.Orders, err
		})
	})
}

// How long before and after a call the object that it made may seem to have been
// made, by a clock that differs from this one's and after a slow attempt.
const (
	lostBefore = 2 * time.Minute
	lostAfter  = 10 * time.Minute
)

// mayBeOf reports whether an object created at one time, which may be zero, can
// be that of a call sent at another.
func mayBeOf(created, sent time.Time) bool {
	return created.IsZero() || !created.Before(sent.Add(-lostBefore)) && !created.After(sent.Add(lostAfter))
}

// LostOrders lists the orders that a [Client.CreateOrder] may have made whose
// answer was lost: those of the event that still hold their tickets and were
// created from two minutes before sent, the time of the call, to ten minutes
// after. There may be several, for the manual has no key that would tell them
// apart: leave out those that are known, and compare what they hold. Finding none
// proves nothing while the supplier may still be at work: ask again for some
// minutes. Beside an error, what could be read is returned.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) LostOrders(ctx context.Context, event EventID, sent time.Time, opts ...rutravel.CallOption) ([]Order, error) {
	var v valid.Check
	checkListed(&v, "event", event)
	v.Instant("sent", sent)
	if err := v.Err(); err != nil {
		return nil, c.engine.Invalid(&operations[opOrders], err)
	}
	list, err := rutravel.Collect(c.Orders(ctx, OrderQuery{
		Status: []OrderStatus{OrderHeld}, Events: []EventID{event}, CreatedAt: around(sent, anyZone), PageSize: MaxPageSize,
	}, opts...))
	return slices.DeleteFunc(list, func(o Order) bool { return !mayBeOf(o.CreatedAt, sent) }), err
}

// listError is the error of what the list of orders has shown.
func (c *Client) listError(kind rutravel.Kind, cause error) error {
	err := c.engine.NotSent(&operations[opOrders], kind, cause)
	if e, ok := errors.AsType[*rutravel.Error](err); ok {
		e.Attempts = 1
		if look, failed := errors.AsType[*rutravel.Error](cause); failed {
			e.Attempts = look.Attempts
		}
	}
	return err
}
