package tcsimpletest_test

import (
	"context"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// methods calls each method without a filter and returns how it ends.
func methods(ctx context.Context, c *tcsimple.Client) map[string]func() error {
	return map[string]func() error{
		"Events":     ending(c.Events(ctx, tcsimple.EventQuery{})),
		"MetaEvents": ending(c.MetaEvents(ctx, tcsimple.MetaEventQuery{})),
		"Categories": ending(c.Categories(ctx, tcsimple.CategoryQuery{})),
		"Tags":       ending(c.Tags(ctx, tcsimple.TagQuery{})),
		"Artists":    ending(c.Artists(ctx, tcsimple.ArtistQuery{})),
		"Venues":     ending(c.Venues(ctx, tcsimple.VenueQuery{})),
		"Maps":       ending(c.Maps(ctx, tcsimple.MapQuery{})),
		"Seats":      ending(c.Seats(ctx, ticketscloudtest.Concert, tcsimple.SeatQuery{})),
		"Countries":  ending(c.Countries(ctx, tcsimple.CountryQuery{})),
		"Cities":     ending(c.Cities(ctx, tcsimple.CityQuery{})),
	}
}

func ending[T any](values iter.Seq2[T, error]) func() error {
	return func() error {
		_, err := rutravel.Collect(values)
		return err
	}
}

// A fault is pending until its method is called. Its method must exist.
func TestPendingFaults(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	for op := range methods(t.Context(), c) {
		fake.Inject(tcsimpletest.Fault{Op: op, Code: tcsimple.CodeNotFound})
	}
	assert.PanicsWithValue(t, "no such operation: events", func() { fake.Inject(tcsimpletest.Fault{Op: "events", Drop: true}) })
	want := len(methods(t.Context(), c))
	assert.Equal(t, want, fake.Pending())
	for op, call := range methods(t.Context(), c) {
		require.ErrorIs(t, call(), rutravel.ErrNotFound, op)
		want--
		assert.Equal(t, want, fake.Pending(), op)
	}
}

// spied is a body that records whether it was closed.
type spied struct {
	io.Reader
	closed atomic.Bool
}

func (s *spied) Close() error { s.closed.Store(true); return nil }

// The fake follows the rules of net/http for a RoundTripper: it always closes the body of the
// request. Short messages are not compressed, so that tests can read what was sent.
func TestRoundTripper(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	for name, fault := range map[string]tcsimpletest.Fault{
		"none": {}, "refused": {Refuse: true}, "dropped": {Drop: true}, "gateway": {Status: http.StatusBadGateway},
	} {
		fake.Inject(fault)
		body := &spied{Reader: strings.NewReader("\x00\x00\x00\x00\x00")}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, tcsimple.Stage+"/v3.Simple/Tags", body)
		r.Header = http.Header{
			"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "Grpc-Accept-Encoding": {"gzip"}, "Authorization": {tcsimpletest.Key},
		}
		resp, err := fake.RoundTrip(r)
		if err == nil {
			var answer []byte
			answer, err = io.ReadAll(resp.Body)
			require.NoError(t, err, name)
			require.NoError(t, resp.Body.Close(), name)
			if resp.StatusCode == http.StatusOK {
				require.NotEmpty(t, answer, name)
				assert.Zero(t, answer[0], "%s: packed", name)
			}
		} else {
			assert.True(t, fault.Refuse || fault.Drop, "%s: %v", name, err)
		}
		assert.True(t, body.closed.Load(), name)
	}
}
