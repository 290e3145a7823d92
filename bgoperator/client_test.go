package bgoperator_test

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

func TestNewChecksConfig(t *testing.T) {
	t.Parallel()
	const base, login, export = "https://test.example/zayavkaapi", "https://test.example/auth", "https://test.example/export"
	for name, test := range map[string]struct {
		field string
		cfg   bgoperator.Config
	}{
		"no login":                  {"Login", bgoperator.Config{Password: "p"}},
		"a placeholder":             {"Password", bgoperator.Config{Login: "l", Password: "[secret]"}},
		"address without TLS":       {"BaseURL", bgoperator.Config{Login: "l", Password: "p", BaseURL: "http://www.bgoperator.ru/zayavkaapi"}},
		"login without TLS":         {"LoginURL", bgoperator.Config{Login: "l", Password: "p", BaseURL: base, LoginURL: "http://login.bgoperator.ru/auth"}},
		"export without TLS":        {"ExportURL", bgoperator.Config{Login: "l", Password: "p", BaseURL: base, LoginURL: login, ExportURL: "http://export.bgoperator.ru"}},
		"negative":                  {"Sessions", bgoperator.Config{Login: "l", Password: "p", Sessions: -1}},
		"too many":                  {"Sessions", bgoperator.Config{Login: "l", Password: "p", Sessions: 65}},
		"huge":                      {"Sessions", bgoperator.Config{Login: "l", Password: "p", Sessions: math.MaxInt}},
		"two in a store":            {"Sessions", bgoperator.Config{Login: "l", Password: "p", Sessions: 2, SessionStore: new(memoryStore)}},
		"address without login":     {"LoginURL", bgoperator.Config{Login: "l", Password: "p", BaseURL: base}},
		"login without address":     {"LoginURL", bgoperator.Config{Login: "l", Password: "p", LoginURL: login}},
		"http login, no address":    {"LoginURL", bgoperator.Config{Login: "l", Password: "p", LoginURL: "http://login.bgoperator.ru/auth"}},
		"export without address":    {"ExportURL", bgoperator.Config{Login: "l", Password: "p", ExportURL: export}},
		"the same, with own logins": {"ExportURL", bgoperator.Config{Authenticator: signedIn{}, ExportURL: export}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := bgoperator.New(test.cfg)
			conformance.Failure(t, err, rutravel.ErrInvalid)
			field, ok := errors.AsType[*rutravel.FieldError](err)
			require.True(t, ok)
			assert.Equal(t, test.field, field.Field)
			assert.ErrorContains(t, err, "bgoperator: new: ")
		})
	}
	for name, cfg := range map[string]bgoperator.Config{
		"nothing":               {Login: "l", Password: "p"},
		"most sessions":         {Login: "l", Password: "p", Sessions: 64},
		"the supplier's own":    {Login: "l", Password: "p", BaseURL: bgoperator.Production},
		"its login":             {Login: "l", Password: "p", LoginURL: bgoperator.ProductionLogin},
		"all of them":           {Login: "l", Password: "p", BaseURL: base, LoginURL: login, ExportURL: export},
		"a pair":                {Login: "l", Password: "p", BaseURL: base, LoginURL: login},
		"an address, own login": {Authenticator: signedIn{}, BaseURL: base},
	} {
		_, err := bgoperator.New(cfg)
		assert.NoError(t, err, name)
	}
	_, err := bgoperator.New(bgoperator.Config{Login: "l", Password: "p"}, rutravel.WithMaxAttempts(0))
	conformance.Failure(t, err, rutravel.ErrInvalid)
}

// The zero Client panics, as documented.
func TestZeroClientPanics(t *testing.T) {
	t.Parallel()
	assert.Panics(t, func() { _, _ = new(bgoperator.Client).Flights(t.Context(), arrivalTransfer) })
}

// A call has one kind. The kind of the login's error does not match.
func TestLoginErrorKinds(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind.Error(), func(t *testing.T) {
			t.Parallel()
			cause := &rutravel.Error{Supplier: "vault", Op: "read", Kind: kind, HTTPStatus: http.StatusTeapot, RetryAfter: time.Second}
			c, err := bgoperator.New(bgoperator.Config{Authenticator: &customAuthenticator{err: cause}})
			require.NoError(t, err)
			want := rutravel.ErrUnavailable
			if slices.Contains([]rutravel.Kind{rutravel.ErrAuth, rutravel.ErrCanceled, rutravel.ErrRateLimited}, kind) {
				want = kind
			}
			_, err = c.Quote(t.Context(), tour("1"))
			e := conformance.Failure(t, err, want)
			assert.Equal(t, time.Second, e.RetryAfter)
			assert.ErrorIs(t, err, cause)
			login, ok := errors.AsType[*rutravel.Error](e.Err)
			require.True(t, ok)
			assert.Equal(t, kind, login.Kind)
			assert.Equal(t, http.StatusTeapot, login.HTTPStatus)
			assert.ErrorContains(t, err, cause.Error())
		})
	}
}

// An invalid call does not log in.
func TestInvalidCallsDoNotLogIn(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, nil)
	conformance.Failure(t, c.Cancel(t.Context(), bookingID, ""), rutravel.ErrInvalid)
	_, err := c.TouristTransfers(t.Context(), bookingID, rutravel.WithMaxAttempts(0))
	conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Empty(t, fake.Requests())
}

// WithRawAnswer returns the answer after it was unpacked.
func TestRawAnswer(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, nil)
	var raw []byte
	_, err := c.Quote(t.Context(), fakeTour(fake, "1"), rutravel.WithRawAnswer(&raw))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(raw), "<tours><tour"))
}

// BG-T03: the supplier answers 406 to a request that does not accept gzip. The
// client sets the header itself, for calls and logins.
func TestAcceptEncoding(t *testing.T) {
	t.Parallel()
	var seen [][]string
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		seen = append(seen, r.Header["Accept-Encoding"])
		resp := httpmock.NewStringResponse(http.StatusOK, "<tours/>")
		resp.Header["Set-Cookie"] = []string{"L=1", "A1=2", "Z1=3"}
		return resp, nil
	})
	c, err := bgoperator.New(bgoperator.Config{Login: "l", Password: "p"}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	_, err = c.TouristTransfers(t.Context(), "17")
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"gzip"}, {"gzip"}}, seen)
}
