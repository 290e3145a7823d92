package conformance

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
)

// contexts ends the caller's context before an attempt, during one and between two.
func (s Suite[C]) contexts(t *testing.T) {
	s.forEachCall(t, func(t *testing.T, c Call[C], unsafe bool) {
		in := func(name string, f func(*testing.T)) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, f)
			})
		}
		silent := func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		unavailable := httpmock.NewStringResponder(http.StatusServiceUnavailable, "")

		in("before", func(t *testing.T) {
			rt := respondWith(unavailable)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := c.Do(ctx, s.client(t, rt))
			e := s.callError(t, c, err)
			assert.Equal(t, rutravel.ErrCanceled, e.Kind)
			assert.ErrorIs(t, err, context.Canceled)
			assert.Zero(t, e.Attempts)
			assert.Zero(t, rt.GetTotalCallCount())
		})
		in("during an attempt", func(t *testing.T) {
			rt := respondWith(silent)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := c.Do(ctx, s.client(t, rt))
			if unsafe {
				s.assertNotConfirmed(t, c, err)
			} else {
				assert.ErrorIs(t, err, rutravel.ErrCanceled)
			}
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 1, rt.GetTotalCallCount())
		})
		in("the attempt timeout", func(t *testing.T) {
			rt := respondWith(silent)
			start := time.Now()
			_, err := c.Do(t.Context(), s.client(t, rt), rutravel.WithMaxAttempts(1))
			assert.Equal(t, s.operation(t, c).Timeout, time.Since(start))
			assert.ErrorIs(t, err, context.DeadlineExceeded)

			rt = respondWith(silent)
			_, err = c.Do(t.Context(), s.client(t, rt), rutravel.WithAttemptTimeout(time.Second))
			if unsafe {
				s.assertNotConfirmed(t, c, err)
				assert.Equal(t, 1, rt.GetTotalCallCount())
			} else {
				assert.ErrorIs(t, err, rutravel.ErrUnavailable)
				assert.Equal(t, attempts, rt.GetTotalCallCount())
			}
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
		if unsafe {
			return
		}
		in("deadline during a wait", func(t *testing.T) {
			rt := respondWith(unavailable)
			ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
			defer cancel()
			_, err := c.Do(ctx, s.client(t, rt))
			e := s.callError(t, c, err)
			assert.Equal(t, rutravel.ErrCanceled, e.Kind)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorIs(t, err, rutravel.ErrUnavailable)
			assert.Equal(t, http.StatusServiceUnavailable, e.HTTPStatus)
		})
		in("canceled during a wait", func(t *testing.T) {
			rt := respondWith(httpmock.NewStringResponder(http.StatusServiceUnavailable, "").
				HeaderSet(http.Header{"Retry-After": {"10"}}))
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, err := c.Do(ctx, s.client(t, rt))
			assert.Equal(t, rutravel.ErrCanceled, s.callError(t, c, err).Kind)
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorIs(t, err, rutravel.ErrUnavailable)
			assert.Equal(t, 1, rt.GetTotalCallCount())
		})
	})
}
