package wire_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/wire"
)

// Values that replace each other in the cache do not mix.
func TestRepeated(t *testing.T) {
	t.Parallel()
	var texts, numbers []string
	for i := range 2_000 {
		texts = append(texts, fmt.Sprint("t", i%700), "Иванов", "\xff"+fmt.Sprint(i%50), "")
		numbers = append(numbers, fmt.Sprint(i%300), fmt.Sprint(-(i % 300)), fmt.Sprintf("%d.%02d", i%30, i%3), fmt.Sprintf("%d.0", i%40), "0", "0.00",
			"500", "500.0", "500.00", "5e2", "1844674407370955161600")
	}
	var got []string
	require.NoError(t, wire.Decode([]byte(`["`+strings.Join(texts, `","`)+`"]`), nil, func(d *wire.Decoder) error {
		return wire.List(d, &got, func(p *string, d *wire.Decoder) error { return wire.String(d, p) })
	}))
	for i := range texts {
		texts[i] = strings.ToValidUTF8(texts[i], "\ufffd")
	}
	assert.Equal(t, texts, got)

	var prices []decimal.Decimal
	require.NoError(t, wire.Decode([]byte(`[`+strings.Join(numbers, `,`)+`]`), nil, func(d *wire.Decoder) error {
		return wire.List(d, &prices, func(p *decimal.Decimal, d *wire.Decoder) error { return d.Decimal(p) })
	}))
	require.Len(t, prices, len(numbers))
	for i, text := range numbers {
		want := decimal.RequireFromString(text)
		require.Equal(t, want.Exponent(), prices[i].Exponent(), text)
		require.Equal(t, want.String(), prices[i].String(), text)
		// Changes to one decimal do not appear in another.
		prices[i] = prices[i].Add(want).Neg().Shift(1).Truncate(0)
		require.NoError(t, prices[i].UnmarshalText([]byte("7")), text)
	}
}

// A problem in a value read by Apart does not count for the document. An earlier
// problem stays.
func TestApart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ apart, whole string }{
		`{"before":1,"part":{"n":2},"after":3}`:       {"", ""},
		`{"before":1,"part":{"n":"x"},"after":3}`:     {"part.n: want a whole number, got a string of 1 bytes", ""},
		`{"before":1,"part":{"n":"x"},"after":"y"}`:   {"part.n: want a whole number, got a string of 1 bytes", "after: want a whole number, got a string of 1 bytes"},
		`{"before":"z","part":{"n":"x"},"after":"y"}`: {"part.n: want a whole number, got a string of 1 bytes", "before: want a whole number, got a string of 1 bytes"},
		`{"before":1,"part":{"n":x},"after":3}`:       {"", "part.n: not JSON"},
	} {
		var bad error
		var n int
		err := wire.Decode([]byte(text), nil, func(d *wire.Decoder) error {
			return d.Object(func(name []byte) error {
				if string(name) != "part" {
					return d.Int(&n)
				}
				var err error
				bad, err = d.Apart(func(d *wire.Decoder) error {
					return d.Object(func([]byte) error { return d.Int(&n) })
				})
				return err
			})
		})
		told(t, want.apart, bad)
		told(t, want.whole, err)
	}
}

func told(t *testing.T, want string, err error) {
	t.Helper()
	if want == "" {
		require.NoError(t, err)
	} else {
		require.ErrorContains(t, err, want)
	}
}

// A value in a stream that is read by Whole equals the value that is read in
// pieces.
func TestWhole(t *testing.T) {
	t.Parallel()
	type row struct {
		Name string
		N    int
		Deep []int
	}
	read := func(r *row, d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			switch string(name) {
			case "name":
				return wire.String(d, &r.Name)
			case "n":
				return d.Int(&r.N)
			default:
				return wire.List(d, &r.Deep, func(p *int, d *wire.Decoder) error { return d.Int(p) })
			}
		}, "n")
	}
	var text strings.Builder
	var want []row
	for i := range 3_000 {
		want = append(want, row{strings.Repeat("я\"", i%40), i, []int{i, i + 1}})
		fmt.Fprintf(&text, `%s{"name":%q,"n":"%d", "deep":[%d,%d]}`, []string{",", ""}[max(0, 1-i)], want[i].Name, i, i, i+1)
	}
	for name, from := range map[string]string{"well": text.String(), "bad": strings.Replace(text.String(), `"n":"2500"`, `"n":"?"`, 1)} {
		for _, whole := range []bool{true, false} {
			var got []row
			err := wire.DecodeStream(iotest.HalfReader(strings.NewReader("["+from+"]")), nil, func(d *wire.Decoder) error {
				return wire.List(d, &got, func(r *row, d *wire.Decoder) error {
					if whole {
						return d.Whole(func(d *wire.Decoder) error { return read(r, d) })
					}
					return read(r, d)
				})
			})
			if name == "well" {
				require.NoError(t, err, "%s, whole: %v", name, whole)
				assert.Equal(t, want, got, "%s, whole: %v", name, whole)
			} else {
				assert.Equal(t, "[2500].n", soft(t, err).Path, "%s, whole: %v", name, whole)
				assert.Len(t, got, len(want), "%s, whole: %v", name, whole)
			}
		}
	}
	// A number at the end of a value read by Whole is complete.
	var numbers []int
	require.NoError(t, wire.DecodeStream(iotest.OneByteReader(strings.NewReader("[12,34]")), nil, func(d *wire.Decoder) error {
		return wire.List(d, &numbers, func(p *int, d *wire.Decoder) error {
			return d.Whole(func(d *wire.Decoder) error { return d.Int(p) })
		})
	}))
	assert.Equal(t, []int{12, 34}, numbers)
}
