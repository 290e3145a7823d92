package ticketscloud

import (
	"cmp"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// emptyPage is the page that ends a list.
const emptyPage = `{"data":[],"pagination":{"page":2,"page_size":50,"total":1},"refs":{}}`

// brokenLists are the lists of the suite, with the essential values of each type of row. A
// reference to a described object is essential if the object's state is.
func brokenLists() []conformance.List[*Client] {
	calls := map[string]golden{}
	for _, c := range goldenCalls() {
		calls[cmp.Or(c.File, c.Op)] = c
	}
	var (
		order = []string{
			"id", "status", "expired_after?", "event?", "settings.send_tickets?", "promocodes[]?",
			"tickets[].id", "tickets[].full", "tickets[].number?", "tickets[].barcode?", "tickets[].set?",
			"tickets[].seat.row?", "tickets[].seat.number?", "tickets[].seat.sector?",
			"tickets[].price?", "tickets[].discount?", "tickets[].nominal?", "tickets[].extra?",
			"values.full?", "values.price?", "values.discount?", "values.nominal?", "values.extra?",
		}
		refund = []string{"id", "status", "culprit?", "refund_nominal?", "event?", "order?", "tickets[]"}
		event  = []string{"id", "status?~", "tickets_amount_vacant?"}
		ticket = []string{"id", "status", "set?", "seat.row?", "seat.number?", "seat.sector?"}
	)
	orders := conformance.Call1("orders.list", conformance.Collected((*Client).Orders), OrderQuery{}, nil)
	refunds := conformance.Call1("refunds.list", conformance.Collected((*Client).Refunds), RefundQuery{}, nil)
	events := conformance.Call1("simple.events", conformance.Collected((*Client).Events), EventQuery{}, nil)
	return []conformance.List[*Client]{
		{Call: calls["orders.list"], Field: "Orders", Rows: "data[]", ID: "id", Essential: order},
		{Call: calls["refunds.list"], Field: "Refunds", Rows: "data[]", ID: "id", Essential: refund},
		{Call: orders, Further: []string{emptyPage}, Rows: "data[]", ID: "id", Essential: order},
		{Call: refunds, Further: []string{emptyPage}, Rows: "data[]", ID: "id", Essential: refund},
		{Call: events, Further: []string{"[]"}, Rows: "[]", ID: "id", Offered: true, Essential: event},
		{Call: calls["simple.events"], Rows: "[]", ID: "id", Offered: true, Essential: event},
		{Call: calls["events.tickets"], Rows: "[]", ID: "id", Offered: true, Essential: ticket},
	}
}

// brokenLookUps are the look-ups of the suite.
func brokenLookUps(t *testing.T) []conformance.LookUp[*Client] {
	t.Helper()
	var orders, refunds []golden
	for _, c := range goldenLists() {
		if c.Op == "orders.list" {
			orders = append(orders, c)
		} else {
			refunds = append(refunds, c)
		}
	}
	order, refund := orders[0].Want.(OrderPage).Orders[0], refunds[0].Want.(RefundPage).Refunds[0]
	key := OrderKey{ID: order.ID}
	held := LostOrder{Sent: order.CreatedAt.Add(time.Second), Order: NewOrder{Event: order.Event.ID}}
	for _, ticket := range order.Tickets {
		held.Order.Tickets = append(held.Order.Tickets, ticket.ID)
	}
	text, err := os.ReadFile("../testdata/ticketscloud/orders.list.answer.json")
	require.NoError(t, err)
	lost := conformance.Call1("orders.list", (*Client).LostOrders, held, nil)
	lost.Answer = strings.Replace(string(text), `"status": "done"`, `"status": "`+string(OrderHeld)+`"`, 1)
	lostRefunds := conformance.Call1("refunds.list", func(c *Client, ctx context.Context, order OrderKey, opts ...rutravel.CallOption) ([]Refund, error) {
		return c.LostRefunds(ctx, order, refund.CreatedAt.Add(time.Second), opts...)
	}, OrderKey{ID: refund.Order.ID}, nil)
	return []conformance.LookUp[*Client]{
		{Call: conformance.Call1("orders.list", (*Client).FindOrder, key, order), Further: []string{emptyPage}, Rows: "data[]"},
		{Call: lost, Further: []string{emptyPage}, Rows: "data[]"},
		{Call: conformance.Call1("refunds.list", (*Client).FindRefund, RefundKey{ID: refund.ID}, refund), Further: []string{emptyPage}, Rows: "data[]"},
		{Call: lostRefunds, Further: []string{emptyPage}, Rows: "data[]"},
	}
}
