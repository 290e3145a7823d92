package bgoperator_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
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

// memoryStore is a store that locks in Load and unlocks in Save.
type memoryStore struct {
	turn    sync.Mutex
	session rutravel.Secret
	loads   int
	saves   int
	loadErr error
	saveErr error
	saved   func(context.Context)
}

func (m *memoryStore) Load(context.Context) (rutravel.Secret, error) {
	m.turn.Lock()
	m.loads++
	if m.loadErr != nil {
		defer m.turn.Unlock()
	}
	return m.session, m.loadErr
}

func (m *memoryStore) Save(ctx context.Context, s rutravel.Secret) error {
	defer m.turn.Unlock()
	m.saves++
	if m.saved != nil {
		m.saved(ctx)
	}
	if m.saveErr == nil {
		m.session = s
	}
	return m.saveErr
}

func withStore(m *memoryStore) func(*bgoperator.Config) {
	return func(cfg *bgoperator.Config) { cfg.SessionStore = m }
}

// client returns another client of a fake, as in another process.
func anotherClient(t *testing.T, fake *bgoperatortest.Server, change func(*bgoperator.Config)) *bgoperator.Client {
	t.Helper()
	cfg := fake.Config()
	change(&cfg)
	c, err := bgoperator.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	return c
}

// The supplier allows one session for a login. A stored session survives a restart, and
// processes that share it log in once.
func TestSessionIsShared(t *testing.T) {
	t.Parallel()
	store := new(memoryStore)
	fake, first := newFake(t, withStore(store))
	fake.SetQuirks(bgoperatortest.Quirks{OneSession: true})
	second := anotherClient(t, fake, withStore(store))
	booking, err := first.Book(t.Context(), fakeTour(fake, "1"))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i, c := range []*bgoperator.Client{first, second, first, second} {
		wg.Go(func() {
			for n := range 10 {
				_, err := c.Book(t.Context(), fakeTour(fake, fmt.Sprint(1000+100*i+n)))
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	_, err = anotherClient(t, fake, withStore(store)).QuoteCancel(t.Context(), booking.ID)
	require.NoError(t, err)
	assert.Len(t, fake.Requests(), 43, "one login")
	assert.Equal(t, store.loads, store.saves)

	// If the session has ended, one process logs in for all.
	fake.EndSessions()
	for _, c := range []*bgoperator.Client{first, second} {
		_, err = c.QuoteCancel(t.Context(), booking.ID)
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"canceltour", "login", "canceltour", "canceltour"}, ops(fake)[43:])
}

// A stored session prints as a placeholder, and its text has no password.
func TestStoredSessionIsSecret(t *testing.T) {
	t.Parallel()
	store := new(memoryStore)
	fake, c := newFake(t, withStore(store))
	_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
	require.NoError(t, err)
	require.NotEmpty(t, string(store.session))
	assert.Equal(t, "[secret]", fmt.Sprintf("%v", store.session))
	assert.Equal(t, "[secret]", fmt.Sprintf("%#v", store.session))
	assert.NotContains(t, string(store.session), bgoperatortest.Password)
}

// A text that cannot be read, and the session of another account or address, is not used.
func TestForeignStoredSession(t *testing.T) {
	t.Parallel()
	store := new(memoryStore)
	fake, c := newFake(t, withStore(store))
	_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
	require.NoError(t, err)
	session := string(store.session)
	for name, text := range map[string]string{
		"nothing":         "",
		"the placeholder": "[secret]",
		"cut":             session[:len(session)/2],
		"another account": strings.Replace(session, bgoperatortest.Login, "another", 1),
		"another address": strings.Replace(session, "www.bgoperator.ru", "test.example", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &memoryStore{session: rutravel.Secret(text)}
			fake, c := newFake(t, withStore(store))
			_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
			require.NoError(t, err)
			assert.Equal(t, []string{"login", "createtour"}, ops(fake))
		})
	}
}

// A store keeps cookies and the headers of an Authenticator byte for byte.
func TestStoredSessionIsVerbatim(t *testing.T) {
	t.Parallel()
	store := new(memoryStore)
	a := &customAuthenticator{header: http.Header{"Cookie": {"Z=\xcf\xf0; L=\"a b\""}, "Authorization": {"Bearer 1"}}}
	for range 2 {
		sent := cookiesSentBy(t, bgoperator.Config{Authenticator: a, SessionStore: store})
		assert.Equal(t, "Z=\xcf\xf0; L=\"a b\"", sent.Get("Cookie"))
		assert.Equal(t, "Bearer 1", sent.Get("Authorization"))
	}
	assert.EqualValues(t, 1, a.calls.Load())
}

// An error of Load ends a call before it is sent. After an error of Save, the next call
// logs in.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	store := &memoryStore{loadErr: errors.New("no connection")}
	fake, c := newFake(t, withStore(store))
	_, err := c.Book(t.Context(), fakeTour(fake, "1"))
	e := conformance.Failure(t, err, rutravel.ErrUnavailable)
	assert.Zero(t, e.Attempts)
	require.ErrorContains(t, err, "no connection")
	assert.Zero(t, store.saves)
	assert.Empty(t, fake.Requests())

	store.loadErr, store.saveErr = nil, errors.New("no connection")
	for range 2 {
		_, err = c.Quote(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"login", "createtour", "login", "createtour"}, ops(fake))
	assert.Equal(t, 2, store.saves)
}

// Save follows each Load, also after a failed login and after a call whose context has
// ended. The context of Save has not ended.
func TestSaveFollowsLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &memoryStore{saved: func(ctx context.Context) {
			assert.NoError(t, ctx.Err())
			deadline, ok := ctx.Deadline()
			assert.True(t, ok)
			assert.Equal(t, bgoperator.SaveTimeout, time.Until(deadline))
		}}
		fake, c := newFake(t, withStore(store))
		fake.Inject(
			bgoperatortest.Fault{Op: "login", Status: http.StatusForbidden},
			bgoperatortest.Fault{Op: "createtour+confirm", Delay: time.Minute},
			bgoperatortest.Fault{Op: "createtour", Status: http.StatusBadGateway},
		)
		_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
		require.ErrorIs(t, err, rutravel.ErrAuth)
		assert.Equal(t, 1, store.saves)
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Book(ctx, fakeTour(fake, "1"))
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, 2, store.saves)
		assert.Empty(t, string(store.session), "the next cookie was lost with the answer")
		_, err = c.Quote(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		assert.Equal(t, 4, store.saves, "one for each attempt")
		assert.Equal(t, store.loads, store.saves)
	})
}
