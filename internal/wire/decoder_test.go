package wire_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/wire"
)

type (
	tripID string
	price  string
)

// answer has a value for every reader.
type answer struct {
	Code  string
	Trips []trip
}

type trip struct {
	ID        tripID
	Name      string
	Seats     int
	Base      decimal.Decimal
	Fee       decimal.NullDecimal
	Price     price
	Departure civil.DateTime
	Arrival   civil.DateTime
	Carriers  []carrier
}

type carrier struct{ Name string }

func (a *answer) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "error":
			return wire.String(d, &a.Code)
		case "result":
			return wire.List(d, &a.Trips, (*trip).decode)
		default:
			return d.Skip()
		}
	}, "result")
}

func (v *trip) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &v.ID)
		case "name":
			return wire.String(d, &v.Name)
		case "seats":
			return d.Int(&v.Seats)
		case "base":
			return d.Decimal(&v.Base)
		case "fee":
			return d.OptDecimal(&v.Fee)
		case "price":
			return wire.OptDigits(d, &v.Price)
		case "date":
			return d.Date(wire.DMY, &v.Departure.Date)
		case "time":
			return d.Time(wire.HM, &v.Departure.Time)
		case "date_arrival":
			return d.OptDate(wire.DMY, &v.Arrival.Date)
		case "time_arrival":
			return optTime(d, wire.HM, &v.Arrival.Time)
		case "kontr":
			return wire.List(d, &v.Carriers, (*carrier).decode)
		default:
			return d.Skip()
		}
	}, "id", "seats")
}

func (c *carrier) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		if string(name) == "name" {
			return wire.String(d, &c.Name)
		}
		return d.Skip()
	})
}

const sample = `{
	"error": 0,
	"extra": [true, false, null, -0.5e+1, "\u00e9\ud83d\ude8c\n", {"a": {}, "b": []}],
	"result": [
		{
			"id": 17, "name": "Сочи — \"Адлер\"", "seats": "12", "base": "500.00", "fee": 40.5, "price": 540.50,
			"date": "31.12.2025", "time": "23:40", "date_arrival": "01.01.2026", "time_arrival": " 04:05 ",
			"kontr": [{"name": "ИП Иванов"}, {"inn": "1", "name": null}]
		},
		{"seats": 0, "id": "a-1", "fee": null, "price": "", "date_arrival": "", "time_arrival": null, "kontr": {"name": "one"}}
	]
}`

func sampleAnswer() answer {
	return answer{Code: "0", Trips: []trip{
		{
			ID: "17", Name: `Сочи — "Адлер"`, Seats: 12, Base: decimal.New(50000, -2),
			Fee: decimal.NewNullDecimal(decimal.New(405, -1)), Price: "540.50",
			Departure: civil.DateTime{Date: civil.Date{Year: 2025, Month: 12, Day: 31}, Time: civil.Time{Hour: 23, Minute: 40}},
			Arrival:   civil.DateTime{Date: civil.Date{Year: 2026, Month: 1, Day: 1}, Time: civil.Time{Hour: 4, Minute: 5}},
			Carriers:  []carrier{{Name: "ИП Иванов"}, {}},
		},
		{ID: "a-1", Carriers: []carrier{{Name: "one"}}},
	}}
}

func decode(text string) (answer, error) {
	var a answer
	err := wire.Decode([]byte(text), nil, a.decode)
	return a, err
}

func skip(text string) error { return wire.Decode([]byte(text), nil, (*wire.Decoder).Skip) }

// problem returns err as a *wire.Error, which it must be.
func problem(t *testing.T, err error) *wire.Error {
	t.Helper()
	e, ok := err.(*wire.Error)
	require.True(t, ok, "not a *wire.Error: %v", err)
	return e
}

func soft(t *testing.T, err error) *wire.Error {
	t.Helper()
	e := problem(t, err)
	require.False(t, e.Malformed, e)
	return e
}

func malformed(t *testing.T, err error) *wire.Error {
	t.Helper()
	e := problem(t, err)
	require.True(t, e.Malformed, e)
	return e
}

func TestDecode(t *testing.T) {
	t.Parallel()
	got, err := decode(sample)
	require.NoError(t, err)
	assert.Equal(t, sampleAnswer(), got)
}

// TestNothing compares the readers with the table of the package comment.
func TestNothing(t *testing.T) {
	t.Parallel()
	const table = `
		       String ID    Int   Decimal OptDecimal OptDigits Date  OptDate Time  OptTime List
		absent kept   kept  kept  kept    kept       kept      kept  kept    kept  kept    kept
		null   zero   error error error   zero       zero      error zero    error zero    zero
		""     zero   error error error   zero       zero      error zero    error zero    zero
		false  zero   error error error   zero       zero      error zero    error zero    zero
		{}     zero   error error error   zero       zero      error zero    error zero    zero
		[]     zero   error error error   zero       zero      error zero    error zero    zero
		15     value  value value value   value      value     error error   error error   error
		true   error  error error error   error      error     error error   error error   error
		[{}]   error  error error error   error      error     error error   error error   value
	`
	var (
		date = civil.Date{Year: 2024, Month: 2, Day: 29}
		noon = civil.Time{Hour: 12}
		read = map[string]func(doc string, required ...string) (string, error){
			"String":     column("old", wire.String[string]),
			"ID":         column("old", wire.ID[string]),
			"Int":        column(1, (*wire.Decoder).Int),
			"Decimal":    column(decimal.New(1, 0), (*wire.Decoder).Decimal),
			"OptDecimal": column(decimal.NewNullDecimal(decimal.New(1, 0)), (*wire.Decoder).OptDecimal),
			"OptDigits":  column("1", wire.OptDigits[string]),
			"Date": column(date, func(d *wire.Decoder, p *civil.Date) error {
				return d.Date(wire.DMY, p)
			}),
			"OptDate": column(date, func(d *wire.Decoder, p *civil.Date) error {
				return d.OptDate(wire.DMY, p)
			}),
			"Time": column(noon, func(d *wire.Decoder, p *civil.Time) error {
				return d.Time(wire.HM, p)
			}),
			"OptTime": column(&noon, func(d *wire.Decoder, p **civil.Time) error {
				return d.OptTime(wire.HM, p)
			}),
			"List": column([]carrier{{}, {}}, func(d *wire.Decoder, p *[]carrier) error {
				return wire.List(d, p, (*carrier).decode)
			}),
		}
	)
	lines := strings.Split(strings.TrimSpace(table), "\n")
	readers := strings.Fields(lines[0])
	require.Len(t, readers, len(read))
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		require.Len(t, cells, 1+len(readers), line)
		doc := `{"x":` + cells[0] + `}`
		if cells[0] == "absent" {
			doc = `{}`
		}
		for i, reader := range readers {
			want := cells[1+i]
			t.Run(cells[0]+"/"+reader, func(t *testing.T) {
				t.Parallel()
				got, err := read[reader](doc)
				if want == "error" {
					assert.Equal(t, "x", soft(t, err).Path)
					want = "kept"
					if reader == "List" {
						want = "zero"
					}
				} else {
					require.NoError(t, err)
				}
				assert.Equal(t, want, got)

				if cells[0] == "absent" {
					_, err = read[reader](doc, "x")
					assert.EqualError(t, soft(t, err), "x: missing")
				}
			})
		}
	}
}

// column returns whether a document keeps, clears or sets a value that was old
// before its member "x" was read.
func column[T any](old T, read func(*wire.Decoder, *T) error) func(doc string, required ...string) (string, error) {
	return func(doc string, required ...string) (string, error) {
		v := old
		err := wire.Decode([]byte(doc), nil, func(d *wire.Decoder) error {
			return d.Object(func([]byte) error { return read(d, &v) }, required...)
		})
		switch {
		case reflect.DeepEqual(v, old):
			return "kept", err
		case reflect.ValueOf(v).IsZero():
			return "zero", err
		default:
			return "value", err
		}
	}
}

func TestSoftErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
	}{
		{"document", `[]`, `want an object, got an array`},
		{"document null", `null`, `want an object, got null`},
		{"member", `{"error":true,"result":[]}`, `error: want a text, got a bool`},
		{"missing", `{"error":"0"}`, `result: missing`},
		{"list", `{"result":"none"}`, `result: want a list, got a string of 4 bytes`},
		{"spaces are no list", `{"result":" "}`, `result: want a list, got a string of 1 bytes`},
		{"element", `{"result":[{"id":1,"seats":1},[]]}`, `result[1]: want an object, got an array`},
		{"null element", `{"result":[null]}`, `result[0]: want an object, got null`},
		{"missing in element", `{"result":[{"id":1,"seats":1},{"id":1}]}`, `result[1].seats: missing`},
		{"id", `{"result":[{"id":" ","seats":1}]}`, `result[0].id: want an id, got a string of 1 bytes`},
		{"whole number", `{"result":[{"id":1,"seats":1.0}]}`, `result[0].seats: want a whole number, got a number`},
		{"decimal", `{"result":[{"id":1,"seats":1,"base":"5 руб"}]}`, `result[0].base: want a decimal number, got a string of 8 bytes`},
		{"optional decimal", `{"result":[{"id":1,"seats":1,"fee":"-"}]}`, `result[0].fee: want a decimal number or nothing, got a string of 1 bytes`},
		{"digits", `{"result":[{"id":1,"seats":1,"price":{"x":1}}]}`, `result[0].price: want a decimal number or nothing, got an object`},
		{"date", `{"result":[{"id":1,"seats":1,"date":"2025-12-31"}]}`, `result[0].date: want a date, got a string of 10 bytes`},
		{"optional date", `{"result":[{"id":1,"seats":1,"date_arrival":0}]}`, `result[0].date_arrival: want a date or nothing, got a number`},
		{"time", `{"result":[{"id":1,"seats":1,"time":null}]}`, `result[0].time: want a time of day, got null`},
		{"optional time", `{"result":[{"id":1,"seats":1,"time_arrival":"24:00"}]}`, `result[0].time_arrival: want a time of day or nothing, got a string of 5 bytes`},
		{"list in list", `{"result":[{"id":1,"seats":1},{"id":1,"seats":1,"kontr":[{},{},{"name":[1]}]}]}`, `result[1].kontr[2].name: want a text, got an array`},
		{"single object", `{"result":{"id":1,"seats":"x"}}`, `result.seats: want a whole number, got a string of 1 bytes`},
		{"single object in list", `{"result":[{"id":1,"seats":1,"kontr":{"name":{"x":1}}}]}`, `result[0].kontr.name: want a text, got an object`},
		{"list keyed by numbers", `{"result":{"1":{"id":1,"seats":1},"2":{"id":1}}}`, `result.2.seats: missing`},
		{"missing in single object", `{"result":{"id":1}}`, `result.seats: missing`},
		{"after single object", `{"result":{"id":1,"seats":1,"kontr":{"name":"a"},"base":null}}`, `result.base: want a decimal number, got null`},
		{"the first of many", `{"result":[{"id":1,"seats":null,"base":null},{}],"error":{}}`, `result[0].seats: want a whole number, got null`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := decode(tt.text)
			assert.Equal(t, tt.want, soft(t, err).Error())
		})
	}
}

// TestSoftErrorsEndNothing breaks each value of the sample in turn. All others
// are still read.
func TestSoftErrorsEndNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		old, broken, path string
		change            func(*answer)
	}{
		{`"error": 0`, `"error": [0]`, "error", func(a *answer) { a.Code = "" }},
		{`"id": 17`, `"id": {"id": 17}`, "result[0].id", func(a *answer) { a.Trips[0].ID = "" }},
		{`"id": "a-1"`, `"x": "a-1"`, "result[1].id", func(a *answer) { a.Trips[1].ID = "" }},
		{`"name": "Сочи — \"Адлер\""`, `"name": ["Сочи", {"name": []}]`, "result[0].name", func(a *answer) { a.Trips[0].Name = "" }},
		{`"12"`, `"дюжина"`, "result[0].seats", func(a *answer) { a.Trips[0].Seats = 0 }},
		{`"500.00"`, `"500,00"`, "result[0].base", func(a *answer) { a.Trips[0].Base = decimal.Decimal{} }},
		{`"fee": 40.5`, `"fee": true`, "result[0].fee", func(a *answer) { a.Trips[0].Fee = decimal.NullDecimal{} }},
		{`540.50`, `"540.50 руб"`, "result[0].price", func(a *answer) { a.Trips[0].Price = "" }},
		{`"31.12.2025"`, `"31.11.2025"`, "result[0].date", func(a *answer) { a.Trips[0].Departure.Date = civil.Date{} }},
		{`"23:40"`, `"23:60"`, "result[0].time", func(a *answer) { a.Trips[0].Departure.Time = civil.Time{} }},
		{`"01.01.2026"`, `1`, "result[0].date_arrival", func(a *answer) { a.Trips[0].Arrival.Date = civil.Date{} }},
		{`" 04:05 "`, `[4, 5]`, "result[0].time_arrival", func(a *answer) { a.Trips[0].Arrival.Time = civil.Time{} }},
		{`{"name": "ИП Иванов"}`, `"ИП Иванов"`, "result[0].kontr[0]", func(a *answer) { a.Trips[0].Carriers[0].Name = "" }},
		{`{"name": "one"}`, `{"name": {"": "one"}}`, "result[1].kontr.name", func(a *answer) { a.Trips[1].Carriers[0].Name = "" }},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, 1, strings.Count(sample, tt.old))
			got, err := decode(strings.Replace(sample, tt.old, tt.broken, 1))
			assert.Equal(t, tt.path, soft(t, err).Path)
			want := sampleAnswer()
			tt.change(&want)
			assert.Equal(t, want, got)
		})
	}
}

func TestErrorsHoldNoValues(t *testing.T) {
	t.Parallel()
	const (
		birth    = "31.02.1985"
		passport = "4509 123456"
	)
	silent := func(t *testing.T, err error) {
		t.Helper()
		e := problem(t, err)
		for _, part := range []string{birth, passport, "31.", "02.", "1985", "4509", "123456"} {
			assert.NotContains(t, e.Error(), part)
			assert.NotContains(t, fmt.Sprintf("%+v", *e), part)
		}
	}
	values := []string{
		`"` + birth + `"`, `"` + passport + `"`, `4509.123456e1985`, `[4509,"` + passport + `"]`, `{"x":"` + birth + `","` + passport + `":1}`,
		`"` + passport + `\u0000"`, `"` + passport + "\xff\"",
	}
	readers := map[string]func(*wire.Decoder) error{
		"Int":        func(d *wire.Decoder) error { return d.Int(new(int)) },
		"Decimal":    func(d *wire.Decoder) error { return d.Decimal(new(decimal.Decimal)) },
		"OptDecimal": func(d *wire.Decoder) error { return d.OptDecimal(new(decimal.NullDecimal)) },
		"OptDigits":  func(d *wire.Decoder) error { return wire.OptDigits(d, new(price)) },
		"Date":       func(d *wire.Decoder) error { return d.Date(wire.DMY, new(civil.Date)) },
		"OptDate":    func(d *wire.Decoder) error { return d.OptDate(wire.DMY, new(civil.Date)) },
		"Time":       func(d *wire.Decoder) error { return d.Time(wire.HM, new(civil.Time)) },
		"OptTime":    func(d *wire.Decoder) error { return d.OptTime(wire.HM, new(*civil.Time)) },
		"Object":     func(d *wire.Decoder) error { return d.Object(func([]byte) error { return d.Skip() }, "missing") },
		"List": func(d *wire.Decoder) error {
			return wire.List(d, new([]int), func(p *int, d *wire.Decoder) error { return d.Int(p) })
		},
	}
	for name, read := range readers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, value := range values {
				silent(t, wire.Decode([]byte(value), nil, read))
				silent(t, wire.Decode([]byte(`{"value_doc":`+value+`}`), nil, func(d *wire.Decoder) error {
					return d.Object(func([]byte) error { return read(d) })
				}))
			}
		})
	}
	t.Run("malformed", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{
			`{"dob":"` + birth + `","value_doc":"` + passport + `"x}`,
			`{"dob":"` + birth + `","value_doc":"` + passport,
			`{"` + passport + `":"` + birth + `"]`,
			`["` + birth + `"]` + passport,
			`"` + passport + `\x"`,
			birth,
			passport,
		} {
			silent(t, skip(text))
			_, err := decode(text)
			silent(t, err)
		}
	})
}

func TestPathNames(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, want string }{
		{`id_trip`, "id_trip"},
		{`Id-Trip.2`, "Id-Trip.2"},
		{`\u0069d`, "id"},
		{strings.Repeat("n", 40), strings.Repeat("n", 40)},
		{strings.Repeat("n", 41), "?"},
		{``, "?"},
		{`Иванов`, "?"},
		{`IVANOV IVAN`, "?"},
		{`a@b`, "?"},
		{`a[0]`, "?"},
		{`\n`, "?"},
		{"\xff", "?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := wire.Decode([]byte(`{"`+tt.name+`":[{"`+tt.name+`":null}]}`), nil, func(d *wire.Decoder) error {
				return d.Object(func([]byte) error {
					return wire.List(d, new([]int), func(p *int, d *wire.Decoder) error {
						return d.Object(func([]byte) error { return d.Int(p) })
					})
				})
			})
			assert.Equal(t, tt.want+"[0]."+tt.want, soft(t, err).Path)
		})
	}
}

func TestFail(t *testing.T) {
	t.Parallel()
	read := func(fields ...string) func(*wire.Decoder) error {
		return func(d *wire.Decoder) error {
			return wire.List(d, new([]int), func(_ *int, d *wire.Decoder) error {
				err := d.Object(func([]byte) error { return d.Skip() })
				for _, field := range fields {
					d.Fail(field, "wrong")
				}
				return err
			})
		}
	}
	assert.EqualError(t, wire.Decode([]byte(`[{}]`), nil, read("a", "b")), "[0].a: wrong")
	assert.EqualError(t, wire.Decode([]byte(`[{}]`), nil, read("", "b")), "[0]: wrong")
	assert.EqualError(t, wire.Decode([]byte(`{"a":1}`), nil, read("a")), "a: wrong")
	assert.EqualError(t, wire.Decode([]byte(`{"a":1}`), nil, read("")), "wrong")
	malformed(t, wire.Decode([]byte(`[{},`), nil, read("a")))
}

func TestNotJSON(t *testing.T) {
	t.Parallel()
	texts := []string{
		"", " ", "\t\r\n ", "\ufeff", "\ufeff \n", "\u00a0",
		"{}\ufeff", "{\ufeff}", "\ufeff\ufeff", "\xff\xfe{\x00}\x00",
		"<html><body>502 Bad Gateway</body></html>", "OK", "'a'", "// no\n{}", "\x00",
		"{}{}", "{} {}", "[][]", "1 2", "nullnull", `"a""b"`, "{}x", "{}}", "[]]", "{},", "{};", "{}\x00", "{}\u00a0", "truefalse", "true1",
		`{}{"a":`, "[][", "[][1,", "{}{", `{}"`, `""-`, "{}nul",
		"{", "[", `"`, "{]", "[}", "}", "]", ",", ":", "[,]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1:2]", "{,}", `{"a"}`, `{"a":}`, `{"a" 1}`,
		`{"a":1,}`, `{"a":1 "b":2}`, `{"a":1;"b":2}`, `{a:1}`, `{1:1}`, `{null:1}`, `{"a"::1}`, `{"a":1,,"b":2}`, `{:1}`,
		"nul", "nulL", "tru", "True", "fals", "NaN", "Infinity", "-", "+1", "-a", "01", "-01", "1.", "1.e1", ".5",
		"1e", "1e+", "1ee1", "1.2.3", "0x1F", "1_0", "[1.]", "--1",
		`"\x"`, `"\u12"`, `"\u12g4"`, `"\`, "\"\n\"", "\"\t\"", "\"\x00\"", `"\'"`, `"\ud800`, `"\ud800\`, `"\ud800\x"`, `"\ud800\u12"`,
		"{\"\n\":1}", `{"\x":1}`, `{"a\`, `{"a`, `{"a":1`, `{"a":[1`, `{"a":"b`,
	}
	for _, text := range texts {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			malformed(t, skip(text))
			for _, doc := range []string{text, `{"x":` + text, `{"result":` + text, `{"result":[{"id":` + text, `{"result":{"kontr":` + text} {
				if !json.Valid([]byte(doc)) { // some texts complete the document
					_, err := decode(doc)
					malformed(t, err)
				}
			}
		})
	}
}

// TestMalformedPath checks the path at which a text is not JSON.
func TestMalformedPath(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, path string }{
		{`{x`, ""},
		{`{"error":"0",x`, ""},
		{`{"result":[{"id":x`, "result[0].id"},
		{`{"result":[{x`, "result[0]"},
		{`{"result":[{"id":1x`, "result[0].id"},
		{`{"result":[{"id":1,"seats":1,"kontr":[{},{"name":"a"}x`, "result[0].kontr"},
		{`{"result":[{"id":1,"seats":1} x`, "result"},
		{`{"result":{"id":1,"seats":1,"kontr":[}}`, "result.kontr[0]"},
		{`{"result":{"id":1 x`, "result"},
		{`{"result":[]} x`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			_, err := decode(tt.text)
			assert.Equal(t, tt.path, malformed(t, err).Path)
		})
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	broken := strings.Replace(sample, `"seats": "12"`, `"seats": []`, 1)
	for _, text := range []string{sample, broken, "\ufeff" + sample} {
		for i := range len(text) {
			_, err := decode(text[:i])
			malformed(t, err)
			malformed(t, skip(text[:i]))
		}
	}
	for _, text := range []string{"{", `{"resu`, `{"result"`, `{"result":[`, `{"result":[{"id":"1`, `{"result":{"id":1,`} {
		_, err := decode(text)
		assert.Equal(t, "not JSON: cut short", malformed(t, err).Problem, text)
	}
}

// TestCutValues shows that a value is complete if it was read before the text
// ended. An id before the error did arrive.
func TestCutValues(t *testing.T) {
	t.Parallel()
	want := sampleAnswer()
	whole := func(t *testing.T, want, got any) {
		t.Helper()
		if !reflect.ValueOf(got).IsZero() {
			assert.Equal(t, want, got)
		}
	}
	for i := range len(sample) {
		got, err := decode(sample[:i])
		malformed(t, err)
		whole(t, want.Code, got.Code)
		require.LessOrEqual(t, len(got.Trips), len(want.Trips))
		for j, v := range got.Trips {
			got, want := reflect.ValueOf(v), reflect.ValueOf(want.Trips[j])
			for k := range got.NumField() {
				switch got.Type().Field(k).Name {
				case "Departure", "Arrival":
					whole(t, want.Field(k).Field(0).Interface(), got.Field(k).Field(0).Interface())
					whole(t, want.Field(k).Field(1).Interface(), got.Field(k).Field(1).Interface())
				case "Carriers":
					assert.LessOrEqual(t, got.Field(k).Len(), want.Field(k).Len(), v.ID)
				default:
					whole(t, want.Field(k).Interface(), got.Field(k).Interface())
				}
			}
		}
	}

	tests := []struct {
		text string
		want tripID
	}{
		{`{"result":[{"id":1234,"seats"`, "1234"},
		{`{"result":{"id":1234,"seats"`, "1234"},
		{`{"result":{"id":1234 `, "1234"},
		{`{"result":[{"id":12`, ""},
		{`{"result":{"id":12`, ""},
		{`{"result":{"id":"12`, ""},
	}
	for _, tt := range tests {
		got, err := decode(tt.text)
		assert.Equal(t, "not JSON: cut short", malformed(t, err).Problem, tt)
		require.Len(t, got.Trips, 1, tt)
		assert.Equal(t, tt.want, got.Trips[0].ID, tt.text)
	}

	n, err := readOne("12", (*wire.Decoder).Int)
	require.NoError(t, err)
	assert.Equal(t, 12, n)
}

// An error of the reading functions is returned unchanged.
func TestForeignErrors(t *testing.T) {
	t.Parallel()
	for _, foreign := range []error{io.EOF, errors.New("stop"), fmt.Errorf("wrapped: %w", errors.New("stop"))} {
		err := wire.Decode([]byte(`{"a":[1]}`), nil, func(d *wire.Decoder) error {
			return d.Object(func([]byte) error {
				return wire.List(d, new([]int), func(*int, *wire.Decoder) error { return foreign })
			})
		})
		assert.Same(t, foreign, err, "%v", foreign)
	}
}

func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	got, err := decode("\ufeff" + sample)
	require.NoError(t, err)
	assert.Equal(t, sampleAnswer(), got)
	for _, before := range []string{"\ufeff \n", "\ufeff\ufeff", " \ufeff", "\n\ufeff\r\n\t\ufeff"} {
		require.NoError(t, skip(before+"1"), "%q", before)
		err = wire.DecodeStream(strings.NewReader(before+"1"), nil, (*wire.Decoder).Skip)
		require.NoError(t, err, "%q", before)
	}

	var name string
	require.NoError(t, wire.Decode([]byte("\ufeff\"\ufeffa\""), nil, func(d *wire.Decoder) error { return wire.String(d, &name) }))
	assert.Equal(t, "\ufeffa", name, "a mark inside is text")
}

func TestSpaces(t *testing.T) {
	t.Parallel()
	got, err := decode(" \t\r\n" + sample + " \t\r\n")
	require.NoError(t, err)
	assert.Equal(t, sampleAnswer(), got)
}

// node is a type that nests without end: an object of lists of nodes.
type node struct{ inner []node }

func (n *node) decode(d *wire.Decoder) error {
	return d.Object(func([]byte) error { return n.list(d) })
}

func (n *node) list(d *wire.Decoder) error { return wire.List(d, &n.inner, (*node).decode) }

// nest reads nested objects without lists.
func nest(d *wire.Decoder) error {
	return d.Object(func([]byte) error { return nest(d) })
}

func TestDepth(t *testing.T) {
	t.Parallel()
	readers := map[string]func(*wire.Decoder) error{
		"Skip":   (*wire.Decoder).Skip,
		"String": func(d *wire.Decoder) error { return wire.String(d, new(string)) },
		"Object": nest,
		"List":   new(node).list,
	}
	for name, read := range readers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, level := range []string{"[", `{"a":`, `[{"a":`} {
				e := malformed(t, wire.Decode([]byte(strings.Repeat(level, 1_000_000)), nil, read))
				assert.Contains(t, e.Problem, "depth", level)
			}
		})
	}
}

// TestDeepest compares the deepest level with that of encoding/json.
func TestDeepest(t *testing.T) {
	t.Parallel()
	for _, n := range []int{9_999, 10_000, 10_001} {
		for _, text := range []string{
			strings.Repeat("[", n) + strings.Repeat("]", n),
			strings.Repeat(`{"a":`, n-1) + "{}" + strings.Repeat("}", n-1),
		} {
			valid := json.Valid([]byte(text))
			assert.Equal(t, n <= 10_000, valid, "%d levels of %.10s", n, text)
			assert.Equal(t, valid, skip(text) == nil, n)
		}
	}
}

func TestLongTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Сочи", 1<<18)
	got, err := decode(`{"` + long + `":"` + long + `","error":"` + long + `","result":[{"id":"` + long + `","seats":"` + long + `"}]}`)
	e := soft(t, err)
	assert.Equal(t, "result[0].seats", e.Path)
	assert.Less(t, len(e.Error()), 100)
	assert.Len(t, got.Code, len(long))
	assert.Len(t, got.Trips[0].ID, len(long))
}

func TestHugeNumbers(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("9", 10_000)
	for _, number := range []string{
		"1e1000000", "1E+1000000", "-1e-1000000", "1e99999999999999999999", digits, "-" + digits, "0." + digits, digits + "." + digits, "0e" + digits,
	} {
		for _, value := range []string{number, `"` + number + `"`} {
			for _, name := range []string{"seats", "base", "fee", "price"} {
				got, err := decode(`{"result":[{"id":1,"` + name + `":` + value + `,"seats":1,"name":` + value + `}],"error":"7"}`)
				assert.Equal(t, "result[0]."+name, soft(t, err).Path, "%.20s, %.20s, %s", number, value, name)
				assert.Equal(t, answer{Code: "7", Trips: []trip{{ID: "1", Seats: 1, Name: number}}}, got, "%.20s, %.20s, %s", number, value, name)
			}
		}
	}
}

func TestDuplicateNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       answer
	}{
		{"last wins", `{"error":"1","result":[],"error":"2"}`, answer{Code: "2"}},
		{"null is a text", `{"error":"1","result":[],"error":null}`, answer{}},
		{"list", `{"result":[{"id":1,"seats":1}],"result":[{"id":2,"seats":2}]}`, answer{Trips: []trip{{ID: "2", Seats: 2}}}},
		{"empty list", `{"result":[{"id":1,"seats":1}],"result":{}}`, answer{}},
		{"nothing after something", `{"result":{"id":1,"seats":1,"fee":5,"fee":null,"price":"5","price":"","date_arrival":"01.01.2026","date_arrival":null,
			"time_arrival":"10:00","time_arrival":" "}}`, answer{Trips: []trip{{ID: "1", Seats: 1}}}},
		{"escaped", `{"result":[],"error":"1","\u0065rror":"2"}`, answer{Code: "2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := decode(tt.text)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}

	t.Run("a required name counts once", func(t *testing.T) {
		t.Parallel()
		_, err := decode(`{"result":[{"id":1,"id":2}]}`)
		assert.EqualError(t, soft(t, err), "result[0].seats: missing")
		_, err = decode(`{"result":[{"seats":1,"seats":2}]}`)
		assert.EqualError(t, soft(t, err), "result[0].id: missing")
	})

	t.Run("an unreadable value stays an error", func(t *testing.T) {
		t.Parallel()
		got, err := decode(`{"result":[{"id":1,"seats":"x","seats":2}]}`)
		assert.Equal(t, "result[0].seats", soft(t, err).Path)
		assert.Equal(t, 2, got.Trips[0].Seats)
	})
}

// TestNamesMatchWithCase shows that names are compared byte by byte.
func TestNamesMatchWithCase(t *testing.T) {
	t.Parallel()
	got, err := decode(`{"Error":"1","result":[]}`)
	require.NoError(t, err)
	assert.Empty(t, got.Code)
}

// texts reads a document into a text and the names of its members, with this
// package and with encoding/json.
func texts(t *testing.T, value string) (got, want map[string]string) {
	t.Helper()
	got = map[string]string{}
	require.NoError(t, wire.Decode([]byte(value), nil, func(d *wire.Decoder) error {
		return d.Object(func(name []byte) error {
			var v string
			key := string(name)
			err := wire.String(d, &v)
			got[key] = v
			return err
		})
	}))
	require.NoError(t, json.Unmarshal([]byte(value), &want))
	return got, want
}

func TestInvalidUTF8(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"\xff", "a\xffb", "\xff\xfe\xfd", "\xc3", "\xc3(", "\xe2\x82", "\xe2\x82x", "\xf0\x9f\x9a", "\xf4\x90\x80\x80", "\xc0\xaf", "\xed\xa0\x80",
		"\x80\x80", "Иванов\xd0", "\xcf\xf0\xe8\xe2\xe5\xf2", `\u00e9` + "\x80", "\xc3" + `\u00a9`, "\x7f", "\ufffd", "\u2028",
	} {
		got, want := texts(t, `{"`+s+`":"`+s+`","id":"`+s+`"}`)
		assert.Equal(t, want, got, "%q", s)
	}

	got, _ := texts(t, "{\"\xff\xfe\":\"a\xff\xfeb\"}")
	assert.Equal(t, map[string]string{"\ufffd\ufffd": "a\ufffd\ufffdb"}, got)

	// Everything except the bad bytes is read.
	a, err := decode(strings.Replace(sample, `"extra"`, "\"\xff\"", 1))
	require.NoError(t, err)
	assert.Equal(t, sampleAnswer(), a)

	// An id in which bytes would have to be replaced is an error, because it
	// would name something else.
	a, err = decode("{\"result\":[{\"id\":\" 1\xff \",\"seats\":1}]}")
	assert.EqualError(t, err, "result[0].id: want an id, got a string of 4 bytes")
	assert.Empty(t, a.Trips[0].ID)
}

func TestSurrogates(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		`\ud83d\ude8c`, `\uD83D\uDE8C`, `\ud800`, `\udc00`, `\ud800x`, `\ud800\n`, `\ud800\"`, `\ud800\\`, `\ud800\u0041`, `\ud800\ud800`, `\udc00\ud800`,
		`\udc00\udc00`, `\ud83d\ude8c\ud800`, `\ud83d\ude8c\ud83d\ude8c`, `\ud800\uffff`,
	} {
		got, want := texts(t, `{"`+s+`":"`+s+`"}`)
		assert.Equal(t, want, got, s)
	}

	// This is the only difference: after a lone surrogate encoding/json looks for
	// a pair again, but jx has already read the next one as lone.
	for _, s := range []string{`\ud800\ud83d\ude8c`, `\udc00\ud83d\ude8c`} {
		got, want := texts(t, `{"a":"`+s+`"}`)
		assert.Equal(t, "\ufffd\U0001f68c", want["a"], s)
		assert.Equal(t, "\ufffd\ufffd\ufffd", got["a"], s)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []string
	}{
		{`[]`, nil},
		{`[ ]`, nil},
		{"{ \n\t}", nil},
		{`["a"]`, []string{"a"}},
		{`["a", 1, null, ""]`, []string{"a", "1", "", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got := []string{"old"}
			err := wire.Decode([]byte(tt.text), nil, func(d *wire.Decoder) error {
				return wire.List(d, &got, func(p *string, d *wire.Decoder) error { return wire.String(d, p) })
			})
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}

	t.Run("an object is not a text", func(t *testing.T) {
		t.Parallel()
		var got []string
		err := wire.Decode([]byte(`{"list":{"a":"b"},"next":["c"]}`), nil, func(d *wire.Decoder) error {
			return d.Object(func([]byte) error {
				return wire.List(d, &got, func(p *string, d *wire.Decoder) error { return wire.String(d, p) })
			})
		})
		assert.EqualError(t, soft(t, err), "list: want a text, got an object")
		assert.Equal(t, []string{"c"}, got)
	})

	t.Run("an element that cannot be read keeps its place", func(t *testing.T) {
		t.Parallel()
		got, err := decode(`{"result":[{"id":1,"seats":1},7,{"id":3,"seats":3}]}`)
		assert.Equal(t, "result[1]", soft(t, err).Path)
		assert.Equal(t, []trip{{ID: "1", Seats: 1}, {}, {ID: "3", Seats: 3}}, got.Trips)
	})
}

func TestMap(t *testing.T) {
	t.Parallel()
	read := func(text string) (names []string, values []int, err error) {
		err = wire.Decode([]byte(text), nil, func(d *wire.Decoder) error {
			return d.Object(func([]byte) error {
				return d.Map(func(name []byte) error {
					var v int
					err := d.Int(&v)
					names, values = append(names, string(name)), append(values, v)
					return err
				})
			})
		})
		return names, values, err
	}
	for text, want := range map[string][]string{
		`{"10":1,"7":2}`: {"10", "7"},
		`[1,2]`:          {"0", "1"},
		`[]`:             nil, `{}`: nil, `null`: nil, `""`: nil, `false`: nil,
	} {
		names, values, err := read(`{"map":` + text + `}`)
		require.NoError(t, err, text)
		assert.Equal(t, want, names, text)
		for i, v := range values {
			assert.Equal(t, i+1, v, "%v, %v", text, v)
		}
	}
	for text, path := range map[string]string{`7`: "map", `"x"`: "map", `{"10":"x"}`: "map.10", `[1,"x"]`: "map[1]"} {
		_, _, err := read(`{"map":` + text + `}`)
		assert.Equal(t, path, soft(t, err).Path, text)
	}
	_, _, err := read(`{"map":{"10":1`)
	malformed(t, err)
}

// If several values have one name, the last replaces the first in its place.
func TestKeep(t *testing.T) {
	t.Parallel()
	keep := func(d *wire.Decoder) error {
		var all []string
		var places wire.Places
		for _, v := range []string{"a1", "b1", "a2", "c1", "b2", "a3"} {
			require.NoError(t, wire.Keep(d, &all, &places, v[:1], v), v)
		}
		assert.Equal(t, []string{"a3", "b2", "c1"}, all)

		var many []int
		places = wire.Places{}
		for i := range 300 {
			require.NoError(t, wire.Keep(d, &many, &places, strconv.Itoa(i%100), i))
		}
		require.Len(t, many, 100)
		for i, v := range many {
			require.Equal(t, 200+i, v)
		}
		return d.Skip()
	}
	require.NoError(t, wire.Decode([]byte("{}"), nil, keep))
}

func TestNested(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{`[]`: true, `[1]`: true, `{}`: true, `7`: false, `"["`: false, `null`: false} {
		require.NoError(t, wire.Decode([]byte(text), nil, func(d *wire.Decoder) error {
			assert.Equal(t, want, d.Nested(), text)
			return d.Skip()
		}), text)
	}
}

// A text that arrives byte by byte gives the same values and errors as a complete
// one.
func TestDecodeStream(t *testing.T) {
	t.Parallel()
	texts := []string{
		sample, "\ufeff" + sample, "", " ", "{", `{"error":1}x`, `{"error":1,"result":[{"id":"a","seats":"x"}]}`,
		`{"result":[{"id":1,"seats":2},{"id":null,"seats":3}]}`, `{"result":{"0":{"id":1,"seats":2}}}`, `{"result":{"id":1,"seats":2}}`,
		`{"result":{"0":{"id":1,"seats":"x"}}}`, `{"result":{"7":{"id":1,"seats":2},"9":{"id":"","seats":2}}}`,
		`{"result":[{"id":1,"seats":2,"kontr":{"name":[1]}}]}`,
		`{"result":""}`, `null`, `[]`, `{"extra":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `,"result":[]}`,
		`{"result":[],"long":"` + strings.Repeat("Ёж\n", 20_000) + `"}`, `{"error":"` + strings.Repeat("x", 40_000) + `","result":[]}`,
	}
	for i := range len(sample) {
		texts = append(texts, sample[:i])
	}
	for _, text := range texts {
		want, wantErr := decode(text)
		var got answer
		err := wire.DecodeStream(iotest.OneByteReader(strings.NewReader(text)), nil, got.decode)
		assert.Equal(t, wantErr == nil, err == nil, "%.100s: %v", text, err)
		if err == nil {
			assert.Equal(t, want, got, text)
		} else if e := problem(t, wantErr); !e.Malformed {
			assert.Equal(t, e, problem(t, err), "%.100s", text)
		} else {
			assert.True(t, problem(t, err).Malformed, "%.100s", text)
		}
	}
}

// The reading function can check whether an element was read without a problem.
func TestErr(t *testing.T) {
	t.Parallel()
	err := wire.Decode([]byte(`["1","x","2"]`), nil, func(d *wire.Decoder) error {
		var errs []bool
		err := d.Map(func([]byte) error {
			var n int
			err := d.Int(&n)
			errs = append(errs, d.Err() != nil)
			return err
		})
		assert.Equal(t, []bool{false, true, true}, errs)
		return err
	})
	assert.Equal(t, "[1]", soft(t, err).Path)
}

func TestAtObjectAndText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]bool{"[]": {}, "{}": {true, false}, "null": {}, `"[]"`: {false, true}, "\n{}": {true, false}, "7": {}} {
		require.NoError(t, wire.Decode([]byte(text), nil, func(d *wire.Decoder) error {
			assert.Equal(t, want, [2]bool{d.AtObject(), d.AtText()}, text)
			return d.Skip()
		}), text)
	}
}

// Raw copies a value of any type as it is written.
func TestRaw(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"null", "1.50", `"a\u0000b"`, `{"a": [1, {}]}`, "[]", "true"} {
		text := []byte(`{"x": ` + value + `, "y": 1}`)
		var raw json.RawMessage
		require.NoError(t, wire.Decode(text, nil, func(d *wire.Decoder) error {
			return d.Object(func(name []byte) error {
				if string(name) == "x" {
					return d.Raw(&raw)
				}
				return d.Skip()
			})
		}), value)
		clear(text) // the copy does not change
		assert.Equal(t, value, string(raw), value)
	}
	var raw json.RawMessage
	require.NoError(t, wire.Decode([]byte("{\"a\":\"\xff\"}"), nil, func(d *wire.Decoder) error { return d.Raw(&raw) }))
	assert.True(t, json.Valid(raw))
	assert.True(t, utf8.Valid(raw))
	for _, text := range []string{`{"a":`, `[1,`, `"a`, "nul"} {
		err := wire.Decode([]byte(text), nil, func(d *wire.Decoder) error { return d.Raw(&raw) })
		bad, ok := errors.AsType[*wire.Error](err)
		require.True(t, ok, text)
		assert.True(t, bad.Malformed, text)
	}
}

// Many short values take no more memory than long texts do.
func TestTooManyElements(t *testing.T) {
	t.Parallel()
	type large [1000]byte
	var list []large
	each := func(_ *large, d *wire.Decoder) error { return d.Skip() }
	whole := func(text string) error {
		return wire.Decode([]byte(text), nil, func(d *wire.Decoder) error { return wire.List(d, &list, each) })
	}
	require.NoError(t, whole("["+strings.Repeat("0,", 500)+"0]"))
	assert.Len(t, list, 501)
	err := whole("[" + strings.Repeat("0,", 10_000) + "0]")
	assert.ErrorContains(t, err, "too many elements")
	malformed(t, err)
	million := "[" + strings.Repeat("{},", 1_000_000) + "{}]"
	malformed(t, whole(million))
	assert.LessOrEqual(t, cap(list)*len(large{}), 1<<20+16*len(million))

	named := func(n int) error {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"%d":0,`, i)
		}
		var places wire.Places
		list = nil
		return wire.Decode([]byte("{"+b.String()+`"x":0}`), nil, func(d *wire.Decoder) error {
			return d.Map(func(name []byte) error {
				return cmp.Or(d.Skip(), wire.Keep(d, &list, &places, string(name), large{}))
			})
		})
	}
	require.NoError(t, named(500))
	malformed(t, named(10_000))
	// A stream is never in memory as a whole.
	err = wire.DecodeStream(strings.NewReader(`[`+strings.Repeat("[0,0],", 100)+`[`+strings.Repeat("0,", 10_000)+"0]]"), nil, func(d *wire.Decoder) error {
		return d.Map(func([]byte) error {
			return d.Whole(func(d *wire.Decoder) error { return wire.List(d, &list, each) })
		})
	})
	malformed(t, err)
}
