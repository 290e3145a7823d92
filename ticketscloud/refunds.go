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
	RefundApproved   RefundStatus = "approved" // the money is returned
	RefundRejected   RefundStatus = "rejected"
)

// Culprit is who causes the refund. The manual's error texts also have "core", for which
// a refund request must have all tickets of an order.
type Culprit string

// The culprits that a request can name.
const (
	CulpritUser Culprit = "user" // the buyer
	CulpritOrg  Culprit = "org"  // the organiser
)

// Policy is the terms of a refund.
type Policy string

// The policies of the manual.
const (
	PolicyGeneral Policy = "general"    // the standard terms
	PolicyLaw193  Policy = "law_ru_193" // the Russian law 193-FZ
)

// Refund is a refund request. Its order, tickets and event are filled in from the answer's
// refs.
type Refund struct {
	ID          RefundID            // id
	Status      RefundStatus        // status
	Culprit     Culprit             // culprit
	Policy      Policy              // policy
	CreatedAt   time.Time           // created_at
	RequestedAt time.Time           // requested_at: the time of the buyer's application; zero if it was not given
	FinishedAt  time.Time           // finished_at; zero until the refund request is approved or rejected
	Amount      decimal.Decimal     // refund_nominal, or delta if that is missing: the sum of the refund, in roubles
	Delta       decimal.NullDecimal // delta: Amount under its old name, which the manual calls deprecated
	// CustomerMoney is customer_money, in roubles. It is not documented.
	CustomerMoney decimal.NullDecimal
	Event         Event    // event
	Org           Partner  // org
	Vendor        Partner  // vendor
	Order         Order    // order
	Tickets       []Ticket // tickets; they have no barcodes here
}

// Key returns the key for look-ups of the refund request, for example after a lost
// answer. Store it before you approve or reject the refund request.
func (f Refund) Key() RefundKey {
	return RefundKey{ID: f.ID, Event: f.Event.ID, CreatedAt: f.CreatedAt}
}

// NewRefund is the request for a refund of tickets of a paid order.
type NewRefund struct {
	Order       OrderKey   // order: a done order; only its ID is sent
	Culprit     Culprit    // culprit
	Tickets     []TicketID // tickets: one or more of the order
	RequestedAt time.Time  // requested_at: the time of the buyer's application; optional
}

// CreateRefund creates a refund request. No money moves until [Client.ApproveRefund]
// approves it.
//
// The supplier refuses (manual, errors of creating a refund):
//
//   - an order that is not done, and tickets of another order,
//   - under the law 193-FZ, a request less than three days before the event begins,
//   - tickets that were bought with a discount, and tickets with different discounts,
//   - a request with the culprit "core" that does not have all tickets of the order.
//     The manual does not explain "core", and NewRefund does not accept it.
//
// CreateRefund is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] the refund request may exist: see
// [Client.CreateRefundOperation]. These answers are ErrNotConfirmed as well:
//
//   - the refusals "Unexpected situation" and "RefundRequest in wrong status …", because
//     only the payments of the refund request have failed,
//   - a refund request that was rejected at once.
//
// A Refund that is returned with the error is filled in as far as it arrived. Compare its
// Status, Culprit and Tickets: one of them may be the cause of the error. A refund request
// for another order is not returned.
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
				*refunds = nil // the approval would refund somebody else's tickets
			}
			switch {
			case order != n.Order.ID:
				return &wire.Error{Path: "data.order", Problem: "want the order of the request"}
			case !f.hasExactly(n.Tickets):
				return &wire.Error{Path: "data.tickets", Problem: "want the tickets of the request"}
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

// hasExactly reports whether the refund request has exactly these tickets.
func (f *Refund) hasExactly(ids []TicketID) bool { return Order{Tickets: f.Tickets}.holdsExactly(ids) }

type newRefundBody struct {
	Culprit     Culprit    `json:"culprit"`
	Order       OrderID    `json:"order"`
	RequestedAt string     `json:"requested_at,omitempty"`
	Tickets     []TicketID `json:"tickets"`
}

// ApproveRefund approves a refund request. Money moves, and the approval is final. It
// succeeds only if the answer has the status [RefundApproved].
//
// ApproveRefund is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] the money may have moved: see
// [Client.ApproveRefundOperation]. Do not approve again to find out: the refusal "wrong
// status", which is [rutravel.ErrConflict], may mean approved or rejected.
//
// Ticketscloud: PATCH /v2/resources/refund_requests/:refund_id
func (c *Client) ApproveRefund(ctx context.Context, key RefundKey, opts ...rutravel.CallOption) (Refund, error) {
	return c.decide(ctx, opApprove, key, RefundApproved, opts)
}

// RejectRefund rejects a refund request. The tickets stay sold. It succeeds only if the
// answer has the status [RefundRejected]. A refund request with payments in progress
// cannot be rejected: the error is [rutravel.ErrConflict].
//
// RejectRefund is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] see [Client.RejectRefundOperation].
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
				return &wire.Error{Path: "data.id", Problem: "want the refund request of the request"}
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

// judgeRefund returns the error of an answer that must be one refund request. Unlike an
// order, a refund request with problems next to it is not a success.
func (r *reply) judgeRefund(refunds *[]Refund, err error, compare func(*Refund) error) error {
	err = r.checkArrived(err, len(*refunds) > 0 && (*refunds)[0].ID != "")
	if len(*refunds) != 1 {
		err = cmp.Or(err, notOneObject(len(*refunds)))
		*refunds = nil
		return err
	}
	f := &(*refunds)[0]
	err = cmp.Or(err, f.link(&r.refs))
	return cmp.Or(err, compare(f))
}

// link replaces ids by the objects of refs.
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
	var old []byte // delta; it matters only without refund_nominal
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

// RefundQuery filters a list of refund requests. Only the fields that are set are sent.
type RefundQuery struct {
	CreatedAt  Period         // created_at
	FinishedAt Period         // finished_at
	Events     []EventID      // events
	Status     []RefundStatus // status
	Page       int            // page: the first is 1; 0 means the first
	PageSize   int            // page_size: 1 to 200; 0 means the supplier's default, 50
}

// RefundPage is one page of a list of refund requests.
type RefundPage struct {
	Refunds    []Refund   // data
	Pagination Pagination // pagination
}

// RefundsPage returns one page of the list of refund requests. [Client.Refunds] iterates
// over all pages. A page after the last is empty. If some refund requests cannot be read,
// a [rutravel.RowsError] names them, and the others are returned with it. Refunds yields
// the unreadable ones as well.
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) RefundsPage(ctx context.Context, q RefundQuery, opts ...rutravel.CallOption) (RefundPage, error) {
	p, err := c.refundPage(ctx, q, opts)
	return RefundPage{Refunds: wire.Readable(p.rows, err), Pagination: p.pagination}, err
}

// Refunds iterates over the refund requests of a list, starting with page q.Page. It
// works like [Client.Orders]. A refund request that cannot be read completely is yielded
// with its [rutravel.RowError], and the sequence continues.
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) Refunds(ctx context.Context, q RefundQuery, opts ...rutravel.CallOption) iter.Seq2[Refund, error] {
	return c.refunds(ctx, q, nil, opts)
}

// refunds is [Client.Refunds]. If last is not nil, it receives the clock and the error of
// each page.
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

// RefundKey identifies an existing refund request; see [Refund.Key].
type RefundKey struct {
	ID RefundID
	// Event and CreatedAt are the refund request's. They may be empty.
	// [Client.FindRefund] then reads the whole list.
	Event     EventID
	CreatedAt time.Time
}

func (k RefundKey) check(v *valid.Check, field string) { checkKey(v, field, k.ID, k.Event) }

// FindRefund returns the current state of a refund request. Call it after a
// [Client.ApproveRefund] or [Client.RejectRefund] whose answer was lost. The manual has
// no call for one refund request, so FindRefund searches the list.
//
// The error is [rutravel.ErrNotFound] only if the list was read completely and does not
// have the refund request. With [rutravel.ErrProtocol], the refund request is returned as
// far as it could be read, if it was found. Others that cannot be read do not matter,
// unless their ids cannot be read and the refund request was not found.
//
// Ticketscloud: GET /v2/resources/refund_requests
func (c *Client) FindRefund(ctx context.Context, key RefundKey, opts ...rutravel.CallOption) (Refund, error) {
	var v valid.Check
	key.check(&v, "key")
	if err := v.Err(); err != nil {
		return Refund{}, c.engine.Invalid(ctx, &operations[opRefunds], err)
	}
	return findAround(c, opRefunds, key.CreatedAt, key.ID, func(f *Refund) RefundID { return f.ID }, func(p Period, last *lastPage) iter.Seq2[Refund, error] {
		return c.refunds(ctx, RefundQuery{CreatedAt: p, Events: eventFilter(key.Event), PageSize: MaxPageSize}, last, opts)
	})
}

// LostRefunds lists the refund requests that may be the result of a [Client.CreateRefund]
// whose answer was lost. The argument sent is the time of the call, by this machine's clock.
//
// The refund requests belong to the order. They were created between 17 minutes before
// sent and 25 minutes after it, by this machine's clock or by the supplier's. The
// supplier's clock is read from the header Date of the answer. Both figures include 15
// minutes by which the clock of the machine that made the call may be wrong. A refund
// request whose order or time cannot be read is included.
//
// The refund requests are candidates. Even a single candidate may belong to another call,
// because a caller cannot mark a refund request. So compare its Culprit and Tickets,
// wait until other calls for the order have ended, and keep a unique index on
// [RefundID].
//
// An empty list proves nothing: call again until [CreateRefundPatience] has passed. If a
// refund request that may be the lost one cannot be read, or the list may be incomplete,
// LostRefunds returns an error together with the candidates. A [rutravel.RowsError] in
// its chain names those that could not be read completely.
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
	q := RefundQuery{Events: eventFilter(order.Event), CreatedAt: around(sent, anyZone), PageSize: MaxPageSize}
	return candidates(c.refunds(ctx, q, &last, opts), (*Refund).id, func(f *Refund) bool {
		return (f.Order.ID == "" || f.Order.ID == order.ID) && last.clock.mayBeOf(f.CreatedAt, sent)
	})
}
