package sandbox_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
	"github.com/rutravel/rutravel-go/sandbox"
	"github.com/rutravel/rutravel-go/sandbox/record"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

func newSandbox(t *testing.T, cfg sandbox.Config) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.New(cfg)
	require.NoError(t, err)
	return box
}

// direct reaches a handler without a socket. A connection that the handler breaks
// is an error.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	w := httptest.NewRecorder()
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("broken connection: %v", problem)
		}
	}()
	request := r.Clone(r.Context())
	if request.Body == nil {
		request.Body = http.NoBody
	}
	d.handler.ServeHTTP(w, request)
	resp = w.Result()
	resp.Request = r
	return resp, nil
}

const base = "http://127.0.0.1:8080"

// api calls the control API and decodes the answer into to, unless that is nil.
func api(t *testing.T, h http.Handler, run, method, path, body string, to any) int {
	t.Helper()
	r := httptest.NewRequest(method, base+"/sandbox/v1/"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if run != "" {
		r.Header.Set(sandbox.RunHeader, run)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if to != nil {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), to), w.Body.String())
	}
	return w.Code
}

func coaches(t *testing.T, h http.Handler, prefix string) *regionbilet.Client {
	t.Helper()
	c, err := regionbilet.New(regionbilet.Config{
		User: regionbilettest.User, SecretKey: regionbilettest.SecretKey, BaseURL: base + prefix + "/regionbilet",
	}, rutravel.WithHTTPClient(&http.Client{Transport: direct{h}}))
	require.NoError(t, err)
	return c
}

// book books the first free seat of a trip in two days.
func book(t *testing.T, c *regionbilet.Client, surname string) regionbilet.Hold {
	t.Helper()
	trips, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: regionbilet.Today().AddDays(2)})
	require.NoError(t, err)
	require.NotEmpty(t, trips)
	free, err := c.FreeSeats(t.Context(), trips[0].Key())
	require.NoError(t, err)
	hold, err := c.Book(t.Context(), regionbilet.BookRequest{
		Trip: trips[0].Key(), Phone: "9187557788",
		Passengers: []regionbilet.Passenger{{
			Surname: surname, FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
			BirthDate: civil.Date{Year: 1977, Month: time.January, Day: 1}, Nationality: "643", DocumentType: "1",
			Document: "0701 755756", Seat: free[0], Price: trips[0].Adult.Price,
		}},
	})
	require.NoError(t, err)
	return hold
}

// Given a fault of the control API, expect the library's client to find a lost
// payment, and the books, the calls and the console to show it.
func TestLostPayment(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	c := coaches(t, box, "")
	hold := book(t, c, "ИВАНОВ")
	var fault sandbox.Fault
	require.Equal(t, 200, api(t, box, "", "POST", "faults", `{"supplier":"regionbilet","op":"pay","drop":true,"processed":true}`, &fault))
	assert.NotEmpty(t, fault.ID)
	_, err := c.Pay(t.Context(), hold)
	require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	tickets, err := c.BookingTickets(t.Context(), hold.Booking)
	require.NoError(t, err)
	assert.Equal(t, regionbilet.TicketPaid, tickets[0].Status)

	var state record.State
	require.Equal(t, 200, api(t, box, "", "GET", "state?supplier=regionbilet", "", &state))
	require.Len(t, state.Bookings, 1)
	assert.Equal(t, string(hold.Booking), state.Bookings[0].ID)
	assert.Equal(t, record.Paid, state.Bookings[0].Status)
	assert.Equal(t, "517.54", state.Money[0].Paid.String())
	assert.Equal(t, "ИВАНОВ ИВАН", state.Bookings[0].Personal[0].Name)

	var calls []record.Call
	require.Equal(t, 200, api(t, box, "", "GET", "calls?op=pay", "", &calls))
	require.Len(t, calls, 1)
	assert.Equal(t, record.Lost, calls[0].Outcome)
	assert.True(t, calls[0].Processed)
	assert.Contains(t, calls[0].Request.Text, "id_booking = "+string(hold.Booking))
	assert.Contains(t, calls[0].Answer.Text, `"number_ticket"`)
	require.Equal(t, 200, api(t, box, "", "GET", "calls?supplier=regionbilet&after=3", "", &calls))
	assert.Equal(t, "pay", calls[0].Op)
}

// Given a clock that moves on, expect a hold to expire. Given Expire and SetSoldOut,
// expect the same and nothing for sale.
func TestClockAndStock(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	c := coaches(t, box, "")
	run, err := box.Run("")
	require.NoError(t, err)
	status := func() record.Status {
		all := run.State()[sandbox.Regionbilet].Bookings
		return all[len(all)-1].Status
	}
	book(t, c, "ИВАНОВ")
	assert.Equal(t, record.Held, status())
	require.Equal(t, 200, api(t, box, "", "POST", "clock", `{"advance":"19m"}`, nil))
	assert.Equal(t, record.Held, status())
	require.NoError(t, run.Advance(2*time.Minute))
	assert.Equal(t, record.Expired, status())
	assert.WithinDuration(t, time.Now().Add(21*time.Minute), run.Now(), time.Minute)

	book(t, c, "ПЕТРОВ")
	require.Equal(t, 204, api(t, box, "", "POST", "expire", `{"supplier":"regionbilet"}`, nil))
	assert.Equal(t, record.Expired, status())
	assert.Equal(t, 400, api(t, box, "", "POST", "expire", `{"supplier":"multitour"}`, nil))
	for _, supplier := range sandbox.Suppliers()[:5] {
		require.Equal(t, 204, api(t, box, "", "POST", "sold-out", `{"supplier":"`+supplier+`","sold_out":true}`, nil))
		state := run.State()[supplier]
		assert.True(t, state.SoldOut, supplier)
		for _, item := range state.Stock {
			assert.Zero(t, item.Free, supplier)
		}
		require.NoError(t, run.SetSoldOut(supplier, false))
		free := 0
		for _, item := range run.State()[supplier].Stock {
			free += item.Free
		}
		assert.Positive(t, free, supplier)
	}
	require.Error(t, run.SetSoldOut(sandbox.Catalogue, true))
	require.Equal(t, 204, api(t, box, "", "POST", "reset", "", nil))
	assert.Empty(t, run.State()[sandbox.Regionbilet].Bookings)
	assert.Empty(t, run.Calls())
	assert.WithinDuration(t, time.Now(), run.Now(), time.Minute)
}

// Given two runs, by header and by path, expect neither to see anything of the other
// or of the default run, and the gRPC catalogue to follow the header.
func TestIsolation(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	book(t, coaches(t, box, "/run/a"), "АНДРЕЕВ")
	require.Equal(t, 200, api(t, box, "a", "POST", "faults", `{"supplier":"smartway","drop":true}`, nil))
	require.Equal(t, 200, api(t, box, "a", "POST", "clock", `{"advance":"1h"}`, nil))
	require.Equal(t, 200, api(t, box, "a", "PUT", "quirks/multitour", `{"Strings":true}`, nil))
	for _, other := range []string{"", "b"} {
		for _, path := range []string{"state", "calls", "faults", "clock", "quirks/multitour", ""} {
			r := httptest.NewRequest(http.MethodGet, base+"/sandbox/v1/"+path, nil)
			if other != "" {
				r.Header.Set(sandbox.RunHeader, other)
			}
			w := httptest.NewRecorder()
			box.ServeHTTP(w, r)
			assert.Equal(t, 200, w.Code, path)
			assert.NotContains(t, w.Body.String(), "АНДРЕЕВ", path)
			assert.NotContains(t, w.Body.String(), `"Strings": true`, path)
			assert.NotContains(t, w.Body.String(), `"drop"`, path)
		}
		run, err := box.Run(other)
		require.NoError(t, err)
		assert.WithinDuration(t, time.Now(), run.Now(), time.Minute)
	}
	var state map[string]record.State
	require.Equal(t, 200, api(t, box, "a", "GET", "state", "", &state))
	assert.Len(t, state[sandbox.Regionbilet].Bookings, 1)
	assert.Equal(t, 403, api(t, box, "b", "GET", "runs", "", nil))
	assert.Equal(t, 403, api(t, box, "b", "DELETE", "runs/a", "", nil))
	var names []string
	require.Equal(t, 200, api(t, box, "", "GET", "runs", "", &names))
	assert.Equal(t, []string{"a", "b"}, names)

	// The catalogue shows the tickets that the shop of the same run has left.
	vacant := func(run string) int {
		catalogue, err := tcsimple.New(tcsimple.Config{Key: ticketscloudtest.Key, BaseURL: base},
			rutravel.WithHTTPClient(&http.Client{Transport: named{streaming{box}, run}}))
		require.NoError(t, err)
		free := 0
		for e, err := range catalogue.Events(t.Context(), tcsimple.EventQuery{}) {
			require.NoError(t, err)
			for _, set := range e.Sets {
				free += set.Vacant
			}
		}
		return free
	}
	shop, err := ticketscloud.New(ticketscloud.Config{Key: ticketscloudtest.Key, BaseURL: base + "/run/a/ticketscloud"},
		rutravel.WithHTTPClient(&http.Client{Transport: direct{box}}))
	require.NoError(t, err)
	_, err = shop.CreateOrder(t.Context(), ticketscloud.NewOrder{
		Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 3}},
	})
	require.NoError(t, err)
	assert.Equal(t, vacant("b")-3, vacant("a"))

	assert.Equal(t, 204, api(t, box, "", "DELETE", "runs/a", "", nil))
	require.Equal(t, 200, api(t, box, "a", "GET", "state", "", &state))
	assert.Empty(t, state[sandbox.Regionbilet].Bookings)
}

// named names the run of each request.
type named struct {
	http.RoundTripper
	run string
}

func (n named) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(sandbox.RunHeader, n.run)
	return n.RoundTripper.RoundTrip(r)
}

// streaming reaches a handler of gRPC without a socket. Trailers become trailers.
type streaming struct{ handler http.Handler }

func (s streaming) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0
	resp, err := direct(s).RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Proto, resp.ProtoMajor, resp.ProtoMinor = "HTTP/2.0", 2, 0
	text, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(strings.NewReader(string(text)))
	return resp, err
}

// Given too many runs, expect a clear error and no state to be lost.
func TestTooManyRuns(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{MaxRuns: 2})
	book(t, coaches(t, box, "/run/a"), "АНДРЕЕВ")
	assert.Equal(t, 200, api(t, box, "b", "GET", "state", "", nil))
	var problem map[string]string
	assert.Equal(t, 429, api(t, box, "c", "GET", "state", "", &problem))
	assert.Contains(t, problem["error"], "DELETE")
	run, err := box.Run("a")
	require.NoError(t, err)
	assert.Len(t, run.State()[sandbox.Regionbilet].Bookings, 1)
	assert.Equal(t, 204, api(t, box, "b", "DELETE", "runs/b", "", nil))
	assert.Equal(t, 200, api(t, box, "c", "GET", "state", "", nil))
}

// Given a seed, expect its stock and its clock in each run and after a reset. Given a
// seed that cannot be sold, expect an error that names the supplier and no change.
func TestSeed(t *testing.T) {
	t.Parallel()
	seed := `{
		"clock": "2030-05-01T09:00:00+03:00",
		"smartway": {"Employees": [{"ID": "8754", "Surname": "Волина", "FirstName": "Ирина", "Companies": ["11525"]}]},
		"multitour": {"Hotels": [{"ID": "10", "Name": "Прибой", "City": "1440", "Rates": [
			{"Room": "2-х местный", "Places": 2, "Quota": 1, "Tariff": "Завтрак", "MealType": "2", "Adult": "1500", "Child": "900"}]}]}
	}`
	box := newSandbox(t, sandbox.Config{Seed: []byte(seed)})
	for _, name := range []string{"", "x"} {
		run, err := box.Run(name)
		require.NoError(t, err)
		check := func() {
			assert.Equal(t, "Прибой", run.State()[sandbox.Multitour].Stock[0].Name)
			assert.Equal(t, "Волина Ирина", run.State()[sandbox.Smartway].Employees[1].Name)
			assert.Equal(t, 2030, run.Now().Year())
			assert.Equal(t, 2030, run.State()[sandbox.Regionbilet].Now.Year())
		}
		check()
		require.NoError(t, run.Advance(time.Hour))
		require.NoError(t, run.Reset())
		check()
		err = run.Seed([]byte(`{"multitour": {"Hotels": []}, "regionbilet": {"Trips": [{"ID": "1"}]}}`))
		require.ErrorContains(t, err, "regionbilet: trip 1")
		check()
	}
	_, err := sandbox.New(sandbox.Config{Seed: []byte(`{"hotels": []}`)})
	assert.ErrorContains(t, err, `unknown field "hotels"`)
	_, err = sandbox.New(sandbox.Config{Latency: -1})
	assert.Error(t, err)
}

// Given quirks in JSON, expect them in the fake and back. Durations are texts.
func TestQuirks(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	run, err := box.Run("")
	require.NoError(t, err)
	var got map[string]any
	require.Equal(t, 200, api(t, box, "", "PUT", "quirks/multitour", `{"ListDelay":"1m30s","PageLimit":2,"Strings":true}`, &got))
	assert.Equal(t, "1m30s", got["ListDelay"])
	assert.Equal(t, 90*time.Second, run.Multitour.Quirks().ListDelay)
	assert.Equal(t, 2, run.Multitour.Quirks().PageLimit)
	for body, want := range map[string]string{
		`{"listdelay":"1s"}`:    "unknown quirk",
		`{"ListDelay":5}`:       "duration",
		`{"ListDelay":"-5s"}`:   "duration",
		`{"PageLimit":"many"}`:  "type int",
		`{"Strings":true} true`: "more than one",
		``:                      "empty",
	} {
		var problem map[string]string
		assert.Equal(t, 400, api(t, box, "", "PUT", "quirks/multitour", body, &problem), body)
		assert.Contains(t, problem["error"], want, body)
	}
	assert.Equal(t, 2, run.Multitour.Quirks().PageLimit)
	for _, supplier := range sandbox.Suppliers() {
		assert.Equal(t, 200, api(t, box, "", "GET", "quirks/"+supplier, "", &got), supplier)
		assert.NotEmpty(t, got, supplier)
	}
}

// Given each kind of fault for each supplier, expect it in the list and then gone.
func TestFaults(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	for _, supplier := range sandbox.Suppliers() {
		for _, fault := range []string{
			`"drop":true`, `"drop":true,"processed":true`, `"refuse":true`, `"reject":true`, `"delay":"2s"`, `"cut":5`,
			`"status":429,"header":{"Retry-After":["7"]},"body":"slow"`,
		} {
			var added sandbox.Fault
			require.Equal(t, 200, api(t, box, "", "POST", "faults", `{"supplier":"`+supplier+`",`+fault+`}`, &added), fault)
			var all []sandbox.Fault
			require.Equal(t, 200, api(t, box, "", "GET", "faults", "", &all))
			require.Len(t, all, 1)
			if supplier == sandbox.Catalogue { // a stream has no Processed
				all[0].Processed = added.Processed
			}
			assert.Equal(t, added, all[0], fault)
			require.Equal(t, 204, api(t, box, "", "DELETE", "faults/"+added.ID, "", nil))
			require.Equal(t, 404, api(t, box, "", "DELETE", "faults/"+added.ID, "", nil))
		}
	}
	run, err := box.Run("")
	require.NoError(t, err)
	_, err = run.Inject(sandbox.Fault{Supplier: sandbox.Smartway, Delay: 2 * time.Second, Late: true})
	require.NoError(t, err)
	assert.Equal(t, 2*time.Second, run.Faults()[0].Delay)
	assert.Equal(t, 204, api(t, box, "", "DELETE", "faults", "", nil))
	assert.Empty(t, run.Faults())
}

// Given a rejection, expect a refusal in the documented shape from each supplier.
func TestReject(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	run, err := box.Run("")
	require.NoError(t, err)
	c := coaches(t, box, "")
	hold := book(t, c, "ИВАНОВ")
	_, err = run.Inject(sandbox.Fault{Supplier: sandbox.Regionbilet, Op: "pay", Reject: true})
	require.NoError(t, err)
	_, err = c.Pay(t.Context(), hold)
	require.ErrorIs(t, err, rutravel.ErrRejected)
	_, err = c.Pay(t.Context(), hold)
	require.NoError(t, err)

	over := rutravel.WithHTTPClient(&http.Client{Transport: direct{box}})
	flights, err := smartway.New(smartway.Config{Username: smartwaytest.Username, Password: smartwaytest.Password, BaseURL: base + "/smartway"}, over)
	require.NoError(t, err)
	tours, err := multitour.New(multitour.Config{Token: multitourtest.Token, UserKey: multitourtest.UserKey, BaseURL: base + "/multitour/"}, over)
	require.NoError(t, err)
	globus, err := bgoperator.New(bgoperator.Config{
		Login: bgoperatortest.Login, Password: bgoperatortest.Password, BaseURL: base + "/bgoperator/zayavkaapi", LoginURL: base + "/bgoperator/auth",
	}, over)
	require.NoError(t, err)
	shop, err := ticketscloud.New(ticketscloud.Config{Key: ticketscloudtest.Key, BaseURL: base + "/ticketscloud"}, over)
	require.NoError(t, err)
	catalogue, err := tcsimple.New(tcsimple.Config{Key: ticketscloudtest.Key, BaseURL: base}, rutravel.WithHTTPClient(&http.Client{Transport: streaming{box}}))
	require.NoError(t, err)
	for _, test := range []struct {
		supplier, op string
		call         func() error
		works        bool // without the fault
	}{
		{sandbox.Smartway, "ping", func() error { return flights.Ping(t.Context()) }, true},
		{sandbox.Multitour, "map.country", func() error {
			_, err := tours.Countries(t.Context(), multitour.AllTours)
			return err
		}, true},
		{sandbox.Bgoperator, "canceltour", func() error {
			_, err := globus.QuoteCancel(t.Context(), "104400000842366804")
			return err
		}, false},
		{sandbox.Ticketscloud, "refunds.list", func() error {
			_, err := shop.RefundsPage(t.Context(), ticketscloud.RefundQuery{})
			return err
		}, true},
		{sandbox.Catalogue, "Countries", func() error {
			for _, err := range catalogue.Countries(t.Context(), tcsimple.CountryQuery{}) {
				if err != nil {
					return err
				}
			}
			return nil
		}, true},
	} {
		_, err = run.Inject(sandbox.Fault{Supplier: test.supplier, Op: test.op, Reject: true})
		require.NoError(t, err)
		var refused *rutravel.Error
		require.ErrorAs(t, test.call(), &refused, test.supplier)
		assert.NotErrorIs(t, refused, rutravel.ErrNotConfirmed, test.supplier)
		assert.Empty(t, run.Faults(), test.supplier)
		calls := run.Calls()
		assert.Equal(t, record.Rejected, calls[len(calls)-1].Outcome, test.supplier)
		if test.works {
			assert.NoError(t, test.call(), test.supplier)
		}
	}
}

// Given calls with credentials, right or wrong, expect none of them anywhere.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	const secret = "q-very-secret"
	for _, call := range []struct{ method, path, kind, body string }{
		{"GET", "/regionbilet?user=agent&skey=" + secret + "&command=from", "", ""},
		{"GET", "/regionbilet?user=agent&skey=" + secret + "&command=%zz", "", ""},
		{"GET", "/regionbilet?skey=" + secret + ";&command=from", "", ""},
		{"POST", "/multitour/", "application/json", `{"header":{"token":"` + secret + `","method":"map.country"},"request":{}}`},
		{"POST", "/multitour/", "application/json", `{"header":{"token":["` + secret + `"],"method":"map.country"},"request":{}}`},
		{"POST", "/multitour/", "application/json", `{"header":{"token":"` + secret},
		{"POST", "/bgoperator/auth", "application/x-www-form-urlencoded", "login=a&pwd=" + secret},
		{"POST", "/ticketscloud/v2/resources/orders", "application/json", `{}`},
		{"POST", "/smartway", "application/json", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"authorization":{"username":"` + secret + `","password":"` + secret + `"},"query":{}}}`},
	} {
		r := httptest.NewRequest(call.method, base+call.path, strings.NewReader(call.body))
		r.Header.Set("Content-Type", call.kind)
		r.Header.Set("Authorization", "key "+secret)
		r.AddCookie(&http.Cookie{Name: "A1", Value: secret})
		box.ServeHTTP(httptest.NewRecorder(), r)
	}
	for _, path := range []string{"/sandbox/v1/calls", "/sandbox/v1/state", "/sandbox/v1/faults", "/"} {
		w := httptest.NewRecorder()
		box.ServeHTTP(w, httptest.NewRequest(http.MethodGet, base+path, nil))
		assert.Equal(t, 200, w.Code)
		assert.NotContains(t, w.Body.String(), secret, path)
	}
	run, err := box.Run("")
	require.NoError(t, err)
	assert.Len(t, run.Calls(), 9)
}

// Given many and large calls, expect the memory of a run to stay within its bounds.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{MaxCalls: 50})
	run, err := box.Run("")
	require.NoError(t, err)
	for i := range 150 {
		body := `{"x":"` + strings.Repeat("y", 100_000) + `"}`
		r := httptest.NewRequest(http.MethodPost, base+"/multitour/", strings.NewReader(body))
		box.ServeHTTP(httptest.NewRecorder(), r)
		if i%50 == 0 {
			runtime.GC()
		}
	}
	calls := run.Calls()
	assert.LessOrEqual(t, len(calls), 50)
	assert.Equal(t, 150, calls[len(calls)-1].ID)
	size := 0
	for _, c := range calls {
		size += len(c.Request.Text) + len(c.Answer.Text)
	}
	assert.LessOrEqual(t, size, 4<<20)
	assert.LessOrEqual(t, len(run.Multitour.Requests()), 100)
}

// Given a listener, expect it to hear of calls as they arrive, in JSON and for the
// console in HTML without markup of the caller.
func TestEvents(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	srv := httptest.NewServer(box)
	t.Cleanup(srv.Close)
	for _, path := range []string{"/sandbox/v1/events", "/sandbox/console/events?lang=ru"} {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+path, nil)
		require.NoError(t, err)
		resp, err := srv.Client().Do(r)
		require.NoError(t, err)
		lines := bufio.NewScanner(resp.Body)
		require.True(t, lines.Scan()) // retry
		ask, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/regionbilet?command=from&x=%3Cscript%3E", nil)
		require.NoError(t, err)
		asked, err := srv.Client().Do(ask)
		require.NoError(t, err)
		require.NoError(t, asked.Body.Close())
		var data strings.Builder
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				data.WriteString(text)
			} else if data.Len() > 0 {
				break
			}
		}
		assert.Contains(t, data.String(), "from", path)
		assert.NotContains(t, data.String(), "<script>", path)
		cancel()
		require.NoError(t, resp.Body.Close())
	}
}

// Given a latency, expect each supplier to answer so much later.
func TestLatency(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{Latency: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, base+"/regionbilet", nil)
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { box.ServeHTTP(httptest.NewRecorder(), r) })
}

// Given a handler of one supplier, expect it to need no path prefix.
func TestHandler(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	c, err := regionbilet.New(regionbilet.Config{User: regionbilettest.User, SecretKey: regionbilettest.SecretKey, BaseURL: base},
		rutravel.WithHTTPClient(&http.Client{Transport: direct{box.Handler(sandbox.Regionbilet)}}))
	require.NoError(t, err)
	_, err = c.Segments(t.Context())
	require.NoError(t, err)
	assert.Nil(t, box.Handler("other"))
}

// Given an address, a run and an authority, expect the environment of the examples.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	all := strings.Join(sandbox.Environment("https://sandbox:8443/", "", "/certs/ca.pem"), "\n")
	for _, want := range []string{
		"REGIONBILET_URL=https://sandbox:8443/regionbilet\n", "MULTITOUR_URL=https://sandbox:8443/multitour/\n",
		"TICKETSCLOUD_GRPC=https://sandbox:8443\n", "SMARTWAY_CA=/certs/ca.pem",
	} {
		assert.Contains(t, all, want)
	}
	all = strings.Join(sandbox.Environment("http://127.0.0.1:1", "x", ""), "\n")
	assert.Contains(t, all, "SMARTWAY_URL=http://127.0.0.1:1/run/x/smartway")
	assert.NotContains(t, all, "GRPC")
	assert.NotContains(t, all, "_CA=")
}

// The seed that README.md shows can be sold.
func TestReadmeSeed(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(readme), "```json\n")
	seed, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	run, err := newSandbox(t, sandbox.Config{Seed: []byte(seed)}).Run("")
	require.NoError(t, err)
	assert.Equal(t, "7", run.State()[sandbox.Regionbilet].Stock[0].ID)
}

// Given a link to the console on a page of another site, expect the console.
func TestLinkToConsole(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	for _, path := range []string{"/", "/?lang=ru", "/run/a", "/run/a/"} {
		for _, site := range []string{"cross-site", "same-site"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+path, nil)
			r.Header = http.Header{"Sec-Fetch-Site": {site}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}}
			w := httptest.NewRecorder()
			box.ServeHTTP(w, r)
			assert.Equal(t, http.StatusOK, w.Code, "%s %s", site, path)
		}
	}
}

// Given a listener of a run that is removed, expect the stream to end, so that the
// listener connects to the new run with this name.
func TestRemovedRunEndsItsListeners(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	server := httptest.NewServer(box)
	defer server.Close()
	for _, path := range []string{"/sandbox/v1/events", "/sandbox/console/events"} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/run/a"+path, nil)
		require.NoError(t, err)
		resp, err := server.Client().Do(r)
		require.NoError(t, err)
		lines := bufio.NewScanner(resp.Body)
		require.True(t, lines.Scan())
		require.True(t, lines.Scan()) // it listens before it says how to connect again
		require.True(t, box.RemoveRun("a"))
		for lines.Scan() { // to the end
		}
		require.NoError(t, lines.Err(), path)
		require.NoError(t, resp.Body.Close())
		cancel()
	}
}

// Given HEAD for events, expect an answer that ends.
func TestHeadOfEvents(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	for _, path := range []string{"/sandbox/v1/events", "/sandbox/console/events"} {
		w := httptest.NewRecorder()
		box.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodHead, "http://localhost"+path, nil))
		assert.Equal(t, "text/event-stream", w.Header().Get("Content-Type"), path)
	}
}

// Given a number of bookings, expect the word that goes with it.
func TestCountedBookings(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Config{})
	seats := coaches(t, box, "")
	for _, want := range [][2]string{{"0 <small>bookings<", "0 <small>броней<"}, {"1 <small>booking<", "1 <small>бронь<"}, {"2 <small>bookings<", "2 <small>брони<"}} {
		for i, lang := range []string{"en", "ru"} {
			w := httptest.NewRecorder()
			box.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/?lang="+lang, nil))
			assert.Contains(t, w.Body.String(), `<span class="figure">`+want[i])
		}
		book(t, seats, "ИВАНОВ")
	}
}
