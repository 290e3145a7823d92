package badserver

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Doubled is a server that writes every answer twice, like a broken front end. It
// uses HTTP/1.1 and keeps connections alive.
type Doubled struct {
	URL   string
	Roots *x509.CertPool // of its certificate; nil without TLS

	connections sync.WaitGroup
}

// StartDoubled starts a Doubled that runs as long as the test. If late is true, the
// second copy is sent 0.3 ms after the first one.
func StartDoubled(t testing.TB, secure, late bool, h http.Handler) *Doubled {
	t.Helper()
	l, address := listen(t)
	d := &Doubled{URL: "http://" + address}
	if secure {
		var config *tls.Config
		config, d.Roots = certificate()
		d.URL = "https://" + address
		l = tls.NewListener(l, config)
	}
	accept(l, func(c net.Conn) {
		d.connections.Go(func() { serveTwice(c, late, h) })
	})
	return d
}

// Wait waits until all connections have ended.
func (d *Doubled) Wait() { d.connections.Wait() }

func serveTwice(c net.Conn, late bool, h http.Handler) {
	defer func() { _ = c.Close() }()
	from := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(from)
		if err != nil {
			return
		}
		r.RemoteAddr = c.RemoteAddr().String()
		recorded := httptest.NewRecorder()
		h.ServeHTTP(recorded, r)
		_, _ = io.Copy(io.Discard, r.Body)
		answer := recorded.Result()
		answer.ContentLength = int64(recorded.Body.Len())
		var text bytes.Buffer
		if answer.Write(&text) != nil {
			return
		}
		if late {
			_, _ = c.Write(text.Bytes())
			time.Sleep(300 * time.Microsecond)
		} else {
			text.Write(bytes.Clone(text.Bytes()))
		}
		if _, err := c.Write(text.Bytes()); err != nil {
			return
		}
	}
}
