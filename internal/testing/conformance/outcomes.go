package conformance

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// brokenFields breaks each field of the answer to an unsafe call in turn, except
// the ids. The ids must reach the caller together with ErrNotConfirmed. If the field is
// minor, the call succeeds with a warning.
func (s Suite[C]) brokenFields(t *testing.T) {
	s.forEachCall(t, func(t *testing.T, c Call[C], unsafe bool) {
		t.Parallel()
		if c.IDs == nil {
			return
		}
		require.True(t, unsafe)
		ids := c.IDs(c.Want)
		require.NotEmpty(t, ids)
		var broken int
		for _, l := range s.Format.orJSON().leaves(t, s.answer(t, c)) {
			if slices.Contains(ids, l.text) || s.ignored(l) {
				continue
			}
			text, sent := l.replace(l.broken), ""
			var warned bytes.Buffer
			client, err := s.New(s.BaseURL, s.withTransport(t, answerAndRecord(c.status(), &text, &sent)),
				rutravel.WithLogger(slog.New(slog.NewTextHandler(&warned, &slog.HandlerOptions{Level: slog.LevelWarn}))))
			require.NoError(t, err)
			value, err := c.Do(t.Context(), client)
			if err == nil {
				assert.Contains(t, warned.String(), "unreadable value", l.path)
			} else {
				broken++
				s.assertNotConfirmed(t, c, err)
			}
			assert.Equal(t, ids, c.IDs(value), l.path)
		}
		assert.Positive(t, broken)
	})
}

// notSent refuses connections. Nothing was sent, so each operation is retried and
// its error is ErrUnavailable.
func (s Suite[C]) notSent(t *testing.T) {
	s.forEachCall(t, func(t *testing.T, c Call[C], _ bool) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			rt := respondWith(func(*http.Request) (*http.Response, error) { return nil, refused })
			_, err := c.Do(t.Context(), s.client(t, rt))
			assert.Equal(t, rutravel.ErrUnavailable, s.callError(t, c, err).Kind)
			assert.ErrorIs(t, err, syscall.ECONNREFUSED)
			assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
			assert.Equal(t, attempts, rt.GetTotalCallCount())

			// The last attempt gets a connection.
			good := s.answer(t, c)
			var calls atomic.Int32
			rt = respondWith(func(*http.Request) (*http.Response, error) {
				if calls.Add(1) < attempts {
					return nil, refused
				}
				return status(c.status(), good)
			})
			value, err := c.Do(t.Context(), s.client(t, rt))
			require.NoError(t, err)
			assert.Equal(t, c.Want, value)
		})
	})
}
