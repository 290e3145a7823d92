package wire_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/wire"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		pairs [][2]string
		want  string
	}{
		{"nothing", nil, ""},
		{"order", [][2]string{{"user", "u"}, {"skey", "k"}, {"command", "from"}, {"a", "1"}}, "user=u&skey=k&command=from&a=1"},
		{"one name twice", [][2]string{{"b", "2"}, {"a", "1"}, {"b", "1"}}, "b=2&a=1&b=1"},
		{"empty value", [][2]string{{"middle_name1", ""}, {"a", ""}}, "middle_name1=&a="},
		{"empty name", [][2]string{{"", ""}, {"", "a"}}, "=&=a"},
		{"space", [][2]string{{"value_doc1", "0701 755756"}}, "value_doc1=0701%20755756"},
		{"plus", [][2]string{{"user_phone", "+7 918"}}, "user_phone=%2B7%20918"},
		{"Cyrillic", [][2]string{{"surname1", "Ёж"}}, "surname1=%D0%81%D0%B6"},
		{"beyond the BMP", [][2]string{{"a", "🚌"}}, "a=%F0%9F%9A%8C"},
		{"colon", [][2]string{{"time_trip", "23:40"}}, "time_trip=23:40"},
		{"unreserved", [][2]string{{"a", "AZaz09-._~"}}, "a=AZaz09-._~"},
		{"separators", [][2]string{{"a&b=c", "&=#%/?"}}, "a%26b%3Dc=%26%3D%23%25%2F%3F"},
		{"the rest of ASCII", [][2]string{{"a", "!\"$'()*,;<>@[\\]^`{|}\x00\n\x7f"}},
			"a=%21%22%24%27%28%29%2A%2C%3B%3C%3E%40%5B%5C%5D%5E%60%7B%7C%7D%00%0A%7F"},
		{"not UTF-8", [][2]string{{"a", "\xff\xc3"}}, "a=%FF%C3"},
		{"brackets in a name", [][2]string{{"p[0]", "1"}}, "p%5B0%5D=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var q wire.Query
			want := url.Values{}
			for _, pair := range tt.pairs {
				q.Add(pair[0], pair[1])
				want.Add(pair[0], pair[1])
			}
			assert.Equal(t, tt.want, q.String())
			assert.Empty(t, q.Private())
			got, err := url.ParseQuery(q.String())
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

func TestQueryPrivate(t *testing.T) {
	t.Parallel()
	var q wire.Query
	q.Add("command", "booking")
	q.AddPrivate("surname1", "Иванов & Ко")
	q.AddPrivate("middle_name1", "")
	q.Add("seat1", "5")
	q.AddPrivate("dob1", "01.02.1985")
	assert.Equal(t, "command=booking&surname1=%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2%20%26%20%D0%9A%D0%BE&middle_name1=&seat1=5&dob1=01.02.1985", q.String())
	assert.Equal(t, []string{"Иванов & Ко", "", "01.02.1985"}, q.Private())
}

// ids is a list with its own encoder.
type ids []string

func (v ids) EncodeValues(name string, to *url.Values) error {
	if len(v) == 0 {
		return errors.New("no ids")
	}
	to.Set(name, strings.Join(v, ","))
	return nil
}

func TestQueryAddStruct(t *testing.T) {
	t.Parallel()
	var q wire.Query
	q.Add("command", "trip")
	q.AddStruct(struct {
		To      tripID `url:"id_to"`
		From    string `url:"id_from"`
		Count   int    `url:"count"`
		Zero    int    `url:"zero"`
		Empty   string `url:"empty"`
		Left    string `url:"left,omitempty"`
		Ignored string `url:"-"`
		IDs     ids    `url:"ids"`
		A       string `url:"a"`
	}{To: "2 3", From: "1", Count: 3, Ignored: "x", IDs: ids{"7", "8"}, A: "я"})
	q.Add("last", "1")
	assert.Equal(t, "command=trip&id_to=2%203&id_from=1&count=3&zero=0&empty=&ids=7%2C8&a=%D1%8F&last=1", q.String())

	q = wire.Query{}
	q.AddStruct(struct{}{})
	assert.Empty(t, q.String())
}

func TestQueryAddStructTwiceOneName(t *testing.T) {
	t.Parallel()
	var q wire.Query
	q.AddStruct(struct {
		A1 string `url:"a"`
		B  string `url:"b"`
		A2 string `url:"a"`
	}{"1", "2", "3"})
	assert.Equal(t, "a=1&a=3&b=2", q.String())
}

// TestQueryAddStructPanics shows that no field is left out silently.
func TestQueryAddStructPanics(t *testing.T) {
	t.Parallel()
	type embedded struct {
		A string `url:"a"`
	}
	for name, params := range map[string]any{
		"field without a tag": struct{ A string }{"1"},
		"embedded struct":     struct{ embedded }{embedded{"1"}},
		"nested struct": struct {
			A embedded `url:"a"`
		}{embedded{"1"}},
		"encoder's error": struct {
			A ids `url:"a"`
		}{},
		"no struct": "a=1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Panics(t, func() { new(wire.Query).AddStruct(params) })
		})
	}
}
