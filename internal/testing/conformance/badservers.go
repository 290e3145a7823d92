package conformance

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/badserver"
)

// RoundTrip answers without a socket.
func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// want is what a call of a client of an address returns. Some values hold the
// address.
func (s Suite[C]) want(t *testing.T, baseURL string, c Call[C]) any {
	t.Helper()
	srv := s.newHandler(t)
	srv.answer(c.status(), s.answer(t, c))
	client, err := s.New(baseURL, rutravel.WithHTTPClient(&http.Client{Transport: srv}))
	require.NoError(t, err)
	value, err := c.Do(t.Context(), client)
	require.NoError(t, err)
	return value
}

// ownConnections checks that no operation shares connections but the named ones,
// which decide nothing about money and name nobody.
func (s Suite[C]) ownConnections(t *testing.T) {
	t.Parallel()
	var shared []string
	for _, op := range s.Operations {
		if !op.OwnConnection() {
			shared = append(shared, op.Key)
		}
	}
	assert.Equal(t, s.SharedOperations, shared)
}

// doubledAnswers has a server write every answer twice: no operation that uses its
// own connections takes the stray copy of another answer for its own.
func (s Suite[C]) doubledAnswers(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		for _, late := range []bool{false, true} {
			for _, c := range s.Calls {
				if op := s.operation(t, c); !op.OwnConnection() {
					continue
				}
				t.Run(fmt.Sprintf("%s, TLS: %t, late: %t", c.name(), secure, late), func(t *testing.T) {
					t.Parallel()
					golden := s.newHandler(t)
					srv := badserver.StartDoubled(t, secure, late, golden)
					var opts []rutravel.Option
					if secure {
						opts = append(opts, rutravel.WithRootCAs(srv.Roots))
					}
					client, err := s.New(srv.URL, opts...)
					require.NoError(t, err)
					used := map[string]bool{}
					for range 2 {
						if search, ok := s.sharedCall(t); ok {
							golden.answer(search.status(), s.answer(t, search))
							_, _ = search.Do(t.Context(), client) // a stray answer may be its own
						}
						golden.answer(c.status(), s.answer(t, c))
						value, err := c.Do(t.Context(), client)
						require.NoError(t, err)
						require.Equal(t, s.want(t, srv.URL, c), value)
						for _, connection := range golden.usedConnections() {
							assert.False(t, used[connection], "a connection was used twice")
							used[connection] = true
						}
					}
				})
			}
		}
	}
}

// sharedCall returns a call whose operation shares connections with others.
func (s Suite[C]) sharedCall(t *testing.T) (Call[C], bool) {
	t.Helper()
	for _, c := range s.Calls {
		if op := s.operation(t, c); !op.OwnConnection() {
			return c, true
		}
	}
	return Call[C]{}, false
}

// hangUps has a server end every request without an answer: it sees a bounded
// number of connections and requests for each attempt.
func (s Suite[C]) hangUps(t *testing.T) {
	t.Parallel()
	const most = 4 // as WithMaxAttempts documents
	calls := map[string]Call[C]{}
	for _, c := range s.Calls {
		op := s.operation(t, c)
		calls[fmt.Sprintf("safety %d, own connections: %t", op.Safety, op.OwnConnection())] = c
	}
	for _, way := range badserver.Ways() {
		if way.HTTP2 && !way.TLS {
			continue
		}
		for kind, c := range calls {
			t.Run(way.Name+", "+kind, func(t *testing.T) {
				t.Parallel()
				srv := badserver.Start(t, way)
				var opts []rutravel.Option
				if srv.Roots != nil {
					opts = append(opts, rutravel.WithRootCAs(srv.Roots))
				}
				client, err := s.New(srv.URL, opts...)
				require.NoError(t, err)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_, err = c.Do(ctx, client, rutravel.WithMaxAttempts(1))
				require.NoError(t, ctx.Err(), "the attempt goes on")
				e := s.callError(t, c, err)
				assert.Contains(t, []rutravel.Kind{rutravel.ErrUnavailable, rutravel.ErrNotConfirmed}, e.Kind)
				if e.Kind == rutravel.ErrNotConfirmed {
					assert.True(t, s.unsafe(t, c))
				}
				assert.LessOrEqual(t, srv.Connections(), most)
				assert.LessOrEqual(t, srv.Requests(), most)
				if s.NewSessions == nil && s.unsafe(t, c) {
					assert.Equal(t, 1, srv.Connections())
					if srv.Requests() > 0 {
						s.assertNotConfirmed(t, c, err)
					}
				}
			})
		}
	}
}

// labels sends golden answers with labels of codings that they do not have: they
// are read all the same, and kept raw.
func (s Suite[C]) labels(t *testing.T) {
	t.Parallel()
	for _, label := range []string{"gzip", "br", "deflate", "zstd"} {
		srv := s.newServer(t, (*httptest.Server).Start)
		srv.label = label
		client, err := s.New(srv.URL)
		require.NoError(t, err)
		for _, c := range s.Calls {
			srv.answer(c.status(), s.answer(t, c))
			var raw []byte
			value, err := c.Do(t.Context(), client, rutravel.WithRawAnswer(&raw))
			require.NoError(t, err, "%s as %s", c.name(), label)
			assert.Equal(t, s.want(t, srv.URL, c), value, "%s as %s", c.name(), label)
			if raw != nil && s.Renumber == nil {
				assert.Equal(t, s.answer(t, c), string(raw), "%s as %s", c.name(), label)
			}
		}
	}
}
