package bgoperator_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
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

// A login that fails ends the call before it is sent, a booking too.
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
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake, c := newFake(t, nil)
				test.fault.Op = "login"
				fake.Inject(test.fault, test.fault, test.fault)
				raw := []byte("of another call")
				_, err := c.Book(t.Context(), sample(fake, "1"), rutravel.WithRawAnswer(&raw))
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

// A wrong password is tried by those who log in, not by all who wait for them.
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
		// Whoever comes later asks again: the password may have been corrected.
		_, err := c.TouristTransfers(t.Context(), "17")
		require.ErrorIs(t, err, rutravel.ErrAuth)
		assert.Len(t, ops(fake), 3)
	})
}

// A login that is out of order is tried by one of those who wait, not by each of
// them in turn.
func TestLoginOutOfOrder(t *testing.T) {
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
				_, err := c.Book(t.Context(), sample(fake, "1"))
				assert.Zero(t, conformance.Failure(t, err, rutravel.ErrUnavailable).Attempts)
				assert.ErrorIs(t, err, context.DeadlineExceeded)
			})
		}
		wg.Wait()
		assert.Equal(t, []string{"login", "login", "login"}, ops(fake))
		assert.Less(t, time.Since(start), 2*time.Minute)
	})
}

// The end of one caller's patience is no failure of the login: the others try
// for themselves.
func TestCancelledLoginIsNotHandedOn(t *testing.T) {
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
					_, err := c.Book(ctx, sample(fake, "1"))
					assert.Zero(t, conformance.Failure(t, err, rutravel.ErrCanceled).Attempts)
				})
				synctest.Wait()
				_, err := c.Book(t.Context(), sample(fake, "2"))
				require.NoError(t, err)
				wg.Wait()
				assert.Equal(t, []string{"login", "login", "createtour+confirm"}, ops(fake))
			})
		})
	}
}

// slow is an authenticator whose first login hangs.
type slow struct{ calls int }

func (s *slow) Login(ctx context.Context) (http.Header, error) {
	if s.calls++; s.calls > 1 {
		return nil, nil
	}
	<-ctx.Done()
	return nil, errors.New("nobody waits")
}

// So it is with an authenticator that has its own words for it.
func TestCancelledAuthenticator(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := httpmock.NewMockTransport()
		m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, "<tours/>"))
		c, err := bgoperator.New(bgoperator.Config{Authenticator: new(slow)}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
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

// A caller who leaves during the login has sent nothing, and the next one logs
// in.
func TestCancelledDuringLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		fake.Inject(bgoperatortest.Fault{Op: "login", Delay: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := c.Book(ctx, sample(fake, "1"))
		assert.Zero(t, conformance.Failure(t, err, rutravel.ErrCanceled).Attempts)
		assert.ErrorIs(t, err, context.Canceled)
		_, err = c.Book(t.Context(), sample(fake, "1"))
		require.NoError(t, err)
		assert.Equal(t, []string{"login", "login", "createtour+confirm"}, ops(fake))
	})
}

// A login that is refused between two attempts is not tried again.
func TestLoginRefusedBetweenAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		_, err := c.Quote(t.Context(), sample(fake, "1"))
		require.NoError(t, err)
		fake.Inject(bgoperatortest.Fault{Op: "createtour", Drop: true}, bgoperatortest.Fault{Op: "login", Status: http.StatusForbidden})
		_, err = c.Quote(t.Context(), sample(fake, "1"))
		e, ok := err.(*rutravel.Error)
		require.True(t, ok)
		assert.Equal(t, rutravel.ErrAuth, e.Kind)
		assert.Equal(t, 1, e.Attempts)
		assert.ErrorIs(t, err, rutravel.ErrUnavailable, "the attempt before is told of")
		assert.Equal(t, []string{"login", "createtour", "createtour", "login"}, ops(fake))
	})
}

func TestOwnAuthenticator(t *testing.T) {
	t.Parallel()
	var sent []http.Header
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.Header.Clone())
		resp := httpmock.NewStringResponse(http.StatusOK, "<tours/>")
		resp.Header["Set-Cookie"] = []string{fmt.Sprintf(`Z="%d a"; Path=/`, len(sent)), "gone=; Max-Age=0", "bad name=1"}
		return resp, nil
	})
	a := &own{header: http.Header{
		"Authorization": {"Basic b3duLXNlY3JldA=="}, "Cookie": {"gone=1; Z=0;kept=a=b", "more=2"},
	}}
	c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	for range 3 {
		_, err = c.TouristTransfers(t.Context(), "17")
		require.NoError(t, err)
	}
	assert.Equal(t, 1, a.calls)
	for i, want := range []string{"gone=1; Z=0; kept=a=b; more=2", `Z="1 a"; kept=a=b; more=2`, `Z="2 a"; kept=a=b; more=2`} {
		assert.Equal(t, want, sent[i].Get("Cookie"))
		assert.Equal(t, "Basic b3duLXNlY3JldA==", sent[i].Get("Authorization"))
		assert.Equal(t, []string{"gzip"}, sent[i]["Accept-Encoding"])
	}
	assert.Equal(t, []string{"gone=1; Z=0;kept=a=b", "more=2"}, a.header["Cookie"], "the caller's header is the caller's")
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", c, c, c), "b3duLXNlY3JldA")

	// What it signs with is a secret, too.
	echo := httpmock.NewMockTransport()
	echo.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		return httpmock.NewStringResponse(http.StatusOK, "<errors><error>999</error><info>"+r.Header.Get("Authorization")+"</info></errors>"), nil
	})
	c, err = bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: echo}))
	require.NoError(t, err)
	_, err = c.TouristTransfers(t.Context(), "17")
	assert.NotContains(t, conformance.Failure(t, err, rutravel.ErrRejected).Error(), "b3duLXNlY3JldA")

	// A caller who has left is not logged in for.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	idle := &own{}
	c, err = bgoperator.New(bgoperator.Config{Authenticator: idle}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	for range 10 {
		_, err = c.TouristTransfers(ctx, "17")
		conformance.Failure(t, err, rutravel.ErrCanceled)
	}
	assert.Zero(t, idle.calls)

	// A cookie that is taken back is not sent any more.
	short := &own{header: http.Header{"Cookie": {"gone=1"}}}
	none := httpmock.NewMockTransport()
	var cookies []string
	none.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		cookies = append(cookies, r.Header.Get("Cookie"))
		resp := httpmock.NewStringResponse(http.StatusOK, "<tours/>")
		resp.Header.Set("Set-Cookie", "gone=; Max-Age=0")
		return resp, nil
	})
	c, err = bgoperator.New(bgoperator.Config{Authenticator: short}, rutravel.WithHTTPClient(&http.Client{Transport: none}))
	require.NoError(t, err)
	for range 2 {
		_, err = c.TouristTransfers(t.Context(), "17")
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"gone=1", ""}, cookies)

	for kind, cause := range map[rutravel.Kind]error{
		rutravel.ErrUnavailable: errors.New("vault is sealed"),
		rutravel.ErrAuth:        fmt.Errorf("vault: %w", rutravel.ErrAuth),
	} {
		c, err = bgoperator.New(bgoperator.Config{Authenticator: &own{err: cause}}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
		require.NoError(t, err)
		err = c.Cancel(t.Context(), "17", "18")
		assert.Zero(t, conformance.Failure(t, err, kind).Attempts)
		assert.ErrorIs(t, err, cause)
	}
}
