package ticketscloud

import (
	"cmp"
	"context"
	"iter"
	"net/http"
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
// also have "core", which must take all tickets of an order.
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
// by [Client.ApproveRefund].
//
// The supplier refuses (manual, errors of creating a refund):
//
//   - an order that is not done, and tickets of another order,
//   - under the law 193-FZ, a request less than three days before the event begins,
//   - tickets that were bought with a discount, and tickets with different discounts,
//   - a request with the culprit "core" that does not take all tickets of the order.
//     The manual does not explain it, and no request may name it.
//
// The call is sent once; detach it from a user's request. With
// [rutravel.ErrNotConfirmed] the refund request may exist: see
// [Client.CreateRefundOperation]. The refusals "Unexpected situation" and "RefundRequest in
// wrong status …" are such a case: only the payments of the request have failed. So
// is a refund request that was rejected at once. A Refund returned next to the error
// did arrive as far as it is filled in: compare its Status, Culprit and Tickets, which
// may be what is wrong. A request for another order is not returned.
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
			case f.Status == RefundRejected:
				return &wire.Error{Path: "data.status", Problem: "rejected"}
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
// moved: see [Client.ApproveRefundOperation]. Do not approve again to find out: "wrong
// status", [rutravel.ErrConflict], may mean approved or rejected.
//
// Ticketscloud: PATCH /v2/resources/refund_requests/:refund_id
func (c *Client) ApproveRefund(ctx context.Context, key RefundKey, opts ...rutravel.CallOption) (Refund, error) {
	return c.decide(ctx, opApprove, key, RefundApproved, opts)
}

// RejectRefund rejects a refund request; the tickets stay sold.
//
// The call is sent once; detach it from a user's request. It succeeds only if
// the answer says rejected. With [rutravel.ErrNotConfirmed] see
// [Client.RejectRefundOperation].
// A refund request with payments under way cannot be rejected: [rutravel.ErrConflict].
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
	var old []byte // delta, which matters where there is no other amount
	err := d.Fields(func(name []byte) (err error) {
		switch string(name) {
		case "id":
			return wire.ID(d, &f.ID)
		case "status":
			return wire.ID(d, &f.Status)
		case "culprit":
			return wire.OptID(d, &f.Culprit)
		case "policy":
			return wire.String(d, &f.Policy)
		case "created_at":
			return instant(d, &f.CreatedAt)
		case "requested_at":
			return instant(d, &f.RequestedAt)
		case "finished_at":
			return instant(d, &f.FinishedAt)
		case "refund_nominal":
			return d.OptAmount(&amount)
		case "delta":
			old, err = d.Postpone()
			return err
		case "customer_money":
			return d.OptAmount(&f.CustomerMoney)
		case "event":
			return wire.OptID(d, &f.Event.ID)
		case "org":
			return wire.OptID(d, &f.Org.ID)
		case "vendor":
			return wire.OptID(d, &f.Vendor.ID)
		case "order":
			return wire.OptID(d, &f.Order.ID)
		case "tickets":
			return wire.List(d, &f.Tickets, func(t *Ticket, d *wire.Decoder) error { return wire.ID(d, &t.ID) })
		default:
			return d.Skip()
		}
	}, "id", "status", "culprit?", "refund_nominal?", "event?", "order?", "tickets?")
	if err != nil {
		return err
	}
	delta := func(d *wire.Decoder) error { return d.OptAmount(&f.Delta) }
	if amount.Valid {
		f.Amount = amount.Decimal
		return d.Minor(func(d *wire.Decoder) error { return d.Later("delta", old, delta) })
	}
	if err = d.Later("delta", old, delta); f.Delta.Valid {
		f.Amount = f.Delta.Decimal
	} else if err == nil {
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
// goes through all. A page after the last is empty. If refund requests could not be
// read, the others are returned with a [rutravel.RowsError] that names them; Refunds
// has those, too.
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) RefundsPage(ctx context.Context, q RefundQuery, opts ...rutravel.CallOption) (RefundPage, error) {
	p, err := c.refundPage(ctx, q, opts)
	return RefundPage{Refunds: wire.Readable(p.rows, err), Pagination: p.pagination}, err
}

// Refunds iterates over the refund requests of a list, from q.Page on, in the
// way of [Client.Orders]. A refund request that could not be read whole comes with
// its [rutravel.RowError], and the sequence goes on.
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) Refunds(ctx context.Context, q RefundQuery, opts ...rutravel.CallOption) iter.Seq2[Refund, error] {
	return c.refunds(ctx, q, nil, opts)
}

// refunds is [Client.Refunds]. last, if not nil, becomes what is known of the page
// that was read last.
func (c *Client) refunds(ctx context.Context, q RefundQuery, last *lastPage, opts []rutravel.CallOption) iter.Seq2[Refund, error] {
	return pages(c, opRefunds, q.Page, q.PageSize, func(f *Refund) RefundID { return f.ID }, func(page int) (listPage[Refund], error) {
		q := q
		q.Page = page
		p, err := c.refundPage(ctx, q, opts)
		last.set(p.clock, err)
		return p, err
	})
}

func (f *Refund) id() string { return string(f.ID) }

// refundPage reads one page.
func (c *Client) refundPage(ctx context.Context, q RefundQuery, opts []rutravel.CallOption) (listPage[Refund], error) {
	r := &request{op: opRefunds, method: http.MethodGet, path: refundsPath}
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
	rows := rowsOf((*Refund).decode, (*Refund).id)
	return call(ctx, c, r, func(d *wire.Decoder, p *listPage[Refund]) error { return rows(d, &p.rows) },
		func(answer *reply, p *listPage[Refund], err error) error {
			p.pagination, p.clock = answer.page, answer.clock
			return withRows(err, p.rows, (*Refund).id, func(f *Refund) error { return f.link(&answer.refs) })
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

// FindRefund returns a refund request as it is now. Ask it after a
// [Client.ApproveRefund] or [Client.RejectRefund] whose answer was lost. The manual
// has no call for one refund request: it is looked for in the list.
// [rutravel.ErrNotFound] says that the list was read completely and does not have it.
//
// With [rutravel.ErrProtocol] the refund request is returned as far as it could be
// read, if it was found. Others that cannot be read do not matter, unless their ids
// cannot be read and the refund request was not found.
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) FindRefund(ctx context.Context, key RefundKey, opts ...rutravel.CallOption) (Refund, error) {
	var v valid.Check
	key.check(&v, "key")
	if err := v.Err(); err != nil {
		return Refund{}, c.engine.Invalid(ctx, &operations[opRefunds], err)
	}
	return findAround(c, opRefunds, key.CreatedAt, key.ID, func(f *Refund) RefundID { return f.ID }, func(p Period, last *lastPage) iter.Seq2[Refund, error] {
		return c.refunds(ctx, RefundQuery{CreatedAt: p, Events: ifKnown(key.Event), PageSize: MaxPageSize}, last, opts)
	})
}

// LostRefunds lists the refund requests that a [Client.CreateRefund] may have made
// whose answer was lost: those of the order that were created from 17 minutes before
// sent, the time of the call, to 25 minutes after it, by this machine's clock or by the
// supplier's, which the answer's Date tells. The clock of the machine that made the call
// may have differed by 15 minutes. A refund request whose order or time cannot be read
// may be it.
//
// The refund requests are candidates. Even a single one may be that of another call:
// the supplier returns nothing by which a caller can mark one. So compare its Culprit
// and Tickets, wait until other calls for the order have ended, and keep a unique index
// on [RefundID].
//
// Finding none proves nothing: ask again for [CreateRefundPatience]. If a refund
// request that may be it cannot be read, or the list may be incomplete, the error says
// so; the candidates are returned with it. A [rutravel.RowsError] in its chain names
// those that were not read whole.
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) LostRefunds(ctx context.Context, order OrderKey, sent time.Time, opts ...rutravel.CallOption) ([]Refund, error) {
	var v valid.Check
	order.check(&v, "order")
	v.Instant("sent", sent)
	if err := v.Err(); err != nil {
		return nil, c.engine.Invalid(ctx, &operations[opRefunds], err)
	}
	var last lastPage
	q := RefundQuery{Events: ifKnown(order.Event), CreatedAt: around(sent, anyZone), PageSize: MaxPageSize}
	return candidates(c.refunds(ctx, q, &last, opts), (*Refund).id, func(f *Refund) bool {
		return (f.Order.ID == "" || f.Order.ID == order.ID) && last.clock.mayBeOf(f.CreatedAt, sent)
	})
}
