package wire

import (
	"bytes"
	"hash/maphash"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// repeated keeps texts and decimals of a document, because most occur several
// times: ids of what an order belongs to, states, prices. A new value may replace
// an old one.
type repeated struct {
	texts    [256]string
	decimals [64]struct {
		n     int64
		value decimal.NullDecimal
	}
}

var seed = maphash.MakeSeed()

// text copies text, or returns an earlier copy. Bytes that are not UTF-8 are
// replaced.
func (d *Decoder) text(text []byte) string {
	const longest = 40 // in bytes; a longer text is not likely to occur again
	if len(text) > longest {
		return d.newText(text)
	}
	kept := &d.known.texts[maphash.Bytes(seed, text)%uint64(len(d.known.texts))]
	if *kept != string(text) {
		*kept = d.newText(text)
	}
	return *kept
}

func (d *Decoder) newText(text []byte) string {
	if d.valid {
		return string(text)
	}
	return toString(text)
}

// replaced reports whether bytes of a text were replaced, or have to be.
func (d *Decoder) replaced(text []byte) bool {
	return !d.valid && !utf8.Valid(text) || bytes.Contains(text, replacement)
}

var replacement = []byte("\ufffd")

// short is decimal.New. r may be nil. Decimals never change, so they can be
// shared.
func (r *repeated) short(n int64, exponent int32) decimal.Decimal {
	if r == nil {
		return decimal.New(n, exponent)
	}
	const spread = 0x9e3779b97f4a7c15                                 // 2^64 divided by the golden ratio
	kept := &r.decimals[uint64(n)*spread>>32%uint64(len(r.decimals))] //nolint:gosec // any place will do
	if !kept.value.Valid || kept.n != n || kept.value.Decimal.Exponent() != exponent {
		kept.n, kept.value = n, decimal.NewNullDecimal(decimal.New(n, exponent))
	}
	return kept.value.Decimal
}

// toString copies text. Bytes that are not UTF-8 become U+FFFD one by one, as in
// encoding/json.
func toString(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	return string([]rune(string(text)))
}
