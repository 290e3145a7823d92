package rutravel

import (
	"context"
	"crypto/x509"
	"net/http"
	"strings"
	"time"

	"github.com/rutravel/rutravel-go/internal/options"
)

// Option is a setting of a client. Functions of this package return options, and the
// New function of every supplier's package takes them.
type Option interface {
	ApplyToClient(*options.Client)
}

// CallOption is a setting of one call.
type CallOption interface {
	ApplyToCall(*options.Call)
}

// CommonOption is a setting of one call or, given to New, of all calls of a
// client.
type CommonOption interface {
	Option
	CallOption
}

type clientOption func(*options.Client)

func (o clientOption) ApplyToClient(c *options.Client) { o(c) }

type callOption func(*options.Call)

func (o callOption) ApplyToCall(c *options.Call) { o(c) }

type commonOption func(*options.Call)

func (o commonOption) ApplyToClient(c *options.Client) { o(&c.Call) }
func (o commonOption) ApplyToCall(c *options.Call)     { o(c) }

// WithHTTPClient makes the client send through a copy of h: its transport (a proxy, a
// fake), its cookie jar and its Timeout. Redirects are always refused; h.CheckRedirect
// is not called.
//
// Without this option, or if h has no Transport, each client has its own transport. It
// is made for many concurrent callers and HTTP/2, speaks TLS 1.2 and later, and takes
// proxies from the environment when it connects. [http.DefaultClient] and
// [http.DefaultTransport] are never used. An [*http.Transport] in h speaks the TLS
// versions of its TLSClientConfig.
//
// Some calls open a new connection for each request: calls that book, pay, cancel,
// refund or change something, and reads that decide about money or name people
// (statuses, orders, bookings, refunds, quotes of a booking, reports, travel history).
// The reason is stray answers. If a server sends two answers to one request on a
// kept-alive connection, net/http takes the second one for the answer to the next
// request. It also logs stray bytes. If h.Transport is an [*http.Transport], a copy of
// it without keep-alives makes the new connections. The copy does not have protocols
// that were registered with RegisterProtocol.
//
// If h.Transport is another RoundTripper, it decides which connection a request uses,
// and the library cannot protect the request from stray answers. To instrument a
// transport, use [WithTransport] instead. The RoundTripper must not retry requests:
// after a hidden retry the outcome of the first attempt is unknown. Bookings, payments,
// cancellations and refunds are passed to it as requests that net/http never sends
// again.
func WithHTTPClient(h *http.Client) Option {
	return clientOption(func(c *options.Client) {
		if h == nil {
			c.Refuse(&FieldError{Field: "WithHTTPClient", Problem: "must not be nil"})
			return
		}
		c.HTTPClient = h
	})
}

// WithRootCAs sets the certificate authorities that the library's own transport trusts,
// in place of the system's. Some test hosts have certificates of authorities that the
// system does not trust, such as a state's. Add these to [x509.SystemCertPool]:
//
//	roots, err := x509.SystemCertPool()
//	if err != nil { … }
//	if !roots.AppendCertsFromPEM(authority) { … }
//	client, err := smartway.New(config, rutravel.WithRootCAs(roots))
//
// The option cannot be combined with a Transport given to [WithHTTPClient], which has
// its own authorities. Go's TLS has no GOST key exchange and no GOST cipher. A server
// that offers only these cannot be reached.
func WithRootCAs(roots *x509.CertPool) Option {
	return clientOption(func(c *options.Client) {
		if roots == nil {
			c.Refuse(&FieldError{Field: "WithRootCAs", Problem: "must not be nil"})
			return
		}
		c.RootCAs = roots
	})
}

// WithTransport wraps the transports of the client: the library's, or the one given to
// [WithHTTPClient]. Use it for instrumentation. Use WithHTTPClient for proxies,
// certificates and whatever else package http can do.
//
// Calls that open a new connection for each request (see WithHTTPClient) still do so.
// They use a second transport, which is also wrapped. The RoundTripper that wrap
// returns must not retry requests. It sees whole addresses and headers, including
// credentials. If the option is given several times, the last one counts. wrap may be
// called again, and concurrently.
//
// With this option, an attempt that fails before it has a connection counts as sent,
// unless the error comes from dialing, DNS or a certificate. The library cannot know
// what the wrapping RoundTripper has done.
func WithTransport(wrap func(http.RoundTripper) http.RoundTripper) Option {
	return clientOption(func(c *options.Client) {
		if wrap == nil {
			c.Refuse(&FieldError{Field: "WithTransport", Problem: "must not be nil"})
			return
		}
		c.Wrap = wrap
	})
}

// WithAttemptTimeout bounds each attempt, from asking for a connection to the last
// byte of the answer. It replaces the operation's default, which the supplier's package
// documents.
//
// The elements of a stream (Smartway's history, all of tcsimple) are yielded while the
// answer arrives. There d bounds the time from the request to the first element, and
// from each element to the next. Bytes that do not complete an element do not count.
// The time that the caller spends on an element does not count either. A stream that
// keeps sending elements, even empty ones, has no limit except the deadline of the
// context, which bounds the whole call.
func WithAttemptTimeout(d time.Duration) CommonOption {
	return commonOption(func(c *options.Call) {
		if d <= 0 {
			c.Refuse(&FieldError{Field: "WithAttemptTimeout", Problem: "must be positive"})
			return
		}
		c.AttemptTimeout = d
	})
}

// WithMaxAttempts sets how many attempts a call may make. The default is 3; 1 means no
// retries. A call that books, pays, cancels or refunds is attempted again only if the
// attempt before provably never left this machine.
//
// For calls that open a new connection for each request (see [WithHTTPClient]), an
// attempt is one request. For other calls, net/http sends the request again if a
// kept-alive connection or an HTTP/2 stream ends without an answer. The library allows
// 4 connections and 4 requests for such an attempt. Then the attempt fails with
// [ErrUnavailable].
func WithMaxAttempts(n int) CommonOption {
	return commonOption(func(c *options.Call) {
		if n < 1 {
			c.Refuse(&FieldError{Field: "WithMaxAttempts", Problem: "must be at least 1"})
			return
		}
		c.MaxAttempts = n
	})
}

// WithMaxAnswer sets the maximum size of an answer, in bytes after unpacking. The
// default is 64 MiB, which is also the largest n. The error for a longer answer is
// [ErrProtocol], or [ErrNotConfirmed] for a call that books, pays, cancels or refunds.
// In a stream (Smartway's history, all of tcsimple), n bounds each element, and the
// default is 16 MiB.
//
// A call needs memory for twice the size of its answer, at most, and for the values
// that it returns.
func WithMaxAnswer(n int64) CommonOption {
	return commonOption(func(c *options.Call) {
		if n < 1 || n > 64<<20 {
			c.Refuse(&FieldError{Field: "WithMaxAnswer", Problem: "must be 1 to 67108864 bytes"})
			return
		}
		c.MaxAnswer = n
	})
}

// WithRetryBudget sets how many retries a client may spend on all its calls
// together. The default is 100; 0 forbids retries. Every ten calls that succeed at the
// first attempt earn one retry back.
//
// The budget protects a supplier that is down. If it answers HTTP 503 for ten minutes,
// ten calls a second make 6100 requests by default, 6000 with a budget of 0, and 18000
// without a budget. The budget counts attempts; see [WithMaxAttempts].
func WithRetryBudget(n int) Option {
	return clientOption(func(c *options.Client) {
		if n < 0 {
			c.Refuse(&FieldError{Field: "WithRetryBudget", Problem: "must not be negative"})
			return
		}
		c.RetryBudget = n
	})
}

// Limiter delays attempts to keep a supplier's limits.
// [golang.org/x/time/rate.Limiter] implements it. [PriorityLimiter] lets calls that
// move money go first.
type Limiter interface {
	// Wait returns nil when an attempt may be made, or an error if it may not.
	// [CallFrom] returns the call that ctx belongs to.
	Wait(ctx context.Context) error
}

// WithLimiter makes every attempt of a client wait for l first. If l returns an error,
// nothing is sent. The kind of the call's error is:
//
//   - [ErrRateLimited] if l's error matches it,
//   - [ErrCanceled] if the context ended, or if l's error says that the context's
//     deadline is too early for the wait,
//   - [ErrUnavailable] otherwise: the limiter itself failed.
//
// See [WithMaxAttempts] for how many requests an attempt makes.
func WithLimiter(l Limiter) Option {
	return clientOption(func(c *options.Client) { c.Limiter = l })
}

// WithUserAgent puts the application's name and version before the library's
// in the User-Agent header: "shop/1.4 rutravel-go/0.1.0".
func WithUserAgent(product string) Option {
	return clientOption(func(c *options.Client) {
		if strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r > '~' }) {
			c.Refuse(&FieldError{Field: "WithUserAgent", Problem: "must be printable ASCII"})
			return
		}
		c.UserAgent = product
	})
}

// WithPlainHTTP allows http:// addresses. Without it, only loopback addresses may be
// http://, so that credentials and passengers' data are never sent unencrypted.
func WithPlainHTTP() Option {
	return clientOption(func(c *options.Client) { c.PlainHTTP = true })
}

// WithRawAnswer stores the body of the call's last answer in *body, also if the call
// fails. It stores nil if no answer arrived. Use it as evidence in a dispute with the
// supplier.
//
// A gzip body is stored unpacked, or as it arrived if it cannot be unpacked completely.
// Whether a body is gzip is decided by its first bytes, not by the header
// Content-Encoding. A longer body is cut at the limit of [WithMaxAnswer], and a body
// with an error status after 64 KiB.
//
// If a call makes several requests, as iterators do, the last answer is stored. The
// answer of a stream is not stored. The body may hold passengers' data and is never
// logged.
func WithRawAnswer(body *[]byte) CallOption {
	return callOption(func(c *options.Call) { c.RawAnswer = body })
}
