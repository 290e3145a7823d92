package ticketscloud_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/ticketscloud"
)

// TC-T10, TC-T11: Missing has what could not be reserved.
func TestMissingTickets(t *testing.T) {
	t.Parallel()
	both := ticketscloud.OrderChange{Tickets: []ticketscloud.TicketID{ticketA, ticketB}}
	for name, missing := range map[string][]ticketscloud.TicketID{
		"awkward/orders.change+tickets-partial.json": {ticketB},
		"awkward/orders.change+tickets-none.json":    {ticketA, ticketB},
		"orders.change+tickets.answer.json":          nil,
		"orders.change+random_seats.answer.json":     {ticketB}, // the answer has another seat
		"orders.change+all_or_nothing.answer.json":   nil,
	} {
		c, _ := answers(t, http.StatusOK, file(t, name))
		o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, both)
		require.NoError(t, err, name)
		assert.Equal(t, missing, o.Missing.Tickets, name)
		assert.Equal(t, len(missing) > 0, o.Missing.Any(), name)
	}
	c, _ := answers(t, http.StatusOK, file(t, "orders.change+random.answer.json"))
	o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: heldID}, ticketscloud.OrderChange{Random: []ticketscloud.SetCount{{Set: setID, Count: 3}, {Set: "other", Count: 1}}})
	require.NoError(t, err)
	assert.Equal(t, []ticketscloud.SetCount{{Set: setID, Count: 2}, {Set: "other", Count: 1}}, o.Missing.Random)

	c, _ = answers(t, http.StatusOK, file(t, "orders.create+random.answer.json"))
	o, err = c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: "5d7134962110d30a34e95b96", Random: []ticketscloud.SetCount{{Set: "5d7135112110d30a34e97e2d", Count: 2}}})
	require.NoError(t, err)
	assert.Equal(t, 1, o.Missing.Random[0].Count)
}

// Each ticket without a category reduces the number of missing tickets by one.
func TestMissingWithoutCategories(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusOK, dataText(orderText("a", "executed", [2]string{"t", ""}, [2]string{"u", ""}, [2]string{"v", "x"})))
	o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.OrderChange{
		Random: []ticketscloud.SetCount{{Set: "x", Count: 2}, {Set: "y", Count: 3}, {Set: "z"}},
	})
	require.NoError(t, err)
	assert.Equal(t, []ticketscloud.SetCount{{Set: "y", Count: 2}}, o.Missing.Random)
}
