package bgoperator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// A call that gets no session is one call to observers, beside its login.
func TestObservedWithoutSession(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	t.Cleanup(s.Close)
	started, ended := map[string]int{}, map[string]int{}
	c, err := bgoperator.New(bgoperator.Config{BaseURL: s.URL, LoginURL: s.URL, Login: "login", Password: "password"},
		rutravel.WithMaxAttempts(1), rutravel.WithObserver(rutravel.Observer{
			CallStart: func(ctx context.Context, c rutravel.Call) context.Context {
				started[c.Op]++
				return ctx
			},
			CallEnd: func(_ context.Context, r rutravel.Result) { ended[r.Op]++ },
		}))
	require.NoError(t, err)
	_, err = c.QuoteCancel(t.Context(), "1")
	e, ok := err.(*rutravel.Error)
	require.True(t, ok)
	assert.Equal(t, 1, started[e.Op], started)
	assert.Equal(t, started, ended)
	assert.Len(t, started, 2)
}

// Observers see the wait for a session, with its login, and the login as a call of
// its own.
func TestObservedSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen conformance.Observed
		store := &slowStore{delay: time.Second}
		fake, c := newFake(t, func(cfg *bgoperator.Config) { cfg.SessionStore = store }, seen.Option())
		transfers := func() {
			_, err := c.TouristTransfers(t.Context(), "17")
			assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
		}
		sessions := func(one *conformance.ObservedCall) (sum time.Duration) {
			for _, w := range one.Waits {
				assert.Equal(t, rutravel.WaitSession, w.Reason)
				sum += w.Duration
			}
			return sum
		}
		fake.Inject(bgoperatortest.Fault{Op: "login", Delay: 2 * time.Second})
		transfers()
		seen.Check(t)
		require.Len(t, seen.Calls("login"), 1)
		require.Len(t, seen.Calls("showtransfers"), 1)
		assert.Equal(t, 4*time.Second, sessions(seen.Calls("showtransfers")[0]), "load, log in, save")

		// Two calls wait for each other.
		fake.Inject(bgoperatortest.Fault{Op: "showtransfers", Delay: 5 * time.Second})
		var wg sync.WaitGroup
		wg.Go(transfers)
		wg.Go(func() {
			time.Sleep(time.Millisecond)
			transfers()
		})
		wg.Wait()
		seen.Check(t)
		require.Len(t, seen.Calls("showtransfers"), 3)
		second := seen.Calls("showtransfers")[2]
		assert.Equal(t, 9*time.Second-time.Millisecond, sessions(second), "the other's load, attempt and save, then its own load and save")

		// A session that has ended is one more attempt of the same call.
		fake.EndSessions()
		transfers()
		seen.Check(t)
		assert.Len(t, seen.Calls("login"), 2)
		calls := seen.Calls("showtransfers")
		require.Len(t, calls, 4)
		assert.Equal(t, 2, calls[3].Ends[0].Attempts)
	})
}

// slowStore takes time for everything.
type slowStore struct {
	delay time.Duration
	saved rutravel.Secret
}

func (s *slowStore) Load(context.Context) (rutravel.Secret, error) {
	time.Sleep(s.delay)
	return s.saved, nil
}

func (s *slowStore) Save(_ context.Context, session rutravel.Secret) error {
	time.Sleep(s.delay)
	s.saved = session
	return nil
}
