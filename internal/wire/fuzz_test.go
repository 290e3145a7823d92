package wire_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/wire"
)

// surrogates is what jx and encoding/json read differently, see
// [TestSurrogates].
var surrogates = regexp.MustCompile(`(?i)(\\ud[89a-f]..){3}`)

// FuzzDecode compares with encoding/json: what is JSON is the same for both, so
// are texts and names.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		sample, "\ufeff" + sample, "\ufeff\ufeff{}", sample[:len(sample)/2], sample + "x", sample + sample, "", " ", "\ufeff",
		`{"result":{}}`, `{"result":[]}`, `{"result":null}`, `{"result":""}`, `{"result":{"id":1,"seats":1,"kontr":{"name":{}}}}`,
		`{"result":{"id":1,"id":2,"fee":5,"fee":null,"price":"5","price":""}}`, `{"result":[[],{},7,"",null,true]}`,
		`{"result":[{"id":" ","seats":1e1000000,"base":"1,5","fee":".5","price":"5.","date":"31.02.1985","time":"24:00"}]}`,
		"{\"\xff\":\"\xff\",\"\xc3\":\"\xe2\x82\"}", `{"\u0065rror":"\ud800","\udc00":"\ud83d\ude8c\ud800x"}`, `"\ud800\ud83d\ude8c"`,
		`"\u0000\b\f\n\r\t\/\"\\"`, `"Иванов"`, "\"\xff\x80\"", `"`, `"\`, `"\u`, `"\ud800\`, "\"\n\"", `""`,
		"0", "-0", "-", "-01", "00", "1.", "1.5e", "1e+5", "1E-05", ".5", "1 2", "[1.]", "NaN", "nul", "null", "nullnull", "true", "truex", "fals",
		"[", "]", "[]", "[,]", "[1,]", "[1,,2]", "{", "}", "{,}", `{"a":1,}`, `{"a" 1}`, `{"a":}`, `{"a"::1}`, `{a:1}`, `{"":1}`, `{"a":1,"a":2}`,
		strings.Repeat("[", 20) + strings.Repeat("]", 20), strings.Repeat(`[{"a":`, 20), "<html>502</html>", "\x00", "{}\x00",
		"{}{}", `{}{"a":`, "[][1,", "{}nul", `{"result":[{"id":12`, `{"result":{"id":12`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		body := bytes.TrimPrefix(text, []byte("\ufeff"))
		valid := json.Valid(body)
		before := bytes.Clone(text)

		err := wire.Decode(text, (*wire.Decoder).Skip)
		assert.Equal(t, valid, err == nil, "%v", err)
		for _, read := range []func(*wire.Decoder) error{
			(*wire.Decoder).Skip, new(answer).decode, new(trip).decode, new(node).list,
		} {
			if err := wire.Decode(text, read); err != nil {
				e := problem(t, err)
				assert.Equal(t, valid, !e.Malformed, "%v", e)
				assert.NotEmpty(t, e.Problem)
			} else {
				assert.True(t, valid)
			}
		}
		assert.Equal(t, before, text, "the text was written to")

		if surrogates.Match(body) {
			return
		}
		var want string
		if json.Unmarshal(body, &want) == nil {
			var got string
			require.NoError(t, wire.Decode(text, func(d *wire.Decoder) error { return wire.String(d, &got) }))
			assert.Equal(t, want, got)
		}
		var members map[string]json.RawMessage
		if json.Unmarshal(body, &members) == nil && members != nil {
			names := map[string]json.RawMessage{}
			require.NoError(t, wire.Decode(text, func(d *wire.Decoder) error {
				return d.Object(func(name []byte) error {
					names[string(name)] = nil
					return d.Skip()
				})
			}))
			for name := range members {
				members[name] = nil
			}
			assert.Equal(t, members, names)
		}
	})
}

// number is what a decimal number looks like.
var number = regexp.MustCompile(`\A-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\z`)

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{
		"0", "-0", "-0.00", "500", "500.00", "-500.10", "007.50", "1e2", "1E+2", "1.50e-2", "1e999", "1e-99", "1e1000", "1e1000000", "0e99",
		strings.Repeat("9", 18), strings.Repeat("9", 19), strings.Repeat("9", 64), strings.Repeat("9", 65), "-9223372036854775808", "0." + strings.Repeat("0", 62),
		"", "-", "+1", "\u22121", ".5", "5.", "1.2.3", "1,5", "1 000", "1_000", " 1", "e5", "1e", "1e+", "1e1.", "0x1F", "NaN", "Infinity", "1.-5", "1.+5",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := wire.ParseDecimal(s)
		exponent := ""
		if i := strings.IndexAny(s, "eE"); i >= 0 {
			exponent = s[i+1:]
		}
		require.Equal(t, number.MatchString(s) && len(s) <= 64 && len(exponent) <= 3, ok)
		if !ok {
			return
		}
		want, err := decimal.NewFromString(s)
		require.NoError(t, err)
		assert.Equal(t, exact(want), exact(got))

		// A number of JSON reads the same bare and quoted.
		texts := []string{`"` + s + `"`, s}
		if !json.Valid([]byte(s)) { // leading zeros
			texts = texts[:1]
		}
		for _, text := range texts {
			v, err := readOne(text, (*wire.Decoder).Decimal)
			require.NoError(t, err)
			assert.Equal(t, exact(want), exact(v))
			digits, err := readOne(text, wire.OptDigits[price])
			require.NoError(t, err)
			assert.Equal(t, price(s), digits)
		}
	})
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{
		"", " ", "+", "a", "0701 755756", "+7 918 755-77-88", "Ёж", "🚌", "23:40", "&=#%/?;", "%20", "a=b&c=d", "\xff\xc3", "\x00\n\x7f", "!'()*~",
	} {
		f.Add("name", s, s, "value")
		f.Add(s, s, s, "")
	}
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		var q wire.Query
		q.Add(name1, value1)
		q.AddPrivate(name2, value2)
		want := url.Values{}
		want.Add(name1, value1)
		want.Add(name2, value2)
		got, err := url.ParseQuery(q.String())
		require.NoError(t, err)
		assert.Equal(t, want, got)

		// In the order given, and safe in a URL as it stands.
		first, second, ok := strings.Cut(q.String(), "&")
		require.True(t, ok)
		pairs := []string{first, second}
		for i, want := range [][2]string{{name1, value1}, {name2, value2}} {
			assert.False(t, strings.ContainsFunc(pairs[i], func(r rune) bool { return !slices.Contains(legal, r) }), pairs[i])
			name, value, _ := strings.Cut(pairs[i], "=")
			name, _ = url.PathUnescape(name)
			value, _ = url.PathUnescape(value)
			assert.Equal(t, want, [2]string{name, value})
		}
		assert.Equal(t, []string{value2}, q.Private())
	})
}

var legal = []rune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:%=")
