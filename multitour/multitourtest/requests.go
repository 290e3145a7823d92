package multitourtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/rutravel/rutravel-go/multitour"
)

// param is a parameter of a method in the manual's table.
type param struct {
	name     string
	required bool
	read     reader
}

// reader reads the value of a parameter. If the value is invalid, ok is false.
type reader func(json.RawMessage) (value any, ok bool)

func need(name string, read reader) param { return param{name, true, read} }

func may(name string, read reader) param { return param{name, false, read} }

// query has the values of a request section. It has no members that were not sent.
type query map[string]any

// get returns a parameter. It returns zero if the parameter was not sent.
func get[T any](q query, name string) T {
	v, _ := q[name].(T)
	return v
}

// check reads and validates the request section by the manual's table.
func (m method) check(section json.RawMessage) (q query, problems []string) {
	values, ok := members(section)
	if !ok {
		return nil, []string{`Некорректная секция "request"`}
	}
	return read(m.params, values)
}

// read reads an object by a table. It returns a text for each problem.
func read(params []param, values map[string]json.RawMessage) (q query, problems []string) {
	q = query{}
	for _, p := range params {
		raw, sent := values[p.name]
		if !sent {
			if p.required {
				problems = append(problems, `Не передан параметр "`+p.name+`"`)
			}
			continue
		}
		v, ok := p.read(raw)
		switch {
		case ok:
			q[p.name] = v
		case p.name == "country_id":
			problems = append(problems, `Некорректный идентификатор страны "country_id" `) // as in the manual
		default:
			problems = append(problems, `Некорректное значение "`+p.name+`"`)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(params, func(p param) bool { return p.name == name }) {
			problems = append(problems, `Неизвестный параметр "`+name+`"`)
		}
	}
	return q, problems
}

// members reads a JSON object. If it is not an object or has a name twice, ok is false.
func members(raw []byte) (values map[string]json.RawMessage, ok bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	values = map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		name, isName := t.(string)
		var value json.RawMessage
		if err != nil || !isName || d.Decode(&value) != nil || values[name] != nil {
			return nil, false
		}
		values[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return values, errors.Is(err, io.EOF)
}

// elements reads a JSON array.
func elements(raw json.RawMessage) (list []json.RawMessage, ok bool) {
	return list, raw[0] == '[' && json.Unmarshal(raw, &list) == nil
}

// str reads a JSON string.
func str(raw json.RawMessage) (s string, ok bool) {
	return s, len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &s) == nil
}

// integer reads a whole JSON number that is not below least.
func integer(least int) reader {
	return func(raw json.RawMessage) (any, bool) {
		n, err := strconv.Atoi(string(raw))
		return n, err == nil && n >= least && raw[0] != '+'
	}
}

var wholeNumber = regexp.MustCompile(`^[1-9][0-9]*$`)

// digits reads a whole JSON number of any length as its digits.
func digits(raw json.RawMessage) (any, bool) {
	return string(raw), wholeNumber.Match(raw)
}

// id reads the id of an element of a list.
func id[T identified](list []T) reader {
	return func(raw json.RawMessage) (any, bool) {
		n, ok := integer(0)(raw)
		return n, ok && slices.ContainsFunc(list, func(v T) bool { return v.key() == n })
	}
}

// each reads an array with a reader of its elements.
func each[T any](one reader) reader {
	return func(raw json.RawMessage) (any, bool) {
		list, ok := elements(raw)
		var values []T
		for _, e := range list {
			v, fits := one(e)
			value, is := v.(T)
			ok = ok && fits && is
			values = append(values, value)
		}
		return values, ok
	}
}

func ids[T identified](list []T) reader { return each[int](id(list)) }

// variants reads an array of one to three values.
func variants[T any](one reader) reader {
	return func(raw json.RawMessage) (any, bool) {
		v, ok := each[T](one)(raw)
		list, _ := v.([]T)
		return list, ok && len(list) > 0 && len(list) <= multitour.MaxVariants
	}
}

// words reads a string that may be empty.
func words(raw json.RawMessage) (any, bool) { return str(raw) }

// name reads a string that is not empty.
func name(raw json.RawMessage) (any, bool) {
	s, ok := str(raw)
	return s, ok && s != ""
}

// oneOf reads one of the values. null is read as "" if that is one of them.
func oneOf(values ...string) reader {
	return func(raw json.RawMessage) (any, bool) {
		if string(raw) == "null" {
			return "", slices.Contains(values, "")
		}
		s, ok := str(raw)
		return s, ok && s != "" && slices.Contains(values, s)
	}
}

// flag reads 0 or 1.
func flag(raw json.RawMessage) (any, bool) {
	n, ok := integer(0)(raw)
	return n == 1, ok && (n == 0 || n == 1)
}

// day reads a date as midnight in Moscow.
func day(raw json.RawMessage) (any, bool) {
	s, ok := str(raw)
	t, err := time.ParseInLocation(dateLayout, s, moscow)
	return t, ok && err == nil
}

// dayOrUnix reads a date or a UNIX time. A request for prices may have both.
func dayOrUnix(raw json.RawMessage) (any, bool) {
	seconds, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return day(raw)
	}
	return midnight(time.Unix(seconds, 0).In(moscow)), true
}

// age reads a child's age.
func age(raw json.RawMessage) (any, bool) {
	const grownUp = 18
	n, ok := integer(0)(raw)
	years, _ := n.(int)
	return years, ok && years < grownUp
}

// objects reads an array of objects. Their members are read later.
func objects(raw json.RawMessage) (any, bool) {
	return each[map[string]json.RawMessage](func(e json.RawMessage) (any, bool) { return members(e) })(raw)
}

// people reads the tourists of a booking.
func people(q query) (all []query, problem string) {
	for i, values := range get[[]map[string]json.RawMessage](q, "persons") {
		t, problems := read(personParams, values)
		if len(problems) > 0 {
			return nil, problems[0] + ", турист " + text(i+1)
		}
		all = append(all, t)
	}
	return all, ""
}

var personParams = []param{
	need("sex", sex), need("surname", name), need("firstname", name), may("middlename", words),
	need("birthday", day), may("passports", words), may("passportn", words), may("passportdate", day),
	may("citizen", words), may("tel", words),
}

func sex(raw json.RawMessage) (any, bool) {
	n, ok := integer(int(multitour.Male))(raw)
	code, _ := n.(int)
	return code, ok && code <= int(multitour.FemaleInfant)
}
