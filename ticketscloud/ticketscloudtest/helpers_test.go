package ticketscloudtest_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// inBubble runs a test with a clock that starts at midnight UTC on 1 January 2000.
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
