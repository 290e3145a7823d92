package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
)

// refusedField returns the error of the field that New refused.
func refusedField(t *testing.T, err error) *rutravel.FieldError {
	t.Helper()
	e := failure(t, err)
	assert.Equal(t, rutravel.ErrInvalid, e.Kind)
	assert.Equal(t, "acme", e.Supplier)
	assert.Equal(t, "new", e.Op)
	assert.Zero(t, e.Attempts)
	f, ok := e.Err.(*rutravel.FieldError)
	require.True(t, ok)
	return f
}

func TestAddress(t *testing.T) {
	t.Parallel()
	const (
		fine  = iota
		plain // only with WithPlainHTTP
		never
	)
	for address, want := range map[string]int{
		"https://api.example.test":           fine,
		"https://api.example.test/":          fine,
		"https://api.example.test:8443/a/b/": fine,
		"HTTPS://API.example.test/v1":        fine,
		"https://192.0.2.1/v1":               fine,
		"https://[2001:db8::1]:8443/v1":      fine,
		"https://пример.испытание/v1":        fine,
		"http://localhost/v1":                fine,
		"http://localhost:8080/v1":           fine,
		"http://127.0.0.1:8080":              fine,
		"http://127.1.2.3/v1":                fine,
		"http://127.255.255.255":             fine,
		"http://[::1]/v1":                    fine,
		"http://[::1]:8080/v1":               fine,
		"http://[::ffff:127.0.0.1]:8080":     fine,
		"http://[0:0:0:0:0:0:0:1]":           fine,
		"http://[::1%25lo]":                  fine,
		"HTTP://localhost":                   fine,

		"http://api.example.test/v1":        plain,
		"http://192.0.2.1":                  plain,
		"http://10.0.0.1":                   plain,
		"http://0.0.0.0":                    plain,
		"http://128.0.0.1":                  plain,
		"http://[2001:db8::1]":              plain,
		"http://[::]":                       plain,
		"http://[::127.0.0.1]":              plain, // not a mapped address
		"http://[::ffff:10.0.0.1]":          plain,
		"HTTP://api.example.test":           plain,
		"http://localhost.":                 plain, // a name that any resolver may answer
		"http://localhost..":                plain,
		"http://127.0.0.1.":                 plain,
		"http://0177.0.0.1":                 plain,
		"http://127.000.000.001":            plain,
		"http://0":                          plain,
		"http://localhost.example.test":     plain,
		"http://127.0.0.1.example.test":     plain,
		"http://127.1":                      plain, // not an address for package netip
		"http://2130706433":                 plain,
		"http://localhosts":                 plain,
		"http://example.test/localhost":     plain,
		"http://example.test:80/127.0.0.1/": plain,

		"":                                    never,
		" ":                                   never,
		"api.example.test":                    never,
		"api.example.test/v1":                 never,
		"api.example.test:443/v1":             never,
		"localhost:8080":                      never,
		"//api.example.test/v1":               never,
		"/v1":                                 never,
		"https:":                              never,
		"https://":                            never,
		"https:///v1":                         never,
		"https://:443/v1":                     never,
		"http://:80":                          never,
		"https:api.example.test":              never,
		"ftp://api.example.test":              never,
		"file:///etc/passwd":                  never,
		"unix:///run/a.sock":                  never,
		"httpss://api.example.test":           never,
		"https://user@api.example.test":       never,
		"https://user:pass@api.example.test":  never,
		"https://@api.example.test":           never,
		"http://user:pass@localhost":          never,
		"http://localhost@example.test":       never,
		"HTTP://User:Pass@LOCALHOST":          never,
		"http://127.0.0.1:80@example.test":    never,
		"http://localhost%2eexample.test":     never,
		"http://[::1]@example.test":           never,
		"http://[::1].example.test":           never,
		"https://api.example.test?":           fine, // as a manual writes it
		"https://api.example.test/v1?key=1":   never,
		"https://api.example.test/v1#part":    never,
		"https://api.example.test/%zz":        never,
		"https://api.example.test/\n":         never,
		"https://api example.test/":           never,
		"https://[::1":                        never,
		"https://api.example.test:https/v1":   never,
		" https://api.example.test":           never,
		"https://api.example.test\\@evil.com": never,
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			for _, allowed := range []bool{false, true} {
				var opts []rutravel.Option
				if allowed {
					opts = append(opts, rutravel.WithPlainHTTP())
				}
				c, err := newAt(address, opts...)
				if want == fine || want == plain && allowed {
					require.NoError(t, err, "allowed: %v", allowed)
					require.NotNil(t, c, "allowed: %v", allowed)
					continue
				}
				assert.Nil(t, c, "allowed: %v", allowed)
				f := refusedField(t, err)
				assert.Equal(t, "BaseURL", f.Field, "allowed: %v", allowed)
				if want == plain {
					assert.Contains(t, f.Problem, "WithPlainHTTP", "allowed: %v", allowed)
				}
				// The error must not contain parts of the address, because a
				// wrong value may be a key.
				for _, part := range []string{"example", "pass@", "key=1", "part"} {
					assert.NotContains(t, err.Error(), part, "allowed: %v, %v", allowed, part)
				}
			}
		})
	}
}

func TestNewOptions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		option rutravel.Option
		field  string // "" if New must accept the options
	}{
		{"nil client", rutravel.WithHTTPClient(nil), "WithHTTPClient"},
		{"User-Agent with a line break", rutravel.WithUserAgent("shop\r\nX-Evil: 1"), "WithUserAgent"},
		{"User-Agent with a tab", rutravel.WithUserAgent("shop\t1"), "WithUserAgent"},
		{"User-Agent in Cyrillic", rutravel.WithUserAgent("лавка/1.0"), "WithUserAgent"},
		{"User-Agent not UTF-8", rutravel.WithUserAgent("shop\xff"), "WithUserAgent"},
		{"no attempts", rutravel.WithMaxAttempts(0), "WithMaxAttempts"},
		{"fewer attempts", rutravel.WithMaxAttempts(-3), "WithMaxAttempts"},
		{"negative budget", rutravel.WithRetryBudget(-1), "WithRetryBudget"},
		{"no time", rutravel.WithAttemptTimeout(0), "WithAttemptTimeout"},
		{"less time", rutravel.WithAttemptTimeout(-time.Second), "WithAttemptTimeout"},

		{"one attempt", rutravel.WithMaxAttempts(1), ""},
		{"no retries", rutravel.WithRetryBudget(0), ""},
		{"a nanosecond", rutravel.WithAttemptTimeout(1), ""},
		{"User-Agent", rutravel.WithUserAgent("shop/1.4 (+https://shop.example)"), ""},
		{"no User-Agent", rutravel.WithUserAgent(""), ""},
		{"nil option", nil, ""},
		{"nil logger", rutravel.WithLogger(nil), ""},
		{"an observer of nothing", rutravel.WithObserver(rutravel.Observer{}), ""},
		{"nil limiter", rutravel.WithLimiter(nil), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := newAt(testBase, nil, test.option, nil)
			if test.field == "" {
				require.NoError(t, err)
				assert.NotNil(t, c)
				return
			}
			assert.Nil(t, c)
			assert.Equal(t, test.field, refusedField(t, err).Field)
			assert.NotContains(t, err.Error(), "\r")
		})
	}
	t.Run("the first error counts, even if a valid value follows", func(t *testing.T) {
		t.Parallel()
		_, err := newAt("not an address", rutravel.WithMaxAttempts(0), rutravel.WithRetryBudget(-1), rutravel.WithMaxAttempts(2))
		assert.Equal(t, "WithMaxAttempts", refusedField(t, err).Field)
	})
}

func TestNewChecksConfig(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Supplier: "acme", BaseURL: testBase, Check: func(v *valid.Check) { v.ID("Key", "") }}, nil)
	assert.Equal(t, "Key", refusedField(t, err).Field)
	_, err = New(Config{Supplier: "acme", Field: "LoginURL", BaseURL: "login", Check: func(*valid.Check) {}}, nil)
	assert.Equal(t, "LoginURL", refusedField(t, err).Field)
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	c := newClient(t, testBase, nil)
	err := c.Invalid(t.Context(), unsafeOp, &rutravel.FieldError{Field: "Seat", Problem: "must be set"})
	assert.EqualError(t, err, "acme: book: invalid request: Seat must be set")
	assert.ErrorIs(t, err, rutravel.ErrInvalid)
	assert.NotErrorIs(t, err, rutravel.ErrNotConfirmed)
}

// A client that is printed by mistake shows no secrets.
func TestClientShowsNoSecrets(t *testing.T) {
	t.Parallel()
	c := newClient(t, testBase, nil)
	type holder struct{ C *Client }
	var shown bytes.Buffer
	for _, v := range []any{c, &c, holder{c}, &holder{c}} {
		fmt.Fprintf(&shown, "%v %+v %#v %s %q %x\n", v, v, v, v, v, v)
		slog.New(slog.NewTextHandler(&shown, nil)).Info("client", "client", v)
		slog.New(slog.NewJSONHandler(&shown, nil)).Info("client", "client", v)
		text, _ := json.Marshal(v)
		shown.Write(text)
	}
	for _, form := range []string{testSecret, url.QueryEscape(testSecret), url.PathEscape(testSecret)} {
		assert.NotContains(t, shown.String(), form)
		assert.NotContains(t, shown.String(), fmt.Sprintf("%x", form), form)
	}
}

// Options of one client do not change another.
func TestClientsShareNothing(t *testing.T) {
	t.Parallel()
	rt := mock(answers(200, "yes"))
	h := &http.Client{Transport: rt}
	one, err := newAt(testBase, rutravel.WithHTTPClient(h), rutravel.WithRetryBudget(0))
	require.NoError(t, err)
	other, err := newAt(testBase, rutravel.WithHTTPClient(h))
	require.NoError(t, err)
	assert.False(t, one.budget.spend())
	assert.True(t, other.budget.spend())
	assert.NotSame(t, one.shared, other.shared)
	assert.NotSame(t, one.shared, h)

	// The caller's http.Client is copied, so later changes have no effect.
	h.Transport = mock(func(*http.Request) (*http.Response, error) { return nil, errors.New("changed") })
	_, err = Do(t.Context(), one, safeOp, get, text)
	assert.NoError(t, err)
}
