package smartway_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// request is a request that the supplier received.
type request struct {
	JSONRPC string
	ID      int64
	Method  string
	Params  struct {
		Authorization struct{ Username, Password string }
	}
	Query json.RawMessage `json:"-"`
}

func client(t testing.TB, rt http.RoundTripper, opts ...rutravel.Option) *smartway.Client {
	t.Helper()
	c, err := smartway.New(smartway.Config{Username: "user@example.com", Password: "p@ssword", BaseURL: smartway.Test},
		append(opts, rutravel.WithHTTPClient(&http.Client{Transport: rt}))...)
	require.NoError(t, err)
	return smartway.Numbered(c)
}

// replying returns a client whose requests reply answers.
func replying(t testing.TB, reply func(request) string) *smartway.Client {
	t.Helper()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		var raw struct {
			Params struct{ Query json.RawMessage }
		}
		var q request
		text, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &q))
		require.NoError(t, json.Unmarshal(text, &raw))
		q.Query = raw.Params.Query
		return httpmock.NewStringResponse(http.StatusOK, reply(q)), nil
	})
	return client(t, m)
}

// answering returns a client that gets the same status and body for each request.
func answering(t testing.TB, status int, body string) (*smartway.Client, *httpmock.MockTransport) {
	t.Helper()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(status, body))
	return client(t, m, rutravel.WithMaxAttempts(1)), m
}

// with returns a client that gets the same result for each request.
func with(t testing.TB, result string) *smartway.Client {
	t.Helper()
	return replying(t, func(q request) string { return answer(q, result) })
}

// warned returns an option and the warnings that it logs: path, id and problem of each.
func warned() (rutravel.Option, *[]string) {
	h := new(warnings)
	return rutravel.WithLogger(slog.New(h)), &h.all
}

type warnings struct{ all []string }

func (*warnings) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }
func (w *warnings) WithAttrs([]slog.Attr) slog.Handler         { return w }
func (w *warnings) WithGroup(string) slog.Handler              { return w }

func (w *warnings) Handle(_ context.Context, r slog.Record) error {
	attrs := map[string]string{}
	r.Attrs(func(a slog.Attr) bool {
		attrs[a.Key] = a.Value.String()
		return true
	})
	if attrs["path"] != "" {
		w.all = append(w.all, strings.TrimSpace(attrs["path"]+" "+attrs["id"]))
	}
	return nil
}

// bodied returns a client that gets the same body for each request, and its warnings.
func bodied(t testing.TB, body string) (*smartway.Client, *[]string) {
	t.Helper()
	log, all := warned()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, body))
	return client(t, m, log), all
}

// answer returns an answer with a result.
func answer(q request, result string) string {
	id, err := json.Marshal(q.ID)
	if err != nil {
		panic(err) // a number always has a JSON form
	}
	return `{"jsonrpc":"2.0","id":` + string(id) + `,"result":` + result + `}`
}

// awkwardly returns a client that gets an awkward answer from a file.
func awkwardly(t testing.TB, name string) *smartway.Client {
	t.Helper()
	c, _ := answering(t, http.StatusOK, conformance.Awkward(t, "smartway", name))
	return c
}

// asked returns a client that gets the same result for each request, and its queries.
func asked(t testing.TB, result string) (*smartway.Client, *[]string) {
	t.Helper()
	queries := new([]string)
	return replying(t, func(q request) string {
		assert.Equal(t, "2.0", q.JSONRPC)
		assert.Equal(t, "user@example.com", q.Params.Authorization.Username)
		assert.Equal(t, "p@ssword", q.Params.Authorization.Password)
		*queries = append(*queries, string(q.Query))
		return answer(q, result)
	}), queries
}

func newFake(t testing.TB, opts ...rutravel.Option) (*smartwaytest.Server, *smartway.Client) {
	t.Helper()
	fake := smartwaytest.New()
	c, err := smartway.New(fake.Config(), append(opts, rutravel.WithHTTPClient(fake.HTTPClient()))...)
	require.NoError(t, err)
	return fake, c
}

func passenger() smartway.Passenger {
	return smartway.Passenger{
		ID: "e1", Phone: "+79990000000", Surname: "Илларионов", FirstName: "Пётр", MiddleName: "Сергеевич",
		SurnameEng: "Illarionov", FirstNameEng: "Piotr", MiddleNameEng: "Sergeevich", Email: "illarionov@piotr.com", Citizenship: "RU",
		BirthDate: civil.Date{Year: 1981, Month: 1, Day: 1}, Sex: smartway.Male,
		Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999", Selected: true}},
		INN:       "7799555550",
	}
}

func booking() smartway.PurchaseRequest {
	return smartway.PurchaseRequest{Search: "01b009a9", Variant: "2", Passengers: []smartway.Passenger{passenger()}}
}

// offer searches the fake's flights of tomorrow and returns the purchase of the first one.
func offer(t testing.TB, c *smartway.Client) smartway.PurchaseRequest {
	t.Helper()
	offers, err := c.Airlines.Search(t.Context(), smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1,
		Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: civil.DateOf(time.Now()).AddDays(2)}},
	})
	require.NoError(t, err)
	require.NotEmpty(t, offers.Variants)
	b := booking()
	b.Search, b.Variant, b.Fare = offers.Search, offers.Variants[0].ID, offers.Variants[0].Fares[0].ID
	return b
}

func buy(t testing.TB, c *smartway.Client, b smartway.PurchaseRequest) smartway.TripID {
	t.Helper()
	id, err := c.Airlines.Buy(t.Context(), b)
	require.NoError(t, err)
	trip, err := c.Airlines.Wait(t.Context(), id)
	require.NoError(t, err)
	return trip
}

func rightsChange() smartway.RightsChange {
	return smartway.RightsChange{Employee: "159305", Rights: smartway.Rights{CanLogin: new(true)}}
}

func flights() smartway.FlightQuery {
	return smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1,
		Routes: []smartway.RouteQuery{{From: "PEZ", To: "MOW", Date: civil.Date{Year: 2019, Month: 10, Day: 4}}},
	}
}

func traveller() smartway.Traveller {
	return smartway.Traveller{
		ID: "e1", Surname: "Илларионов", FirstName: "Пётр", SurnameEng: "Illarionov", FirstNameEng: "Piotr", Sex: smartway.Male,
		BirthDate: civil.Date{Year: 1981, Month: 1, Day: 1}, Citizenship: "RU", Phone: "+79990000000", Email: "illarionov@piotr.com",
		Documents: []smartway.Document{{Type: smartway.DomesticPassport, Number: "5608999999"}}, INNs: []smartway.INN{"7799555550"},
	}
}

func travelRequest() smartway.TravelRequest {
	return smartway.TravelRequest{ID: "rq1", Travellers: []smartway.Traveller{traveller()}, Creator: traveller()}
}
