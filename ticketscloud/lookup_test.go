package ticketscloud_test

import (
	"fmt"
	"net/http"
	"strings"
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

// Only a list that was read proves that something is not in it.
func TestNotFoundNeedsAList(t *testing.T) {
	t.Parallel()
	for _, body := range []string{conformance.Awkward(t, "ticketscloud", "error-404-reason"), conformance.Awkward(t, "ticketscloud", "error-404-message"), conformance.Awkward(t, "ticketscloud", "error-404-strings"), `{}`, "<html>", ""} {
		for _, status := range []int{http.StatusNotFound, http.StatusBadRequest} {
			c, _ := answers(t, status, body)
			calls := map[string]error{}
			_, calls["find"] = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: orderID, CreatedAt: utc(2019, 7, 25, 14, 41, 11, 0)})
			_, calls["find refund"] = c.FindRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
			_, calls["lost"] = c.LostOrders(t.Context(), eventID, time.Now())
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

// An order is looked for in the pages of its event and minute.
func TestFindOrder(t *testing.T) {
	t.Parallel()
	key := ticketscloud.OrderKey{ID: "c", Event: "e", CreatedAt: utc(2019, 7, 25, 14, 41, 11, 0)}
	c, requests := pages(t, 1, []string{"a", "b"}, []string{"b", "c"})
	o, err := c.FindOrder(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, key.ID, o.ID)
	assert.Equal(t, "/v2/resources/orders?created_at=2019-07-25T14:40:11%2C2019-07-25T14:42:11&events=e&page=2&page_size=200", (*requests)[1].uri)

	// What is not there may be in another zone's day.
	key.ID = "x"
	c, requests = pages(t, 1, []string{"a", "b"})
	_, err = c.FindOrder(t.Context(), key)
	e := conformance.Failure(t, err, rutravel.ErrNotFound)
	assert.Equal(t, 1, e.Attempts)
	assert.ErrorContains(t, err, "no page")
	require.Len(t, *requests, 3)
	assert.Equal(t, "/v2/resources/orders?created_at=2019-07-24T14:41:11%2C2019-07-26T14:41:11&events=e&page=1&page_size=200", (*requests)[2].uri)
	c, _ = pages(t, 1, []string{"a"}, []string{"a"})
	_, err = c.FindOrder(t.Context(), key)
	conformance.Failure(t, err, rutravel.ErrProtocol)

	// It is found beside another that cannot be read.
	c, _ = answers(t, http.StatusOK, `{"data":[{"id":"x","status":"done"},{"id":"y","status":{}}]}`)
	o, err = c.FindOrder(t.Context(), key)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Equal(t, ticketscloud.OrderDone, o.Status)

	c, requests = pages(t, 1)
	_, err = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: "x"})
	conformance.Failure(t, err, rutravel.ErrNotFound)
	assert.Equal(t, "/v2/resources/orders?page=1&page_size=200", (*requests)[0].uri)
}

// Other orders of a lost one's minutes are candidates, too; those that hold
// nothing any more need no search.
func TestLostOrdersCandidates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := newFake(t)
		hold(t, c, 1)
		time.Sleep(5 * time.Minute)
		mine, sent := hold(t, c, 2), time.Now()
		candidates, err := c.LostOrders(t.Context(), ticketscloudtest.Concert, sent)
		require.NoError(t, err)
		require.Len(t, candidates, 1)
		assert.Equal(t, mine.ID, candidates[0].ID)

		_, err = c.CancelOrder(t.Context(), mine.Key())
		require.NoError(t, err)
		candidates, err = c.LostOrders(t.Context(), ticketscloudtest.Concert, sent)
		require.NoError(t, err)
		assert.Empty(t, candidates)
	})
}

// TC-T56: the period of a lost order is told by this library, whatever zone the
// supplier's filter is in. An order without a time may be any.
func TestLostOrdersPeriod(t *testing.T) {
	t.Parallel()
	sent := utc(2019, 7, 25, 14, 0, 0, 0)
	var orders []string
	for i, at := range []string{"2019-07-25 13:57:59", "2019-07-25 13:58:00", "2019-07-25 14:10:00", "2019-07-25 14:10:01", ""} {
		orders = append(orders, fmt.Sprintf(`{"id":"%d","status":"executed","created_at":"%s"}`, i, at))
	}
	c, requests := answers(t, http.StatusOK, `{"data":[`+strings.Join(orders, ",")+`]}`, `{"data":[]}`)
	found, err := c.LostOrders(t.Context(), eventID, sent)
	require.NoError(t, err)
	var ids []ticketscloud.OrderID
	for _, o := range found {
		ids = append(ids, o.ID)
	}
	assert.Equal(t, []ticketscloud.OrderID{"1", "2", "4"}, ids)
	assert.Equal(t, "/v2/resources/orders?status=executed&created_at=2019-07-24T14:00:00%2C2019-07-26T14:00:00&events="+string(eventID)+"&page=1&page_size=200", (*requests)[0].uri)
}

// Queries that the manual forbids are refused before they are sent.
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

// Look-ups refuse keys and times that nothing can be found by.
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
	_, err := c.LostOrders(t.Context(), "a,b", time.Now())
	add("lost order of two events", err, "event", "must not contain a comma")
	_, err = c.LostOrders(t.Context(), eventID, time.Time{})
	add("lost order without a time", err, "sent", "must be set")
	_, err = c.LostOrders(t.Context(), eventID, far)
	add("lost order of a far year", err, "sent", "must be in the years 1 to 9999")
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
