package smartway_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// The e-mail address of the user must not be empty.
func TestLoginChecked(t *testing.T) {
	t.Parallel()
	_, err := with(t, "null").Logins.Issue(t.Context(), "")
	conformance.Invalid(t, err, "email")
}

// SW-T65: the address of a login depends on the environment. Both are secrets.
func TestLogin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ base, login, want string }{
		{smartway.Test, "", "https://wp.test.dev.smartway.today/auth?guid=84f85401"},
		{smartway.Test + "/", "", "https://wp.test.dev.smartway.today/auth?guid=84f85401"},
		{smartway.Production, "", "https://smartway.today/auth?guid=84f85401"},
		{smartway.Production + "/", "", "https://smartway.today/auth?guid=84f85401"},
		{"https://proxy.example.com/smartway", "", ""},
		{"https://proxy.example.com/smartway", "https://cabinet.example.com/auth", "https://cabinet.example.com/auth?guid=84f85401"},
	} {
		t.Run(test.base+" "+test.login, func(t *testing.T) {
			t.Parallel()
			m := httpmock.NewMockTransport()
			m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, `{"id":1,"result":{"uuid":"84f85401","expiration_date":null}}`))
			c, err := smartway.New(smartway.Config{Username: "u@example.com", Password: "p", BaseURL: test.base, LoginURL: test.login},
				rutravel.WithHTTPClient(&http.Client{Transport: m}))
			require.NoError(t, err)
			got, err := smartway.Numbered(c).Logins.Issue(t.Context(), "user@example.org")
			require.NoError(t, err)
			assert.Equal(t, test.want, string(got.URL))
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				assert.NotContains(t, fmt.Sprintf(verb, got), "84f85401", verb)
			}
		})
	}
}
