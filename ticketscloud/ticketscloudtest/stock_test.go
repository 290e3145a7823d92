package ticketscloudtest_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

const seed = `{"Events": [{
	"ID": "5f0000000000000000000001", "Title": "Гамлет", "Start": "2030-05-04T16:00:00Z", "Finish": "2030-05-04T19:00:00Z",
	"Venue": {"ID": "5f0000000000000000000002", "Name": "Театр", "City": "524901", "CityName": "Москва", "Timezone": "Europe/Moscow"},
	"Sets": [
		{"ID": "5f0000000000000000000003", "Name": "Партер", "Price": "1200.00", "Rows": 2, "Tickets": 3},
		{"ID": "5f0000000000000000000004", "Name": "Балкон", "Price": "0.50", "Tickets": 4}
	]
}]}`

// A seed replaces the events on sale, and its events can be bought, in both catalogues.
func TestSeed(t *testing.T) {
	t.Parallel()
	fake := ticketscloudtest.New()
	c := client(t, fake)
	require.NoError(t, fake.Seed([]byte(seed)))
	events, err := c.EventsPage(t.Context(), ticketscloud.EventQuery{})
	require.NoError(t, err)
	require.Len(t, events, 1)
	assert.Equal(t, time.Saturday, events[0].Start.Weekday())
	assert.Equal(t, 10, events[0].VacantTickets)
	assert.Equal(t, "1200", events[0].Sets[0].Face.String())
	seats, err := c.EventTickets(t.Context(), events[0].ID, ticketscloud.SeatQuery{})
	require.NoError(t, err)
	require.Len(t, seats, 6)
	assert.Equal(t, "2", seats[5].Seat.Row)
	assert.Equal(t, "3", seats[5].Seat.Number)
	o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: events[0].ID, Tickets: []ticketscloud.TicketID{seats[5].ID}})
	require.NoError(t, err)
	assert.Equal(t, "1320", o.Totals.Full.String())

	grpc := tcsimpletest.New(fake)
	catalogue, err := tcsimple.New(grpc.Config(), rutravel.WithHTTPClient(grpc.HTTPClient()))
	require.NoError(t, err)
	listed, err := rutravel.Collect(catalogue.Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	require.Len(t, listed, 1)
	assert.Equal(t, 9, listed[0].VacantTickets)
}

// An invalid seed or event is refused, and nothing is replaced.
func TestBadStock(t *testing.T) {
	t.Parallel()
	fake := ticketscloudtest.New()
	good := ticketscloudtest.Event{
		ID: "5f0000000000000000000001", Venue: ticketscloudtest.Venue{ID: "5f0000000000000000000002", City: "1"},
		Sets: []ticketscloudtest.Set{{ID: "5f0000000000000000000003", Price: decimal.New(1, 0), Tickets: 1}},
	}
	for name, spoil := range map[string]func(*ticketscloudtest.Event){
		"must have ids":         func(e *ticketscloudtest.Event) { e.ID = "1" },
		"there are two events":  func(e *ticketscloudtest.Event) { e.ID = ticketscloudtest.Concert },
		"city must be a number": func(e *ticketscloudtest.Event) { e.Venue.City = "Moscow" },
		"no categories":         func(e *ticketscloudtest.Event) { e.Sets = nil },
		"must have its own id":  func(e *ticketscloudtest.Event) { e.Sets = append(e.Sets, e.Sets[0]) },
		"impossible number":     func(e *ticketscloudtest.Event) { e.Sets = []ticketscloudtest.Set{{ID: good.Sets[0].ID, Tickets: -1}} },
	} {
		e := good
		spoil(&e)
		func() {
			defer func() { assert.Contains(t, recover(), name) }()
			fake.AddEvent(e)
		}()
	}
	fake.AddEvent(good)
	for _, bad := range []string{"", `{"Events":[{"ID":"1"}]}`, `{"Other":1}`} {
		require.Error(t, fake.Seed([]byte(bad)))
	}
	events, err := client(t, fake).EventsPage(t.Context(), ticketscloud.EventQuery{})
	require.NoError(t, err)
	assert.Len(t, events, 4)
}

// Reset removes orders, faults and quirks.
func TestReset(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *ticketscloudtest.Server, c *ticketscloud.Client) {
		require.NoError(t, fake.Seed([]byte(seed)))
		id, err := fake.AddOrder(ticketscloud.NewOrder{Event: "5f0000000000000000000001"})
		require.NoError(t, err)
		_, err = fake.AddOrder(ticketscloud.NewOrder{Event: ticketscloudtest.Concert})
		require.Error(t, err)
		fake.SetQuirks(ticketscloudtest.Quirks{NoMoney: true})
		fake.Inject(ticketscloudtest.Fault{Status: 500})
		fake.Advance(time.Hour)
		fake.Reset()
		assert.Zero(t, fake.Pending())
		assert.Empty(t, fake.Requests())
		_, err = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: id})
		require.ErrorIs(t, err, rutravel.ErrNotFound)
		o := hold(t, c, 1)
		assert.Equal(t, time.Now().UTC(), o.CreatedAt)
		_, err = c.PayOrder(t.Context(), o.Key())
		require.NoError(t, err)
	})
}
