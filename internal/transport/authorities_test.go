package transport

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
)

func write(t *testing.T, text []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ca")
	require.NoError(t, os.WriteFile(name, text, 0o600))
	return name
}

func trusting(base, file string, opts ...rutravel.Option) (*Client, error) {
	return New(Config{Supplier: "supplier", BaseURL: base, CAFile: file, Check: func(*valid.Check) {}}, opts)
}

// A host whose authority is in the file is talked to, on shared and on fresh
// connections; without the file it is not.
func TestAuthorities(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	t.Cleanup(srv.Close)
	der := srv.Certificate().Raw
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	ask := func(c *Client, op *Operation) error {
		_, err := Do(t.Context(), c, op, get, func(a Answer) (string, error) { return string(a.Body), nil }, rutravel.WithMaxAttempts(1))
		return err
	}
	for name, file := range map[string]string{
		"PEM": write(t, block), "DER": write(t, der), "two": write(t, slices.Concat(block, block)),
		"with words": write(t, slices.Concat([]byte("subject=the test host\n"), block, []byte("\n \n"))),
	} {
		c, err := trusting(srv.URL, file)
		require.NoError(t, err, name)
		require.NoError(t, ask(c, safeOp), name)
		require.NoError(t, ask(c, unsafeOp), name)
	}
	c, err := trusting(srv.URL, write(t, block), rutravel.WithHTTPClient(&http.Client{}))
	require.NoError(t, err, "a client without a transport uses the library's")
	require.NoError(t, ask(c, safeOp))

	c, err = trusting(srv.URL, "")
	require.NoError(t, err)
	require.ErrorIs(t, ask(c, safeOp), rutravel.ErrUnavailable)
}

func TestAuthoritiesRefused(t *testing.T) {
	t.Parallel()
	good := write(t, nil)
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	wrong := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("no certificate")})
	after := func(parts ...[]byte) string { return write(t, slices.Concat(parts...)) }
	for name, test := range map[string]struct {
		file string
		opts []rutravel.Option
	}{
		"no file":            {filepath.Join(t.TempDir(), "missing"), nil},
		"a folder":           {t.TempDir(), nil},
		"nothing":            {good, nil},
		"no certificate":     {write(t, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")), nil},
		"a wrong one behind": {after(block, wrong), nil},
		"a wrong one before": {after(wrong, block), nil},
		"no base64 before":   {after([]byte("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"), block), nil},
		"half of one behind": {after(block, block[:len(block)/2]), nil},
		"words behind":       {after(block, []byte("words")), nil},
		"another block":      {write(t, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("key")})), nil},
		"a transport":        {good, []rutravel.Option{rutravel.WithHTTPClient(&http.Client{Transport: &http.Transport{}})}},
		"a RoundTripper":     {good, []rutravel.Option{rutravel.WithHTTPClient(&http.Client{Transport: mock(nil)})}},
	} {
		_, err := trusting(testBase, test.file, test.opts...)
		require.ErrorIs(t, err, rutravel.ErrInvalid, name)
		bad, ok := errors.AsType[*rutravel.FieldError](err)
		require.True(t, ok, name)
		assert.Equal(t, "CAFile", bad.Field, name)
		assert.NotContains(t, err.Error(), test.file, name)
	}
}
