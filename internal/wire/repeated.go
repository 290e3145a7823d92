package wire

import (
	"hash/maphash"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// repeated keeps texts and decimals of a document, of which most come again: ids
// of what an order belongs to, states, prices. A later one may take the place of
// an earlier.
type repeated struct {
	texts    [128]string
	decimals [64]struct {
		n     int64
		value decimal.NullDecimal
	}
}

var seed = maphash.MakeSeed()

// text is toString.
func (r *repeated) text(text []byte) string {
	const longest = 40 // bytes, of what is likely to come again
	if len(text) > longest {
		return toString(text)
	}
	kept := &r.texts[maphash.Bytes(seed, text)%uint64(len(r.texts))]
	if *kept != string(text) {
		*kept = toString(text)
	}
	return *kept
}

// short is decimal.New, also of a nil r. Decimals never change, so that they can
// be shared.
func (r *repeated) short(n int64, exponent int32) decimal.Decimal {
	if r == nil {
		return decimal.New(n, exponent)
	}
	kept := &r.decimals[maphash.Comparable(seed, n)%uint64(len(r.decimals))]
	if !kept.value.Valid || kept.n != n || kept.value.Decimal.Exponent() != exponent {
		kept.n, kept.value = n, decimal.NewNullDecimal(decimal.New(n, exponent))
	}
	return kept.value.Decimal
}

// toString copies text; bytes that are not UTF-8 become U+FFFD one by one, as
// encoding/json has it.
func toString(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	return string([]rune(string(text)))
}
