package conformance

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// renderRequest returns a request in the form of the golden files: the request
// line with the whole address, the headers that a supplier sets, the body.
func renderRequest(r *http.Request) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	for _, name := range []string{"Authorization", "Content-Type"} {
		if v := r.Header.Get(name); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return "", err
		}
		if len(body) > 0 {
			fmt.Fprintf(&b, "\n%s\n", body)
		}
	}
	return b.String(), nil
}

// goldenRequest reads a golden file in the form of renderRequest.
func goldenRequest(t *testing.T, file string) *http.Request {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	head, body, _ := strings.Cut(string(text), "\n\n")
	line, headers, _ := strings.Cut(strings.TrimSpace(head), "\n")
	method, url, _ := strings.Cut(line, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	for header := range strings.Lines(headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(header), ": ")
		r.Header.Set(name, value)
	}
	return r
}
