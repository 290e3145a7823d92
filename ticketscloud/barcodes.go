package ticketscloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// WaitForBarcodes waits until an order is done and all its tickets have barcodes.
// Barcodes can come later than the answer of [Client.PayOrder].
//
// It reads the list of orders at once, then after one second, and then at growing
// intervals of up to 30 seconds. It continues if the supplier cannot be reached, limits
// the rate of requests or does not list the order yet. It ends with:
//
//   - [rutravel.ErrConflict] if the order was cancelled or has expired,
//   - [rutravel.ErrCanceled] if ctx ends,
//   - any other error of a look-up.
//
// Use a ctx with a deadline. The order that was seen last is returned with an error. After
// the end of ctx, its Status is:
//
//   - [OrderDone] if the order is paid and the barcodes are late,
//   - [OrderHeld] if it is not paid,
//   - "" if it was never seen.
//
// The error text says the same.
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
			return last, c.listError(rutravel.ErrCanceled, fmt.Errorf("%w: %w", last.whyNotReady(), err))
		case err != nil && !isTemporary(err):
			return last, err
		case err != nil:
		case o.Status == OrderCancelled, o.Status == OrderExpired:
			return o, c.listError(rutravel.ErrConflict, errors.New("the order is not paid for and has no barcodes"))
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
			return last, c.listError(rutravel.ErrCanceled, fmt.Errorf("%w: %w", last.whyNotReady(), cmp.Or(err, ctx.Err())))
		}
	}
}

// isTemporary reports whether a look-up that failed may succeed later.
func isTemporary(err error) bool {
	return errors.Is(err, rutravel.ErrUnavailable) || errors.Is(err, rutravel.ErrRateLimited) || errors.Is(err, rutravel.ErrNotFound)
}

func (o Order) hasBarcodes() bool {
	return len(o.Tickets) > 0 && !slices.ContainsFunc(o.Tickets, func(t Ticket) bool { return t.Barcode == "" })
}

// whyNotReady says why an order is not ready.
func (o Order) whyNotReady() error {
	switch o.Status {
	case "":
		return errors.New("the order was not seen")
	case OrderDone:
		return errors.New("the order is paid for and has no barcodes yet")
	default:
		return errors.New("the order is not paid for yet")
	}
}
