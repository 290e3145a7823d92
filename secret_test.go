package rutravel_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

const hush = "hunter2"

// assertHushed looks for the secret in every way in which fmt might write it.
func assertHushed(t *testing.T, text string, hint ...any) {
	t.Helper()
	for _, form := range []string{
		hush, strconv.Quote(hush), fmt.Sprintf("%x", hush), fmt.Sprintf("%X", hush), fmt.Sprintf("% x", hush),
		fmt.Sprintf("%d", []byte(hush)), fmt.Sprintf("%o", []byte(hush)), fmt.Sprintf("%b", []byte(hush)),
	} {
		assert.NotContains(t, text, form, hint...)
	}
}

type account struct {
	User string
	Key  rutravel.Secret
}

// holders are ways to hold a secret.
func holders() map[string]any {
	const key = rutravel.Secret(hush)
	a := account{"agent", key}
	return map[string]any{
		"itself":          key,
		"pointer":         new(key),
		"struct":          a,
		"pointer to one":  &a,
		"nested":          struct{ Account account }{a},
		"nested pointer":  struct{ Key *rutravel.Secret }{new(key)},
		"embedded":        struct{ account }{a},
		"slice":           []rutravel.Secret{key},
		"slice of any":    []any{key, a},
		"array":           [1]rutravel.Secret{key},
		"map":             map[string]rutravel.Secret{"key": key},
		"map of any":      map[string]any{"key": key},
		"interface":       struct{ V any }{key},
		"inside an error": &rutravel.Error{Err: fmt.Errorf("key %v", key)},
	}
}

func TestSecretFormat(t *testing.T) {
	t.Parallel()
	for name, v := range holders() {
		if name == "embedded" {
			continue // fmt calls no methods of what is reached through an unexported name
		}
		for verb := 'A'; verb <= 'z'; verb++ {
			switch verb {
			case 'T', 'p', 'w', '[', '\\', ']', '^', '_', '`':
				continue // p and w are not asked of a value's methods; go vet reports them
			}
			for _, flags := range []string{"", "+", "#", "-", " ", "0", "20", ".3", "+#20.10"} {
				format := "%" + flags + string(verb)
				assertHushed(t, fmt.Sprintf(format, v), name, format)
			}
		}
		assertHushed(t, fmt.Sprint(v), name)
		assertHushed(t, fmt.Sprintln(v), name)
		for _, mistake := range []string{"no verb", "%[2]v", "%[x]v", "%*v", "%.*d", "%!", "%"} {
			assertHushed(t, fmt.Sprintf(mistake, v), name, mistake)
		}
		assertHushed(t, fmt.Errorf("%v", v).Error(), name)
	}
	const key = rutravel.Secret(hush)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		assert.Equal(t, "[secret]", fmt.Sprintf(verb, key), verb)
	}
	assert.Equal(t, "rutravel.Secret", fmt.Sprintf("%T", key))
	assert.Equal(t, "[secret]", key.String())
	assert.Equal(t, hush, string(key))
	// An empty one looks the same: whether there is a key is nobody's business.
	assert.Equal(t, "[secret]", fmt.Sprint(rutravel.Secret("")))
}

func TestSecretEncodings(t *testing.T) {
	t.Parallel()
	for name, v := range holders() {
		text, err := json.Marshal(v)
		require.NoError(t, err, name)
		assertHushed(t, string(text), name)
	}
	text, err := json.Marshal(account{"agent", hush})
	require.NoError(t, err)
	assert.JSONEq(t, `{"User":"agent","Key":"[secret]"}`, string(text))

	text, err = xml.Marshal(struct {
		XMLName xml.Name        `xml:"a"`
		Attr    rutravel.Secret `xml:"attr,attr"`
		Key     rutravel.Secret
	}{Attr: hush, Key: hush})
	require.NoError(t, err)
	assertHushed(t, string(text))

	text, err = rutravel.Secret(hush).MarshalText()
	require.NoError(t, err)
	assert.Equal(t, "[secret]", string(text))
}

func TestSecretUnmarshal(t *testing.T) {
	t.Parallel()
	var a account
	require.NoError(t, json.Unmarshal([]byte(`{"User":"agent","Key":"`+hush+`"}`), &a))
	assert.Equal(t, hush, string(a.Key))

	var x struct{ Key rutravel.Secret }
	require.NoError(t, xml.Unmarshal([]byte(`<a><Key>`+hush+`</Key></a>`), &x))
	assert.Equal(t, hush, string(x.Key))
}

func TestSecretLogs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	opts := &slog.HandlerOptions{Level: slog.LevelDebug}
	for format, h := range map[string]slog.Handler{"JSON": slog.NewJSONHandler(&out, opts), "text": slog.NewTextHandler(&out, opts)} {
		for name, v := range holders() {
			if name == "embedded" && format == "text" {
				continue
			}
			out.Reset()
			l := slog.New(h)
			l.Info("held", "value", v)
			l.Info("held", slog.Group("group", slog.Any("value", v)))
			l.With("value", v).WithGroup("group").Debug("held", "again", v)
			require.NotEmpty(t, out.String(), "%v, %v", format, name)
			assertHushed(t, out.String(), format, name)
		}
		out.Reset()
		slog.New(h).Info("held", "key", rutravel.Secret(hush))
		assert.Contains(t, out.String(), "[secret]", format)
	}
	// For handlers that look at values themselves.
	assert.Equal(t, slog.StringValue("[secret]"), slog.AnyValue(rutravel.Secret(hush)).Resolve())
}

// Secrets are compared and switched on like strings.
func TestSecretIsAString(t *testing.T) {
	t.Parallel()
	key := rutravel.Secret(hush)
	assert.True(t, key == hush) //nolint:testifylint // a failure must not print it
	assert.Len(t, string(key), len(hush))
	assert.NotErrorIs(t, errors.New(key.String()), rutravel.ErrAuth)
}
