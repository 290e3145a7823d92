// Package transport is the engine of every supplier's client. It sends one call
// of one operation, retries it where that is allowed, limits how much is read,
// and decides the outcome. The supplier's package builds the request and reads
// the answer.
//
// A request goes through these functions:
//
//	regionbilet.Client.Pay    builds the request
//	regionbilet.call          passes it to the engine, with the function that reads the answer
//	Do                        applies the options of the call
//	Client.retry              counts attempts; admit waits for the limiter, Request.Prepare for a session
//	Client.send               bounds one attempt
//	Client.exchange           makes the HTTP request
//	Client.do                 sends it and watches its connections
//	http.Client.Do
//
// The answer goes through these functions:
//
//	answerBody.read           reads and unpacks the body within its limit
//	regionbilet.reply.read    reads the envelope, and returns a Refusal if the supplier refused
//	Ticket.decode             reads the payload
//	judge                     decides the outcome of the attempt
//	Client.failure            makes the error, without secrets
//	Client.retry              returns, or makes another attempt
//
// [Stream] and [Relay] differ only in the attempt: they use Client.receive and
// Client.relay in place of Client.send.
//
// The files:
//
//	address.go      which addresses are allowed
//	connections.go  shared and new connections, without redirects
//	call.go         a call: attempts, waits, the result
//	send.go         one attempt
//	stream.go       an attempt whose answer is yielded while it arrives
//	relay.go        such an attempt for a protocol that another package speaks
//	evidence.go     the connections of an attempt: how many, and whether anything was sent
//	read.go         reading within limits, unpacking, buffers
//	judge.go        the outcome of an attempt, and its error
//	retry.go        how long to wait, and the retry budget
//	observe.go      what observers learn about calls
//	conceal.go      keeps secrets and passengers' data out of errors
package transport

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/options"
	"github.com/rutravel/rutravel-go/internal/valid"
)

// Safety says what sending an operation twice would do. It depends on what the
// operation does, not on its HTTP method.
type Safety int

const (
	// Unsafe operations book, pay, cancel, refund or mail. They are sent again
	// only if the first attempt is proven not to have been sent. Unsafe is the
	// zero value, so that an operation without an explicit safety is never
	// retried.
	Unsafe Safety = iota
	// Keyed operations carry the desired state or a key of the caller. Sending
	// them twice has the same result as sending them once.
	Keyed
	// Safe operations read.
	Safe
)

// Operation is a row of a supplier's table of operations.
type Operation struct {
	Key     string        // the supplier's name for it, which errors and logs show
	Safety  Safety        // what sending it twice would do
	Timeout time.Duration // the default limit of one attempt

	// Decides marks a Safe operation whose answer decides about money or names
	// people. Its requests use own connections; see OwnConnection.
	Decides bool

	// LookUp is the method that finds the outcome of an unsafe call whose answer
	// was lost, as in [rutravel.Error]. It is "" if the supplier offers none.
	LookUp string

	// Redirected marks an operation whose answer may be a redirect. The redirect
	// is read like any other answer and not followed.
	Redirected bool
}

// OwnConnection reports whether each request of the operation uses its own
// connection. On a shared connection net/http may take a stray second answer to
// another request for the answer to this one, and it logs stray bytes.
func (op *Operation) OwnConnection() bool { return op.Safety != Safe || op.Decides }

// CallTimeout returns how long a call of an unsafe operation may take, with the waits
// before its attempt. It is the Timeout of a [rutravel.Operation].
func (op *Operation) CallTimeout() time.Duration {
	const waits = 30 * time.Second
	return op.Timeout + waits
}

// Config is what a supplier's New passes to [New].
type Config struct {
	Supplier string             // the package's name
	BaseURL  string             // where requests go
	Field    string             // the name of the address in the supplier's Config; "" means BaseURL
	Secrets  []string           // credentials, to be kept out of errors
	Check    func(*valid.Check) // checks the supplier's own Config

	// OwnCookies means that the supplier's package keeps the cookies of its
	// sessions. The jar of a caller's http.Client is not used, because it would
	// mix the sessions.
	OwnCookies bool

	// HTTP2 means that the supplier speaks only HTTP/2, at http:// addresses
	// without an upgrade.
	HTTP2 bool
}

// Client sends the calls of one supplier's client. It is safe for concurrent
// use.
type Client struct {
	supplier  string
	base      *url.URL
	settings  options.Client
	userAgent string
	secrets   func() []string  // a func, so that %v of a Client cannot print the secrets
	concealer func() concealer // hides the secrets; made once

	shared    *http.Client          // connections kept alive
	own       *http.Client          // a new connection for each request
	transport *http.Transport       // used by shared; nil if it uses the caller's RoundTripper
	foreign   bool                  // requests go through the caller's RoundTripper, which may keep connections and ignore traces
	gzip      bool                  // answers may be packed, because the caller's transport does not forbid it
	http2     atomic.Pointer[route] // replaces the transport of shared in an HTTPClient; nil if that is the caller's
	budget    budget

	observers []*rutravel.Observer
	buffers   sync.Pool // of *bytes.Buffer
}

// New checks the address and the options. It sends nothing.
func New(cfg Config, opts []rutravel.Option) (*Client, error) {
	c := &Client{supplier: cfg.Supplier}
	c.settings.MaxAttempts = defaultAttempts
	c.settings.RetryBudget = defaultBudget
	for _, o := range opts {
		if o != nil {
			o.ApplyToClient(&c.settings)
		}
	}
	if err := c.settings.Err; err != nil {
		return nil, c.invalid("new", err)
	}
	var v valid.Check
	base := address(&v, cmp.Or(cfg.Field, "BaseURL"), cfg.BaseURL, c.settings.PlainHTTP)
	cfg.Check(&v)
	roots := c.settings.RootCAs
	given := c.settings.HTTPClient
	v.That(roots == nil || given == nil || given.Transport == nil, "WithRootCAs",
		"must not be combined with WithHTTPClient with a Transport: give the certificates to that")
	if err := v.Err(); err != nil {
		return nil, c.invalid("new", err)
	}
	c.base = base
	c.secrets = func() []string { return cfg.Secrets }
	c.concealer = sync.OnceValue(func() concealer { return newConcealer(c.secrets()) })
	c.userAgent = strings.TrimSpace(c.settings.UserAgent + " rutravel-go/" + rutravel.Version)
	c.shared, c.own, c.foreign = connections(c.settings.HTTPClient, roots, cfg.HTTP2)
	c.transport, _ = c.shared.Transport.(*http.Transport)
	c.gzip = !cfg.HTTP2 && (c.transport == nil || !c.transport.DisableCompression) // gRPC packs its messages, not its answers
	if wrap := c.settings.Wrap; wrap != nil {
		c.shared.Transport, c.own.Transport, c.foreign = wrap(c.shared.Transport), wrap(c.own.Transport), true
		if c.shared.Transport == nil || c.own.Transport == nil {
			return nil, c.invalid("new", &rutravel.FieldError{Field: "WithTransport", Problem: "must not return nil"})
		}
	}
	if c.transport != nil && cfg.HTTP2 {
		c.http2.Store(&route{c.transport, c.shared.Transport})
	}
	if cfg.OwnCookies {
		c.shared.Jar, c.own.Jar = nil, nil // these clients are copies
	}
	c.budget = newBudget(c.settings.RetryBudget)
	for _, o := range c.settings.Observers {
		c.observers = append(c.observers, o.(*rutravel.Observer)) //nolint:forcetypeassert // WithObserver adds nothing else
	}
	return c, nil
}

// Invalid returns the error of a request that is refused before anything is sent.
// err is a [*rutravel.FieldError].
func (c *Client) Invalid(ctx context.Context, op *Operation, err error) error {
	_, _, end := c.observe(ctx, op)
	err = c.invalid(op.Key, err)
	end(err)
	return err
}

// Conclude returns the error of an outcome that several calls together have
// shown. It removes secrets from err unless err is this library's own.
func (c *Client) Conclude(op *Operation, kind rutravel.Kind, err error) error {
	if _, ok := errors.AsType[*rutravel.Error](err); !ok {
		err = c.concealer().cause(err)
	}
	return c.between(op, kind, err, 0, nil)
}

func (c *Client) invalid(op string, err error) error {
	return &rutravel.Error{Supplier: c.supplier, Op: op, Kind: rutravel.ErrInvalid, Err: err}
}
