package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/badserver"
	"github.com/rutravel/rutravel-go/internal/valid"
)

// arrival is a request as the server received it.
type arrival struct {
	method, body, proto string
	connection          string // the client's address on it
	closes              bool   // the client asks for the connection to be closed
}

// server records the requests that arrive over real sockets, and can drop
// connections.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	arrivals []arrival
	drop     bool // the connection breaks after the request was read
	opened   atomic.Int32
}

func newServer(t *testing.T, start func(*httptest.Server)) *server {
	t.Helper()
	s := new(server)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		s.mu.Lock()
		s.arrivals = append(s.arrivals, arrival{r.Method, string(text), r.Proto, r.RemoteAddr, r.Close})
		drop := s.drop
		s.mu.Unlock()
		if drop {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "yes")
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.opened.Add(1)
		}
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(s.Server)
	t.Cleanup(s.Close)
	return s
}

// seen returns the requests since the last call of seen.
func (s *server) seen() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.arrivals
	s.arrivals = nil
	return all
}

func (s *server) setDrop(drop bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop = drop
}

func startTLS2(s *httptest.Server) {
	s.EnableHTTP2 = true
	s.StartTLS()
}

var requests = map[string]Request{
	"GET":  {Method: http.MethodGet, Query: "command=book"},
	"POST": {Method: http.MethodPost, ContentType: "application/json", Body: []byte(`{"book":1}`)},
}

// This behaviour of net/http is the reason for new connections. If net/http stops
// retrying GET requests itself, this test fails, and new connections are no
// longer needed.
func TestNetHTTPRepeatsGET(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 2 {
			panic(http.ErrAbortHandler) // booked, then the connection breaks
		}
		_, _ = io.WriteString(w, "yes")
	}))
	t.Cleanup(srv.Close)
	plain := &http.Client{Transport: &http.Transport{}}
	for range 2 {
		resp, err := plain.Get(srv.URL)
		require.NoError(t, err, "net/http no longer hides a lost answer")
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
	assert.EqualValues(t, 3, calls.Load(), "net/http no longer sends a GET twice")
}

func TestUnsafeIsSentOnce(t *testing.T) {
	t.Parallel()
	for lineName, line := range map[string]struct {
		start     func(*httptest.Server)
		transport func(*server) http.RoundTripper
		reused    bool // the call uses the connection that is about to break
	}{
		"own": {(*httptest.Server).Start, func(*server) http.RoundTripper { return nil }, false},
		"the caller's": {(*httptest.Server).Start, func(*server) http.RoundTripper {
			return &http.Transport{}
		}, false},
		"foreign": {(*httptest.Server).Start, func(*server) http.RoundTripper {
			return wrapped{&http.Transport{}}
		}, true},
		"the caller's, TLS": {(*httptest.Server).StartTLS, func(s *server) http.RoundTripper {
			return s.Client().Transport
		}, false},
		"the caller's, HTTP/2": {startTLS2, func(s *server) http.RoundTripper {
			return s.Client().Transport
		}, false},
		"foreign, HTTP/2": {startTLS2, func(s *server) http.RoundTripper {
			return wrapped{s.Client().Transport}
		}, true},
	} {
		for method, req := range requests {
			t.Run(lineName+", "+method, func(t *testing.T) {
				t.Parallel()
				srv := newServer(t, line.start)
				c := newClient(t, srv.URL, line.transport(srv))
				_, err := Do(t.Context(), c, safeOp, get, text)
				require.NoError(t, err)
				warm := srv.seen()
				require.Len(t, warm, 1)

				srv.setDrop(true)
				v, err := Do(t.Context(), c, unsafeOp, req, text)
				e := failure(t, err)
				assert.Equal(t, rutravel.ErrNotConfirmed, e.Kind)
				assert.Equal(t, 1, e.Attempts)
				assert.Zero(t, e.HTTPStatus)
				assert.Empty(t, v)

				sent := srv.seen()
				require.Len(t, sent, 1)
				assert.Equal(t, method, sent[0].method)
				assert.Equal(t, string(req.Body), sent[0].body)
				assert.Equal(t, line.reused, warm[0].connection == sent[0].connection)

				// Later calls succeed.
				srv.setDrop(false)
				v, err = Do(t.Context(), c, unsafeOp, req, text)
				require.NoError(t, err)
				assert.Equal(t, "yes", v)
			})
		}
	}
}

// A safe call is retried, by net/http or by the engine.
func TestSafeSurvivesLostConnection(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 2 {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "yes")
	}))
	t.Cleanup(srv.Close)
	c := newClient(t, srv.URL, nil)
	for range 2 {
		v, err := Do(t.Context(), c, safeOp, get, text)
		require.NoError(t, err)
		assert.Equal(t, "yes", v)
	}
	assert.EqualValues(t, 3, calls.Load())
}

func TestFreshConnections(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]struct {
		start     func(*httptest.Server)
		transport func(*server) http.RoundTripper
		proto     string // of calls that may be retried
	}{
		"own": {(*httptest.Server).Start, func(*server) http.RoundTripper { return nil }, "HTTP/1.1"},
		"TLS": {(*httptest.Server).StartTLS, func(s *server) http.RoundTripper { return s.Client().Transport }, "HTTP/1.1"},
		// This is the library's own transport with the server's certificate.
		"own, HTTP/2": {startTLS2, func(s *server) http.RoundTripper {
			own := newTransport(nil)
			own.TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			return own
		}, "HTTP/2.0"},
		"the caller's, HTTP/2": {startTLS2, func(s *server) http.RoundTripper { return s.Client().Transport }, "HTTP/2.0"},
		"the caller's, HTTP/2 by Protocols": {startTLS2, func(s *server) http.RoundTripper {
			u := s.Client().Transport.(*http.Transport).Clone()
			u.ForceAttemptHTTP2 = false
			u.Protocols = new(http.Protocols)
			u.Protocols.SetHTTP2(true)
			return u
		}, "HTTP/2.0"},
		"the caller's, HTTP/2 by NextProtos": {startTLS2, func(s *server) http.RoundTripper {
			u := s.Client().Transport.(*http.Transport).Clone()
			u.TLSClientConfig.NextProtos = []string{"h2"}
			return u
		}, "HTTP/2.0"},
	} {
		bothWays(t, name, func(t *testing.T, opts ...rutravel.Option) {
			t.Helper()
			srv := newServer(t, line.start)
			c := newClient(t, srv.URL, line.transport(srv), opts...)
			shared := map[string]bool{}
			for range 6 {
				_, err := Do(t.Context(), c, safeOp, get, text)
				require.NoError(t, err)
			}
			for _, a := range srv.seen() {
				shared[a.connection] = true
				assert.Equal(t, line.proto, a.proto)
				assert.False(t, a.closes)
			}
			assert.Len(t, shared, 1)

			fresh := map[string]bool{}
			for _, op := range []*Operation{unsafeOp, keyedOp, statusOp} {
				for method, req := range requests {
					_, err := Do(t.Context(), c, op, req, text)
					require.NoError(t, err, "%s %s", op.Key, method)
				}
			}
			for _, a := range srv.seen() {
				fresh[a.connection] = true
				assert.NotContains(t, shared, a.connection)
				assert.Equal(t, "HTTP/1.1", a.proto)
				assert.True(t, a.closes)
			}
			assert.Len(t, fresh, 6)

			// The shared connection is still there.
			_, err := Do(t.Context(), c, safeOp, get, text)
			require.NoError(t, err)
			assert.Contains(t, shared, srv.seen()[0].connection)
		})
	}
}

func TestCallersClientIsUnchanged(t *testing.T) {
	t.Parallel()
	srv := newServer(t, startTLS2)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	transport := srv.Client().Transport.(*http.Transport)
	given := &http.Client{Transport: transport, Jar: jar, Timeout: time.Minute}
	before := *given
	c, err := newAt(srv.URL, rutravel.WithHTTPClient(given))
	require.NoError(t, err)
	for _, op := range allOps {
		_, err = Do(t.Context(), c, op, get, text)
		require.NoError(t, err, op.Key)
	}
	assert.Nil(t, given.CheckRedirect)
	assert.Same(t, transport, given.Transport)
	assert.Same(t, jar, given.Jar)
	assert.Equal(t, before.Timeout, given.Timeout)
	assert.False(t, transport.DisableKeepAlives)
	assert.True(t, transport.ForceAttemptHTTP2)
	assert.Nil(t, transport.Protocols)

	// Both clients use the caller's jar and timeout. The client that shares
	// connections also uses the caller's transport.
	for name, h := range map[string]*http.Client{"shared": c.shared, "own": c.own} {
		assert.Same(t, jar, h.Jar, name)
		assert.Equal(t, time.Minute, h.Timeout, name)
	}
	assert.Same(t, transport, c.shared.Transport)
	srv.seen()
	resp, err := given.Get(srv.URL)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, "HTTP/2.0", srv.seen()[0].proto)
}

func TestConnectionsDefaults(t *testing.T) {
	t.Parallel()
	for name, given := range map[string]*http.Client{"nil": nil, "zero": {}} {
		shared, fresh, foreign := connections(given, nil, false)
		assert.False(t, foreign, name)
		for kind, h := range map[string]*http.Client{"shared": shared, "fresh": fresh} {
			assert.NotSame(t, http.DefaultClient, h, "%s, %s", name, kind)
			assert.NotSame(t, http.DefaultTransport, h.Transport, "%s, %s", name, kind)
			assert.Equal(t, http.ErrUseLastResponse, h.CheckRedirect(nil, nil), "%s, %s", name, kind)
		}
		kept, closed := shared.Transport.(*http.Transport), fresh.Transport.(*http.Transport)
		assert.False(t, kept.DisableKeepAlives, name)
		assert.GreaterOrEqual(t, kept.MaxIdleConnsPerHost, 64, name)
		assert.True(t, kept.MaxIdleConns == 0 || kept.MaxIdleConns >= kept.MaxIdleConnsPerHost, name)
		assert.True(t, closed.DisableKeepAlives, name)
		assert.False(t, closed.Protocols.HTTP2(), name)
		assert.EqualValues(t, tls.VersionTLS12, kept.TLSClientConfig.MinVersion, name)
		assert.EqualValues(t, tls.VersionTLS12, closed.TLSClientConfig.MinVersion, name)
		// New connections resume TLS sessions of the shared ones.
		require.NotNil(t, kept.TLSClientConfig.ClientSessionCache, name)
		assert.Equal(t, kept.TLSClientConfig.ClientSessionCache, closed.TLSClientConfig.ClientSessionCache, name)
	}
	one, _, _ := connections(nil, nil, false)
	other, _, _ := connections(nil, nil, false)
	assert.NotSame(t, one.Transport, other.Transport)
	_, _, foreign := connections(&http.Client{Transport: wrapped{&http.Transport{}}}, nil, false)
	assert.True(t, foreign)
}

// An unsafe request has no header that makes net/http, or a proxy, retry it.
func TestUnsafeRequest(t *testing.T) {
	t.Parallel()
	for _, foreign := range []bool{false, true} {
		for method, req := range requests {
			c := newClient(t, testBase, nil)
			c.foreign = foreign
			r, err := c.request(t.Context(), unsafeOp, req)
			require.NoError(t, err, "foreign: %v, %v", foreign, method)
			assert.Nil(t, r.GetBody, "foreign: %v, %v", foreign, method)
			for name := range r.Header {
				assert.NotContains(t, strings.ToLower(name), "idempotency", "foreign: %v, %v, %v", foreign, method, name)
			}
			if foreign {
				assert.NotNil(t, r.Body, "foreign: %v, %v", foreign, method)
				assert.NotEqual(t, http.NoBody, r.Body, "foreign: %v, %v", foreign, method)
			}
			assert.EqualValues(t, len(req.Body), r.ContentLength, method)
			text, err := io.ReadAll(r.Body)
			require.NoError(t, err, "foreign: %v, %v", foreign, method)
			assert.Equal(t, string(req.Body), string(text), "foreign: %v, %v", foreign, method)
		}
	}
}

func TestNotSent(t *testing.T) {
	t.Parallel()
	// notSent makes every kind of call once. Nothing must be sent.
	check := func(t *testing.T, c *Client, want error) {
		t.Helper()
		for _, op := range allOps {
			for _, req := range requests {
				_, err := Do(t.Context(), c, op, req, text, rutravel.WithMaxAttempts(1))
				e := failure(t, err)
				assert.Equal(t, rutravel.ErrUnavailable, e.Kind, "%s: %v", op.Key, err)
				assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed, op.Key)
				assert.Zero(t, e.HTTPStatus, op.Key)
				if want != nil {
					assert.ErrorIs(t, err, want, op.Key)
				}
				assert.NotContains(t, err.Error(), req.Query+"&", op.Key)
			}
		}
	}
	lines := map[string]func(*http.Transport) http.RoundTripper{
		"the caller's": func(u *http.Transport) http.RoundTripper { return u },
		"foreign":      func(u *http.Transport) http.RoundTripper { return wrapped{u} },
		// untraced gives the request another context, so the trace is not called.
		"foreign, untraced": func(u *http.Transport) http.RoundTripper { return untraced{u} },
	}
	closed := func(t *testing.T) string {
		t.Helper()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, l.Close())
		return "http://" + l.Addr().String()
	}
	t.Run("connection refused, own", func(t *testing.T) {
		t.Parallel()
		check(t, newClient(t, closed(t), nil), syscall.ECONNREFUSED)
	})
	for name, line := range lines {
		t.Run("connection refused, "+name, func(t *testing.T) {
			t.Parallel()
			check(t, newClient(t, closed(t), line(&http.Transport{})), syscall.ECONNREFUSED)
		})
		t.Run("DNS, "+name, func(t *testing.T) {
			t.Parallel()
			check(t, newClient(t, testBase, line(&http.Transport{
				DialContext: func(context.Context, string, string) (net.Conn, error) {
					return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "api.example.test", IsNotFound: true}}
				},
			})), nil)
		})
		t.Run("a dialer's own error, "+name, func(t *testing.T) {
			t.Parallel()
			if name != "the caller's" {
				return // nothing proves that nothing was sent
			}
			own := errors.New("no route through the tunnel")
			check(t, newClient(t, testBase, line(&http.Transport{
				DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, own },
			})), own)
		})
		t.Run("TLS handshake, "+name, func(t *testing.T) {
			t.Parallel()
			if name == "foreign, untraced" {
				return
			}
			srv := newServer(t, (*httptest.Server).StartTLS)
			check(t, newClient(t, srv.URL, line(&http.Transport{})), nil)
			assert.Empty(t, srv.seen())
		})
		t.Run("no TLS at all, "+name, func(t *testing.T) {
			t.Parallel()
			if name == "foreign, untraced" {
				return
			}
			srv := newServer(t, (*httptest.Server).Start)
			check(t, newClient(t, "https"+strings.TrimPrefix(srv.URL, "http"), line(&http.Transport{})), nil)
			assert.Empty(t, srv.seen())
		})
	}
	t.Run("TLS handshake, own", func(t *testing.T) {
		t.Parallel()
		for name, start := range map[string]func(*httptest.Server){"HTTP/1.1": (*httptest.Server).StartTLS, "HTTP/2": startTLS2} {
			srv := newServer(t, start)
			check(t, newClient(t, srv.URL, nil), nil)
			assert.Empty(t, srv.seen(), name)
		}
	})
	t.Run("a proxy that refuses", func(t *testing.T) {
		t.Parallel()
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			assert.Equal(t, http.MethodConnect, r.Method)
			w.WriteHeader(http.StatusForbidden)
		}))
		t.Cleanup(proxy.Close)
		through, err := http.NewRequest(http.MethodGet, proxy.URL, nil)
		require.NoError(t, err)
		check(t, newClient(t, testBase, &http.Transport{Proxy: http.ProxyURL(through.URL)}), nil)
	})
}

// untraced hides the request's context from the next RoundTripper.
type untraced struct{ next http.RoundTripper }

func (u untraced) RoundTrip(r *http.Request) (*http.Response, error) {
	return u.next.RoundTrip(r.Clone(context.Background()))
}

func TestCanceledWhileDialling(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]func(*http.Transport) http.RoundTripper{
		"the caller's": func(u *http.Transport) http.RoundTripper { return u },
		"foreign":      func(u *http.Transport) http.RoundTripper { return wrapped{u} },
	} {
		for _, op := range allOps {
			t.Run(name+", "+op.Key, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithCancel(t.Context())
				end := make(chan struct{}) // net/http continues to dial after the caller has left
				defer close(end)
				c := newClient(t, testBase, line(&http.Transport{
					DialContext: func(context.Context, string, string) (net.Conn, error) {
						cancel()
						<-end
						return nil, syscall.ETIMEDOUT
					},
				}))
				_, err := Do(ctx, c, op, requests["POST"], text)
				e := failure(t, err)
				if name == "foreign" && op.Safety == Unsafe {
					// It may have sent the request by other means.
					assert.Equal(t, rutravel.ErrNotConfirmed, e.Kind)
				} else {
					assert.Equal(t, rutravel.ErrCanceled, e.Kind)
				}
				assert.ErrorIs(t, err, context.Canceled)
				assert.Equal(t, 1, e.Attempts)
			})
		}
	}
	bubble(t, "the attempt's time runs out", func(t *testing.T) {
		var dials atomic.Int32
		end := make(chan struct{})
		defer close(end)
		c := newClient(t, testBase, &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				dials.Add(1)
				<-end
				return nil, syscall.ETIMEDOUT
			},
		})
		_, err := Do(t.Context(), c, unsafeOp, requests["POST"], text, rutravel.WithAttemptTimeout(time.Second))
		e := failure(t, err)
		assert.Equal(t, rutravel.ErrUnavailable, e.Kind)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 3, e.Attempts)
		assert.EqualValues(t, 3, dials.Load())
	})
}

// The caller's context ends after the request has arrived.
func TestUnsafeCanceledAfterSending(t *testing.T) {
	t.Parallel()
	for name, rt := range map[string]http.RoundTripper{
		"own": nil, "the caller's": &http.Transport{}, "foreign": wrapped{&http.Transport{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			var arrived atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				arrived.Add(1)
				cancel()
				<-r.Context().Done()
			}))
			t.Cleanup(srv.Close)
			_, err := Do(ctx, newClient(t, srv.URL, rt), unsafeOp, requests["POST"], text)
			assert.Equal(t, rutravel.ErrNotConfirmed, failure(t, err).Kind)
			assert.NotErrorIs(t, err, rutravel.ErrCanceled)
			assert.ErrorIs(t, err, context.Canceled)
			assert.EqualValues(t, 1, arrived.Load())
		})
	}
}

func TestKeepAlive(t *testing.T) {
	t.Parallel()
	const (
		callers = 64
		rounds  = 5
	)
	var opened atomic.Int32
	together := make(chan struct{})
	var waiting sync.WaitGroup
	waiting.Add(callers)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "warm" {
			waiting.Done()
			<-together
		}
		_, _ = io.WriteString(w, "yes")
	}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c := newClient(t, srv.URL, nil)

	round := func(req Request) {
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				_, err := Do(t.Context(), c, safeOp, req, text)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
	}
	go func() {
		waiting.Wait()
		close(together)
	}()
	round(Request{Method: http.MethodGet, Query: "warm"})
	require.EqualValues(t, callers, opened.Load())
	for range rounds {
		round(get)
	}
	assert.EqualValues(t, callers, opened.Load())
}

// A host that only speaks TLS 1.1 or older is refused, unless the caller's own
// transport allows it.
func TestOldTLS(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
		s.StartTLS()
	})
	roots := srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	given := func(least uint16) *http.Client {
		return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: least}}}
	}
	for name, line := range map[string]struct {
		options []rutravel.Option
		spoken  bool
	}{
		"the library's transport":                      {[]rutravel.Option{rutravel.WithRootCAs(roots)}, false},
		"the library's under the caller's client":      {[]rutravel.Option{rutravel.WithHTTPClient(&http.Client{Timeout: time.Minute}), rutravel.WithRootCAs(roots)}, false},
		"the caller's transport, which says nothing":   {[]rutravel.Option{rutravel.WithHTTPClient(given(0))}, false},
		"the caller's transport, which wants it newer": {[]rutravel.Option{rutravel.WithHTTPClient(given(tls.VersionTLS13))}, false},
		"the caller's transport, which allows it":      {[]rutravel.Option{rutravel.WithHTTPClient(given(tls.VersionTLS10))}, true},
	} {
		c, err := New(Config{Supplier: "acme", BaseURL: srv.URL, Check: func(*valid.Check) {}}, line.options)
		require.NoError(t, err)
		for _, op := range allOps {
			_, err := Do(t.Context(), c, op, get, text, rutravel.WithMaxAttempts(1))
			if line.spoken {
				assert.NoError(t, err, "%s: %s", name, op.Key)
				assert.Len(t, srv.seen(), 1, "%v, %v", name, op.Key)
				continue
			}
			// Nothing was sent, so the outcome is known.
			assert.Equal(t, rutravel.ErrUnavailable, failure(t, err).Kind, "%s: %s", name, op.Key)
			assert.ErrorContains(t, err, "version", name)
			assert.Empty(t, srv.seen(), "%v, %v", name, op.Key)
		}
	}
}

// A new connection that resumes a TLS session takes one round trip less.
func TestFreshConnectionsResumeTLS(t *testing.T) {
	t.Parallel()
	srv := newServer(t, (*httptest.Server).StartTLS)
	own := newTransport(nil)
	own.TLSClientConfig.RootCAs = srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	var resumed []bool
	own.TLSClientConfig.VerifyConnection = func(s tls.ConnectionState) error {
		resumed = append(resumed, s.DidResume)
		return nil
	}
	c := newClient(t, srv.URL, own)
	for range 3 {
		_, err := Do(t.Context(), c, unsafeOp, get, text)
		require.NoError(t, err)
	}
	assert.Equal(t, []bool{false, true, true}, resumed)
}

// bothWays runs a subtest with a client's transports, and again with a middleware
// around them. Each request must go through the middleware.
func bothWays(t *testing.T, name string, f func(t *testing.T, opts ...rutravel.Option)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		f(t)
	})
	t.Run(name+", wrapped", func(t *testing.T) {
		t.Parallel()
		var seen atomic.Int32
		f(t, rutravel.WithTransport(func(rt http.RoundTripper) http.RoundTripper {
			return middleware(func(r *http.Request) (*http.Response, error) {
				seen.Add(1)
				return rt.RoundTrip(r)
			})
		}))
		assert.Positive(t, seen.Load())
	})
}

func TestWithTransportOfNothing(t *testing.T) {
	t.Parallel()
	_, err := newAt(testBase, rutravel.WithTransport(func(http.RoundTripper) http.RoundTripper { return nil }))
	invalid := failure(t, err)
	assert.Equal(t, rutravel.ErrInvalid, invalid.Kind)
	assert.ErrorContains(t, err, "WithTransport")
}

type middleware func(*http.Request) (*http.Response, error)

func (m middleware) RoundTrip(r *http.Request) (*http.Response, error) { return m(r) }

// A middleware that fails to reach another host may have sent the request
// nevertheless.
func TestForeignConnectionElsewhere(t *testing.T) {
	t.Parallel()
	bubble(t, "audit", func(t *testing.T) {
		var sent atomic.Int32
		audit := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errRefused }}
		c := newClient(t, testBase, middleware(func(r *http.Request) (*http.Response, error) {
			_, err := audit.RoundTrip(r.Clone(r.Context()))
			require.Error(t, err)
			sent.Add(1)
			return nil, io.EOF
		}))
		_, err := Do(t.Context(), c, unsafeOp, requests["POST"], text)
		assert.Equal(t, rutravel.ErrNotConfirmed, failure(t, err).Kind)
		assert.EqualValues(t, 1, sent.Load())
	})
}

// If a RoundTripper retries a payment itself, the supplier refuses the second
// request. The error is ErrNotConfirmed, because the first may have been carried
// out.
func TestForeignRoundTripperRepeats(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusConflict, http.StatusTooManyRequests} {
		var paid atomic.Int32
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if paid.Add(1) == 1 {
				panic(http.ErrAbortHandler)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "no")
		}))
		t.Cleanup(srv.Close)
		line := &http.Transport{}
		c := newClient(t, srv.URL, middleware(func(r *http.Request) (*http.Response, error) {
			for {
				if resp, err := line.RoundTrip(r.Clone(r.Context())); err == nil {
					return resp, nil
				}
			}
		}))
		_, err := Do(t.Context(), c, unsafeOp, requests["GET"], text)
		assert.Equal(t, rutravel.ErrNotConfirmed, failure(t, err).Kind, status)
		assert.EqualValues(t, 2, paid.Load(), "HTTP %d", status)
	}
}

// If the caller's dialer negotiates HTTP/2, unsafe calls fail before they are
// sent. The error says why.
func TestDialTLSContext(t *testing.T) {
	t.Parallel()
	srv := newServer(t, startTLS2)
	roots := srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	for protocol, kind := range map[string]rutravel.Kind{"h2": rutravel.ErrUnavailable, "http/1.1": ""} {
		c := newClient(t, srv.URL, &http.Transport{
			ForceAttemptHTTP2: true,
			DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				d := tls.Dialer{Config: &tls.Config{RootCAs: roots, NextProtos: []string{protocol}, ServerName: "example.com"}}
				return d.DialContext(ctx, network, address)
			},
		})
		_, err := Do(t.Context(), c, unsafeOp, requests["GET"], text, rutravel.WithMaxAttempts(1))
		if kind == "" {
			require.NoError(t, err, protocol)
			continue
		}
		assert.Equal(t, kind, failure(t, err).Kind, protocol)
		assert.ErrorContains(t, err, "HTTP/1.1", protocol)
	}
}

// A nil *http.Transport counts as no transport.
func TestNilTransport(t *testing.T) {
	t.Parallel()
	shared, fresh, foreign := connections(&http.Client{Transport: (*http.Transport)(nil)}, nil, false)
	assert.NotNil(t, shared.Transport.(*http.Transport))
	assert.NotNil(t, fresh.Transport.(*http.Transport))
	assert.False(t, foreign)
}

// A stray second answer never becomes the answer to an operation that uses its
// own connections. Over HTTP/1.1 it does become the answer to another search.
func TestDoubledAnswers(t *testing.T) {
	t.Parallel()
	const rounds = 5
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.RawQuery) })
	for _, secure := range []bool{false, true} {
		for _, late := range []bool{false, true} {
			for _, op := range []*Operation{unsafeOp, keyedOp, statusOp} {
				bothWays(t, fmt.Sprintf("%s, TLS: %t, late: %t", op.Key, secure, late), func(t *testing.T, opts ...rutravel.Option) {
					t.Helper()
					srv := badserver.StartDoubled(t, secure, late, echo)
					if secure {
						opts = append(opts, rutravel.WithRootCAs(srv.Roots))
					}
					c := newClient(t, srv.URL, nil, opts...)
					for i := range rounds {
						_, _ = Do(t.Context(), c, safeOp, Request{Method: http.MethodGet, Query: "search"}, text, rutravel.WithMaxAttempts(1))
						want := strconv.Itoa(i)
						got, err := Do(t.Context(), c, op, Request{Method: http.MethodGet, Query: want}, text, rutravel.WithMaxAttempts(1))
						require.NoError(t, err)
						require.Equal(t, want, got)
					}
				})
			}
		}
	}
}

// logged captures the standard logger, to which net/http writes stray bytes.
type logged chan string

func (l logged) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// The stray copy of an answer that names people is not logged. The stray copy of
// a search's answer is.
func TestDoubledAnswersAreNotLogged(t *testing.T) { //nolint:paralleltest // there is one standard logger
	lines := make(logged, 100)
	log.SetOutput(lines)
	defer log.SetOutput(os.Stderr)
	for _, late := range []bool{false, true} {
		for _, op := range allOps {
			srv := badserver.StartDoubled(t, false, late, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "Mustermann")
			}))
			c := newClient(t, srv.URL, nil)
			got, err := Do(t.Context(), c, op, get, text)
			require.NoError(t, err)
			assert.Equal(t, "Mustermann", got)
			if !op.OwnConnection() {
				assert.Contains(t, <-lines, "Unsolicited response")
			}
			srv.Wait()
			assert.Empty(t, lines, op.Key)
		}
	}
}

// A host with a certificate of the given roots is trusted, on shared and on new
// connections. Roots together with a transport of the caller are refused.
func TestRootCAs(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	trusting := func(opts ...rutravel.Option) (*Client, error) {
		return New(Config{Supplier: "acme", BaseURL: srv.URL, Check: func(*valid.Check) {}}, opts)
	}
	ask := func(c *Client, op *Operation) error {
		_, err := Do(t.Context(), c, op, get, func(a Answer) (string, error) { return string(a.Body), nil }, rutravel.WithMaxAttempts(1))
		return err
	}
	for name, opts := range map[string][]rutravel.Option{
		"alone":                         {rutravel.WithRootCAs(roots)},
		"a client without a transport":  {rutravel.WithRootCAs(roots), rutravel.WithHTTPClient(&http.Client{})},
		"a transport that wraps theirs": {rutravel.WithRootCAs(roots), rutravel.WithTransport(func(rt http.RoundTripper) http.RoundTripper { return rt })},
	} {
		c, err := trusting(opts...)
		require.NoError(t, err, name)
		require.NoError(t, ask(c, safeOp), name)
		require.NoError(t, ask(c, unsafeOp), name)
	}
	c, err := trusting()
	require.NoError(t, err)
	require.ErrorIs(t, ask(c, safeOp), rutravel.ErrUnavailable)
	for name, rt := range map[string]http.RoundTripper{"a transport": &http.Transport{}, "a RoundTripper": mock(nil)} {
		_, err := trusting(rutravel.WithRootCAs(roots), rutravel.WithHTTPClient(&http.Client{Transport: rt}))
		assert.Equal(t, "WithRootCAs", refusedField(t, err).Field, name)
	}
	_, err = trusting(rutravel.WithRootCAs(nil))
	assert.Equal(t, "WithRootCAs", refusedField(t, err).Field)
}
