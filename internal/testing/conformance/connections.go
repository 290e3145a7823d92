package conformance

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// lostConnection breaks the connection of each unsafe call after its request has
// arrived. It does so over real sockets, on a new connection and after another
// call has left one open. The request must arrive once, and the call must end in
// ErrNotConfirmed.
func (s Suite[C]) lostConnection(t *testing.T) {
	failures := map[string]func(http.ResponseWriter){
		"after the request": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"in the answer": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{`))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	}
	transports := map[string]struct {
		start   func(*httptest.Server)
		options func(*server) []rutravel.Option
	}{
		"the library's transport": {(*httptest.Server).Start, func(*server) []rutravel.Option { return nil }},
		"the caller's transport": {(*httptest.Server).Start, func(*server) []rutravel.Option {
			return []rutravel.Option{rutravel.WithHTTPClient(&http.Client{Transport: &http.Transport{}})}
		}},
		"a foreign RoundTripper": {(*httptest.Server).Start, func(*server) []rutravel.Option {
			return []rutravel.Option{rutravel.WithHTTPClient(&http.Client{Transport: opaqueTransport{&http.Transport{}}})}
		}},
		"TLS and HTTP/2": {startHTTP2, func(srv *server) []rutravel.Option {
			return []rutravel.Option{rutravel.WithHTTPClient(srv.Client())}
		}},
	}
	s.forEachCall(t, func(t *testing.T, c Call[C], unsafe bool) {
		if !unsafe {
			return
		}
		for failure, fail := range failures {
			for name, transport := range transports {
				s.forEachConnection(t, name+", "+failure, func(t *testing.T, warmUp func(*testing.T, *server, C)) {
					srv := s.newServer(t, transport.start)
					client, err := s.New(srv.URL, transport.options(srv)...)
					require.NoError(t, err)
					warmUp(t, srv, client)
					srv.failWith(fail)
					_, err = c.Do(t.Context(), client)
					s.assertNotConfirmed(t, c, err)
					assert.Equal(t, 1, srv.count())
				})
			}
		}
		t.Run("no server listens", func(t *testing.T) {
			t.Parallel()
			address := unusedAddress(t)
			for name, opts := range map[string][]rutravel.Option{
				"own":     nil,
				"foreign": {rutravel.WithHTTPClient(&http.Client{Transport: opaqueTransport{&http.Transport{}}})},
			} {
				client, err := s.New("http://"+address, opts...)
				require.NoError(t, err)
				_, err = c.Do(t.Context(), client, rutravel.WithMaxAttempts(1))
				assert.ErrorIs(t, err, rutravel.ErrUnavailable, name)
				assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed, name)
			}
		})
	})
}

// refusalOverSocket refuses each unsafe call over real sockets with the library's
// own transport, on a new connection and after another call has left one open.
// The error must be of the refusal's kind and never ErrNotConfirmed.
func (s Suite[C]) refusalOverSocket(t *testing.T) {
	starts := map[string]func(*httptest.Server){
		"HTTP/1.1":         (*httptest.Server).Start,
		"TLS and HTTP/1.1": (*httptest.Server).StartTLS,
		"TLS and HTTP/2":   startHTTP2,
	}
	s.forEachCall(t, func(t *testing.T, c Call[C], unsafe bool) {
		if !unsafe {
			return
		}
		for name, start := range starts {
			s.forEachConnection(t, name, func(t *testing.T, warmUp func(*testing.T, *server, C)) {
				srv := s.newServer(t, start)
				client, err := s.New(srv.URL, srv.trusted()...)
				require.NoError(t, err)
				warmUp(t, srv, client)
				srv.answer(s.refusalStatus(), s.Refusal(c.Op, "Отказано"))
				_, err = c.Do(t.Context(), client)
				e := s.callError(t, c, err)
				for _, k := range kinds {
					assert.Equal(t, k == s.refusalKind(), errors.Is(err, k), "%v: %v", k, err)
				}
				assert.Equal(t, "Отказано", e.Message)
				assert.Equal(t, s.refusalStatus(), e.HTTPStatus)
				assert.Equal(t, 1, e.Attempts)
				assert.Equal(t, 1, srv.count())
			})
		}
	})
}

// forEachConnection runs a test twice: with a client that has no connection yet,
// and with one that has an idle connection after warmUp.
func (s Suite[C]) forEachConnection(t *testing.T, name string, test func(t *testing.T, warmUp func(*testing.T, *server, C))) {
	t.Helper()
	t.Run(name+", fresh", func(t *testing.T) {
		t.Parallel()
		test(t, func(*testing.T, *server, C) {})
	})
	t.Run(name+", kept alive", func(t *testing.T) {
		t.Parallel()
		test(t, func(t *testing.T, srv *server, client C) {
			t.Helper()
			safe := s.safeCall(t)
			srv.answer(safe.status(), s.answer(t, safe))
			_, err := safe.Do(t.Context(), client)
			require.NoError(t, err)
		})
	})
}
