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
	"sync"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// secrets looks for credentials and passengers' data in everything that a
// program may print: clients, configs, errors, logs and hooks.
func (s Suite[C]) secrets(t *testing.T) {
	t.Run("config", func(t *testing.T) {
		t.Parallel()
		var shown bytes.Buffer
		show(&shown, s.Config, &s.Config)
		slog.New(slog.NewJSONHandler(&shown, timeless)).Info("shown", "config", s.Config)
		slog.New(slog.NewTextHandler(&shown, timeless)).Info("shown", "config", s.Config)
		assertHidden(t, shown.String(), s.Secrets)
	})
	s.each(t, func(t *testing.T, c Call[C], _ bool) {
		private := slices.Concat(c.Private, s.Secrets, s.Logins)
		echo := strings.Join(private, " ")
		failures := map[string]httpmock.Responder{
			"a refusal that repeats them": func(r *http.Request) (*http.Response, error) {
				return httpmock.NewStringResponse(s.refused(), s.Refusal(echo+" "+r.URL.String())), nil
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
		for name, respond := range failures {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var shown bytes.Buffer
					h := slog.NewJSONHandler(&shown, timeless)
					client, err := s.Client(s.Config,
						s.through(t, responding(respond)),
						rutravel.WithLogger(slog.New(h)),
						rutravel.WithHook(func(_ context.Context, a rutravel.Attempt) {
							if a.Op == c.Op { // not a login
								require.Error(t, a.Err)
							}
							show(&shown, a)
						}))
					require.NoError(t, err)
					_, err = c.Do(t.Context(), client)
					e := s.failure(t, c, err)
					show(&shown, e, err, client, &client)
					slog.New(h).Info("shown", "error", err, "value", *e, "client", client)
					slog.New(slog.NewTextHandler(&shown, timeless)).Info("shown", "error", err, "client", client)
					for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
						show(&shown, cause)
					}
					assertHidden(t, shown.String(), private)
				})
			})
		}
	})
}

// timeless leaves out the time of records, and address matches what %#v prints
// of pointers: their digits are random, and some secrets have four.
var (
	timeless = &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	address = regexp.MustCompile(`0x[0-9a-f]+`)
)

// show prints values in every way that a program might.
func show(out *bytes.Buffer, values ...any) {
	for _, v := range values {
		fmt.Fprintf(out, "%v\n%+v\n%#v\n%s\n%q\n", v, v, v, v, v)
		text, err := json.Marshal(v)
		fmt.Fprintf(out, "%s %v\n", text, err)
	}
}

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

// concurrency makes every call from many goroutines on one client, each of
// which must get its own answer.
func (s Suite[C]) concurrency(t *testing.T) {
	t.Parallel()
	const callers = 50
	type answer struct {
		status int
		body   string
	}
	answers := map[string]answer{}
	for _, c := range s.Calls {
		answers[s.file(t, c, ".request.txt")] = answer{c.status(), s.answer(t, c)}
	}
	client := s.client(t, responding(func(r *http.Request) (*http.Response, error) {
		sent, err := render(r)
		if err != nil {
			return nil, err
		}
		if s.Follow != nil {
			golden, numbered := s.Follow(sent)
			return httpmock.NewStringResponse(answers[golden].status, numbered(answers[golden].body)), nil
		}
		return httpmock.NewStringResponse(answers[sent].status, answers[sent].body), nil
	}))
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for j := range s.Calls {
				c := s.Calls[(i+j)%len(s.Calls)]
				value, err := c.Do(t.Context(), client)
				assert.NoError(t, err, c.Op)
				assert.Equal(t, c.Want, value, c.Op)
			}
		})
	}
	wg.Wait()
}
