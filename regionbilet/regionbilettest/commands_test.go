package regionbilettest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

func TestReportsOfTheTestAccount(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, _ *regionbilet.Client) {
		c, err := regionbilet.New(regionbilet.Config{User: regionbilettest.TestUser, SecretKey: regionbilettest.TestSecretKey},
			rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		_, err = c.Segments(t.Context())
		require.NoError(t, err)
		_, err = c.SalesReport(t.Context(), regionbilet.DateRange{From: today, To: today})
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		assert.ErrorContains(t, err, "тестового пользователя")

		// It also cannot see the orders of other accounts.
		agent, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		id, tickets := buy(t, agent, request(search(t, agent, today), "1"))
		state, err := c.Ticket(t.Context(), regionbilet.TicketRef{Booking: id, Ticket: tickets[0].Number})
		require.NoError(t, err)
		assert.Equal(t, regionbilet.TicketNotFound, state.Status)
	})
}

// The fake refuses requests that break the manual's rules. A refused request has
// no effect. RB-T18: a seat must be one of trip_free_seats.
func TestStrictness(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
		trip := search(t, c, today)
		_, err := c.Book(t.Context(), request(trip, "1"))
		require.NoError(t, err)
		var good url.Values
		for _, r := range fake.Requests() {
			if r.Op == "booking" {
				good = r.Params
			}
		}
		require.NotEmpty(t, good)
		good.Set("seat1", "2")
		good.Set("user", regionbilettest.User)
		good.Set("skey", regionbilettest.SecretKey)
		good.Set("command", "booking")
		send := func(method string, change func(url.Values), encode func(string) string) string {
			q := url.Values{}
			for name, v := range good {
				q[name] = slices.Clone(v)
			}
			change(q)
			r := httptest.NewRequest(method, regionbilet.Production+"?"+encode(q.Encode()), nil)
			w := httptest.NewRecorder()
			fake.ServeHTTP(w, r)
			assert.Equal(t, http.StatusOK, w.Code)
			return w.Body.String()
		}
		manual := func(s string) string { return strings.ReplaceAll(s, "+", "%20") }
		for name, body := range map[string]string{
			"POST":                     send(http.MethodPost, func(url.Values) {}, manual),
			"plus for a space":         send(http.MethodGet, func(url.Values) {}, func(s string) string { return s }),
			"wrong key":                send(http.MethodGet, func(q url.Values) { q.Set("skey", "x") }, manual),
			"another user":             send(http.MethodGet, func(q url.Values) { q.Set("user", "test") }, manual),
			"unknown command":          send(http.MethodGet, func(q url.Values) { q.Set("command", "book") }, manual),
			"no patronymic at all":     send(http.MethodGet, func(q url.Values) { q.Del("middle_name1") }, manual),
			"unknown parameter":        send(http.MethodGet, func(q url.Values) { q.Set("seat", "2") }, manual),
			"a gap in the passengers":  send(http.MethodGet, func(q url.Values) { q.Set("seat3", "2") }, manual),
			"twice the same parameter": send(http.MethodGet, func(q url.Values) { q.Add("seat1", "3") }, manual),
			"another price":            send(http.MethodGet, func(q url.Values) { q.Set("total_ticket_price1", "517.5") }, manual),
			"taken seat":               send(http.MethodGet, func(q url.Values) { q.Set("seat1", "1") }, manual),
			"no such seat":             send(http.MethodGet, func(q url.Values) { q.Set("seat1", "99") }, manual),
			"unknown nationality":      send(http.MethodGet, func(q url.Values) { q.Set("nationality1", "1") }, manual),
			"unknown document":         send(http.MethodGet, func(q url.Values) { q.Set("type_doc1", "9") }, manual),
			"date of another kind":     send(http.MethodGet, func(q url.Values) { q.Set("date_trip", "2000-01-01") }, manual),
			"no such trip":             send(http.MethodGet, func(q url.Values) { q.Set("id_to_point", "446") }, manual),
			"a report over two months": send(http.MethodGet, func(q url.Values) {
				clear(q)
				q.Set("user", regionbilettest.User)
				q.Set("skey", regionbilettest.SecretKey)
				q.Set("command", "report_sale")
				q.Set("date_begin", "31.01.2000")
				q.Set("date_end", "01.02.2000")
			}, manual),
			"empty phone": send(http.MethodGet, func(q url.Values) { q.Set("user_phone", "") }, manual),
		} {
			assert.Contains(t, body, `"error":"1"`, name)
		}
		assert.Equal(t, trip.AvailableSeats-1, search(t, c, today).AvailableSeats)
		assert.Contains(t, send(http.MethodGet, func(url.Values) {}, manual), `"id_booking"`)
	})
}
