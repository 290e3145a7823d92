package ticketscloud_test

import (
	"context"
	"sync"
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

// Changes of one order wait for each other. Observers see these waits.
func TestObservedTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen conformance.Observed
		fake, c := newFake(t, seen.Option())
		o := hold(t, c, 1)
		var wg sync.WaitGroup
		for range 3 {
			fake.Inject(ticketscloudtest.Fault{Op: "orders.change", Delay: time.Second})
		}
		for range 3 {
			wg.Go(func() {
				_, err := c.ChangeOrder(t.Context(), o.Key(), ticketscloud.OrderChange{Customer: ticketscloud.Customer{Name: "Ivan"}})
				assert.NoError(t, err)
			})
		}
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			time.Sleep(time.Nanosecond) // until the others are in the queue
			_, err := c.ChangeOrder(ctx, o.Key(), ticketscloud.OrderChange{Customer: ticketscloud.Customer{Name: "Ivan"}})
			assert.ErrorIs(t, err, rutravel.ErrCanceled)
		})
		wg.Wait()
		seen.Check(t)
		var waits []time.Duration
		var canceled int
		for _, one := range seen.Calls("orders.change") {
			for _, w := range one.Waits {
				assert.Equal(t, rutravel.WaitTurn, w.Reason)
				if w.Err != nil {
					canceled++
					assert.ErrorIs(t, w.Err, rutravel.ErrCanceled)
					assert.Equal(t, w.Err, one.Ends[0].Err)
					assert.Zero(t, one.Ends[0].Attempts)
					continue
				}
				waits = append(waits, w.Duration)
			}
		}
		assert.ElementsMatch(t, []time.Duration{time.Second, 2 * time.Second}, waits)
		assert.Equal(t, 1, canceled)
	})
}

// AdjustTickets is one call with the attempts of all its requests.
func TestObservedAdjustment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen conformance.Observed
		fake, c := newFake(t, seen.Option())
		o := hold(t, c, 1)
		adjust := func() error {
			_, err := c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{
				Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 2}},
			})
			return err
		}
		fake.Inject(ticketscloudtest.Fault{Op: "orders.list", Delay: time.Second}, ticketscloudtest.Fault{Op: "orders.change", Delay: time.Second})
		before := len(fake.Requests())
		require.NoError(t, adjust())
		seen.Check(t)
		calls := seen.Calls("")
		require.Len(t, calls, 2)
		end := calls[1].Ends[0]
		assert.Equal(t, rutravel.Call{Supplier: "ticketscloud", Op: "orders.change", Safety: rutravel.SafetyKeyed}, end.Call)
		assert.Equal(t, len(fake.Requests())-before, end.Attempts)
		assert.Equal(t, 2*time.Second, end.Duration)

		// An order that cannot be changed any more is the error of the same call.
		_, err := c.CancelOrder(t.Context(), o.Key())
		require.NoError(t, err)
		err = adjust()
		require.ErrorIs(t, err, rutravel.ErrConflict)
		calls = seen.Calls("orders.change")
		assert.Equal(t, err, calls[len(calls)-1].Ends[0].Err)
	})
}
