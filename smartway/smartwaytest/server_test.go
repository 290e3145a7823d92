package smartwaytest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// The fake refuses requests that do not have the manual's form.
func TestStrictness(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	const login = `"authorization":{"username":"agent@example.com","password":"fake-password"}`
	for body, want := range map[string]string{
		`{"jsonrpc":"2.0","id":"a","method":"ping","params":{` + login + `,"query":{}}}`:                                                             `"result":null`,
		`{"jsonrpc":"1.0","id":1,"method":"ping","params":{` + login + `,"query":{}}}`:                                                               `-32600`,
		`{"jsonrpc":"2.0","id":null,"method":"ping","params":{` + login + `,"query":{}}}`:                                                            `-32600`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{` + login + `}}`:                                                                          `-32600`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{` + login + `,"query":{}},"more":1}`:                                                      `-32600`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{` + login + `,"query":null}}`:                                                             `-32602`,
		`{"jsonrpc":"2.0","id":1,"Method":"ping","params":{` + login + `,"query":{}}}`:                                                               `-32600`,
		`{"jsonrpc":"2.0","id":1,"method":"trip.get_by_range","params":{` + login + `,"query":{"Start_date":"2019-06-01","end_date":"2019-06-02"}}}`: `-32602`,
		`{"jsonrpc":"2.0","id":1,"method":"trip_voucher","params":{` + login + `,"query":1}}`:                                                        `-32601`,
		`{"jsonrpc":"2.0","id":1,"method":"trip.info","params":{` + login + `,"query":"1"}}`:                                                         `-32602`,
		`{"jsonrpc":"2.0","id":1,"method":"employees.list","params":{` + login + `,"query":{"companies_id":[]}}}`:                                    `-32602`,
		`{"jsonrpc":"2.0","id":1,"method":"trip.get_by_range","params":{` + login + `,"query":{"start_date":"2019-06-01"}}}`:                         `-32602`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"authorization":{"username":"x","password":"y"},"query":{}}}`:                             `"code":401,"data":null,"message":"Error: Unauthorized","name":"Error"`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			fake.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v2", strings.NewReader(body)))
			text, err := io.ReadAll(w.Body)
			require.NoError(t, err)
			assert.Contains(t, string(text), want, body)
			assert.Equal(t, strings.Contains(want, "401"), w.Code == http.StatusUnauthorized, body)
			assert.True(t, json.Valid(text))
		})
	}
	w := httptest.NewRecorder()
	fake.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v2", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
}

// The log has the requests without credentials.
func TestLog(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	c := client(t, fake)
	require.NoError(t, c.Ping(t.Context()))
	_, _ = c.Trips.Info(t.Context(), "7")
	want := []smartwaytest.Request{{Op: "ping", Params: json.RawMessage("{}")}, {Op: "trip.info", Params: json.RawMessage("7")}}
	assert.Equal(t, want, fake.Requests())
	fake.Inject(smartwaytest.Fault{Op: "ping", Refuse: true}, smartwaytest.Fault{Op: "ping", Refuse: true}, smartwaytest.Fault{Op: "ping", Refuse: true})
	require.ErrorIs(t, c.Ping(t.Context(), rutravel.WithMaxAttempts(3)), rutravel.ErrUnavailable)
	got := fake.Requests()
	assert.Equal(t, want, got, "a connection that was refused is not in the log")
	got[1].Params[0] = '8'
	assert.Equal(t, want, fake.Requests(), "Requests returns a copy")
}

// The client understands each quirk.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]smartwaytest.Quirks{
		"text id": {TextID: true}, "error null": {ErrorNull: true}, "cursor behind": {CursorBehind: true}, "city text": {CityText: true},
		"air object": {AirObject: true}, "empty null": {Empty: "null"}, "empty list": {Empty: "[]"}, "no external id": {NoExternalID: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := smartwaytest.New()
				fake.SetQuirks(quirks)
				c := client(t, fake)
				buy(t, c, "EC-BASE")
				history := c.Trips.AfterChange(t.Context(), 0)
				all, err := rutravel.Collect(history.All())
				require.NoError(t, err)
				assert.Len(t, all, 1)
				cursor, ok := history.Cursor()
				assert.True(t, ok)
				assert.Equal(t, smartway.Cursor(263401), cursor)
			})
		})
	}
	fake := smartwaytest.New()
	fake.SetQuirks(smartwaytest.Quirks{OtherID: true})
	require.ErrorIs(t, client(t, fake).Ping(t.Context()), rutravel.ErrProtocol)
	fake.SetQuirks(smartwaytest.Quirks{NoCursor: true, Unlisted: true})
	history := client(t, fake).Trips.AfterChange(t.Context(), 7)
	all, err := rutravel.Collect(history.All())
	require.NoError(t, err)
	assert.Empty(t, all)
	cursor, _ := history.Cursor()
	assert.Equal(t, smartway.Cursor(7), cursor)
}

// Two fakes give the same answers to the same requests.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	var texts [2][]byte
	for i := range texts {
		synctest.Test(t, func(t *testing.T) {
			c := client(t, smartwaytest.New())
			id := buy(t, c, "EC-BASE")
			require.Equal(t, smartway.TripID("189700"), id)
			_, err := c.Trips.Between(t.Context(), smartway.DateRange{
				From: civil.Date{Year: 1999, Month: 1, Day: 1}, To: civil.Date{Year: 2100, Month: 1, Day: 1},
			}, rutravel.WithRawAnswer(&texts[i]))
			require.NoError(t, err)
		})
	}
	id := regexp.MustCompile(`"id":\d{16}`) // of the request; the first one is random
	assert.Equal(t, string(id.ReplaceAll(texts[0], nil)), string(id.ReplaceAll(texts[1], nil)))
	assert.NotEmpty(t, texts[0])
}

func TestOverSocket(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	fake.SetQuirks(smartwaytest.Quirks{AtOnce: true})
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL = srv.URL
	c, err := smartway.New(cfg)
	require.NoError(t, err)
	id := buy(t, c, "EC-BASE")
	trip, err := c.Trips.Info(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, id, trip.ID)
}

// Several goroutines use one fake.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	c := client(t, fake)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := c.Employees.Save(t.Context(), []smartway.EmployeeChange{employee()})
			assert.NoError(t, err)
			fake.Advance(time.Second)
			assert.NotEmpty(t, fake.Requests())
		})
	}
	wg.Wait()
	all, err := c.Employees.ListAll(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 2)
}
