package smartway_test

import (
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// SW-T01: every call has a query. It is an empty object if the method has no arguments.
func TestQueryAlwaysThere(t *testing.T) {
	t.Parallel()
	for method, call := range methods {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var query string
			c := replying(t, func(q request) string {
				assert.Equal(t, method, q.Method, "SW-T61")
				query = string(q.Query)
				return answer(q, "null")
			})
			_, _ = call(t.Context(), c)
			assert.NotEmpty(t, query, method)
			assert.NotEqual(t, "null", query, method)
			if method == "ping" || method == "travel_policy.list" {
				assert.Equal(t, "{}", query, method)
			}
		})
	}
}

// SW-T03: every call has its own id. An answer may have it as a text.
func TestIDs(t *testing.T) {
	t.Parallel()
	var ids []int64
	c := replying(t, func(q request) string {
		ids = append(ids, q.ID)
		return strings.Replace(answer(q, "null"), `"id":`, `"id":"`, 1)[:len(`{"jsonrpc":"2.0","id":"1`)] + `","result":null}`
	})
	for range 3 {
		require.NoError(t, c.Ping(t.Context()))
	}
	assert.Equal(t, []int64{1, 2, 3}, ids)
}

// The ids of a client begin at a random large number that JavaScript keeps exactly.
func TestFirstID(t *testing.T) {
	t.Parallel()
	seen := map[int64]bool{}
	for range 20 {
		m := httpmock.NewMockTransport()
		m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			var q request
			require.NoError(t, json.NewDecoder(r.Body).Decode(&q))
			assert.Greater(t, q.ID, int64(1)<<50)
			assert.Less(t, q.ID, int64(1)<<53)
			seen[q.ID] = true
			return httpmock.NewStringResponse(http.StatusOK, answer(q, "null")), nil
		})
		c, err := smartway.New(smartway.Config{Username: "u@example.com", Password: "p", BaseURL: smartway.Test},
			rutravel.WithHTTPClient(&http.Client{Transport: m}))
		require.NoError(t, err)
		require.NoError(t, c.Ping(t.Context()))
	}
	assert.Len(t, seen, 20)
}

// SW-T69, SW-T83: BaseURL is required. The roots of an option are trusted.
func TestNew(t *testing.T) {
	t.Parallel()
	good := smartway.Config{Username: "u@example.com", Password: "p-secret", BaseURL: smartway.Test}
	for field, change := range map[string]func(*smartway.Config){
		"BaseURL":  func(c *smartway.Config) { c.BaseURL = "" },
		"Username": func(c *smartway.Config) { c.Username = "" },
		"Password": func(c *smartway.Config) { c.Password = "[secret]" },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			cfg := good
			change(&cfg)
			_, err := smartway.New(cfg)
			conformance.Invalid(t, err, field)
		})
	}
	for _, login := range []string{
		"http://smartway.today/auth", "smartway.today/auth", "https:///auth",
		"https://u:p@smartway.today/auth", "https://smartway.today/auth?a=b", "https://smartway.today/auth#a",
	} {
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			cfg := good
			cfg.LoginURL = login
			_, err := smartway.New(cfg)
			conformance.Invalid(t, err, "LoginURL")
		})
	}
	srv := httptest.NewTLSServer(smartwaytest.New())
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	cfg := smartway.Config{Username: smartwaytest.Username, Password: smartwaytest.Password, BaseURL: srv.URL}
	c, err := smartway.New(cfg, rutravel.WithRootCAs(roots))
	require.NoError(t, err)
	require.NoError(t, c.Ping(t.Context()))
	_, err = smartway.New(cfg, rutravel.WithRootCAs(roots), rutravel.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
	conformance.Invalid(t, err, "WithRootCAs")
	c, err = smartway.New(cfg)
	require.NoError(t, err)
	conformance.Failure(t, c.Ping(t.Context(), rutravel.WithMaxAttempts(1)), rutravel.ErrUnavailable)
}
