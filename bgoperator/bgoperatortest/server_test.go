package bgoperatortest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

// All calls succeed with every shape that the manual leaves open. BG-T08, BG-T12,
// BG-T18, BG-T19, BG-T38.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]bgoperatortest.Quirks{
		"as the samples":        {},
		"old cookies":           {OldCookies: true, LoginOK: true},
		"unpacked":              {Unpacked: true},
		"misprints":             {RoomMeal: true, Fullamout: true},
		"spaces":                {Spaces: true, RoomMeal: true, TicketInTour: true},
		"airport slots":         {AirportSlots: true, Unconfirmed: true},
		"without a flight":      {NoPID: true, TransfersDone: "status"},
		"id and number instead": {TransfersDone: "id", SameBooking: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, c := start(t)
			fake.SetQuirks(q)
			flow(t, fake, c)
			var logins int
			for _, r := range fake.Requests() {
				if r.Op == "login" {
					logins++
				}
			}
			assert.Equal(t, 1, logins)
		})
	}
}

// All calls succeed through a socket.
func TestOverSocket(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL, cfg.LoginURL = srv.URL+"/zayavkaapi", srv.URL+"/auth"
	c, err := bgoperator.New(cfg)
	require.NoError(t, err)
	flow(t, fake, c)
}

// The answer to a request outside the manual's protocol is an HTTP status, not a code.
func TestProtocol(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	send := func(method, target, body string, header http.Header) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+target, strings.NewReader(body))
		require.NoError(t, err)
		r.Header = header
		resp, err := http.DefaultTransport.RoundTrip(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp
	}
	gzip := func() http.Header { return http.Header{"Accept-Encoding": {"gzip"}} }
	assert.Equal(t, http.StatusNotAcceptable, send(http.MethodPost, "/auth", "", http.Header{"Accept-Encoding": {"identity"}}).StatusCode)
	form := gzip()
	form.Set("Content-Type", "application/x-www-form-urlencoded")
	wrong := send(http.MethodPost, "/auth", "login=agency&pwd=x", form)
	assert.Equal(t, http.StatusOK, wrong.StatusCode)
	assert.Empty(t, wrong.Cookies())
	assert.Equal(t, http.StatusBadRequest, send(http.MethodGet, "/auth", "", gzip()).StatusCode)

	session := gzip()
	logIn := func() {
		var all []string
		for _, c := range send(http.MethodPost, "/auth", "login=agency&pwd="+bgoperatortest.Password, form).Cookies() {
			all = append(all, c.Name+"="+c.Value)
		}
		session.Set("Cookie", strings.Join(all, "; "))
	}
	logIn()
	const order = "/zayavkaapi?action=createtour&prx=1"
	assert.Equal(t, http.StatusUnauthorized, send(http.MethodPost, order, "<tours/>", gzip()).StatusCode)
	assert.Equal(t, http.StatusBadRequest, send(http.MethodPost, order, "<tours/>", session).StatusCode)
	assert.Equal(t, http.StatusUnauthorized, send(http.MethodPost, order, "<tours/>", session).StatusCode, "the cookie was used before")
	for _, test := range []struct{ method, target, body string }{
		{http.MethodPost, "/zayavkaapi?idTour=1&action=canceltour", "<x/>"},
		{http.MethodGet, "/zayavkaapi?idTour=1&action=cancelTour", ""},
		{http.MethodGet, "/zayavkaapi?idTour=1&action=canceltour&ticket=1&confirm=yes", ""},
		{http.MethodPost, "/zayavkaapi?prx=1&action=createtour", ""},
	} {
		logIn()
		assert.Equal(t, http.StatusBadRequest, send(test.method, test.target, test.body, session).StatusCode, test.target)
	}
	logIn()
	ok := send(http.MethodPost, "/zayavkaapi?prx=1&action=createtour", "<Tours/>", session)
	assert.Equal(t, http.StatusOK, ok.StatusCode)
	assert.Equal(t, "gzip", ok.Header.Get("Content-Encoding"))
	assert.Len(t, ok.Cookies(), 1, "the cookie changes")
}

// The recorded requests have no credentials.
func TestRequests(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	_, err := c.TouristTransfers(t.Context(), "17")
	require.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
	assert.Equal(t, []bgoperatortest.Request{
		{Op: "login"}, {Op: "showtransfers", Query: "idTour=17&action=showtransfers"},
	}, fake.Requests())
}

// Each fault does what its field says, without and with a socket.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  bgoperatortest.Fault
		kind   rutravel.Kind // of the booking's error; "" means success
		booked bool
	}{
		"none":             {bgoperatortest.Fault{}, "", true},
		"of another":       {bgoperatortest.Fault{Op: "canceltour", Drop: true}, "", true},
		"delay":            {bgoperatortest.Fault{Delay: time.Millisecond}, "", true},
		"drop":             {bgoperatortest.Fault{Drop: true}, rutravel.ErrNotConfirmed, false},
		"process and drop": {bgoperatortest.Fault{Drop: true, Processed: true}, rutravel.ErrNotConfirmed, true},
		"status":           {bgoperatortest.Fault{Status: http.StatusBadGateway}, rutravel.ErrNotConfirmed, false},
		"body":             {bgoperatortest.Fault{Body: "<html>", Processed: true}, rutravel.ErrNotConfirmed, true},
		"cut":              {bgoperatortest.Fault{Cut: 10}, rutravel.ErrNotConfirmed, true},
		"too many": {bgoperatortest.Fault{
			Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		}, rutravel.ErrRateLimited, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(t *testing.T, fake *bgoperatortest.Server, c *bgoperator.Client) {
				t.Helper()
				request := tour(fake.Offers()[0], "1")
				_, err := c.Quote(t.Context(), request)
				require.NoError(t, err)
				fake.Inject(test.fault)
				_, err = c.Book(context.WithoutCancel(t.Context()), request)
				if test.kind == "" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, test.kind)
				}
				assert.Equal(t, test.booked, len(fake.Bookings()) == 1)
			}
			fake, c := start(t)
			check(t, fake, c)

			fake = bgoperatortest.New()
			srv := httptest.NewServer(fake)
			t.Cleanup(srv.Close)
			cfg := fake.Config()
			cfg.BaseURL, cfg.LoginURL = srv.URL, srv.URL+"/auth"
			c, err := bgoperator.New(cfg)
			require.NoError(t, err)
			check(t, fake, c)
		})
	}
}

// With OneSession, a login ends the sessions before it.
func TestOneSession(t *testing.T) {
	t.Parallel()
	for one, logins := range map[bool]int{false: 2, true: 4} {
		fake, first := start(t)
		fake.SetQuirks(bgoperatortest.Quirks{OneSession: one})
		second, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		for range 2 {
			for _, c := range []*bgoperator.Client{first, second} {
				_, err := c.Quote(t.Context(), tour(fake.Offers()[0], "1"))
				require.NoError(t, err)
			}
		}
		n := 0
		for _, r := range fake.Requests() {
			if r.Op == "login" {
				n++
			}
		}
		assert.Equal(t, logins, n, one)
	}
}

// With ForeignErrors, a refusal is about a tour that was not sent.
func TestForeignErrors(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	request := tour(fake.Offers()[0], "1")
	_, err := c.Book(t.Context(), request)
	require.NoError(t, err)
	fake.SetQuirks(bgoperatortest.Quirks{ForeignErrors: true})
	_, err = c.Book(t.Context(), request)
	require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	var refusal *bgoperator.RefusalError
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, "another", refusal.ClientTourID)
	assert.Empty(t, refusal.DuplicateOf)
}

// Export returns the pages that were added. They need a session.
func TestExports(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL, cfg.LoginURL, cfg.ExportURL = srv.URL+"/zayavkaapi", srv.URL+"/auth", srv.URL
	c, err := bgoperator.New(cfg)
	require.NoError(t, err)
	fake.AddExport("/a?b=1", []byte("page"))
	page, err := c.Export(t.Context(), "/a?b=1")
	require.NoError(t, err)
	assert.Equal(t, "page", string(page))
	_, err = c.Export(t.Context(), "/a?b=2")
	require.ErrorIs(t, err, rutravel.ErrProtocol)
	assert.Equal(t, bgoperatortest.Request{Op: "export", Query: "b=1"}, fake.Requests()[1])

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/a?b=1", http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
}

// Reset returns the fake to the state of New.
func TestReset(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	fake.SetQuirks(bgoperatortest.Quirks{OneSession: true, Fullamout: true})
	fake.AddOffer(bgoperator.Offer{Prx: "1", Country: "2", TemplateID: "3", StartDate: "06.09.2014"})
	fake.AddExport("/a", []byte("page"))
	fake.CloseTransfers()
	request := tour(fake.Offers()[0], "1")
	booking, err := c.Book(t.Context(), request)
	require.NoError(t, err)
	fake.Inject(bgoperatortest.Fault{Drop: true})
	fake.Reset()
	assert.Empty(t, fake.Faults())
	assert.Empty(t, fake.Bookings())
	assert.Empty(t, fake.Requests())
	assert.Equal(t, bgoperatortest.New().Offers(), fake.Offers())
	again, err := c.Book(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, booking, again, "ids are counted from the first")
	assert.Equal(t, "createtour+confirm", fake.Requests()[0].Op, "nobody is logged in")
	assert.Equal(t, "login", fake.Requests()[1].Op)
	_, err = c.Export(t.Context(), "/a")
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
}
