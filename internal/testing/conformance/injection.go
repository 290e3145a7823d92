package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// hostile are texts that break out of where they are written, if anybody lets
// them.
var hostile = []string{
	"\r\nX-Injected: 1", "\n", "\x00", `"'`, `\`, "]]>", "</a><b>", "<!--", "&amp;", "&user=evil&", "%0d%0a", "+",
	"a,b", "../a?b#c", `{"a":1}`, `","a":"`, "\xff", "\u2028", "\ufffe",
}

// harmless are texts for fields that the golden requests leave empty, of which
// one will do.
var harmless = []string{"Ab1", "1", `{"a":"b"}`}

var index = regexp.MustCompile(`\[\d+\]`)

// injection sets each text of each request to what is hostile: it is refused
// before anything is sent, with an error that names it, or arrives as it is, in
// a request that is otherwise the same.
func (s Suite[C]) injection(t *testing.T) {
	t.Parallel()
	var (
		mu   sync.Mutex
		sent = map[string]bool{} // by the field: whether it is not left out
		all  = map[string]bool{} // the fields of the methods' arguments
	)
	for _, typ := range arguments(reflect.TypeFor[C]()) {
		fieldsOf(typ, nameOf(typ), all)
	}
	t.Run("calls", func(t *testing.T) {
		for _, c := range slices.Concat(s.Calls, s.Further) {
			t.Run(c.name(), func(t *testing.T) {
				t.Parallel()
				for field, ok := range s.inject(t, c) {
					mu.Lock()
					sent[field] = sent[field] || ok
					mu.Unlock()
				}
			})
		}
	})
	for field := range all {
		_, ok := sent[field]
		assert.True(t, ok, "no request has %s", field)
	}
	for field, ok := range sent {
		assert.Equal(t, !ok, slices.Contains(s.Unsent, field), "%s is sent: %v", field, ok)
	}
	for _, field := range s.Unsent {
		assert.Contains(t, sent, field)
	}
}

// inject tries the texts of one call, and returns which fields are not left out
// of what is sent.
func (s Suite[C]) inject(t *testing.T, c Call[C]) map[string]bool {
	t.Helper()
	var requests []wired
	rt := s.recording(t, c, &requests)
	args := reflect.New(reflect.TypeOf(c.args)).Elem()
	args.Set(clone(reflect.ValueOf(c.args)))
	call := func() ([]wired, error) {
		requests = nil
		_, err := c.send(t.Context(), s.client(t, rt), args.Interface()) // a client each: some number their calls
		return requests, err
	}
	sent, tried := map[string]bool{}, map[string]bool{}
	walk(args, "", nameOf(args.Type()), func(l text) {
		anywhere := l.field + index.ReplaceAllString(l.path, "[]")
		if tried[anywhere] {
			return // what comes later in a list is written in the same way
		}
		tried[anywhere] = true
		golden := l.get()
		defer l.set(golden)
		var (
			base   []wired
			others []string // fields that must agree with this one, whatever it is
		)
		for _, value := range append([]string{golden}, harmless...) {
			if value == "" {
				continue
			}
			l.set(value)
			got, err := call()
			if len(base) == 0 {
				base = got
			}
			bad, refused := errors.AsType[*rutravel.FieldError](err)
			switch {
			case refused:
				others = append(others, bad.Field)
			case value != golden:
				others = nil
			}
			if len(got) > 0 && value != golden {
				break
			}
		}
		var went, changed bool
		for _, value := range hostile {
			if l.raw && json.Valid([]byte(value)) {
				continue // what it is for
			}
			l.set(value)
			got, err := call()
			if len(got) == 0 {
				assertNamed(t, err, l.path, others, "%s%s = %q", c.name(), l.path, value)
				continue
			}
			if !assert.NotEmpty(t, base, "%s%s = %q is sent, and nothing else", c.name(), l.path, value) {
				return
			}
			went = true
			for i := range min(len(base), len(got)) {
				changed = assertSame(t, base[i], got[i], value, c.name()+l.path) || changed
			}
		}
		sent[l.field] = sent[l.field] || changed || !went
	})
	return sent
}

// injectionByConfig does so with the texts of the Config.
func (s Suite[C]) injectionByConfig(t *testing.T) {
	t.Parallel()
	config := reflect.New(reflect.TypeOf(s.Config)).Elem()
	config.Set(reflect.ValueOf(s.Config))
	call := func() (requests []wired, err error) {
		rt := s.recording(t, s.Calls[0], &requests)
		if s.Gate != nil { // logins have credentials
			rt = recorder{t, &requests, gated{gate: s.Gate(t), behind: answeringAll(s.Calls[0].status(), s.answer(t, s.Calls[0]))}}
		}
		client, err := s.Client(config.Interface(), rutravel.WithHTTPClient(&http.Client{Transport: rt}))
		if err != nil {
			return nil, err
		}
		_, _ = s.Calls[0].Do(t.Context(), client) // of other answers, nothing is said here
		return requests, nil
	}
	base, err := call()
	require.NoError(t, err)
	walk(config, "", "Config", func(l text) {
		golden := l.get()
		defer l.set(golden)
		var changed bool
		for _, value := range hostile {
			l.set(value)
			got, err := call()
			if err != nil {
				assertNamed(t, err, l.path, nil, "%s = %q", l.path, value)
				changed = true
				continue
			}
			require.Len(t, got, len(base))
			for i := range base {
				changed = assertSame(t, base[i], got[i], value, l.path) || changed
			}
		}
		assert.True(t, changed, "%s changes nothing", l.path)
	})
}

// assertNamed checks that a call was refused before anything was sent, and that
// the error names the field, or what holds it, or one of others.
func assertNamed(t *testing.T, err error, path string, others []string, format string, args ...any) {
	t.Helper()
	e, ok := errors.AsType[*rutravel.Error](err)
	if !assert.True(t, ok, append([]any{format + ": %v"}, append(args, err)...)...) {
		return
	}
	assert.Equal(t, rutravel.ErrInvalid, e.Kind, append([]any{format}, args...)...)
	assert.Zero(t, e.Attempts, append([]any{format}, args...)...)
	bad, ok := errors.AsType[*rutravel.FieldError](err)
	if assert.True(t, ok, append([]any{format + ": %v"}, append(args, err)...)...) {
		// An argument that is no struct has a name of its own: "booking".
		named := slices.Contains(others, bad.Field)
		for ; !named; path = path[:strings.LastIndexByte(path, '.')] {
			named = regexp.MustCompile(`^([a-z]\w*\b\.?)?` + regexp.QuoteMeta(strings.TrimPrefix(path, ".")) + "$").MatchString(bad.Field)
			if strings.Count(path, ".") < 2 {
				break
			}
		}
		assert.True(t, named, append([]any{format + ": %v"}, append(args, err)...)...)
	}
}

// assertSame checks that two requests differ in nothing but values that are, or
// hold, the one that was set. It reports whether they differ.
func assertSame(t *testing.T, base, got wired, value, what string) (changed bool) {
	t.Helper()
	written := fmt.Sprintf("%q:", value) // as the name of a member
	if !slices.EqualFunc(base.shape, got.shape, func(was, is string) bool {
		changed = changed || is == written
		return was == is || is == written
	}) {
		assert.Fail(t, "another request", "%s = %q: %s and not %s", what, value, got.shape, base.shape)
		return true
	}
	for i, v := range got.values {
		if v == base.values[i] {
			continue
		}
		changed = true
		assert.Contains(t, v, value, "%s: %s", what, got.shape[i])
	}
	return changed
}

// recording answers every request as a call's golden one, and keeps them.
func (s Suite[C]) recording(t *testing.T, c Call[C], requests *[]wired) http.RoundTripper {
	t.Helper()
	return recorder{t, requests, answeringAll(c.status(), s.answer(t, c))}
}

func answeringAll(status int, body string) http.RoundTripper {
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(status, body))
	return m
}

// recorder keeps what is sent.
type recorder struct {
	t        *testing.T
	requests *[]wired
	behind   http.RoundTripper
}

func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	w, err := onWire(req)
	assert.NoError(r.t, err)
	*r.requests = append(*r.requests, w)
	return r.behind.RoundTrip(req)
}

// text is a text in a request.
type text struct {
	raw   bool   // it is JSON already
	path  string // where it is: ".Passengers[0].Surname"
	field string // what it is: "Passenger.Surname"
	get   func() string
	set   func(string)
}

var rawJSON = reflect.TypeFor[[]byte]()

// walk visits the texts of a value.
func walk(v reflect.Value, path, field string, visit func(text)) {
	switch {
	case v.Kind() == reflect.String:
		visit(text{false, path, field, v.String, v.SetString})
	case v.Type().ConvertibleTo(rawJSON) && v.Kind() == reflect.Slice:
		visit(text{true, path, field, func() string { return string(v.Bytes()) }, func(s string) { v.SetBytes([]byte(s)) }})
	case v.Kind() == reflect.Pointer && !v.IsNil():
		walk(v.Elem(), path, field, visit)
	case v.Kind() == reflect.Slice && v.Len() > 0:
		for i := range v.Len() {
			walk(v.Index(i), path+"["+string(rune('0'+i))+"]", field, visit)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch {
			case !f.IsExported():
			case isPair(v.Type()):
				walk(v.Field(i), path, nameOf(f.Type), visit)
			case f.Anonymous:
				walk(v.Field(i), path, nameOf(f.Type), visit)
			default:
				walk(v.Field(i), path+"."+f.Name, v.Type().Name()+"."+f.Name, visit)
			}
		}
	}
}

// nameOf names a type of arguments: a list as what it has.
func nameOf(t reflect.Type) string {
	if t.Kind() == reflect.Slice {
		return t.Elem().Name()
	}
	return t.Name()
}

func isPair(t reflect.Type) bool { return strings.HasPrefix(t.Name(), "pair[") }

// fieldsOf collects the fields of a type that hold texts, as walk names them.
func fieldsOf(t reflect.Type, field string, all map[string]bool) {
	switch {
	case t.Kind() == reflect.String, t.ConvertibleTo(rawJSON) && t.Kind() == reflect.Slice:
		all[field] = true
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice:
		fieldsOf(t.Elem(), field, all)
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() {
				fieldsOf(f.Type, t.Name()+"."+f.Name, all)
			}
		}
	}
}

// arguments are the types that the methods of a client take, and those of its
// fields, behind their contexts.
func arguments(client reflect.Type) (all []reflect.Type) {
	holders := []reflect.Type{client}
	for f := range client.Elem().Fields() {
		if f.IsExported() {
			holders = append(holders, f.Type)
		}
	}
	for _, h := range holders {
		for m := range h.Methods() {
			for i := 2; i < m.Type.NumIn()-1; i++ {
				all = append(all, m.Type.In(i))
			}
		}
	}
	return all
}

// clone copies a value so deeply that its texts can be set.
func clone(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		c.Set(reflect.New(v.Type().Elem()))
		c.Elem().Set(clone(v.Elem()))
	case v.Kind() == reflect.Slice && !v.IsNil():
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(clone(v.Index(i)))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				c.Field(i).Set(clone(v.Field(i)))
			}
		}
	}
	return c
}
