package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/badserver"
)

// A server that ends every request sees a limited number of connections and
// requests for each attempt. For an operation that uses its own connections it
// sees one of each.
func TestHangups(t *testing.T) {
	t.Parallel()
	const most = maxConnections + 1
	for _, way := range badserver.Ways() {
		if way.HTTP2 && !way.TLS {
			continue // only gRPC; see TestRelayHangups
		}
		for i := range 2 * len(allOps) {
			op, foreign := allOps[i/2], i%2 == 1
			t.Run(fmt.Sprintf("%s, %s, foreign: %t", way.Name, op.Key, foreign), func(t *testing.T) {
				t.Parallel()
				s := badserver.Start(t, way)
				var rt http.RoundTripper = newTransport(s.Roots)
				if foreign {
					rt = wrapped{rt}
				}
				c := newClient(t, s.URL, rt)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				_, err := Do(ctx, c, op, get, text, rutravel.WithMaxAttempts(1))
				require.NoError(t, ctx.Err(), "the attempt was not stopped")
				e := failure(t, err)
				assert.NotEmpty(t, e.Err.Error())
				assert.NotErrorIs(t, err, context.Canceled, "the error says why")
				if op == unsafeOp || op.OwnConnection() && !foreign {
					assert.Equal(t, 1, s.Connections())
					assert.LessOrEqual(t, s.Requests(), 1)
				} else {
					assert.LessOrEqual(t, s.Connections(), most)
					assert.LessOrEqual(t, s.Requests(), most)
				}
				if op != unsafeOp {
					assert.Equal(t, rutravel.ErrUnavailable, e.Kind)
					return
				}
				assert.Contains(t, []rutravel.Kind{rutravel.ErrUnavailable, rutravel.ErrNotConfirmed}, e.Kind)
				if s.Requests() > 0 {
					assert.Equal(t, rutravel.ErrNotConfirmed, e.Kind)
				}
			})
		}
	}
}
func TestEvidence(t *testing.T) {
	t.Parallel()
	// Without a connection nothing was sent. A foreign RoundTripper may have had
	// one that the trace does not show.
	var none evidence
	for name, err := range map[string]error{
		"EOF": io.EOF, "canceled": context.Canceled, "text": errors.New("dial tcp: looks like it"),
	} {
		assert.True(t, none.notSent(err, false), name)
		assert.False(t, none.notSent(err, true), name)
	}
	for _, foreign := range []bool{false, true} {
		assert.True(t, none.notSent(errRefused, foreign), "foreign: %v", foreign)
		assert.True(t, none.notSent(fmt.Errorf("foreign: %w", errRefused), foreign), "foreign: %v", foreign)
	}

	proxy := &net.OpError{Op: "proxyconnect", Net: "tcp", Err: errRefused}
	assert.True(t, none.notSent(proxy, true))

	// A foreign RoundTripper may have asked for a connection to another host.
	var asked evidence
	asked.trace().GetConn("")
	assert.True(t, asked.notSent(io.EOF, false))
	assert.False(t, asked.notSent(io.EOF, true))

	// After a connection was made, no error proves that nothing was sent.
	var got evidence
	got.trace().GetConn("")
	got.trace().GotConn(httptrace.GotConnInfo{})
	assert.False(t, got.notSent(errRefused, false))
	assert.False(t, got.notSent(errRefused, true))
}

// If a server ends all kept-alive connections and answers on new ones, reads
// succeed, however many connections were idle.
func TestStaleConnections(t *testing.T) {
	t.Parallel()
	const callers = 8
	type key struct{}
	for method, req := range requests {
		bothWays(t, method, func(t *testing.T, opts ...rutravel.Option) {
			t.Helper()
			var restarted atomic.Bool
			var arrived atomic.Int32
			all := make(chan struct{})
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch n := arrived.Add(1); {
				case restarted.Load() && r.Context().Value(key{}) == false:
					panic(http.ErrAbortHandler)
				case n == callers:
					close(all)
				case n < callers:
					<-all // each caller needs a connection
				}
				_, _ = io.WriteString(w, "yes")
			}))
			srv.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
				return context.WithValue(ctx, key{}, restarted.Load())
			}
			srv.Start()
			t.Cleanup(srv.Close)
			c := newClient(t, srv.URL, nil, opts...)
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					_, err := Do(t.Context(), c, safeOp, get, text)
					assert.NoError(t, err)
				})
			}
			wg.Wait()
			restarted.Store(true)
			arrived.Store(callers)
			v, err := Do(t.Context(), c, safeOp, req, text, rutravel.WithMaxAttempts(2))
			require.NoError(t, err)
			assert.Equal(t, "yes", v)
			assert.LessOrEqual(t, arrived.Load()-callers, int32(maxConnections))
		})
	}
}

// limited is a host that allows a limited number of open connections to all
// servers.
type limited struct {
	free atomic.Int32
	err  error
}

func (l *limited) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if l.free.Add(-1) < 0 {
		l.free.Add(1)
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("socket", l.err)}
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	return &descriptor{Conn: conn, host: l}, err
}

type descriptor struct {
	net.Conn
	once sync.Once
	host *limited
}

func (d *descriptor) Close() error {
	err := d.Conn.Close()
	d.once.Do(func() { d.host.free.Add(1) })
	return err
}

// Idle connections do not take the descriptors that a call that books or pays
// needs.
func TestDescriptors(t *testing.T) {
	t.Parallel()
	for _, none := range []error{syscall.EMFILE, syscall.ENFILE} {
		for _, op := range []*Operation{unsafeOp, keyedOp, statusOp} {
			bothWays(t, none.Error()+", "+op.Key, func(t *testing.T, opts ...rutravel.Option) {
				t.Helper()
				srv := newServer(t, (*httptest.Server).Start)
				host := &limited{err: none}
				host.free.Store(1)
				c := newClient(t, srv.URL, &http.Transport{DialContext: host.dial}, opts...)
				_, err := Do(t.Context(), c, safeOp, get, text)
				require.NoError(t, err)
				require.Zero(t, host.free.Load(), "a connection is idle")
				v, err := Do(t.Context(), c, op, requests["POST"], text)
				require.NoError(t, err)
				assert.Equal(t, "yes", v)
				assert.Len(t, srv.seen(), 2)
			})
		}
	}
}

// An attempt that fails before it has a connection was not sent. With the
// library's own transport, or an *http.Transport of the caller, that is true for
// every error.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	plain := func(t *testing.T) string { t.Helper(); return newServer(t, (*httptest.Server).Start).URL }
	secure := func(t *testing.T) string { t.Helper(); return newServer(t, (*httptest.Server).StartTLS).URL }
	proxy := func(address string) func(*http.Request) (*url.URL, error) {
		return func(*http.Request) (*url.URL, error) { return url.Parse(address) }
	}
	ended := func(t *testing.T, name string) string {
		t.Helper()
		for _, way := range badserver.Ways() {
			if way.Name == name {
				return badserver.Start(t, way).URL
			}
		}
		require.Fail(t, name)
		return ""
	}
	for name, test := range map[string]struct {
		base      func(*testing.T) string
		transport func(*testing.T) *http.Transport
	}{
		"Proxy fails": {plain, func(*testing.T) *http.Transport {
			return &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, failed }}
		}},
		"Proxy of an unknown scheme": {plain, func(*testing.T) *http.Transport {
			return &http.Transport{Proxy: proxy("gopher://127.0.0.1:1")}
		}},
		"a proxy refuses connections": {plain, func(t *testing.T) *http.Transport {
			t.Helper()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			require.NoError(t, l.Close())
			return &http.Transport{Proxy: proxy("http://" + l.Addr().String())}
		}},
		"a proxy refuses CONNECT": {secure, func(t *testing.T) *http.Transport {
			t.Helper()
			srv := httptest.NewServer(http.NotFoundHandler())
			t.Cleanup(srv.Close)
			return &http.Transport{Proxy: proxy(srv.URL)}
		}},
		"a proxy hangs up on CONNECT": {secure, func(t *testing.T) *http.Transport {
			t.Helper()
			return &http.Transport{Proxy: proxy(ended(t, "FIN"))}
		}},
		"a proxy answers CONNECT by half a header": {secure, func(t *testing.T) *http.Transport {
			t.Helper()
			return &http.Transport{Proxy: proxy(ended(t, "half a header"))}
		}},
		"GetProxyConnectHeader fails": {secure, func(t *testing.T) *http.Transport {
			t.Helper()
			return &http.Transport{
				Proxy:                 proxy(ended(t, "FIN")),
				GetProxyConnectHeader: func(context.Context, *url.URL, string) (http.Header, error) { return nil, failed },
			}
		}},
		"OnProxyConnectResponse fails": {secure, func(t *testing.T) *http.Transport {
			t.Helper()
			srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			t.Cleanup(srv.Close)
			return &http.Transport{
				Proxy:                  proxy(srv.URL),
				OnProxyConnectResponse: func(context.Context, *url.URL, *http.Request, *http.Response) error { return failed },
			}
		}},
		"SOCKS fails": {plain, func(t *testing.T) *http.Transport {
			t.Helper()
			address, err := url.Parse(ended(t, "FIN before the request"))
			require.NoError(t, err)
			return &http.Transport{Proxy: proxy("socks5://" + address.Host)}
		}},
		"DialContext fails": {plain, func(*testing.T) *http.Transport {
			return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, failed }}
		}},
		"DialTLSContext fails": {secure, func(*testing.T) *http.Transport {
			return &http.Transport{DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return nil, failed }}
		}},
		"DNS": {plain, func(*testing.T) *http.Transport {
			return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.DNSError{Err: "no such host", Name: "api.example.test", IsNotFound: true}
			}}
		}},
		"an unknown authority": {secure, func(*testing.T) *http.Transport { return &http.Transport{} }},
		"VerifyConnection fails": {secure, func(*testing.T) *http.Transport {
			return &http.Transport{TLSClientConfig: &tls.Config{
				InsecureSkipVerify: true,
				VerifyConnection:   func(tls.ConnectionState) error { return failed },
			}}
		}},
		"GetClientCertificate fails": {func(t *testing.T) string {
			t.Helper()
			return newServer(t, func(s *httptest.Server) {
				s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
				s.StartTLS()
			}).URL
		}, func(*testing.T) *http.Transport {
			return &http.Transport{TLSClientConfig: &tls.Config{
				InsecureSkipVerify:   true,
				GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return nil, failed },
			}}
		}},
		"no version of TLS": {secure, func(*testing.T) *http.Transport {
			return &http.Transport{TLSClientConfig: &tls.Config{MaxVersion: tls.VersionTLS10, MinVersion: tls.VersionTLS10}}
		}},
		"FIN in the TLS handshake": {func(t *testing.T) string {
			t.Helper()
			return "https" + ended(t, "FIN before the request")[len("http"):]
		}, func(*testing.T) *http.Transport { return &http.Transport{} }},
		"no TLS at all": {func(t *testing.T) string {
			t.Helper()
			return "https" + plain(t)[len("http"):]
		}, func(*testing.T) *http.Transport { return &http.Transport{} }},
		"the handshake's time is over": {func(t *testing.T) string {
			t.Helper()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { _ = l.Close() })
			return "https://" + l.Addr().String() // never accepted
		}, func(*testing.T) *http.Transport { return &http.Transport{TLSHandshakeTimeout: time.Millisecond} }},
		"a header that cannot be sent": {plain, func(*testing.T) *http.Transport { return &http.Transport{} }},
	} {
		for _, op := range allOps {
			t.Run(name+", "+op.Key, func(t *testing.T) {
				t.Parallel()
				c := newClient(t, test.base(t), test.transport(t))
				req := requests["POST"]
				if name == "a header that cannot be sent" {
					req.Header = http.Header{"Authorization": {"a\nb"}}
				}
				_, err := Do(t.Context(), c, op, req, text, rutravel.WithMaxAttempts(1))
				e := failure(t, err)
				assert.Equal(t, rutravel.ErrUnavailable, e.Kind, "%v", err)
				assert.Zero(t, e.HTTPStatus)
			})
		}
	}
}
