package ticketscloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// sent is a request that arrived.
type sent struct{ method, uri, body string }

// answers returns a client that gets the answers one after another, the last
// again and again, and the requests that it made.
func answers(t *testing.T, status int, bodies ...string) (*ticketscloud.Client, *[]sent) {
	t.Helper()
	requests := new([]sent)
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		var body strings.Builder
		if r.Body != nil {
			_, _ = fmt.Fprint(&body, readAll(r))
		}
		*requests = append(*requests, sent{r.Method, r.URL.RequestURI(), body.String()})
		return httpmock.NewStringResponse(status, bodies[min(len(*requests), len(bodies))-1]), nil
	})
	c, err := ticketscloud.New(ticketscloud.Config{Key: "key-of-a-test", BaseURL: ticketscloud.Stage},
		rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	return c, requests
}

func readAll(r *http.Request) string {
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := r.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

func file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../testdata/ticketscloud/" + name)
	require.NoError(t, err)
	return string(text)
}

func newFake(t *testing.T, opts ...rutravel.Option) (*ticketscloudtest.Server, *ticketscloud.Client) {
	t.Helper()
	fake := ticketscloudtest.New()
	c, err := ticketscloud.New(fake.Config(), append(opts, rutravel.WithHTTPClient(fake.HTTPClient()))...)
	require.NoError(t, err)
	return fake, c
}

func quote(t *testing.T, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	require.NoError(t, err)
	return string(text)
}

func unmarshal(t *testing.T, text string, p any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), p))
}
