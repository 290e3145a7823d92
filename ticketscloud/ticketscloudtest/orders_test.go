package ticketscloudtest_test

import (
	"context"
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

// The fake refuses invalid orders with the manual's texts.
func TestOrderRefusals(t *testing.T) {
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

// The promocodes that can be applied are applied.
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

// A payment with tickets that cannot be reserved pays for the tickets that the order
// holds, with all_or_nothing. A payment that is refused changes nothing.
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

// Overlapping changes of one order are answered with 409, and changes of different orders
// are not. A change continues if the caller no longer waits.
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

// The hall in Moscow requires the buyers before the payment.
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
