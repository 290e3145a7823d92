package regionbilettest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

// object is a JSON object whose members keep their order. The values are strings, objects,
// lists of objects or raw JSON.
type object []member

type member struct {
	name  string
	value any
}

// done is the result of a command without a result.
var done = object(nil)

func (s *Server) refuse(problem string) fake.Answer {
	envelope := object{{"error", "1"}, {"error_description", problem}}
	if s.quirks.RefusalResult != "" {
		envelope = append(envelope, member{"result", json.RawMessage(s.quirks.RefusalResult)})
	}
	return s.answer(envelope)
}

func (s *Server) succeed(result any) fake.Answer {
	var envelope object
	switch s.quirks.Success {
	case "absent":
	case "":
		envelope = object{{"error", "0"}}
	default:
		envelope = object{{"error", json.RawMessage(s.quirks.Success)}}
	}
	envelope = append(envelope, member{"error_description", "Нет ошибок"})
	switch r := result.(type) {
	case object:
		if r == nil {
			break
		}
		if s.quirks.BookingList {
			result = []object{r}
		}
		envelope = append(envelope, member{"result", result})
	case []object:
		if len(r) == 0 && s.quirks.Empty != "" {
			result = json.RawMessage(s.quirks.Empty)
		}
		if s.quirks.UnreadableRow && len(r) > 1 {
			result = slices.Concat([]object{unreadable(r[0])}, r[1:])
		}
		envelope = append(envelope, member{"result", result})
	}
	return s.answer(envelope)
}

// unreadable returns a row in which an essential field cannot be read. The rows of pay and
// refund do not change.
func unreadable(row object) object {
	row = slices.Clone(row)
	for i, m := range row {
		switch m.name {
		case "id_from", "id_to", "id_nationality", "id_doc", "count_available_seats_trip", "status", "category":
			row[i].value = json.RawMessage("{}")
		}
	}
	return row
}

func (s *Server) answer(o object) fake.Answer {
	var b bytes.Buffer
	s.write(&b, o)
	return fake.Answer{
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   b.Bytes(),
	}
}

var number = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]+)?$`)

func (s *Server) write(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case object:
		b.WriteByte('{')
		for i, m := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			s.write(b, json.RawMessage(quote(m.name)))
			b.WriteByte(':')
			s.write(b, m.value)
		}
		b.WriteByte('}')
	case []object:
		b.WriteByte('[')
		for i, o := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			s.write(b, o)
		}
		b.WriteByte(']')
	case json.RawMessage:
		b.Write(v)
	case string:
		if s.quirks.Numbers && number.MatchString(v) {
			b.WriteString(v)
		} else {
			b.WriteString(quote(v))
		}
	}
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(text)
}
