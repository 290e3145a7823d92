package tcsimple_test

import (
	"context"
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

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

// A status is the supplier's own as long as the caller's time is not over, or
// says that it is.
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
		assert.Less(t, time.Since(begun), time.Second, "asked again at once")

		begun = time.Now()
		ctx, cancel = context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		fake.Inject(tcsimpletest.Fault{Code: tcsimple.CodePermissionDenied})
		_, err = collect(c.Tags(ctx, tcsimple.TagQuery{}))
		assert.Equal(t, rutravel.ErrForbidden, failure(t, err).Kind)
		assert.Zero(t, time.Since(begun), "told at once")
	})
}

// An answer that is no gRPC is an error without connect's own type, which holds
// all of its metadata.
func TestNoForeignErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		frames string
	}{
		"packed in an unknown way": {http.Header{"Content-Type": {"application/grpc"}, "Grpc-Encoding": {"zstd"}}, frame(1, "\x0a\x01a")},
		"packed without a way":     {http.Header{"Content-Type": {"application/grpc"}}, frame(1, "\x0a\x01a")},
		"of another protocol":      {http.Header{"Content-Type": {"application/grpc-web"}}, frame(0, "\x0a\x01a")},
		"no message":               {http.Header{"Content-Type": {"application/grpc"}}, frame(0, "\x0a\x7fa")},
		"not UTF-8":                {http.Header{"Content-Type": {"application/grpc"}}, frame(0, "\x0a\x01\xff")},
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

// The error of a status says it once.
func TestErrorText(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.Inject(tcsimpletest.Fault{Code: tcsimple.CodeNotFound, Message: "no such thing"})
	_, err := collect(newClient(t, fake).Tags(t.Context(), tcsimple.TagQuery{}))
	require.EqualError(t, err, `tcsimple: Tags: not found: code "NOT_FOUND": "no such thing" (HTTP 200)`)
	require.ErrorIs(t, err, tcsimple.CodeNotFound)
}

// DEADLINE_EXCEEDED in the last second of the caller's time is the end of that
// time, which the supplier was told. Earlier it is the supplier's own.
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

// Each status of gRPC has its kind, and those that may pass are retried.
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
