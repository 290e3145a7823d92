package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// secrets searches everything that a program may print for credentials and
// passengers' data: clients, configs, errors, logs and all events of an observer.
func (s Suite[C]) secrets(t *testing.T) {
	t.Run("config", func(t *testing.T) {
		t.Parallel()
		var shown bytes.Buffer
		printAll(&shown, s.Config, &s.Config)
		slog.New(slog.NewJSONHandler(&shown, withoutTime)).Info("shown", "config", s.Config)
		slog.New(slog.NewTextHandler(&shown, withoutTime)).Info("shown", "config", s.Config)
		assertHidden(t, shown.String(), s.Secrets)
	})
	s.forEachCall(t, func(t *testing.T, c Call[C], _ bool) {
		private := slices.Concat(c.Private, s.Secrets, s.Logins)
		echo := strings.Join(private, " ")
		failures := map[string]httpmock.Responder{
			"a refusal that repeats them": func(r *http.Request) (*http.Response, error) {
				return httpmock.NewStringResponse(s.refusalStatus(), s.Refusal(c.Op, echo+" "+r.URL.String())), nil
			},
			"an answer of them": func(*http.Request) (*http.Response, error) {
				text, err := s.Format.orJSON().echo(echo)
				return httpmock.NewBytesResponse(http.StatusOK, text), err
			},
			"a connection's error that names the address": func(r *http.Request) (*http.Response, error) {
				return nil, fmt.Errorf("GET %s: giving up: %w", r.URL, &url.Error{Op: "Get", URL: r.URL.String(), Err: errors.New(echo)})
			},
			"an error status": func(r *http.Request) (*http.Response, error) {
				return httpmock.NewStringResponse(http.StatusBadGateway, r.URL.String()+echo), nil
			},
		}
		t.Run("values in a good answer", func(t *testing.T) {
			t.Parallel()
			if c.NoBody {
				return
			}
			synctest.Test(t, func(t *testing.T) { s.secretsInValues(t, c, private) })
		})
		for name, respond := range failures {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var shown bytes.Buffer
					var seen Observed
					h := slog.NewJSONHandler(&shown, withoutTime)
					text := slog.NewTextHandler(&shown, withoutTime)
					client, err := s.NewFromConfig(s.Config,
						s.withTransport(t, respondWith(respond)),
						rutravel.WithLogger(slog.New(h)), rutravel.WithLogger(slog.New(text)), seen.Option())
					require.NoError(t, err)
					_, err = c.Do(t.Context(), client)
					e := s.callError(t, c, err)
					seen.Check(t)
					for _, one := range seen.Calls(c.Op) {
						require.Error(t, one.Ends[0].Err)
						require.NotEmpty(t, one.Attempts)
					}
					printAll(&shown, client, &client)
					printChain(&shown, err)
					slog.New(h).Info("shown", "error", err, "value", *e, "client", client)
					slog.New(text).Info("shown", "error", err, "client", client)
					assertHidden(t, shown.String(), private)
					assertHidden(t, seen.Printed(), private)
				})
			})
		}
	})
}

// secretsInValues answers a call with private texts in place of each value in turn.
// They are what the caller gets, or what an error or a warning is about.
func (s Suite[C]) secretsInValues(t *testing.T, c Call[C], private []string) {
	t.Helper()
	echo := strings.Join(private, " ")
	tried := map[string]bool{}
	for _, l := range s.Format.orJSON().leaves(t, s.answer(t, c)) {
		if tried[l.path] {
			continue
		}
		tried[l.path] = true
		text, err := s.Format.orJSON().escape(echo)
		require.NoError(t, err)
		answer, sent := l.replace(text), ""
		var seen Observed
		var logged bytes.Buffer
		client, err := s.NewFromConfig(s.Config, s.withTransport(t, answerAndRecord(c.status(), &answer, &sent)),
			rutravel.WithMaxAttempts(1), rutravel.WithLogger(slog.New(slog.NewTextHandler(&logged, withoutTime))), seen.Option())
		require.NoError(t, err)
		_, err = c.Do(t.Context(), client)
		printChain(&logged, err)
		assertHidden(t, logged.String()+seen.Printed(), private)
	}
}

// Times and addresses have random digits, which may contain a secret of four
// digits.
var (
	// withoutTime are options of a log handler that omits the time of records.
	withoutTime = &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	// address matches a pointer as %#v prints it.
	address = regexp.MustCompile(`0x[0-9a-f]+`)
)

// printAll prints values with all common verbs and as JSON.
func printAll(out *bytes.Buffer, values ...any) {
	for _, v := range values {
		fmt.Fprintf(out, "%v\n%+v\n%#v\n%s\n%q\n", v, v, v, v, v)
		text, err := json.Marshal(v)
		fmt.Fprintf(out, "%s %v\n", text, err)
	}
}

// printChain prints an error and all errors in its chain.
func printChain(out *bytes.Buffer, err error) {
	for ; err != nil; err = errors.Unwrap(err) {
		printAll(out, err)
		if several, ok := err.(interface{ Unwrap() []error }); ok {
			for _, one := range several.Unwrap() {
				printChain(out, one)
			}
		}
	}
}

// assertHidden checks that a text shows none of the private texts, in any encoding
// of a URL.
func assertHidden(t *testing.T, text string, private []string) {
	t.Helper()
	require.NotEmpty(t, private)
	text = address.ReplaceAllString(text, "0x")
	for _, v := range private {
		for _, form := range []string{v, url.QueryEscape(v), url.PathEscape(v)} {
			if i := strings.Index(text, form); i >= 0 {
				assert.Fail(t, "shown: "+form, "…%s…", text[max(0, i-200):min(len(text), i+200)])
			}
		}
	}
}
