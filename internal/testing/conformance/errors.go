package conformance

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// kinds lists all kinds of errors.
var kinds = []rutravel.Kind{
	rutravel.ErrInvalid, rutravel.ErrAuth, rutravel.ErrForbidden, rutravel.ErrNotFound, rutravel.ErrSoldOut,
	rutravel.ErrExpired, rutravel.ErrConflict, rutravel.ErrFunds, rutravel.ErrRejected, rutravel.ErrRateLimited,
	rutravel.ErrUnavailable, rutravel.ErrCanceled, rutravel.ErrProtocol, rutravel.ErrNotConfirmed,
}

// Failure checks that an error is a *rutravel.Error that matches one kind only.
func Failure(t testing.TB, err error, kind rutravel.Kind) *rutravel.Error {
	t.Helper()
	e, ok := err.(*rutravel.Error)
	require.True(t, ok, "%v", err)
	require.Equal(t, kind, e.Kind, "%v", err)
	for _, other := range kinds {
		require.Equal(t, other == kind, errors.Is(err, other), "%v: %v", other, err)
	}
	return e
}

// Invalid checks that a call failed because of a field, before anything was sent.
func Invalid(t testing.TB, err error, field string) {
	t.Helper()
	assert.Zero(t, Failure(t, err, rutravel.ErrInvalid).Attempts)
	bad, ok := errors.AsType[*rutravel.FieldError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, field, bad.Field, "%v", err)
}

// callError returns the *rutravel.Error of a call. It must name the supplier and
// the operation.
func (s Suite[C]) callError(t *testing.T, c Call[C], err error) *rutravel.Error {
	t.Helper()
	e, ok := errors.AsType[*rutravel.Error](err)
	require.True(t, ok, "not a *rutravel.Error: %v", err)
	assert.Equal(t, s.Supplier, e.Supplier)
	assert.Equal(t, c.Op, e.Op)
	return e
}

// assertNotConfirmed checks that an error is ErrNotConfirmed and no other kind.
func (s Suite[C]) assertNotConfirmed(t *testing.T, c Call[C], err error) {
	t.Helper()
	s.callError(t, c, err)
	for _, k := range kinds {
		assert.Equal(t, k == rutravel.ErrNotConfirmed, errors.Is(err, k), "%v: %v", k, err)
	}
}

// assertOutcome checks that an error is ErrNotConfirmed if the call was unsafe,
// and of a kind otherwise.
func (s Suite[C]) assertOutcome(t *testing.T, c Call[C], err error, kind rutravel.Kind, unsafe bool) {
	t.Helper()
	if unsafe {
		s.assertNotConfirmed(t, c, err)
		return
	}
	assert.Equal(t, kind, s.callError(t, c, err).Kind, "%v", err)
}
