package conformance

import (
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// server answers over a real socket and loses the line at will.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	body    string // what is answered
	lose    func(http.ResponseWriter)
	arrived int
	gate    Gate
}

func newServer(t *testing.T, start func(*httptest.Server), gate func(*testing.T) Gate) *server {
	t.Helper()
	s := new(server)
	if gate != nil {
		s.gate = gate(t)
	}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.gate != nil {
			answer, arrived := s.gate(r)
			if answer != nil {
				maps.Copy(w.Header(), answer.Header)
				w.WriteHeader(answer.StatusCode)
				return
			}
			maps.Copy(w.Header(), arrived())
		}
		s.arrived++
		if s.lose != nil {
			s.lose(w)
		}
		_, _ = w.Write([]byte(s.body))
	}))
	start(s.Server)
	t.Cleanup(s.Close)
	return s
}

// set says what comes next.
func (s *server) set(body string, lose func(http.ResponseWriter)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body, s.lose, s.arrived = body, lose, 0
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arrived
}

// wrapped is a RoundTripper behind which net/http cannot be seen.
type wrapped struct{ http.RoundTripper }

// lostLine loses the line at the worst moment over real sockets, on a fresh
// connection and after another call has left one open: an unsafe operation
// arrives exactly once, and its outcome is open.
func (s Suite[C]) lostLine(t *testing.T) {
	losses := map[string]func(http.ResponseWriter){
		"after the request was read": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"in the answer": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{`))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	}
	lines := map[string]struct {
		start  func(*httptest.Server)
		option func(*server) []rutravel.Option
	}{
		"the library's transport": {(*httptest.Server).Start, func(*server) []rutravel.Option { return nil }},
		"the caller's transport": {(*httptest.Server).Start, func(*server) []rutravel.Option {
			return []rutravel.Option{rutravel.WithHTTPClient(&http.Client{Transport: &http.Transport{}})}
		}},
		"a foreign RoundTripper": {(*httptest.Server).Start, func(*server) []rutravel.Option {
			return []rutravel.Option{rutravel.WithHTTPClient(&http.Client{Transport: wrapped{&http.Transport{}}})}
		}},
		"TLS and HTTP/2": {func(h *httptest.Server) {
			h.EnableHTTP2 = true
			h.StartTLS()
		}, func(h *server) []rutravel.Option {
			return []rutravel.Option{rutravel.WithHTTPClient(h.Client())}
		}},
	}
	s.each(t, func(t *testing.T, c Call[C], unsafe bool) {
		if !unsafe {
			return
		}
		for lossName, lose := range losses {
			for lineName, line := range lines {
				for _, kept := range []bool{false, true} {
					name := lineName + ", " + lossName + ", fresh"
					if kept {
						name = lineName + ", " + lossName + ", kept alive"
					}
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						srv := newServer(t, line.start, s.Gate)
						client, err := s.New(srv.URL, line.option(srv)...)
						require.NoError(t, err)
						if kept {
							warm := s.safeCall(t)
							srv.set(s.answer(t, warm), nil)
							_, err := warm.Do(t.Context(), client)
							require.NoError(t, err)
						}
						srv.set("", lose)
						_, err = c.Do(t.Context(), client)
						s.notConfirmed(t, c, err)
						assert.Equal(t, 1, srv.count())
					})
				}
			}
		}
		t.Run("nobody listens", func(t *testing.T) {
			t.Parallel()
			address := deaf(t)
			for name, opts := range map[string][]rutravel.Option{
				"own":     nil,
				"foreign": {rutravel.WithHTTPClient(&http.Client{Transport: wrapped{&http.Transport{}}})},
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

// deaf returns an address at which nobody listens, nor will while the test runs:
// its port is that of the near end of a connection.
func deaf(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c.LocalAddr().String()
}

// safeCall returns a call that may be repeated.
func (s Suite[C]) safeCall(t *testing.T) Call[C] {
	t.Helper()
	for _, c := range s.Calls {
		if !s.unsafe(t, c) {
			return c
		}
	}
	require.Fail(t, "no operation is safe")
	return Call[C]{}
}
