package ticketscloud_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// Only a list that was read completely proves that an object does not exist.
func TestNotFoundNeedsAList(t *testing.T) {
	t.Parallel()
	for _, body := range []string{conformance.Awkward(t, "ticketscloud", "error-404-reason"), conformance.Awkward(t, "ticketscloud", "error-404-message"), conformance.Awkward(t, "ticketscloud", "error-404-strings"), `{}`, "<html>", ""} {
		for _, status := range []int{http.StatusNotFound, http.StatusBadRequest} {
			c, _ := answers(t, status, body)
			calls := map[string]error{}
			_, calls["find"] = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: orderID, CreatedAt: utc(2019, 7, 25, 14, 41, 11, 0)})
			_, calls["find refund"] = c.FindRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
			_, calls["lost"] = c.LostOrders(t.Context(), ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: eventID}, Sent: time.Now()})
			_, calls["lost refunds"] = c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: orderID}, time.Now())
			_, calls["events"] = c.EventsPage(t.Context(), ticketscloud.EventQuery{})
			_, calls["wait"] = c.WaitForBarcodes(t.Context(), ticketscloud.OrderKey{ID: orderID})
			for name, err := range calls {
				require.Error(t, err, "%s: %d %s", name, status, body)
				assert.NotErrorIs(t, err, rutravel.ErrNotFound, "%s: %d %s", name, status, body)
			}
		}
	}
}

// FindOrder searches the pages of the order's event and minute.
func TestFindOrder(t *testing.T) {
	t.Parallel()
	key := ticketscloud.OrderKey{ID: "c", Event: "e", CreatedAt: utc(2019, 7, 25, 14, 41, 11, 0)}
	c, requests := pages(t, 1, []string{"a", "b"}, []string{"b", "c"})
	o, err := c.FindOrder(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, key.ID, o.ID)
	assert.Equal(t, "/v2/resources/orders?created_at=2019-07-25T14:40:11%2C2019-07-25T14:42:11&events=e&page=2&page_size=200", (*requests)[1].uri)

	// An order that is not found is searched for in a whole day on either side.
	key.ID = "x"
	c, requests = pages(t, 1, []string{"a", "b"})
	_, err = c.FindOrder(t.Context(), key)
	e := conformance.Failure(t, err, rutravel.ErrNotFound)
	assert.Equal(t, 1, e.Attempts)
	assert.ErrorContains(t, err, "does not have it")
	require.Len(t, *requests, 3)
	assert.Equal(t, "/v2/resources/orders?created_at=2019-07-24T14:41:11%2C2019-07-26T14:41:11&events=e&page=1&page_size=200", (*requests)[2].uri)
	c, _ = pages(t, 9, []string{"a"}, []string{"a"}, []string{"a"}, []string{"a"})
	_, err = c.FindOrder(t.Context(), key)
	conformance.Failure(t, err, rutravel.ErrProtocol)

	// An order is found next to another one that cannot be read.
	c, _ = answers(t, http.StatusOK, `{"data":[{"id":"y","status":{}},{"id":"x","status":"done"}]}`)
	o, err = c.FindOrder(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, ticketscloud.OrderDone, o.Status)

	c, requests = pages(t, 1)
	_, err = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: "x"})
	conformance.Failure(t, err, rutravel.ErrNotFound)
	assert.Equal(t, "/v2/resources/orders?page=1&page_size=200", (*requests)[0].uri)
}

// Other orders of the same minutes are candidates as well. Orders that hold nothing any
// more are not searched.
func TestLostOrdersCandidates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := newFake(t)
		other := hold(t, c, 1)
		time.Sleep(5 * time.Minute)
		mine, sent := hold(t, c, 2), time.Now()
		candidates, err := c.LostOrders(t.Context(), ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: ticketscloudtest.Concert}, Sent: sent})
		require.NoError(t, err)
		require.Len(t, candidates, 2)
		assert.Equal(t, mine.ID, candidates[0].ID)
		assert.Equal(t, other.ID, candidates[1].ID)

		_, err = c.CancelOrder(t.Context(), mine.Key())
		require.NoError(t, err)
		candidates, err = c.LostOrders(t.Context(), ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: ticketscloudtest.Concert}, Sent: sent})
		require.NoError(t, err)
		require.Len(t, candidates, 1)
		assert.Equal(t, other.ID, candidates[0].ID)
	})
}

// createdAt returns orders or refund requests that were created at the times. The ids are
// numbers, and rest is the rest of each object.
func createdAt(rest string, times ...string) string {
	var list []string
	for i, at := range times {
		list = append(list, fmt.Sprintf(`{"id":"%d","created_at":"%s",%s}`, i, at, rest))
	}
	return listText(list...)
}

// periods has the candidates of a call at 14:00, by how much the supplier's clock is ahead
// of this machine's.
var periods = map[string]struct {
	ahead time.Duration
	times []string
	want  []string
}{
	"same":            {0, []string{"13:42:59", "13:43:00", "14:25:00", "14:25:01"}, []string{"1", "2", "4"}},
	"3 minutes fast":  {-3 * time.Minute, []string{"13:39:59", "13:40:00", "13:57:00", "14:25:00", "14:25:01"}, []string{"1", "2", "3", "5"}},
	"11 minutes slow": {11 * time.Minute, []string{"13:42:59", "13:43:00", "14:11:00", "14:36:00", "14:36:01"}, []string{"1", "2", "3", "5"}},
	"an hour slow":    {time.Hour, []string{"13:42:59", "15:00:01", "15:25:01"}, []string{"1", "3"}},
}

// created returns the times of the day of the call and an empty time.
func created(times []string) (all []string) {
	for _, at := range times {
		all = append(all, "2019-07-25 "+at)
	}
	return append(all, "")
}

// TC-T56: the client checks the time of a lost order itself, whatever the zone of the
// supplier's filter and the supplier's clock. An order without a time may be any.
func TestLostOrdersPeriod(t *testing.T) {
	t.Parallel()
	lost := ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: eventID}, Sent: utc(2019, 7, 25, 14, 0, 0, 0)}
	const rest = `"status":"executed"`
	found := func(t *testing.T, c *ticketscloud.Client) (ids []string) {
		t.Helper()
		list, err := c.LostOrders(t.Context(), lost)
		require.NoError(t, err)
		for _, o := range list {
			ids = append(ids, string(o.ID))
		}
		return ids
	}
	for name, test := range periods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := dated(t, test.ahead, createdAt(rest, created(test.times)...), `{"data":[]}`)
				assert.Equal(t, test.want, found(t, c))
			})
		})
	}
	// Without a Date, the supplier's clock is assumed to be this machine's.
	c, requests := answers(t, http.StatusOK,
		createdAt(rest, created([]string{"13:42:59", "13:43:00", "14:25:00", "14:25:01"})...), `{"data":[]}`)
	assert.Equal(t, []string{"1", "2", "4"}, found(t, c))
	assert.Equal(t, "/v2/resources/orders?status=executed&created_at=2019-07-24T14:00:00%2C2019-07-26T14:00:00&events="+string(eventID)+"&page=1&page_size=200", (*requests)[0].uri)
}

// Orders of other calls are not candidates, even if the supplier ignores filters. Values
// that cannot be compared match.
func TestLostOrdersOthers(t *testing.T) {
	t.Parallel()
	order := func(id, rest string) string {
		return `{"id":"` + id + `","created_at":"2019-07-25 14:00:05",` + rest + `}`
	}
	const event, held = `"event":"5d31fbdd27649b0dff076117"`, `"status":"executed"`
	ticket := func(id, set string) string {
		return `"tickets":[{"id":"` + id + `","set":"` + set + `","full":"1.00"}]`
	}
	list := listText(
		order("mine", event+`,`+held+`,`+ticket("t", "fan")+`,"vendor_data":{"order_id":"17","raw":{"shop":"a"}}`),
		order("unmarked", event+`,`+held+`,`+ticket("u", "fan")),
		order("empty", event+`,`+held+`,"tickets":[]`),
		order("another event", `"event":"e",`+held),
		order("another number", event+`,`+held+`,"vendor_data":{"order_id":"18"}`),
		order("another shop", event+`,`+held+`,"vendor_data":{"order_id":"17","raw":{"shop":"b"}}`),
		order("unreadable number", event+`,`+held+`,"vendor_data":{"order_id":"1\ufffd"}`),
		order("another category", event+`,`+held+`,`+ticket("v", "stalls")),
		order("unknown category", event+`,`+held+`,`+ticket("w", "")),
		order("paid", event+`,"status":"done",`+ticket("x", "fan")),
		`{"id":"another time","created_at":"2018-07-25 14:00:05",`+held+`}`,
	)
	found := func(lost ticketscloud.LostOrder) (ids []string) {
		c, _ := answers(t, http.StatusOK, list, `{"data":[]}`)
		lost.Order.Event, lost.Sent = eventID, utc(2019, 7, 25, 14, 0, 0, 0)
		all, err := c.LostOrders(t.Context(), lost)
		require.NoError(t, err)
		for _, o := range all {
			ids = append(ids, string(o.ID))
		}
		return ids
	}
	assert.Equal(t, []string{"mine", "unmarked", "empty", "another number", "another shop", "unreadable number", "another category", "unknown category"},
		found(ticketscloud.LostOrder{}))
	assert.Equal(t, []string{"mine", "unmarked", "empty", "unreadable number", "another category", "unknown category"}, found(ticketscloud.LostOrder{
		VendorData: ticketscloud.VendorData{OrderID: "17", Raw: []ticketscloud.VendorField{{Name: "shop", Value: "a"}}},
	}))
	fan := ticketscloud.NewOrder{Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}}}
	assert.Equal(t, []string{"mine", "unmarked", "empty", "another number", "another shop", "unreadable number", "unknown category"},
		found(ticketscloud.LostOrder{Order: fan}))
	assert.Equal(t, []string{"mine", "empty", "another number", "another shop", "unreadable number"},
		found(ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Tickets: []ticketscloud.TicketID{"t"}}}))

	// A list that comes back empty from storage counts as not set.
	noTickets, noRandom := fan, ticketscloud.NewOrder{Tickets: []ticketscloud.TicketID{"t"}, Random: []ticketscloud.SetCount{}}
	noTickets.Tickets = []ticketscloud.TicketID{}
	assert.Contains(t, found(ticketscloud.LostOrder{Order: noTickets}), "mine")
	assert.Contains(t, found(ticketscloud.LostOrder{Order: noRandom}), "mine")
	assert.Contains(t, found(ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Tickets: []ticketscloud.TicketID{}, Random: []ticketscloud.SetCount{}}}), "mine")
	// The supplier may remove spaces.
	assert.Contains(t, found(ticketscloud.LostOrder{VendorData: ticketscloud.VendorData{OrderID: "17 "}}), "mine")
}

// An order that cannot be read does not hide other orders, and does not make an order
// that was found doubtful.
func TestUnreadableOrders(t *testing.T) {
	t.Parallel()
	wanted := ticketscloud.OrderKey{ID: "wanted"}
	const good, other = `{"id":"wanted","status":"done"}`, `{"id":"other","status":"executed"`
	for name, bad := range map[string]string{
		"a number that is null":    other + `,"number":null}`,
		"no status":                `{"id":"other"}`,
		"a ticket without a price": other + `,"tickets":[{"id":"t"}]}`,
		"not an order":             `"other"`,
		"no id":                    `{"status":"executed"}`,
		"an id with a lost byte":   "{\"id\":\"a\xff\",\"status\":\"executed\"}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for place, bodies := range map[string][]string{
				"the page before": {listText(bad, `{"id":"more","status":"done"}`), listText(good), `{"data":[]}`},
				"the same page":   {listText(bad, good), `{"data":[]}`},
			} {
				c, _ := answers(t, http.StatusOK, bodies...)
				o, err := c.FindOrder(t.Context(), wanted)
				require.NoError(t, err, place)
				assert.Equal(t, ticketscloud.OrderDone, o.Status, place)

				c, _ = answers(t, http.StatusOK, bodies...)
				all, err := rutravel.Collect(c.Orders(t.Context(), ticketscloud.OrderQuery{}))
				assert.True(t, slices.ContainsFunc(all, func(o ticketscloud.Order) bool { return o.ID == wanted.ID }), place)
				if name == "a number that is null" {
					require.NoError(t, err, place)
					continue
				}
				conformance.Failure(t, err, rutravel.ErrProtocol)
				row, ok := errors.AsType[*rutravel.RowError](err)
				require.True(t, ok, "%s: %v", place, err)
				assert.Zero(t, row.Index, place)
			}
		})
	}
	// The list does not have the order, or the row without an id may be the order.
	for body, kind := range map[string]rutravel.Kind{
		listText(other + `,"values":7}`):  rutravel.ErrNotFound,
		listText(`{"status":"executed"}`): rutravel.ErrProtocol,
	} {
		c, _ := answers(t, http.StatusOK, body, `{"data":[]}`)
		_, err := c.FindOrder(t.Context(), wanted)
		conformance.Failure(t, err, kind)
	}
	// The order itself is returned as far as it can be read.
	c, _ := answers(t, http.StatusOK, listText(`{"id":"wanted","status":"done","tickets":[{"id":"t"}]}`))
	o, err := c.FindOrder(t.Context(), wanted)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Equal(t, ticketscloud.OrderDone, o.Status)
}

// A page of orders has the readable orders. Its error names the others.
func TestOrdersPageRows(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusOK, `{"data":[
		{"id":"a","status":"done","tickets":[{"id":"t","set":"s","full":"1.00"}]},
		{"id":"b","status":"done","tickets":[{"id":"u","set":"x","full":"1.00"}]},
		{"id":"c","status":7,"expired_after":"soon"},
		{"id":"d","status":"done","promocodes":["p"]}],
		"refs":{"sets":{"s":{"name":"S"},"x":{"price":"?"}},"promocodes":{"p":{"code":{"a":1}}},"events":7}}`)
	p, err := c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
	conformance.Failure(t, err, rutravel.ErrProtocol)
	rows, ok := errors.AsType[*rutravel.RowsError](err)
	require.True(t, ok, "%v", err)
	require.Len(t, rows.Rows, 3)
	require.Len(t, p.Orders, 1)
	assert.Equal(t, ticketscloud.OrderID("a"), p.Orders[0].ID)
	for i, want := range []rutravel.RowError{
		{Index: 1, ID: "b", Problem: "refs.sets.x.price: want an amount, got a string of 1 bytes"},
		{Index: 2, ID: "c", Problem: "data[2].expired_after: want a date and time"},
		{Index: 3, ID: "d", Problem: "refs.promocodes.p.code: want a text, got an object"},
	} {
		assert.Equal(t, want, rows.Rows[i])
	}
	assert.Equal(t, "S", p.Orders[0].Tickets[0].Set.Name)
}

// A candidate that cannot be read completely is returned. Errors of orders that belong to
// other calls are ignored.
func TestUnreadableCandidates(t *testing.T) {
	t.Parallel()
	const sent = `"created_at":"2019-07-25 14:00:00"`
	lost := ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: eventID}, Sent: utc(2019, 7, 25, 14, 0, 0, 0)}
	c, _ := answers(t, http.StatusOK, listText(
		`{"id":"old","status":"executed","created_at":"2018-01-01 00:00:00","tickets":7}`,
		`{"id":"a","status":"executed",`+sent+`}`,
		`{"id":"b","status":"executed",`+sent+`,"tickets":[{"id":"t"}]}`,
		`{"id":"c","status":"executed","created_at":7}`,
		`{"status":"executed",`+sent+`}`), `{"data":[]}`)
	all, err := c.LostOrders(t.Context(), lost)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	require.Len(t, all, 4)
	rows, ok := errors.AsType[*rutravel.RowsError](err)
	require.True(t, ok, "%v", err)
	require.Len(t, rows.Rows, 2)
	assert.Equal(t, 1, rows.Rows[0].Index)
	assert.Equal(t, "b", rows.Rows[0].ID)
	assert.Equal(t, 3, rows.Rows[1].Index)

	c, _ = answers(t, http.StatusOK, listText(`{"id":"old","status":"executed","created_at":"2018-01-01 00:00:00","tickets":7}`), `{"data":[]}`)
	all, err = c.LostOrders(t.Context(), lost)
	require.NoError(t, err)
	assert.Empty(t, all)

	// A list that may have more rows proves nothing.
	c, _ = answers(t, http.StatusOK, `{"data":[{"id":"old","status":"executed","created_at":"2018-01-01 00:00:00"}],"pagination":{"total":7}}`)
	_, err = c.LostOrders(t.Context(), lost)
	conformance.Failure(t, err, rutravel.ErrProtocol)

	const refund = `"status":"new","delta":"1.00"`
	c, _ = answers(t, http.StatusOK, listText(
		`{"id":"r","order":"a",`+refund+`,`+sent+`}`,
		`{"id":"s","order":7.5,`+refund+`,`+sent+`}`,
		`{"id":"t","order":"b","status":"new",`+sent+`}`), `{"data":[]}`)
	refunds, err := c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: "a"}, lost.Sent)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	require.Len(t, refunds, 2)
	rows, _ = errors.AsType[*rutravel.RowsError](err)
	assert.Equal(t, []rutravel.RowError{{Index: 1, ID: "s", Problem: rows.Rows[0].Problem}}, rows.Rows)
}

// Queries that the manual does not allow are refused before they are sent.
func TestInvalidOrderQueries(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `{}`)
	for name, test := range map[string]struct {
		query          ticketscloud.OrderQuery
		field, problem string
	}{
		"size":          {ticketscloud.OrderQuery{PageSize: 201}, "PageSize", "must not be more than 200"},
		"negative size": {ticketscloud.OrderQuery{PageSize: -1}, "PageSize", "must not be negative"},
		"page before":   {ticketscloud.OrderQuery{Page: -1}, "Page", "must not be negative"},
		"no end":        {ticketscloud.OrderQuery{CreatedAt: ticketscloud.Period{From: time.Now()}}, "CreatedAt.To", "must be set"},
		"no beginning":  {ticketscloud.OrderQuery{CreatedAt: ticketscloud.Period{To: time.Now()}}, "CreatedAt.From", "must be set"},
		"backwards":     {ticketscloud.OrderQuery{CreatedAt: ticketscloud.Period{From: utc(2019, 1, 1, 0, 0, 1, 0), To: utc(2019, 1, 1, 0, 0, 0, 0)}}, "CreatedAt.To", "must not be before From"},
		"two events":    {ticketscloud.OrderQuery{Events: []ticketscloud.EventID{"a,b"}}, "Events[0]", "must not contain a comma"},
		"no status":     {ticketscloud.OrderQuery{Status: []ticketscloud.OrderStatus{""}}, "Status[0]", "must not be empty"},
	} {
		_, err := c.OrdersPage(t.Context(), test.query)
		assertInvalid(t, err, test.field, test.problem, name)
		_, err = rutravel.Collect(c.Orders(t.Context(), test.query))
		assertInvalid(t, err, test.field, test.problem, name)
	}
	assert.Empty(t, *requests)

	// The limits themselves are allowed.
	now := time.Now()
	c, requests = answers(t, http.StatusOK, `{"data":[]}`)
	_, err := c.OrdersPage(t.Context(), ticketscloud.OrderQuery{PageSize: 200, CreatedAt: ticketscloud.Period{From: now, To: now}})
	require.NoError(t, err)
	_, err = c.OrdersPage(t.Context(), ticketscloud.OrderQuery{Page: 1, PageSize: 1})
	require.NoError(t, err)
	require.Len(t, *requests, 2)
	assert.Equal(t, "/v2/resources/orders?page=1&page_size=1", (*requests)[1].uri)
}

// Look-ups refuse keys and times that cannot identify an object.
func TestInvalidLookups(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `{}`)
	far := utc(12000, 1, 1, 0, 0, 0, 0)
	calls := map[string]struct {
		err            error
		field, problem string
	}{}
	add := func(name string, err error, field, problem string) {
		calls[name] = struct {
			err            error
			field, problem string
		}{err, field, problem}
	}
	_, err := c.LostOrders(t.Context(), ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: "a,b"}, Sent: time.Now()})
	add("lost order of two events", err, "Order.Event", "must not contain a comma")
	_, err = c.LostOrders(t.Context(), ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: eventID}, Sent: time.Time{}})
	add("lost order without a time", err, "Sent", "must be set")
	_, err = c.LostOrders(t.Context(), ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: eventID}, Sent: far})
	add("lost order of a far year", err, "Sent", "must be in the years 1 to 9999")
	_, err = c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: soldID}, time.Time{})
	add("lost refund without a time", err, "sent", "must be set")
	_, err = c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: soldID}, far)
	add("lost refund of a far year", err, "sent", "must be in the years 1 to 9999")
	_, err = c.LostRefunds(t.Context(), ticketscloud.OrderKey{}, time.Now())
	add("lost refund without an order", err, "order.ID", "must not be empty")
	_, err = c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: soldID, Event: "a,b"}, time.Now())
	add("lost refund of two events", err, "order.Event", "must not contain a comma")
	_, err = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: soldID, Event: "a b"})
	add("order of an event with a space", err, "key.Event", "must not contain spaces or control characters")
	_, err = c.FindRefund(t.Context(), ticketscloud.RefundKey{ID: refundID, Event: "a,b"})
	add("refund of two events", err, "key.Event", "must not contain a comma")
	for name, call := range calls {
		assertInvalid(t, call.err, call.field, call.problem, name)
	}
	assert.Empty(t, *requests)
}
