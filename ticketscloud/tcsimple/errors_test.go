package tcsimple_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

// A status before the caller's deadline is the supplier's own: an early DEADLINE_EXCEEDED is
// retried, and another status is returned at once.
func TestStatusBeforeDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := tcsimpletest.New(nil)
		c := newClient(t, fake)
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		fake.Inject(tcsimpletest.Fault{Code: tcsimple.CodeDeadlineExceeded})
		all, err := collect(c.Tags(ctx, tcsimple.TagQuery{}))
		require.NoError(t, err)
		assert.Len(t, all, 1)
		assert.Len(t, fake.Requests(), 2)
		assert.Less(t, time.Since(begun), time.Second, "retried at once")

		begun = time.Now()
		ctx, cancel = context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		fake.Inject(tcsimpletest.Fault{Code: tcsimple.CodePermissionDenied})
		_, err = collect(c.Tags(ctx, tcsimple.TagQuery{}))
		assert.Equal(t, rutravel.ErrForbidden, failure(t, err).Kind)
		assert.Zero(t, time.Since(begun), "returned at once")
	})
}

// An answer that is not gRPC is an error without connect's own type, which has all metadata
// of the answer.
func TestNoForeignErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		frames string
	}{
		"unknown compression":    {http.Header{"Content-Type": {"application/grpc"}, "Grpc-Encoding": {"zstd"}}, frame(1, "\x0a\x01a")},
		"undeclared compression": {http.Header{"Content-Type": {"application/grpc"}}, frame(1, "\x0a\x01a")},
		"another protocol":       {http.Header{"Content-Type": {"application/grpc-web"}}, frame(0, "\x0a\x01a")},
		"no message":             {http.Header{"Content-Type": {"application/grpc"}}, frame(0, "\x0a\x7fa")},
		"not UTF-8":              {http.Header{"Content-Type": {"application/grpc"}}, frame(0, "\x0a\x01\xff")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := httpmock.NewMockTransport()
			m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
				header := test.header.Clone()
				header.Set("X-Internal", "header-value")
				return &http.Response{
					StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(test.frames)), Trailer: http.Header{"Grpc-Status": {"0"}},
				}, nil
			})
			c, err := tcsimple.New(tcsimpletest.New(nil).Config(), rutravel.WithHTTPClient(&http.Client{Transport: m}), rutravel.WithMaxAttempts(1))
			require.NoError(t, err)
			_, err = collect(c.Artists(t.Context(), tcsimple.ArtistQuery{}))
			assert.Equal(t, rutravel.ErrProtocol, failure(t, err).Kind, "%s: %v", name, err)
			_, foreign := errors.AsType[*connect.Error](err)
			assert.False(t, foreign, name)
			assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, failure(t, err).Err), "header-value", name)
		})
	}
}

// The text of an error has the status once.
func TestErrorText(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.Inject(tcsimpletest.Fault{Code: tcsimple.CodeNotFound, Message: "no such thing"})
	_, err := collect(newClient(t, fake).Tags(t.Context(), tcsimple.TagQuery{}))
	require.EqualError(t, err, `tcsimple: Tags: not found: code "NOT_FOUND": "no such thing" (HTTP 200)`)
	require.ErrorIs(t, err, tcsimple.CodeNotFound)
}

// DEADLINE_EXCEEDED in the last second before the caller's deadline is the end of that
// deadline, which the supplier knows. Earlier it is the supplier's own status.
func TestDeadlineOfTheCaller(t *testing.T) {
	t.Parallel()
	for left, ended := range map[time.Duration]bool{
		500 * time.Millisecond: true, time.Second: true, time.Second + time.Millisecond: false, 1500 * time.Millisecond: false,
	} {
		t.Run(left.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := tcsimpletest.New(nil)
				fake.Inject(tcsimpletest.Fault{Code: tcsimple.CodeDeadlineExceeded})
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), left)
				defer cancel()
				_, err := collect(newClient(t, fake, rutravel.WithMaxAttempts(1)).Tags(ctx, tcsimple.TagQuery{}))
				if !ended {
					require.ErrorIs(t, err, tcsimple.CodeDeadlineExceeded)
					assert.Zero(t, time.Since(begun))
					return
				}
				assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
				assert.Equal(t, left, time.Since(begun))
			})
		})
	}
}

// Each status of gRPC has its kind, and temporary ones are retried.
func TestStatuses(t *testing.T) {
	t.Parallel()
	for code, want := range map[tcsimple.Code]struct {
		kind     rutravel.Kind
		attempts int
	}{
		tcsimple.CodeCanceled:           {rutravel.ErrUnavailable, 2},
		tcsimple.CodeUnknown:            {rutravel.ErrUnavailable, 2},
		tcsimple.CodeInvalidArgument:    {rutravel.ErrInvalid, 1},
		tcsimple.CodeDeadlineExceeded:   {rutravel.ErrUnavailable, 2},
		tcsimple.CodeNotFound:           {rutravel.ErrNotFound, 1},
		tcsimple.CodeAlreadyExists:      {rutravel.ErrConflict, 1},
		tcsimple.CodePermissionDenied:   {rutravel.ErrForbidden, 1},
		tcsimple.CodeResourceExhausted:  {rutravel.ErrRateLimited, 2},
		tcsimple.CodeFailedPrecondition: {rutravel.ErrConflict, 1},
		tcsimple.CodeAborted:            {rutravel.ErrConflict, 2},
		tcsimple.CodeOutOfRange:         {rutravel.ErrInvalid, 1},
		tcsimple.CodeInternal:           {rutravel.ErrUnavailable, 2},
		tcsimple.CodeUnavailable:        {rutravel.ErrUnavailable, 2},
		tcsimple.CodeDataLoss:           {rutravel.ErrUnavailable, 2},
		tcsimple.CodeUnauthenticated:    {rutravel.ErrAuth, 1},
	} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := tcsimpletest.New(nil)
				fake.Inject(tcsimpletest.Fault{Code: code}, tcsimpletest.Fault{Code: code})
				_, err := collect(newClient(t, fake, rutravel.WithMaxAttempts(2)).Tags(t.Context(), tcsimple.TagQuery{}))
				e := failure(t, err)
				assert.Equal(t, want.kind, e.Kind)
				assert.Equal(t, string(code), e.Code)
				assert.Equal(t, want.attempts, e.Attempts)
				require.ErrorIs(t, err, code)
			})
		})
	}
}

// The longest wait of all google.rpc.RetryInfo in the status is returned.
func TestRetryInfo(t *testing.T) {
	t.Parallel()
	field := func(number protowire.Number, text string) string {
		return string(protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), text))
	}
	number := func(number protowire.Number, n uint64) string {
		return string(protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), n))
	}
	const retryInfo, debugInfo = "type.googleapis.com/google.rpc.RetryInfo", "type.googleapis.com/google.rpc.DebugInfo"
	detail := func(name, value string) string { return field(3, field(1, name)+field(2, value)) }
	for name, test := range map[string]struct {
		code    tcsimple.Code
		number  uint64
		details string
		want    time.Duration
	}{
		"exhausted":        {tcsimple.CodeResourceExhausted, 8, detail(retryInfo, field(1, number(1, 70)+number(2, 500_000_000))), 70*time.Second + time.Second/2},
		"unavailable":      {tcsimple.CodeUnavailable, 14, detail(retryInfo, field(1, number(1, 40))), 40 * time.Second},
		"several":          {tcsimple.CodeUnavailable, 14, detail(retryInfo, field(1, number(1, 40))) + detail(retryInfo, field(1, number(1, 50))), 50 * time.Second},
		"another detail":   {tcsimple.CodeUnavailable, 14, detail(debugInfo, field(1, number(1, 40))), 0},
		"a newer field":    {tcsimple.CodeUnavailable, 14, detail(retryInfo, number(9, 1)+field(1, number(1, 40))), 40 * time.Second},
		"negative":         {tcsimple.CodeUnavailable, 14, detail(retryInfo, field(1, number(1, 1<<64-40))), 0},
		"no duration":      {tcsimple.CodeUnavailable, 14, detail(retryInfo, number(1, 40)), 0},
		"cut":              {tcsimple.CodeUnavailable, 14, detail(retryInfo, field(1, number(1, 40))[:2]), 0},
		"too long":         {tcsimple.CodeUnavailable, 14, detail(retryInfo, field(1, number(1, 1<<62))), 0},
		"nothing in there": {tcsimple.CodeUnavailable, 14, detail(retryInfo, ""), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := number(1, test.number) + field(2, "busy") + test.details
			c, _ := streaming(t, "", http.Header{
				"Grpc-Status": {fmt.Sprint(test.number)}, "Grpc-Message": {"busy"}, "Grpc-Status-Details-Bin": {base64.RawStdEncoding.EncodeToString([]byte(status))},
			})
			_, err := collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
			require.ErrorIs(t, err, test.code)
			assert.Equal(t, test.want, failure(t, err).RetryAfter)
			assert.Equal(t, "busy", failure(t, err).Message)
		})
	}
}

// A text that is not encoded correctly is returned as it is, and the status is kept.
func TestIllEncodedWords(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"50% of all": "50% of all", "%": "%", "%zz": "%zz", "%D0%90": "А", "100%25": "100%", "%D0% %90": "%D0% %90",
	} {
		for place, answer := range map[string]*http.Response{
			"trailer": {Header: http.Header{"Content-Type": {"application/grpc"}}, Trailer: http.Header{"Grpc-Status": {"14"}, "Grpc-Message": {sent}}},
			"header":  {Header: http.Header{"Content-Type": {"application/grpc"}, "Grpc-Status": {"14"}, "Grpc-Message": {sent}}},
		} {
			m := httpmock.NewMockTransport()
			m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
				r := *answer
				r.StatusCode, r.Body = http.StatusOK, io.NopCloser(strings.NewReader(""))
				return &r, nil
			})
			c, err := tcsimple.New(tcsimpletest.New(nil).Config(), rutravel.WithHTTPClient(&http.Client{Transport: m}), rutravel.WithMaxAttempts(1))
			require.NoError(t, err)
			_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
			e := failure(t, err)
			assert.Equal(t, rutravel.ErrUnavailable, e.Kind, "%s: %s", place, sent)
			assert.Equal(t, string(tcsimple.CodeUnavailable), e.Code, "%s: %s", place, sent)
			assert.Equal(t, want, e.Message, "%s: %s", place, sent)
		}
	}
}
