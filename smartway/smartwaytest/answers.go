package smartwaytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// dictionary is an object whose names are data. A quirk decides how an empty one is
// written.
type dictionary []member

func (s *Server) refuse(id json.RawMessage, status, code int, message string) fake.Answer {
	a := s.answer(object{
		{"jsonrpc", "2.0"}, {"id", id},
		{"error", object{{"code", code}, {"data", nil}, {"message", message}, {"name", "Error"}}},
	})
	a.Status = status
	return a
}

func (s *Server) succeed(id json.RawMessage, result any) fake.Answer {
	if s.quirks.OtherID {
		id = json.RawMessage("777")
	}
	if s.quirks.TextID && id[0] != '"' {
		id = json.RawMessage(strconv.Quote(string(id)))
	}
	envelope := object{{"id", id}, {"jsonrpc", "2.0"}}
	if s.quirks.ErrorNull {
		envelope = append(envelope, member{"error", nil})
	}
	return s.answer(append(envelope, member{"result", result}))
}

func (s *Server) answer(o object) fake.Answer {
	var b bytes.Buffer
	s.write(&b, o)
	return fake.Answer{Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: b.Bytes()}
}

func (s *Server) write(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case object:
		b.WriteByte('{')
		for i, m := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			s.write(b, m.name)
			b.WriteByte(':')
			s.write(b, m.value)
		}
		b.WriteByte('}')
	case dictionary:
		if len(v) == 0 && s.quirks.Empty != "" {
			b.WriteString(s.quirks.Empty)
			return
		}
		s.write(b, object(v))
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
		if v == nil {
			v = json.RawMessage("null")
		}
		b.Write(v)
	case decimal.Decimal: // MarshalJSON depends on a process-wide switch
		b.WriteString(v.String())
	case time.Time:
		s.write(b, v.Format("2006-01-02T15:04:05.999"))
	default:
		text, err := json.Marshal(v)
		if err != nil {
			panic(err) // strings, numbers, booleans and lists of them
		}
		b.Write(text)
	}
}

// decodeStrictly reads a query. All its members must be members of v, in the same case.
func decodeStrictly(query []byte, v any) error {
	if err := checkNames(query, reflect.TypeOf(v)); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(query))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

// checkNames compares the names of members with the tags of a type. encoding/json ignores
// their case.
func checkNames(text []byte, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return nil
	case t.Kind() == reflect.Slice:
		var list []json.RawMessage
		_ = json.Unmarshal(text, &list) // another type is refused later, when it is read
		for _, element := range list {
			if err := checkNames(element, t.Elem()); err != nil {
				return err
			}
		}
	case t.Kind() == reflect.Struct:
		known := map[string]reflect.Type{}
		for _, f := range reflect.VisibleFields(t) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
				known[name] = f.Type
			}
		}
		var members map[string]json.RawMessage
		_ = json.Unmarshal(text, &members)
		for name, value := range members {
			of, ok := known[name]
			if !ok {
				return errors.New("unknown member " + strconv.Quote(name))
			}
			if err := checkNames(value, of); err != nil {
				return err
			}
		}
	}
	return nil
}

// parse reads a query like decodeStrictly. It returns a problem instead of an error.
func parse(query []byte, v any) *problem {
	if string(query) == "null" || decodeStrictly(query, v) != nil {
		return invalid("Invalid params")
	}
	return nil
}

// moscow is the zone of the supplier's clock.
var moscow = time.FixedZone("MSK", 3*60*60)

// date reads a day. "" means that it is not set.
func date(text string) (day time.Time, p *problem) {
	if text == "" {
		return day, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, moscow)
	if err != nil {
		return day, invalid("Invalid date")
	}
	return day, nil
}
