package conformance

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Failure checks that an error is of one kind, and of no other.
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

// Invalid checks that a call was refused for a field, before anything was sent.
func Invalid(t testing.TB, err error, field string) {
	t.Helper()
	assert.Zero(t, Failure(t, err, rutravel.ErrInvalid).Attempts)
	bad, ok := errors.AsType[*rutravel.FieldError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, field, bad.Field, "%v", err)
}

// Awkward reads an awkward answer of a supplier.
func Awkward(t testing.TB, supplier, name string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "testdata", supplier, "awkward", name+".*"))
	require.NoError(t, err)
	require.Len(t, files, 1, name)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return string(text)
}

// Dec does not obey decimal's switches, which [Main] turns.
func Dec(s string) decimal.Decimal {
	v, ok := wire.ParseDecimal(s)
	if !ok {
		panic(s)
	}
	return v
}

// NullDec is [Dec] where an amount may be missing.
func NullDec(s string) decimal.NullDecimal { return decimal.NewNullDecimal(Dec(s)) }

// Date is a date in the order of the manuals.
func Date(day int, month time.Month, year int) civil.Date {
	return civil.Date{Year: year, Month: month, Day: day}
}
