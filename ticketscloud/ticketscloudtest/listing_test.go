package ticketscloudtest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// Lists are filtered and divided into pages.
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
