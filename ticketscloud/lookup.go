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

// OrderQuery filters a list of orders. Only the fields that are set are sent.
type OrderQuery struct {
	Status           []OrderStatus // status
	CreatedAt        Period        // created_at
	Events           []EventID     // events
	OnlyWithCustomer bool          // only_with_customer: only orders with a customer
	Page             int           // page: the first is 1; 0 means the first
	PageSize         int           // page_size: 1 to 200; 0 means the supplier's default, 50
}

// OrderPage is one page of a list of orders.
type OrderPage struct {
	Orders     []Order    // data
	Pagination Pagination // pagination
}

// OrdersPage returns one page of the list of orders. [Client.Orders] iterates over all
// pages. A page after the last is empty. If some orders cannot be read, a
// [rutravel.RowsError] names them, and the other orders are returned with it. Orders
// yields the unreadable ones as well.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) OrdersPage(ctx context.Context, q OrderQuery, opts ...rutravel.CallOption) (OrderPage, error) {
	p, err := c.orderPage(ctx, q, (*Order).decode, opts)
	return OrderPage{Orders: wire.Readable(p.rows, err), Pagination: p.pagination}, err
}

// Orders iterates over the orders of a list, starting with page q.Page. It sends one
// request per page until a page is empty. An order that moves to the next page meanwhile
// is yielded once. An order that cannot be read completely is yielded with its
// [rutravel.RowError], and the sequence continues. It ends after any other error. A page
// that repeats earlier orders ends the sequence. It ends with an error unless all orders
// that the supplier announced have been yielded.
//
// If orders are created meanwhile, some can be skipped. To avoid that, set CreatedAt to a
// period in the past.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) Orders(ctx context.Context, q OrderQuery, opts ...rutravel.CallOption) iter.Seq2[Order, error] {
	return c.orders(ctx, q, (*Order).decode, nil, opts)
}

// orders is [Client.Orders] with the function that decodes an order. If last is not nil,
// it receives the clock and the error of each page.
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

// filter checks the fields of a query and adds them to a request.
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

// OrderKey identifies an existing order; see [Order.Key].
type OrderKey struct {
	ID OrderID
	// Event and CreatedAt are the order's. They may be empty. Calls that search the list
	// of orders, such as [Client.FindOrder], then read the whole list.
	Event     EventID
	CreatedAt time.Time
}

func (k OrderKey) check(v *valid.Check, field string) { checkKey(v, field, k.ID, k.Event) }

// The manual does not say in which time zone the supplier reads a period. The client
// assumes UTC, which answers have. A look-up that must not overlook an object also
// searches a whole day before and after.
const anyZone = 24 * time.Hour

// around returns the period from d before t to d after t.
func around(t time.Time, d time.Duration) Period {
	if t.IsZero() {
		return Period{}
	}
	return Period{From: t.Add(-d), To: t.Add(d)}
}

// findAround searches for an object in the list of the minutes around its creation. If it
// is not there, it searches the days around it.
func findAround[T any, ID comparable](c *Client, op int, created time.Time, want ID, id func(*T) ID, list func(Period, *lastPage) iter.Seq2[T, error]) (T, error) {
	find := func(d time.Duration) (v T, read bool, err error) {
		var last lastPage
		v, err = transport.Find(c.engine, &operations[op], list(around(created, d), &last), want, id)
		if err == nil {
			err = last.err // the error of the page that has the object
		}
		return v, last.err == nil, err
	}
	v, read, err := find(time.Minute)
	if !created.IsZero() && err != nil && read && id(&v) != want {
		v, _, err = find(anyZone)
	}
	return v, err
}

// eventFilter returns a list with the event, or nil if it is not known.
func eventFilter(event EventID) []EventID {
	if event == "" {
		return nil
	}
	return []EventID{event}
}

// FindOrder returns the current state of an order. Call it after a [Client.PayOrder],
// [Client.CancelOrder] or [Client.ChangeOrder] whose answer was lost. The manual has no
// call for one order, so FindOrder searches the list.
//
// The error is [rutravel.ErrNotFound] only if the list was read completely and does not
// have the order. With [rutravel.ErrProtocol], the order is returned as far as it could be
// read, if it was found. Other orders that cannot be read do not matter, unless their ids
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
		q := OrderQuery{CreatedAt: p, Events: eventFilter(key.Event), PageSize: MaxPageSize}
		return c.orders(ctx, q, decode, last, opts)
	})
}

// LostOrder is a [Client.CreateOrder] whose answer was lost.
type LostOrder struct {
	// Order is the request. If it has neither Tickets nor Random, the tickets of orders
	// are not compared.
	Order NewOrder
	Sent  time.Time // the time of the call, by this machine's clock
	// VendorData is what this application sets after it has created the order, such as
	// its own order number. An order with another OrderID, or with another value of a
	// field, belongs to another call. Empty fields are not compared.
	VendorData VendorData
}

// LostOrders lists the orders that may be the result of a [Client.CreateOrder] whose
// answer was lost. It compares what the supplier's list has:
//
//   - The event is the same.
//   - The status is [OrderHeld], because nobody pays for an order that is not known.
//   - The order was created between 17 minutes before the call and 25 minutes after it,
//     by this machine's clock or by the supplier's. The supplier's clock is read from the
//     header Date of the answer. Both figures include 15 minutes by which the clock of
//     the machine that made the call may be wrong.
//   - All its tickets are tickets of the request. There may be fewer, because the supplier
//     leaves out what it cannot reserve.
//   - The VendorData is the same, if the order has any.
//
// The orders are candidates. Even a single candidate may belong to another call, and two
// customers would then have the same ticket. So wait until other calls for the event
// have ended, and keep a unique index on [OrderID]. Mark each order after its creation
// with a [Client.ChangeOrder] of its VendorData, so that LostOrders can tell them apart.
//
// An empty list proves nothing: call again until [CreateOrderPatience] has passed. An
// order that nobody pays for expires. If an order that may be the lost one cannot be
// read, or the list may be incomplete, LostOrders returns an error together with the
// candidates. A [rutravel.RowsError] in its chain names the orders that could not be read
// completely.
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

// fits reports whether an order may be the lost one. It does not check the time.
func (l LostOrder) fits(o *Order) bool {
	other := o.Event.ID != "" && o.Event.ID != l.Order.Event || o.Status != "" && o.Status != OrderHeld
	return !other && l.holdsNothingElse(o) && l.VendorData.mayBe(o.VendorData)
}

// holdsNothingElse reports whether all tickets of an order may be tickets of the request.
func (l LostOrder) holdsNothingElse(o *Order) bool {
	// Empty means not set, as on the wire: a stored nil list may come back as an empty one.
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

// mayBe reports whether an order with the VendorData has may be marked with v or not be
// marked yet.
func (v VendorData) mayBe(has VendorData) bool {
	same := func(want, got string) bool {
		return want == "" || got == "" || strings.TrimSpace(want) == strings.TrimSpace(got) || strings.ContainsRune(got, unicode.ReplacementChar)
	}
	return same(v.OrderID, has.OrderID) && !slices.ContainsFunc(v.Raw, func(f VendorField) bool {
		i := slices.IndexFunc(has.Raw, func(h VendorField) bool { return h.Name == f.Name })
		return i >= 0 && !same(f.Value, has.Raw[i].Value)
	})
}

// How long before and after a call the created object may seem to have been created,
// including a slow attempt. lostSkew is how much the clock of the machine that made the
// call may differ: another machine may run the look-up, or the clock was set since.
const (
	lostBefore = 2 * time.Minute
	lostAfter  = 10 * time.Minute
	lostSkew   = 15 * time.Minute
)

// clock is the supplier's clock.
type clock struct {
	ahead time.Duration // of this machine's clock; 0 if it is not known
}

// mayBeOf reports whether an object can be the result of a call. created is by the
// supplier's clock and may be zero; sent is by this machine's. The Date of an answer may
// be a gateway's, so both clocks count.
func (c clock) mayBeOf(created, sent time.Time) bool {
	before, after := lostBefore+lostSkew-min(c.ahead, 0), lostAfter+lostSkew+max(c.ahead, 0)
	const second = time.Second // Date and the time of creation have no fractions
	return created.IsZero() || !created.Before(sent.Add(-before)) && created.Before(sent.Add(after+second))
}

// candidates returns the rows of a list that fit. It ignores errors of other rows.
func candidates[T any](list iter.Seq2[T, error], id func(*T) string, fits func(*T) bool) ([]T, error) {
	var all []T
	var failed *rutravel.Error // of the first fitting row that cannot be read
	var unread rutravel.RowsError
	for v, err := range list {
		row, ofRow := errors.AsType[*rutravel.RowError](err)
		if err != nil && !ofRow {
			return all, withUnreadRows(err, failed, &unread)
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
	return all, withUnreadRows(nil, failed, &unread)
}

// withUnreadRows joins the error that ended a list and the error of its rows. The error of
// the rows is failed, with unread instead of the error of one row. failed may be nil.
func withUnreadRows(err error, failed *rutravel.Error, unread *rutravel.RowsError) error {
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

// listError is an error about what the list of orders shows.
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
