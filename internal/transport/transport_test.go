package transport

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
)

const (
	testBase   = "https://api.example.test/v1"
	testSecret = "s3cret:key=="
)

var (
	safeOp   = &Operation{Key: "find", Safety: Safe, Timeout: time.Minute}
	keyedOp  = &Operation{Key: "put", Safety: Keyed, Timeout: time.Minute}
	unsafeOp = &Operation{Key: "book", Safety: Unsafe, Timeout: time.Minute}
	statusOp = &Operation{Key: "status", Safety: Safe, Timeout: time.Minute, Decides: true}

	allOps = []*Operation{safeOp, keyedOp, unsafeOp, statusOp}
)

// get is a minimal request.
var get = Request{Method: http.MethodGet, Query: "command=find"}

func newAt(base string, opts ...rutravel.Option) (*Client, error) {
	return New(Config{
		Supplier: "acme",
		BaseURL:  base,
		Secrets:  []string{testSecret},
		Check:    func(*valid.Check) {},
	}, opts)
}

// newClient returns a client that sends through rt, or through the library's own
// transport if rt is nil.
func newClient(t *testing.T, base string, rt http.RoundTripper, opts ...rutravel.Option) *Client {
	t.Helper()
	if rt != nil {
		opts = append([]rutravel.Option{rutravel.WithHTTPClient(&http.Client{Transport: rt})}, opts...)
	}
	c, err := newAt(base, opts...)
	require.NoError(t, err)
	return c
}

// mock returns a transport that answers every request with respond.
func mock(respond httpmock.Responder) *httpmock.MockTransport {
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(respond)
	return m
}

// answers responds with a status and a body.
func answers(status int, body string) httpmock.Responder {
	return httpmock.NewStringResponder(status, body)
}

// retryLater responds with a status and a Retry-After header.
func retryLater(status int, after string) httpmock.Responder {
	return answers(status, "").HeaderSet(http.Header{"Retry-After": {after}})
}

// text returns an answer of status 200 as it is. The answer "no" is a refusal.
func text(a Answer) (string, error) {
	switch {
	case string(a.Body) == "no":
		return "", &Refusal{Code: "7", Message: "no"}
	case a.Status != http.StatusOK:
		return "", errors.New("not a success")
	}
	return string(a.Body), nil
}

// failure returns the *rutravel.Error of a failed call.
func failure(t *testing.T, err error) *rutravel.Error {
	t.Helper()
	e, ok := err.(*rutravel.Error) // the outermost error, not one in the chain
	require.True(t, ok, "not a *rutravel.Error: %v", err)
	return e
}

// bubble runs a parallel subtest whose clock is fake.
func bubble(t *testing.T, name string, f func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, f)
	})
}

// wrapped hides net/http's transport behind another type.
type wrapped struct{ http.RoundTripper }

// body makes a body from a reader.
func body(r io.Reader) io.ReadCloser { return io.NopCloser(r) }

// broken is a body that breaks off after some bytes.
func broken(begin string) io.ReadCloser {
	return body(io.MultiReader(strings.NewReader(begin), errorReader{io.ErrUnexpectedEOF}))
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
