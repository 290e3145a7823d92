package ticketscloud_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// A page that cannot be read completely returns its readable rows.
func TestListsThatBreakOff(t *testing.T) {
	t.Parallel()
	sent := utc(2019, 7, 25, 14, 0, 0, 0)
	page := `{"data":[{"id":"a","status":"executed"},{"status":"executed"},{"id":"b","status":"executed","number":"?"},{"id":"c","status":"executed"}]}`
	for name, read := range map[string]func(c *ticketscloud.Client) ([]ticketscloud.Order, error){
		"Orders": func(c *ticketscloud.Client) ([]ticketscloud.Order, error) {
			return rutravel.Collect(c.Orders(t.Context(), ticketscloud.OrderQuery{}))
		},
		"LostOrders": func(c *ticketscloud.Client) ([]ticketscloud.Order, error) {
			return c.LostOrders(t.Context(), ticketscloud.LostOrder{Order: ticketscloud.NewOrder{Event: eventID}, Sent: sent})
		},
	} {
		c, _ := answers(t, http.StatusOK, page, `{"data":[]}`)
		list, err := read(c)
		assert.ErrorIs(t, err, rutravel.ErrProtocol, name)
		conformance.Failure(t, err, rutravel.ErrProtocol)
		require.Len(t, list, 4, name)
		assert.Equal(t, ticketscloud.OrderID("c"), list[3].ID, name)
	}
	c, _ := answers(t, http.StatusOK, `{"data":[{"id":"r","status":"new","delta":"1","order":"a"},{"id":"s","status":"new","delta":"1"},{"id":"u","status":"new","delta":"?","order":"b"}]}`)
	refunds, err := c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: "a"}, sent)
	require.NoError(t, err, "the refund request that cannot be read belongs to another order")
	require.Len(t, refunds, 2, "a refund request without an order may belong to any order")
	assert.Equal(t, ticketscloud.RefundID("s"), refunds[1].ID)
	c, _ = answers(t, http.StatusOK, `[{"id":"1"},{"id":"2","lifetime":"soon"}]`)
	events, err := rutravel.Collect(c.Events(t.Context(), ticketscloud.EventQuery{}))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Len(t, events, 2)
}

// An answer that is cut ends a list after the rows before the cut.
func TestCutPages(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusOK, `{"data":[{"id":"a","status":"done"},{"id":"b","sta`)
	list, err := rutravel.Collect(c.Orders(t.Context(), ticketscloud.OrderQuery{}))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	require.Len(t, list, 1, "the truncated order has no row error")
	assert.Equal(t, ticketscloud.OrderID("a"), list[0].ID)
	_, ofRow := errors.AsType[*rutravel.RowError](err)
	assert.False(t, ofRow)
	o, err := c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: "a"})
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Equal(t, ticketscloud.OrderDone, o.Status)
}

// TC-T42: a repeated page ends a list without an error if all announced rows have arrived
// or the page before was short. Otherwise there may be more rows.
func TestRepeatedPages(t *testing.T) {
	t.Parallel()
	page := func(pagination string, ids ...string) string {
		var orders []string
		for _, id := range ids {
			orders = append(orders, `{"id":"`+id+`","status":"done"}`)
		}
		return `{"data":[` + strings.Join(orders, ",") + `],"pagination":` + pagination + `}`
	}
	for name, test := range map[string]struct {
		bodies []string
		whole  bool
	}{
		"the last page is short":                    {[]string{page(`{"page_size":2}`, "a", "b"), page(`{"page_size":2}`, "c")}, true},
		"a short page of a smaller size":            {[]string{page(`{"page_size":2}`, "a", "b"), page(`{"page_size":2}`, "c", "d")}, false},
		"all pages that were announced":             {[]string{page(`{"page_size":2,"total":2}`, "a", "b"), page(`{"page_size":2,"total":2}`, "c", "d")}, true},
		"a short page, and all rows":                {[]string{page(`{"page_size":2,"total":3}`, "a", "b"), page(`{"page_size":2,"total":3}`, "c")}, true},
		"a short page, and more is announced":       {[]string{page(`{"page_size":2,"total":9}`, "a", "b"), page(`{"page_size":2,"total":9}`, "c")}, false},
		"full pages, and as many rows as announced": {[]string{page(`{"page_size":2,"total":4}`, "a", "b"), page(`{"page_size":2,"total":4}`, "c", "d")}, false},
		"page is ignored":                           {[]string{page(`{"page_size":2,"total":3}`, "a", "b")}, false},
		"pagination cannot be read":                 {[]string{page(`7`, "a", "b")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answers(t, http.StatusOK, test.bodies...)
			list, err := rutravel.Collect(c.Orders(t.Context(), ticketscloud.OrderQuery{}))
			assert.NotEmpty(t, list)
			assert.Equal(t, test.whole, err == nil, "%v", err)
			c, _ = answers(t, http.StatusOK, test.bodies...)
			_, err = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: "x"})
			want := rutravel.ErrProtocol
			if test.whole {
				want = rutravel.ErrNotFound
			}
			conformance.Failure(t, err, want)
		})
	}
}

// pages answers page n of orders with the orders all[n-1].
func pages(t *testing.T, total int, all ...[]string) (*ticketscloud.Client, *[]sent) {
	t.Helper()
	var bodies []string
	for _, ids := range append(all, nil) {
		var orders []string
		for _, id := range ids {
			orders = append(orders, `{"id":"`+id+`","status":"done","event":"e"}`)
		}
		bodies = append(bodies, fmt.Sprintf(`{"data":[%s],"pagination":{"page":1,"page_size":50,"total":%d},"refs":{}}`, strings.Join(orders, ","), total))
	}
	return answers(t, http.StatusOK, bodies...)
}

func collect(c *ticketscloud.Client, ctx context.Context, q ticketscloud.OrderQuery) (ids []string, err error) {
	list, err := rutravel.Collect(c.Orders(ctx, q))
	for _, o := range list {
		ids = append(ids, string(o.ID))
	}
	return ids, err
}

// TC-T42: an empty page is the end, whatever total says and however short a page is. An
// object that moved to the next page is yielded once. A repeated page is an error and not an
// endless loop.
func TestPaging(t *testing.T) {
	t.Parallel()
	for _, total := range []int{0, 1, 2, 3, 100} {
		t.Run(fmt.Sprintf("total %d", total), func(t *testing.T) {
			t.Parallel()
			c, requests := pages(t, total, []string{"a", "b"}, []string{"b", "c"}, []string{"d"})
			ids, err := collect(c, t.Context(), ticketscloud.OrderQuery{PageSize: 2, Status: []ticketscloud.OrderStatus{"done"}})
			require.NoError(t, err)
			assert.Equal(t, []string{"a", "b", "c", "d"}, ids)
			var asked []string
			for _, r := range *requests {
				asked = append(asked, r.uri)
			}
			assert.Equal(t, []string{
				"/v2/resources/orders?status=done&page=1&page_size=2", "/v2/resources/orders?status=done&page=2&page_size=2",
				"/v2/resources/orders?status=done&page=3&page_size=2", "/v2/resources/orders?status=done&page=4&page_size=2",
			}, asked)
		})
	}
	c, requests := pages(t, 9, []string{"a", "b"}, []string{"b", "a"}, []string{"c"})
	ids, err := collect(c, t.Context(), ticketscloud.OrderQuery{})
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "repeats")
	assert.Equal(t, []string{"a", "b"}, ids)
	assert.Len(t, *requests, 2)

	// Nothing is sent before the first order is requested. Each range starts anew. After
	// a break nothing is sent.
	c, requests = pages(t, 9, []string{"a", "b"}, []string{"c"})
	seq := c.Orders(t.Context(), ticketscloud.OrderQuery{Page: 7})
	assert.Empty(t, *requests)
	for range 2 {
		for o, err := range seq {
			require.NoError(t, err)
			assert.NotEmpty(t, o.ID)
			break
		}
	}
	require.Len(t, *requests, 2)
	assert.Equal(t, "/v2/resources/orders?page=7", (*requests)[1].uri)

	for _, name := range []string{"total-pages", "total-rows", "total-equals-rows", "pagination-strings", "pagination-null", "pagination-absent"} {
		c, requests := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "orders.list-"+name), conformance.Awkward(t, "ticketscloud", "orders.list-page-empty"))
		ids, err := collect(c, t.Context(), ticketscloud.OrderQuery{})
		require.NoError(t, err, name)
		assert.NotEmpty(t, ids, name)
		assert.Len(t, *requests, 2, name)
	}
	for _, name := range []string{"orders.list-page-empty", "orders.list-page-empty-refs-maps", "orders.list-page-empty-refs-array", "orders.list-data-null", "refunds.list-page-empty"} {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", name))
		ids, err := collect(c, t.Context(), ticketscloud.OrderQuery{})
		require.NoError(t, err, name)
		assert.Empty(t, ids, name)
		refunds, err := rutravel.Collect(c.Refunds(t.Context(), ticketscloud.RefundQuery{}))
		require.NoError(t, err, name)
		assert.Empty(t, refunds, name)
	}

	// The older catalogue always gets page parameters, because it may not page without.
	c, requests = answers(t, http.StatusOK, `[{"id":"1"}]`, `[{"id":"2"}]`, `[]`)
	events, err := rutravel.Collect(c.Events(t.Context(), ticketscloud.EventQuery{}))
	require.NoError(t, err)
	assert.Len(t, events, 2)
	assert.Equal(t, "/v1/services/simple/events?page=1&page_size=50", (*requests)[0].uri)
	c, _ = answers(t, http.StatusOK, `[{"id":"1"}]`)
	_, err = rutravel.Collect(c.Events(t.Context(), ticketscloud.EventQuery{}))
	conformance.Failure(t, err, rutravel.ErrProtocol)
}
