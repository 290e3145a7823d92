package tcsimple_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

// frame puts the head of gRPC before a message.
func frame(flags byte, message string) string {
	return string(binary.BigEndian.AppendUint32([]byte{flags}, uint32(len(message)))) + message
}

// FuzzAnswers gives every method any frames under any status: each frame is a
// value, or the answer ends with a *rutravel.Error. The first value selects the method.
func FuzzAnswers(f *testing.F) {
	fake := tcsimpletest.New(nil)
	recorded := recorder{next: fake}
	c, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(&http.Client{Transport: &recorded}))
	require.NoError(f, err)
	names := slices.Sorted(maps.Keys(methods(f.Context(), c)))
	for _, newer := range []bool{false, true} {
		fake.SetQuirks(tcsimpletest.Quirks{Newer: newer})
		for _, call := range methods(f.Context(), c) {
			_, err := collect(call)
			require.NoError(f, err)
			for method := range names {
				f.Add(byte(method), recorded.answer.String(), "0", "")
			}
		}
	}
	for method := range names {
		f.Add(byte(method), "", "5", "no such thing")
		f.Add(byte(method), frame(0, "\x0a\x02e1")+frame(0, "\x92\x03\x06\x52\x04\x1a\x02\x08\x05"), "", "")
		f.Add(byte(method), frame(1, "\x1f\x8b\x08\x00"), "99", "")
		f.Add(byte(method), "\x00\xff\xff\xff\xff", "0", "")
	}
	answer := new(framesAnswer)
	c, err = tcsimple.New(fake.Config(), rutravel.WithHTTPClient(&http.Client{Transport: answer}), rutravel.WithMaxAttempts(1))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, method byte, text, code, words string) {
		answer.frames, answer.status, answer.message = text, code, words
		name := names[int(method)%len(names)]
		all, err := collect(methods(t.Context(), c)[name])
		require.LessOrEqual(t, len(all)*len(frame(0, "")), len(text), name)
		if err != nil {
			failure(t, err)
			return
		}
		n, err := strconv.Atoi(code)
		require.True(t, err == nil && n == 0, "%s: a success with the status %q", name, code)
	})
}

// framesAnswer answers each request with frames and trailers.
type framesAnswer struct{ frames, status, message string }

func (a *framesAnswer) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(a.frames)),
		Header:  http.Header{"Content-Type": {"application/grpc"}, "Grpc-Encoding": {"gzip"}},
		Trailer: http.Header{"Grpc-Status": {a.status}, "Grpc-Message": {a.message}},
	}, nil
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
