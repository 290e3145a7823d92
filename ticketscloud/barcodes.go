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

// WaitForBarcodes waits until an order is done, and has tickets that all have
// barcodes, which may come later than the answer of [Client.PayOrder]. It
// looks at the list of orders at once, after a second, and then ever less often,
// every half minute at last. It goes on when the supplier cannot be reached, asks
// for fewer requests or does not list the order yet. It ends with
// [rutravel.ErrConflict] when the order is cancelled or has expired, with what
// else goes wrong, and with [rutravel.ErrCanceled] when ctx does: give it one with
// a deadline.
//
// The order as it was last seen is returned beside an error. At the end of ctx its
// Status tells a paid order whose barcodes are late, [OrderDone], from one that
// nobody has paid for, [OrderHeld], and from one that was never seen, "". The
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
			return last, c.listError(rutravel.ErrCanceled, fmt.Errorf("%w: %w", last.whyNotReady(), err))
		case err != nil && !mayPass(err):
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

// mayPass reports whether a look that failed may succeed later.
func mayPass(err error) bool {
	return errors.Is(err, rutravel.ErrUnavailable) || errors.Is(err, rutravel.ErrRateLimited) || errors.Is(err, rutravel.ErrNotFound)
}

func (o Order) hasBarcodes() bool {
	return len(o.Tickets) > 0 && !slices.ContainsFunc(o.Tickets, func(t Ticket) bool { return t.Barcode == "" })
}

// whyNotReady says why an order that was waited for is not ready.
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
