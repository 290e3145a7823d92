package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/badserver"
	"github.com/rutravel/rutravel-go/internal/valid"
)

// foreign reads a line for each element, without [Stream].
func foreign(ctx context.Context, line *HTTPClient, yield func(string) bool) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, line.Address(), http.NoBody)
	if err != nil {
		return err
	}
	resp, err := line.Do(r)
	if err != nil {
		return errors.New("in its own words")
	}
	defer func() { _ = resp.Body.Close() }()
	err = lines(resp.Body, nil, yield)
	if err != nil {
		_ = resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body) // says nothing about the connection
	}
	return err
}

func relay(t *testing.T, ctx context.Context, rt http.RoundTripper, opts ...rutravel.Option) (all []string, err error) {
	t.Helper()
	req := Request{Path: "v3.Simple/Events", Header: http.Header{"Authorization": {testSecret}}}
	for v, err := range Relay(ctx, newClient(t, testBase, rt, opts...), safeOp, req, foreign) {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}

// The other package's request gets the headers of the request and of the client.
func TestRelay(t *testing.T) {
	t.Parallel()
	rt := mock(func(r *http.Request) (*http.Response, error) {
		assert.Equal(t, testBase+"/v3.Simple/Events", r.URL.String())
		assert.Equal(t, testSecret, r.Header.Get("Authorization"))
		assert.Equal(t, "shop/1 rutravel-go/"+rutravel.Version, r.Header.Get("User-Agent"))
		return httpmock.NewStringResponse(200, "a\nb\n.\n"), nil
	})
	all, err := relay(t, t.Context(), rt, rutravel.WithUserAgent("shop/1"))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, all)
}

// The outcomes are those of a stream, whatever error the other package returns.
func TestRelayRetries(t *testing.T) {
	t.Parallel()
	good := answers(200, "a\n.\n")
	for name, test := range map[string]struct {
		first httpmock.Responder
		want  []string
		kind  rutravel.Kind // "": the second attempt succeeds
	}{
		"unavailable":          {answers(503, ""), []string{"a"}, ""},
		"no connection":        {httpmock.NewErrorResponder(io.EOF), []string{"a"}, ""},
		"broken at once":       {from(200, broken("")), []string{"a"}, ""},
		"broken in an element": {from(200, broken("b\n")), []string{"b"}, rutravel.ErrUnavailable},
		"a bad end":            {answers(200, "b\n"), []string{"b"}, rutravel.ErrProtocol},
		"nothing":              {answers(200, ""), nil, rutravel.ErrProtocol},
		"a refusal":            {answers(200, "no"), nil, rutravel.ErrRejected},
		"a late refusal":       {answers(200, "b\nno\n"), []string{"b"}, rutravel.ErrRejected},
		"a redirect":           {answers(302, "a\n.\n"), nil, rutravel.ErrProtocol},
		"an error status":      {answers(400, ".\n"), nil, rutravel.ErrProtocol},
		"a login":              {answers(401, "?"), nil, rutravel.ErrAuth},
		"an endless element":   {from(200, endless("xxxxxxxxxxxxxxxx")), nil, rutravel.ErrProtocol},
	} {
		bubble(t, name, func(t *testing.T) {
			rt := mock(test.first.Then(good))
			all, err := relay(t, t.Context(), rt)
			assert.Equal(t, test.want, all)
			if test.kind == "" {
				require.NoError(t, err)
				assert.Equal(t, 2, rt.GetTotalCallCount())
				return
			}
			assert.Equal(t, test.kind, failure(t, err).Kind)
			assert.Equal(t, 1, rt.GetTotalCallCount())
			assert.NotContains(t, err.Error(), testBase)
		})
	}
}

// An answer that is too long has that error, whatever error the other package
// returns.
func TestRelayTooLong(t *testing.T) {
	t.Parallel()
	c := newClient(t, testBase, mock(from(200, endless("xxxxxxxxxxxxxxxx"))))
	_, err := rutravel.Collect(Relay(t.Context(), c, safeOp, get, func(ctx context.Context, line *HTTPClient, _ func(string) bool) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, line.Address(), http.NoBody)
		require.NoError(t, err)
		resp, err := line.Do(r)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		n, err := io.Copy(io.Discard, resp.Body)
		assert.EqualValues(t, MaxElement, n) // of whole buffers
		require.Error(t, err)
		return errors.New("in its own words")
	}))
	assert.Equal(t, rutravel.ErrProtocol, failure(t, err).Kind)
	require.ErrorIs(t, err, errTooLong)
}

// late is a context that notices its deadline a moment late.
type late struct {
	context.Context
	deadline time.Time
}

func (l late) Deadline() (time.Time, bool) { return l.deadline, true }

// If the supplier sees the deadline first, it is still the caller's deadline.
func TestRelayDeadline(t *testing.T) {
	t.Parallel()
	bubble(t, "seen there", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second+time.Millisecond)
		defer cancel()
		rt := mock(func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return nil, errors.New("stream error: CANCEL")
		})
		_, err := relay(t, late{ctx, time.Now().Add(time.Second)}, rt, rutravel.WithMaxAttempts(1))
		assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// A client that must speak HTTP/2 also does so without TLS, with the library's
// transport and with a caller's. The caller's transport does not change.
func TestOnlyHTTP2(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	t.Cleanup(srv.Close)
	own := &http.Transport{DialContext: new(net.Dialer).DialContext, HTTP2: &http.HTTP2Config{PingTimeout: time.Minute}}
	for name, given := range map[string]*http.Client{"nil": nil, "zero": {}, "own transport": {Transport: own}} {
		shared, _, foreign := connections(given, nil, true)
		assert.False(t, foreign, name)
		resp, err := shared.Get(srv.URL)
		require.NoError(t, err, name)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err, name)
		require.NoError(t, resp.Body.Close(), name)
		assert.Equal(t, "HTTP/2.0", string(text), name)
		kept := shared.Transport.(*http.Transport)
		assert.NotSame(t, own, kept, name)
		assert.False(t, kept.Protocols.HTTP1(), name)
		if given == nil || given.Transport == nil {
			assert.Zero(t, *cmp.Or(kept.HTTP2, &http.HTTP2Config{}), "%s: no pings", name) // Go 1.27 sets an empty one
		} else {
			assert.Equal(t, own.HTTP2, kept.HTTP2, name)
		}
	}
	assert.Nil(t, own.Protocols)
	assert.Zero(t, own.IdleConnTimeout)

	// The caller's own HTTP/2 transport would take the connections.
	other := &http.Transport{TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{"h2": nil}}
	shared, _, _ := connections(&http.Client{Transport: other}, nil, true)
	resp, err := shared.Get(srv.URL)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())

	rt := wrapped{own}
	shared, _, foreign := connections(&http.Client{Transport: rt}, nil, true)
	assert.True(t, foreign)
	assert.Equal(t, rt, shared.Transport)
}

// paths are connections in memory to a server that speaks HTTP/2.
type paths struct {
	accept chan net.Conn
	dialed []*path
}

// newPaths serves h. It returns a client with a caller's transport that connects
// to it.
func newPaths(t *testing.T, attempts int, h http.HandlerFunc, opts ...rutravel.Option) (*paths, *Client) {
	t.Helper()
	p := &paths{accept: make(chan net.Conn)}
	srv := &http.Server{Handler: h, Protocols: new(http.Protocols)}
	srv.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = srv.Serve(p) }()
	t.Cleanup(func() { _ = srv.Close() })
	given := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		c := &path{Conn: here, closed: make(chan struct{})}
		p.dialed = append(p.dialed, c)
		p.accept <- there
		return c, nil
	}}
	c, err := New(Config{Supplier: "acme", BaseURL: "http://127.0.0.1", HTTP2: true, Check: func(*valid.Check) {}}, append(opts,
		rutravel.WithHTTPClient(&http.Client{Transport: given}), rutravel.WithMaxAttempts(attempts), rutravel.WithAttemptTimeout(10*time.Second),
	))
	require.NoError(t, err)
	return p, c
}

func (p *paths) Accept() (net.Conn, error) {
	c, ok := <-p.accept
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p *paths) Close() error { close(p.accept); return nil }

func (p *paths) Addr() net.Addr { return &net.TCPAddr{} }

// path is a connection. A dead one stays open but carries nothing.
type path struct {
	net.Conn
	dead   atomic.Bool
	once   sync.Once
	closed chan struct{}
}

func (p *path) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if p.dead.Load() {
		<-p.closed
		return 0, net.ErrClosed
	}
	return n, err
}

func (p *path) Write(b []byte) (int, error) {
	if p.dead.Load() {
		return len(b), nil
	}
	return p.Conn.Write(b)
}

func (p *path) Close() error {
	p.once.Do(func() { close(p.closed) })
	return p.Conn.Close()
}

// A dead connection takes one attempt and is not used again. The next attempt
// uses another connection. If the caller's time is over first, so does the next
// call.
func TestRelayLeavesDeadConnections(t *testing.T) {
	t.Parallel()
	bubble(t, "dead", func(t *testing.T) {
		var seen int // counted by the middleware
		p, c := newPaths(t, 2, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a\n.\n") },
			rutravel.WithTransport(func(rt http.RoundTripper) http.RoundTripper {
				return middleware(func(r *http.Request) (*http.Response, error) {
					seen++
					return rt.RoundTrip(r)
				})
			}))
		ask := func(ctx context.Context) ([]string, error) {
			return rutravel.Collect(Relay(ctx, c, safeOp, get, foreign))
		}
		for n := 1; n <= 2; n++ {
			all, err := ask(t.Context())
			require.NoError(t, err)
			assert.Equal(t, []string{"a"}, all)
			assert.Len(t, p.dialed, 1)
		}
		p.dialed[0].dead.Store(true)
		all, err := ask(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []string{"a"}, all)
		assert.Len(t, p.dialed, 2)

		p.dialed[1].dead.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = ask(ctx)
		assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
		begun := time.Now()
		_, err = ask(t.Context())
		require.NoError(t, err)
		assert.Zero(t, time.Since(begun))
		assert.Len(t, p.dialed, 3)
		assert.Equal(t, 6, seen)

		time.Sleep(2 * idleTimeout) // the transport given has no idle timeout
		for _, path := range p.dialed {
			<-path.closed
		}
	})
}

// A working connection is kept, whatever the outcome of an attempt is.
func TestRelayKeepsConnections(t *testing.T) {
	t.Parallel()
	bubble(t, "healthy", func(t *testing.T) {
		p, c := newPaths(t, 1, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Fail") != "" {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			_, _ = io.WriteString(w, "a\n")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		for range 200 {
			ctx, cancel := context.WithCancel(t.Context())
			var last error
			for _, last = range Relay(ctx, c, safeOp, get, foreign) {
				cancel()
			}
			cancel()
			require.ErrorIs(t, last, rutravel.ErrCanceled)
			synctest.Wait()
		}
		failing := get
		failing.Header = http.Header{"Fail": {"1"}}
		for range 3 {
			_, err := rutravel.Collect(Relay(t.Context(), c, safeOp, failing, foreign))
			require.ErrorIs(t, err, rutravel.ErrUnavailable)
		}
		assert.Equal(t, 1, len(p.dialed)) //nolint:testifylint // Len would print them
	})
}

// An abandoned connection does not stay open for its idle time.
func TestRelayClosesWhatItLeaves(t *testing.T) {
	t.Parallel()
	bubble(t, "idle", func(t *testing.T) {
		p, c := newPaths(t, 1, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a\n.\n") })
		_, err := rutravel.Collect(Relay(t.Context(), c, safeOp, get, foreign))
		require.NoError(t, err)
		begun := time.Now()
		(&HTTPClient{client: c, through: c.http2.Load()}).abandonConnection()
		<-p.dialed[0].closed
		assert.Zero(t, time.Since(begun))
	})
}

// The caller's option also wraps the transport that replaces an abandoned one. If
// it then returns nil, http.DefaultTransport is not used.
func TestRelayWrapsAgain(t *testing.T) {
	t.Parallel()
	bubble(t, "nothing", func(t *testing.T) {
		var asked int
		p, c := newPaths(t, 1, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a\n.\n") },
			rutravel.WithTransport(func(rt http.RoundTripper) http.RoundTripper {
				if asked++; asked > 2 {
					return nil
				}
				return rt
			}))
		require.Equal(t, 2, asked)
		(&HTTPClient{client: c, through: c.http2.Load()}).abandonConnection()
		require.Equal(t, 3, asked)
		_, err := rutravel.Collect(Relay(t.Context(), c, safeOp, get, foreign))
		require.NoError(t, err)
		assert.Len(t, p.dialed, 1)
	})
}

// A body that is not read is closed.
func TestRelayClosesRedirects(t *testing.T) {
	t.Parallel()
	var body closed
	_, err := relay(t, t.Context(), mock(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {"/"}}, Body: &body}, nil
	}))
	require.ErrorIs(t, err, errRedirect)
	assert.True(t, bool(body))
}

// closed is an endless body that records whether it was closed.
type closed bool

func (c *closed) Read(p []byte) (int, error) { return len(p), nil }

func (c *closed) Close() error { *c = true; return nil }

// unwanted is a connection that must be closed.
type unwanted struct {
	net.Conn
	once sync.Once
	open *atomic.Int32
}

func (u *unwanted) Close() error {
	u.once.Do(func() { u.open.Add(-1) })
	return u.Conn.Close()
}

// If TLS has not negotiated a protocol, net/http speaks HTTP/1.1, which is
// refused. With the caller's dialer it is refused before anything is sent,
// otherwise when the answer arrives.
func TestRelayRefusesHTTP1(t *testing.T) {
	t.Parallel()
	srv := newServer(t, startTLS2)
	old := newServer(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{NextProtos: []string{}}
		s.StartTLS()
	})
	config := srv.Client().Transport.(*http.Transport).TLSClientConfig
	var open atomic.Int32 // the number of open connections that must be refused
	dialer := func(lazy bool, protocols ...string) *http.Transport {
		config := config.Clone()
		config.NextProtos, config.ServerName = protocols, "example.com"
		return &http.Transport{DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(protocols, "h2") {
				open.Add(1)
				conn = &unwanted{Conn: conn, open: &open}
			}
			over := tls.Client(conn, config)
			if lazy {
				return over, nil
			}
			return over, over.HandshakeContext(ctx)
		}}
	}
	t.Cleanup(func() { assert.Zero(t, open.Load()) })
	for name, test := range map[string]struct {
		srv  *server
		line *http.Transport
		kind rutravel.Kind
		want string // "" if the only error is the server's answer
	}{
		"dialer":                        {srv, dialer(false, "h2"), rutravel.ErrProtocol, ""},
		"dialer, no handshake":          {srv, dialer(true, "h2"), rutravel.ErrProtocol, ""},
		"dialer of 1.1":                 {srv, dialer(false, "http/1.1"), rutravel.ErrUnavailable, "DialTLSContext"},
		"dialer of nothing":             {srv, dialer(false), rutravel.ErrUnavailable, "DialTLSContext"},
		"dialer of 1.1, no handshake":   {srv, dialer(true, "http/1.1"), rutravel.ErrUnavailable, "DialTLSContext"},
		"server without a negotiation ": {old, &http.Transport{TLSClientConfig: config}, rutravel.ErrProtocol, "HTTP/1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := New(Config{Supplier: "acme", BaseURL: test.srv.URL, HTTP2: true, Check: func(*valid.Check) {}}, []rutravel.Option{
				rutravel.WithHTTPClient(&http.Client{Transport: test.line}), rutravel.WithMaxAttempts(1),
			})
			require.NoError(t, err)
			_, err = rutravel.Collect(Relay(t.Context(), c, safeOp, get, foreign))
			assert.Equal(t, test.kind, failure(t, err).Kind, "%v", err)
			require.ErrorContains(t, err, test.want)
			assert.Equal(t, test.want == "", failure(t, err).HTTPStatus == 200 && !errors.Is(err, errNotHTTP2), "%v", err)
		})
	}
}

// Other requests on an abandoned connection continue.
func TestRelayLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	bubble(t, "silent", func(t *testing.T) {
		p, c := newPaths(t, 1, func(w http.ResponseWriter, r *http.Request) {
			for range 3 {
				_, _ = io.WriteString(w, "a\n")
				_ = http.NewResponseController(w).Flush()
				select {
				case <-time.After(8 * time.Second):
				case <-r.Context().Done():
					return
				}
				if r.Header.Get("Silent") != "" {
					<-r.Context().Done()
					return
				}
			}
			_, _ = io.WriteString(w, ".\n")
		})
		var all []string
		for v, err := range Relay(t.Context(), c, safeOp, get, foreign) {
			require.NoError(t, err)
			if all = append(all, v); len(all) == 1 {
				silent := get
				silent.Header = http.Header{"Silent": {"1"}}
				_, err := rutravel.Collect(Relay(t.Context(), c, safeOp, silent, foreign))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Len(t, p.dialed, 1)
				for range Relay(t.Context(), c, safeOp, get, foreign) {
					break
				}
				require.Len(t, p.dialed, 2)
			}
		}
		assert.Equal(t, []string{"a", "a", "a"}, all)
		time.Sleep(2 * idleTimeout)
	})
}

// Over HTTP/2, with or without TLS, a server that ends every request sees a
// limited number of connections and requests for each attempt.
func TestRelayHangups(t *testing.T) {
	t.Parallel()
	const most = maxConnections + 1
	for _, way := range badserver.Ways() {
		if !way.HTTP2 {
			continue
		}
		t.Run(way.Name, func(t *testing.T) {
			t.Parallel()
			s := badserver.Start(t, way)
			opts := []rutravel.Option{rutravel.WithMaxAttempts(1)}
			if s.Roots != nil {
				opts = append(opts, rutravel.WithRootCAs(s.Roots))
			}
			c, err := New(Config{Supplier: "acme", BaseURL: s.URL, HTTP2: true, Check: func(*valid.Check) {}}, opts)
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err = rutravel.Collect(Relay(ctx, c, safeOp, get, foreign))
			require.NoError(t, ctx.Err(), "the attempt was not stopped")
			e := failure(t, err)
			assert.Equal(t, rutravel.ErrUnavailable, e.Kind)
			assert.NotErrorIs(t, err, context.Canceled, "the error says why")
			assert.LessOrEqual(t, s.Connections(), most)
			assert.LessOrEqual(t, s.Requests(), most)
		})
	}
}

// A wrong label does not matter, because the answer is not unpacked by it.
func TestRelayLabels(t *testing.T) {
	t.Parallel()
	for _, label := range []string{"", "gzip", "br", "identity"} {
		for name, text := range map[string]string{"plain": "a\n.\n", "packed": string(pack(t, "a\n.\n"))} {
			srv := newServer(t, func(s *httptest.Server) {
				s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					assert.Empty(t, r.Header.Values("Accept-Encoding"))
					if label != "" {
						w.Header().Set("Content-Encoding", label)
					}
					_, _ = io.WriteString(w, text)
				})
				s.Config.Protocols = new(http.Protocols)
				s.Config.Protocols.SetUnencryptedHTTP2(true)
				s.Start()
			})
			for _, given := range []*http.Client{{}, {Transport: &http.Transport{}}} {
				c, err := New(Config{Supplier: "acme", BaseURL: srv.URL, HTTP2: true, Check: func(*valid.Check) {}}, []rutravel.Option{rutravel.WithHTTPClient(given)})
				require.NoError(t, err)
				all, err := rutravel.Collect(Relay(t.Context(), c, safeOp, get, foreign))
				require.NoError(t, err, "%s as %q", name, label)
				assert.Equal(t, []string{"a"}, all, "%s as %q", name, label)
			}
		}
	}
}
