package ticketscloud

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// The Patience of each operation: how long to look for the outcome of a call after it has
// ended with [rutravel.ErrNotConfirmed]. "Our choice" means that the manual has no
// figure. Before that time has passed, an unchanged state proves nothing.
const (
	CreateOrderPatience   = 10 * time.Minute // our choice; an order that is not found by then expires by itself
	PromocodesPatience    = 10 * time.Minute // our choice; for [Client.ChangeOrder] with Promocodes
	PayOrderPatience      = 20 * time.Minute // our choice: longer than an order holds its tickets, which is 10 minutes (manual, life cycle) or 15 (its samples)
	CancelOrderPatience   = 10 * time.Minute // our choice
	CreateRefundPatience  = 10 * time.Minute // our choice
	ApproveRefundPatience = 10 * time.Minute // our choice
	RejectRefundPatience  = 10 * time.Minute // our choice
)

// CreateOrderOperation is [Client.CreateOrder] with its recovery. Look calls
// [Client.LostOrders]. The candidates are:
//
//   - the unpaid orders without VendorData that hold exactly the requested tickets,
//   - the order whose id arrived with the error.
//
// The candidate created nearest to the call is first. If there is no candidate after
// [CreateOrderPatience], the order was presumably not created. If it was created after
// all, even with fewer tickets, it expires unpaid.
func (c *Client) CreateOrderOperation() rutravel.Operation[NewOrder, Order] {
	return rutravel.Operation[NewOrder, Order]{
		Name:     "ticketscloud.create_order",
		Send:     func(ctx context.Context, n NewOrder) (Order, error) { return c.CreateOrder(ctx, n) },
		Timeout:  operations[opCreate].CallTimeout(),
		Look:     c.lookForOrder,
		Patience: CreateOrderPatience,
		Silence:  rutravel.OutcomeNotDone,
		SilenceReason: "No order with these contents was found. If there is one, it expires unpaid, " +
			"and its tickets are on sale again.",
		ID:    Order.operationID,
		Group: func(n NewOrder) string { return "ticketscloud/orders/" + string(n.Event) },
	}
}

func (c *Client) lookForOrder(ctx context.Context, in rutravel.Intent[NewOrder, Order]) (rutravel.Resolution[Order], error) {
	orders, err := c.LostOrders(ctx, LostOrder{Order: in.Request, Sent: in.Sent})
	if err != nil {
		return rutravel.Resolution[Order]{}, err
	}
	arrived := func(o Order) bool { return o.ID == in.Value.ID }
	// A call cannot set VendorData, so an order that has some is the result of another call.
	orders = slices.DeleteFunc(orders, func(o Order) bool {
		return !arrived(o) && (!in.Request.isComplete(o) || !o.VendorData.isZero())
	})
	for i := range orders {
		orders[i].Missing = in.Request.wanted().missing(orders[i])
	}
	sortCandidates(orders, in.Sent, arrived, func(o Order) time.Time { return o.CreatedAt })
	return rutravel.CandidatesOf(orders, Order.operationID), nil
}

func (n NewOrder) wanted() wanted { return wanted{tickets: n.Tickets, random: n.Random} }

// isComplete reports whether an order may hold exactly the requested tickets.
func (n NewOrder) isComplete(o Order) bool {
	count := len(n.Tickets)
	for _, s := range n.Random {
		count += s.Count
	}
	return len(o.Tickets) == count && !n.wanted().missing(o).Any()
}

// sortCandidates moves the object that arrived to the front. The others follow in the
// order of their distance in time from the call.
func sortCandidates[T any](all []T, sent time.Time, arrived func(T) bool, created func(T) time.Time) {
	distance := func(v T) time.Duration {
		if arrived(v) {
			return -1
		}
		return created(v).Sub(sent).Abs()
	}
	slices.SortStableFunc(all, func(a, b T) int { return cmp.Compare(distance(a), distance(b)) })
}

// operationID returns the id of an order in [rutravel.Operation].
func (o Order) operationID() string {
	if o.ID == "" {
		return ""
	}
	return "ticketscloud/order/" + string(o.ID)
}

// PayOrderOperation is [Client.PayOrder] with its recovery. Look calls
// [Client.FindOrder]. The payment is done if the order is [OrderDone]. It is not done if
// the order was cancelled or has expired. If the order has another status after
// [PayOrderPatience], the outcome is undecidable.
func (c *Client) PayOrderOperation() rutravel.Operation[OrderKey, Order] {
	return rutravel.Operation[OrderKey, Order]{
		Name:    "ticketscloud.pay_order",
		Send:    func(ctx context.Context, key OrderKey) (Order, error) { return c.PayOrder(ctx, key) },
		Timeout: operations[opDone].CallTimeout(),
		Look: func(ctx context.Context, in rutravel.Intent[OrderKey, Order]) (rutravel.Resolution[Order], error) {
			return c.lookAtPayment(ctx, in.Request)
		},
		Patience:      PayOrderPatience,
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: checkPayment,
		Subject:       OrderKey.paySubject,
	}
}

const checkPayment = "Check in the supplier's cabinet whether the order was paid. It should have expired by now."

func (k OrderKey) paySubject() string    { return "ticketscloud/pay/" + string(k.ID) }
func (k OrderKey) cancelSubject() string { return "ticketscloud/cancel/" + string(k.ID) }

func (c *Client) lookAtPayment(ctx context.Context, key OrderKey) (rutravel.Resolution[Order], error) {
	o, err := c.FindOrder(ctx, key)
	if err != nil {
		return rutravel.Resolution[Order]{}, err
	}
	if o.Status == OrderDone {
		return rutravel.Resolution[Order]{Outcome: rutravel.OutcomeDone, Value: o, Reason: "The order is paid."}, nil
	}
	r := o.unchangeable()
	r.Pending = false // after PayOrderPatience a person decides
	return r, nil
}

// unchangeable is the resolution of a change that the order does not show.
func (o Order) unchangeable() rutravel.Resolution[Order] {
	switch o.Status {
	case OrderExpired:
		return rutravel.Resolution[Order]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrExpired, Reason: "The order has expired."}
	case OrderCancelled:
		return rutravel.Resolution[Order]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrConflict, Reason: "The order was cancelled."}
	case OrderDone:
		return rutravel.Resolution[Order]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrConflict, Reason: "The order is paid."}
	case OrderHeld:
		return rutravel.Resolution[Order]{Outcome: rutravel.OutcomeOpen, Reason: "The order is still held."}
	default:
		return rutravel.Resolution[Order]{
			Outcome: rutravel.OutcomeOpen, Pending: true, Reason: "The order is in the status " + string(o.Status) + ".",
		}
	}
}

// CancelOrderOperation is [Client.CancelOrder] with its recovery. Look calls
// [Client.FindOrder]. The cancellation is done if the order is cancelled or has expired.
// It is not done if the order is paid. If the order is still held after
// [CancelOrderPatience], it was presumably not cancelled.
func (c *Client) CancelOrderOperation() rutravel.Operation[OrderKey, Order] {
	return rutravel.Operation[OrderKey, Order]{
		Name:    "ticketscloud.cancel_order",
		Send:    func(ctx context.Context, key OrderKey) (Order, error) { return c.CancelOrder(ctx, key) },
		Timeout: operations[opCancel].CallTimeout(),
		Look: func(ctx context.Context, in rutravel.Intent[OrderKey, Order]) (rutravel.Resolution[Order], error) {
			return c.lookAtCancellation(ctx, in.Request)
		},
		Patience:      CancelOrderPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: stillHeld,
		Subject:       OrderKey.cancelSubject,
	}
}

const stillHeld = "The order is still held. It expires by itself."

func (c *Client) lookAtCancellation(ctx context.Context, key OrderKey) (rutravel.Resolution[Order], error) {
	o, err := c.FindOrder(ctx, key)
	if err != nil {
		return rutravel.Resolution[Order]{}, err
	}
	if o.Status == OrderCancelled || o.Status == OrderExpired {
		return rutravel.Resolution[Order]{Outcome: rutravel.OutcomeDone, Value: o, Reason: "The order is " + string(o.Status) + "."}, nil
	}
	return o.unchangeable(), nil
}

// OrderPatch has the arguments of [Client.ChangeOrder].
type OrderPatch struct {
	Key    OrderKey
	Change OrderChange
}

// ChangeOrderOperation is [Client.ChangeOrder] of a Status or Promocodes with its
// recovery. Other changes are desired states, which can be sent again. Send refuses
// them with [rutravel.ErrInvalid].
//
// A change of Status is resolved as in [Client.PayOrderOperation] and
// [Client.CancelOrderOperation], with the same subjects. Other fields of the change are
// not checked.
//
// For Promocodes, Look calls [Client.FindOrder]:
//
//   - They are done if the order lists all codes.
//   - They are not done if the order can no longer be changed and does not list all codes.
//   - If the order does not list all codes after [PromocodesPatience], they were
//     presumably not applied. The supplier does not list a code that it cannot apply.
//
// The operation's Patience is [PayOrderPatience] and applies to payments. A change of it
// does not affect cancellations ([CancelOrderPatience]) and Promocodes.
func (c *Client) ChangeOrderOperation() rutravel.Operation[OrderPatch, Order] {
	return rutravel.Operation[OrderPatch, Order]{
		Name: "ticketscloud.change_order",
		Send: func(ctx context.Context, p OrderPatch) (Order, error) {
			if p.isDesiredState() {
				return Order{}, c.engine.Invalid(ctx, &operations[opChange], &rutravel.FieldError{
					Field: "Change", Problem: "must have a Status or Promocodes: other changes need no recovery and can be sent again",
				})
			}
			return c.ChangeOrder(ctx, p.Key, p.Change)
		},
		Timeout:       operations[opDone].CallTimeout(),
		Look:          c.lookAtChange,
		Patience:      PayOrderPatience,
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: checkPayment,
		Subject: func(p OrderPatch) string {
			switch p.Change.Status {
			case OrderDone:
				return p.Key.paySubject()
			case OrderCancelled:
				return p.Key.cancelSubject()
			default:
				return "" // an order may get promocodes several times
			}
		},
	}
}

func (p OrderPatch) isDesiredState() bool { return p.Change.Status == "" && p.Change.Promocodes == nil }

func (c *Client) lookAtChange(ctx context.Context, in rutravel.Intent[OrderPatch, Order]) (r rutravel.Resolution[Order], err error) {
	silence := rutravel.Resolution[Order]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrUnavailable, Presumed: true}
	var patience time.Duration
	switch p := in.Request; {
	case p.Change.Status == OrderDone:
		return c.lookAtPayment(ctx, p.Key)
	case p.Change.Status == OrderCancelled:
		patience, silence.Reason = CancelOrderPatience, stillHeld
		r, err = c.lookAtCancellation(ctx, p.Key)
	case p.isDesiredState():
		return rutravel.Resolution[Order]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrInvalid, Reason: "The change was not sent."}, nil
	default:
		patience, silence.Reason = PromocodesPatience, "The order does not list all of the promocodes."
		r, err = c.lookAtPromocodes(ctx, p)
	}
	end := in.Ended
	if end.IsZero() {
		end = in.Deadline
	}
	if err == nil && r.Outcome == rutravel.OutcomeOpen && !r.Pending && time.Since(end) >= patience {
		return silence, nil
	}
	return r, err
}

func (c *Client) lookAtPromocodes(ctx context.Context, p OrderPatch) (rutravel.Resolution[Order], error) {
	o, err := c.FindOrder(ctx, p.Key)
	if err != nil {
		return rutravel.Resolution[Order]{}, err
	}
	listed := func(code string) bool {
		return slices.ContainsFunc(o.Promocodes, func(p Promocode) bool { return p.Is(code) })
	}
	absent := slices.ContainsFunc(p.Change.Promocodes, func(code string) bool { return !listed(code) })
	if len(p.Change.Promocodes) == 0 { // all are to be removed
		absent = len(o.Promocodes) > 0
	}
	switch {
	case !absent:
		return rutravel.Resolution[Order]{Outcome: rutravel.OutcomeDone, Value: o, Reason: "The order lists the promocodes."}, nil
	case slices.ContainsFunc(o.Promocodes, func(p Promocode) bool { return p.Code == "" }):
		return rutravel.Resolution[Order]{}, c.listError(rutravel.ErrProtocol, errNoCode)
	}
	return o.unchangeable(), nil
}

var errNoCode = errors.New("the code of one of the order's promocodes is not known")

// CreateRefundOperation is [Client.CreateRefund] with its recovery. Look calls
// [Client.LostRefunds]. The candidates are:
//
//   - the refund requests with the same tickets and culprit,
//   - the refund request whose id arrived with the error.
//
// Check the Status of the result: the refund request may have been rejected. If there is
// no candidate after [CreateRefundPatience], the refund request was presumably not
// created.
func (c *Client) CreateRefundOperation() rutravel.Operation[NewRefund, Refund] {
	return rutravel.Operation[NewRefund, Refund]{
		Name:          "ticketscloud.create_refund",
		Send:          func(ctx context.Context, n NewRefund) (Refund, error) { return c.CreateRefund(ctx, n) },
		Timeout:       operations[opRefund].CallTimeout(),
		Look:          c.lookForRefund,
		Patience:      CreateRefundPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "No refund request of these tickets was found.",
		ID:            Refund.operationID,
		Group:         func(n NewRefund) string { return "ticketscloud/refunds/" + string(n.Order.ID) },
	}
}

// operationID returns the id of a refund request in [rutravel.Operation].
func (f Refund) operationID() string {
	if f.ID == "" {
		return ""
	}
	return "ticketscloud/refund/" + string(f.ID)
}

func (c *Client) lookForRefund(ctx context.Context, in rutravel.Intent[NewRefund, Refund]) (rutravel.Resolution[Refund], error) {
	refunds, err := c.LostRefunds(ctx, in.Request.Order, in.Sent)
	if err != nil {
		return rutravel.Resolution[Refund]{}, err
	}
	arrived := func(f Refund) bool { return f.ID == in.Value.ID }
	refunds = slices.DeleteFunc(refunds, func(f Refund) bool {
		otherTickets := len(f.Tickets) > 0 && !f.hasExactly(in.Request.Tickets)
		otherCulprit := f.Culprit != "" && f.Culprit != in.Request.Culprit
		return !arrived(f) && (otherTickets || otherCulprit)
	})
	sortCandidates(refunds, in.Sent, arrived, func(f Refund) time.Time { return f.CreatedAt })
	return rutravel.CandidatesOf(refunds, Refund.operationID), nil
}

// ApproveRefundOperation is [Client.ApproveRefund] with its recovery. Look calls
// [Client.FindRefund]. The approval is done if the refund request is approved, and not
// done if it is rejected. If it is still [RefundNew] after [ApproveRefundPatience], it
// was presumably not approved. While it is [RefundInProgress], the outcome is open.
func (c *Client) ApproveRefundOperation() rutravel.Operation[RefundKey, Refund] {
	return c.decision(opApprove, "ticketscloud.approve_refund", "ticketscloud/approve/", ApproveRefundPatience, RefundApproved, RefundRejected, c.ApproveRefund)
}

// RejectRefundOperation is [Client.RejectRefund] with its recovery. It works like
// [Client.ApproveRefundOperation], with [RefundRejected] and [RejectRefundPatience].
func (c *Client) RejectRefundOperation() rutravel.Operation[RefundKey, Refund] {
	return c.decision(opReject, "ticketscloud.reject_refund", "ticketscloud/reject/", RejectRefundPatience, RefundRejected, RefundApproved, c.RejectRefund)
}

// decision is the operation that gives a refund request the status want.
func (c *Client) decision(op int, name, subject string, patience time.Duration, want, other RefundStatus,
	send func(context.Context, RefundKey, ...rutravel.CallOption) (Refund, error),
) rutravel.Operation[RefundKey, Refund] {
	return rutravel.Operation[RefundKey, Refund]{
		Name:    name,
		Send:    func(ctx context.Context, key RefundKey) (Refund, error) { return send(ctx, key) },
		Timeout: operations[op].CallTimeout(),
		Look: func(ctx context.Context, in rutravel.Intent[RefundKey, Refund]) (rutravel.Resolution[Refund], error) {
			f, err := c.FindRefund(ctx, in.Request)
			if err != nil {
				return rutravel.Resolution[Refund]{}, err
			}
			r := rutravel.Resolution[Refund]{Outcome: rutravel.OutcomeOpen, Reason: "The refund request is " + string(f.Status) + "."}
			switch f.Status {
			case want:
				r.Outcome, r.Value = rutravel.OutcomeDone, f
			case other:
				r.Outcome, r.Kind = rutravel.OutcomeNotDone, rutravel.ErrConflict
			case RefundNew:
			default:
				r.Pending = true
			}
			return r, nil
		},
		Patience:      patience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "The refund request is still new.",
		Subject:       func(key RefundKey) string { return subject + string(key.ID) },
	}
}

// ExportOrdersOperation is [Client.ExportOrders] with its recovery. The outcome is
// always undecidable: no method can check whether a mail was sent.
func (c *Client) ExportOrdersOperation() rutravel.Operation[OrderExport, struct{}] {
	return rutravel.Operation[OrderExport, struct{}]{
		Name:          "ticketscloud.export_orders",
		Send:          func(ctx context.Context, e OrderExport) (struct{}, error) { return struct{}{}, c.ExportOrders(ctx, e) },
		Timeout:       operations[opExport].CallTimeout(),
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: "Check whether the mail with the orders came. If it does not come, ask for it again.",
	}
}
