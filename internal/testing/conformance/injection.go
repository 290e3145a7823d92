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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// injections are texts that change the structure of a request if they are not
// escaped.
var injections = []string{
	"\r\nX-Injected: 1", "\n", "\x00", `"'`, `\`, "]]>", "</a><b>", "<!--", "&amp;", "&user=evil&", "%0d%0a", "+",
	"a,b", "../a?b#c", `{"a":1}`, `","a":"`, "\xff", "a\u2028b", "\ufffe",
}

// harmless are texts for fields that the golden requests leave empty. Each such
// field accepts at least one of them.
var harmless = []string{"Ab1", "1", `{"a":"b"}`}

var index = regexp.MustCompile(`\[\d+\]`)

// injection sets each text of each request to each of injections. The call must
// either fail before anything is sent, with an error that names the field, or
// send the text unchanged in a request that is otherwise the same.
func (s Suite[C]) injection(t *testing.T) {
	t.Parallel()
	var (
		mu   sync.Mutex
		sent = map[string]bool{} // by field: whether any request contains it
		all  = map[string]bool{} // the fields of the methods' arguments
	)
	for _, typ := range arguments(reflect.TypeFor[C]()) {
		fieldsOf(typ, nameOf(typ), all)
	}
	t.Run("calls", func(t *testing.T) {
		for _, c := range slices.Concat(s.Calls, s.InjectionCalls) {
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
		assert.Equal(t, !ok, slices.Contains(s.ComparedFields, field), "%s is sent: %v", field, ok)
	}
	for _, field := range s.ComparedFields {
		assert.Contains(t, sent, field)
	}
}

// inject tries the texts of one call. It returns the fields that it tried, and
// whether a request contains them.
func (s Suite[C]) inject(t *testing.T, c Call[C]) map[string]bool {
	t.Helper()
	var requests []receivedRequest
	rt := s.recording(t, c, &requests)
	args := reflect.New(reflect.TypeOf(c.args)).Elem()
	args.Set(clone(reflect.ValueOf(c.args)))
	call := func() ([]receivedRequest, error) {
		requests = nil
		_, err := c.send(t.Context(), s.client(t, rt), args.Interface()) // a new client, because some clients number their requests
		return requests, err
	}
	sent, tried := map[string]bool{}, map[string]bool{}
	walk(args, "", nameOf(args.Type()), func(l text) {
		anywhere := l.field + index.ReplaceAllString(l.path, "[]")
		if tried[anywhere] {
			return // all elements of a list are written in the same way
		}
		tried[anywhere] = true
		golden := l.get()
		defer l.set(golden)
		var (
			base   []receivedRequest
			others []string // fields that must agree with this one, which the error may name instead
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
		for _, value := range injections {
			if l.raw && json.Valid([]byte(value)) {
				continue // valid JSON is sent as it is
			}
			l.set(value)
			got, err := call()
			if len(got) == 0 {
				assertFieldNamed(t, err, l.path, others, "%s%s = %q", c.name(), l.path, value)
				continue
			}
			if !assert.NotEmpty(t, base, "%s%s = %q is sent, and no harmless text is", c.name(), l.path, value) {
				return
			}
			went = true
			for i := range min(len(base), len(got)) {
				changed = assertSameRequest(t, base[i], got[i], value, c.name()+l.path) || changed
			}
		}
		sent[l.field] = sent[l.field] || changed || !went
	})
	return sent
}

// injectionByConfig does the same as injection with the texts of Config.
func (s Suite[C]) injectionByConfig(t *testing.T) {
	t.Parallel()
	config := reflect.New(reflect.TypeOf(s.Config)).Elem()
	config.Set(reflect.ValueOf(s.Config))
	call := func() (requests []receivedRequest, err error) {
		rt := s.recording(t, s.Calls[0], &requests)
		if s.NewSessions != nil { // the login request contains the credentials
			rt = recorder{t, &requests, sessionTransport{sessions: s.NewSessions(t), next: answerAll(s.Calls[0].status(), s.answer(t, s.Calls[0]))}}
		}
		client, err := s.NewFromConfig(config.Interface(), rutravel.WithHTTPClient(&http.Client{Transport: rt}))
		if err != nil {
			return nil, err
		}
		_, _ = s.Calls[0].Do(t.Context(), client) // only the requests matter here
		return requests, nil
	}
	base, err := call()
	require.NoError(t, err)
	walk(config, "", "Config", func(l text) {
		golden := l.get()
		defer l.set(golden)
		var changed bool
		for _, value := range injections {
			l.set(value)
			got, err := call()
			if err != nil {
				assertFieldNamed(t, err, l.path, nil, "%s = %q", l.path, value)
				changed = true
				continue
			}
			require.Len(t, got, len(base))
			for i := range base {
				changed = assertSameRequest(t, base[i], got[i], value, l.path) || changed
			}
		}
		assert.True(t, changed, "%s changes nothing", l.path)
	})
}

// assertFieldNamed checks that a call failed before anything was sent, and that
// the error names the field at path, a struct that contains it, or one of others.
func assertFieldNamed(t *testing.T, err error, path string, others []string, format string, args ...any) {
	t.Helper()
	e, ok := errors.AsType[*rutravel.Error](err)
	if !assert.True(t, ok, append([]any{format + ": %v"}, append(args, err)...)...) {
		return
	}
	assert.Equal(t, rutravel.ErrInvalid, e.Kind, append([]any{format}, args...)...)
	assert.Zero(t, e.Attempts, append([]any{format}, args...)...)
	bad, ok := errors.AsType[*rutravel.FieldError](err)
	if assert.True(t, ok, append([]any{format + ": %v"}, append(args, err)...)...) {
		// An argument that is not a struct has its own name: "booking".
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

// assertSameRequest checks that two requests differ only in values that contain
// value. It reports whether they differ.
func assertSameRequest(t *testing.T, base, got receivedRequest, value, what string) (changed bool) {
	t.Helper()
	written := fmt.Sprintf("%q:", value) // a value may be the name of a JSON member
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

// recording answers every request with a call's golden answer, and appends the
// requests to *requests.
func (s Suite[C]) recording(t *testing.T, c Call[C], requests *[]receivedRequest) http.RoundTripper {
	t.Helper()
	return recorder{t, requests, answerAll(c.status(), s.answer(t, c))}
}

// recorder appends each request to *requests and passes it on to next.
type recorder struct {
	t        *testing.T
	requests *[]receivedRequest
	next     http.RoundTripper
}

func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	w, err := receive(req)
	assert.NoError(r.t, err)
	*r.requests = append(*r.requests, w)
	return r.next.RoundTrip(req)
}
