// Package nginx tests the library with nginx, which many suppliers use as their front
// end. The tests are skipped if the program is missing, but not in CI.
package nginx

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// server is an nginx that runs as long as the test.
type server struct {
	URL   string
	Roots *x509.CertPool

	cmd  *exec.Cmd
	home string
}

// request is a line of nginx's access log.
type request struct {
	protocol, command, connection, onConnection, packed string
}

// start starts nginx with a location. It serves HTTP/2 and HTTP/1.1 over TLS. The
// location can forward requests to upstream.
func start(t *testing.T, location, upstream string) *server {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the configuration is for Linux")
	}
	program, err := exec.LookPath("nginx")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/nginx")
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("nginx is missing: install the package nginx-light")
		}
		t.Skip("nginx is missing")
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	require.NoError(t, err)
	defer socket.Close()

	s := &server{URL: "https://" + l.Addr().String(), Roots: x509.NewCertPool(), home: t.TempDir()}
	h := httptest.NewTLSServer(nil)
	h.Close()
	s.Roots.AddCert(h.Certificate())
	key, err := x509.MarshalPKCS8PrivateKey(h.TLS.Certificates[0].PrivateKey)
	require.NoError(t, err)
	s.write(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw}))
	s.write(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	s.write(t, "nginx.conf", fmt.Appendf(nil, `
		daemon off; user root; worker_processes 1; pid nginx.pid; error_log error.log;
		events {}
		http {
			log_format short "$server_protocol $arg_command $connection $connection_requests $sent_http_content_encoding.";
			access_log access.log short;
			client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
			gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;
			upstream supplier { server %s; keepalive 8; }
			server {
				listen %s ssl http2;
				ssl_certificate cert.pem; ssl_certificate_key key.pem;
				location / { %s }
			}
		}`, upstream, l.Addr(), location))
	s.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), program, "-p", s.home, "-c", "nginx.conf", "-e", "error.log")
	s.cmd.ExtraFiles = []*os.File{socket}
	s.cmd.Env = append(os.Environ(), "NGINX=3;") // nginx takes over the listening socket
	s.cmd.Stderr = t.Output()
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() { s.stop(t) })
	return s
}

func (s *server) write(t *testing.T, name string, text []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(s.home, name), text, 0o600))
}

// stop stops nginx once its connections are idle.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if s.cmd.ProcessState != nil {
		return
	}
	assert.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	if err := s.cmd.Wait(); err != nil {
		text, _ := os.ReadFile(filepath.Join(s.home, "error.log"))
		t.Errorf("nginx: %v: %s", err, text)
	}
}

// requests stops nginx and returns the requests that it has logged.
func (s *server) requests(t *testing.T) (all []request) {
	t.Helper()
	s.stop(t)
	text, err := os.ReadFile(filepath.Join(s.home, "access.log"))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		require.Len(t, f, 5, line)
		all = append(all, request{f[0], f[1], f[2], f[3], f[4]})
	}
	return all
}

func (s *server) client(t *testing.T, cfg regionbilet.Config, opts ...rutravel.Option) *regionbilet.Client {
	t.Helper()
	cfg.BaseURL = s.URL
	c, err := regionbilet.New(cfg, append(opts, rutravel.WithRootCAs(s.Roots))...)
	require.NoError(t, err)
	return c
}

// nginx ends each request without an answer. Over HTTP/2, net/http by itself would send
// the request thousands of times.
func TestReturn444(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]struct {
		most int // requests per attempt
		make func(context.Context, *regionbilet.Client, ...rutravel.CallOption) error
	}{
		"search": {4, func(ctx context.Context, c *regionbilet.Client, opts ...rutravel.CallOption) error {
			_, err := c.Nationalities(ctx, opts...)
			return err
		}},
		"status": {1, func(ctx context.Context, c *regionbilet.Client, opts ...rutravel.CallOption) error {
			_, err := c.BookingTickets(ctx, "1", opts...)
			return err
		}},
		"payment": {1, func(ctx context.Context, c *regionbilet.Client, opts ...rutravel.CallOption) error {
			_, err := c.Pay(ctx, regionbilet.Hold{Booking: "1"}, opts...)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "return 444;", "127.0.0.1:1")
			c := s.client(t, regionbilettest.New().Config())
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err := call.make(ctx, c, rutravel.WithMaxAttempts(1))
			require.NoError(t, ctx.Err(), "the attempt does not end")
			if name == "payment" {
				require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
			} else {
				require.ErrorIs(t, err, rutravel.ErrUnavailable)
			}
			n := len(s.requests(t))
			assert.Positive(t, n)
			assert.LessOrEqual(t, n, call.most)
		})
	}
}

// nginx forwards requests to a fake, over HTTP/2 and kept-alive connections, and
// compresses the answers. Calls that decide about money use their own connections.
func TestProxy(t *testing.T) {
	t.Parallel()
	fake := regionbilettest.New()
	supplier := httptest.NewServer(http.Handler(fake))
	t.Cleanup(supplier.Close)
	s := start(t, `proxy_pass http://supplier; proxy_http_version 1.1; proxy_set_header Connection "";`, strings.TrimPrefix(supplier.URL, "http://"))
	var raw []byte
	c := s.client(t, fake.Config())

	trips, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: civil.DateOf(time.Now().UTC()).AddDays(2)})
	require.NoError(t, err)
	require.NotEmpty(t, trips)
	free, err := c.FreeSeats(t.Context(), trips[0].Key())
	require.NoError(t, err)
	seats, _, err := regionbilet.ChooseSeats(free, 1)
	require.NoError(t, err)
	hold, err := c.Book(t.Context(), regionbilet.BookRequest{
		Trip: trips[0].Key(), Phone: "9187557788", Passengers: []regionbilet.Passenger{{
			Surname: "ИВАНОВ", FirstName: "ИВАН", MiddleName: "ИВАНОВИЧ",
			Sex: regionbilet.Male, Category: regionbilet.Adult, BirthDate: civil.Date{Year: 1977, Month: time.January, Day: 1},
			Nationality: "643", DocumentType: "1", Document: "0701 755756",
			Seat: seats[0], Price: trips[0].Fare(regionbilet.Adult).Price,
		}},
	}, rutravel.WithRawAnswer(&raw))
	require.NoError(t, err)
	assert.Contains(t, string(raw), hold.Booking, "the raw answer must be unpacked")
	paid, err := c.Pay(t.Context(), hold)
	require.NoError(t, err)
	tickets, err := c.BookingTickets(t.Context(), hold.Booking)
	require.NoError(t, err)
	require.Len(t, tickets, 1)
	assert.Equal(t, paid[0].Number, tickets[0].Number)

	shared, own := map[string]bool{}, map[string]bool{}
	for _, r := range s.requests(t) {
		assert.Equal(t, "gzip.", r.packed, r.command)
		switch r.command {
		case "trip", "trip_free_seats":
			assert.Equal(t, "HTTP/2.0", r.protocol, r.command)
			shared[r.connection] = true
		default:
			assert.Equal(t, "HTTP/1.1", r.protocol, r.command)
			assert.Equal(t, "1", r.onConnection, r.command)
			own[r.connection] = true
		}
	}
	assert.Len(t, shared, 1)
	assert.Len(t, own, 3)
}
