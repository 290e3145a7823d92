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

// cookiesSent makes two calls in a session with the cookies of the login. Each
// answer sets cookies. It returns the Cookie headers that were sent.
func cookiesSent(t *testing.T, login []string, set ...string) (sent []string) {
	t.Helper()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.Header.Get("Cookie"))
		resp := httpmock.NewStringResponse(http.StatusOK, "<tours/>")
		resp.Header["Set-Cookie"] = set
		return resp, nil
	})
	a := &customAuthenticator{header: http.Header{"Cookie": login}}
	c, err := bgoperator.New(bgoperator.Config{Authenticator: a}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	for range 2 {
		_, err = c.TouristTransfers(t.Context(), "17")
		require.NoError(t, err)
	}
	return sent
}

// cookiesSentBy makes a call of a new client and returns the headers that it sent.
func cookiesSentBy(t *testing.T, cfg bgoperator.Config) (sent http.Header) {
	t.Helper()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		sent = r.Header.Clone()
		return httpmock.NewStringResponse(http.StatusOK, "<tours/>"), nil
	})
	c, err := bgoperator.New(cfg, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	_, err = c.TouristTransfers(t.Context(), "17")
	require.NoError(t, err)
	return sent
}

// Max-Age 0 and an empty value delete a cookie. Expires is not compared with this
// machine's clock.
func TestDeletedCookies(t *testing.T) {
	t.Parallel()
	const past = "; Expires=Thu, 01 Jan 2015 00:00:00 GMT"
	for set, want := range map[string]string{
		"Z=2": "Z=2", "Z=2" + past: "Z=2", "Z=2; Max-Age=600" + past: "Z=2", "Z=2; Max-Age=0": "", "Z=2; Max-Age=-1": "",
		"Z=": "", "Z=; Max-Age=600": "", `Z=""`: "", "Z=" + past: "", "gone=; Max-Age=0": "Z=1",
	} {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, []string{"Z=1", want}, cookiesSent(t, []string{"Z=1"}, set))
		})
	}
}

// Cookies keep their order, quotes and equals signs. Invalid ones are ignored.
func TestCookiesAreKeptAsTheyCame(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"gone=1; Z=0; kept=a=b; more=2", `Z="1 a"; kept=a=b; more=2`},
		cookiesSent(t, []string{"gone=1; Z=0;kept=a=b", "more=2"}, `Z="1 a"; Path=/`, "gone=; Max-Age=0", "bad name=1"))
}

// Name and value of a cookie are sent back as they came, up to the first semicolon,
// whatever package http thinks of them.
func TestCookiesAreVerbatim(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]string{
		`Z="a\073b"; Path=/`:          `Z="a\073b"`,
		`Z=a\b`:                       `Z=a\b`,
		"Z=привет; Secure":            "Z=привет",
		"Z=\xcf\xf0\xe8":              "Z=\xcf\xf0\xe8",
		`Z={"a":[1, 2],"b":"c d"}`:    `Z={"a":[1, 2],"b":"c d"}`,
		"Z=a,b":                       "Z=a,b",
		"  Z = a b ; Max-Age = 60":    "Z=a b",
		"Z==":                         "Z==",
		"Z=1\x00; Path=/":             "Z=1",
		"Z=a\r\nX: y":                 "Z=1",
		"Z":                           "Z=1",
		"=2":                          "Z=1",
		"Z=2; max-age=abc; Max-Age=1": "Z=2",
		"Z=2; Path=/; MAX-AGE= 0":     "",
	} {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, []string{"Z=1", want}, cookiesSent(t, []string{"Z=1"}, set))
		})
	}
}

// The cookie jar of the caller's HTTP client is not used: it would share cookies
// between sessions.
func TestCookieJarIsNotUsed(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	cfg := fake.Config()
	cfg.Sessions = 2
	c, err := bgoperator.New(cfg, rutravel.WithHTTPClient(&http.Client{Transport: fake, Jar: jar}))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			_, err := c.TouristTransfers(t.Context(), "17")
			assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound, "call %d", i)
		})
	}
	wg.Wait()
}
