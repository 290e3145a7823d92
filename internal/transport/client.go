// Package transport is the engine behind every supplier's client. It sends
// one call of one operation, retries what may be retried, bounds what is read
// and decides what became of it. The supplier's package builds the request and
// reads the answer.
//
// A call goes out through these functions:
//
//	regionbilet.Client.Pay    builds the request
//	regionbilet.call          hands it to the engine, with the function that reads the answer
//	Do                        applies the options of the call
//	Client.retry              counts attempts; admit waits for the limiter, Request.Prepare for a session
//	Client.send               bounds one attempt
//	Client.exchange           makes the HTTP request
//	Client.do                 sends it and watches its connections
//	http.Client.Do
//
// and its answer comes back through these:
//
//	answerBody.read           reads and unpacks the body within its limit
//	regionbilet.reply.read    reads the envelope, and returns a Refusal if the supplier refused
//	Ticket.decode             reads the payload
//	judge                     decides what the attempt means
//	Client.failure            makes the error that says so, without secrets
//	Client.retry              returns, or makes another attempt
//
// [Stream] and [Relay] differ in the attempt alone: Client.receive and
// Client.relay stand in for Client.send.
//
// One concern per file:
//
//	address.go      which addresses are allowed
//	connections.go  shared and fresh connections, redirects refused
//	call.go         a call: attempts, waits, the result
//	send.go         one attempt
//	stream.go       an attempt whose answer is yielded while it arrives
//	relay.go        the same, of a protocol that another package speaks
//	evidence.go     the connections of an attempt: how many, and whether anything was sent
//	read.go         reading within limits, unpacking, buffers
//	judge.go        what became of an attempt, and the error that says so
//	retry.go        how long to wait, and the budget
//	observe.go      what observers are told about calls
//	conceal.go      secrets and passengers' data kept out of errors
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

// Safety says what sending an operation twice would do. It is a property of
// what is asked, never of the HTTP method.
type Safety int

const (
	// Unsafe operations book, pay, cancel, refund or mail. They are sent again
	// only if it is proven that they were not sent. This is the zero value, so
	// that an operation without an explicit safety is never retried.
	Unsafe Safety = iota
	// Keyed operations carry the desired state or a key of the caller's:
	// sending them twice changes nothing.
	Keyed
	// Safe operations read.
	Safe
)

// Operation is a row of a supplier's table of operations.
type Operation struct {
	Key     string        // the supplier's name of it, which errors and logs show
	Safety  Safety        // what sending it twice would do
	Timeout time.Duration // the default bound of one attempt

	// Decides: a Safe operation's answer decides about money or names people. Its
	// requests use own connections; see OwnConnection.
	Decides bool

	// LookUp is the method that tells what became of an unsafe call whose answer
	// was lost, as [rutravel.Error] has it; "" if the supplier offers none.
	LookUp string

	// Redirected: the answer may be a redirect, which is read like any other
	// and not followed.
	Redirected bool
}

// OwnConnection reports whether each request of the operation uses its own
// connection. On a shared one, net/http takes a stray second answer to another
// request for the answer to this one, and logs stray bytes.
func (op *Operation) OwnConnection() bool { return op.Safety != Safe || op.Decides }

// Config is what a supplier's New knows.
type Config struct {
	Supplier string             // the package's name
	BaseURL  string             // where requests go
	Field    string             // what the supplier's Config calls the address; "" means BaseURL
	Secrets  []string           // credentials, to be kept out of errors
	Check    func(*valid.Check) // checks the supplier's own Config

	// OwnCookies: the supplier's package keeps the cookies of its sessions. The
	// jar of a caller's client, which would mix them up, is left aside.
	OwnCookies bool

	// HTTP2: the supplier speaks HTTP/2 and nothing else, at http:// addresses
	// from the first byte.
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
	concealer func() concealer // of the secrets, made once

	shared    *http.Client          // connections kept alive
	own       *http.Client          // a new connection for each request
	transport *http.Transport       // below shared; nil if a RoundTripper of the caller's sends
	foreign   bool                  // a RoundTripper of the caller's sends, which may keep connections and tell nothing
	gzip      bool                  // answers may be packed: the caller's transport does not forbid it
	http2     atomic.Pointer[route] // what an HTTPClient sends through in place of shared's; nil if that is the caller's
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
		c.shared.Jar, c.own.Jar = nil, nil // of copies
	}
	c.budget = newBudget(c.settings.RetryBudget)
	for _, o := range c.settings.Observers {
		c.observers = append(c.observers, o.(*rutravel.Observer)) //nolint:forcetypeassert // WithObserver adds nothing else
	}
	return c, nil
}

// Invalid is the error of a request that is refused before anything is sent;
// err is a [*rutravel.FieldError].
func (c *Client) Invalid(ctx context.Context, op *Operation, err error) error {
	_, _, end := c.observe(ctx, op)
	err = c.invalid(op.Key, err)
	end(err)
	return err
}

// Conclude is the error of what several calls have shown together. An err that is
// not this library's own is freed of secrets.
func (c *Client) Conclude(op *Operation, kind rutravel.Kind, err error) error {
	if _, ok := errors.AsType[*rutravel.Error](err); !ok {
		err = c.concealer().cause(err)
	}
	return c.between(op, kind, err, 0, nil)
}

func (c *Client) invalid(op string, err error) error {
	return &rutravel.Error{Supplier: c.supplier, Op: op, Kind: rutravel.ErrInvalid, Err: err}
}
