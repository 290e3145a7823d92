package conformance

import (
	"crypto/x509"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// server is a supplier behind a real socket. It gives every request the same
// answer.
type server struct {
	*httptest.Server
	sessions Sessions                                                               // nil if the supplier has none
	renumber func(sent string) (golden string, renumber func(answer string) string) // nil if requests are not numbered

	mu          sync.Mutex
	status      int
	body        string
	label       string                    // the Content-Encoding of answers
	fail        func(http.ResponseWriter) // breaks the connection, if not nil
	requests    int                       // that arrived since answer or failWith
	connections []string                  // the client's address in each of these requests
}

// newHandler returns a server without a socket.
func (s Suite[C]) newHandler(t *testing.T) *server {
	t.Helper()
	srv := &server{renumber: s.Renumber}
	if s.NewSessions != nil {
		srv.sessions = s.NewSessions(t)
	}
	return srv
}

// newServer starts a server. Start is a method of httptest.Server.
func (s Suite[C]) newServer(t *testing.T, start func(*httptest.Server)) *server {
	t.Helper()
	srv := s.newHandler(t)
	srv.Server = httptest.NewUnstartedServer(srv)
	start(srv.Server)
	t.Cleanup(srv.Close)
	return srv
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions != nil {
		answer, arrived := s.sessions(r)
		if answer != nil {
			maps.Copy(w.Header(), answer.Header)
			w.WriteHeader(answer.StatusCode)
			return
		}
		maps.Copy(w.Header(), arrived())
	}
	s.requests++
	s.connections = append(s.connections, r.RemoteAddr)
	if s.fail != nil {
		s.fail(w)
	}
	body := s.body
	if s.renumber != nil {
		sent, err := renderRequest(r)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		_, renumber := s.renumber(sent)
		body = renumber(body)
	}
	if s.label != "" {
		w.Header().Set("Content-Encoding", s.label)
	}
	w.WriteHeader(s.status)
	_, _ = w.Write([]byte(body))
}

// answer sets the answer to the next requests.
func (s *server) answer(status int, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.body, s.fail, s.requests, s.connections = status, body, nil, 0, nil
}

// failWith sets how the next requests fail.
func (s *server) failWith(fail func(http.ResponseWriter)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail, s.requests = fail, 0
}

// count returns how many requests have arrived since answer or failWith.
func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// usedConnections returns the client's address of each request since answer.
func (s *server) usedConnections() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// trusted returns the options with which the library's own transport accepts the
// server's certificate.
func (s *server) trusted() []rutravel.Option {
	if s.Certificate() == nil {
		return nil
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return []rutravel.Option{rutravel.WithRootCAs(roots)}
}

// startHTTP2 starts a server with TLS that offers HTTP/2.
func startHTTP2(s *httptest.Server) {
	s.EnableHTTP2 = true
	s.StartTLS()
}

// opaqueTransport hides the type of a RoundTripper.
type opaqueTransport struct{ http.RoundTripper }

// unusedAddress returns an address at which no server listens while the test
// runs: its port belongs to the client's end of an open connection.
func unusedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c.LocalAddr().String()
}
