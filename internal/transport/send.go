package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/options"
)

// Request is what a supplier's package wants sent.
type Request struct {
	Method      string
	Path        string // below the client's address, encoded
	Query       string // encoded
	Header      http.Header
	ContentType string
	Body        []byte
	Private     []string // passengers' data and secrets in it, to be kept out of errors
	Invalid     error    // why it must not be sent, a [*rutravel.FieldError]

	// Prepare is run before every attempt, if nothing is wrong with the call: it
	// may wait for a session. Its error, of Conclude, ends the call. Release is
	// run after every attempt: waits before the next one keep nothing from others.
	Prepare func(context.Context) error
	Release func()

	// Sign adds to the headers of every attempt, and Signed is told those of
	// every answer: a session whose cookie changes with each. Of an attempt that
	// may have been sent and had no answer it is told nil.
	Sign   func(http.Header)
	Signed func(http.Header)

	// Hidden returns what is to be kept out of errors beside Private and is only
	// known when an attempt has ended: the cookies of its answer.
	Hidden func() []string
}

// Answer is what arrived, whole. Body is valid only while it is being read.
type Answer struct {
	Status int
	Header http.Header
	Date   time.Time // the server's clock when it answered; zero if it does not say
	Body   []byte
	Broken bool // the body did not arrive whole

	// Warn notes a value that could not be read and that the caller can do
	// without. What is noted of an answer that fails is not reported.
	Warn func(rutravel.Warning)
}

// Refusal is returned by the function that reads an answer when the answer is
// the supplier's well-formed "no": it is certain that nothing was done.
type Refusal struct {
	Kind    rutravel.Kind // "" if the supplier does not classify it
	Code    string
	Message string

	// Detail makes the supplier package's own error, if that adds anything, of
	// texts that conceal has made fit to be shown.
	Detail func(conceal func(string) string) error

	// Unsettled: the answer says no and yet leaves open whether something was
	// done. It is no refusal of an unsafe operation then.
	Unsettled bool
	// Undocumented: the answer is not in the shape that the supplier documents.
	// It may be a gateway's, and is no refusal of an unsafe operation either.
	Undocumented bool
	// Again: the supplier was busy with another change. A call that is not
	// unsafe is sent again.
	Again bool
	// RetryAfter is how long the supplier asks to wait, if it does so in the
	// answer's body.
	RetryAfter time.Duration
}

func (r *Refusal) Error() string { return "refused by the supplier" }

// send makes one attempt. read reads its answer.
func (c *Client) send(ctx context.Context, op *Operation, req Request, settings options.Call, read func(Answer) error) outcome {
	attempt, e := c.beginWithin(ctx, settings.AttemptTimeout)
	defer e.end()
	resp, o := c.exchange(attempt, e, c.sender(op), op, req)
	if resp == nil {
		o.timeout = e.expired(ctx, attempt)
		return o
	}
	defer func() { _ = resp.Body.Close() }()
	body := c.body(settings)
	defer body.release()
	o.bodyErr = body.read(resp)
	o.timeout = e.expired(ctx, attempt)
	o.bytes = body.size
	switch {
	case o.bodyErr == nil && redirects(op, resp):
		o.headErr = errRedirect
	case o.bodyErr == nil, op.Safety == Unsafe && !errors.Is(o.bodyErr, errTooLong): // what did arrive may hold an id
		o.readErr = read(Answer{
			Status: resp.StatusCode, Header: resp.Header, Date: date(resp.Header), Body: body.bytes(),
			Broken: o.bodyErr != nil,
			Warn:   func(w rutravel.Warning) { o.warnings = append(o.warnings, w) },
		})
	}
	return o
}

// sender is what sends an operation's requests.
func (c *Client) sender(op *Operation) *http.Client {
	if op.OwnConnection() {
		return c.own
	}
	return c.shared
}

// redirects reports whether an answer is a redirect that must not be read.
func redirects(op *Operation, resp *http.Response) bool {
	return resp.StatusCode >= 300 && resp.StatusCode < 400 && !op.Redirected
}

// exchange sends a request and waits for the head of the answer.
func (c *Client) exchange(attempt context.Context, e *evidence, client *http.Client, op *Operation, req Request) (*http.Response, outcome) {
	r, err := c.request(e.traced(attempt), op, req)
	if err != nil {
		return nil, outcome{unsent: true, sendErr: err}
	}
	return c.do(e, client, req, r)
}

// do sends the HTTP request r, made of req, in a traced context.
func (c *Client) do(e *evidence, client *http.Client, req Request, r *http.Request) (*http.Response, outcome) {
	unfollowed := &redirectHider{next: client.Transport}
	through := *client
	through.Transport = unfollowed
	resp, err := through.Do(r)
	if err != nil {
		o := outcome{sendErr: e.cause(err), unsent: e.notSent(err, c.foreign)}
		if !o.unsent && req.Signed != nil {
			req.Signed(nil)
		}
		if noDescriptor(err) || e.reused.Load() && r.Context().Err() == nil {
			c.closeIdle() // the next attempt needs a descriptor, or a new connection
		}
		return nil, o
	}
	if unfollowed.location != nil {
		resp.Header["Location"] = unfollowed.location
	}
	if req.Signed != nil {
		req.Signed(resp.Header)
	}
	return resp, outcome{
		status: resp.StatusCode, retryAfter: retryAfter(resp.Header, time.Now()),
		resent: e.gotConns.Load() > 1,
	}
}

// request builds the HTTP request.
func (c *Client) request(ctx context.Context, op *Operation, req Request) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, req.Method, c.address(req), bytes.NewReader(req.Body))
	if err != nil {
		return nil, err
	}
	if op.Safety == Unsafe {
		r.GetBody = nil
		if c.foreign {
			// What stands behind a foreign RoundTripper may be net/http with
			// kept-alive connections. It does not repeat a request whose body
			// it cannot get again, be it empty.
			r.Body = io.NopCloser(bytes.NewReader(req.Body))
		}
	}
	for name, values := range req.Header {
		r.Header[name] = values
	}
	r.Header.Set("User-Agent", c.userAgent)
	if c.gzip && r.Header.Get("Accept-Encoding") == "" {
		r.Header.Set("Accept-Encoding", "gzip") // so that net/http does not unpack by the label
	}
	if req.ContentType != "" {
		r.Header.Set("Content-Type", req.ContentType)
	}
	if req.Sign != nil {
		req.Sign(r.Header)
	}
	return r, nil
}

// address is where a request goes.
func (c *Client) address(req Request) string {
	u := *c.base
	if req.Path != "" {
		u = *u.JoinPath(req.Path)
	}
	u.RawQuery = req.Query
	return u.String()
}
