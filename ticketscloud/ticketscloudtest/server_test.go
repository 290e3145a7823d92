package ticketscloudtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// The same flow passes with each quirk: sold tickets are not vacant, and the order can be
// found and refunded.
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
	assert.Equal(t, 108, concert(t, c).VacantTickets, "the refunded ticket is on sale again")
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

// The fake refuses requests that the manual does not allow.
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

// Each fault applies once, to a request of its operation.
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

// The fake serves many clients at once through a socket.
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
