package bgoperator_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
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

// A failed login ends the call before it is sent, also a booking.
func TestLoginFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault bgoperatortest.Fault
		kind  rutravel.Kind
		tries int
	}{
		"refused":          {bgoperatortest.Fault{Refuse: true}, rutravel.ErrUnavailable, 0},
		"dropped":          {bgoperatortest.Fault{Drop: true}, rutravel.ErrUnavailable, 3},
		"502":              {bgoperatortest.Fault{Status: http.StatusBadGateway}, rutravel.ErrUnavailable, 3},
		"404":              {bgoperatortest.Fault{Status: http.StatusNotFound}, rutravel.ErrUnavailable, 1},
		"a form":           {bgoperatortest.Fault{Body: "<html>"}, rutravel.ErrAuth, 1},
		"401":              {bgoperatortest.Fault{Status: http.StatusUnauthorized}, rutravel.ErrAuth, 1},
		"403":              {bgoperatortest.Fault{Status: http.StatusForbidden}, rutravel.ErrAuth, 1},
		"too many":         {bgoperatortest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"3600"}}}, rutravel.ErrRateLimited, 1},
		"without Z":        {bgoperatortest.Fault{Status: http.StatusFound, Header: http.Header{"Set-Cookie": {"L=1", "A1=2"}}}, rutravel.ErrAuth, 1},
		"without A":        {bgoperatortest.Fault{Status: http.StatusFound, Header: http.Header{"Set-Cookie": {"L=1", "Z1=2"}}}, rutravel.ErrAuth, 1},
		"without L":        {bgoperatortest.Fault{Status: http.StatusFound, Header: http.Header{"Set-Cookie": {"A=1", "Z=2"}}}, rutravel.ErrAuth, 1},
		"empty Z":          {bgoperatortest.Fault{Status: http.StatusFound, Header: http.Header{"Set-Cookie": {"L=1", "A=1", "Z="}}}, rutravel.ErrAuth, 1},
		"another redirect": {bgoperatortest.Fault{Status: http.StatusMovedPermanently}, rutravel.ErrUnavailable, 1},
		"similar names":    {bgoperatortest.Fault{Status: http.StatusFound, Header: http.Header{"Set-Cookie": {"L=1", "A1x=1", "ZA=1", "AL=1"}}}, rutravel.ErrAuth, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t, nil)
				test.fault.Op = "login"
				fake.Inject(test.fault, test.fault, test.fault)
				raw := []byte("of another call")
				_, err := c.Book(t.Context(), fakeTour(fake, "1"), rutravel.WithRawAnswer(&raw))
				e := conformance.Failure(t, err, test.kind)
				assert.Equal(t, "createtour+confirm", e.Op)
				assert.Zero(t, e.Attempts)
				assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
				assert.Nil(t, raw)
				login, ok := errors.AsType[*rutravel.Error](e.Err)
				require.True(t, ok, "%v", err)
				if test.fault.Status != 0 {
					assert.Equal(t, test.fault.Status, login.HTTPStatus)
				}
				assert.Equal(t, "login", login.Op)
				assert.Equal(t, login.RetryAfter, e.RetryAfter)
				assert.Len(t, ops(fake), test.tries)
				assert.NotContains(t, ops(fake), "createtour+confirm")
			})
		})
	}
}

// BG-T03: the names of a session's cookies may end in a number.
func TestNamesOfCookies(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{"A", "Z"}, {"A1", "Z1"}, {"A2", "Z2"}, {"A", "Z2"}, {"A10", "Z10"}} {
		t.Run(names[0]+names[1], func(t *testing.T) {
			t.Parallel()
			var sent []string
			m := httpmock.NewMockTransport()
			m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
				resp := httpmock.NewStringResponse(http.StatusOK, "<tours/>")
				if r.URL.String() == bgoperator.ProductionLogin {
					resp.Header["Set-Cookie"] = []string{"L=1", names[0] + "=2", names[1] + "=3"}
				} else {
					sent = append(sent, r.Header.Get("Cookie"))
				}
				return resp, nil
			})
			c, err := bgoperator.New(bgoperator.Config{Login: "l", Password: "p"}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
			require.NoError(t, err)
			_, err = c.TouristTransfers(t.Context(), "17")
			require.NoError(t, err)
			assert.Equal(t, []string{"L=1; " + names[0] + "=2; " + names[1] + "=3"}, sent)
		})
	}
}

// Calls that wait for a session do not try a wrong password again.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, func(cfg *bgoperator.Config) { cfg.Password, cfg.Sessions = "wr0ng-pwd", 2 })
		for range 2 {
			fake.Inject(bgoperatortest.Fault{Op: "login", Delay: time.Second})
		}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := c.TouristTransfers(t.Context(), "17")
				assert.ErrorIs(t, err, rutravel.ErrAuth)
				assert.NotContains(t, err.Error(), "wr0ng-pwd")
			})
		}
		wg.Wait()
		assert.Equal(t, []string{"login", "login"}, ops(fake))
		// During the pause, calls do not log in, and their errors say so. After it, one call
		// logs in.
		_, err := c.TouristTransfers(t.Context(), "17")
		e := conformance.Failure(t, err, rutravel.ErrAuth)
		assert.Equal(t, 100*time.Millisecond, e.RetryAfter)
		assert.ErrorContains(t, err, "no login for 100ms more, because the last one failed: ")
		assert.Len(t, ops(fake), 2)
		time.Sleep(time.Second)
		_, err = c.TouristTransfers(t.Context(), "17")
		require.ErrorIs(t, err, rutravel.ErrAuth)
		assert.Len(t, ops(fake), 3)
	})
}

// Ten calls with a wrong password log in once. With a call in each second, there are 23
// logins in an hour: the pauses are 0.1, 0.2, 0.4 … seconds, and then five minutes. If the
// login is out of order, the longest pause is 30 seconds.
func TestLoginPauses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  bgoperatortest.Fault
		kind   rutravel.Kind
		logins int
	}{
		"refused":      {bgoperatortest.Fault{Op: "login", Status: http.StatusForbidden}, rutravel.ErrAuth, 23},
		"a form":       {bgoperatortest.Fault{Op: "login", Body: "<html>"}, rutravel.ErrAuth, 23},
		"out of order": {bgoperatortest.Fault{Op: "login", Status: http.StatusNotFound}, rutravel.ErrUnavailable, 128},
		"too many":     {bgoperatortest.Fault{Op: "login", Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"600"}}}, rutravel.ErrRateLimited, 120},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t, nil)
				for range 200 {
					fake.Inject(test.fault)
				}
				for range 10 {
					_, err := c.Book(t.Context(), fakeTour(fake, "1"))
					assert.Zero(t, conformance.Failure(t, err, test.kind).Attempts)
				}
				assert.Equal(t, []string{"login"}, ops(fake))
				for range 3599 {
					time.Sleep(time.Second)
					_, err := c.Book(t.Context(), fakeTour(fake, "1"))
					require.ErrorIs(t, err, test.kind)
				}
				assert.Len(t, ops(fake), test.logins)

				// An accepted session resets the pauses: the next one is short.
				time.Sleep(refusedPause)
				for range fake.Pending() {
					takeFault(t, fake)
				}
				_, err := c.Book(t.Context(), fakeTour(fake, "1"))
				require.NoError(t, err)
				fake.EndSessions()
				fake.Inject(test.fault)
				_, err = c.Quote(t.Context(), fakeTour(fake, "1"))
				require.ErrorIs(t, err, test.kind)
				_, err = c.Quote(t.Context(), fakeTour(fake, "1"))
				e := conformance.Failure(t, err, test.kind)
				if test.kind == rutravel.ErrRateLimited {
					assert.Equal(t, 30*time.Second, e.RetryAfter)
				} else {
					assert.Equal(t, 100*time.Millisecond, e.RetryAfter)
				}
			})
		})
	}
}

// During a pause, calls wait for the open sessions. If there are none, they fail.
func TestOpenSessionsDuringPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, func(cfg *bgoperator.Config) { cfg.Sessions = 3 })
		_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		for range 100 {
			fake.Inject(bgoperatortest.Fault{Op: "login", Status: http.StatusForbidden, Delay: time.Millisecond})
		}
		var failed atomic.Int32
		together := func() {
			var wg sync.WaitGroup
			for i := range 10 {
				fake.Inject(bgoperatortest.Fault{Op: "createtour+confirm", Delay: time.Millisecond})
				wg.Go(func() {
					if _, err := c.Book(t.Context(), fakeTour(fake, fmt.Sprint(1000+i))); errors.Is(err, rutravel.ErrAuth) {
						failed.Add(1)
					}
				})
			}
			wg.Wait()
		}
		together()
		assert.EqualValues(t, 2, failed.Load(), "the calls that tried to log in")
		assert.Len(t, fake.Bookings(), 8)
		start := time.Now()
		together()
		assert.EqualValues(t, 2, failed.Load())
		assert.Equal(t, 10*time.Millisecond, time.Since(start), "one after the other")
		fake.EndSessions()
		together()
		assert.EqualValues(t, 12, failed.Load())
		assert.Equal(t, 3, logins(fake))
	})
}

// A call that waits for an open session during a pause logs in when it is over.
func TestPauseEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, func(cfg *bgoperator.Config) { cfg.Sessions = 2 })
		_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Delay: 20 * time.Second}, bgoperatortest.Fault{Op: "login", Status: http.StatusForbidden})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
			assert.NoError(t, err)
		})
		synctest.Wait()
		_, err = c.Book(t.Context(), fakeTour(fake, "1"))
		require.ErrorIs(t, err, rutravel.ErrAuth)
		start := time.Now()
		_, err = c.Book(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		assert.Equal(t, 100*time.Millisecond, time.Since(start))
		wg.Wait()
	})
}

// refusedPause is the longest pause between logins. It is longer than the Retry-After of
// the tests.
const refusedPause = 15 * time.Minute

// takeFault sends a login request, which gets the next fault.
func takeFault(t *testing.T, fake *bgoperatortest.Server) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, bgoperator.ProductionLogin, http.NoBody)
	require.NoError(t, err)
	resp, err := fake.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
}

// If a login hangs, only one of the waiting calls logs in.
func TestHangingLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		for range 100 {
			fake.Inject(bgoperatortest.Fault{Op: "login", Delay: time.Hour})
		}
		start := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := c.Book(t.Context(), fakeTour(fake, "1"))
				assert.Zero(t, conformance.Failure(t, err, rutravel.ErrUnavailable).Attempts)
				assert.ErrorIs(t, err, context.DeadlineExceeded)
			})
		}
		wg.Wait()
		assert.Equal(t, []string{"login", "login", "login"}, ops(fake))
		assert.Less(t, time.Since(start), 2*time.Minute)
	})
}

// If the context of one call ends during its login, the other calls do not fail.
func TestCanceledLoginFailsOneCall(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]bgoperatortest.Fault{
		"during the login":                  {Op: "login", Delay: 20 * time.Second},
		"no time for another login attempt": {Op: "login", Status: http.StatusBadGateway, Delay: time.Second, Header: http.Header{"Retry-After": {"20"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t, nil)
				fake.Inject(fault)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				var wg sync.WaitGroup
				wg.Go(func() {
					_, err := c.Book(ctx, fakeTour(fake, "1"))
					assert.Zero(t, conformance.Failure(t, err, rutravel.ErrCanceled).Attempts)
				})
				synctest.Wait()
				_, err := c.Book(t.Context(), fakeTour(fake, "2"))
				require.NoError(t, err)
				wg.Wait()
				assert.Equal(t, []string{"login", "login", "createtour+confirm"}, ops(fake))
			})
		})
	}
}

// hangingAuthenticator is an authenticator whose first login hangs until its
// context ends.
type hangingAuthenticator struct{ calls int }

func (a *hangingAuthenticator) Login(ctx context.Context) (http.Header, error) {
	if a.calls++; a.calls > 1 {
		return nil, nil
	}
	<-ctx.Done()
	return nil, errors.New("gave up")
}

// The same applies to an authenticator that returns its own error.
func TestCanceledAuthenticatorFailsOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := httpmock.NewMockTransport()
		m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, "<tours/>"))
		c, err := bgoperator.New(bgoperator.Config{Authenticator: new(hangingAuthenticator)}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.TouristTransfers(ctx, "17")
			conformance.Failure(t, err, rutravel.ErrCanceled)
		})
		synctest.Wait()
		_, err = c.TouristTransfers(t.Context(), "17")
		require.NoError(t, err)
		wg.Wait()
	})
}

// A call that is canceled during its login is not sent. The next one logs in.
func TestCanceledDuringLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		fake.Inject(bgoperatortest.Fault{Op: "login", Delay: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := c.Book(ctx, fakeTour(fake, "1"))
		assert.Zero(t, conformance.Failure(t, err, rutravel.ErrCanceled).Attempts)
		assert.ErrorIs(t, err, context.Canceled)
		_, err = c.Book(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		assert.Equal(t, []string{"login", "login", "createtour+confirm"}, ops(fake))
	})
}

// A login that is refused between two attempts is not tried again.
func TestLoginRefusedBetweenAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Drop: true}, bgoperatortest.Fault{Op: "login", Status: http.StatusForbidden})
		_, err = c.Quote(t.Context(), fakeTour(fake, "1"))
		e, ok := err.(*rutravel.Error)
		require.True(t, ok)
		assert.Equal(t, rutravel.ErrAuth, e.Kind)
		assert.Equal(t, 1, e.Attempts)
		assert.ErrorIs(t, err, rutravel.ErrUnavailable, "the error of the first attempt")
		assert.Equal(t, []string{"login", "createtour", "createtour", "login"}, ops(fake))
	})
}

// The headers of an authenticator sign every request. The authenticator's map is not
// changed.
func TestAuthenticatorHeaders(t *testing.T) {
	t.Parallel()
	var sent []http.Header
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.Header.Clone())
		resp := httpmock.NewStringResponse(http.StatusOK, "<tours/>")
		resp.Header["Set-Cookie"] = []string{fmt.Sprintf(`Z="%d a"; Path=/`, len(sent)), "gone=; Max-Age=0", "bad name=1"}
		return resp, nil
	})
	a := &customAuthenticator{header: http.Header{
		"Authorization": {"Basic b3duLXNlY3JldA=="}, "Cookie": {"gone=1; Z=0;kept=a=b", "more=2"},
	}}
	c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	for range 3 {
		_, err = c.TouristTransfers(t.Context(), "17")
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, a.calls.Load())
	for i, want := range []string{"gone=1; Z=0; kept=a=b; more=2", `Z="1 a"; kept=a=b; more=2`, `Z="2 a"; kept=a=b; more=2`} {
		assert.Equal(t, want, sent[i].Get("Cookie"), "request %d", i)
		assert.Equal(t, "Basic b3duLXNlY3JldA==", sent[i].Get("Authorization"), "request %d", i)
		assert.Equal(t, []string{"gzip"}, sent[i]["Accept-Encoding"], "request %d", i)
	}
	assert.Equal(t, []string{"gone=1; Z=0;kept=a=b", "more=2"}, a.header["Cookie"])
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", c, c, c), "b3duLXNlY3JldA")
}

// The names of an authenticator's headers may be in upper or lower case.
func TestAuthenticatorHeadersInAnyCase(t *testing.T) {
	t.Parallel()
	var sent http.Header
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		sent = r.Header.Clone()
		resp := httpmock.NewStringResponse(http.StatusOK, "<tours/>")
		resp.Header["Set-Cookie"] = []string{"Z=2"}
		return resp, nil
	})
	a := &customAuthenticator{header: http.Header{"cookie": {"Z=1"}, "COOKIE": {"L=a"}, "x-token": {"t"}}}
	c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	for range 2 {
		_, err = c.TouristTransfers(t.Context(), "17")
		require.NoError(t, err)
	}
	var cookies []string
	for name, values := range sent {
		if strings.EqualFold(name, "cookie") {
			cookies = append(cookies, values...)
		}
	}
	require.Len(t, cookies, 1)
	assert.ElementsMatch(t, []string{"Z=2", "L=a"}, strings.Split(cookies[0], "; "))
	assert.Equal(t, []string{"t"}, sent["X-Token"])
	assert.NotContains(t, sent, "x-token")
}

// Errors do not contain the headers of an authenticator.
func TestAuthenticatorHeadersAreSecret(t *testing.T) {
	t.Parallel()
	a := &customAuthenticator{header: http.Header{"Authorization": {"Basic b3duLXNlY3JldA=="}}}
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		return httpmock.NewStringResponse(http.StatusOK, "<errors><error>999</error><info>"+r.Header.Get("Authorization")+"</info></errors>"), nil
	})
	c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	_, err = c.TouristTransfers(t.Context(), "17")
	assert.NotContains(t, conformance.Failure(t, err, rutravel.ErrRejected).Error(), "b3duLXNlY3JldA")
}

// A call whose context has ended does not log in.
func TestNoLoginAfterCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := &customAuthenticator{}
	c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: httpmock.NewMockTransport()}))
	require.NoError(t, err)
	for range 10 {
		_, err = c.TouristTransfers(ctx, "17")
		conformance.Failure(t, err, rutravel.ErrCanceled)
	}
	assert.Zero(t, a.calls.Load())
}

// The error of an authenticator ends the call before it is sent.
func TestAuthenticatorFails(t *testing.T) {
	t.Parallel()
	for kind, cause := range map[rutravel.Kind]error{
		rutravel.ErrUnavailable: errors.New("vault is sealed"),
		rutravel.ErrAuth:        fmt.Errorf("vault: %w", rutravel.ErrAuth),
	} {
		t.Run(kind.Error(), func(t *testing.T) {
			t.Parallel()
			c, err := bgoperator.New(bgoperator.Config{Authenticator: &customAuthenticator{err: cause}},
				rutravel.WithHTTPClient(&http.Client{Transport: httpmock.NewMockTransport()}))
			require.NoError(t, err)
			err = c.Cancel(t.Context(), "17", "18")
			assert.Zero(t, conformance.Failure(t, err, kind).Attempts)
			assert.ErrorIs(t, err, cause)
		})
	}
}
