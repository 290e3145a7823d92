package conformance

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"
)

// status returns a response with a body.
func status(code int, body string) (*http.Response, error) {
	return httpmock.NewStringResponse(code, body), nil
}

// respondWith returns a transport that calls f for each request.
func respondWith(f httpmock.Responder) *httpmock.MockTransport {
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(f)
	return m
}

// answerAndRecord answers every request with *body and stores the request in *sent.
func answerAndRecord(status int, body, sent *string) http.RoundTripper {
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		text, err := renderRequest(r)
		if err != nil {
			return nil, err
		}
		*sent = text
		return httpmock.NewStringResponse(status, *body), nil
	})
	return m
}

// answerAll answers every request with body.
func answerAll(status int, body string) http.RoundTripper {
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(status, body))
	return m
}

// unsizedResponse returns a response of unknown length.
func unsizedResponse(body io.Reader) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}
}

// gzipped compresses a text.
func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.String()
}

// brokenReader is the body of a response whose connection breaks.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// endlessReader returns its text without end.
type endlessReader string

func (e endlessReader) Read(p []byte) (int, error) { return copy(p, e), nil }

// answerInOrder answers each request with the next body, and all that follow with the
// last one.
func answerInOrder(status int, bodies ...string) http.RoundTripper {
	var requests int
	return respondWith(func(*http.Request) (*http.Response, error) {
		body := bodies[min(requests, len(bodies)-1)]
		requests++
		return httpmock.NewStringResponse(status, body), nil
	})
}
