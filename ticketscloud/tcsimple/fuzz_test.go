package tcsimple_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

// frame adds the gRPC header to a message.
func frame(flags byte, message string) string {
	return string(binary.BigEndian.AppendUint32([]byte{flags}, uint32(len(message)))) + message
}

// FuzzAnswers gives each method random frames with a random status. Each frame must be a
// value, or the answer must end with a *rutravel.Error.
func FuzzAnswers(f *testing.F) {
	fake := tcsimpletest.New(nil)
	recorded := recorder{next: fake}
	c, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(&http.Client{Transport: &recorded}))
	require.NoError(f, err)
	for _, newer := range []bool{false, true} {
		fake.SetQuirks(tcsimpletest.Quirks{Newer: newer})
		for _, call := range methods(f.Context(), c) {
			_, err := collect(call)
			require.NoError(f, err)
			f.Add(recorded.answer.String(), "0", "")
		}
	}
	f.Add("", "5", "no such thing")
	f.Add(frame(0, "\x0a\x02e1")+frame(0, "\x92\x03\x06\x52\x04\x1a\x02\x08\x05"), "", "")
	f.Add(frame(1, "\x1f\x8b\x08\x00"), "99", "")
	f.Add("\x00\xff\xff\xff\xff", "0", "")
	var frames, status, message string
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(frames)),
			Header:  http.Header{"Content-Type": {"application/grpc"}, "Grpc-Encoding": {"gzip"}},
			Trailer: http.Header{"Grpc-Status": {status}, "Grpc-Message": {message}},
		}, nil
	})
	c, err = tcsimple.New(fake.Config(), rutravel.WithHTTPClient(&http.Client{Transport: m}), rutravel.WithMaxAttempts(1))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text, code, words string) {
		frames, status, message = text, code, words
		for name, call := range methods(t.Context(), c) {
			all, err := collect(call)
			require.LessOrEqual(t, len(all)*len(frame(0, "")), len(text), name)
			if err != nil {
				failure(t, err)
				continue
			}
			n, err := strconv.Atoi(code)
			require.True(t, err == nil && n == 0, "%s: a success with the status %q", name, code)
		}
	})
}

// recorder keeps the bytes of the last answer.
type recorder struct {
	next   http.RoundTripper
	answer bytes.Buffer
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err == nil {
		r.answer.Reset()
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(resp.Body, &r.answer), resp.Body}
	}
	return resp, err
}
