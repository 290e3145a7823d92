package conformance

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// golden checks every call's request byte for byte, what its recorded answer
// becomes, and that no field of the answer is dropped: changing any of them
// must change the value, or be refused.
func (s Suite[C]) golden(t *testing.T) {
	s.each(t, func(t *testing.T, c Call[C], _ bool) {
		t.Parallel()
		text := s.answer(t, c)
		var sent string
		got, err := c.Do(t.Context(), s.client(t, answering(c.status(), &text, &sent)))
		require.NoError(t, err)
		assert.Equal(t, s.file(t, c, ".request.txt"), sent)
		assert.Equal(t, c.Want, got)
		assertStorable(t, got)
		if c.NoBody {
			return
		}

		used := map[string]bool{} // of each path in a table: whether any leaf is
		for _, l := range s.Format.orJSON().leaves(t, text) {
			if s.ignored(l) {
				continue
			}
			changed := l.replace(l.other)
			value, err := c.Do(t.Context(), s.client(t, answering(c.status(), &changed, &sent)))
			dropped := err == nil && assert.ObjectsAreEqual(c.Want, value)
			if slices.ContainsFunc(s.Tables, func(table string) bool { return strings.HasPrefix(l.path, table) }) {
				used[l.path] = used[l.path] || !dropped
				continue
			}
			assert.False(t, dropped, "%s of the answer is dropped", l.path)
		}
		for path, ok := range used {
			assert.True(t, ok, "%s of the answer is dropped", path)
		}
	})
}

// ignored reports whether no value depends on a leaf.
func (s Suite[C]) ignored(l leaf) bool {
	return slices.ContainsFunc(s.Ignored, func(path string) bool {
		return l.path == path || strings.HasSuffix(path, ".") && strings.HasPrefix(l.path, path)
	})
}

// assertStorable checks that a value is the same after it was stored as JSON:
// a backend reads in another process what it has found and booked.
func assertStorable(t *testing.T, value any) {
	t.Helper()
	if value == nil || os.Getenv(switched) != "" { // decimal's own reading obeys its switches
		return
	}
	stored, err := json.Marshal(value)
	require.NoError(t, err)
	read := reflect.New(reflect.TypeOf(value))
	require.NoError(t, json.Unmarshal(stored, read.Interface()), "%s", stored)
	again, err := json.Marshal(read.Elem().Interface())
	require.NoError(t, err)
	assert.Equal(t, string(stored), string(again))
}

// answering answers every request with *body and keeps the request in *sent.
func answering(status int, body, sent *string) http.RoundTripper {
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		text, err := render(r)
		if err != nil {
			return nil, err
		}
		*sent = text
		return httpmock.NewStringResponse(status, *body), nil
	})
	return m
}

// decimalSwitches runs the golden tests with all of decimal's process-wide
// switches turned, in a process of its own: turning them beside parallel tests
// would be a race.
func (s Suite[C]) decimalSwitches(t *testing.T) {
	t.Parallel()
	if os.Getenv(switched) != "" {
		t.Skip("this is that process")
	}
	test, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$/^golden$", "-test.v")
	cmd.Env = append(os.Environ(), switched+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "--- PASS: "+test+"/golden/"+s.Calls[0].Op)
}
