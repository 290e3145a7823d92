package wire_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// surrogates matches texts that jx and encoding/json read differently; see
// [TestSurrogates].
var surrogates = regexp.MustCompile(`(?i)(\\ud[89a-f]..){3}`)

// Fuzz reads any text as an answer and as every value. It also writes any text
// into a query.
func Fuzz(f *testing.F) {
	golden := conformance.Seeds(f, "../../testdata/*/*.json")
	if conformance.Fuzzing() { // long texts take most of the time and find nothing more
		const longest = 1 << 10
		golden = slices.DeleteFunc(golden, func(text []byte) bool { return len(text) > longest })
	}
	answers := conformance.Fuzzed{Seeds: append(conformance.Texts(documents...), golden...), Numbers: []int{0, 1}}
	conformance.Fuzz(f, append(conformance.Each(answers,
		fuzzTree,
		fuzzDecode((*wire.Decoder).Skip),
		fuzzDecode(func(d *wire.Decoder) error { return new(answer).decode(d) }),
		fuzzDecode(func(d *wire.Decoder) error { return new(trip).decode(d) }),
		fuzzDecode(func(d *wire.Decoder) error { return new(node).list(d) }),
		fuzzDecode(twice),
	),
		conformance.Fuzzed{Seeds: conformance.Texts(decimals...), Check: fuzzDecimal},
		conformance.Fuzzed{Seeds: conformance.Texts(values...), Check: fuzzValues},
		conformance.Fuzzed{Seeds: queries(), Check: fuzzQuery},
	)...)
}

var documents = []string{
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
}

// fuzzDecode compares read with encoding/json: both accept the same texts as
// JSON. A text that arrives in pieces has the same error.
func fuzzDecode(read func(*wire.Decoder) error) func(t *testing.T, number int, text []byte) {
	return func(t *testing.T, number int, text []byte) {
		valid := json.Valid(wire.TrimMarks(text))
		before := bytes.Clone(text)
		whole := wire.Decode(text, nil, read)
		arriving := wire.DecodeStream(pieces(number, text), nil, read)
		for _, err := range []error{whole, arriving} {
			if err != nil {
				e := problem(t, err)
				assert.Equal(t, valid, !e.Malformed, e)
				assert.NotEmpty(t, e.Problem)
			} else {
				assert.True(t, valid)
			}
		}
		if valid {
			assert.Equal(t, whole, arriving)
		}
		assert.True(t, bytes.Equal(before, text), "the text has changed")
	}
}

// pieces reads a short text byte by byte, and a long one in pieces of several
// bytes.
func pieces(number int, text []byte) io.Reader {
	const short, least, sizes = 512, 7, 97
	if len(text) <= short {
		return iotest.OneByteReader(bytes.NewReader(text))
	}
	return pieceReader{bytes.NewReader(text), least + int(uint(number)%sizes)}
}

// pieceReader returns at most size bytes from each read.
type pieceReader struct {
	io.Reader
	size int
}

func (r pieceReader) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), r.size)]) }

// fuzzTree compares every value with the value of encoding/json.
func fuzzTree(t *testing.T, number int, text []byte) {
	body := wire.TrimMarks(text)
	if !json.Valid(body) || surrogates.Match(body) {
		return
	}
	want, err := standard(body)
	require.NoError(t, err)
	var got any
	read := func(d *wire.Decoder) (err error) {
		got, err = tree(d)
		return err
	}
	if number%2 == 0 {
		require.NoError(t, wire.Decode(text, nil, read))
	} else {
		require.NoError(t, wire.DecodeStream(bytes.NewReader(text), nil, read))
	}
	assert.Equal(t, want, got)
}

// standard reads a text with encoding/json.
func standard(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return v, d.Decode(&v)
}

// tree reads any value as encoding/json does.
func tree(d *wire.Decoder) (any, error) {
	switch {
	case d.AtObject():
		object := map[string]any{}
		err := d.Map(func(name []byte) (err error) {
			key := string(name)
			object[key], err = tree(d)
			return err
		})
		return object, err
	case d.AtList():
		list := []any{}
		err := d.Map(func([]byte) error {
			v, err := tree(d)
			list = append(list, v)
			return err
		})
		return list, err
	case d.AtText():
		var text string
		err := wire.String(d, &text)
		return text, err
	case d.Null():
		return nil, d.Skip()
	default:
		var raw json.RawMessage
		if err := d.Raw(&raw); err != nil {
			return nil, err
		}
		return standard(raw)
	}
}

// twice reads the values of an object after its end, and all its texts.
func twice(d *wire.Decoder) error {
	if !d.AtObject() {
		return d.Texts(new([]string))
	}
	var later []byte
	err := d.Object(func([]byte) (err error) {
		later, err = d.Postpone()
		return err
	})
	if err != nil {
		return err
	}
	return d.Later("later", later, func(d *wire.Decoder) error { return d.Texts(new([]string)) })
}

// number matches a decimal number.
var number = regexp.MustCompile(`\A-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\z`)

var decimals = []string{
	"0", "-0", "-0.00", "500", "500.00", "-500.10", "007.50", "1e2", "1E+2", "1.50e-2", "1e999", "1e-99", "1e1000", "1e1000000", "0e99",
	strings.Repeat("9", 18), strings.Repeat("9", 19), strings.Repeat("9", 64), strings.Repeat("9", 65), "-9223372036854775808", "0." + strings.Repeat("0", 62),
	"", "-", "+1", "\u22121", ".5", "5.", "1.2.3", "1,5", "1 000", "1_000", " 1", "e5", "1e", "1e+", "1e1.", "0x1F", "NaN", "Infinity", "1.-5", "1.+5",
}

func fuzzDecimal(t *testing.T, _ int, text []byte) {
	s := string(text)
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

	// A JSON number has the same value with and without quotes.
	texts := []string{`"` + s + `"`, s}
	if !json.Valid([]byte(s)) { // JSON allows no leading zeros
		texts = texts[:1]
	}
	for _, text := range texts {
		v, err := readOne(text, (*wire.Decoder).Decimal)
		require.NoError(t, err, text)
		assert.Equal(t, exact(want), exact(v), text)
		digits, err := readOne(text, wire.OptDigits[price])
		require.NoError(t, err, text)
		assert.Equal(t, price(s), digits, text)
	}
}

var values = []string{
	"31.12.2025", "29.02.2024", "29.02.2023", "00.00.0000", "1.1.2025", "2025-12-31", "23:40", "23:40:59", "24:00", "9:05", "2025-12-31T23:40:59",
	"2025-12-31 23:40:59.5", "2025-12-31T23:40:59+03:00", "2025-12-31T23:40:59Z", "0001-01-01T00:00:00", "2025-12-31T23:40", "1735689600",
	"1735678800", "-1", "0", "1", "true", "FALSE", "9223372036854775807", "9223372036854775808", "+5", "1e9", "1.5e9", "253402300800", "99999999999999", "",
	" ", "\u00a0", "12345678901234567890123456789012345678901234567890",
}

// fuzzValues reads any text as a date, a time, a number and a flag. The result is
// a value that can be written, or an error.
func fuzzValues(t *testing.T, _ int, text []byte) {
	quoted, err := json.Marshal(string(text))
	require.NoError(t, err)
	var s string
	require.NoError(t, json.Unmarshal(quoted, &s)) // invalid bytes are replaced
	s = strings.TrimSpace(s)
	day := func(d civil.Date, err error) {
		if err == nil && d != (civil.Date{}) {
			assert.True(t, d.IsValid(), d)
		} else {
			assert.Zero(t, d)
		}
	}
	date, err := readOne(string(quoted), func(d *wire.Decoder, p *civil.Date) error { return d.Date(wire.DMY, p) })
	day(date, err)
	if err == nil {
		assert.Equal(t, s, wire.FormatDate(wire.DMY, date))
	}
	day(readOne(string(quoted), func(d *wire.Decoder, p *civil.Date) error { return d.OptDate(wire.DMY, p) }))
	day(readOne(string(quoted), (*wire.Decoder).OptDay))
	day(readOne(string(quoted), (*wire.Decoder).MoscowDate))
	clock, err := readOne(string(quoted), func(d *wire.Decoder, p *civil.Time) error { return d.Time(wire.HM, p) })
	if err == nil {
		assert.True(t, clock.IsValid())
		again, err := readOne(`"`+wire.FormatTime(wire.HM, clock)+`"`, func(d *wire.Decoder, p *civil.Time) error { return d.Time(wire.HM, p) })
		require.NoError(t, err)
		assert.Equal(t, clock.Minute, again.Minute)
		assert.Equal(t, clock.Hour, again.Hour)
	}
	for name, read := range map[string]func(*wire.Decoder, *civil.DateTime) error{
		"OptDateTime": (*wire.Decoder).OptDateTime, "UnixClock": (*wire.Decoder).UnixClock,
	} {
		at, err := readOne(string(quoted), read)
		day(at.Date, err)
		assert.True(t, at.Time.IsValid(), name)
	}
	instant, err := readOne(string(quoted), (*wire.Decoder).OptInstant)
	if err == nil && !instant.IsZero() {
		assert.Equal(t, time.UTC, instant.Location())
	}
	n, err := readOne(string(quoted), (*wire.Decoder).Int)
	want, bad := strconv.Atoi(s)
	assert.Equal(t, bad == nil, err == nil)
	if err == nil {
		assert.Equal(t, want, n)
	}
	yes, err := readOne(string(quoted), (*wire.Decoder).Flag)
	assert.Equal(t, err == nil, slices.Contains([]string{"1", "0", "true", "false"}, strings.ToLower(s)))
	assert.False(t, err != nil && yes)
}

// queries returns names and values between bytes that UTF-8 never has.
func queries() (all [][]byte) {
	for _, s := range []string{
		"", " ", "+", "a", "0701 755756", "+7 918 755-77-88", "Ёж", "🚌", "23:40", "&=#%/?;", "%20", "a=b&c=d", "\xff\xc3", "\x00\n\x7f", "!'()*~",
	} {
		all = append(all, []byte("name\xfe"+s+"\xfe"+s+"\xfevalue"), []byte(s+"\xfe"+s+"\xfe"+s+"\xfe"))
	}
	return all
}

func fuzzQuery(t *testing.T, _ int, text []byte) {
	parts := append(bytes.SplitN(text, []byte{0xfe}, 4), nil, nil, nil)
	name1, value1, name2, value2 := string(parts[0]), string(parts[1]), string(parts[2]), string(parts[3])
	var q wire.Query
	q.Add(name1, value1)
	q.AddPrivate(name2, value2)
	want := url.Values{}
	want.Add(name1, value1)
	want.Add(name2, value2)
	got, err := url.ParseQuery(q.String())
	require.NoError(t, err)
	assert.Equal(t, want, got)

	// The query keeps the order, and is safe in a URL.
	first, second, ok := strings.Cut(q.String(), "&")
	require.True(t, ok)
	pairs := []string{first, second}
	for i, want := range [][2]string{{name1, value1}, {name2, value2}} {
		assert.False(t, strings.ContainsFunc(pairs[i], func(r rune) bool { return !slices.Contains(legal, r) }), pairs[i])
		name, value, _ := strings.Cut(pairs[i], "=")
		name, _ = url.PathUnescape(name)
		value, _ = url.PathUnescape(value)
		assert.Equal(t, want, [2]string{name, value}, want)
	}
	assert.Equal(t, []string{value2}, q.Private())
}

var legal = []rune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:%=")
