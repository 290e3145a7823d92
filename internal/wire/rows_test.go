package wire_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// order has essential and minor fields.
type order struct {
	ID     string
	Price  decimal.Decimal
	Seats  []string
	Phone  string
	Floor  int
	Tags   []tag
	Person person
}

type tag struct{ Name string }

type person struct {
	Name string
	Age  int
}

func (o *order) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &o.ID)
		case "price":
			return d.Amount(&o.Price)
		case "seats":
			return wire.List(d, &o.Seats, func(s *string, d *wire.Decoder) error { return wire.ID(d, s) })
		case "phone":
			return wire.String(d, &o.Phone)
		case "floor":
			return d.Int(&o.Floor)
		case "tags":
			return wire.List(d, &o.Tags, (*tag).decode)
		case "person":
			return wire.Part(d, &o.Person, (*person).decode)
		default:
			return d.Skip()
		}
	}, "id", "price", "seats?")
}

func (t *tag) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		if string(name) == "name" {
			return wire.ID(d, &t.Name)
		}
		return d.Skip()
	}, "name")
}

func (p *person) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "name":
			return wire.String(d, &p.Name)
		case "age":
			return d.Int(&p.Age)
		default:
			return d.Skip()
		}
	}, "name")
}

func (o *order) id() string { return o.ID }

const goodOrder = `{"id":"7","price":"1.50","seats":["1А"],"phone":"1","floor":2,"tags":[{"name":"a"}],"person":{"name":"b","age":3}}`

// reading reads a list of orders, from a complete text or from a stream.
func reading(text string, arriving bool, list func(*wire.Decoder, *[]order) error) (all []order, warnings []rutravel.Warning, err error) {
	read := func(d *wire.Decoder) error { return list(d, &all) }
	warn := func(w rutravel.Warning) { warnings = append(warnings, w) }
	if arriving {
		err = wire.DecodeStream(iotest.OneByteReader(strings.NewReader(text)), warn, read)
	} else {
		err = wire.Decode([]byte(text), warn, read)
	}
	return all, warnings, err
}

func rows(d *wire.Decoder, p *[]order) error {
	return wire.Rows(d, p, (*order).decode, (*order).id)
}

func found(d *wire.Decoder, p *[]order) error {
	return wire.Found(d, p, (*order).decode, (*order).id)
}

// Given a row with a broken field, a minor field stays empty with a warning, and
// an essential field is the row's error. The other rows are read.
func TestBrokenRow(t *testing.T) {
	t.Parallel()
	good := order{
		ID: "7", Price: decimal.RequireFromString("1.50"), Seats: []string{"1А"}, Phone: "1", Floor: 2,
		Tags: []tag{{"a"}}, Person: person{"b", 3},
	}
	for _, test := range []struct {
		name, from, to string
		essential      string // the problem of the row, after its path
		warned         string // the path of the warning
		want           func(*order)
	}{
		{"price null", `"1.50"`, `null`, "price: want an amount, got null", "", func(o *order) { o.Price = decimal.Decimal{} }},
		{"price negative", `"1.50"`, `-1`, "price: want an amount, got a number", "", func(o *order) { o.Price = decimal.Decimal{} }},
		{"price missing", `"price":"1.50",`, ``, "price: missing", "", func(o *order) { o.Price = decimal.Decimal{} }},
		{"a seat with bytes replaced", "1А", "1\xc0", "seats[0]: want an id, got a string of 2 bytes", "", func(o *order) { o.Seats = []string{""} }},
		{"seats of another type", `["1А"]`, `true`, "seats: want a list, got a bool", "", func(o *order) { o.Seats = nil }},
		{"seats missing", `"seats":["1А"],`, ``, "", "", func(o *order) { o.Seats = nil }},
		{"phone of another type", `"phone":"1"`, `"phone":{"a":1}`, "", "phone", func(o *order) { o.Phone = "" }},
		{"floor null", `"floor":2`, `"floor":null`, "", "floor", func(o *order) { o.Floor = 0 }},
		{"floor too large", `"floor":2`, `"floor":99999999999999999999`, "", "floor", func(o *order) { o.Floor = 0 }},
		{"a tag that is text", `[{"name":"a"}]`, `["x",{"name":"a"}]`, "", "tags[0]", func(*order) {}},
		{"no tag that can be read", `[{"name":"a"}]`, `["x","y"]`, "", "tags[0]", func(o *order) { o.Tags = nil }},
		{"a person without a name", `{"name":"b","age":3}`, `{"age":3}`, "", "person.name", func(o *order) { o.Person = person{} }},
		{"a person with an odd age", `"age":3`, `"age":"x"`, "", "person.age", func(o *order) { o.Person = person{} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(goodOrder, test.from, test.to, 1)
			require.NotEqual(t, goodOrder, bad)
			text := "[" + goodOrder + "," + bad + "," + goodOrder + "]"
			broken := good
			test.want(&broken)
			for _, arriving := range []bool{false, true} {
				all, warnings, err := reading(text, arriving, rows)
				require.Len(t, all, 3)
				if len(broken.Tags) == 0 {
					assert.Empty(t, all[1].Tags)
					all[1].Tags = broken.Tags
				}
				assert.Equal(t, []order{good, broken, good}, all)
				if test.essential == "" {
					assert.NoError(t, err)
				} else {
					want := &rutravel.RowsError{Rows: []rutravel.RowError{{Index: 1, ID: "7", Problem: "[1]." + test.essential}}}
					assert.Equal(t, want, err)
					assert.Equal(t, []order{good, good}, wire.Readable(all, err))
				}
				if test.warned == "" {
					assert.Empty(t, warnings)
				} else if assert.NotEmpty(t, warnings) {
					assert.Equal(t, "[1]."+test.warned, warnings[0].Path)
					assert.Equal(t, "7", warnings[0].ID)
				}

				all, warnings, err = reading(text, arriving, found)
				assert.NoError(t, err)
				if test.essential == "" {
					assert.Len(t, all, 3)
				} else {
					assert.Equal(t, []order{good, good}, all)
					require.Len(t, warnings, 1)
					assert.Equal(t, "7", warnings[0].ID)
					assert.Equal(t, "[1]."+test.essential, warnings[0].Path+": "+warnings[0].Problem)
				}
			}
		})
	}
}

// A search fails if no row can be read. A search without rows succeeds.
func TestNothingFound(t *testing.T) {
	t.Parallel()
	all, _, err := reading(`[{"id":"1"},{"id":"2"}]`, false, found)
	assert.EqualError(t, err, "[0].price: missing")
	assert.Empty(t, all)
	all, _, err = reading(`[]`, false, found)
	assert.NoError(t, err)
	assert.Empty(t, all)
}

// A list that is cut or not JSON fails as a whole.
func TestRowsOfBrokenText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"[" + goodOrder + ",", "[" + goodOrder + "}", "{"} {
		for name, list := range map[string]func(*wire.Decoder, *[]order) error{"rows": rows, "found": found} {
			for _, arriving := range []bool{false, true} {
				_, _, err := reading(text, arriving, list)
				assert.True(t, problem(t, err).Malformed, "%s of %s", name, text)
			}
		}
	}
}

// The number of warnings of one answer is limited.
func TestManyWarnings(t *testing.T) {
	t.Parallel()
	text := "[" + strings.Repeat(strings.Replace(goodOrder, `"floor":2`, `"floor":"x"`, 1)+",", 1000) + goodOrder + "]"
	all, warnings, err := reading(text, false, rows)
	require.NoError(t, err)
	assert.Len(t, all, 1001)
	assert.Len(t, warnings, 100)
}

func TestWithRow(t *testing.T) {
	t.Parallel()
	row := func(index int) rutravel.RowError { return rutravel.RowError{Index: index, Problem: "x"} }
	err := wire.WithRow(nil, row(3))
	err = wire.WithRow(err, row(1))
	err = wire.WithRow(err, row(3))
	err = wire.WithRow(err, row(5))
	assert.Equal(t, &rutravel.RowsError{Rows: []rutravel.RowError{row(1), row(3), row(5)}}, err)
	whole := &wire.Error{Problem: "no list"}
	assert.Equal(t, error(whole), wire.WithRow(whole, row(1)))
	assert.Equal(t, []int{0, 2, 4}, wire.Readable([]int{0, 1, 2, 3, 4}, err))
	assert.Equal(t, []int{0, 1}, wire.Readable([]int{0, 1}, whole))
}

// An object whose names are data is read like a list. Values that cannot be read
// are left out with a warning. If a name comes twice, the last value counts.
func TestFoundMap(t *testing.T) {
	t.Parallel()
	for text, test := range map[string]struct {
		want     []string
		warnings []string // the paths
		err      string
	}{
		`{"a":{"name":"x"},"b":{"name":"y"}}`:                {[]string{"a x", "b y"}, nil, ""},
		`{"a":{"name":"x"},"b":{"name":null},"c":7}`:         {[]string{"a x"}, []string{"b.name", "c"}, ""},
		`{"a":{"name":"x"},"b":{"name":"y"},"a":{"name":7}}`: {[]string{"a 7", "b y"}, nil, ""},
		`{"a":{},"b":7}`: {nil, []string{"a.name", "b"}, "a.name: missing"},
		`[{"name":"x"}]`: {[]string{"0 x"}, nil, ""},
		`[]`:             {},
		`null`:           {},
		`7`:              {nil, nil, "want a map, got a number"},
		`{"refused":{"name":"x"},"a":{"name":"y"}}`: {[]string{"a y"}, []string{"refused"}, ""},
	} {
		var got, warned []string
		var all []tag
		err := wire.Decode([]byte(text), func(w rutravel.Warning) { warned = append(warned, w.Path) }, func(d *wire.Decoder) error {
			return wire.FoundMap(d, &all, func(v *tag, name []byte, d *wire.Decoder) error {
				if string(name) == "refused" {
					d.Fail("", "refused")
				}
				before := string(name) + " "
				err := v.decode(d)
				v.Name = before + v.Name
				return err
			}, nil)
		})
		for _, v := range all {
			got = append(got, v.Name)
		}
		assert.Equal(t, test.want, got, text)
		assert.Equal(t, test.warnings, warned, text)
		if test.err == "" {
			assert.NoError(t, err, text)
		} else {
			assert.EqualError(t, err, test.err, text)
		}
	}
}

// A row that is read while the answer arrives has its own problem. Its warnings
// have its id, and the document has no error.
func TestRow(t *testing.T) {
	t.Parallel()
	const text = `{"rows":[{"id":1,"price":1,"floor":"x"},{"id":2,"price":"x"},{"id":3,"price":3}]}`
	var warnings []rutravel.Warning
	var got []string
	err := wire.DecodeStream(iotest.OneByteReader(strings.NewReader(text)), func(w rutravel.Warning) { warnings = append(warnings, w) }, func(d *wire.Decoder) error {
		return d.Object(func([]byte) error {
			return d.Map(func([]byte) error {
				var o order
				bad, err := wire.Row(d, &o, (*order).decode, func(o *order) string { return o.ID })
				got = append(got, o.ID)
				if bad != nil {
					got = append(got, bad.Path)
				}
				return err
			})
		})
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"1", "2", "rows[1].price", "3"}, got)
	assert.Equal(t, []rutravel.Warning{{Path: "rows[0].floor", ID: "1", Problem: "want a whole number, got a string of 1 bytes"}}, warnings)
}

// An error of the whole answer names no rows. Rows that are cut or could not be
// read are left out, because they would count as read.
func TestRowsOfUnreadable(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"rows":[{"id":1,"price":1},{"id":2},{"id":3,"price":3},{"id":4,"pri`,
		`{"rows":[{"id":1,"price":1},{"id":2},{"id":3,"price":3},{"id":4,"price":"x"}]`,
		`{"rows":[{"id":1,"price":1},{"id":2},{"id":3,"price":3}]} text`,
		`{"rows":[{"id":1,"price":1},{"id":2},{"id":3,"price":3}],"total":"x"}`,
		`{"rows":{"0":{"id":1,"price":1},"2":{"id":2},"3":{"id":3,"price":3}},"total":"x"}`,
	} {
		read := func(all *[]order) func(d *wire.Decoder) error {
			return func(d *wire.Decoder) error {
				return d.Object(func(name []byte) error {
					if string(name) == "total" {
						return d.Int(new(int))
					}
					return wire.Rows(d, all, (*order).decode, func(o *order) string { return o.ID })
				})
			}
		}
		var whole, streamed []order
		_, bad := errors.AsType[*wire.Error](wire.Decode([]byte(text), nil, read(&whole)))
		assert.True(t, bad, text)
		_, bad = errors.AsType[*wire.Error](wire.DecodeStream(iotest.OneByteReader(strings.NewReader(text)), nil, read(&streamed)))
		assert.True(t, bad, text)
		for _, all := range [][]order{whole, streamed} {
			require.Len(t, all, 2, text)
			assert.Equal(t, "1", all[0].ID, text)
			assert.Equal(t, "3", all[1].ID, text)
		}
	}
}

// A long list takes little more memory than its rows, however long their names
// and nested lists are.
func TestListCapacity(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 5, 100, 777, 10_000} {
		text := `{"orders":[` + strings.TrimSuffix(strings.Repeat(goodOrder+",", n), ",") + `]}`
		var all []order
		require.NoError(t, wire.Decode([]byte(text), nil, func(d *wire.Decoder) error {
			return d.Object(func([]byte) error { return rows(d, &all) })
		}))
		require.Len(t, all, n)
		assert.LessOrEqual(t, cap(all), n+n/4+3)
		assert.Equal(t, all[0], all[n-1])
		assert.Equal(t, 1, cap(all[n-1].Seats))
	}
}
