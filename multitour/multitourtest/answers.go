package multitourtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

// object is a JSON object whose members keep their order: nil, strings,
// numbers, objects and lists.
type object []member

type member struct {
	name  string
	value any
}

// number is a text that is written without quotes.
type number string

func whole[T int | int64](n T) number { return number(strconv.FormatInt(int64(n), 10)) }

func text(n int) string { return strconv.Itoa(n) }

func (s *Server) refuse(d document, problems ...string) fake.Answer {
	var response object
	if m, ok := methods[d.method]; ok {
		response = object{{s.key(m), nil}}
	}
	var errors any = problems
	if s.quirks.ErrorString {
		errors = strings.Join(problems, "; ")
	}
	return s.answer(d, response, false, member{"error", errors})
}

func (s *Server) succeed(d document, result any) fake.Answer {
	return s.answer(d, object{{s.key(methods[d.method]), result}}, true)
}

// key returns the name of a method's answer in the response.
func (s *Server) key(m method) string {
	if s.quirks.OwnKeys && m.own != "" {
		return m.own
	}
	return m.key
}

func (s *Server) answer(d document, response object, success bool, more ...member) fake.Answer {
	o := object{{"header", d.header}, {"request", d.request}, {"response", response}}
	if response == nil {
		o[2].value = nil
	}
	if s.quirks.NewEdition {
		o = append(o, member{"is_success", json.RawMessage(strconv.FormatBool(success))})
	}
	var b bytes.Buffer
	s.write(&b, append(o, more...))
	return fake.Answer{
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   b.Bytes(),
	}
}

var numeral = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]+)?$`)

func (s *Server) write(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case object:
		if len(v) == 0 {
			s.writeEmpty(b)
			return
		}
		b.WriteByte('{')
		for i, m := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quote(m.name))
			b.WriteByte(':')
			s.write(b, m.value)
		}
		b.WriteByte('}')
	case []object:
		writeList(s, b, v)
	case []string:
		writeList(s, b, v)
	case json.RawMessage:
		if v == nil {
			v = json.RawMessage("null")
		}
		b.Write(v)
	case number:
		if s.quirks.Strings {
			b.WriteString(quote(string(v)))
		} else {
			b.WriteString(string(v))
		}
	case string:
		if s.quirks.Numbers && numeral.MatchString(v) {
			b.WriteString(v)
		} else {
			b.WriteString(quote(v))
		}
	default:
		b.WriteString("null")
	}
}

func writeList[T any](s *Server, b *bytes.Buffer, list []T) {
	if len(list) == 0 {
		s.writeEmpty(b)
		return
	}
	b.WriteByte('[')
	for i, v := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		s.write(b, v)
	}
	b.WriteByte(']')
}

// writeEmpty writes an empty list or an empty object. PHP does not distinguish them.
func (s *Server) writeEmpty(b *bytes.Buffer) {
	if s.quirks.EmptyNull {
		b.WriteString("null")
	} else {
		b.WriteString("[]")
	}
}

// unreadable returns a list whose first element has a member that cannot be read. Without
// the quirk, and for lists of one, it returns the same list.
func (s *Server) unreadable(list []object, name string) []object {
	if !s.quirks.UnreadableRow || len(list) < 2 {
		return list
	}
	list = slices.Clone(list)
	list[0] = slices.Clone(list[0])
	for i := range list[0] {
		if list[0][i].name == name {
			list[0][i].value = json.RawMessage(`["?"]`)
		}
	}
	return list
}

func quote(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(quoted)
}
