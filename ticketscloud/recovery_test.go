package ticketscloud_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

type (
	supplier = ticketscloudtest.Server
	caller   = ticketscloud.Client
)

// What a backend stores before it makes an order or asks for a refund.
type (
	newOrder struct {
		Order ticketscloud.NewOrder
		Sent  time.Time
	}
	newRefund struct {
		Refund ticketscloud.NewRefund
		Sent   time.Time
	}
)

// TC-T23, TC-T56: whatever breaks, an unsafe operation is sent once, and the way
// out that its doc comment names leads to the truth. In the end one order is
// done, one refund request decided, one mail sent.
func TestRecovery(t *testing.T) {
	t.Parallel()
	decided := func(ctx context.Context, c *caller, key ticketscloud.RefundKey) error {
		_, err := c.ApproveRefund(ctx, key)
		return err
	}
	rejected := func(ctx context.Context, c *caller, key ticketscloud.RefundKey) error {
		_, err := c.RejectRefund(ctx, key)
		return err
	}
	export := func(ctx context.Context, c *caller, e ticketscloud.OrderExport) error { return c.ExportOrders(ctx, e) }
	conformance.RecoverySuite[*supplier, *caller]{
		Operations: ticketscloud.Operations,
		GoldenDir:  "../testdata/ticketscloud",
		NewFake:    ticketscloudtest.New,
		NewClient: func(f *supplier) (*caller, error) {
			return ticketscloud.New(f.Config(), rutravel.WithHTTPClient(f.HTTPClient()))
		},
		Inject: func(f *supplier, fault fake.Fault) { f.Inject(ticketscloudtest.Fault(fault)) },
		Arrived: func(f *supplier) (all []string) {
			for _, r := range f.Requests() {
				all = append(all, r.Op)
			}
			return all
		},
		Cases: []conformance.RecoveryCase[*supplier, *caller]{
			conformance.Recovery("orders.create", "", func(t *testing.T, _ *supplier, c *caller) newOrder {
				t.Helper()
				hold(t, c, 1) // another of these minutes
				return newOrder{ticketscloud.NewOrder{
					Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 3}},
				}, time.Now()}
			}, func(ctx context.Context, c *caller, n newOrder) error {
				_, err := c.CreateOrder(ctx, n.Order)
				return err
			}, lostCreation),
			conformance.Recovery("orders.change+promocodes", "", held, func(ctx context.Context, c *caller, key ticketscloud.OrderKey) error {
				_, err := c.ChangeOrder(ctx, key, summer)
				return err
			}, lostPromocodes),
			conformance.Recovery("orders.change+done", "", held, func(ctx context.Context, c *caller, key ticketscloud.OrderKey) error {
				_, err := c.PayOrder(ctx, key)
				return err
			}, lostPayment),
			conformance.Recovery("orders.change+cancel", "", held, func(ctx context.Context, c *caller, key ticketscloud.OrderKey) error {
				_, err := c.CancelOrder(ctx, key)
				return err
			}, lostCancellation),
			conformance.Recovery("refunds.create", "", refundable, func(ctx context.Context, c *caller, n newRefund) error {
				_, err := c.CreateRefund(ctx, n.Refund)
				return err
			}, lostRefund),
			conformance.Recovery("refunds.approve", "", requested, decided, lostDecision(ticketscloud.RefundApproved, decided)),
			conformance.Recovery("refunds.reject", "", requested, rejected, lostDecision(ticketscloud.RefundRejected, rejected)),
			conformance.Recovery("orders.export", "", exported(false), export, lostMail),
			conformance.Recovery("orders.export+get", "", exported(true), export, lostMail),
		},
	}.Run(t)
}

var summer = ticketscloud.OrderChange{Promocodes: []string{ticketscloudtest.Percent10}}

func held(t *testing.T, _ *supplier, c *caller) ticketscloud.OrderKey {
	t.Helper()
	return hold(t, c, 2).Key()
}

// refundable pays for an order, and has a refund request of another one.
func refundable(t *testing.T, _ *supplier, c *caller) newRefund {
	t.Helper()
	var n newRefund
	for range 2 {
		o, err := c.PayOrder(t.Context(), hold(t, c, 1).Key())
		require.NoError(t, err)
		other := n
		n = newRefund{ticketscloud.NewRefund{
			Order: o.Key(), Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{o.Tickets[0].ID},
		}, time.Now()}
		if other.Refund.Order.ID != "" {
			_, err = c.CreateRefund(t.Context(), other.Refund)
			require.NoError(t, err)
		}
	}
	return n
}

func requested(t *testing.T, f *supplier, c *caller) ticketscloud.RefundKey {
	t.Helper()
	r, err := c.CreateRefund(t.Context(), refundable(t, f, c).Refund)
	require.NoError(t, err)
	return r.Key()
}

func exported(byGet bool) func(*testing.T, *supplier, *caller) ticketscloud.OrderExport {
	return func(*testing.T, *supplier, *caller) ticketscloud.OrderExport {
		return ticketscloud.OrderExport{Email: "orders@example.com", ByGet: byGet}
	}
}

func find(t *testing.T, c *caller, key ticketscloud.OrderKey) ticketscloud.Order {
	t.Helper()
	o, err := c.FindOrder(t.Context(), key)
	require.NoError(t, err)
	return o
}

// pay pays for an order and returns how many are paid for then.
func pay(t *testing.T, c *caller, key ticketscloud.OrderKey) int {
	t.Helper()
	_, err := c.PayOrder(t.Context(), key)
	require.NoError(t, err)
	return count(t, c, ticketscloud.OrderDone)
}

func count(t *testing.T, c *caller, status ticketscloud.OrderStatus) int {
	t.Helper()
	all, err := rutravel.Collect(c.Orders(t.Context(), ticketscloud.OrderQuery{Status: []ticketscloud.OrderStatus{status}}))
	require.NoError(t, err)
	return len(all)
}

// lostCreation finds the order among those of its minutes by what it holds.
func lostCreation(t *testing.T, _ *supplier, c *caller, n newOrder, done bool) {
	t.Helper()
	var mine []ticketscloud.Order
	found := conformance.AskAgain(func() bool {
		candidates, err := c.LostOrders(t.Context(), ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: n.Order.Event}, Sent: n.Sent})
		require.NoError(t, err)
		require.NotEmpty(t, candidates, "the other order is one")
		mine = slices.DeleteFunc(candidates, func(o ticketscloud.Order) bool { return len(o.Tickets) != n.Order.Random[0].Count })
		return len(mine) > 0
	})
	require.Equal(t, done, found)
	if !found {
		o, err := c.CreateOrder(t.Context(), n.Order)
		require.NoError(t, err)
		mine = append(mine, o)
	}
	require.Len(t, mine, 1)
	assert.Equal(t, 1, pay(t, c, mine[0].Key()))
}

func lostPromocodes(t *testing.T, _ *supplier, c *caller, key ticketscloud.OrderKey, done bool) {
	t.Helper()
	applied := conformance.AskAgain(func() bool {
		return slices.ContainsFunc(find(t, c, key).Promocodes, func(p ticketscloud.Promocode) bool { return p.Is(summer.Promocodes[0]) })
	})
	require.Equal(t, done, applied)
	if !applied {
		_, err := c.ChangeOrder(t.Context(), key, summer)
		require.NoError(t, err)
	}
	assert.Equal(t, 1, pay(t, c, key))
	assert.Len(t, find(t, c, key).Promocodes, 1)
}

// An order that is not paid for by the time it expires never is: it is made
// anew.
func lostPayment(t *testing.T, _ *supplier, c *caller, key ticketscloud.OrderKey, done bool) {
	t.Helper()
	for find(t, c, key).Status == ticketscloud.OrderHeld {
		time.Sleep(time.Minute)
	}
	if done {
		assert.Equal(t, ticketscloud.OrderDone, find(t, c, key).Status)
		assert.Equal(t, 1, count(t, c, ticketscloud.OrderDone))
		return
	}
	assert.Equal(t, ticketscloud.OrderExpired, find(t, c, key).Status)
	assert.Equal(t, 1, pay(t, c, hold(t, c, 2).Key()))
}

// An order that is not cancelled after some minutes was not; left alone, it
// expires.
func lostCancellation(t *testing.T, _ *supplier, c *caller, key ticketscloud.OrderKey, done bool) {
	t.Helper()
	cancelled := conformance.AskAgain(func() bool { return find(t, c, key).Status == ticketscloud.OrderCancelled })
	require.Equal(t, done, cancelled)
	if !cancelled {
		assert.Equal(t, ticketscloud.OrderHeld, find(t, c, key).Status)
		time.Sleep(ticketscloudtest.OrderLifetime)
		assert.Equal(t, ticketscloud.OrderExpired, find(t, c, key).Status)
	}
	assert.Zero(t, count(t, c, ticketscloud.OrderHeld))
	assert.Zero(t, count(t, c, ticketscloud.OrderDone))
}

// lostRefund finds the refund request of its order, not that of the other.
func lostRefund(t *testing.T, _ *supplier, c *caller, n newRefund, done bool) {
	t.Helper()
	var mine []ticketscloud.Refund
	found := conformance.AskAgain(func() bool {
		var err error
		mine, err = c.LostRefunds(t.Context(), n.Refund.Order, n.Sent)
		require.NoError(t, err)
		return len(mine) > 0
	})
	require.Equal(t, done, found)
	if !found {
		r, err := c.CreateRefund(t.Context(), n.Refund)
		require.NoError(t, err)
		mine = append(mine, r)
	}
	require.Len(t, mine, 1)
	_, err := c.ApproveRefund(t.Context(), mine[0].Key())
	require.NoError(t, err)
	assert.Equal(t, map[ticketscloud.RefundStatus]int{ticketscloud.RefundApproved: 1, ticketscloud.RefundNew: 1}, refunds(t, c))
}

// refunds counts the refund requests by their status.
func refunds(t *testing.T, c *caller) map[ticketscloud.RefundStatus]int {
	t.Helper()
	all, err := rutravel.Collect(c.Refunds(t.Context(), ticketscloud.RefundQuery{}))
	require.NoError(t, err)
	counted := map[ticketscloud.RefundStatus]int{}
	for _, r := range all {
		counted[r.Status]++
	}
	return counted
}

// A refund request that is still new after some minutes was not decided about.
func lostDecision(want ticketscloud.RefundStatus, decide func(context.Context, *caller, ticketscloud.RefundKey) error) func(*testing.T, *supplier, *caller, ticketscloud.RefundKey, bool) {
	return func(t *testing.T, _ *supplier, c *caller, key ticketscloud.RefundKey, done bool) {
		t.Helper()
		status := func() ticketscloud.RefundStatus {
			r, err := c.FindRefund(t.Context(), key)
			require.NoError(t, err)
			return r.Status
		}
		decided := conformance.AskAgain(func() bool { return status() == want })
		require.Equal(t, done, decided)
		if !decided {
			assert.Equal(t, ticketscloud.RefundNew, status())
			require.NoError(t, decide(t.Context(), c, key))
		}
		assert.Equal(t, want, status())
		require.ErrorIs(t, decide(t.Context(), c, key), rutravel.ErrConflict)
		assert.Equal(t, 1, refunds(t, c)[want])
		key.ID = "another"
		_, err := c.FindRefund(t.Context(), key)
		require.ErrorIs(t, err, rutravel.ErrNotFound)
	}
}

// The manual leaves no way out but to wait for the mail.
func lostMail(t *testing.T, f *supplier, c *caller, e ticketscloud.OrderExport, done bool) {
	t.Helper()
	came := conformance.AskAgain(func() bool { return len(f.Mails()) > 0 })
	require.Equal(t, done, came)
	if !came {
		require.NoError(t, c.ExportOrders(t.Context(), e))
	}
	assert.Equal(t, []string{e.Email}, f.Mails())
}

// Look-ups find what was made, whatever the supplier makes of filters, pages and
// clocks, and whoever else has an order. Finding nothing is no error while lists do not
// have it yet.
func TestLookUpsOfAnOddSupplier(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]ticketscloudtest.Quirks{
		"usual":            {},
		"filters ignored":  {IgnoreFilters: true},
		"pages repeated":   {RepeatPages: true, Rows: true},
		"listed late":      {Unlisted: 3 * time.Minute},
		"clock fast":       {Skew: 15 * time.Minute},
		"clock slow":       {Skew: -15 * time.Minute},
		"no date, fast":    {Skew: 15 * time.Minute, NoDate: true},
		"no date, slow":    {Skew: -15 * time.Minute, NoDate: true},
		"clock hours slow": {Skew: -3 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t)
				fake.SetQuirks(quirks)
				request := ticketscloud.NewOrder{Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 2}}}
				strange, err := fake.AddOrder(ticketscloud.NewOrder{Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 5}}})
				require.NoError(t, err)
				_, err = fake.AddOrder(ticketscloud.NewOrder{Event: ticketscloudtest.Play, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.Gallery, Count: 1}}})
				require.NoError(t, err)

				fake.Inject(ticketscloudtest.Fault{Op: "orders.create", Drop: true, Processed: true})
				lost := ticketscloud.LostOrder{Order: request, Sent: time.Now()}
				_, err = c.CreateOrder(t.Context(), request)
				require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
				assert.ErrorContains(t, err, "look up with Client.LostOrders")
				var found []ticketscloud.Order
				for end := time.Now().Add(ticketscloud.CreateOrderPatience); len(found) == 0 && time.Now().Before(end); time.Sleep(time.Minute) {
					found, err = c.LostOrders(t.Context(), lost)
					require.NoError(t, err)
				}
				require.Len(t, found, 1)
				assert.NotEqual(t, strange, found[0].ID)
				assert.Len(t, found[0].Tickets, 2)

				o, err := c.PayOrder(t.Context(), found[0].Key())
				require.NoError(t, err)
				refund := ticketscloud.NewRefund{Order: o.Key(), Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{o.Tickets[0].ID}}
				fake.Inject(ticketscloudtest.Fault{Op: "refunds.create", Drop: true, Processed: true})
				sent := time.Now()
				_, err = c.CreateRefund(t.Context(), refund)
				require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
				var refunds []ticketscloud.Refund
				for end := time.Now().Add(ticketscloud.CreateRefundPatience); len(refunds) == 0 && time.Now().Before(end); time.Sleep(time.Minute) {
					refunds, err = c.LostRefunds(t.Context(), o.Key(), sent)
					require.NoError(t, err)
				}
				require.Len(t, refunds, 1)
				again, err := c.FindRefund(t.Context(), refunds[0].Key())
				require.NoError(t, err)
				assert.Equal(t, ticketscloud.RefundNew, again.Status)
				_, err = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: "5e00000000000000000000ff"})
				conformance.Failure(t, err, rutravel.ErrNotFound)
			})
		})
	}
}
