package conformance

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/wire"
)

// Awkward returns the content of testdata/<supplier>/awkward/<name>.*.
func Awkward(t testing.TB, supplier, name string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "testdata", supplier, "awkward", name+".*"))
	require.NoError(t, err)
	require.Len(t, files, 1, name)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return string(text)
}

// Dec parses a decimal. It does not depend on decimal's switches, which [Main]
// changes.
func Dec(s string) decimal.Decimal {
	v, ok := wire.ParseDecimal(s)
	if !ok {
		panic(s)
	}
	return v
}

// NullDec is [Dec] for an amount that may be absent.
func NullDec(s string) decimal.NullDecimal { return decimal.NewNullDecimal(Dec(s)) }

// Date returns a date. Its parameters have the order of the manuals.
func Date(day int, month time.Month, year int) civil.Date {
	return civil.Date{Year: year, Month: month, Day: day}
}
