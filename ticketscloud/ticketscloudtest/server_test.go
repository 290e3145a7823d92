package ticketscloudtest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// inBubble runs a test on a clock that starts at midnight UTC on 1 January
// 2000.
func inBubble(t *testing.T, f func(*testing.T, *ticketscloudtest.Server, *ticketscloud.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := ticketscloudtest.New()
		f(t, fake, client(t, fake))
	})
}

func client(t *testing.T, fake *ticketscloudtest.Server, opts ...rutravel.Option) *ticketscloud.Client {
	t.Helper()
	c, err := ticketscloud.New(fake.Config(), append(opts, rutravel.WithHTTPClient(fake.HTTPClient()))...)
	require.NoError(t, err)
	return c
}

func random(set ticketscloud.SetID, n int) []ticketscloud.SetCount {
	return []ticketscloud.SetCount{{Set: set, Count: n}}
}

func hold(t *testing.T, c *ticketscloud.Client, n int) ticketscloud.Order {
	t.Helper()
	o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: ticketscloudtest.Concert, Random: random(ticketscloudtest.FanZone, n)})
	require.NoError(t, err)
	return o
}

func concert(t *testing.T, c *ticketscloud.Client) ticketscloud.ListedEvent {
	t.Helper()
	events, err := c.EventsPage(t.Context(), ticketscloud.EventQuery{})
	require.NoError(t, err)
	require.Len(t, events, 3)
	return events[1]
}

func seats(t *testing.T, c *ticketscloud.Client, status ticketscloud.TicketStatus) []ticketscloud.SeatTicket {
	t.Helper()
	list, err := c.EventTickets(t.Context(), ticketscloudtest.Concert, ticketscloud.SeatQuery{Status: []ticketscloud.TicketStatus{status}})
	require.NoError(t, err)
	return list
}

// The same story in every shape that the manual leaves open: what is sold is
// gone from the programme, can be found and given back.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]ticketscloudtest.Quirks{
		"as the manual says": {},
		"no refs":            {EmptyRefs: "absent", NoSettings: true},
		"refs as a list":     {EmptyRefs: "[]", Rows: true},
		"refs are null":      {EmptyRefs: "null", Listed: true},
		"lists in objects":   {Listed: true, Sold: true},
		"slow":               {ChangeTime: 5 * time.Second, BarcodeDelay: time.Minute},
		"barcodes at once":   {Barcodes: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, fake *ticketscloudtest.Server, c *ticketscloud.Client) {
				fake.SetQuirks(q)
				flow(t, c, q)
			})
		})
	}
}

func flow(t *testing.T, c *ticketscloud.Client, q ticketscloudtest.Quirks) {
	t.Helper()
	event := concert(t, c)
	assert.Equal(t, 110, event.VacantTickets)
	local, err := event.Local(event.Start)
	require.NoError(t, err)
	assert.Equal(t, 19, local.Hour())

	o := hold(t, c, 2)
	assert.Equal(t, o.CreatedAt.Add(ticketscloudtest.OrderLifetime), o.ExpiredAfter)
	seat := seats(t, c, ticketscloud.TicketVacant)[3]
	o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Add: []ticketscloud.TicketID{seat.ID}})
	require.NoError(t, err)
	require.Len(t, o.Tickets, 3)
	assert.Equal(t, &seat.Seat, o.Tickets[2].Seat)
	taken := seats(t, c, ticketscloud.TicketReserved)
	require.Len(t, taken, 1)
	assert.Equal(t, o.ExpiredAfter, taken[0].ReservedTill)

	customer := ticketscloud.Customer{Name: "Ivan Ivanov", Email: "hello@world.ru", Phone: "+79991234576", Lang: ticketscloud.LanguageRussian}
	data := ticketscloud.VendorData{OrderID: "7", Raw: []ticketscloud.VendorField{{Name: "a", Value: "1"}}}
	o, err = c.ChangeOrder(t.Context(), o.Key(), ticketscloud.OrderChange{
		Customer: customer, SendTickets: new(true), VendorData: data, Promocodes: []string{"SUMMER10"},
	})
	require.NoError(t, err)
	if !q.NoSettings {
		assert.Equal(t, customer, o.Settings.Customer)
		assert.True(t, o.Settings.SendTickets)
	}
	assert.Equal(t, data, o.VendorData)
	assert.Empty(t, o.Problems)
	assert.Equal(t, "4455.00", o.Totals.Full.StringFixed(2), "(2 · 1000 + 2500) less 10 %, and a fee of 10 %")
	require.NoError(t, c.SetMosbiletBuyers(t.Context(), o.Key(), []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "Ivan", Surname: "Ivanov"}}))

	o, err = c.PayOrder(t.Context(), o.Key())
	require.NoError(t, err)
	assert.Equal(t, q.Barcodes, o.Tickets[0].Barcode != "")
	o, err = c.WaitForBarcodes(t.Context(), o.Key())
	require.NoError(t, err)
	assert.Len(t, seats(t, c, ticketscloud.TicketSold), 1)
	assert.Equal(t, 107, concert(t, c).VacantTickets)

	f, err := c.CreateRefund(t.Context(), ticketscloud.NewRefund{
		Order: o.Key(), Culprit: ticketscloud.CulpritOrg, Tickets: []ticketscloud.TicketID{seat.ID}, RequestedAt: o.CreatedAt,
	})
	require.NoError(t, err)
	assert.Equal(t, "2475.00", f.Amount.StringFixed(2))
	assert.Equal(t, o.CreatedAt, f.RequestedAt)
	f, err = c.ApproveRefund(t.Context(), f.Key())
	require.NoError(t, err)
	assert.False(t, f.FinishedAt.IsZero())
	assert.Equal(t, 108, concert(t, c).VacantTickets, "it is on sale again")
	if q.EmptyRefs == "" {
		assert.Equal(t, o.Number, f.Order.Number)
		assert.Equal(t, seat.Number, f.Tickets[0].Number)
		assert.Equal(t, "Летний концерт", f.Event.Title)
		assert.Equal(t, "Екатеринбург", o.Event.Venue.City.Name.In())
	}
	refunds, err := rutravel.Collect(c.Refunds(t.Context(), ticketscloud.RefundQuery{Status: []ticketscloud.RefundStatus{ticketscloud.RefundApproved}, PageSize: 1}))
	require.NoError(t, err)
	assert.Len(t, refunds, 1)
	require.NoError(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru"}))
	require.NoError(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru", ByGet: true}))
}

// What the manual refuses is refused in its words.
func TestRefusals(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *ticketscloudtest.Server, c *ticketscloud.Client) {
		ctx := t.Context()
		refused := func(err error, kind rutravel.Kind, words string) {
			t.Helper()
			assert.ErrorIs(t, err, kind)
			assert.ErrorContains(t, err, words)
		}
		o := hold(t, c, 1)
		_, err := c.CreateOrder(ctx, ticketscloud.NewOrder{Event: "5e00000000000000000000ff"})
		refused(err, rutravel.ErrNotFound, "Event 5e00000000000000000000ff not found")
		_, err = c.ChangeOrder(ctx, o.Key(), ticketscloud.OrderChange{Tickets: []ticketscloud.TicketID{"5e0000000000000000000401"}})
		refused(err, rutravel.ErrRejected, "does not belong to current event")
		_, err = c.ChangeOrder(ctx, ticketscloud.OrderKey{ID: "5e00000000000000000000ff"}, ticketscloud.OrderChange{SendTickets: new(true)})
		refused(err, rutravel.ErrNotFound, "Order 5e00000000000000000000ff not found")
		empty, err := c.CreateOrder(ctx, ticketscloud.NewOrder{Event: ticketscloudtest.Play})
		require.NoError(t, err)
		_, err = c.PayOrder(ctx, empty.Key())
		refused(err, rutravel.ErrRejected, "there is no tickets in order")
		fake.SetQuirks(ticketscloudtest.Quirks{NoMoney: true})
		_, err = c.PayOrder(ctx, o.Key())
		refused(err, rutravel.ErrFunds, "Not enough money")
		fake.SetQuirks(ticketscloudtest.Quirks{})

		refund := ticketscloud.NewRefund{Order: o.Key(), Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{o.Tickets[0].ID}}
		_, err = c.CreateRefund(ctx, refund)
		refused(err, rutravel.ErrConflict, "wrong order (id: "+string(o.ID)+") status: executed")
		_, err = c.PayOrder(ctx, o.Key())
		require.NoError(t, err)
		bad := refund
		bad.Tickets = []ticketscloud.TicketID{"5e0000000000000000000199"}
		_, err = c.CreateRefund(ctx, bad)
		refused(err, rutravel.ErrRejected, "bad tickets")
		bad.Order.ID = "5e00000000000000000000ff"
		_, err = c.CreateRefund(ctx, bad)
		refused(err, rutravel.ErrNotFound, "not found")
		first, err := c.CreateRefund(ctx, refund)
		require.NoError(t, err)
		second, err := c.CreateRefund(ctx, refund)
		require.NoError(t, err)
		_, err = c.ApproveRefund(ctx, first.Key())
		require.NoError(t, err)
		_, err = c.ApproveRefund(ctx, first.Key())
		refused(err, rutravel.ErrConflict, "RefundRequest in wrong status approved for approve")
		_, err = c.ApproveRefund(ctx, second.Key())
		refused(err, rutravel.ErrConflict, "Some tickets already use in another refund request")
		_, err = c.RejectRefund(ctx, first.Key())
		refused(err, rutravel.ErrConflict, "Failed to reject refund request")
		second, err = c.RejectRefund(ctx, second.Key())
		require.NoError(t, err)
		assert.Equal(t, ticketscloud.RefundRejected, second.Status)

		// By law, three days before the event; at the organiser's fault, later too.
		o = hold(t, c, 2)
		_, err = c.PayOrder(ctx, o.Key())
		require.NoError(t, err)
		refund.Order, refund.Tickets = o.Key(), []ticketscloud.TicketID{o.Tickets[0].ID}
		fake.Advance(28 * 24 * time.Hour)
		_, err = c.CreateRefund(ctx, refund)
		refused(err, rutravel.ErrRejected, "less than three days before event start")
		fake.Advance(3 * 24 * time.Hour)
		_, err = c.CreateRefund(ctx, refund)
		refused(err, rutravel.ErrRejected, "event already start")
		refund.Culprit = ticketscloud.CulpritOrg
		late, err := c.CreateRefund(ctx, refund)
		require.NoError(t, err)
		_, err = c.ApproveRefund(ctx, late.Key())
		refused(err, rutravel.ErrRejected, "finished event")
	})
}

// Orders expire, and their tickets are on sale again.
func TestExpiry(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *ticketscloudtest.Server, c *ticketscloud.Client) {
		o := hold(t, c, 100)
		none := hold(t, c, 1)
		assert.Equal(t, random(ticketscloudtest.FanZone, 1), none.Missing.Random)
		time.Sleep(ticketscloudtest.OrderLifetime - time.Second)
		assert.Equal(t, 10, concert(t, c).VacantTickets)
		fake.Advance(time.Second)
		assert.Equal(t, 110, concert(t, c).VacantTickets)
		o, err := c.FindOrder(t.Context(), o.Key())
		require.NoError(t, err)
		assert.Equal(t, ticketscloud.OrderExpired, o.Status)
		o = hold(t, c, 1)
		o, err = c.CancelOrder(t.Context(), o.Key())
		require.NoError(t, err)
		assert.Empty(t, o.Tickets)
		assert.Equal(t, 110, concert(t, c).VacantTickets)
	})
}

// Promocodes are applied as far as they can be.
func TestPromocodes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *ticketscloudtest.Server, c *ticketscloud.Client) {
		terms, err := c.CheckPromocode(t.Context(), ticketscloudtest.Concert, "FIX100")
		require.NoError(t, err)
		assert.Equal(t, 2, terms.MinTickets)
		assert.Equal(t, "Фан-зона", terms.Sets[0].Name)
		assert.Equal(t, "100", terms.Discount.Amount.Decimal.String())
		_, err = c.CheckPromocode(t.Context(), ticketscloudtest.Play, "fix100")
		assert.ErrorIs(t, err, rutravel.ErrNotFound)

		o := hold(t, c, 1)
		apply := func(codes ...string) (found []ticketscloud.Code) {
			o, err = c.ChangeOrder(t.Context(), o.Key(), ticketscloud.OrderChange{Promocodes: codes})
			require.NoError(t, err)
			for _, p := range o.Problems {
				found = append(found, p.Code)
			}
			return found
		}
		assert.Equal(t, []ticketscloud.Code{ticketscloud.CodePromocodeMinTickets}, apply("fix100"))
		assert.Equal(t, []ticketscloud.Code{ticketscloud.CodePromocodeNotFound}, apply("no such", "Summer10"))
		assert.Equal(t, []ticketscloud.Code{ticketscloud.CodePromocodeAlreadyUsed}, apply("summer10"))
		assert.True(t, o.Promocodes[0].Is("SUMMER10"))
		assert.Equal(t, "900.00", o.Totals.Nominal.StringFixed(2))
		assert.Equal(t, o.Promocodes[0], o.Totals.Sets[0].Promocode)
	})
}

// Lists are filtered and cut into pages.
func TestLists(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *ticketscloudtest.Server, c *ticketscloud.Client) {
		var made []ticketscloud.Order
		for range 5 {
			made = append(made, hold(t, c, 1))
			time.Sleep(time.Minute)
		}
		_, err := c.ChangeOrder(t.Context(), made[1].Key(), ticketscloud.OrderChange{Customer: ticketscloud.Customer{Name: "A"}})
		require.NoError(t, err)
		_, err = c.CancelOrder(t.Context(), made[2].Key())
		require.NoError(t, err)
		found := func(q ticketscloud.OrderQuery) (ids []ticketscloud.OrderID) {
			list, err := rutravel.Collect(c.Orders(t.Context(), q))
			require.NoError(t, err)
			for _, o := range list {
				ids = append(ids, o.ID)
			}
			return ids
		}
		for size := range 6 {
			assert.Len(t, found(ticketscloud.OrderQuery{PageSize: size}), 5)
		}
		assert.Equal(t, []ticketscloud.OrderID{made[1].ID}, found(ticketscloud.OrderQuery{OnlyWithCustomer: true}))
		assert.Equal(t, []ticketscloud.OrderID{made[2].ID}, found(ticketscloud.OrderQuery{Status: []ticketscloud.OrderStatus{"cancelled", "expired"}}))
		assert.Empty(t, found(ticketscloud.OrderQuery{Events: []ticketscloud.EventID{ticketscloudtest.Play}}))
		assert.Equal(t, []ticketscloud.OrderID{made[4].ID, made[3].ID}, found(ticketscloud.OrderQuery{
			CreatedAt: ticketscloud.Period{From: made[3].CreatedAt, To: made[4].CreatedAt},
		}))
		events := func(q ticketscloud.EventQuery) int {
			list, err := rutravel.Collect(c.Events(t.Context(), q))
			require.NoError(t, err)
			return len(list)
		}
		assert.Equal(t, 3, events(ticketscloud.EventQuery{PageSize: 1}))
		assert.Equal(t, 2, events(ticketscloud.EventQuery{City: "524901"}))
		assert.Zero(t, events(ticketscloud.EventQuery{Country: "BY"}))
		assert.Equal(t, 1, events(ticketscloud.EventQuery{Price: &ticketscloud.PriceRange{From: made[0].Totals.Price, To: made[0].Totals.Price}}))
	})
}

// The fake is strict about what the manual says of requests.
func TestStrictness(t *testing.T) {
	t.Parallel()
	fake := ticketscloudtest.New()
	for _, test := range []struct {
		method, uri, body, want string
		status                  int
	}{
		{"POST", "/v2/resources/orders", `{"event":"x","evil":1}`, "unknown field", 400},
		{"POST", "/v2/resources/orders", `{"event":"` + ticketscloudtest.Play + `","tickets":["a"],"random":{"b":1}}`, "Only one of tickets or random can be set", 400},
		{"POST", "/v2/resources/refund_requests/", `{}`, "Not Found", 404},
		{"POST", "/v2/resources/refund_requests", `{"culprit":"idunno","order":"x","tickets":[]}`, "tickets list length is less than 1", 400},
		{"PATCH", "/v2/resources/orders", `{"random":{}}`, "Not Found", 404},
		{"POST", "/v2/resources/orders/5d8b924971a0bf323bd6a6ed", `{}`, "Not Found", 404},
		{"GET", "/v2/resources/orders?status=done&status=cancelled", "", "given once", 400},
		{"GET", "/v2/resources/orders?colour=red", "", "unknown parameter", 400},
		{"GET", "/v2/resources/orders?created_at=2000-07-28+13:00:00,2020-07-28", "", "bad query", 400},
		{"GET", "/v2/resources/orders?created_at=2000-07-28,2020-07-28", "", "bad range", 400},
		{"GET", "/v2/resources/orders?page_size=201", "", "at most 200", 400},
		{"GET", "/v2/resources/orders?page=0", "", "positive", 400},
		{"GET", "/v1/resources/events/5e00000000000000000000ff/tickets", "", "not found", 404},
		{"PATCH", "/v2/resources/refund_requests/5e00000000000000000000ff", `{"status":"new"}`, "not found", 400},
		{"POST", "/v2/resources/orders/export", `{}`, "email is required", 400},
		{"PUT", "/v2/services/orders/mosbilet/user_data", `{"order":"5e00000000000000000000ff","user_data":[]}`, "not found", 400},
	} {
		r := httptest.NewRequestWithContext(t.Context(), test.method, test.uri, strings.NewReader(test.body))
		r.Header.Set("Authorization", "key "+ticketscloudtest.Key)
		if test.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		fake.ServeHTTP(w, r)
		assert.Equal(t, test.status, w.Code, "%s %s", test.method, test.uri)
		assert.Contains(t, w.Body.String(), test.want, "%s %s", test.method, test.uri)
		assert.True(t, json.Valid(w.Body.Bytes()), "%s %s", test.method, test.uri)
	}
	for _, key := range []string{"", "key wrong", ticketscloudtest.Key, "Basic a2V5"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v2/resources/orders", nil)
		r.Header.Set("Authorization", key)
		w := httptest.NewRecorder()
		fake.ServeHTTP(w, r)
		assert.Equal(t, http.StatusUnauthorized, w.Code, key)
	}
}

// A payment that comes with tickets which cannot be reserved pays for those of
// before, all or nothing; one that is refused changes nothing.
func TestPaymentWithOtherChanges(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *ticketscloudtest.Server, c *ticketscloud.Client) {
		change := func(id ticketscloud.OrderID, body string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/v2/resources/orders/"+string(id), strings.NewReader(body))
			r.Header.Set("Authorization", "key "+ticketscloudtest.Key)
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			fake.ServeHTTP(w, r)
			return w
		}
		o := hold(t, c, 1)
		fake.SetQuirks(ticketscloudtest.Quirks{NoMoney: true})
		w := change(o.ID, `{"random":{"`+ticketscloudtest.FanZone+`":3},"settings":{"send_tickets":true},"vendor_data":{"order_id":"7"},"status":"done"}`)
		assert.Equal(t, http.StatusBadRequest, w.Code)
		same, err := c.FindOrder(t.Context(), o.Key())
		require.NoError(t, err)
		assert.Equal(t, o.Tickets, same.Tickets)
		assert.False(t, same.Settings.SendTickets)
		assert.Empty(t, same.VendorData.OrderID)
		assert.Equal(t, 99, concert(t, c).Sets[0].Vacant)

		fake.SetQuirks(ticketscloudtest.Quirks{})
		w = change(o.ID, `{"random":{"`+ticketscloudtest.FanZone+`":300},"all_or_nothing":true,"promocodes":["none"],"status":"done"}`)
		assert.Equal(t, http.StatusOK, w.Code)
		assert.Contains(t, w.Body.String(), "promocode_not_found")
		paid, err := c.FindOrder(t.Context(), o.Key())
		require.NoError(t, err)
		assert.Equal(t, ticketscloud.OrderDone, paid.Status)
		assert.Len(t, paid.Tickets, 1)
		assert.Equal(t, "1100.00", paid.Totals.Full.StringFixed(2))
	})
}

// Changes of one order that overlap are 409, of others are not. A change goes on
// when nobody waits for it any more.
func TestOverlappingChanges(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *ticketscloudtest.Server, c *ticketscloud.Client) {
		once := rutravel.WithMaxAttempts(1)
		a, b := client(t, fake, once), client(t, fake, once)
		one, two := hold(t, c, 1), hold(t, c, 1)
		fake.SetQuirks(ticketscloudtest.Quirks{ChangeTime: time.Minute})
		change := ticketscloud.OrderChange{SendTickets: new(true)}
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := a.ChangeOrder(t.Context(), one.Key(), change, rutravel.WithAttemptTimeout(time.Hour))
			assert.NoError(t, err)
		})
		synctest.Wait()
		_, err := b.ChangeOrder(t.Context(), one.Key(), change)
		assert.ErrorIs(t, err, rutravel.ErrConflict)
		_, err = b.ChangeOrder(t.Context(), two.Key(), change, rutravel.WithAttemptTimeout(time.Hour))
		require.NoError(t, err)
		wg.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = a.PayOrder(ctx, one.Key())
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		_, err = b.CancelOrder(t.Context(), one.Key())
		assert.ErrorIs(t, err, rutravel.ErrConflict)
		time.Sleep(time.Minute)
		o, err := c.FindOrder(t.Context(), one.Key())
		require.NoError(t, err)
		assert.Equal(t, ticketscloud.OrderDone, o.Status)
	})
}

// Faults befall requests of their operation, once.
func TestFaults(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *ticketscloudtest.Server, c *ticketscloud.Client) {
		fake.Inject(
			ticketscloudtest.Fault{Op: "orders.create", Refuse: true},
			ticketscloudtest.Fault{Op: "orders.list", Status: 503},
			ticketscloudtest.Fault{Op: "orders.list", Cut: 10},
			ticketscloudtest.Fault{Op: "orders.change+cancel", Delay: 2 * time.Minute},
		)
		o := hold(t, c, 1)
		list, err := c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
		require.NoError(t, err)
		assert.Len(t, list.Orders, 1)
		_, err = c.CancelOrder(t.Context(), o.Key())
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		var ops []string
		for _, r := range fake.Requests() {
			ops = append(ops, r.Op)
			assert.NotContains(t, r.Body+r.Params.Encode()+r.Path, ticketscloudtest.Key)
		}
		assert.Equal(t, []string{"orders.create", "orders.list", "orders.list", "orders.list", "orders.change+cancel"}, ops)
	})
}

// The fake can be reached through a socket, and by many at once.
func TestOverSocket(t *testing.T) {
	t.Parallel()
	fake := ticketscloudtest.New()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL = srv.URL
	c, err := ticketscloud.New(cfg)
	require.NoError(t, err)
	var wg sync.WaitGroup
	var mu sync.Mutex
	tickets := map[ticketscloud.TicketID]bool{}
	for range 20 {
		wg.Go(func() {
			o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: ticketscloudtest.Concert, Random: random(ticketscloudtest.FanZone, 5)})
			if !assert.NoError(t, err) {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, k := range o.Tickets {
				assert.False(t, tickets[k.ID], "sold twice")
				tickets[k.ID] = true
			}
		})
	}
	wg.Wait()
	assert.Len(t, tickets, 100)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/v2/resources/orders", nil)
	require.NoError(t, err)
	resp, err := srv.Client().Do(req)
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Contains(t, string(text), "HTTPUnauthorized")
}

// The hall in Moscow wants the buyers' names before anything is paid.
func TestMosbilet(t *testing.T) {
	t.Parallel()
	fake := ticketscloudtest.New()
	c := client(t, fake)
	o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{
		Event: ticketscloudtest.Play, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.Gallery, Count: 1}},
	})
	require.NoError(t, err)
	_, err = c.PayOrder(t.Context(), o.Key())
	require.ErrorIs(t, err, rutravel.ErrRejected)
	require.NoError(t, c.SetMosbiletBuyers(t.Context(), o.Key(), []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "Ivan", Surname: "Ivanov"}}))
	o, err = c.PayOrder(t.Context(), o.Key())
	require.NoError(t, err)
	assert.Equal(t, ticketscloud.OrderDone, o.Status)
}
