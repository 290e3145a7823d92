package ticketscloud_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
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

// TC-T23, TC-T56: whatever breaks, an unsafe operation is sent once, and its Operation
// finds out what became of it. In the end one order is done, one refund request
// decided, one mail sent.
func TestRecovery(t *testing.T) {
	t.Parallel()
	conformance.Resolutions[*supplier, *caller]{
		Supplier:   "ticketscloud",
		Operations: ticketscloud.Operations,
		GoldenDir:  "../testdata/ticketscloud",
		NewFake:    ticketscloudtest.New,
		NewClient: func(f *supplier, c *http.Client) (*caller, error) {
			return ticketscloud.New(f.Config(), rutravel.WithHTTPClient(c))
		},
		Inject: func(f *supplier, fault fake.Fault) { f.Inject(ticketscloudtest.Fault(fault)) },
		Arrived: func(f *supplier) (all []string) {
			for _, r := range f.Requests() {
				all = append(all, r.Op)
			}
			return all
		},
		Cases: []conformance.ResolutionCase[*supplier, *caller]{
			conformance.Resolution[*supplier, *caller, ticketscloud.NewOrder, ticketscloud.Order]{
				Op: "orders.create", Operation: (*caller).CreateOrderOperation, Prepare: newOrder, Unread: statusUnread, Check: checkCreation,
				Done: conformance.WantCandidates, NotDone: conformance.WantPresumed,
			}.Case(),
			conformance.Resolution[*supplier, *caller, ticketscloud.OrderPatch, ticketscloud.Order]{
				Op: "orders.change+promocodes", Operation: (*caller).ChangeOrderOperation, Prepare: patched(summer), Unread: statusUnread, Check: checkPromocodes,
				Done: conformance.WantDone, NotDone: conformance.WantPresumed,
			}.Case(),
			conformance.Resolution[*supplier, *caller, ticketscloud.OrderKey, ticketscloud.Order]{
				Op: "orders.change+done", Operation: (*caller).PayOrderOperation, Prepare: held, Unread: statusUnread, Check: checkPayment,
				Done: conformance.WantDone, NotDone: expired,
			}.Case(),
			conformance.Resolution[*supplier, *caller, ticketscloud.OrderPatch, ticketscloud.Order]{
				Op: "orders.change+done", Form: ", by ChangeOrder", Operation: (*caller).ChangeOrderOperation,
				Prepare: patched(ticketscloud.OrderChange{Status: ticketscloud.OrderDone}), Unread: statusUnread,
				Check: func(t *testing.T, f *supplier, c *caller, p ticketscloud.OrderPatch, o ticketscloud.Order, done bool) {
					t.Helper()
					checkPayment(t, f, c, p.Key, o, done)
				},
				Done: conformance.WantDone, NotDone: expired,
			}.Case(),
			conformance.Resolution[*supplier, *caller, ticketscloud.OrderKey, ticketscloud.Order]{
				Op: "orders.change+cancel", Operation: (*caller).CancelOrderOperation, Prepare: held, Unread: statusUnread, Check: checkCancellation,
				Done: conformance.WantDone, NotDone: conformance.WantPresumed,
			}.Case(),
			conformance.Resolution[*supplier, *caller, ticketscloud.OrderPatch, ticketscloud.Order]{
				Op: "orders.change+cancel", Form: ", by ChangeOrder", Operation: (*caller).ChangeOrderOperation,
				Prepare: patched(ticketscloud.OrderChange{Status: ticketscloud.OrderCancelled}), Unread: statusUnread,
				Check: func(t *testing.T, f *supplier, c *caller, p ticketscloud.OrderPatch, o ticketscloud.Order, done bool) {
					t.Helper()
					checkCancellation(t, f, c, p.Key, o, done)
				},
				Done: conformance.WantDone, NotDone: conformance.WantPresumed,
			}.Case(),
			conformance.Resolution[*supplier, *caller, ticketscloud.NewRefund, ticketscloud.Refund]{
				Op: "refunds.create", Operation: (*caller).CreateRefundOperation, Prepare: refundable, Unread: statusUnread, Check: checkRefund,
				Done: conformance.WantCandidates, NotDone: conformance.WantPresumed,
			}.Case(),
			conformance.Resolution[*supplier, *caller, ticketscloud.RefundKey, ticketscloud.Refund]{
				Op: "refunds.approve", Operation: (*caller).ApproveRefundOperation, Prepare: requested, Unread: statusUnread,
				Check: decided(ticketscloud.RefundApproved, (*caller).ApproveRefund), Done: conformance.WantDone, NotDone: conformance.WantPresumed,
			}.Case(),
			conformance.Resolution[*supplier, *caller, ticketscloud.RefundKey, ticketscloud.Refund]{
				Op: "refunds.reject", Operation: (*caller).RejectRefundOperation, Prepare: requested, Unread: statusUnread,
				Check: decided(ticketscloud.RefundRejected, (*caller).RejectRefund), Done: conformance.WantDone, NotDone: conformance.WantPresumed,
			}.Case(),
			conformance.Resolution[*supplier, *caller, ticketscloud.OrderExport, struct{}]{
				Op: "orders.export", Operation: (*caller).ExportOrdersOperation, Prepare: exported(false), Check: checkMail,
				Done: conformance.WantUndecidable, NotDone: conformance.WantUndecidable,
			}.Case(),
			conformance.Resolution[*supplier, *caller, ticketscloud.OrderExport, struct{}]{
				Op: "orders.export+get", Operation: (*caller).ExportOrdersOperation, Prepare: exported(true), Check: checkMail,
				Done: conformance.WantUndecidable, NotDone: conformance.WantUndecidable,
			}.Case(),
		},
	}.Run(t)
}

var (
	summer  = ticketscloud.OrderChange{Promocodes: []string{ticketscloudtest.Percent10}}
	expired = conformance.Want{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrExpired}
)

var status = regexp.MustCompile(`"status":"[a-z_]+"`)

// statusUnread makes the statuses in an answer unreadable.
func statusUnread(answer string) string { return status.ReplaceAllString(answer, `"status":{}`) }

// newOrder makes another order of these minutes.
func newOrder(t *testing.T, _ *supplier, c *caller) ticketscloud.NewOrder {
	t.Helper()
	hold(t, c, 1)
	return ticketscloud.NewOrder{Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 3}}}
}

func held(t *testing.T, _ *supplier, c *caller) ticketscloud.OrderKey {
	t.Helper()
	return hold(t, c, 2).Key()
}

func patched(change ticketscloud.OrderChange) func(*testing.T, *supplier, *caller) ticketscloud.OrderPatch {
	return func(t *testing.T, f *supplier, c *caller) ticketscloud.OrderPatch {
		t.Helper()
		return ticketscloud.OrderPatch{Key: held(t, f, c), Change: change}
	}
}

// refundable pays for an order, and has a refund request of another one.
func refundable(t *testing.T, _ *supplier, c *caller) ticketscloud.NewRefund {
	t.Helper()
	var n ticketscloud.NewRefund
	for range 2 {
		o, err := c.PayOrder(t.Context(), hold(t, c, 1).Key())
		require.NoError(t, err)
		other := n
		n = ticketscloud.NewRefund{Order: o.Key(), Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{o.Tickets[0].ID}}
		if other.Order.ID != "" {
			_, err = c.CreateRefund(t.Context(), other)
			require.NoError(t, err)
		}
	}
	return n
}

func requested(t *testing.T, f *supplier, c *caller) ticketscloud.RefundKey {
	t.Helper()
	r, err := c.CreateRefund(t.Context(), refundable(t, f, c))
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

// The order can be paid for; it is not the other one of these minutes.
func checkCreation(t *testing.T, _ *supplier, c *caller, n ticketscloud.NewOrder, o ticketscloud.Order, done bool) {
	t.Helper()
	if !done {
		var err error
		o, err = c.CreateOrder(t.Context(), n)
		require.NoError(t, err)
	}
	assert.Len(t, o.Tickets, n.Random[0].Count)
	assert.Equal(t, 1, pay(t, c, o.Key()))
}

func checkPromocodes(t *testing.T, _ *supplier, c *caller, p ticketscloud.OrderPatch, o ticketscloud.Order, done bool) {
	t.Helper()
	if !done {
		require.Empty(t, find(t, c, p.Key).Promocodes)
		var err error
		o, err = c.ChangeOrder(t.Context(), p.Key, p.Change)
		require.NoError(t, err)
	}
	require.Len(t, o.Promocodes, 1)
	assert.True(t, o.Promocodes[0].Is(summer.Promocodes[0]))
	assert.Equal(t, 1, pay(t, c, p.Key))
}

// An order that has expired without a payment is made anew.
func checkPayment(t *testing.T, _ *supplier, c *caller, key ticketscloud.OrderKey, o ticketscloud.Order, done bool) {
	t.Helper()
	if done {
		assert.Equal(t, key.ID, o.ID)
		assert.Equal(t, ticketscloud.OrderDone, find(t, c, key).Status)
		assert.Equal(t, 1, count(t, c, ticketscloud.OrderDone))
		return
	}
	assert.Equal(t, ticketscloud.OrderExpired, find(t, c, key).Status)
	assert.Equal(t, 1, pay(t, c, hold(t, c, 2).Key()))
}

// An order that was not cancelled expires.
func checkCancellation(t *testing.T, _ *supplier, c *caller, key ticketscloud.OrderKey, o ticketscloud.Order, done bool) {
	t.Helper()
	if done {
		assert.Equal(t, key.ID, o.ID)
		assert.Equal(t, ticketscloud.OrderCancelled, find(t, c, key).Status)
	} else {
		assert.Equal(t, ticketscloud.OrderHeld, find(t, c, key).Status)
		time.Sleep(ticketscloudtest.OrderLifetime)
		assert.Equal(t, ticketscloud.OrderExpired, find(t, c, key).Status)
	}
	assert.Zero(t, count(t, c, ticketscloud.OrderHeld))
	assert.Zero(t, count(t, c, ticketscloud.OrderDone))
}

// The refund request can be approved; it is not that of the other order.
func checkRefund(t *testing.T, _ *supplier, c *caller, n ticketscloud.NewRefund, r ticketscloud.Refund, done bool) {
	t.Helper()
	if !done {
		var err error
		r, err = c.CreateRefund(t.Context(), n)
		require.NoError(t, err)
	}
	assert.Equal(t, n.Order.ID, r.Order.ID)
	_, err := c.ApproveRefund(t.Context(), r.Key())
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

// A refund request that was not decided is still new and can be decided.
func decided(want ticketscloud.RefundStatus,
	decide func(*caller, context.Context, ticketscloud.RefundKey, ...rutravel.CallOption) (ticketscloud.Refund, error),
) func(*testing.T, *supplier, *caller, ticketscloud.RefundKey, ticketscloud.Refund, bool) {
	return func(t *testing.T, _ *supplier, c *caller, key ticketscloud.RefundKey, r ticketscloud.Refund, done bool) {
		t.Helper()
		if done {
			assert.Equal(t, key.ID, r.ID)
		} else {
			r, err := c.FindRefund(t.Context(), key)
			require.NoError(t, err)
			assert.Equal(t, ticketscloud.RefundNew, r.Status)
			_, err = decide(c, t.Context(), key)
			require.NoError(t, err)
		}
		_, err := decide(c, t.Context(), key)
		require.ErrorIs(t, err, rutravel.ErrConflict)
		assert.Equal(t, 1, refunds(t, c)[want])
		key.ID = "another"
		_, err = c.FindRefund(t.Context(), key)
		require.ErrorIs(t, err, rutravel.ErrNotFound)
	}
}

// No method tells whether a mail was sent: a person waits for it.
func checkMail(t *testing.T, f *supplier, c *caller, e ticketscloud.OrderExport, _ struct{}, done bool) {
	t.Helper()
	if !done {
		require.Empty(t, f.Mails())
		require.NoError(t, c.ExportOrders(t.Context(), e))
	}
	time.Sleep(time.Hour) // one that is carried out late
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

// lost returns the intent of a call of 14:00 whose answer was lost and returned v.
func lost[R, V any](r R, v V) rutravel.Intent[R, V] {
	sent := utc(2019, 7, 25, 14, 0, 0, 0)
	return rutravel.Intent[R, V]{
		Request: r, Sent: sent, Deadline: sent.Add(time.Minute), Ended: sent.Add(time.Minute), Value: v,
		Err: &rutravel.Error{Supplier: "ticketscloud", Kind: rutravel.ErrNotConfirmed},
	}
}

// candidates resolves a call and returns the ids of its candidates without the prefix.
func candidates[R, V any](t *testing.T, o rutravel.Operation[R, V], in rutravel.Intent[R, V], prefix string) (ids []string) {
	t.Helper()
	r, err := o.Resolve(t.Context(), in, nil)
	require.NoError(t, err)
	require.Equal(t, rutravel.OutcomeCandidates, r.Outcome)
	for _, c := range r.Candidates {
		id, ok := strings.CutPrefix(c.ID, prefix)
		require.True(t, ok, c.ID)
		ids = append(ids, id)
	}
	return ids
}

// Orders with exactly the tickets of the request are candidates, the nearest first. An
// order with VendorData belongs to another call. One whose id arrived is first, also
// with fewer tickets.
func TestCandidatesOfCreateOrder(t *testing.T) {
	t.Parallel()
	order := func(id, at, rest string, sets ...string) string {
		var tickets []string
		for i, set := range sets {
			tickets = append(tickets, fmt.Sprintf(`{"id":"%s%d","set":%q,"full":"1.00"}`, id, i, set))
		}
		return fmt.Sprintf(`{"id":%q,"status":"executed","created_at":"2019-07-25 14:%s","tickets":[%s]%s}`, id, at, strings.Join(tickets, ","), rest)
	}
	list := listText(
		order("late", "04:00", "", "fan", "fan"),
		order("near", "00:05", "", "fan", "fan"),
		order("unknown set", "01:00", "", "fan", ""),
		order("marked", "00:01", `,"vendor_data":{"order_id":"18"}`, "fan", "fan"),
		order("fewer", "00:02", "", "fan"),
		order("more", "00:02", "", "fan", "fan", ""),
		order("none", "00:02", ""),
		order("another set", "00:02", "", "fan", "stalls"),
	)
	look := func(n ticketscloud.NewOrder, arrived ticketscloud.Order) []string {
		c, _ := answers(t, http.StatusOK, list, `{"data":[]}`)
		n.Event = eventID
		return candidates(t, c.CreateOrderOperation(), lost(n, arrived), "ticketscloud/order/")
	}
	two := ticketscloud.NewOrder{Random: []ticketscloud.SetCount{{Set: "fan", Count: 2}}}
	assert.Equal(t, []string{"near", "unknown set", "late"}, look(two, ticketscloud.Order{}))
	assert.Equal(t, []string{"fewer", "near", "unknown set", "late"}, look(two, ticketscloud.Order{ID: "fewer"}))
	assert.Equal(t, []string{"near"}, look(ticketscloud.NewOrder{Tickets: []ticketscloud.TicketID{"near0", "near1"}}, ticketscloud.Order{}))
	assert.Equal(t, []string{"none"}, look(ticketscloud.NewOrder{}, ticketscloud.Order{}))

	c, _ := answers(t, http.StatusOK, list, `{"data":[]}`)
	two.Event = eventID
	r, err := c.CreateOrderOperation().Look(t.Context(), lost(two, ticketscloud.Order{ID: "fewer"}))
	require.NoError(t, err)
	assert.Equal(t, []ticketscloud.SetCount{{Set: "fan", Count: 1}}, r.Candidates[0].Value.Missing.Random)
}

// Refund requests of these tickets and this culprit are candidates. What is not known
// matches.
func TestCandidatesOfCreateRefund(t *testing.T) {
	t.Parallel()
	refund := func(id, at, tickets, rest string) string {
		return fmt.Sprintf(`{"id":%q,"status":"new","created_at":"2019-07-25 14:%s","order":%q,"tickets":%s,"refund_nominal":"1.00"%s}`, id, at, soldID, tickets, rest)
	}
	list := listText(
		refund("late", "04:00", `["a","b"]`, `,"culprit":"user"`),
		refund("near", "00:05", `["b","a"]`, `,"culprit":"user"`),
		refund("unknown", "01:00", `[]`, ``),
		refund("another culprit", "00:01", `["a","b"]`, `,"culprit":"org"`),
		refund("fewer", "00:02", `["a"]`, `,"culprit":"user"`),
	)
	n := ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{"a", "b"}}
	for arrived, want := range map[ticketscloud.RefundID][]string{
		"":      {"near", "unknown", "late"},
		"fewer": {"fewer", "near", "unknown", "late"},
	} {
		c, _ := answers(t, http.StatusOK, list, `{"data":[]}`)
		assert.Equal(t, want, candidates(t, c.CreateRefundOperation(), lost(n, ticketscloud.Refund{ID: arrived}), "ticketscloud/refund/"), "%q", arrived)
	}
}

// What the status of an order or refund request says about a call, long after it.
func TestResolutionsByStatus(t *testing.T) {
	t.Parallel()
	type end struct {
		outcome rutravel.Outcome
		kind    rutravel.Kind
	}
	done, presumed, undecidable := end{outcome: rutravel.OutcomeDone}, end{rutravel.OutcomeNotDone, rutravel.ErrUnavailable}, end{outcome: rutravel.OutcomeUndecidable}
	outOfTime, conflict := end{rutravel.OutcomeNotDone, rutravel.ErrExpired}, end{rutravel.OutcomeNotDone, rutravel.ErrConflict}
	key := ticketscloud.OrderKey{ID: orderID}
	for status, want := range map[ticketscloud.OrderStatus]struct{ pay, cancel, promocode end }{
		ticketscloud.OrderHeld:       {undecidable, presumed, presumed},
		ticketscloud.OrderDone:       {done, conflict, conflict},
		ticketscloud.OrderCancelled:  {conflict, done, conflict},
		ticketscloud.OrderExpired:    {outOfTime, done, outOfTime},
		ticketscloud.OrderInProgress: {undecidable, undecidable, undecidable}, // the supplier is still working on it
		"new word":                   {undecidable, undecidable, undecidable},
	} {
		for name, test := range map[string]struct {
			change ticketscloud.OrderChange
			want   end
		}{
			"pay":       {ticketscloud.OrderChange{Status: ticketscloud.OrderDone}, want.pay},
			"cancel":    {ticketscloud.OrderChange{Status: ticketscloud.OrderCancelled}, want.cancel},
			"promocode": {summer, want.promocode},
		} {
			c, _ := answers(t, http.StatusOK, listText(orderText(string(orderID), status)))
			r, err := c.ChangeOrderOperation().Resolve(t.Context(), lost(ticketscloud.OrderPatch{Key: key, Change: test.change}, ticketscloud.Order{}), nil)
			require.NoError(t, err)
			assert.Equal(t, test.want, end{r.Outcome, r.Kind}, "%s of an order that is %s: %s", name, status, r.Reason)
			assert.Equal(t, test.want == presumed, r.Presumed, "%s of an order that is %s", name, status)
			op := c.PayOrderOperation()
			switch name {
			case "promocode":
				continue
			case "cancel":
				op = c.CancelOrderOperation()
			}
			r, err = op.Resolve(t.Context(), lost(key, ticketscloud.Order{}), nil)
			require.NoError(t, err)
			assert.Equal(t, test.want, end{r.Outcome, r.Kind}, "%s of an order that is %s: %s", name, status, r.Reason)
		}
	}
	for status, want := range map[ticketscloud.RefundStatus]struct{ approve, reject end }{
		ticketscloud.RefundNew:        {presumed, presumed},
		ticketscloud.RefundApproved:   {done, conflict},
		ticketscloud.RefundRejected:   {conflict, done},
		ticketscloud.RefundInProgress: {undecidable, undecidable},
		"new word":                    {undecidable, undecidable},
	} {
		c, _ := answers(t, http.StatusOK, listText(fmt.Sprintf(`{"id":%q,"status":%q,"refund_nominal":"1.00"}`, refundID, status)))
		in := lost(ticketscloud.RefundKey{ID: refundID}, ticketscloud.Refund{})
		r, err := c.ApproveRefundOperation().Resolve(t.Context(), in, nil)
		require.NoError(t, err)
		assert.Equal(t, want.approve, end{r.Outcome, r.Kind}, "approval of one that is %s: %s", status, r.Reason)
		r, err = c.RejectRefundOperation().Resolve(t.Context(), in, nil)
		require.NoError(t, err)
		assert.Equal(t, want.reject, end{r.Outcome, r.Kind}, "rejection of one that is %s: %s", status, r.Reason)
	}
}

// While the supplier says that a refund request is in progress, the outcome is open,
// also after the patience.
func TestRefundInProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text := fmt.Sprintf(`{"id":%q,"status":"in_progress","refund_nominal":"1.00"}`, refundID)
		c, _ := answers(t, http.StatusOK, listText(text))
		o := c.ApproveRefundOperation()
		in := lost(ticketscloud.RefundKey{ID: refundID}, ticketscloud.Refund{})
		in.Ended = time.Now()
		time.Sleep(5 * time.Hour)
		r, err := o.Resolve(t.Context(), in, nil)
		require.NoError(t, err)
		assert.Equal(t, rutravel.OutcomeOpen, r.Outcome)
		assert.True(t, r.Pending)
		assert.Equal(t, time.Now().Add(2*time.Minute), r.Again)
		time.Sleep(20 * time.Hour)
		r, err = o.Resolve(t.Context(), in, nil)
		require.NoError(t, err)
		assert.Equal(t, rutravel.Resolution[ticketscloud.Refund]{
			Outcome: rutravel.OutcomeUndecidable, Reason: "The refund request is in_progress. Check it in the supplier's cabinet.",
		}, r)
	})
}

// All promocodes of the change must be listed. One whose code is not known may be any.
func TestResolutionOfPromocodes(t *testing.T) {
	t.Parallel()
	const refs = `,"refs":{"promocodes":{"p":{"id":"p","code":"summer"}}}}`
	for name, test := range map[string]struct {
		codes    []string
		ids      string
		want     rutravel.Outcome
		problems bool
	}{
		"listed in another case": {[]string{"SUMMER"}, `["p"]`, rutravel.OutcomeDone, false},
		"one of two":             {[]string{"SUMMER", "winter"}, `["p"]`, rutravel.OutcomeNotDone, false},
		"none":                   {[]string{"SUMMER"}, `[]`, rutravel.OutcomeNotDone, false},
		"of an unknown code":     {[]string{"winter"}, `["p","q"]`, rutravel.OutcomeUndecidable, true},
		"all removed":            {[]string{}, `[]`, rutravel.OutcomeDone, false},
		"none removed":           {[]string{}, `["p"]`, rutravel.OutcomeNotDone, false},
	} {
		text := strings.Replace(orderText(string(orderID), ticketscloud.OrderHeld), `{`, `{"promocodes":`+test.ids+`,`, 1)
		c, _ := answers(t, http.StatusOK, strings.TrimSuffix(listText(text), "}")+refs)
		patch := ticketscloud.OrderPatch{Key: ticketscloud.OrderKey{ID: orderID}, Change: ticketscloud.OrderChange{Promocodes: test.codes}}
		r, err := c.ChangeOrderOperation().Resolve(t.Context(), lost(conformance.Stored(t, patch), ticketscloud.Order{}), nil)
		assert.Equal(t, test.problems, err != nil, "%s: %v", name, err)
		assert.Equal(t, test.want, r.Outcome, name)
	}
}

// Changes that can be sent again are not sent by an operation. Payments by both methods
// have one subject, and so have cancellations. An order may get promocodes twice.
func TestChangeOrderOperation(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `{}`)
	o, key := c.ChangeOrderOperation(), ticketscloud.OrderKey{ID: orderID}
	desired := ticketscloud.OrderPatch{Key: key, Change: ticketscloud.OrderChange{SendTickets: new(true)}}
	_, err := o.Send(t.Context(), desired)
	assertInvalid(t, err, "Change", "must have a Status or Promocodes: other changes need no recovery and can be sent again", "a desired state")
	r, err := o.Resolve(t.Context(), lost(desired, ticketscloud.Order{}), nil)
	require.NoError(t, err)
	assert.Equal(t, rutravel.OutcomeNotDone, r.Outcome)
	assert.Empty(t, *requests)

	subject := func(change ticketscloud.OrderChange) string {
		return o.Subject(ticketscloud.OrderPatch{Key: key, Change: change})
	}
	assert.Equal(t, c.PayOrderOperation().Subject(key), subject(ticketscloud.OrderChange{Status: ticketscloud.OrderDone}))
	assert.Equal(t, c.CancelOrderOperation().Subject(key), subject(ticketscloud.OrderChange{Status: ticketscloud.OrderCancelled}))
	assert.Empty(t, subject(summer))
}
