package bgoperator_test

import (
	"net/http"
	"net/http/cookiejar"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

// A cookie is taken back by Max-Age or by having no value. A date of expiry is
// not held against this machine's clock.
func TestCookiesThatAreTakenBack(t *testing.T) {
	t.Parallel()
	const past = "; Expires=Thu, 01 Jan 2015 00:00:00 GMT"
	for set, want := range map[string]string{
		"Z=2": "Z=2", "Z=2" + past: "Z=2", "Z=2; Max-Age=600" + past: "Z=2", "Z=2; Max-Age=0": "", "Z=2; Max-Age=-1": "",
		"Z=": "", "Z=; Max-Age=600": "", `Z=""`: "", "Z=" + past: "",
	} {
		var sent []string
		m := httpmock.NewMockTransport()
		m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			sent = append(sent, r.Header.Get("Cookie"))
			resp := httpmock.NewStringResponse(http.StatusOK, "<tours/>")
			resp.Header.Set("Set-Cookie", set)
			return resp, nil
		})
		a := &own{header: http.Header{"Cookie": {"Z=1"}}}
		c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
		require.NoError(t, err)
		for range 2 {
			_, err = c.TouristTransfers(t.Context(), "17")
			require.NoError(t, err)
		}
		assert.Equal(t, []string{"Z=1", want}, sent, set)
	}
}

// The caller's cookie jar, which would share cookies between sessions, is not
// used.
func TestCookieJarIsLeftAside(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	cfg := fake.Config()
	cfg.Sessions = 2
	c, err := bgoperator.New(cfg, rutravel.WithHTTPClient(&http.Client{Transport: fake, Jar: jar}))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			_, err := c.TouristTransfers(t.Context(), "17")
			assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
		})
	}
	wg.Wait()
}
