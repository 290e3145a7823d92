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

// A session ends: one login, one repetition, of a booking too.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, nil)
	tour := sample(fake, "1")
	_, err := c.Quote(t.Context(), tour)
	require.NoError(t, err)
	fake.EndSessions()
	_, err = c.Book(t.Context(), tour, rutravel.WithMaxAttempts(1))
	require.NoError(t, err)
	assert.Equal(t, []string{"login", "createtour", "createtour+confirm", "login", "createtour+confirm"}, ops(fake))
	assert.Len(t, fake.Bookings(), 1)
}

// BG-T03: code 103 is treated like 401, once; neither is answered by logins
// without end.
func TestSessionRefusedAgain(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]bgoperatortest.Fault{
		"401":      {Op: "createtour+confirm", Status: http.StatusUnauthorized, Body: "<html>"},
		"401 bare": {Op: "createtour+confirm", Status: http.StatusUnauthorized},
		"401, 103": {Op: "createtour+confirm", Status: http.StatusUnauthorized, Body: conformance.Awkward(t, "bgoperator", "errors-103")},
		"103":      {Op: "createtour+confirm", Body: conformance.Awkward(t, "bgoperator", "errors-103")},
	} {
		fake, c := newFake(t, nil)
		tour := sample(fake, "1")
		// In a session that this call has opened: no further login would help.
		fake.Inject(refusal)
		_, err := c.Book(t.Context(), tour)
		e := conformance.Failure(t, err, rutravel.ErrAuth)
		assert.Equal(t, strings.Contains(name, "103"), errors.Is(err, bgoperator.CodeAccessDenied), name)
		assert.Equal(t, "createtour+confirm", e.Op)
		assert.Equal(t, 1, e.Attempts)
		assert.Equal(t, []string{"login", "createtour+confirm"}, ops(fake), name)

		// The next call logs in anew.
		_, err = c.Quote(t.Context(), tour)
		require.NoError(t, err)
		assert.Equal(t, []string{"login", "createtour+confirm", "login", "createtour"}, ops(fake), name)

		// In an old one there is one more try.
		fake.Inject(refusal, refusal)
		_, err = c.Book(t.Context(), tour)
		assert.Equal(t, 2, conformance.Failure(t, err, rutravel.ErrAuth).Attempts)
		assert.Equal(t, []string{"createtour+confirm", "login", "createtour+confirm"}, ops(fake)[4:], name)
		assert.Empty(t, fake.Bookings())

		// What was refused twice is closed, too.
		_, err = c.Quote(t.Context(), tour)
		require.NoError(t, err)
		assert.Equal(t, []string{"login", "createtour"}, ops(fake)[7:], name)
	}
}

// A session that a call has opened between its attempts is new to it: a refusal
// of that one is not answered by yet another login.
func TestSessionOpenedBetweenAttemptsIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		_, err := c.Quote(t.Context(), sample(fake, "1"))
		require.NoError(t, err)
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Drop: true}, bgoperatortest.Fault{Op: "createtour", Status: http.StatusUnauthorized})
		_, err = c.Quote(t.Context(), sample(fake, "1"))
		assert.Equal(t, 2, conformance.Failure(t, err, rutravel.ErrAuth).Attempts)
		assert.Equal(t, []string{"createtour", "login", "createtour"}, ops(fake)[2:])
	})
}

// What stands in front of the supplier may say in its own way that a session is
// over. The call is not made again, but the next one has a new session; an
// answer of the supplier's own costs none.
func TestAnswersFromElsewhere(t *testing.T) {
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
			fake, c := newFake(t, nil)
			_, err := c.Quote(t.Context(), sample(fake, "1"))
			require.NoError(t, err)
			test.fault.Op = op
			fake.Inject(test.fault)
			if op == "createtour" {
				_, err = c.Quote(t.Context(), sample(fake, "1"))
			} else {
				_, err = c.Book(t.Context(), sample(fake, "1"))
			}
			require.Error(t, err, name)
			assert.Equal(t, []string{"login", "createtour", op}, ops(fake), "%s: not repeated", name)
			_, err = c.Quote(t.Context(), sample(fake, "1"))
			require.NoError(t, err)
			want := []string{"createtour"}
			if test.login {
				want = []string{"login", "createtour"}
			}
			assert.Equal(t, want, ops(fake)[3:], "%s: %s", op, name)
		}
	}
}

// Waiting callers honour their contexts; their calls were not sent.
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
		_, err := c.Book(ctx, sample(fake, "1"))
		e := conformance.Failure(t, err, rutravel.ErrCanceled)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, e.Attempts)
		assert.Equal(t, time.Second, time.Since(start))

		// One who waits long enough gets a turn.
		_, err = c.Book(t.Context(), sample(fake, "1"))
		require.NoError(t, err)
		wg.Wait()
		assert.Equal(t, []string{"login", "showtransfers", "createtour+confirm"}, ops(fake))
	})
}

// slowBody sends an answer's headers at once and its body when the caller has
// left.
type slowBody struct{ behind http.RoundTripper }

func (s slowBody) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.behind.RoundTrip(r)
	if err == nil && r.URL.Query().Get("dir") == "d" {
		resp.Body = io.NopCloser(waiting{r.Context()})
	}
	return resp, err
}

type waiting struct{ ctx context.Context }

func (w waiting) Read([]byte) (int, error) {
	<-w.ctx.Done()
	return 0, w.ctx.Err()
}

// The cookie of an answer is kept whatever becomes of the answer: its status,
// its code, its body, its caller.
func TestRotationIsNeverLost(t *testing.T) {
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
		_, err = c.Book(t.Context(), sample(fake, "1"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		_, err = c.Book(t.Context(), sample(fake, "2"))
		require.NoError(t, err)
		assert.Equal(t, []string{
			"login", "showflightdata", "showflightdata", "showtransfers", "showtransfers", "showtransfers",
			"createtour+confirm", "createtour+confirm",
		}, ops(fake))
	})
}

// An answer that never came may have taken the cookie with it: a booking does
// not depend on what the supplier says to the old one.
func TestLostRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Drop: true, Processed: true})
		_, err := c.Book(t.Context(), sample(fake, "1"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		_, err = c.Book(t.Context(), sample(fake, "2"))
		require.NoError(t, err)

		// So it is between the attempts of one call, and after a cancellation.
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Drop: true, Processed: true}, bgoperatortest.Fault{Op: "createtour", Delay: time.Hour})
		_, err = c.Quote(t.Context(), sample(fake, "3"))
		require.NoError(t, err)
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Quote(ctx, sample(fake, "3"))
		conformance.Failure(t, err, rutravel.ErrCanceled)
		_, err = c.Quote(t.Context(), sample(fake, "3"))
		require.NoError(t, err)
		assert.Equal(t, []string{
			"login", "createtour+confirm", "login", "createtour+confirm",
			"createtour", "login", "createtour", "login", "createtour",
			"createtour", "login", "createtour",
		}, ops(fake))

		// What was never sent has changed nothing.
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Refuse: true})
		_, err = c.Quote(t.Context(), sample(fake, "3"))
		require.NoError(t, err)
		assert.Equal(t, []string{"createtour"}, ops(fake)[12:])
	})
}

// A gateway's answer without a cookie, after the supplier has changed it: 401,
// a login and the call once more, in a session that was new to the call, too.
func TestCookieLostInGateway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Status: http.StatusBadGateway, Processed: true})
		_, err := c.Quote(t.Context(), sample(fake, "1"))
		require.NoError(t, err)
		assert.Equal(t, []string{"login", "createtour", "createtour", "login", "createtour"}, ops(fake))
	})
}

// Calls of one session follow one another; those of several do not wait.
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

// One who calls now and then logs in once, however many sessions there may be.
func TestOpenSessionsArePreferred(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, func(cfg *bgoperator.Config) { cfg.Sessions = 8 })
	for range 5 {
		_, err := c.TouristTransfers(t.Context(), "17")
		require.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
	}
	assert.Len(t, fake.Requests(), 6)
}

// Fifty callers, some of whom leave at a bad moment: every booking that is
// reported was made, and every one that was made is reported or not confirmed.
func TestChaos(t *testing.T) {
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
				_, err := c.Book(ctx, sample(fake, fmt.Sprint(1000+i)))
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
		time.Sleep(time.Minute) // those who were late
		assert.Positive(t, booked)
		assert.Positive(t, unknown)
		made := len(fake.Bookings())
		assert.GreaterOrEqual(t, made, booked)
		assert.LessOrEqual(t, made, booked+unknown)

		// All sessions are back, and in order.
		for range 3 {
			_, err := c.Quote(t.Context(), sample(fake, "1"))
			require.NoError(t, err)
		}
	})
}

// A hook or a logger of the caller's that panics does not keep a session.
func TestPanicGivesTheSessionBack(t *testing.T) {
	t.Parallel()
	var calm bool
	_, c := newFake(t, nil, rutravel.WithHook(func(_ context.Context, a rutravel.Attempt) {
		if !calm && a.Op != "login" {
			panic("hook")
		}
	}))
	assert.Panics(t, func() { _, _ = c.TouristTransfers(t.Context(), "17") })
	calm = true
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := c.TouristTransfers(ctx, "17")
	assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
}

// A secret is hidden without what stands around it in a header, and where an
// error would cut it.
func TestPartsOfSecrets(t *testing.T) {
	t.Parallel()
	a := &own{header: http.Header{"Authorization": {"Bearer of b34rer-secret"}, "Cookie": {`Z="qu0ted secret"`}}}
	for _, secret := range []string{"b34rer-secret", "qu0ted secret"} {
		for _, body := range []string{
			"<errors><error>999</error><info>got " + secret + "</info></errors>",
			"<status>" + strings.Repeat("x", 35) + " " + secret + "</status>",
			"<status>" + strings.Repeat("x", 290) + " " + secret + "</status>",
		} {
			m := httpmock.NewMockTransport()
			m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, body))
			c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
			require.NoError(t, err)
			err = c.Cancel(t.Context(), bookingID, ticket)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), secret[:5], body)
		}
	}
}

// No password and no cookie is in any error, log or hook, whoever repeats it.
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
		"login in pieces": {login: func(r *http.Request) (*http.Response, error) {
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
		"call out of order": {call: func(r *http.Request, _ string) (*http.Response, error) {
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
					rutravel.WithHook(func(_ context.Context, a rutravel.Attempt) { fmt.Fprintf(&shown, "%v %+v %#v\n", a, a, a.Err) }))
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
