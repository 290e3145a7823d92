package smartway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
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

// SW-T23 to SW-T27, SW-T78: a purchase is checked before it is sent. It always has the
// chosen fare and the company that is billed.
func TestBuyChecked(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*smartway.PurchaseRequest){
		"Search":                            func(b *smartway.PurchaseRequest) { b.Search = "" },
		"Variant":                           func(b *smartway.PurchaseRequest) { b.Variant = "x" },
		"Passengers":                        func(b *smartway.PurchaseRequest) { b.Passengers = nil },
		"Passengers[0].ID":                  func(b *smartway.PurchaseRequest) { b.Passengers[0].ID = "" },
		"Passengers[1].ID":                  func(b *smartway.PurchaseRequest) { b.Passengers = append(b.Passengers, passenger()) },
		"Passengers[0].Phone":               func(b *smartway.PurchaseRequest) { b.Passengers[0].Phone = "" },
		"Passengers[0].SurnameEng":          func(b *smartway.PurchaseRequest) { b.Passengers[0].SurnameEng = "" },
		"Passengers[0].BirthDate":           func(b *smartway.PurchaseRequest) { b.Passengers[0].BirthDate = civil.Date{} },
		"Passengers[0].Sex":                 func(b *smartway.PurchaseRequest) { b.Passengers[0].Sex = "" },
		"Passengers[0].Passports":           func(b *smartway.PurchaseRequest) { b.Passengers[0].Passports = nil },
		"Passengers[0].Passports[0].Number": func(b *smartway.PurchaseRequest) { b.Passengers[0].Passports[0].Number = " " },
		"Passengers[0].INN":                 func(b *smartway.PurchaseRequest) { b.Passengers[0].INN = "" },
		"Passengers[0].Company":             func(b *smartway.PurchaseRequest) { b.Passengers[0].Company = "x" },
		"Fare":                              func(b *smartway.PurchaseRequest) { b.Fare = "a\n" },
		"Passengers[0].Surname":             func(b *smartway.PurchaseRequest) { b.Passengers[0].Surname = "" },
		"Passengers[0].FirstName":           func(b *smartway.PurchaseRequest) { b.Passengers[0].FirstName = "" },
		"Passengers[0].FirstNameEng":        func(b *smartway.PurchaseRequest) { b.Passengers[0].FirstNameEng = "" },
		"Passengers[0].MiddleName":          func(b *smartway.PurchaseRequest) { b.Passengers[0].MiddleName = "a\n" },
		"Passengers[0].MiddleNameEng":       func(b *smartway.PurchaseRequest) { b.Passengers[0].MiddleNameEng = "" },
		"Passengers[0].Email":               func(b *smartway.PurchaseRequest) { b.Passengers[0].Email = "" },
		"Passengers[0].Citizenship":         func(b *smartway.PurchaseRequest) { b.Passengers[0].Citizenship = "" },
		"Passengers[0].Cards[1].Airline": func(b *smartway.PurchaseRequest) {
			b.Passengers[0].Cards = []smartway.LoyaltyCard{{Airline: "SU", Number: "1"}, {Number: "1"}}
		},
		"Passengers[0].Cards[0].Number": func(b *smartway.PurchaseRequest) {
			b.Passengers[0].Cards = []smartway.LoyaltyCard{{Airline: "SU"}}
		},
		"Passengers[0].Passports[0].Type": func(b *smartway.PurchaseRequest) { b.Passengers[0].Passports[0].Type = "" },
		"Passengers[0].Passports[0].Expiry": func(b *smartway.PurchaseRequest) {
			b.Passengers[0].Passports[0].Expiry = civil.Date{Year: 2030, Month: 2, Day: 30}
		},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			b := booking()
			change(&b)
			_, err := with(t, "null").Airlines.Buy(t.Context(), b)
			conformance.Invalid(t, err, field)
		})
	}
	controlled := booking()
	controlled.Passengers[0].MiddleNameEng = "a\n"
	_, err := with(t, "null").Airlines.Buy(t.Context(), controlled)
	conformance.Invalid(t, err, "Passengers[0].MiddleNameEng")
	spaced := booking()
	spaced.Passengers[0].INN = "77 99"
	_, err = with(t, "null").Airlines.Buy(t.Context(), spaced)
	conformance.Invalid(t, err, "Passengers[0].INN")
	c, queries := asked(t, `"ebb84671-2a79-4352-be59-12f04485dcb1"`)
	b := booking()
	b.Passengers[0].MiddleName, b.Passengers[0].MiddleNameEng, b.Fare = "", "", "EC-PLUS"
	_, err = c.Airlines.Buy(t.Context(), b)
	require.NoError(t, err)
	assert.Contains(t, (*queries)[0], `"fare_id":"EC-PLUS"`)
	assert.Contains(t, (*queries)[0], `"patronymic":""`, "required, but may be empty")
	assert.NotContains(t, (*queries)[0], "patronymic_e")
}

// A purchase request that was stored as JSON and read again is the same.
func TestPurchaseStored(t *testing.T) {
	t.Parallel()
	stored, err := json.Marshal(booking())
	require.NoError(t, err)
	var read smartway.PurchaseRequest
	require.NoError(t, json.Unmarshal(stored, &read), "%s", stored)
	assert.Equal(t, booking(), read)
	trips, err := awkwardly(t, "trip.get_by_request-other-request").Trips.OfRequest(t.Context(), "rq1")
	require.NoError(t, err)
	stored, err = json.Marshal(trips)
	require.NoError(t, err)
	var again smartway.TripList
	require.NoError(t, json.Unmarshal(stored, &again))
	assert.Equal(t, trips, again)
}

// SW-T78: a purchase has one to six passengers.
func TestPassengerLimit(t *testing.T) {
	t.Parallel()
	people := func(n int) smartway.PurchaseRequest {
		b := booking()
		for i := 1; i < n; i++ {
			p := passenger()
			p.ID = smartway.ExternalID(strconv.Itoa(i))
			b.Passengers = append(b.Passengers, p)
		}
		return b
	}
	const bought = `"ebb84671-2a79-4352-be59-12f04485dcb1"`
	_, err := with(t, bought).Airlines.Buy(t.Context(), people(smartway.MaxTravellers))
	require.NoError(t, err)
	_, err = with(t, bought).Airlines.Buy(t.Context(), people(smartway.MaxTravellers+1))
	conformance.Invalid(t, err, "Passengers")
}

// Errors do not contain personal data of a purchase.
func TestBuyPrivate(t *testing.T) {
	t.Parallel()
	b := booking()
	p := &b.Passengers[0]
	p.Phone, p.Surname, p.FirstName, p.MiddleName = "+79161112233", "Перепёлкина", "Зинаида", "Аристарховна"
	p.SurnameEng, p.FirstNameEng, p.MiddleNameEng, p.Email = "Perepelkina", "Zinaida", "Aristarkhovna", "rider@example.com"
	p.BirthDate = civil.Date{Year: 1971, Month: 11, Day: 23}
	p.Cards = []smartway.LoyaltyCard{{Airline: "SU", Number: "2143235345"}}
	p.Passports = []smartway.TravelDocument{{Type: smartway.ForeignPassport, Number: "711234567", Expiry: civil.Date{Year: 2031, Month: 12, Day: 24}}}
	private := []string{
		p.Phone, p.Surname, p.FirstName, p.MiddleName, p.SurnameEng, p.FirstNameEng, p.MiddleNameEng, p.Email,
		"1971-11-23", "2143235345", "711234567", "2031-12-24",
	}
	for _, text := range private {
		c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":1,"error":{"code":400,"message":"wrong: `+text+`"}}`)
		_, err := c.Airlines.Buy(t.Context(), b)
		assert.NotContains(t, conformance.Failure(t, err, rutravel.ErrInvalid).Message, text)
	}
}

// A purchase id has at most 100 printable bytes.
func TestPurchaseIDLength(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		strings.Repeat("a", 100): strings.Repeat("a", 100),
		strings.Repeat("a", 101): "",
		"a b":                    "",
		"~":                      "~",
		"я":                      "",
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			got, err := with(t, `"`+id+`"`).Airlines.Buy(t.Context(), booking())
			conformance.Failure(t, err, rutravel.ErrNotConfirmed) // not a UUID
			assert.Equal(t, smartway.PurchaseID(want), got)
		})
	}
}

// SW-T03: an answer with another id is an error, and the purchase id is returned.
func TestBuyOtherID(t *testing.T) {
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
		"airline.book-number":           {"20932", false}, // not a UUID, but it may be an id
		"airline.book-not-uuid":         {"EBB846712A794352BE5912F04485DCB1", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := awkwardly(t, name).Airlines.Buy(t.Context(), booking())
			assert.Equal(t, want.id, got, name)
			if want.ok {
				require.NoError(t, err, name)
				return
			}
			require.ErrorIs(t, err, rutravel.ErrNotConfirmed, name)
			require.NotErrorIs(t, err, rutravel.ErrProtocol, name)
		})
	}
}

// SW-T28, SW-T30: Wait asks at once, then at increasing intervals.
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

// The error of a failed purchase has a kind for the texts that the manual shows.
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
		// Neither clearly done nor clearly failed.
		"airline.result-failed-trip":      rutravel.ErrProtocol,
		"airline.result-done-trip-absent": rutravel.ErrProtocol,
		"airline.result-done-trip-null":   rutravel.ErrProtocol,
		"airline.result-status-absent":    rutravel.ErrProtocol,
		"airline.result-null":             rutravel.ErrProtocol,
		"airline.result-string":           rutravel.ErrProtocol,
		"airline.result-not-found":        rutravel.ErrNotFound,
		"airline.result-error-inside":     rutravel.ErrRejected,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := awkwardly(t, name).Airlines.Wait(t.Context(), "ebb84671")
			assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind, name)
		})
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
		require.Error(t, err, name)
		_, ok = errors.AsType[*smartway.PurchaseFailedError](err)
		assert.False(t, ok, name)
	}

	for _, id := range []string{"0", `"0"`, "-1", "1.5", `"soon"`, `"007"`} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			_, err := with(t, `{"status":"done","trip_id":`+id+`}`).Airlines.Wait(t.Context(), "ebb84671")
			conformance.Failure(t, err, rutravel.ErrProtocol)
		})
	}
	for _, status := range []string{"pending", "failed"} {
		got, err := with(t, `{"status":"`+status+`","trip_id":0}`).Airlines.Result(t.Context(), "ebb84671")
		require.NoError(t, err, "%s: 0 is null", status)
		assert.Empty(t, got.Trip, status)
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

// A wait ends at the caller's deadline or after 15 minutes. The error says that the
// purchase is pending.
func TestWaitPending(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"airline.result-pending-alone", "airline.result-pending-trip", "airline.result-status-unknown"} {
		for _, limit := range []time.Duration{0, 500 * time.Millisecond, 15 * time.Second, time.Minute} {
			t.Run(name+" "+limit.String(), func(t *testing.T) {
				t.Parallel()
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
						assert.InDelta(t, 63, e.Attempts, 1, "one attempt for each question")
						require.NotErrorIs(t, err, rutravel.ErrCanceled)
						require.NotErrorIs(t, err, context.DeadlineExceeded, "the caller has no deadline")
					}
					pending, ok := errors.AsType[*smartway.PurchasePendingError](err)
					require.True(t, ok)
					assert.Equal(t, smartway.PurchaseID("ebb84671"), pending.Purchase)
				})
			})
		}
	}
}

// awkwardlyAgain returns a client that gets an awkward answer for each request.
func awkwardlyAgain(t testing.TB, name string) *smartway.Client {
	t.Helper()
	var result struct{ Result json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(conformance.Awkward(t, "smartway", name)), &result))
	return with(t, string(result.Result))
}

// The wait continues if the supplier is unavailable for a while. Wrong credentials end it.
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

		// Unavailable until the deadline: the error has both reasons on one line.
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

// After the caller canceled the wait, the error says that the purchase is pending.
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
		_, err = with(t, "null").Airlines.Wait(ctx, "ebb84671")
		assert.Zero(t, conformance.Failure(t, err, rutravel.ErrCanceled).Attempts, "nothing was sent")
	})
}

// A purchase that costs more than the balance fails with the text of the manual.
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
