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
	Order       OrderKey   // order: one that is done; its ID alone is sent
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
	r := &request{op: opRefund, method: http.MethodPost, path: refundsPath, Check: wanted{tickets: n.Tickets}.check()}
	n.Order.check(&r.Check, "Order")
	r.That(n.Culprit == CulpritUser || n.Culprit == CulpritOrg, "Culprit", "must be CulpritUser or CulpritOrg")
	r.That(len(n.Tickets) > 0, "Tickets", "must not be empty")
	body := newRefundBody{Culprit: n.Culprit, Order: n.Order.ID, Tickets: n.Tickets}
	if !n.RequestedAt.IsZero() {
		r.Instant("RequestedAt", n.RequestedAt)
		body.RequestedAt = formatInstant(n.RequestedAt)
	}
	r.body = body
	return only(call(ctx, c, r, listOf((*Refund).decode), func(answer *reply, refunds *[]Refund, err error) error {
		return answer.judgeRefund(refunds, err, func(f *Refund) error {
			order := f.Order.ID
			if order != "" && order != n.Order.ID {
				*refunds = nil // to approve it would give back somebody else's tickets
			}
			switch {
			case order != n.Order.ID:
				return &wire.Error{Path: "data.order", Problem: "another order"}
			case !f.isOf(n.Tickets):
				return &wire.Error{Path: "data.tickets", Problem: "want those of the request"}
			case f.Culprit != "" && f.Culprit != n.Culprit:
				return &wire.Error{Path: "data.culprit", Problem: "want " + string(n.Culprit)}
			}
			return nil
		})
	}, opts))
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
func (c *Client) ApproveRefund(ctx context.Context, key RefundKey, opts ...rutravel.CallOption) (Refund, error) {
	return c.decide(ctx, opApprove, key, RefundApproved, opts)
}

// RejectRefund rejects a refund request; the tickets stay sold.
//
// The call is sent once; detach it from a user's request. It succeeds only if
// the answer says rejected. With [rutravel.ErrNotConfirmed] ask
// [Client.FindRefund], as after [Client.ApproveRefund].
//
// Ticketscloud: PATCH /v2/resources/refund_requests/:refund_id
func (c *Client) RejectRefund(ctx context.Context, key RefundKey, opts ...rutravel.CallOption) (Refund, error) {
	return c.decide(ctx, opReject, key, RefundRejected, opts)
}

func (c *Client) decide(ctx context.Context, op int, key RefundKey, status RefundStatus, opts []rutravel.CallOption) (Refund, error) {
	r := &request{op: op, method: http.MethodPatch, path: objectPath(refundsPath, key.ID), body: decisionBody{Status: status}}
	key.check(&r.Check, "key")
	return only(call(ctx, c, r, listOf((*Refund).decode), func(answer *reply, refunds *[]Refund, err error) error {
		return answer.judgeRefund(refunds, err, func(f *Refund) error {
			if f.ID != key.ID {
				*refunds = nil
				return &wire.Error{Path: "data.id", Problem: "another refund request's"}
			}
			if f.Status != status {
				return &wire.Error{Path: "data.status", Problem: "want " + string(status)}
			}
			return nil
		})
	}, opts))
}

type decisionBody struct {
	Status RefundStatus `json:"status"`
}

// judgeRefund judges an answer that must be one refund request. Unlike an order
// it is not a success with problems next to it.
func (r *reply) judgeRefund(refunds *[]Refund, err error, compare func(*Refund) error) error {
	err = r.judgeArrived(err, len(*refunds) > 0 && (*refunds)[0].ID != "")
	if len(*refunds) != 1 {
		err = cmp.Or(err, notOne(len(*refunds)))
		*refunds = nil
		return err
	}
	f := &(*refunds)[0]
	err = cmp.Or(err, f.link(&r.refs))
	return cmp.Or(err, compare(f))
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
	return allPages(q.Page, refundID, func(page int, check func([]Refund) error) ([]Refund, error) {
		q.Page = page
		p, err := c.refundPage(ctx, opRefunds, q, check, opts)
		return p.Refunds, err
	})
}

func refundID(f Refund) RefundID { return f.ID }

// refundPage reads one page; check, if not nil, says whether it may follow those
// before.
func (c *Client) refundPage(ctx context.Context, op int, q RefundQuery, check func([]Refund) error, opts []rutravel.CallOption) (RefundPage, error) {
	r := &request{op: op, method: http.MethodGet, path: refundsPath}
	q.CreatedAt.check(&r.Check, "CreatedAt")
	q.FinishedAt.check(&r.Check, "FinishedAt")
	checkList(&r.Check, "Events", q.Events)
	checkList(&r.Check, "Status", q.Status)
	if !q.CreatedAt.isZero() {
		r.query.Add("created_at", q.CreatedAt.text())
	}
	if !q.FinishedAt.isZero() {
		r.query.Add("finished_at", q.FinishedAt.text())
	}
	addList(&r.query, "events", q.Events)
	addList(&r.query, "status", q.Status)
	r.addPage(q.Page, q.PageSize, MaxPageSize)
	decode := func(d *wire.Decoder, p *RefundPage) error { return wire.List(d, &p.Refunds, (*Refund).decode) }
	return call(ctx, c, r, decode, func(answer *reply, p *RefundPage, err error) error {
		for i := range p.Refunds {
			err = cmp.Or(err, p.Refunds[i].link(&answer.refs))
		}
		p.Pagination = answer.page
		if err == nil && check != nil {
			err = check(p.Refunds)
		}
		return err
	}, opts)
}

// RefundKey names an existing refund request; see [Refund.Key].
type RefundKey struct {
	ID RefundID
	// Event and CreatedAt are those of the refund request. They may be empty.
	// [Client.FindRefund] then reads all of the list.
	Event     EventID
	CreatedAt time.Time
}

func (k RefundKey) check(v *valid.Check, field string) { checkKey(v, field, k.ID, k.Event) }

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
	key.check(&v, "key")
	if err := v.Err(); err != nil {
		return Refund{}, c.engine.Invalid(&operations[opRefunds], err)
	}
	return searchAround(key.CreatedAt, func(p Period) (Refund, error) {
		q := RefundQuery{CreatedAt: p, Events: ifKnown(key.Event), PageSize: MaxPageSize}
		return findInPages(key.ID, refundID, func(page int, check func([]Refund) error) ([]Refund, error) {
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
	order.check(&v, "order")
	v.Instant("sent", sent)
	if err := v.Err(); err != nil {
		return nil, c.engine.Invalid(&operations[opRefunds], err)
	}
	list, err := rutravel.Collect(c.Refunds(ctx, RefundQuery{
		Events: ifKnown(order.Event), CreatedAt: around(sent, anyZone), PageSize: MaxPageSize,
	}, opts...))
	return slices.DeleteFunc(list, func(f Refund) bool {
		return f.Order.ID != "" && f.Order.ID != order.ID || !mayBeOf(f.CreatedAt, sent)
	}), err
}
