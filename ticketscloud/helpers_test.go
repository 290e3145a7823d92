package ticketscloud_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// sent is a request that arrived.
type sent struct{ method, uri, body string }

// answers returns a client that gets the answers one after another, and its requests. The
// last answer is repeated.
func answers(t *testing.T, status int, bodies ...string) (*ticketscloud.Client, *[]sent) {
	t.Helper()
	requests := new([]sent)
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		var body strings.Builder
		if r.Body != nil {
			_, _ = fmt.Fprint(&body, readAll(r))
		}
		*requests = append(*requests, sent{r.Method, r.URL.RequestURI(), body.String()})
		return httpmock.NewStringResponse(status, bodies[min(len(*requests), len(bodies))-1]), nil
	})
	c, err := ticketscloud.New(ticketscloud.Config{Key: "key-of-a-test", BaseURL: ticketscloud.Stage},
		rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	return c, requests
}

// warned returns a client that gets the same answer to each request. The function returns
// the paths and ids of the values that the client warned about.
func warned(t *testing.T, body string) (*ticketscloud.Client, func() []string) {
	t.Helper()
	var log bytes.Buffer
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, body))
	c, err := ticketscloud.New(ticketscloud.Config{Key: "key-of-a-test", BaseURL: ticketscloud.Stage}, rutravel.WithHTTPClient(&http.Client{Transport: m}),
		rutravel.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	require.NoError(t, err)
	return c, func() (values []string) {
		for _, found := range regexp.MustCompile(`msg="unreadable value" .* path=(\S+) id=(\S+)`).FindAllStringSubmatch(log.String(), -1) {
			values = append(values, found[1]+" "+found[2])
		}
		return values
	}
}

// dated returns a client that gets answers with the Date of a clock that is ahead of this
// machine's clock. The last answer is repeated.
func dated(t *testing.T, ahead time.Duration, bodies ...string) *ticketscloud.Client {
	t.Helper()
	var n int
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		n++
		r := httpmock.NewStringResponse(http.StatusOK, bodies[min(n, len(bodies))-1])
		r.Header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		return r, nil
	})
	c, err := ticketscloud.New(ticketscloud.Config{Key: "key-of-a-test", BaseURL: ticketscloud.Stage},
		rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	return c
}

func readAll(r *http.Request) string {
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := r.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

func file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../testdata/ticketscloud/" + name)
	require.NoError(t, err)
	return string(text)
}

func newFake(t *testing.T, opts ...rutravel.Option) (*ticketscloudtest.Server, *ticketscloud.Client) {
	t.Helper()
	fake := ticketscloudtest.New()
	c, err := ticketscloud.New(fake.Config(), append(opts, rutravel.WithHTTPClient(fake.HTTPClient()))...)
	require.NoError(t, err)
	return fake, c
}

func quote(t *testing.T, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	require.NoError(t, err)
	return string(text)
}

func unmarshal(t *testing.T, text string, p any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), p))
}

const (
	orderID  = ticketscloud.OrderID("5d8b924971a0bf323bd6a6ed") // of the tickets below
	ticketA  = ticketscloud.TicketID("5d7135113f18da51a186ad16")
	ticketB  = ticketscloud.TicketID("5d7134962110d30a34e95cfe")
	heldID   = ticketscloud.OrderID("5d39bf878cd381a4891e07b7")
	namedID  = ticketscloud.OrderID("5bacf64ea0eb2f000c45160a")
	eventID  = ticketscloud.EventID("5d31fbdd27649b0dff076117")
	refundID = ticketscloud.RefundID("5dfa1fa437077b6b6ed0f6b3")
	soldID   = ticketscloud.OrderID("5def7c43e3ed5ae2a8d6908b")
	setID    = ticketscloud.SetID("5d31fbfa27649b0dff07611b")
)

func changed(t *testing.T, id ticketscloud.OrderID, body string) (ticketscloud.Order, error) {
	t.Helper()
	c, _ := answers(t, http.StatusOK, body)
	return c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: id}, ticketscloud.OrderChange{SendTickets: new(true)})
}

func changedBy(t *testing.T, c *ticketscloud.Client) (ticketscloud.Order, error) {
	t.Helper()
	return c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, ticketscloud.OrderChange{SendTickets: new(true)})
}

func utc(year int, month time.Month, day, hour, minute, second, nanosecond int) time.Time {
	return time.Date(year, month, day, hour, minute, second, nanosecond, time.UTC)
}

func createRefund(t *testing.T, c *ticketscloud.Client) error {
	t.Helper()
	_, err := c.CreateRefund(t.Context(), ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{"5dd5469b05fe4df8940eb613"}})
	return err
}

// hold creates an order of one ticket of the concert's fan zone.
func hold(t *testing.T, c *ticketscloud.Client, n int) ticketscloud.Order {
	t.Helper()
	o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{
		Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: n}},
	})
	require.NoError(t, err)
	require.False(t, o.Missing.Any())
	return o
}

// orderText is an order. A ticket is its id and its category. Tickets of "seats" and
// "balcony" have seats.
func orderText(id string, status ticketscloud.OrderStatus, tickets ...[2]string) string {
	var list []string
	for _, t := range tickets {
		var seat string
		if t[1] == "seats" || t[1] == "balcony" {
			seat = fmt.Sprintf(`,"seat":{"row":"1","number":%q}`, t[0])
		}
		list = append(list, fmt.Sprintf(`{"id":%q,"set":%q,"full":"1.00"%s}`, t[0], t[1], seat))
	}
	return fmt.Sprintf(`{"id":%q,"status":%q,"tickets":[%s],"values":{"full":"1.00"}}`, id, status, strings.Join(list, ","))
}

func listText(orders ...string) string { return `{"data":[` + strings.Join(orders, ",") + `]}` }

func dataText(order string) string { return `{"data":` + order + `}` }

// assertInvalid checks that a call was refused before anything was sent.
func assertInvalid(t *testing.T, err error, field, problem, name string) {
	t.Helper()
	bad, ok := errors.AsType[*rutravel.FieldError](err)
	if !assert.True(t, ok, "%s: %v", name, err) {
		return
	}
	assert.Equal(t, rutravel.FieldError{Field: field, Problem: problem}, *bad, name)
	assert.ErrorIs(t, err, rutravel.ErrInvalid, name)
	assert.Zero(t, conformance.Failure(t, err, rutravel.ErrInvalid).Attempts, name)
}
