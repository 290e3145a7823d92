package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
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
	// may wait for a session. Its error, of NotSent, ends the call.
	Prepare func(context.Context) error

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
	Body   []byte
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
}

func (r *Refusal) Error() string { return "refused by the supplier" }

// stage is how far an attempt is known to have come.
type stage int

const (
	notSent  stage = iota // proven: nothing has left this machine
	lost                  // sent, or perhaps sent, and no whole answer
	answered              // a whole answer arrived
)

// outcome is what became of one attempt.
type outcome struct {
	stage      stage
	status     int
	bytes      int64
	retryAfter time.Duration
	repeated   bool  // the RoundTripper sent more than once; this is of the last
	handedOut  bool  // the caller has had a part of the answer already
	arrived    bool  // something was read of what the answer is about
	err        error // what failed; a *Refusal if the supplier refused; nil on success
}

// send makes one attempt; its answer is for read.
func (c *Client) send(ctx context.Context, op *Operation, req Request, call options.Call, read func(Answer) error) outcome {
	attempt, cancel := context.WithTimeout(ctx, call.AttemptTimeout)
	defer cancel()
	client := c.shared
	if op.Safety == Unsafe {
		client = c.fresh
	}
	resp, o := c.exchange(attempt, client, op, req)
	if o.err != nil {
		o.err = timedOut(ctx, attempt, call.AttemptTimeout, o.err)
		return o
	}
	defer func() { _ = resp.Body.Close() }()
	buf := c.buffer()
	defer c.release(buf)
	err := fill(buf, resp)
	answer := Answer{Status: resp.StatusCode, Header: resp.Header, Body: buf.Bytes()}
	o.bytes = int64(buf.Len())
	if call.RawAnswer != nil {
		*call.RawAnswer = bytes.Clone(buf.Bytes())
	}
	switch {
	case errors.Is(err, errTooLong):
		o.err = err
	case err != nil:
		o.stage, o.err = lost, timedOut(ctx, attempt, call.AttemptTimeout, err)
		if op.Safety == Unsafe {
			_ = read(answer) // what did arrive may hold an id
		}
	case resp.StatusCode >= 300 && resp.StatusCode < 400 && !op.Redirected:
		o.err = errRedirect
	default:
		o.err = read(answer)
		if o.err == nil && resp.StatusCode >= 400 {
			o.err = errContradiction
		}
	}
	return o
}

// exchange sends a request and waits for the head of the answer.
func (c *Client) exchange(attempt context.Context, client *http.Client, op *Operation, req Request) (*http.Response, outcome) {
	r, err := c.request(attempt, op, req)
	if err != nil {
		return nil, outcome{stage: notSent, err: err}
	}
	return c.do(client, req, r)
}

// do sends the HTTP request r, made of req.
func (c *Client) do(client *http.Client, req Request, r *http.Request) (*http.Response, outcome) {
	var seen evidence
	resp, err := client.Do(r.WithContext(httptrace.WithClientTrace(r.Context(), seen.trace())))
	if err != nil {
		o := outcome{stage: lost, err: err}
		if seen.notSent(err, c.foreign) {
			o.stage = notSent
		} else if req.Signed != nil {
			req.Signed(nil)
		}
		return nil, o
	}
	if req.Signed != nil {
		req.Signed(resp.Header)
	}
	return resp, outcome{
		stage: answered, status: resp.StatusCode, retryAfter: retryAfter(resp.Header, time.Now()),
		repeated: seen.got.Load() > 1,
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

var (
	errRedirect      = errors.New("the answer is a redirect, which is not followed")
	errContradiction = errors.New("the answer is a success under an error status")
)

// timedOut words the end of an attempt's own time, which looks like the end of
// the caller's.
func timedOut(ctx, attempt context.Context, timeout time.Duration, err error) error {
	if ctx.Err() == nil && attempt.Err() != nil {
		return fmt.Errorf("no answer within %v: %w", timeout, context.DeadlineExceeded)
	}
	return err
}
