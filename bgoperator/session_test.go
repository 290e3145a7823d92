package bgoperator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// A call whose session has ended logs in and is sent once more, also a booking.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, nil)
	tour := fakeTour(fake, "1")
	_, err := c.Quote(t.Context(), tour)
	require.NoError(t, err)
	fake.EndSessions()
	_, err = c.Book(t.Context(), tour, rutravel.WithMaxAttempts(1))
	require.NoError(t, err)
	assert.Equal(t, []string{"login", "createtour", "createtour+confirm", "login", "createtour+confirm"}, ops(fake))
	assert.Len(t, fake.Bookings(), 1)
}

// BG-T03: code 103 is treated like 401. A call is sent once more in a new session, and not
// more often. The login was accepted, so the kind of 401 is ErrExpired, with a hint. The
// next login waits.
func TestSessionRefusedAgain(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]bgoperatortest.Fault{
		"401":      {Op: "createtour+confirm", Status: http.StatusUnauthorized, Body: "<html>"},
		"401 bare": {Op: "createtour+confirm", Status: http.StatusUnauthorized},
		"401, 103": {Op: "createtour+confirm", Status: http.StatusUnauthorized, Body: awkward(t, "errors-103")},
		"103":      {Op: "createtour+confirm", Body: awkward(t, "errors-103")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				denied := strings.Contains(name, "103")
				kind := rutravel.ErrExpired
				if denied {
					kind = rutravel.ErrAuth
				}
				fake, c := newFake(t, nil)
				tour := fakeTour(fake, "1")
				// The call opened the session itself, so another login would not help.
				fake.Inject(refusal)
				_, err := c.Book(t.Context(), tour)
				e := conformance.Failure(t, err, kind)
				assert.Equal(t, denied, errors.Is(err, bgoperator.CodeAccessDenied))
				assert.Equal(t, !denied, strings.Contains(err.Error(), "another process or session with the same login"))
				assert.Equal(t, "createtour+confirm", e.Op)
				assert.Equal(t, 1, e.Attempts)
				assert.Equal(t, []string{"login", "createtour+confirm"}, ops(fake))

				// The next call is not sent during the pause, and logs in after it.
				_, err = c.Quote(t.Context(), tour)
				e = conformance.Failure(t, err, kind)
				assert.ErrorContains(t, err, "no login for 100ms more")
				assert.Equal(t, 100*time.Millisecond, e.RetryAfter)
				assert.Zero(t, e.Attempts)
				time.Sleep(time.Second)
				_, err = c.Quote(t.Context(), tour)
				require.NoError(t, err)
				assert.Equal(t, []string{"login", "createtour+confirm", "login", "createtour"}, ops(fake))

				// In an old session the call is sent once more.
				fake.Inject(refusal, refusal)
				_, err = c.Book(t.Context(), tour)
				assert.Equal(t, 2, conformance.Failure(t, err, kind).Attempts)
				assert.Equal(t, []string{"createtour+confirm", "login", "createtour+confirm"}, ops(fake)[4:])
				assert.Empty(t, fake.Bookings())

				// The session that was refused last is closed as well.
				time.Sleep(time.Second)
				_, err = c.Quote(t.Context(), tour)
				require.NoError(t, err)
				assert.Equal(t, []string{"login", "createtour"}, ops(fake)[7:])
			})
		})
	}
}

// If a session that the call opened between its attempts is refused, the call does
// not log in again.
func TestSessionOpenedBetweenAttemptsIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Drop: true}, bgoperatortest.Fault{Op: "createtour", Status: http.StatusUnauthorized})
		_, err = c.Quote(t.Context(), fakeTour(fake, "1"))
		assert.Equal(t, 2, conformance.Failure(t, err, rutravel.ErrExpired).Attempts)
		assert.Equal(t, []string{"createtour", "login", "createtour"}, ops(fake)[2:])
	})
}

// An answer of a gateway may mean that the session has ended. The call is not sent again,
// but the next call logs in. After an answer of the supplier itself, it does not.
func TestForeignAnswerClosesSession(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault bgoperatortest.Fault
		login bool
	}{
		"redirect":      {bgoperatortest.Fault{Status: http.StatusFound, Header: http.Header{"Location": {"https://login.bgoperator.ru/"}}}, true},
		"page":          {bgoperatortest.Fault{Body: "<html><body><form/></body></html>"}, true},
		"broken page":   {bgoperatortest.Fault{Body: "<html><br><input type=password>"}, true},
		"empty":         {bgoperatortest.Fault{Status: http.StatusOK}, true},
		"403":           {bgoperatortest.Fault{Status: http.StatusForbidden, Body: "<errors><error>999</error></errors>"}, true},
		"406":           {bgoperatortest.Fault{Status: http.StatusNotAcceptable, Body: "<errors><error>999</error></errors>"}, true},
		"401, refusal":  {bgoperatortest.Fault{Status: http.StatusUnauthorized, Body: "<errors><error>999</error></errors>"}, true},
		"denied, mixed": {bgoperatortest.Fault{Body: "<errors><error>999</error><error>103</error></errors>"}, true},
		"refusal":       {bgoperatortest.Fault{Body: "<errors><error>113</error></errors>"}, false},
		"other answer":  {bgoperatortest.Fault{Body: "<status>OK</status>"}, false},
		"odd value":     {bgoperatortest.Fault{Body: "<tours/>"}, false},
		"too many":      {bgoperatortest.Fault{Status: http.StatusTooManyRequests, Body: "<html>", Header: http.Header{"Retry-After": {"3600"}}}, false},
	} {
		for _, op := range []string{"createtour", "createtour+confirm"} {
			t.Run(name+", "+op, func(t *testing.T) {
				t.Parallel()
				fake, c := newFake(t, nil)
				_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
				require.NoError(t, err)
				fault := test.fault
				fault.Op = op
				fake.Inject(fault)
				if op == "createtour" {
					_, err = c.Quote(t.Context(), fakeTour(fake, "1"))
				} else {
					_, err = c.Book(t.Context(), fakeTour(fake, "1"))
				}
				require.Error(t, err)
				assert.Equal(t, []string{"login", "createtour", op}, ops(fake), "not sent again")
				_, err = c.Quote(t.Context(), fakeTour(fake, "1"))
				require.NoError(t, err)
				want := []string{"createtour"}
				if test.login {
					want = []string{"login", "createtour"}
				}
				assert.Equal(t, want, ops(fake)[3:])
			})
		}
	}
}

// A call that waits for a session fails when its context ends. It was not sent.
func TestWaitingForASession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		fake.Inject(bgoperatortest.Fault{Op: "showtransfers", Delay: 20 * time.Second})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.TouristTransfers(t.Context(), "17")
			assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
		})
		synctest.Wait()
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Book(ctx, fakeTour(fake, "1"))
		e := conformance.Failure(t, err, rutravel.ErrCanceled)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, e.Attempts)
		assert.Equal(t, time.Second, time.Since(start))

		// A call that waits long enough gets the session.
		_, err = c.Book(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		wg.Wait()
		assert.Equal(t, []string{"login", "showtransfers", "createtour+confirm"}, ops(fake))
	})
}

// The error of a call that waited for a session says why it waited.
func TestWaitingNamesSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, func(cfg *bgoperator.Config) { cfg.Sessions = 2 })
		for range 2 {
			fake.Inject(bgoperatortest.Fault{Op: "showtransfers", Delay: 20 * time.Second})
			go func() { _, _ = c.TouristTransfers(t.Context(), "17") }()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Book(ctx, fakeTour(fake, "1"))
		assert.EqualError(t, err, "bgoperator: createtour+confirm: canceled by the caller: "+
			"all sessions were in use (Config.Sessions allows 2): context deadline exceeded")
		time.Sleep(time.Minute)
	})
}

// A call that waits for its next attempt or for the limiter holds no session. Meanwhile a
// Book with a deadline of a second succeeds.
func TestWaitsHoldNoSession(t *testing.T) {
	t.Parallel()
	t.Run("Retry-After", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			fake, c := newFake(t, nil)
			fake.Inject(bgoperatortest.Fault{
				Op: "showtransfers", Status: http.StatusServiceUnavailable, Body: "<html>", Header: http.Header{"Retry-After": {"30"}},
			})
			var wg sync.WaitGroup
			wg.Go(func() {
				_, err := c.TouristTransfers(t.Context(), "17")
				assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
			})
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := c.Book(ctx, fakeTour(fake, "1"))
			require.NoError(t, err)
			wg.Wait()
			assert.Equal(t, []string{"login", "showtransfers", "createtour+confirm", "showtransfers"}, ops(fake))
		})
	})
	t.Run("limiter", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var slow bool
			fake, c := newFake(t, nil, rutravel.WithLimiter(limiterFunc(func(ctx context.Context) error {
				if ctx.Value(slowKey{}) != nil && slow {
					time.Sleep(20 * time.Second)
				}
				return nil
			})))
			_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
			require.NoError(t, err)
			slow = true
			var wg sync.WaitGroup
			wg.Go(func() {
				_, err := c.TouristTransfers(context.WithValue(t.Context(), slowKey{}, true), "17")
				assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
			})
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err = c.Book(ctx, fakeTour(fake, "1"))
			require.NoError(t, err)
			wg.Wait()
		})
	})
}

type (
	slowKey     struct{}
	limiterFunc func(context.Context) error
)

func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

// If a hundred calls get the page of an outage, there is one login. If the outage lasts,
// there is a login once a minute, because the supplier may answer old sessions in this
// way.
func TestOutageKeepsSession(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusInternalServerError, http.StatusRequestTimeout} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t, nil, rutravel.WithRetryBudget(0))
				fail := func() {
					fake.Inject(bgoperatortest.Fault{Op: "createtour", Status: status, Body: "<html>"})
					_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
					assert.Equal(t, 1, conformance.Failure(t, err, rutravel.ErrUnavailable).Attempts)
				}
				for range 100 {
					fail()
				}
				assert.Equal(t, 1, logins(fake))
				for range 600 {
					time.Sleep(time.Second)
					fail()
				}
				assert.Equal(t, 10, logins(fake), "in ten minutes")
				_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
				require.NoError(t, err)
			})
		})
	}
}

// The login works, and no other request does. With a call in each second of an hour, most
// calls do not log in. The first such answer does not begin a pause.
func TestNewSessionsWithoutTheService(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]bgoperatortest.Fault{
		"redirect":     {Status: http.StatusFound, Header: http.Header{"Location": {"https://login.bgoperator.ru/"}}},
		"page":         {Body: "<html>"},
		"empty":        {Status: http.StatusOK},
		"403":          {Status: http.StatusForbidden},
		"406":          {Status: http.StatusNotAcceptable},
		"401, refusal": {Status: http.StatusUnauthorized, Body: "<errors><error>999</error></errors>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t, nil, rutravel.WithRetryBudget(0))
				fail := func() {
					fake.Inject(bgoperatortest.Fault{Op: "createtour", Status: fault.Status, Body: fault.Body, Header: fault.Header})
					_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
					require.Error(t, err)
				}
				for range 100 {
					fail()
				}
				assert.Equal(t, 2, logins(fake), "in no time")
				for range 3600 {
					time.Sleep(time.Second)
					fail()
				}
				assert.InDelta(t, 3600/30, logins(fake), 10, "in an hour")
			})
		})
	}
}

func logins(fake *bgoperatortest.Server) (n int) {
	for _, op := range ops(fake) {
		if op == "login" {
			n++
		}
	}
	return n
}

// If all sessions have ended, a call tries one after the other and succeeds.
func TestAllSessionsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, func(cfg *bgoperator.Config) { cfg.Sessions = 4 })
		together := func(op string) {
			var wg sync.WaitGroup
			for i := range 4 {
				fake.Inject(bgoperatortest.Fault{Op: op, Delay: time.Second})
				wg.Go(func() {
					request := fakeTour(fake, fmt.Sprint(1000+i))
					_, err := c.Book(t.Context(), request)
					if op == "createtour" {
						_, err = c.Quote(t.Context(), request)
					}
					assert.NoError(t, err)
				})
			}
			wg.Wait()
		}
		together("createtour")
		require.Equal(t, 4, logins(fake))
		fake.EndSessions()
		_, err := c.Book(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		_, err = c.Book(t.Context(), fakeTour(fake, "2"))
		require.NoError(t, err)
		assert.Equal(t, 6, logins(fake), "one for each session that was refused")
		for i := range 20 {
			_, err := c.Book(t.Context(), fakeTour(fake, fmt.Sprint(i+3)))
			require.NoError(t, err)
		}
		assert.Equal(t, 8, logins(fake))
	})
}

// If the supplier allows one session for a login, two clients with their own sessions log
// in before each call. If one logs in between the login and the first request of the
// other, the error is ErrExpired, not ErrAuth, and logins pause.
func TestOneSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := bgoperatortest.New()
		fake.SetQuirks(bgoperatortest.Quirks{OneSession: true})
		second, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		var interfere bool
		first, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()),
			rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(ctx context.Context, a rutravel.Attempt) {
				if a.Op == "login" && interfere {
					_, err := second.Quote(ctx, fakeTour(fake, "2"))
					assert.NoError(t, err)
				}
			}}))
		require.NoError(t, err)
		for range 3 {
			for _, c := range []*bgoperator.Client{first, second} {
				_, err = c.Quote(t.Context(), fakeTour(fake, "1"))
				require.NoError(t, err)
			}
		}
		assert.Equal(t, 6, logins(fake), "one for each call")

		interfere = true
		_, err = first.Book(t.Context(), fakeTour(fake, "1"))
		assert.Equal(t, 2, conformance.Failure(t, err, rutravel.ErrExpired).Attempts)
		assert.NotErrorIs(t, err, rutravel.ErrAuth)
		assert.ErrorContains(t, err, "another process or session with the same login may have ended it")
		assert.Equal(t, 8, logins(fake))
		for range 10 {
			_, err = first.Book(t.Context(), fakeTour(fake, "1"))
			assert.Zero(t, conformance.Failure(t, err, rutravel.ErrExpired).Attempts)
		}
		assert.Equal(t, 8, logins(fake), "logins pause")
		interfere = false
		time.Sleep(time.Second)
		_, err = first.Book(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		assert.Len(t, fake.Bookings(), 1)
	})
}

// slowBody sends the headers of an answer at once. The body ends only with the
// context of the call.
type slowBody struct{ next http.RoundTripper }

func (s slowBody) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err == nil && r.URL.Query().Get("dir") == "d" {
		resp.Body = io.NopCloser(blockedReader{r.Context()})
	}
	return resp, err
}

type blockedReader struct{ ctx context.Context }

func (r blockedReader) Read([]byte) (int, error) {
	<-r.ctx.Done()
	return 0, r.ctx.Err()
}

// The cookies of an answer are kept even if the answer cannot be read or the caller no
// longer waits.
func TestCookiesOfUnreadAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := bgoperatortest.New()
		c, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(&http.Client{Transport: slowBody{fake}}))
		require.NoError(t, err)
		transfer := bgoperator.Transfer{Airport: "103940001962", Date: "01.03.2014", FlightDirection: bgoperator.FlightDeparture}
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err = c.Flights(ctx, transfer)
			cancel()
			conformance.Failure(t, err, rutravel.ErrCanceled)
		}
		fake.Inject(bgoperatortest.Fault{Op: "showtransfers", Cut: 5}, bgoperatortest.Fault{Op: "showtransfers", Cut: 15})
		_, err = c.TouristTransfers(t.Context(), "17")
		require.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
		fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Cut: 5})
		_, err = c.Book(t.Context(), fakeTour(fake, "1"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		_, err = c.Book(t.Context(), fakeTour(fake, "2"))
		require.NoError(t, err)
		assert.Equal(t, []string{
			"login", "showflightdata", "showflightdata", "showtransfers", "showtransfers", "showtransfers",
			"createtour+confirm", "createtour+confirm",
		}, ops(fake))
	})
}

// After a lost answer, the cookies may be outdated. There is a login before the next
// request.
func TestLoginAfterLostAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Drop: true, Processed: true})
		_, err := c.Book(t.Context(), fakeTour(fake, "1"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		_, err = c.Book(t.Context(), fakeTour(fake, "2"))
		require.NoError(t, err)

		// The same between the attempts of one call, and after its context ended.
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Drop: true, Processed: true}, bgoperatortest.Fault{Op: "createtour", Delay: time.Hour})
		_, err = c.Quote(t.Context(), fakeTour(fake, "3"))
		require.NoError(t, err)
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Quote(ctx, fakeTour(fake, "3"))
		conformance.Failure(t, err, rutravel.ErrCanceled)
		_, err = c.Quote(t.Context(), fakeTour(fake, "3"))
		require.NoError(t, err)
		assert.Equal(t, []string{
			"login", "createtour+confirm", "login", "createtour+confirm",
			"createtour", "login", "createtour", "login", "createtour",
			"createtour", "login", "createtour",
		}, ops(fake))

		// A request that was never sent did not change the cookies.
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Refuse: true})
		_, err = c.Quote(t.Context(), fakeTour(fake, "3"))
		require.NoError(t, err)
		assert.Equal(t, []string{"createtour"}, ops(fake)[12:])
	})
}

// If a gateway drops the supplier's new cookie, the next attempt gets 401. The call
// logs in and is sent once more, also in a session that it has opened itself.
func TestGatewayDropsCookie(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Status: http.StatusBadGateway, Processed: true})
		_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		assert.Equal(t, []string{"login", "createtour", "createtour", "login", "createtour"}, ops(fake))
	})
}

// A session carries one call at a time. Several sessions carry calls at the same
// time.
func TestSessionsInParallel(t *testing.T) {
	t.Parallel()
	for _, sessions := range []int{0, 1, 4} {
		t.Run(fmt.Sprint(sessions), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t, func(cfg *bgoperator.Config) { cfg.Sessions = sessions })
				const callers = 50
				for range callers {
					fake.Inject(bgoperatortest.Fault{Op: "showtransfers", Delay: time.Second})
				}
				start := time.Now()
				var wg sync.WaitGroup
				for range callers {
					wg.Go(func() {
						_, err := c.TouristTransfers(t.Context(), "17")
						assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
					})
				}
				wg.Wait()
				n := max(sessions, 1)
				assert.Equal(t, time.Duration((callers+n-1)/n)*time.Second, time.Since(start))
				assert.Len(t, fake.Requests(), callers+n)
			})
		})
	}
}

// Calls one after the other log in once, whatever Sessions is.
func TestOpenSessionsArePreferred(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, func(cfg *bgoperator.Config) { cfg.Sessions = 8 })
	for range 5 {
		_, err := c.TouristTransfers(t.Context(), "17")
		require.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
	}
	assert.Len(t, fake.Requests(), 6)
}

// There are fifty callers, faults and contexts that end. Every booking that is returned was
// made, and every booking that was made is returned or not confirmed.
func TestSessionsUnderFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, func(cfg *bgoperator.Config) { cfg.Sessions = 3 })
		for i := range 50 {
			f := bgoperatortest.Fault{Op: "createtour+confirm", Delay: time.Duration(i%5) * 700 * time.Millisecond}
			switch i % 7 {
			case 1:
				f.Drop, f.Processed = true, true
			case 2:
				f.Drop = true
			case 3:
				f.Cut = 7
			case 4:
				f.Late = true
			}
			fake.Inject(f)
		}
		time.AfterFunc(5*time.Second, fake.EndSessions)
		var (
			mu              sync.Mutex
			booked, unknown int
			wg              sync.WaitGroup
		)
		for i := range 50 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+i%9)*2*time.Second)
				defer cancel()
				_, err := c.Book(ctx, fakeTour(fake, fmt.Sprint(1000+i)))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					booked++
				case errors.Is(err, rutravel.ErrNotConfirmed):
					unknown++
				default:
					assert.ErrorIs(t, err, rutravel.ErrCanceled)
				}
			})
		}
		wg.Wait()
		time.Sleep(time.Minute) // until late requests have arrived
		assert.Positive(t, booked)
		assert.Positive(t, unknown)
		made := len(fake.Bookings())
		assert.GreaterOrEqual(t, made, booked)
		assert.LessOrEqual(t, made, booked+unknown)

		// All sessions are in the pool and usable.
		for range 3 {
			_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
			require.NoError(t, err)
		}
	})
}

// A call returns its session to the pool if the caller's hook panics.
func TestSessionIsReleasedAfterPanic(t *testing.T) {
	t.Parallel()
	var quiet bool
	_, c := newFake(t, nil, rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(_ context.Context, a rutravel.Attempt) {
		if !quiet && a.Op != "login" {
			panic("hook")
		}
	}}))
	assert.Panics(t, func() { _, _ = c.TouristTransfers(t.Context(), "17") })
	quiet = true
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := c.TouristTransfers(ctx, "17")
	assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
}

// A secret is concealed without its scheme and its quotes, and where the text of an
// error is cut.
func TestPartsOfSecrets(t *testing.T) {
	t.Parallel()
	a := &customAuthenticator{header: http.Header{"Authorization": {"Bearer of b34rer-secret"}, "Cookie": {`Z="qu0ted secret"`}}}
	for _, secret := range []string{"b34rer-secret", "qu0ted secret"} {
		for name, body := range map[string]string{
			"info":             "<errors><error>999</error><info>got " + secret + "</info></errors>",
			"status":           "<status>" + strings.Repeat("x", 35) + " " + secret + "</status>",
			"end of long text": "<status>" + strings.Repeat("x", 290) + " " + secret + "</status>",
		} {
			t.Run(secret+" in "+name, func(t *testing.T) {
				t.Parallel()
				m := httpmock.NewMockTransport()
				m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, body))
				c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
				require.NoError(t, err)
				err = c.Cancel(t.Context(), bookingID, ticket)
				require.Error(t, err)
				assert.NotContains(t, err.Error(), secret[:5])
			})
		}
	}
}

// No error, log or hook contains a password or a cookie, even if an answer contains it.
func TestSecretsOfSessions(t *testing.T) {
	t.Parallel()
	const password = "s3cr3t pwd/+ü"
	cookies := []string{"c00kie-of-login", "c00kie-rotated-1", "c00kie-rotated-2"}
	var private []string
	private = append(private, cookies...)
	private = append(private, password, "s3cr3t+pwd%2F%2B%C3%BC", "s3cr3t%20pwd%2F%2B%C3%BC", "agency 7781", "agency+7781")
	for name, broken := range map[string]struct {
		login func(*http.Request) (*http.Response, error)
		call  func(r *http.Request, next string) (*http.Response, error)
	}{
		"login refused": {login: func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			return httpmock.NewStringResponse(http.StatusForbidden, string(body)), err
		}},
		"login unreachable": {login: func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			return nil, errors.Join(err, &net.OpError{Op: "dial", Err: fmt.Errorf("%s %s: %w", r.URL, body, syscall.ECONNREFUSED)})
		}},
		"login in parts": {login: func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			return nil, fmt.Errorf("%w: giving up on %s with %s and %s", err, r.URL, body, password)
		}},
		"call refused": {call: func(r *http.Request, next string) (*http.Response, error) {
			return httpmock.NewStringResponse(http.StatusOK, "<errors><error>999</error><info>want "+
				next+", got "+r.Header.Get("Cookie")+"</info></errors>"), nil
		}},
		"call broken": {call: func(r *http.Request, _ string) (*http.Response, error) {
			return nil, errors.New("reset after " + r.Header.Get("Cookie"))
		}},
		"call answered by a gateway": {call: func(r *http.Request, _ string) (*http.Response, error) {
			return httpmock.NewStringResponse(http.StatusBadGateway, r.Header.Get("Cookie")), nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var rotations int
				m := httpmock.NewMockTransport()
				m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
					if strings.HasSuffix(r.URL.Path, "/auth") {
						if broken.login != nil {
							return broken.login(r)
						}
						resp := httpmock.NewStringResponse(http.StatusFound, "")
						resp.Header["Set-Cookie"] = []string{"L=1", "A1=2", "Z1=" + cookies[0]}
						return resp, nil
					}
					rotations++
					next := cookies[1+rotations%2]
					resp, err := broken.call(r, next)
					if err == nil {
						resp.Header.Set("Set-Cookie", "Z1="+next)
					}
					return resp, err
				})
				var shown bytes.Buffer
				logger := slog.New(slog.NewTextHandler(&shown, &slog.HandlerOptions{Level: slog.LevelDebug}))
				c, err := bgoperator.New(bgoperator.Config{Login: "agency 7781", Password: password},
					rutravel.WithHTTPClient(&http.Client{Transport: m}), rutravel.WithLogger(logger),
					rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(_ context.Context, a rutravel.Attempt) { fmt.Fprintf(&shown, "%v %+v %#v\n", a, a, a.Err) }}))
				require.NoError(t, err)
				for range 2 {
					_, err = c.TouristTransfers(t.Context(), "17")
					require.Error(t, err)
					for cause := err; cause != nil; cause = errors.Unwrap(cause) {
						fmt.Fprintf(&shown, "%v %+v %#v\n", cause, cause, cause)
					}
				}
				fmt.Fprintf(&shown, "%v %+v %#v", c, c, c)
				for _, p := range private {
					assert.NotContains(t, shown.String(), p)
				}
			})
		})
	}
}
