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

// The fake refuses invalid refund requests with the manual's texts.
func TestRefundRefusals(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *ticketscloudtest.Server, c *ticketscloud.Client) {
		ctx := t.Context()
		refused := func(err error, kind rutravel.Kind, words string) {
			t.Helper()
			assert.ErrorIs(t, err, kind)
			assert.ErrorContains(t, err, words)
		}
		o := hold(t, c, 1)
		refund := ticketscloud.NewRefund{Order: o.Key(), Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{o.Tickets[0].ID}}
		_, err := c.CreateRefund(ctx, refund)
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

		// The law allows a refund until three days before the event. For the organiser's
		// fault there is no such limit.
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

// The law excludes tickets with a discount, and "core" must have all tickets.
func TestRefundRules(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *ticketscloudtest.Server, c *ticketscloud.Client) {
		o := hold(t, c, 2)
		_, err := c.ChangeOrder(t.Context(), o.Key(), ticketscloud.OrderChange{Promocodes: []string{ticketscloudtest.Percent10}})
		require.NoError(t, err)
		_, err = c.PayOrder(t.Context(), o.Key())
		require.NoError(t, err)
		refund := ticketscloud.NewRefund{Order: o.Key(), Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{o.Tickets[0].ID}}
		_, err = c.CreateRefund(t.Context(), refund)
		require.ErrorIs(t, err, rutravel.ErrRejected)
		require.ErrorContains(t, err, "there is discounted ticket")

		fake.SetQuirks(ticketscloudtest.Quirks{Core: true})
		refund.Culprit = ticketscloud.CulpritOrg
		_, err = c.CreateRefund(t.Context(), refund)
		require.ErrorIs(t, err, rutravel.ErrRejected)
		require.ErrorContains(t, err, "Refund with culprit core must take all tickets from order")
		refund.Tickets = append(refund.Tickets, o.Tickets[1].ID)
		_, err = c.CreateRefund(t.Context(), refund)
		require.NoError(t, err)
	})
}
