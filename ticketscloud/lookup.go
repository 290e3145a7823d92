package ticketscloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// MaxPageSize is the largest page of orders and refunds (manual, lists).
const MaxPageSize = 200

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

// Pagination is what the supplier says of a page. Do not count by it.
type Pagination struct {
	Page     int // page
	PageSize int // page_size
	Total    int // total: whether of pages or of objects is not said
}

func (p *Pagination) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "page":
			return d.Int(&p.Page)
		case "page_size":
			return d.Int(&p.PageSize)
		case "total":
			return d.Int(&p.Total)
		default:
			return d.Skip()
		}
	})
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
	return all(q.Page, orderID, func(page int, check func([]Order) error) ([]Order, error) {
		q.Page = page
		p, err := c.orderPage(ctx, opOrders, q, check, opts)
		return p.Orders, err
	})
}

func orderID(o Order) OrderID { return o.ID }

// orderPage reads one page; check says whether it may follow those before.
func (c *Client) orderPage(ctx context.Context, op int, q OrderQuery, check func([]Order) error, opts []rutravel.CallOption) (OrderPage, error) {
	var v valid.Check
	w := new(wire.Query)
	q.filter(&v, w)
	addPage(&v, w, q.Page, q.PageSize, MaxPageSize)
	return call(ctx, c, op, c.get(ordersPath, w, v), func(r *reply, p *OrderPage) error {
		err := r.readList(func(d *wire.Decoder) error { return wire.List(d, &p.Orders, (*Order).decode) })
		for i := range p.Orders {
			err = cmp.Or(err, p.Orders[i].link(&r.refs))
		}
		p.Pagination = r.page
		if err == nil && check != nil {
			err = check(p.Orders)
		}
		return err
	}, opts)
}

// filter adds what narrows a list.
func (q OrderQuery) filter(v *valid.Check, w *wire.Query) {
	checkList(v, "Status", q.Status)
	q.CreatedAt.check(v, "CreatedAt")
	checkList(v, "Events", q.Events)
	addList(w, "status", q.Status)
	if !q.CreatedAt.isZero() {
		w.Add("created_at", q.CreatedAt.text())
	}
	addList(w, "events", q.Events)
	if q.OnlyWithCustomer {
		w.Add("only_with_customer", "true")
	}
}

// addPage adds which page is wanted; largest is 0 where no limit is known.
func addPage(v *valid.Check, w *wire.Query, page, size, largest int) {
	v.That(page >= 0, "Page", "must not be negative")
	v.That(size >= 0, "PageSize", "must not be negative")
	v.That(largest == 0 || size <= largest, "PageSize", "must not be more than "+strconv.Itoa(largest))
	if page > 0 {
		w.Add("page", strconv.Itoa(page))
	}
	if size > 0 {
		w.Add("page_size", strconv.Itoa(size))
	}
}

// readPage reads an answer beside which no problem is a success.
func (r *reply) readPage(data func(*wire.Decoder) error) error {
	return r.read(data, func() bool { return false })
}

// readList reads a page of a list. Only a list that was read proves that
// something is not in it: a gateway's 404 would seem to say that an order was
// never paid for.
func (r *reply) readList(data func(*wire.Decoder) error) error {
	err := r.readPage(data)
	if refusal, ok := errors.AsType[*transport.Refusal](err); ok && refusal.Kind == rutravel.ErrNotFound {
		refusal.Kind = rutravel.ErrProtocol
	}
	return err
}

// fetch reads a page, counted from 1, which check finds fit to follow the
// others.
type fetch[T any] = func(page int, check func([]T) error) ([]T, error)

// all iterates over the objects of all pages.
func all[T any, ID comparable](first int, id func(T) ID, read fetch[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var unread ID
		seen := seen[ID]{}
		// A negative first page is refused by the request's own check.
		for page := first; ; page++ {
			if page == 0 {
				page = 1
			}
			objects, err := read(page, func(objects []T) error { return fresh(seen, id, objects) })
			for _, o := range objects {
				if id(o) != unread && seen.add(id(o)) && !yield(o, nil) {
					return
				}
			}
			if err != nil {
				yield(none, err)
				return
			}
			if len(objects) == 0 {
				return
			}
		}
	}
}

// find goes through the pages until an object is found.
func find[T any, ID comparable](want ID, id func(T) ID, read fetch[T]) (none T, err error) {
	seen := seen[ID]{}
	for page := 1; ; page++ {
		objects, err := read(page, func(objects []T) error {
			switch {
			case len(objects) == 0:
				return &transport.Refusal{Kind: rutravel.ErrNotFound, Detail: func(func(string) string) error { return errNotListed }}
			case slices.ContainsFunc(objects, func(o T) bool { return id(o) == want }):
				return nil
			default:
				return fresh(seen, id, objects)
			}
		})
		// It may stand in a page of which something else could not be read.
		if i := slices.IndexFunc(objects, func(o T) bool { return id(o) == want }); i >= 0 {
			return objects[i], err
		}
		if err != nil {
			return none, err
		}
		for _, o := range objects {
			seen.add(id(o))
		}
	}
}

var errNotListed = errors.New("no page of the list has it")

// seen is the ids that came already.
type seen[ID comparable] map[ID]struct{}

// add reports whether an id is new.
func (s seen[ID]) add(id ID) bool {
	before := len(s)
	s[id] = struct{}{}
	return len(s) > before
}

// fresh refuses a page of which every object came before: to go on might
// never end, and to stop might lose the rest.
func fresh[T any, ID comparable](seen seen[ID], id func(T) ID, objects []T) error {
	isNew := func(o T) bool {
		_, old := seen[id(o)]
		return !old
	}
	if len(objects) > 0 && !slices.ContainsFunc(objects, isNew) {
		return &wire.Error{Path: "data", Problem: "the page repeats what came before"}
	}
	return nil
}

// OrderKey is what an order is found by; see [Order.Key].
type OrderKey struct {
	ID OrderID
	// Event and CreatedAt are those of the order. They make the search short;
	// without them, all orders are gone through.
	Event     EventID
	CreatedAt time.Time
}

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

// narrowed calls look with the minutes of a time and, if nothing was found
// there, with its days.
func narrowed[T any](created time.Time, look func(Period) (T, error)) (T, error) {
	v, err := look(around(created, time.Minute))
	if !created.IsZero() && errors.Is(err, rutravel.ErrNotFound) {
		return look(around(created, anyZone))
	}
	return v, err
}

// listOf makes a list of an event, if it is known.
func listOf(event EventID) []EventID {
	if event == "" {
		return nil
	}
	return []EventID{event}
}

// FindOrder returns an order as it is now. It is what tells the truth after a
// [Client.CompleteOrder], [Client.CancelOrder] or [Client.ChangeOrder] whose
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
	checkKey(&v, "key", key.ID, key.Event)
	if err := v.Err(); err != nil {
		return Order{}, c.line.Invalid(&operations[opOrders], err)
	}
	return narrowed(key.CreatedAt, func(p Period) (Order, error) {
		q := OrderQuery{CreatedAt: p, Events: listOf(key.Event), PageSize: MaxPageSize}
		return find(key.ID, orderID, func(page int, check func([]Order) error) ([]Order, error) {
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

// lost reports whether what was created at one time, perhaps not known, may be
// of a call at another.
func lost(created, sent time.Time) bool {
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
		return nil, c.line.Invalid(&operations[opOrders], err)
	}
	list, err := rutravel.Collect(c.Orders(ctx, OrderQuery{
		Status: []OrderStatus{OrderExecuted}, Events: []EventID{event}, CreatedAt: around(sent, anyZone), PageSize: MaxPageSize,
	}, opts...))
	return slices.DeleteFunc(list, func(o Order) bool { return !lost(o.CreatedAt, sent) }), err
}

// WaitForBarcodes waits until an order is done, and has tickets that all have
// barcodes, which may come later than the answer of [Client.CompleteOrder]. It
// looks at the list of orders at once, after a second, and then ever less often,
// every half minute at last. It goes on when the supplier cannot be reached, asks
// for fewer requests or does not list the order yet. It ends with
// [rutravel.ErrConflict] when the order is cancelled or has expired, with what
// else goes wrong, and with [rutravel.ErrCanceled] when ctx does: give it one with
// a deadline.
//
// The order as it was last seen is returned beside an error. At the end of ctx its
// Status tells a paid order whose barcodes are late, [OrderDone], from one that
// nobody has paid for, [OrderExecuted], and from one that was never seen, "". The
// error says so, too.
//
// Ticketscloud: GET /v2/resources/orders
func (c *Client) WaitForBarcodes(ctx context.Context, key OrderKey, opts ...rutravel.CallOption) (Order, error) {
	const longest = 30 * time.Second
	var last Order
	for wait := time.Second; ; wait = min(2*wait, longest) {
		o, err := c.FindOrder(ctx, key, opts...)
		if o.ID != "" {
			last = o
		}
		switch {
		case errors.Is(err, rutravel.ErrCanceled):
			return last, c.looked(rutravel.ErrCanceled, fmt.Errorf("%w: %w", last.lacking(), err))
		case err != nil && !passing(err):
			return last, err
		case err != nil:
		case o.Status == OrderCancelled, o.Status == OrderExpired:
			return o, c.looked(rutravel.ErrConflict, errors.New("the order is not paid for and has no barcodes"))
		case o.Status == OrderDone && o.hasBarcodes():
			return o, nil
		}
		pause := wait
		if e, ok := errors.AsType[*rutravel.Error](err); ok {
			pause = max(pause, e.RetryAfter)
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return last, c.looked(rutravel.ErrCanceled, fmt.Errorf("%w: %w", last.lacking(), cmp.Or(err, ctx.Err())))
		}
	}
}

// passing reports whether a look that failed may succeed later.
func passing(err error) bool {
	return errors.Is(err, rutravel.ErrUnavailable) || errors.Is(err, rutravel.ErrRateLimited) || errors.Is(err, rutravel.ErrNotFound)
}

func (o Order) hasBarcodes() bool {
	return len(o.Tickets) > 0 && !slices.ContainsFunc(o.Tickets, func(t Ticket) bool { return t.Barcode == "" })
}

// lacking says why an order that was waited for is not ready.
func (o Order) lacking() error {
	switch o.Status {
	case "":
		return errors.New("the order was not seen")
	case OrderDone:
		return errors.New("the order is paid for and has no barcodes yet")
	default:
		return errors.New("the order is not paid for yet")
	}
}

// looked is the error of what a look at the list of orders has shown.
func (c *Client) looked(kind rutravel.Kind, cause error) error {
	err := c.line.NotSent(&operations[opOrders], kind, cause)
	if e, ok := errors.AsType[*rutravel.Error](err); ok {
		e.Attempts = 1
		if look, failed := errors.AsType[*rutravel.Error](cause); failed {
			e.Attempts = look.Attempts
		}
	}
	return err
}

// OrderExport asks for a list of orders by mail.
type OrderExport struct {
	Email            string        // email: where to send the file
	Status           []OrderStatus // status
	CreatedAt        Period        // created_at
	Events           []EventID     // events
	OnlyWithCustomer bool          // only_with_customer

	// ByGet sends GET /v2/resources/orders/export with a query, as the manual's
	// heading says, in place of a POST, as its sample does.
	ByGet bool
}

// ExportOrders has the supplier mail a file of orders.
//
// The call is sent once: each sends a mail. With [rutravel.ErrNotConfirmed] the
// mail may come; wait for it before another try. Its answer is empty, and one
// that is not is no success.
//
// Ticketscloud: GET /v2/resources/orders/export (with ByGet)
//
// Ticketscloud: POST /v2/resources/orders/export
func (c *Client) ExportOrders(ctx context.Context, e OrderExport, opts ...rutravel.CallOption) error {
	var v valid.Check
	v.Text("Email", e.Email)
	w := new(wire.Query)
	q := OrderQuery{Status: e.Status, CreatedAt: e.CreatedAt, Events: e.Events, OnlyWithCustomer: e.OnlyWithCustomer}
	q.filter(&v, w)
	op, req := opExport, c.send(http.MethodPost, exportPath, e.body(), v, e.Email)
	if e.ByGet {
		w.AddPrivate("email", e.Email)
		op, req = opExportByGet, c.get(exportPath, w, v)
	}
	_, err := call(ctx, c, op, req, func(r *reply, _ *struct{}) error { return r.readEmpty() }, opts)
	return err
}

const exportPath = ordersPath + "/export"

func (e OrderExport) body() exportBody {
	b := exportBody{Email: e.Email, Status: e.Status, Events: e.Events, OnlyWithCustomer: e.OnlyWithCustomer}
	if !e.CreatedAt.isZero() {
		b.CreatedAt = e.CreatedAt.text()
	}
	return b
}

type exportBody struct {
	CreatedAt        string        `json:"created_at,omitempty"`
	Email            string        `json:"email"`
	Status           []OrderStatus `json:"status,omitempty"`
	Events           []EventID     `json:"events,omitempty"`
	OnlyWithCustomer bool          `json:"only_with_customer,omitempty"`
}
