package ticketscloud_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// TC-T16: WaitForBarcodes waits until ctx ends.
func TestWaitForBarcodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		o := hold(t, c, 2)
		fake.SetQuirks(ticketscloudtest.Quirks{BarcodeDelay: 100 * time.Second})
		done, err := c.PayOrder(t.Context(), o.Key())
		require.NoError(t, err)
		assert.Empty(t, done.Tickets[0].Barcode)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		last, err := c.WaitForBarcodes(ctx, o.Key())
		conformance.Failure(t, err, rutravel.ErrCanceled)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, ticketscloud.OrderDone, last.Status)
		assert.Equal(t, 20*time.Second, time.Since(start))
		before := len(fake.Requests())
		done, err = c.WaitForBarcodes(t.Context(), o.Key())
		require.NoError(t, err)
		for _, k := range done.Tickets {
			assert.NotEmpty(t, k.Barcode)
		}
		assert.Less(t, len(fake.Requests())-before, 10)
		assert.Less(t, time.Since(start), 135*time.Second)

		// The wait for an unpaid order ends when the order expires.
		o = hold(t, c, 1)
		_, err = c.WaitForBarcodes(t.Context(), o.Key())
		conformance.Failure(t, err, rutravel.ErrConflict)
	})
}

// WaitForBarcodes continues while the supplier fails or does not list the order yet, and
// until all barcodes have arrived.
func TestWaitForBarcodesGoesOn(t *testing.T) {
	t.Parallel()
	ticket := func(barcode string) string {
		return `{"data":[{"id":"a","status":"done","tickets":[{"id":"t","full":"1.00","barcode":"` + barcode + `"}]}]}`
	}
	key := ticketscloud.OrderKey{ID: "a"}
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, rutravel.WithMaxAttempts(1))
		o := hold(t, c, 1)
		_, err := c.PayOrder(t.Context(), o.Key())
		require.NoError(t, err)
		fake.Inject(
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusBadGateway},
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"20"}}},
			ticketscloudtest.Fault{Op: "orders.list", Drop: true},
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusOK, Body: `{"data":[]}`}, // two requests: the minutes, then the days
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusOK, Body: `{"data":[]}`},
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusOK, Body: `{"data":[{"id":"` + string(o.ID) + `","status":"done","tickets":[]}]}`},
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusOK, Body: `{"data":[{"id":"` + string(o.ID) + `","status":"executed","tickets":[{"id":"t","full":"1.00","barcode":"1"}]}]}`},
		)
		start := time.Now()
		done, err := c.WaitForBarcodes(t.Context(), o.Key())
		require.NoError(t, err)
		assert.NotEmpty(t, done.Tickets[0].Barcode)
		assert.Equal(t, 1+20+4+8+16+30, int(time.Since(start)/time.Second))
	})
	for name, test := range map[string]struct {
		status int
		body   string
		seen   ticketscloud.OrderStatus
		words  string
	}{
		"late":      {http.StatusOK, ticket(""), ticketscloud.OrderDone, "has no barcodes yet"},
		"executed":  {http.StatusOK, listText(orderText("a", "executed")), ticketscloud.OrderHeld, "is not paid for yet"},
		"not there": {http.StatusOK, `{"data":[]}`, "", "was not seen"},
		"down":      {http.StatusBadGateway, "", "", "was not seen"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := answers(t, test.status, test.body)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			o, err := c.WaitForBarcodes(ctx, key, rutravel.WithMaxAttempts(1))
			require.ErrorIs(t, err, rutravel.ErrCanceled, name) // and the kind of the last look-up's error
			failed, ok := errors.AsType[*rutravel.Error](err)
			require.True(t, ok, name)
			assert.NotZero(t, failed.Attempts, name)
			assert.ErrorContains(t, err, test.words, name)
			assert.Equal(t, test.seen, o.Status, name)
		})
	}
	// Nothing is sent if ctx has ended before the call.
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	c, requests := answers(t, http.StatusOK, ticket(""))
	_, err := c.WaitForBarcodes(ended, key)
	assert.Zero(t, conformance.Failure(t, err, rutravel.ErrCanceled).Attempts)
	assert.Empty(t, *requests)
	// The order that was seen before an error is returned with the error.
	synctest.Test(t, func(t *testing.T) {
		c, _ := answers(t, http.StatusOK, ticket(""), `{"data":"?"}`)
		o, err := c.WaitForBarcodes(t.Context(), key)
		conformance.Failure(t, err, rutravel.ErrProtocol)
		assert.Equal(t, ticketscloud.OrderDone, o.Status)
	})
}

// Another order that cannot be read does not end the wait.
func TestWaitForBarcodesNextToUnreadable(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusOK, listText(`{"id":"other","status":"executed","tickets":[{}]}`,
		`{"id":"a","status":"done","tickets":[{"id":"t","full":"1.00","barcode":"17"}]}`))
	o, err := c.WaitForBarcodes(t.Context(), ticketscloud.OrderKey{ID: "a"})
	require.NoError(t, err)
	assert.Equal(t, "17", o.Tickets[0].Barcode)
}
