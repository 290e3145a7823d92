package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/examples/backend/shop"
)

// The suppliers' calls become spans at the address of the environment.
func TestTraces(t *testing.T) { // OpenTelemetry reads the process's environment
	spans := make(chan []byte, 100)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Equal(t, "/v1/traces", r.URL.Path)
		spans <- body
	}))
	t.Cleanup(collector.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Run("Shop", func(t *testing.T) { // its end sends the spans
		address, _ := shopFor(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL})
		basketFor(t, address, shop.Coach, "from=101&to=103")
	})
	close(spans)
	var all []byte
	for body := range spans {
		all = append(all, body...)
	}
	require.NotEmpty(t, all)
	assert.True(t, bytes.Contains(all, []byte("regionbilet")), "%q", all)
}
