package bgoperator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
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
