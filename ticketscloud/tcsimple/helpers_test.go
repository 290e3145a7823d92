package tcsimple_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// newClient returns a client of a fake without a socket.
func newClient(t *testing.T, fake *tcsimpletest.Server, opts ...rutravel.Option) *tcsimple.Client {
	t.Helper()
	c, err := tcsimple.New(fake.Config(), append(opts, rutravel.WithHTTPClient(fake.HTTPClient()))...)
	require.NoError(t, err)
	return c
}

func failure(t *testing.T, err error) *rutravel.Error {
	t.Helper()
	e, ok := errors.AsType[*rutravel.Error](err)
	require.True(t, ok, "%v", err)
	return e
}

// collect reads a stream to its end. It returns the values before an error as well.
func collect[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}

type seq = iter.Seq2[any, error]

// one converts a stream to a stream of any, for tables of methods.
func one[T any](values iter.Seq2[T, error]) seq {
	return func(yield func(any, error) bool) {
		for v, err := range values {
			if !yield(v, err) {
				return
			}
		}
	}
}

// methods has all methods of the service, each called without a filter.
func methods(ctx context.Context, c *tcsimple.Client) map[string]seq {
	return map[string]seq{
		"Events":     one(c.Events(ctx, tcsimple.EventQuery{})),
		"MetaEvents": one(c.MetaEvents(ctx, tcsimple.MetaEventQuery{})),
		"Categories": one(c.Categories(ctx, tcsimple.CategoryQuery{})),
		"Tags":       one(c.Tags(ctx, tcsimple.TagQuery{})),
		"Artists":    one(c.Artists(ctx, tcsimple.ArtistQuery{})),
		"Venues":     one(c.Venues(ctx, tcsimple.VenueQuery{})),
		"Maps":       one(c.Maps(ctx, tcsimple.MapQuery{})),
		"Seats":      one(c.Seats(ctx, ticketscloudtest.Concert, tcsimple.SeatQuery{})),
		"Countries":  one(c.Countries(ctx, tcsimple.CountryQuery{})),
		"Cities":     one(c.Cities(ctx, tcsimple.CityQuery{})),
	}
}

func utc(year int, month time.Month, day, hour, minute, second int) time.Time {
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC)
}

func null(s string) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.RequireFromString(s))
}

// filtered is a stream and its number of values.
type filtered struct {
	values seq
	want   int
}

func assertNumber(t *testing.T, streams map[string]filtered) {
	t.Helper()
	for name, test := range streams {
		all, err := collect(test.values)
		require.NoError(t, err, name)
		assert.Len(t, all, test.want, name)
	}
}

// invalid is a stream with a query that must not be sent.
type invalid struct {
	values         seq
	field, problem string
}

// assertInvalid checks that queries are refused before anything is sent.
func assertInvalid(t *testing.T, fake *tcsimpletest.Server, streams map[string]invalid) {
	t.Helper()
	for name, test := range streams {
		_, err := collect(test.values)
		bad, ok := errors.AsType[*rutravel.FieldError](err)
		require.True(t, ok, "%s: %v", name, err)
		assert.Equal(t, rutravel.FieldError{Field: test.field, Problem: test.problem}, *bad, name)
		assert.Equal(t, rutravel.ErrInvalid, failure(t, err).Kind, name)
		assert.Zero(t, failure(t, err).Attempts, name)
	}
	assert.Empty(t, fake.Requests())
}
