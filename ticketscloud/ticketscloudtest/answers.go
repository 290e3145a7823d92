package ticketscloudtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

// object is a JSON object. Its members are written in alphabetical order, as in the
// manual's samples.
type object = map[string]any

const (
	layout        = "2006-01-02 15:04:05"              // in v2, in answers
	layoutV1      = "2006-01-02T15:04:05.000000+00:00" // in v1
	layoutRequest = "2006-01-02T15:04:05"              // in requests
)

func answer(status int, value any) fake.Answer {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(err) // cannot happen: value has only maps, lists and texts
	}
	return fake.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: b.Bytes()}
}

// refuse answers like most refusals: with 400 and a list of texts.
func refuse(problems ...string) fake.Answer {
	return answer(http.StatusBadRequest, object{"errors": problems})
}

// refuseWith answers like the check of promocodes.
func refuseWith(status int, name, reason string) fake.Answer {
	return answer(status, object{"error": name, "reason": reason})
}

// noBody answers without JSON.
func noBody(status int) fake.Answer {
	return fake.Answer{Status: status, Header: http.Header{"Content-Type": {"text/html; charset=UTF-8"}}}
}

// data answers with an object or list, its refs and more members.
func (s *Server) data(value any, refs object, more ...object) fake.Answer {
	all := object{"data": value, "refs": refs}
	switch s.quirks.EmptyRefs {
	case "":
	case "absent":
		delete(all, "refs")
	default:
		all["refs"] = json.RawMessage(s.quirks.EmptyRefs)
	}
	for _, o := range more {
		for name, value := range o {
			all[name] = value
		}
	}
	return answer(http.StatusOK, all)
}

// read reads a body and refuses unknown members.
func read(body []byte, p any) (problem string) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return err.Error()
	}
	return ""
}

// changeForm returns the part of the operation after "+" for a change of an order.
func changeForm(body []byte) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return ""
	}
	_, promocodes := members["promocodes"]
	switch status := string(members["status"]); {
	case status == `"cancelled"`:
		return "+cancel"
	case status != "":
		return "+done"
	case promocodes:
		return "+promocodes"
	default:
		return ""
	}
}

// orderOf returns the order that a body names.
func orderOf(body []byte) string {
	var b struct{ Order string }
	_ = json.Unmarshal(body, &b) // the operation reports the error
	return b.Order
}

// period reads a range of times.
func period(params url.Values, name string) (in func(time.Time) bool, problem string) {
	text := params.Get(name)
	if text == "" {
		return func(time.Time) bool { return true }, ""
	}
	from, to, _ := strings.Cut(text, ",")
	begin, err := time.Parse(layoutRequest, from)
	if err != nil {
		return nil, name + ": bad range"
	}
	end, err := time.Parse(layoutRequest, to)
	if err != nil {
		return nil, name + ": bad range"
	}
	return func(t time.Time) bool { return !t.Before(begin) && !t.After(end) }, ""
}

// oneOf reads a list and returns a function that reports whether it has a value.
func oneOf(params url.Values, name string) func(string) bool {
	text := params.Get(name)
	if text == "" {
		return func(string) bool { return true }
	}
	list := strings.Split(text, ",")
	return func(value string) bool { return slices.Contains(list, value) }
}

// page returns one page of a list.
func page[T any](s *Server, params url.Values, all []T) (part []T, pagination object, problem string) {
	const usual, largest = 50, 200
	number, size := 1, usual
	for name, p := range map[string]*int{"page": &number, "page_size": &size} {
		if text := params.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return nil, nil, name + " must be a positive number"
			}
			*p = n
		}
	}
	if size > largest {
		return nil, nil, "page_size must be at most 200"
	}
	total := (len(all) + size - 1) / size
	if s.quirks.Rows {
		total = len(all)
	}
	begin := min((number-1)*size, len(all))
	if last := (len(all) - 1) / size * size; s.quirks.RepeatPages && begin > last {
		begin = max(last, 0)
	}
	part = all[begin:min(begin+size, len(all))]
	return part, object{"page": number, "page_size": size, "total": total}, ""
}

func (s *Server) partner(id string) object {
	name := "Билеты и точка"
	if id == organiser {
		name = "Летняя сцена"
	}
	return object{"id": id, "name": name}
}

// eventRef is an event in the refs of v2.
func (e *event) eventRef() object {
	return object{
		"id": e.id, "org": organiser, "status": "public", "timezone": e.venue.timezone, "age_rating": e.age, "venue": e.venue.id,
		"title":    object{"text": e.title, "desc": e.desc},
		"lifetime": object{"start": e.start.Format(layout), "finish": e.finish.Format(layout)},
	}
}

// venueRef is a venue in the refs of v2.
func (v venue) venueRef() object {
	return object{
		"id": v.id, "name": v.name, "desc": "", "address": v.address,
		"city": object{
			"_id": v.city, "timezone": v.timezone,
			"name": object{"default": v.cityEn, "en": v.cityEn, "ru": v.cityRu},
		},
		"country": object{"_id": "RU", "name": object{"default": "Russia", "en": "Russia", "ru": "Россия"}},
	}
}

func (p promocode) ref() object {
	return object{"id": p.id, "code": p.code, "discount": p.discount(), "lifetime": nil, "viral": false}
}

func percent(n int64) string { return strconv.FormatInt(n, 10) + "%" }

func (p promocode) discount() object {
	if p.percent > 0 {
		return object{"percentage": percent(p.percent)}
	}
	return object{"fix": money(p.fix)}
}

func (s *set) ref() object {
	return object{"id": s.id, "name": s.name, "price": money(s.price), "with_seats": s.seats}
}
