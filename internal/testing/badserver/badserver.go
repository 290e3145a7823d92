// Package badserver has servers for tests that break HTTP. Some end each request
// without an answer, others answer twice.
package badserver

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// Way is a way to end a request.
type Way struct {
	Name  string
	TLS   bool
	HTTP2 bool // by ALPN, or from the first byte without TLS; a client with HTTP/1.1 gets FIN

	accepted func(*conn)                  // ends a connection before its first request; nil means that the connection stays
	request  func(c *conn, stream uint32) // ends a request, and its connection if the way closes it
}

// Ways returns all ways.
func Ways() []Way {
	ways := []Way{
		{Name: "FIN before the request", accepted: (*conn).fin},
		{Name: "RST before the request", accepted: (*conn).rst},
	}
	http1 := []Way{
		{Name: "FIN", request: func(c *conn, _ uint32) { c.fin() }}, // nginx: return 444
		{Name: "RST", request: func(c *conn, _ uint32) { c.rst() }},
		{Name: "half a status line", request: func(c *conn, _ uint32) { c.write("HTTP/1.1 2"); c.fin() }},
		{Name: "half a header", request: func(c *conn, _ uint32) { c.write("HTTP/1.1 200 OK\r\nContent-Le"); c.fin() }},
		{Name: "half a header and RST", request: func(c *conn, _ uint32) { c.write("HTTP/1.1 200 OK\r\nContent-Le"); c.rst() }},
	}
	http2 := []Way{
		{Name: "FIN before the preface", accepted: (*conn).fin},
		{Name: "GOAWAY before the request", accepted: func(c *conn) { c.settings(); c.goAway(0); c.fin() }},
		{Name: "FIN", request: func(c *conn, _ uint32) { c.fin() }},
		{Name: "RST", request: func(c *conn, _ uint32) { c.rst() }},
		{Name: "GOAWAY without the request", request: func(c *conn, _ uint32) { c.goAway(0); c.fin() }},
		{Name: "GOAWAY without the request, left open", request: func(c *conn, _ uint32) { c.goAway(0) }},
		{Name: "GOAWAY with the request", request: func(c *conn, stream uint32) { c.goAway(stream); c.fin() }},
		{Name: "REFUSED_STREAM", request: func(c *conn, stream uint32) { c.reset(stream, refusedStream) }},
		{Name: "RST_STREAM", request: func(c *conn, stream uint32) { c.reset(stream, internalError) }},
		{Name: "half a frame", request: func(c *conn, _ uint32) { c.write("\x00\x00\x40\x01"); c.fin() }},
	}
	for _, w := range http1 {
		ways = append(ways, w)
		w.Name, w.TLS = w.Name+", TLS", true
		ways = append(ways, w)
	}
	for _, w := range http2 {
		w.Name, w.HTTP2 = "HTTP/2, "+w.Name, true
		ways = append(ways, w)
		w.Name, w.TLS = w.Name+", TLS", true
		ways = append(ways, w)
	}
	return append(ways, Way{Name: "FIN after the TLS handshake", TLS: true, accepted: (*conn).fin})
}

// Server ends all requests in one way.
type Server struct {
	URL   string
	Roots *x509.CertPool // of its certificate; nil without TLS

	connections, requests atomic.Int32
}

// Connections returns how many connections were accepted.
func (s *Server) Connections() int { return int(s.connections.Load()) }

// Requests returns how many requests arrived.
func (s *Server) Requests() int { return int(s.requests.Load()) }

// Start starts a server that runs as long as the test.
func Start(t testing.TB, w Way) *Server {
	t.Helper()
	l, address := listen(t)
	s := &Server{URL: "http://" + address}
	var config *tls.Config
	if w.TLS {
		config, s.Roots = certificate()
		s.URL = "https://" + address
		if w.HTTP2 {
			config.NextProtos = []string{"h2", "http/1.1"}
		}
	}
	accept(l, func(raw net.Conn) {
		s.connections.Add(1)
		go s.serve(w, raw, config)
	})
	return s
}

// listen listens as long as the test runs.
func listen(t testing.TB) (l net.Listener, address string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l, l.Addr().String()
}

func accept(l net.Listener, serve func(net.Conn)) {
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
		}
	}()
}

// certificate returns the certificate of httptest.
func certificate() (*tls.Config, *x509.CertPool) {
	h := httptest.NewTLSServer(nil)
	defer h.Close()
	roots := x509.NewCertPool()
	roots.AddCert(h.Certificate())
	return &tls.Config{Certificates: h.TLS.Certificates, MinVersion: tls.VersionTLS12}, roots
}

func (s *Server) serve(w Way, raw net.Conn, config *tls.Config) {
	c := &conn{Conn: raw, raw: raw}
	defer c.fin()
	http2 := w.HTTP2
	if config != nil {
		secure := tls.Server(raw, config)
		if secure.HandshakeContext(context.Background()) != nil {
			return
		}
		c.Conn = secure
		http2 = secure.ConnectionState().NegotiatedProtocol == "h2"
	}
	if w.accepted != nil && http2 == w.HTTP2 {
		w.accepted(c)
		return
	}
	ended := func(stream uint32) {
		s.requests.Add(1)
		if w.request != nil && http2 == w.HTTP2 {
			w.request(c, stream)
		}
	}
	if http2 {
		c.settings()
		c.frames(ended)
		return
	}
	if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
		_, _ = io.Copy(io.Discard, r.Body)
		ended(0)
	}
}

type conn struct {
	net.Conn
	raw net.Conn
}

func (c *conn) write(text string) { _, _ = io.WriteString(c.Conn, text) }

func (c *conn) fin() { _ = c.raw.Close() }

func (c *conn) rst() {
	if tcp, ok := c.raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	c.fin()
}

// Constants of HTTP/2 (RFC 9113).
const (
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

	frameHeaders  = 1
	frameReset    = 3
	frameSettings = 4
	frameGoAway   = 7

	flagAck = 1

	internalError = 2
	refusedStream = 7
)

// frames reads frames and calls ended for each request.
func (c *conn) frames(ended func(stream uint32)) {
	if _, err := io.CopyN(io.Discard, c, int64(len(preface))); err != nil {
		return
	}
	for {
		var head [9]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		if _, err := io.CopyN(io.Discard, c, length); err != nil {
			return
		}
		switch kind, flags := head[3], head[4]; {
		case kind == frameHeaders:
			ended(binary.BigEndian.Uint32(head[5:]))
		case kind == frameSettings && flags&flagAck == 0:
			c.frame(frameSettings, flagAck, 0)
		}
	}
}

// frame writes a frame whose payload is numbers.
func (c *conn) frame(kind, flags byte, stream uint32, payload ...uint32) {
	b := []byte{0, 0, byte(4 * len(payload)), kind, flags} //nolint:gosec // at most two numbers
	b = binary.BigEndian.AppendUint32(b, stream)
	for _, n := range payload {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	c.write(string(b))
}

func (c *conn) settings()                       { c.frame(frameSettings, 0, 0) }
func (c *conn) goAway(last uint32)              { c.frame(frameGoAway, 0, 0, last, 0) }
func (c *conn) reset(stream uint32, why uint32) { c.frame(frameReset, 0, stream, why) }
