package conformance

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// rateLimits answers HTTP 429, which is a refusal of every operation.
func (s Suite[C]) rateLimits(t *testing.T) {
	s.forEachCall(t, func(t *testing.T, c Call[C], unsafe bool) {
		good := s.answer(t, c)
		for _, test := range []struct {
			header string
			wait   time.Duration
			retry  bool
		}{
			{"", 0, true},
			{"2", 2 * time.Second, true},
			{"86400", 24 * time.Hour, false},
		} {
			t.Run("Retry-After "+test.header, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					var calls atomic.Int32
					rt := respondWith(func(*http.Request) (*http.Response, error) {
						if calls.Add(1) > 1 {
							return status(c.status(), good)
						}
						r, err := status(http.StatusTooManyRequests, "")
						if test.header != "" {
							r.Header.Set("Retry-After", test.header)
						}
						return r, err
					})
					value, err := c.Do(t.Context(), s.client(t, rt))
					if test.retry && !unsafe {
						require.NoError(t, err)
						assert.Equal(t, c.Want, value)
						assert.EqualValues(t, 2, calls.Load())
						assert.GreaterOrEqual(t, time.Since(start), test.wait)
						return
					}
					e := s.callError(t, c, err)
					assert.Equal(t, rutravel.ErrRateLimited, e.Kind)
					assert.Equal(t, test.wait, e.RetryAfter)
					assert.EqualValues(t, 1, calls.Load())
					assert.Zero(t, time.Since(start))
				})
			})
		}
	})
}

// refusal answers each call with a documented refusal.
func (s Suite[C]) refusal(t *testing.T) {
	s.forEachCall(t, func(t *testing.T, c Call[C], unsafe bool) {
		t.Parallel()
		const words = "Отказано"
		text, sent := s.Refusal(c.Op, words), ""
		_, err := c.Do(t.Context(), s.client(t, answerAndRecord(s.refusalStatus(), &text, &sent)))
		e := s.callError(t, c, err)
		assert.Equal(t, words, e.Message)
		assert.Equal(t, s.refusalStatus(), e.HTTPStatus)
		assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
		assert.NotErrorIs(t, err, rutravel.ErrProtocol)
		assert.Equal(t, 1, e.Attempts)

		if unsafe {
			// Under status 500, the same text is not a refusal.
			rt := respondWith(httpmock.NewStringResponder(http.StatusInternalServerError, text))
			_, err = c.Do(t.Context(), s.client(t, rt))
			s.assertNotConfirmed(t, c, err)
		}
	})
}
