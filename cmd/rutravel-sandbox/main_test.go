package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// output collects what the command prints. It can be read while the command runs.
type output struct {
	mu    sync.Mutex
	b     bytes.Buffer
	ready chan struct{}
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if strings.Contains(string(p), "# Ready.") {
		close(o.ready)
	}
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// Given addresses for HTTP and TLS, expect both to answer, the certificate to be
// valid under its authority, and the command to end with its context.
func TestRun(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	out := &output{ready: make(chan struct{})}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-listen", "127.0.0.1:0", "-tls", "127.0.0.1:0", "-tls-dir", folder, "-host", "Sandbox", "-separate-ports"}, out)
	}()
	select {
	case <-out.ready:
	case err := <-ended:
		require.NoError(t, err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "ca.pem"))
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(text))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	addresses := regexp.MustCompile(`(?:Console|alone): (https?://\S+)/`).FindAllStringSubmatch(out.String(), -1)
	assert.Len(t, addresses, 2+6)
	for _, address := range addresses {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address[1]+"/", nil)
		require.NoError(t, err)
		resp, err := client.Do(r)
		require.NoError(t, err, address[1])
		require.NoError(t, resp.Body.Close())
		assert.Less(t, resp.StatusCode, 500, address[1])
	}
	cancel()
	require.NoError(t, <-ended)
	assert.Contains(t, out.String(), "export REGIONBILET_CA='"+folder)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "only the authority, no key")
}

// Given names, expect a certificate for them and for this machine.
func TestCertificate(t *testing.T) {
	t.Parallel()
	authority, certificate, err := newCertificate([]string{"sandbox"})
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	for _, name := range []string{"sandbox", "localhost", "127.0.0.1", "::1"} {
		_, err = leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: time.Now()})
		assert.NoError(t, err, name)
	}
	_, err = leaf.Verify(x509.VerifyOptions{DNSName: "example.com", Roots: roots})
	assert.Error(t, err)
}

// Given an address, expect it to be loopback or not.
func TestLoopback(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"127.0.0.1:1": true, "127.9.9.9:1": true, "[::1]:1": true, "localhost:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "192.0.2.1:1": false, "example.com:1": false, "127.0.0.1": false,
	} {
		assert.Equal(t, want, loopback(address), address)
	}
	assert.Equal(t, "sandbox:8443", settings{hosts: []string{"sandbox"}}.visible("0.0.0.0:8443"))
	assert.Equal(t, "localhost:8443", settings{}.visible("[::]:8443"))
	assert.Equal(t, "127.0.0.1:1", settings{}.visible("127.0.0.1:1"))
}

// Given -h, expect each flag to be explained.
func TestHelp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, &out), flag.ErrHelp)
	for _, name := range []string{"-listen", "-tls", "-tls-dir", "-host", "-separate-ports", "-seed", "-latency", "-public"} {
		assert.Regexp(t, `(?m)^  `+name+`\b`, out.String())
	}
}
