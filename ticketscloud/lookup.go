package ticketscloud

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
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
// all. A page after the last is empty. If orders could not be read, the others
// are returned with a [rutravel.RowsError] that names them; Orders has those, too.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) OrdersPage(ctx context.Context, q OrderQuery, opts ...rutravel.CallOption) (OrderPage, error) {
	p, err := c.orderPage(ctx, q, (*Order).decode, opts)
	return OrderPage{Orders: wire.Readable(p.rows, err), Pagination: p.pagination}, err
}

// Orders iterates over the orders of a list, from q.Page on, with one request for
// each page until one is empty. An order that moves to the next page meanwhile
// comes once. An order that could not be read whole comes with its
// [rutravel.RowError], and the sequence goes on; after any other error it ends. A
// page that repeats what came before ends the sequence. Its error says so, unless
// all orders that the supplier announced have come.
//
// So that none is skipped while others are made, give a period of creation that
// lies in the past.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) Orders(ctx context.Context, q OrderQuery, opts ...rutravel.CallOption) iter.Seq2[Order, error] {
	return c.orders(ctx, q, (*Order).decode, nil, opts)
}

// orders is [Client.Orders] with the function that decodes an order. last, if not nil,
// becomes what is known of the page that was read last.
func (c *Client) orders(ctx context.Context, q OrderQuery, decode func(*Order, *wire.Decoder) error, last *lastPage, opts []rutravel.CallOption) iter.Seq2[Order, error] {
	return pages(c, opOrders, q.Page, q.PageSize, func(o *Order) OrderID { return o.ID }, func(page int) (listPage[Order], error) {
		q := q
		q.Page = page
		p, err := c.orderPage(ctx, q, decode, opts)
		last.set(p.clock, err)
		return p, err
	})
}

func (o *Order) id() string { return string(o.ID) }

// orderPage reads one page.
func (c *Client) orderPage(ctx context.Context, q OrderQuery, decode func(*Order, *wire.Decoder) error, opts []rutravel.CallOption) (listPage[Order], error) {
	r := &request{op: opOrders, method: http.MethodGet, path: ordersPath}
	q.filter(r)
	r.addPage(q.Page, q.PageSize, MaxPageSize)
	rows := rowsOf(decode, (*Order).id)
	return call(ctx, c, r, func(d *wire.Decoder, p *listPage[Order]) error { return rows(d, &p.rows) },
		func(answer *reply, p *listPage[Order], err error) error {
			p.pagination, p.clock = answer.page, answer.clock
			return withRows(err, p.rows, (*Order).id, func(o *Order) error { return o.link(&answer.refs) })
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

// findAround looks for an object in the list of the minutes around its creation and,
// if it is not there, in that of the days around it.
func findAround[T any, ID comparable](c *Client, op int, created time.Time, want ID, id func(*T) ID, list func(Period, *lastPage) iter.Seq2[T, error]) (T, error) {
	find := func(d time.Duration) (v T, read bool, err error) {
		var last lastPage
		v, err = transport.Find(c.engine, &operations[op], list(around(created, d), &last), want, id)
		if err == nil {
			err = last.err // of the page that has the object
		}
		return v, last.err == nil, err
	}
	v, read, err := find(time.Minute)
	if !created.IsZero() && err != nil && read && id(&v) != want {
		v, _, err = find(anyZone)
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

// FindOrder returns an order as it is now. Ask it after a [Client.PayOrder],
// [Client.CancelOrder] or [Client.ChangeOrder] whose answer was lost. The manual has
// no call for one order: it is looked for in the list. [rutravel.ErrNotFound] says
// that the list was read completely and does not have it.
//
// With [rutravel.ErrProtocol] the order is returned as far as it could be read, if it
// was found. Orders of others that cannot be read do not matter, unless their ids
// cannot be read and the order was not found.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) FindOrder(ctx context.Context, key OrderKey, opts ...rutravel.CallOption) (Order, error) {
	return c.findOrder(ctx, key, (*Order).decode, opts)
}

// findOrder is [Client.FindOrder] with the function that decodes an order.
func (c *Client) findOrder(ctx context.Context, key OrderKey, decode func(*Order, *wire.Decoder) error, opts []rutravel.CallOption) (Order, error) {
	var v valid.Check
	key.check(&v, "key")
	if err := v.Err(); err != nil {
		return Order{}, c.engine.Invalid(ctx, &operations[opOrders], err)
	}
	return findAround(c, opOrders, key.CreatedAt, key.ID, func(o *Order) OrderID { return o.ID }, func(p Period, last *lastPage) iter.Seq2[Order, error] {
		q := OrderQuery{CreatedAt: p, Events: ifKnown(key.Event), PageSize: MaxPageSize}
		return c.orders(ctx, q, decode, last, opts)
	})
}

// LostOrder is a [Client.CreateOrder] whose answer was lost.
type LostOrder struct {
	// Order is the request. Without Tickets and Random, what the orders hold is not
	// compared.
	Order NewOrder
	Sent  time.Time // the time of the call, by this machine's clock
	// VendorData is what this application sets for the order that it makes, such as
	// its own number. An order with another OrderID, or with another value of a field,
	// is known to be another call's. Empty fields are not compared.
	VendorData VendorData
}

// LostOrders lists the orders that a [Client.CreateOrder] may have made whose
// answer was lost. These must fit, as far as the supplier's list has them:
//
//   - the event,
//   - the status: [OrderHeld], because an order is not paid for before it is known,
//   - the time of creation: from 17 minutes before the call to 25 minutes after it, by
//     this machine's clock or by the supplier's, which the answer's Date tells. The
//     clock of the machine that made the call may have differed by 15 minutes,
//   - the tickets, which are all among those of the request, because the supplier
//     leaves out what it cannot reserve,
//   - the VendorData, if the order has any.
//
// The orders are candidates. Even a single one may be that of another call, whose
// customer would then have the same ticket. So wait until other calls for the event
// have ended, keep a unique index on [OrderID], and mark each order after it was made
// with a [Client.ChangeOrder] of its VendorData: marked orders are told apart here.
//
// Finding none proves nothing: ask again for [CreateOrderPatience]. Left alone, an
// order expires. If an order that may be it cannot be read, or the list may be
// incomplete, the error says so; the candidates are returned with it. A
// [rutravel.RowsError] in its chain names those that were not read whole.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) LostOrders(ctx context.Context, lost LostOrder, opts ...rutravel.CallOption) ([]Order, error) {
	var v valid.Check
	checkListed(&v, "Order.Event", lost.Order.Event)
	v.Instant("Sent", lost.Sent)
	if err := v.Err(); err != nil {
		return nil, c.engine.Invalid(ctx, &operations[opOrders], err)
	}
	var last lastPage
	q := OrderQuery{
		Status: []OrderStatus{OrderHeld}, Events: []EventID{lost.Order.Event}, CreatedAt: around(lost.Sent, anyZone), PageSize: MaxPageSize,
	}
	return candidates(c.orders(ctx, q, (*Order).decode, &last, opts), (*Order).id, func(o *Order) bool {
		return last.clock.mayBeOf(o.CreatedAt, lost.Sent) && lost.fits(o)
	})
}

// fits reports whether an order may be the lost one, by all but its time.
func (l LostOrder) fits(o *Order) bool {
	other := o.Event.ID != "" && o.Event.ID != l.Order.Event || o.Status != "" && o.Status != OrderHeld
	return !other && l.holdsOnly(o) && l.VendorData.mayBe(o.VendorData)
}

// holdsOnly reports whether an order may hold nothing but what was asked for.
func (l LostOrder) holdsOnly(o *Order) bool {
	// Empty is not set, as on the wire: what was stored may come back as either.
	byID, bySet := len(l.Order.Tickets) > 0, len(l.Order.Random) > 0
	if !byID && !bySet {
		return true
	}
	held := map[SetID]int{}
	for _, t := range o.Tickets {
		held[t.Set.ID]++
		if byID && t.ID != "" && !slices.Contains(l.Order.Tickets, t.ID) {
			return false
		}
	}
	for _, s := range l.Order.Random {
		held[s.Set] -= s.Count
	}
	for set, more := range held {
		if bySet && set != "" && more > 0 {
			return false
		}
	}
	return true
}

// mayBe reports whether an order that has a VendorData may be marked with v, or not
// be marked yet.
func (v VendorData) mayBe(has VendorData) bool {
	same := func(want, got string) bool {
		return want == "" || got == "" || strings.TrimSpace(want) == strings.TrimSpace(got) || strings.ContainsRune(got, unicode.ReplacementChar)
	}
	return same(v.OrderID, has.OrderID) && !slices.ContainsFunc(v.Raw, func(f VendorField) bool {
		i := slices.IndexFunc(has.Raw, func(h VendorField) bool { return h.Name == f.Name })
		return i >= 0 && !same(f.Value, has.Raw[i].Value)
	})
}

// How long before and after a call the object that it made may seem to have been
// made, with a slow attempt, and how much the clock of the machine that made the call
// may have differed: another machine may ask, or its clock was set since.
const (
	lostBefore = 2 * time.Minute
	lostAfter  = 10 * time.Minute
	lostSkew   = 15 * time.Minute
)

// clock is the supplier's clock.
type clock struct {
	ahead time.Duration // of this machine's; 0 if it is not known
}

// mayBeOf reports whether an object created at one time of the supplier's clock,
// which may be zero, can be that of a call sent at another of this machine's. The
// Date of an answer may be that of a gateway, so both clocks count.
func (c clock) mayBeOf(created, sent time.Time) bool {
	before, after := lostBefore+lostSkew-min(c.ahead, 0), lostAfter+lostSkew+max(c.ahead, 0)
	const second = time.Second // what a Date and a time of creation leave out
	return created.IsZero() || !created.Before(sent.Add(-before)) && created.Before(sent.Add(after+second))
}

// candidates returns the rows of a list that fit. The errors of other rows are left
// aside.
func candidates[T any](list iter.Seq2[T, error], id func(*T) string, fits func(*T) bool) ([]T, error) {
	var all []T
	var failed *rutravel.Error // of the first row that may be it
	var unread rutravel.RowsError
	for v, err := range list {
		row, ofRow := errors.AsType[*rutravel.RowError](err)
		if err != nil && !ofRow {
			return all, unreadBeside(err, failed, &unread)
		}
		if !fits(&v) {
			continue
		}
		if ofRow {
			if failed == nil {
				failed, _ = errors.AsType[*rutravel.Error](err)
			}
			unread.Rows = append(unread.Rows, rutravel.RowError{Index: len(all), ID: id(&v), Problem: row.Problem})
		}
		all = append(all, v)
	}
	return all, unreadBeside(nil, failed, &unread)
}

// unreadBeside returns the error that ended a list together with that of its rows,
// which is failed, if not nil, with unread in place of one of them.
func unreadBeside(err error, failed *rutravel.Error, unread *rutravel.RowsError) error {
	if failed == nil {
		return err
	}
	rows := *failed
	rows.Err = unread
	if err == nil {
		return &rows
	}
	return errors.Join(err, &rows)
}

// listError is the error of what the list of orders has shown.
func (c *Client) listError(kind rutravel.Kind, cause error) error {
	err := c.engine.Conclude(&operations[opOrders], kind, cause)
	if e, ok := errors.AsType[*rutravel.Error](err); ok {
		e.Attempts = 1
		if look, failed := errors.AsType[*rutravel.Error](cause); failed {
			e.Attempts = look.Attempts
		}
	}
	return err
}
