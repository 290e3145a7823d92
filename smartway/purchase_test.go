package smartway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

func passenger() smartway.Passenger {
	return smartway.Passenger{
		ID: "e1", Phone: "+79990000000", Surname: "Илларионов", FirstName: "Пётр", MiddleName: "Сергеевич",
		SurnameEng: "Illarionov", FirstNameEng: "Piotr", Email: "illarionov@piotr.com", Citizenship: "RU",
		BirthDate: civil.Date{Year: 1981, Month: 1, Day: 1}, Sex: smartway.Male,
		Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999", Selected: true}},
		INN:       "7799555550",
	}
}

func booking() smartway.PurchaseRequest {
	return smartway.PurchaseRequest{Search: "01b009a9", Variant: "2", Passengers: []smartway.Passenger{passenger()}}
}

// offer searches the fake's flights of tomorrow and makes a booking of the first.
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

// SW-T03: the answer to a purchase under another id is an error that does not lose
// what was bought.
func TestBookOtherID(t *testing.T) {
	t.Parallel()
	const id = "ebb84671-2a79-4352-be59-12f04485dcb1"
	for name, want := range map[string]struct {
		id smartway.PurchaseID
		ok bool
	}{
		"airline.book-id-string":        {id, true},
		"airline.book-id-string-777":    {id, false},
		"airline.book-id-other":         {id, false},
		"airline.book-id-null":          {id, false},
		"airline.book-id-absent":        {id, false},
		"airline.book-id-fraction":      {id, false},
		"airline.book-id-object":        {id, false},
		"airline.book-jsonrpc-absent":   {id, true},
		"airline.book-jsonrpc-number":   {id, true},
		"airline.book-error-and-result": {"", false},
		"airline.book-null":             {"", false},
		"airline.book-empty":            {"", false},
		"airline.book-object":           {"", false},
		"airline.book-error-inside":     {"", false},
		"airline.book-number":           {"20932", false}, // no ids, but perhaps they are
		"airline.book-not-uuid":         {"EBB846712A794352BE5912F04485DCB1", false},
	} {
		got, err := awkwardly(t, name).Airlines.Buy(t.Context(), booking())
		assert.Equal(t, want.id, got, name)
		if want.ok {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed, name)
		require.NotErrorIs(t, err, rutravel.ErrProtocol, name)
	}
}

// SW-T29: what may have been carried out is open, and what JSON-RPC refuses is not.
func TestBookRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		kind   rutravel.Kind
	}{
		{401, `{"jsonrpc":"2.0","id":1,"error":{"code":401,"data":null,"message":"Error: Unauthorized","name":"Error"}}`, rutravel.ErrAuth},
		{401, `{"jsonrpc":"2.0","id":null,"error":{"code":401,"data":null,"message":"Error: Unauthorized","name":"Error"}}`, rutravel.ErrAuth},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params"}}`, rutravel.ErrInvalid},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"no"}}`, rutravel.ErrForbidden},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":451,"message":"no"},"result":null}`, rutravel.ErrRejected},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":429,"message":"slow"}}`, rutravel.ErrRateLimited},
		// The server's own errors, and errors of nobody knows whom.
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Internal error"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"Server error"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":500,"message":"oops"}}`, rutravel.ErrNotConfirmed},
		{500, `{"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"oops"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":2,"error":{"code":403,"message":"no"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","error":{"code":403,"message":"no"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"message":"no"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":"no"}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":""}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"no"},"result":"ebb84671"}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"no"}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"result":{"error":"no","success":false}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"result":"Бронирование невозможно"}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"result":"not_found"}`, rutravel.ErrNotConfirmed},
		// Only what was not looked into has no id.
		{200, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}}`, rutravel.ErrInvalid},
		{200, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`, rutravel.ErrInvalid},
		{200, `{"jsonrpc":"2.0","id":null,"error":{"code":403,"message":"no"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"Invalid params"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1}`, rutravel.ErrNotConfirmed},
	} {
		c, line := answering(t, test.status, test.body)
		_, err := c.Airlines.Buy(t.Context(), booking())
		assert.Equal(t, test.kind, conformance.Failure(t, err, test.kind).Kind, test.body)
		assert.Equal(t, 1, line.GetTotalCallCount(), test.body)
	}
}

// Only the codes that blame the caller say that nothing was bought.
func TestBookRefusalCodes(t *testing.T) {
	t.Parallel()
	for code, kind := range map[string]rutravel.Kind{
		`" 401 "`: rutravel.ErrAuth, `401.0`: rutravel.ErrAuth, `4.04e2`: rutravel.ErrNotFound, `400`: rutravel.ErrInvalid,
		`422`: rutravel.ErrInvalid, `499`: rutravel.ErrRejected, `-32600`: rutravel.ErrInvalid, `-32601`: rutravel.ErrRejected,
		`-32700`: rutravel.ErrInvalid,
	} {
		c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":1,"error":{"code":`+code+`,"message":"no"}}`)
		_, err := c.Airlines.Buy(t.Context(), booking())
		assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind, code)
	}
	for _, code := range []string{
		`0`, `1`, `200`, `399`, `408`, `409`, `500`, `599`, `600`, `1234`, `-1`, `-401`, `-32000`, `-32099`, `-32603`, `-32768`,
		`401.5`, `"failed"`, `"40x"`, `" "`, `true`, `1e99`, `18446744073709552017`,
	} {
		c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":1,"error":{"code":`+code+`,"message":"no"}}`)
		_, err := c.Airlines.Buy(t.Context(), booking())
		assert.Equal(t, rutravel.ErrNotConfirmed, conformance.Failure(t, err, rutravel.ErrNotConfirmed).Kind, code)
	}
}

// A refusal in place of a result counts where the manual shows one, and only under
// the request's id.
func TestRefusedInside(t *testing.T) {
	t.Parallel()
	for id, kind := range map[string]rutravel.Kind{"1": rutravel.ErrNotFound, "2": rutravel.ErrNotConfirmed, "null": rutravel.ErrNotConfirmed} {
		c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":`+id+`,"result":{"error":"Employee with id = 159 not found"}}`)
		_, err := c.VerificationCodes.Add(t.Context(), smartway.VerificationCode{Super: true, Employees: []smartway.ExternalID{"159"}})
		assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind, id)
	}
}

// A purchase is found by what the caller had before it; a trip that is not listed
// yet is found later.
func TestLost(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]smartwaytest.Quirks{"by id": {}, "by name": {NoExternalID: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t)
				fake.SetQuirks(quirks)
				ctx := t.Context()
				buy(t, c, offer(t, c)) // somebody has flown before
				history := c.Trips.AfterChange(ctx, 0)
				_, err := rutravel.Collect(history.All())
				require.NoError(t, err)
				before, ok := history.Cursor()
				require.True(t, ok)
				today := civil.DateOf(time.Now())

				b := offer(t, c)
				_, err = c.Airlines.Buy(ctx, b)
				require.NoError(t, err)
				q := smartway.LostQuery{Passengers: b.Passengers, After: before}
				found, err := c.Trips.Lost(ctx, q)
				require.NoError(t, err)
				assert.Empty(t, found, "the purchase is still under way: finding none proves nothing")
				time.Sleep(time.Minute)
				found, err = c.Trips.Lost(ctx, q)
				require.NoError(t, err)
				require.Len(t, found, 1)
				assert.Equal(t, smartway.TripID("189701"), found[0].ID)

				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: b.Passengers, Day: today})
				require.NoError(t, err)
				assert.Len(t, found, 2, "the day has both")

				renamed := b.Passengers[0]
				renamed.ID = "e7"
				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: []smartway.Passenger{renamed}, After: before})
				require.NoError(t, err)
				assert.Len(t, found, 1, "the supplier may know him by another id")

				stranger := passenger()
				stranger.ID, stranger.Surname = "e2", "Другой"
				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: []smartway.Passenger{stranger}, After: before})
				require.NoError(t, err)
				assert.Empty(t, found)
				found, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: []smartway.Passenger{stranger, b.Passengers[0]}, After: before})
				require.NoError(t, err)
				assert.Len(t, found, 1, "not all of them need be in one trip")
			})
		})
	}
	nameless, surnameless := passenger(), passenger()
	nameless.FirstName, surnameless.Surname = " ", ""
	for field, q := range map[string]smartway.LostQuery{
		"Passengers":              {After: 1},
		"Passengers[0].FirstName": {Passengers: []smartway.Passenger{nameless}, After: 1},
		"Passengers[0].Surname":   {Passengers: []smartway.Passenger{surnameless}, After: 1},
		"After":                   {Passengers: []smartway.Passenger{passenger()}},
	} {
		_, err := with(t, "null").Trips.Lost(t.Context(), q)
		conformance.Invalid(t, err, field)
	}
	_, err := with(t, "null").Trips.Lost(t.Context(), smartway.LostQuery{
		Passengers: []smartway.Passenger{passenger()}, After: 1, Day: civil.Date{Year: 2019, Month: 1, Day: 1},
	})
	conformance.Invalid(t, err, "Day")
}

// Passengers are found as the supplier may spell them, and in flights alone; the
// day before and the day after are looked at too.
func TestLostNames(t *testing.T) {
	t.Parallel()
	for traveller, found := range map[string]int{
		`"surname":"ИЛЛАРИОНОВ","name":"Петр"`:                                             1,
		`"surname":"Илларионов","name":"Пётр Сергеевич"`:                                   1,
		`"surname":"ILLARIONOV","name":"PIOTR MR"`:                                         1,
		`"surname":"Илларионов","name":"Пётр","birthday":"1981-01-02T00:00:00"`:            1,
		`"surname":"Илларионов","name":"Пётр","birthday":null,"external_id":"e7"`:          1,
		`"surname":"Иванова","name":"Анна","external_id":"e1"`:                             1,
		`"surname":"Илларионов","name":"Павел"`:                                            0,
		`"surname":"Иванов","name":"Пётр"`:                                                 0,
		`"surname":"","name":"","birthday":"1981-01-01T00:00:00","external_id":""`:         0,
		`"surname":"Illarionov","name":"Пётр","birthday":"1981-01-01","external_id":"e10"`: 0,
	} {
		for service, flies := range map[string]int{"Air": 1, "Train": 0} {
			c, queries := asked(t, `{"last_version_id":9,"trips":[{"id":7,"amount":1,"items":[{"id":8,"amount":1,"service_type":"`+
				service+`","travellers":[{`+traveller+`}]}]}]}`)
			trips, err := c.Trips.Lost(t.Context(), smartway.LostQuery{
				Passengers: []smartway.Passenger{passenger()}, Day: civil.Date{Year: 2019, Month: 6, Day: 30},
			})
			require.NoError(t, err)
			assert.Len(t, trips, found*flies, "%s %s", service, traveller)
			assert.Equal(t, []string{`{"start_date":"2019-06-29","end_date":"2019-07-01"}`}, *queries)
		}
	}
	latinless := passenger()
	latinless.SurnameEng, latinless.FirstNameEng = "", ""
	idless := passenger()
	idless.ID = ""
	for traveller, p := range map[string]smartway.Passenger{
		`{}`: latinless, // no names are not the same name
		`{"surname":"Иванов","name":"Павел","external_id":""}`: idless, // and no ids not the same id
		`{"surname":"Иванов","name":"Павел"}`:                  idless,
	} {
		c := with(t, `{"trips":[{"id":7,"amount":1,"items":[{"id":8,"amount":1,"service_type":"Air","travellers":[`+traveller+`]}]}]}`)
		trips, err := c.Trips.Lost(t.Context(), smartway.LostQuery{Passengers: []smartway.Passenger{p}, After: 1})
		require.NoError(t, err)
		assert.Empty(t, trips, traveller)
	}
}

func buy(t testing.TB, c *smartway.Client, b smartway.PurchaseRequest) smartway.TripID {
	t.Helper()
	id, err := c.Airlines.Buy(t.Context(), b)
	require.NoError(t, err)
	trip, err := c.Airlines.Wait(t.Context(), id)
	require.NoError(t, err)
	return trip
}

// SW-T28, SW-T30: waiting asks at once and then more and more rarely.
func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var looks []time.Duration
		c := replying(t, func(q request) string {
			looks = append(looks, time.Since(start))
			if time.Since(start) < time.Minute {
				return answer(q, `{"status":"pending"}`)
			}
			return answer(q, `{"status":"done","trip_id":20932,"error":null}`)
		})
		trip, err := c.Airlines.Wait(t.Context(), "ebb84671")
		require.NoError(t, err)
		assert.Equal(t, smartway.TripID("20932"), trip)
		assert.Equal(t, []time.Duration{0, 1, 3, 7, 15, 30, 45, 60}, seconds(looks))
	})
}

func seconds(all []time.Duration) []time.Duration {
	var out []time.Duration
	for _, d := range all {
		out = append(out, d/time.Second)
	}
	return out
}

// A purchase that has failed is an error of a kind where the manual shows the text.
func TestWaitFailed(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]rutravel.Kind{
		"airline.result-failed-price":        rutravel.ErrFunds,
		"airline.result-failed-braces":       rutravel.ErrFunds,
		"airline.result-failed-debt":         rutravel.ErrFunds,
		"airline.result-failed-access":       rutravel.ErrForbidden,
		"airline.result-failed-error-object": rutravel.ErrForbidden,
		"airline.result-failed-other":        rutravel.ErrRejected,
		"airline.result-failed-error-absent": rutravel.ErrRejected,
		"airline.result-failed-error-null":   rutravel.ErrRejected,
		// Neither done nor failed beyond doubt.
		"airline.result-failed-trip":      rutravel.ErrProtocol,
		"airline.result-done-trip-absent": rutravel.ErrProtocol,
		"airline.result-done-trip-null":   rutravel.ErrProtocol,
		"airline.result-status-absent":    rutravel.ErrProtocol,
		"airline.result-null":             rutravel.ErrProtocol,
		"airline.result-string":           rutravel.ErrProtocol,
		"airline.result-not-found":        rutravel.ErrNotFound,
		"airline.result-error-inside":     rutravel.ErrRejected,
	} {
		_, err := awkwardly(t, name).Airlines.Wait(t.Context(), "ebb84671")
		assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind, name)
	}
	_, err := with(t, `{"status":"failed","error":"Бронирование невозможно. Превышен лимит бронирований."}`).Airlines.Wait(t.Context(), "ebb84671")
	e := conformance.Failure(t, err, rutravel.ErrForbidden)
	assert.Equal(t, "Бронирование невозможно. Превышен лимит бронирований.", e.Message)
	assert.Equal(t, "airline.result", e.Op)
	failed, ok := errors.AsType[*smartway.PurchaseFailedError](err)
	require.True(t, ok)
	assert.Equal(t, smartway.PurchaseFailedError{Purchase: "ebb84671", Reason: e.Message}, *failed)
	// A question that is refused says nothing about the purchase.
	for _, name := range []string{"airline.result-error-inside", "airline.result-not-found", "error-http-200"} {
		_, err = awkwardly(t, name).Airlines.Wait(t.Context(), "ebb84671")
		require.Error(t, err)
		_, ok = errors.AsType[*smartway.PurchaseFailedError](err)
		assert.False(t, ok, name)
	}

	for _, id := range []string{"0", `"0"`, "-1", "1.5", `"soon"`, `"007"`} {
		_, err = with(t, `{"status":"done","trip_id":`+id+`}`).Airlines.Wait(t.Context(), "ebb84671")
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
	for _, status := range []string{"pending", "failed"} {
		got, err := with(t, `{"status":"`+status+`","trip_id":0}`).Airlines.Result(t.Context(), "ebb84671")
		require.NoError(t, err, "0 is null")
		assert.Empty(t, got.Trip)
	}
	for _, name := range []string{
		"airline.result-done-error-absent", "airline.result-done-error-empty", "airline.result-done-trip-string",
		"airline.result-status-case", "airline.result-done-error",
	} {
		trip, err := awkwardly(t, name).Airlines.Wait(t.Context(), "ebb84671")
		require.NoError(t, err, name)
		assert.Equal(t, smartway.TripID("20932"), trip, name)
	}
}

// A wait ends with the caller's deadline, or by itself, and says that the
// purchase has not ended.
func TestWaitPending(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"airline.result-pending-alone", "airline.result-pending-trip", "airline.result-status-unknown"} {
		for _, limit := range []time.Duration{0, 500 * time.Millisecond, 15 * time.Second, time.Minute} {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				want := 15 * time.Minute
				if limit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, limit)
					defer cancel()
					want = limit
				}
				start := time.Now()
				trip, err := awkwardlyAgain(t, name).Airlines.Wait(ctx, "ebb84671")
				assert.Equal(t, want, time.Since(start))
				assert.Empty(t, trip)
				if limit > 0 {
					conformance.Failure(t, err, rutravel.ErrCanceled)
					require.ErrorIs(t, err, context.DeadlineExceeded)
				} else {
					e := conformance.Failure(t, err, rutravel.ErrUnavailable)
					assert.InDelta(t, 63, e.Attempts, 1, "as often as it has looked")
					require.NotErrorIs(t, err, rutravel.ErrCanceled)
					require.NotErrorIs(t, err, context.DeadlineExceeded, "nobody's deadline has passed")
				}
				pending, ok := errors.AsType[*smartway.PurchasePendingError](err)
				require.True(t, ok)
				assert.Equal(t, smartway.PurchaseID("ebb84671"), pending.Purchase)
			})
		}
	}
}

// awkwardlyAgain returns a client that gets an awkward answer as often as it asks.
func awkwardlyAgain(t testing.TB, name string) *smartway.Client {
	t.Helper()
	var result struct{ Result json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(conformance.Awkward(t, "smartway", name)), &result))
	return with(t, string(result.Result))
}

// A supplier that is away for a while does not end the wait, wrong credentials do.
func TestWaitThroughFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, rutravel.WithMaxAttempts(1))
		b := offer(t, c)
		id, err := c.Airlines.Buy(t.Context(), b)
		require.NoError(t, err)
		fake.Inject(
			smartwaytest.Fault{Op: "airline.result", Status: http.StatusBadGateway},
			smartwaytest.Fault{Op: "airline.result", Refuse: true},
			smartwaytest.Fault{Op: "airline.result", Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"20"}}},
		)
		start := time.Now()
		trip, err := c.Airlines.Wait(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, smartway.TripID("189700"), trip)
		assert.Equal(t, 23*time.Second, time.Since(start), "1 s, 2 s and what was asked for")

		fake.Inject(smartwaytest.Fault{Op: "airline.result", Status: http.StatusUnauthorized})
		_, err = c.Airlines.Wait(t.Context(), id)
		conformance.Failure(t, err, rutravel.ErrAuth)

		// Away until the deadline: both are said, on one line.
		fake.Inject(slices.Repeat([]smartwaytest.Fault{{Op: "airline.result", Status: http.StatusBadGateway}}, 20)...)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = c.Airlines.Wait(ctx, id)
		require.ErrorIs(t, err, rutravel.ErrCanceled)
		require.ErrorIs(t, err, rutravel.ErrUnavailable)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.NotContains(t, err.Error(), "\n")
	})
	_, err := with(t, "null").Airlines.Wait(t.Context(), "")
	conformance.Invalid(t, err, "id")
}

// The caller's own cancellation while he waits says that the purchase runs on.
func TestWaitCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		_, err := with(t, `{"status":"pending"}`).Airlines.Wait(ctx, "ebb84671")
		conformance.Failure(t, err, rutravel.ErrCanceled)
		require.ErrorIs(t, err, context.Canceled)
		_, ok := errors.AsType[*smartway.PurchasePendingError](err)
		assert.True(t, ok)
	})
}

// A purchase beyond the balance fails in the words of the manual.
func TestBuyWithoutFunds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		fake.SetBalance(decimal.New(120050, -2))
		id, err := c.Airlines.Buy(t.Context(), offer(t, c))
		require.NoError(t, err)
		_, err = c.Airlines.Wait(t.Context(), id)
		e := conformance.Failure(t, err, rutravel.ErrFunds)
		assert.Equal(t, "Бронирование невозможно. Стоимость: 5373.00. Доступно: 1200.50", e.Message)
	})
}
