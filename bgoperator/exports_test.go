package bgoperator_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

const countries = "/yandex?action=countries"

// A page is returned unchanged. It is fetched in the session of other calls.
func TestExport(t *testing.T) {
	t.Parallel()
	fake, c := newFake(t, nil)
	fake.SetQuirks(bgoperatortest.Quirks{OneSession: true})
	page := []byte("\ufeff [{\"id\":\"100410000050\"}]\xff")
	fake.AddExport(countries, page)
	_, err := c.Quote(t.Context(), fakeTour(fake, "1"))
	require.NoError(t, err)
	got, err := c.Export(t.Context(), countries)
	require.NoError(t, err)
	assert.Equal(t, page, got)
	fake.EndSessions()
	_, err = c.Export(t.Context(), countries)
	require.NoError(t, err)
	_, err = c.Quote(t.Context(), fakeTour(fake, "1"))
	require.NoError(t, err)
	assert.Equal(t, []string{"login", "createtour", "export", "export", "login", "export", "createtour"}, ops(fake))

	_, err = c.Export(t.Context(), "/yandex?action=hotels")
	assert.Equal(t, http.StatusNotFound, conformance.Failure(t, err, rutravel.ErrProtocol).HTTPStatus)
}

// The address has the export host, and the unchanged path and query.
func TestExportAddress(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		countries:                         "https://export.bgoperator.ru/yandex?action=countries",
		"/auto/jsonResorts.json":          "https://export.bgoperator.ru/auto/jsonResorts.json",
		"/partners?b=2&a=%D1%8F+1&c=x%2F": "https://export.bgoperator.ru/partners?b=2&a=%D1%8F+1&c=x%2F",
		"/":                               "https://export.bgoperator.ru/",
		"/../../a":                        "https://export.bgoperator.ru/a",
		"/a%2Fb":                          "https://export.bgoperator.ru/a%2Fb",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			var sent *http.Request
			m := httpmock.NewMockTransport()
			m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
				sent = r
				return httpmock.NewStringResponse(http.StatusOK, "<a/>"), nil
			})
			a := &customAuthenticator{header: http.Header{"Cookie": {"Z=1"}}}
			c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
			require.NoError(t, err)
			_, err = c.Export(t.Context(), path)
			require.NoError(t, err)
			assert.Equal(t, want, sent.URL.String())
			assert.Equal(t, http.MethodGet, sent.Method)
			assert.Equal(t, "Z=1", sent.Header.Get("Cookie"))
			assert.Equal(t, []string{"gzip"}, sent.Header["Accept-Encoding"])
		})
	}
}

// A path cannot change the host. Without an ExportURL, Export fails.
func TestInvalidExports(t *testing.T) {
	t.Parallel()
	var calls []invalidCall
	for _, path := range []string{
		"", "yandex", "https://evil.example/", "//evil.example/", "/a b", "/a?b c", "/я", "/a#b", "/a\r\nX: y", "/%zz", `/\evil.example`, "?a=b", "@evil.example",
	} {
		calls = append(calls, invalidCall{path, "path", func(c *bgoperator.Client) error {
			_, err := c.Export(t.Context(), path)
			return err
		}})
	}
	checkInvalid(t, calls...)
	fake, c := newFake(t, func(cfg *bgoperator.Config) {
		cfg.BaseURL, cfg.LoginURL = "https://test.example/zayavkaapi", "https://test.example/auth"
	})
	_, err := c.Export(t.Context(), countries)
	conformance.Invalid(t, err, "Config.ExportURL")
	assert.Empty(t, fake.Requests())
}

// A page in HTML may be the login, so it is an error. The client logs in before the next
// call.
func TestExportIsHTML(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"html": " <HTML><form>", "doctype": "\ufeff<!DOCTYPE html><html>", "nothing": "", "spaces": " \n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, c := newFake(t, nil)
			fake.AddExport(countries, []byte("[]"))
			fake.Inject(bgoperatortest.Fault{Op: "export", Status: http.StatusOK, Body: body})
			page, err := c.Export(t.Context(), countries)
			conformance.Failure(t, err, rutravel.ErrProtocol)
			assert.Empty(t, page)
			_, err = c.Export(t.Context(), countries)
			require.NoError(t, err)
			assert.Equal(t, []string{"login", "export", "login", "export"}, ops(fake))
		})
	}
}

// An export is retried like any read. Its errors contain no cookie.
func TestExportFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		fake.AddExport(countries, []byte(strings.Repeat("x", 1000)))
		fake.Inject(bgoperatortest.Fault{Op: "export", Status: http.StatusBadGateway}, bgoperatortest.Fault{Op: "export", Cut: 20})
		page, err := c.Export(t.Context(), countries)
		require.NoError(t, err)
		assert.Len(t, page, 1000)
		fake.Inject(bgoperatortest.Fault{Op: "export", Status: http.StatusUnauthorized}, bgoperatortest.Fault{Op: "export", Status: http.StatusUnauthorized})
		_, err = c.Export(t.Context(), countries)
		e := conformance.Failure(t, err, rutravel.ErrExpired)
		assert.Equal(t, "export", e.Op)
		login, ok := errors.AsType[*rutravel.Error](e.Err)
		assert.False(t, ok, "%v", login)
	})
}
