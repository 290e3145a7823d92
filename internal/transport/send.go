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

// Request is a request of a supplier's package.
type Request struct {
	Method      string
	Path        string // below the client's address, encoded
	Query       string // encoded
	Header      http.Header
	ContentType string
	Body        []byte
	Private     []string // passengers' data and secrets in the request, which must not appear in errors
	Invalid     error    // why the request must not be sent, a [*rutravel.FieldError]

	// Prepare runs before every attempt of a valid call. It may wait for a
	// session. Its error, from [Client.Conclude], ends the call. Release runs
	// after every attempt, so that other calls need not wait for the
	// next attempt.
	Prepare func(context.Context) error
	Release func()

	// Sign adds to the headers of every attempt. Signed receives the headers of
	// every answer, for sessions whose cookie changes with each. If an attempt
	// may have been sent and had no answer, Signed receives nil.
	Sign   func(http.Header)
	Signed func(http.Header)

	// Hidden returns more values that must not appear in errors, such as the
	// cookies of an answer. It is called after the attempt.
	Hidden func() []string
}

// Answer is an answer that has arrived. Body is valid only while it is being
// read.
type Answer struct {
	Status int
	Header http.Header
	Date   time.Time // the server's clock when it answered; zero if the answer has no Date
	Body   []byte
	Broken bool // the body did not arrive completely

	// Warn records a value that could not be read and that the caller can do
	// without. The warnings of an answer that fails are not reported.
	Warn func(rutravel.Warning)
}

// Refusal is the supplier's well-formed "no", which means that nothing was done.
// The function that reads an answer returns it.
type Refusal struct {
	Kind    rutravel.Kind // "" if the supplier does not classify it
	Code    string
	Message string

	// Detail makes the supplier package's own error, if it has one. conceal makes
	// texts fit for errors.
	Detail func(conceal func(string) string) error

	// Unsettled means that the answer says no, but something may have been done.
	// Such an answer does not refuse an unsafe operation.
	Unsettled bool
	// Undocumented means that the answer does not have the supplier's documented
	// shape. It may come from a gateway, so it does not refuse an unsafe
	// operation either.
	Undocumented bool
	// Again means that the supplier was busy with another change. A call that is
	// not unsafe is sent again.
	Again bool
	// RetryAfter is the wait that the supplier asks for in the answer's body.
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
	case o.bodyErr == nil, op.Safety == Unsafe && !errors.Is(o.bodyErr, errTooLong): // the part that arrived may have an id
		o.readErr = read(Answer{
			Status: resp.StatusCode, Header: resp.Header, Date: date(resp.Header), Body: body.bytes(),
			Broken: o.bodyErr != nil,
			Warn:   func(w rutravel.Warning) { o.warnings = append(o.warnings, w) },
		})
	}
	return o
}

// sender returns the client that sends an operation's requests.
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

// do sends the HTTP request r, which was made from req, in a traced context.
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
			c.closeIdle() // the next attempt needs a descriptor or a new connection
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
			// A foreign RoundTripper may use net/http with kept-alive
			// connections. net/http does not retry a request whose body it cannot
			// get again, even if that body is empty.
			r.Body = io.NopCloser(bytes.NewReader(req.Body))
		}
	}
	for name, values := range req.Header {
		r.Header[name] = values
	}
	r.Header.Set("User-Agent", c.userAgent)
	if c.gzip && r.Header.Get("Accept-Encoding") == "" {
		r.Header.Set("Accept-Encoding", "gzip") // otherwise net/http would unpack by the label
	}
	if req.ContentType != "" {
		r.Header.Set("Content-Type", req.ContentType)
	}
	if req.Sign != nil {
		req.Sign(r.Header)
	}
	return r, nil
}

// address returns the URL of a request.
func (c *Client) address(req Request) string {
	u := *c.base
	if req.Path != "" {
		u = *u.JoinPath(req.Path)
	}
	u.RawQuery = req.Query
	return u.String()
}
