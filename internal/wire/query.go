package wire

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/google/go-querystring/query"
)

// Query writes a query string. The parameters keep the order in which they were
// added. Spaces become %20, never +.
type Query struct {
	text    []byte
	private []string
}

// Add appends a parameter. An empty value is written as well.
func (q *Query) Add(name, value string) {
	if len(q.text) > 0 {
		q.text = append(q.text, '&')
	}
	q.text = appendEscaped(q.text, name)
	q.text = append(q.text, '=')
	q.text = appendEscaped(q.text, value)
}

// AddPrivate appends a parameter whose value is a secret or a passenger's data.
// others are other forms of the value.
func (q *Query) AddPrivate(name, value string, others ...string) {
	q.Add(name, value)
	q.private = append(append(q.private, value), others...)
}

// AddStruct appends the fields of a struct in their order. It writes strings and
// ints, by their url tags, as package query does.
func (q *Query) AddStruct(params any) {
	values, err := query.Values(params)
	if err != nil {
		panic(fmt.Sprintf("wire: %T as a query: %v", params, err))
	}
	for field := range reflect.TypeOf(params).Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("url"), ",")
		for _, v := range values[name] {
			q.Add(name, v)
		}
		delete(values, name)
	}
	if len(values) > 0 {
		panic(fmt.Sprintf("wire: %T as a query: a field without a url tag", params))
	}
}

// String returns the query string without a question mark.
func (q *Query) String() string { return string(q.text) }

// Private returns the values that must not appear in errors.
func (q *Query) Private() []string { return q.private }

// appendEscaped percent-encodes all but the unreserved characters of RFC 3986
// and the colon, which a query may hold and the manuals' samples show.
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~', c == ':':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}
