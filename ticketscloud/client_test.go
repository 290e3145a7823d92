package ticketscloud_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// TC-T01: the key is sent unchanged after the word key, and the word is not sent twice.
func TestKey(t *testing.T) {
	t.Parallel()
	for _, key := range []rutravel.Secret{"", "key abc", "[secret]", "a\nb"} {
		_, err := ticketscloud.New(ticketscloud.Config{Key: key, BaseURL: ticketscloud.Stage})
		assert.ErrorContains(t, err, "Key", "%q", string(key))
	}
	_, err := ticketscloud.New(ticketscloud.Config{Key: "abc", BaseURL: "stage.freetc.net"})
	assert.ErrorContains(t, err, "BaseURL must be an absolute http or https address: Production or Stage")
	_, err = ticketscloud.New(ticketscloud.Config{Key: "abc"})
	assert.ErrorContains(t, err, "BaseURL", "no default address")
	_, err = ticketscloud.New(ticketscloud.Config{Key: "abc", BaseURL: "http://ticketscloud.com"})
	assert.ErrorIs(t, err, rutravel.ErrInvalid, "TC-T02")
}

// TC-T02: redirects are not followed. TC-T61: the reason phrase is not read.
func TestRedirects(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusMovedPermanently, file(t, "orders.change+done_mixed.answer.json"))
	_, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Len(t, *requests, 1)
}

// TC-T04, TC-T55: an empty id cannot change the collection, and an id with dots cannot
// change another object. Ids are escaped.
func TestIDs(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `{}`)
	for _, id := range []string{"", ".", "..", "a b", "a\n", "\xff"} {
		calls := map[string]error{}
		_, calls["order"] = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)}, ticketscloud.OrderChange{SendTickets: new(false)})
		_, calls["done"] = c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)})
		_, calls["cancel"] = c.CancelOrder(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)})
		_, calls["approve"] = c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: ticketscloud.RefundID(id)})
		_, calls["reject"] = c.RejectRefund(t.Context(), ticketscloud.RefundKey{ID: ticketscloud.RefundID(id)})
		_, calls["tickets"] = c.EventTickets(t.Context(), ticketscloud.EventID(id), ticketscloud.SeatQuery{})
		_, calls["create"] = c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: ticketscloud.EventID(id)})
		_, calls["find"] = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)})
		_, calls["find refund"] = c.FindRefund(t.Context(), ticketscloud.RefundKey{ID: ticketscloud.RefundID(id)})
		_, calls["adjust"] = c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)}, ticketscloud.Adjustment{Add: []ticketscloud.TicketID{ticketA}})
		_, calls["lost"] = c.LostOrders(t.Context(), ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: ticketscloud.EventID(id)}, Sent: time.Now()})
		_, calls["lost refunds"] = c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)}, time.Now())
		_, calls["wait"] = c.WaitForBarcodes(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)})
		calls["mosbilet"] = c.SetMosbiletBuyers(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)}, []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "a", Surname: "b"}})
		for name, err := range calls {
			assert.ErrorIs(t, err, rutravel.ErrInvalid, "%s %q", name, id)
			assert.Zero(t, conformance.Failure(t, err, rutravel.ErrInvalid).Attempts, "%s %q", name, id)
		}
	}
	assert.Empty(t, *requests)

	_, _ = c.CancelOrder(t.Context(), ticketscloud.OrderKey{ID: "a/b?c#d%2e"})
	_, _ = c.EventTickets(t.Context(), "a/b", ticketscloud.SeatQuery{})
	assert.Equal(t, "/v2/resources/orders/a%2Fb%3Fc%23d%252e", (*requests)[0].uri)
	assert.Equal(t, "/v1/resources/events/a%2Fb/tickets", (*requests)[1].uri)
}
