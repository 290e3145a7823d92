package ticketscloud_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/wire"
)

func dec(s string) decimal.Decimal {
	v, ok := wire.ParseDecimal(s)
	if !ok {
		panic(s)
	}
	return v
}

func null(s string) decimal.NullDecimal { return decimal.NewNullDecimal(dec(s)) }

func quote(t *testing.T, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	require.NoError(t, err)
	return string(text)
}

func unmarshal(t *testing.T, text string, p any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), p))
}
