package conformance

import (
	"bytes"
	"context"
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
// passengers' data: clients, configs, errors, logs and hooks.
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
			"a refusal that contains them": func(r *http.Request) (*http.Response, error) {
				return httpmock.NewStringResponse(s.refusalStatus(), s.Refusal(c.Op, echo+" "+r.URL.String())), nil
			},
			"an answer that contains them": func(*http.Request) (*http.Response, error) {
				text, err := s.Format.orJSON().echo(echo)
				return httpmock.NewBytesResponse(http.StatusOK, text), err
			},
			"a connection error that contains the address": func(r *http.Request) (*http.Response, error) {
				return nil, fmt.Errorf("GET %s: giving up: %w", r.URL, &url.Error{Op: "Get", URL: r.URL.String(), Err: errors.New(echo)})
			},
			"an error status": func(r *http.Request) (*http.Response, error) {
				return httpmock.NewStringResponse(http.StatusBadGateway, r.URL.String()+echo), nil
			},
		}
		for name, respond := range failures {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var shown bytes.Buffer
					h := slog.NewJSONHandler(&shown, withoutTime)
					client, err := s.NewFromConfig(s.Config,
						s.withTransport(t, respondWith(respond)),
						rutravel.WithLogger(slog.New(h)),
						rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(_ context.Context, a rutravel.Attempt) {
							if a.Op == c.Op { // not a login
								require.Error(t, a.Err)
							}
							printAll(&shown, a)
						}}))
					require.NoError(t, err)
					_, err = c.Do(t.Context(), client)
					e := s.callError(t, c, err)
					printAll(&shown, e, err, client, &client)
					slog.New(h).Info("shown", "error", err, "value", *e, "client", client)
					slog.New(slog.NewTextHandler(&shown, withoutTime)).Info("shown", "error", err, "client", client)
					for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
						printAll(&shown, cause)
					}
					assertHidden(t, shown.String(), private)
				})
			})
		}
	})
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
