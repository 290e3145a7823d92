package multitour_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// MT-T35: the client uses only the given token.
func TestConfig(t *testing.T) {
	t.Parallel()
	for field, configs := range map[string][]multitour.Config{
		"Token":   {{UserKey: "111"}, {Token: "[secret]"}},
		"UserKey": {{Token: "t", UserKey: "x"}},
		"BaseURL": {{Token: "t", BaseURL: "http://multitour.ru/mtapi/"}},
	} {
		for i, cfg := range configs {
			_, err := multitour.New(cfg)
			bad, ok := errors.AsType[*rutravel.FieldError](err)
			require.True(t, ok, "%s %d: %v", field, i, err)
			assert.Equal(t, field, bad.Field, i)
		}
	}
}

// MT-T42: the address is used unchanged. Newer paths are accepted.
func TestAddress(t *testing.T) {
	t.Parallel()
	for _, base := range []string{multitour.Production, "https://multitour.ru/mtapi/v2", "https://multitour.ru/api/agency/"} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			m := httpmock.NewMockTransport()
			m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
				assert.Equal(t, base, r.URL.String())
				return httpmock.NewStringResponse(http.StatusOK, conformance.Awkward(t, "multitour", "is_success-true")), nil
			})
			c, err := multitour.New(multitour.Config{Token: "t", BaseURL: base}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
			require.NoError(t, err)
			_, err = c.Countries(t.Context(), "")
			require.NoError(t, err)
		})
	}
}

// The zero Client panics, as its documentation says.
func TestZeroClient(t *testing.T) {
	t.Parallel()
	var c multitour.Client
	assert.Panics(t, func() { _, _ = c.Countries(t.Context(), "") })
}
