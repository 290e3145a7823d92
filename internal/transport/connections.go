package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"
)

// connections returns a client that shares connections among requests, and a
// client that gives each request its own new HTTP/1.1 connection. foreign reports
// whether both send through the caller's own RoundTripper.
//
// net/http sends a GET, or any request that it considers idempotent, again if a
// kept-alive connection ends before the first byte of the answer. A booking by
// GET would be made twice. net/http also takes a stray answer on a kept-alive
// connection for the answer to the next request. Neither happens on a new
// HTTP/1.1 connection.
//
// With http2, the shared client speaks only HTTP/2. It sends no pings, because
// gRPC servers close a connection that receives a few of them while a stream
// pauses. [HTTPClient] abandons a dead connection instead.
func connections(given *http.Client, roots *x509.CertPool, http2 bool) (shared, own *http.Client, foreign bool) {
	var h http.Client
	if given != nil {
		h = *given
	}
	t, ok := h.Transport.(*http.Transport)
	if h.Transport == nil || ok && t == nil {
		t = newTransport(roots)
		if http2 {
			t.HTTP2 = nil // no pings
		}
		h.Transport, ok = t, true
	}
	if ok && http2 {
		h.Transport = onlyHTTP2(t)
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o := h
	if ok {
		o.Transport = withoutKeepAlives(t)
	}
	return &h, &o, !ok
}

// redirectHider hides the Location of an answer from http.Client, which discards
// an answer whose Location it cannot parse.
type redirectHider struct {
	next     http.RoundTripper
	location []string
}

func (h *redirectHider) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := h.next.RoundTrip(r)
	if resp == nil || resp.Header["Location"] == nil {
		return resp, err
	}
	hidden := *resp // others may share the answer
	hidden.Header = resp.Header.Clone()
	h.location = resp.Header["Location"]
	delete(hidden.Header, "Location")
	return &hidden, err
}

// newTransport returns a transport for many concurrent callers of one host. With
// Go's default of two idle connections per host, most calls would begin with a
// TLS handshake. If roots is nil, the system's certificates are used.
func newTransport(roots *x509.CertPool) *http.Transport {
	const (
		idleConnections = 64
		connectTimeout  = 10 * time.Second
		pingAfter       = 15 * time.Second
	)
	dialer := net.Dialer{Timeout: connectTimeout}
	t := &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: dialer.DialContext,
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12, // GODEBUG can lower Go's own minimum
			ClientSessionCache: tls.NewLRUClientSessionCache(0),
			RootCAs:            roots,
		},
		TLSHandshakeTimeout: connectTimeout,
		MaxIdleConnsPerHost: idleConnections,
		IdleConnTimeout:     idleTimeout,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter},
		Protocols:           new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	t.Protocols.SetHTTP2(true)
	return t
}

// idleTimeout is shorter than the usual 60 and 75 s of servers.
const idleTimeout = 30 * time.Second

// onlyHTTP2 returns a copy of t that speaks only HTTP/2, also without TLS. The
// caller cannot close the idle connections of the copy, so they get a timeout.
func onlyHTTP2(t *http.Transport) *http.Transport {
	u := t.Clone()
	u.IdleConnTimeout = cmp.Or(u.IdleConnTimeout, idleTimeout)
	u.TLSNextProto = nil        // another HTTP/2 transport, with its own connections
	u.DisableCompression = true // net/http would trust the label Content-Encoding
	u.Protocols = new(http.Protocols)
	u.Protocols.SetHTTP2(true)
	u.Protocols.SetUnencryptedHTTP2(true)
	u.DialTLSContext = checkProtocol(u.DialTLSContext, func(protocol string) error {
		if protocol != protocolHTTP2 {
			return errors.New("DialTLSContext has not negotiated HTTP/2; this supplier speaks nothing else")
		}
		return nil
	})
	return u
}

// withoutKeepAlives returns a copy of t that opens a connection for each request
// and speaks only HTTP/1.1. An HTTP/2 transport retries requests itself when a
// server refuses a stream or goes away.
func withoutKeepAlives(t *http.Transport) *http.Transport {
	u := t.Clone()
	u.DisableKeepAlives = true
	u.ForceAttemptHTTP2 = false
	u.Protocols = new(http.Protocols)
	u.Protocols.SetHTTP1(true)
	u.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	if u.TLSClientConfig != nil {
		u.TLSClientConfig.NextProtos = nil
	}
	u.DialTLSContext = checkProtocol(u.DialTLSContext, func(protocol string) error {
		if protocol == protocolHTTP2 {
			return errors.New("DialTLSContext has negotiated HTTP/2; calls that book or pay need HTTP/1.1")
		}
		return nil
	})
	return u
}

const protocolHTTP2 = "h2"

type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

// checkProtocol wraps the caller's dialer, which may be nil. It closes a
// connection whose negotiated protocol check refuses, so that no request is sent
// in a protocol that the server does not expect.
func checkProtocol(dial dialer, check func(protocol string) error) dialer {
	if dial == nil {
		return nil
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if t, ok := conn.(interface {
			HandshakeContext(ctx context.Context) error
		}); ok {
			err = t.HandshakeContext(ctx) // otherwise net/http would do it later
		}
		if t, ok := conn.(interface{ ConnectionState() tls.ConnectionState }); ok && err == nil {
			err = check(t.ConnectionState().NegotiatedProtocol)
		}
		if err != nil {
			_ = conn.Close()
			return nil, err
		}
		return conn, nil
	}
}
