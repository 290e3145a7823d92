package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOptDateTime(t *testing.T) {
	t.Parallel()
	at := func(h, m, s, ns int) civil.DateTime {
		return civil.DateTime{Date: civil.Date{Year: 2019, Month: 6, Day: 13}, Time: civil.Time{Hour: h, Minute: m, Second: s, Nanosecond: ns}}
	}
	for text, want := range map[string]civil.DateTime{
		`"2019-06-13T13:43:59"`:           at(13, 43, 59, 0),
		`"2019-06-13T13:43:59.063"`:       at(13, 43, 59, 63e6),
		`"2019-06-13T13:43:59.5"`:         at(13, 43, 59, 5e8),
		`"2019-06-13T13:43:59.123456789"`: at(13, 43, 59, 123456789),
		`"2019-06-13T13:43:59Z"`:          at(13, 43, 59, 0),
		`"2019-06-13T23:43:59.1+03:00"`:   at(23, 43, 59, 1e8),
		`"2019-06-13 13:43:59"`:           at(13, 43, 59, 0),
		`"2019-06-13T13:43"`:              at(13, 43, 0, 0),
		`"2019-06-13T23:43:59.1+0300"`:    at(23, 43, 59, 1e8),
		`" 2019-06-13 "`:                  at(0, 0, 0, 0),
		`"0001-01-01T00:00:00"`:           {},
		`null`:                            {}, `""`: {},
	} {
		got := at(1, 1, 1, 1)
		require.NoError(t, Decode([]byte(text), nil, func(d *Decoder) error { return d.OptDateTime(&got) }), text)
		assert.Equal(t, want, got, text)
		var day civil.Date
		require.NoError(t, Decode([]byte(text), nil, func(d *Decoder) error { return d.OptDay(&day) }), text)
		assert.Equal(t, want.Date, day, text)
	}
	for _, text := range []string{`"13.06.2019"`, `"2019-06-31T00:00:00"`, `"2019-06-13T25:00:00"`, `1560422639`, `true`, `{"x":1}`} {
		var got civil.DateTime
		require.Error(t, Decode([]byte(text), nil, func(d *Decoder) error { return d.OptDateTime(&got) }), text)
		assert.Zero(t, got, text)
	}
}

func TestOptInstant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		`"2019-08-06T15:44:26.409591+00:00"`: time.Date(2019, 8, 6, 15, 44, 26, 409591000, time.UTC),
		`"2019-08-06T18:44:26+03:00"`:        time.Date(2019, 8, 6, 15, 44, 26, 0, time.UTC),
		`null`:                               {},
	} {
		var got time.Time
		require.NoError(t, Decode([]byte(text), nil, func(d *Decoder) error { return d.OptInstant(&got) }), text)
		assert.Equal(t, want, got, text)
	}
	var got time.Time
	require.Error(t, Decode([]byte(`"2019-08-06T18:44:26"`), nil, func(d *Decoder) error { return d.OptInstant(&got) }), "no zone, no instant")
}

func TestUnixClock(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`1570218000`, `"1570218000"`, `1570218000.0`} {
		var got civil.DateTime
		require.NoError(t, Decode([]byte(text), nil, func(d *Decoder) error { return d.UnixClock(&got) }), text)
		assert.Equal(t, "2019-10-04T19:40:00", got.String(), text)
	}
	for _, text := range []string{`1570218000000`, `0`, `-1`, `1570218000.5`, `null`, `"x"`, `1e300`} {
		var got civil.DateTime
		require.Error(t, Decode([]byte(text), nil, func(d *Decoder) error { return d.UnixClock(&got) }), text)
	}
}

// A postponed value is read after the values that follow it, from a complete text
// or from a stream. Its errors have the full path.
func TestLater(t *testing.T) {
	t.Parallel()
	type thing struct {
		name  string
		n     int
		other json.RawMessage
	}
	read := func(v *thing) func(*Decoder) error {
		return func(d *Decoder) error {
			var raw []byte
			var kind string
			err := d.Object(func(name []byte) (err error) {
				switch string(name) {
				case "value":
					raw, err = d.Postpone()
					return err
				case "kind":
					return String(d, &kind)
				default:
					return d.Skip()
				}
			})
			if err != nil {
				return err
			}
			return d.Later("value", raw, func(d *Decoder) error {
				switch kind {
				case "number":
					return d.Int(&v.n)
				case "object":
					return d.Object(func([]byte) error { return String(d, &v.name) })
				default:
					return d.Raw(&v.other)
				}
			})
		}
	}
	for text, want := range map[string]thing{
		`{"value": {"a":"b"} ,"kind":"object"}`: {name: "b"},
		`{"value":12,"kind":"number"}`:          {n: 12},
		`{"kind":"number","value":12}`:          {n: 12},
		`{"value": [1, {"x":null}],"kind":"x"}`: {other: json.RawMessage(`[1, {"x":null}]`)},
		`{"kind":"x"}`:                          {},
	} {
		var got, streamed thing
		require.NoError(t, Decode([]byte(text), nil, read(&got)), text)
		assert.Equal(t, want, got, text)
		require.NoError(t, DecodeStream(strings.NewReader(text), nil, read(&streamed)), text)
		assert.Equal(t, want, streamed, text)
	}
	var v thing
	err := Decode([]byte(`{"value":{"a":[1]},"kind":"object"}`), nil, read(&v))
	bad, ok := errors.AsType[*Error](err)
	require.True(t, ok)
	assert.Equal(t, "value.a", bad.Path)
	err = Decode([]byte(`{"value":{"a":`), nil, read(&v))
	bad, ok = errors.AsType[*Error](err)
	require.True(t, ok)
	assert.True(t, bad.Malformed)
}

func TestNull(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{`null`: true, `"null"`: false, `0`: false, `{}`: false} {
		require.NoError(t, Decode([]byte(text), nil, func(d *Decoder) error {
			assert.Equal(t, want, d.Null(), strconv.Quote(text))
			return d.Skip()
		}), text)
	}
}

// plainClock refuses every clock that package time refuses, and no others.
func TestPlainClocks(t *testing.T) {
	t.Parallel()
	const layout = "2006-01-02T15:04:05"
	for _, year := range []string{"0000", "0001", "1900", "2000", "2023", "2024", "9999"} {
		for month := range 14 {
			for day := range 33 {
				for _, clock := range []string{"T00:00:00", "T23:59:59", "T24:00:00", "T12:60:00", "T12:00:60", " 12:00:00", "T12-00:00", "T12:00:0x", "T1 :00:00"} {
					text := fmt.Sprintf("%s-%02d-%02d%s", year, month, day, clock)
					var got civil.DateTime
					err := Decode([]byte(`"`+text+`"`), nil, func(d *Decoder) error { return d.OptDateTime(&got) })
					want, refused := time.Parse(layout, strings.Replace(text, " 12", "T12", 1))
					if refused != nil {
						require.Error(t, err, text)
					} else if require.NoError(t, err, text); want.Year() != 1 || want.YearDay() != 1 {
						require.Equal(t, civil.DateTimeOf(want), got, text)
					} else {
						require.Zero(t, got, text)
					}
				}
			}
		}
	}
}
