package ticketscloud

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// RefundID identifies a refund request (возврат).
type RefundID string

// RefundStatus is the state of a refund request.
type RefundStatus string

// The statuses of the manual.
const (
	RefundNew        RefundStatus = "new"
	RefundInProgress RefundStatus = "in_progress"
	RefundApproved   RefundStatus = "approved" // the money goes back
	RefundRejected   RefundStatus = "rejected"
)

// Culprit is on whose account tickets are given back. The manual's error texts
// have "core" besides.
type Culprit string

// The culprits that a request may name.
const (
	CulpritUser Culprit = "user" // the buyer
	CulpritOrg  Culprit = "org"  // the organiser
)

// Policy is by which terms tickets are given back.
type Policy string

// The policies of the manual.
const (
	PolicyGeneral Policy = "general"    // the standard terms
	PolicyLaw193  Policy = "law_ru_193" // those of the Russian law 193-FZ
)

// Refund is a refund request, with what the answer's refs say of its order,
// tickets and event.
type Refund struct {
	ID          RefundID            // id
	Status      RefundStatus        // status
	Culprit     Culprit             // culprit
	Policy      Policy              // policy
	CreatedAt   time.Time           // created_at
	RequestedAt time.Time           // requested_at: of the buyer's application; zero if it was not given
	FinishedAt  time.Time           // finished_at; zero until it is approved or rejected
	Amount      decimal.Decimal     // refund_nominal, or delta where that is missing: the sum of the refund, roubles
	Delta       decimal.NullDecimal // delta: Amount under its old name, which the manual calls deprecated
	// CustomerMoney is customer_money: roubles. It is not documented.
	CustomerMoney decimal.NullDecimal
	Event         Event    // event
	Org           Partner  // org
	Vendor        Partner  // vendor
	Order         Order    // order
	Tickets       []Ticket // tickets; they have no barcodes here
}

// Key returns what a refund request can be found by when an answer is lost.
// Store it before the request is approved or rejected.
func (f Refund) Key() RefundKey {
	return RefundKey{ID: f.ID, Event: f.Event.ID, CreatedAt: f.CreatedAt}
}

// NewRefund asks for tickets of a paid order to be given back.
type NewRefund struct {
	Order       OrderID    // order: one that is done
	Culprit     Culprit    // culprit
	Tickets     []TicketID // tickets: one or more of the order
	RequestedAt time.Time  // requested_at: when the buyer applied; optional
}

// CreateRefund makes a refund request, which moves no money until it is approved
// by [Client.ApproveRefund]. Under the law 193-FZ it must be made three days
// before the event (manual, errors of creating a refund).
//
// The call is sent once; detach it from a user's request. With
// [rutravel.ErrNotConfirmed] the refund request may exist: ask
// [Client.LostRefunds] with the order's key and the time before the call. The
// refusals "Unexpected situation" and "RefundRequest in wrong status …" are such
// a case too: only the payments of the request have failed. A Refund returned
// beside the error did arrive as far as it is filled in: compare its Culprit and
// Tickets, which may be what is wrong. A request for another order is not returned.
//
// Ticketscloud: POST /v2/resources/refund_requests
func (c *Client) CreateRefund(ctx context.Context, n NewRefund, opts ...rutravel.CallOption) (Refund, error) {
	v := wanted{tickets: n.Tickets}.check()
	checkID(&v, "Order", n.Order)
	v.That(n.Culprit == CulpritUser || n.Culprit == CulpritOrg, "Culprit", "must be CulpritUser or CulpritOrg")
	v.That(len(n.Tickets) > 0, "Tickets", "must not be empty")
	body := newRefundBody{Culprit: n.Culprit, Order: n.Order, Tickets: n.Tickets}
	if !n.RequestedAt.IsZero() {
		v.Instant("RequestedAt", n.RequestedAt)
		body.RequestedAt = formatInstant(n.RequestedAt)
	}
	return call(ctx, c, opRefund, c.send(http.MethodPost, refundsPath, body, v), func(r *reply, f *Refund) error {
		err := r.readRefund(f)
		if f.Order.ID != "" && f.Order.ID != n.Order {
			*f = Refund{} // to approve it would give back somebody else's tickets
		}
		switch {
		case err != nil:
			return err
		case f.Order.ID != n.Order:
			return &wire.Error{Path: "data.order", Problem: "another order"}
		case !f.isOf(n.Tickets):
			return &wire.Error{Path: "data.tickets", Problem: "want those of the request"}
		case f.Culprit != "" && f.Culprit != n.Culprit:
			return &wire.Error{Path: "data.culprit", Problem: "want " + string(n.Culprit)}
		}
		return nil
	}, opts)
}

const refundsPath = "/v2/resources/refund_requests"

// isOf reports whether these tickets are given back, and no others.
func (f *Refund) isOf(ids []TicketID) bool { return Order{Tickets: f.Tickets}.holdsExactly(ids) }

type newRefundBody struct {
	Culprit     Culprit    `json:"culprit"`
	Order       OrderID    `json:"order"`
	RequestedAt string     `json:"requested_at,omitempty"`
	Tickets     []TicketID `json:"tickets"`
}

// ApproveRefund approves a refund request: money moves, and it cannot be
// undone.
//
// The call is sent once; detach it from a user's request. It succeeds only if
// the answer says approved. With [rutravel.ErrNotConfirmed] the money may have
// moved: ask [Client.FindRefund] with the key that was stored before, again
// for some minutes while it is [RefundNew] or [RefundInProgress]. Do not
// approve again to find out: "wrong status", [rutravel.ErrConflict], may mean
// approved or rejected. One that is RefundNew after that long was not approved:
// approve it then, which the supplier refuses if it was decided after all.
//
// Ticketscloud: PATCH /v2/resources/refund_requests/:refund_id
func (c *Client) ApproveRefund(ctx context.Context, id RefundID, opts ...rutravel.CallOption) (Refund, error) {
	return c.decide(ctx, opApprove, id, RefundApproved, opts)
}

// RejectRefund rejects a refund request; the tickets stay sold.
//
// The call is sent once; detach it from a user's request. It succeeds only if
// the answer says rejected. With [rutravel.ErrNotConfirmed] ask
// [Client.FindRefund], as after [Client.ApproveRefund].
//
// Ticketscloud: PATCH /v2/resources/refund_requests/:refund_id
func (c *Client) RejectRefund(ctx context.Context, id RefundID, opts ...rutravel.CallOption) (Refund, error) {
	return c.decide(ctx, opReject, id, RefundRejected, opts)
}

func (c *Client) decide(ctx context.Context, op int, id RefundID, status RefundStatus, opts []rutravel.CallOption) (Refund, error) {
	var v valid.Check
	checkID(&v, "id", id)
	body := decisionBody{Status: status}
	return call(ctx, c, op, c.send(http.MethodPatch, sub(refundsPath, id), body, v), func(r *reply, f *Refund) error {
		err := r.readRefund(f)
		other := f.ID != id
		if other {
			*f = Refund{}
		}
		switch {
		case err != nil:
			return err
		case other:
			return &wire.Error{Path: "data.id", Problem: "another refund request's"}
		case f.Status != status:
			return &wire.Error{Path: "data.status", Problem: "want " + string(status)}
		}
		return nil
	}, opts)
}

type decisionBody struct {
	Status RefundStatus `json:"status"`
}

// readRefund reads an answer that is a refund request. Unlike an order it is no
// success with errors beside it.
func (r *reply) readRefund(f *Refund) error {
	var list []Refund
	err := r.read(func(d *wire.Decoder) error {
		return wire.List(d, &list, (*Refund).decode)
	}, func() bool { return len(list) > 0 && list[0].ID != "" })
	one := only(list, f)
	return cmp.Or(err, one, f.link(&r.refs))
}

// link replaces ids by what refs say of them.
func (f *Refund) link(r *refs) error {
	err := cmp.Or(
		resolve(r.events, f.Event.ID, &f.Event),
		resolve(r.partners, f.Org.ID, &f.Org),
		resolve(r.partners, f.Vendor.ID, &f.Vendor),
		resolve(r.orders, f.Order.ID, &f.Order),
	)
	for i := range f.Tickets {
		err = cmp.Or(err, resolve(r.tickets, f.Tickets[i].ID, &f.Tickets[i]))
	}
	return err
}

func (f *Refund) decode(d *wire.Decoder) error {
	var amount decimal.NullDecimal
	err := d.Object(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &f.ID)
		case "status":
			return wire.ID(d, &f.Status)
		case "culprit":
			return wire.String(d, &f.Culprit)
		case "policy":
			return wire.String(d, &f.Policy)
		case "created_at":
			return instant(d, &f.CreatedAt)
		case "requested_at":
			return instant(d, &f.RequestedAt)
		case "finished_at":
			return instant(d, &f.FinishedAt)
		case "refund_nominal":
			return d.OptDecimal(&amount)
		case "delta":
			return d.OptDecimal(&f.Delta)
		case "customer_money":
			return d.OptDecimal(&f.CustomerMoney)
		case "event":
			return wire.String(d, &f.Event.ID)
		case "org":
			return wire.String(d, &f.Org.ID)
		case "vendor":
			return wire.String(d, &f.Vendor.ID)
		case "order":
			return wire.String(d, &f.Order.ID)
		case "tickets":
			return wire.List(d, &f.Tickets, func(t *Ticket, d *wire.Decoder) error { return wire.ID(d, &t.ID) })
		default:
			return d.Skip()
		}
	}, "id", "status")
	switch {
	case amount.Valid:
		f.Amount = amount.Decimal
	case f.Delta.Valid:
		f.Amount = f.Delta.Decimal
	case err == nil:
		d.Fail("refund_nominal", "missing")
	}
	return err
}

// RefundQuery narrows a list of refund requests. Only what is set is sent.
type RefundQuery struct {
	CreatedAt  Period         // created_at
	FinishedAt Period         // finished_at
	Events     []EventID      // events
	Status     []RefundStatus // status
	Page       int            // page: 0 is the first, which is 1
	PageSize   int            // page_size: 1 to 200; 0 is the supplier's 50
}

// RefundPage is a page of a list of refund requests.
type RefundPage struct {
	Refunds    []Refund   // data
	Pagination Pagination // pagination
}

// RefundsPage returns one page of the list of refund requests; [Client.Refunds]
// goes through all. A page after the last is empty. With [rutravel.ErrProtocol]
// the refund requests are returned as far as they could be read.
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) RefundsPage(ctx context.Context, q RefundQuery, opts ...rutravel.CallOption) (RefundPage, error) {
	return c.refundPage(ctx, opRefunds, q, nil, opts)
}

// Refunds iterates over the refund requests of a list, from q.Page on, in the
// way of [Client.Orders].
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) Refunds(ctx context.Context, q RefundQuery, opts ...rutravel.CallOption) iter.Seq2[Refund, error] {
	return all(q.Page, refundID, func(page int, check func([]Refund) error) ([]Refund, error) {
		q.Page = page
		p, err := c.refundPage(ctx, opRefunds, q, check, opts)
		return p.Refunds, err
	})
}

func refundID(f Refund) RefundID { return f.ID }

func (c *Client) refundPage(ctx context.Context, op int, q RefundQuery, check func([]Refund) error, opts []rutravel.CallOption) (RefundPage, error) {
	var v valid.Check
	w := new(wire.Query)
	q.CreatedAt.check(&v, "CreatedAt")
	q.FinishedAt.check(&v, "FinishedAt")
	checkList(&v, "Events", q.Events)
	checkList(&v, "Status", q.Status)
	if !q.CreatedAt.isZero() {
		w.Add("created_at", q.CreatedAt.text())
	}
	if !q.FinishedAt.isZero() {
		w.Add("finished_at", q.FinishedAt.text())
	}
	addList(w, "events", q.Events)
	addList(w, "status", q.Status)
	addPage(&v, w, q.Page, q.PageSize, MaxPageSize)
	return call(ctx, c, op, c.get(refundsPath, w, v), func(r *reply, p *RefundPage) error {
		err := r.readList(func(d *wire.Decoder) error { return wire.List(d, &p.Refunds, (*Refund).decode) })
		for i := range p.Refunds {
			err = cmp.Or(err, p.Refunds[i].link(&r.refs))
		}
		p.Pagination = r.page
		if err == nil && check != nil {
			err = check(p.Refunds)
		}
		return err
	}, opts)
}

// RefundKey is what a refund request is found by; see [Refund.Key].
type RefundKey struct {
	ID RefundID
	// Event and CreatedAt are those of the refund request. They make the search
	// short; without them, all are gone through.
	Event     EventID
	CreatedAt time.Time
}

// FindRefund returns a refund request as it is now. It is what tells the truth
// after a [Client.ApproveRefund] or [Client.RejectRefund] whose answer was
// lost. The manual has no call for one refund request: it is looked for in the
// list. [rutravel.ErrNotFound] says that the list was read and does not have it.
//
// With [rutravel.ErrProtocol] the refund request is returned as far as it could
// be read, if it was found.
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) FindRefund(ctx context.Context, key RefundKey, opts ...rutravel.CallOption) (Refund, error) {
	var v valid.Check
	checkKey(&v, "key", key.ID, key.Event)
	if err := v.Err(); err != nil {
		return Refund{}, c.line.Invalid(&operations[opRefunds], err)
	}
	return narrowed(key.CreatedAt, func(p Period) (Refund, error) {
		q := RefundQuery{CreatedAt: p, Events: listOf(key.Event), PageSize: MaxPageSize}
		return find(key.ID, refundID, func(page int, check func([]Refund) error) ([]Refund, error) {
			q.Page = page
			p, err := c.refundPage(ctx, opRefunds, q, check, opts)
			return p.Refunds, err
		})
	})
}

// LostRefunds lists the refund requests that a [Client.CreateRefund] may have
// made whose answer was lost: those of the order that were created from two
// minutes before sent, the time of the call, to ten minutes after, and those
// that name no order. Finding none proves nothing while the supplier may still be
// at work: ask again for some minutes. Beside an error, what could be read is
// returned.
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) LostRefunds(ctx context.Context, order OrderKey, sent time.Time, opts ...rutravel.CallOption) ([]Refund, error) {
	var v valid.Check
	checkKey(&v, "order", order.ID, order.Event)
	v.Instant("sent", sent)
	if err := v.Err(); err != nil {
		return nil, c.line.Invalid(&operations[opRefunds], err)
	}
	list, err := rutravel.Collect(c.Refunds(ctx, RefundQuery{
		Events: listOf(order.Event), CreatedAt: around(sent, anyZone), PageSize: MaxPageSize,
	}, opts...))
	return slices.DeleteFunc(list, func(f Refund) bool {
		return f.Order.ID != "" && f.Order.ID != order.ID || !lost(f.CreatedAt, sent)
	}), err
}
