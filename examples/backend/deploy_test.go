package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// program finds a program of a Debian package, or skips the test if it is missing.
func program(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing (Debian: apt-get install %s)", name, debian)
		}
		t.Skipf("%s is missing (Debian: apt-get install %s)", name, debian)
	}
	return path
}

// The files that compose.yaml names exist, and each environment variable is one that
// the backend reads.
func TestCompose(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("deploy/compose.yaml")
	require.NoError(t, err)
	var file struct {
		Services map[string]struct {
			Build       struct{ Context, Dockerfile, Target string }
			Environment map[string]string
			Volumes     []string
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	for _, name := range []string{"backend1", "backend2", "nginx", "sandbox", "postgres", "redis", "prometheus", "grafana"} {
		assert.Contains(t, file.Services, name)
	}
	for name, s := range file.Services {
		for _, volume := range s.Volumes {
			if source, _, _ := strings.Cut(volume, ":"); strings.HasPrefix(source, ".") {
				assert.FileExists(t, filepath.Join("deploy", source), name)
			}
		}
		if s.Build.Context != "" {
			assert.FileExists(t, filepath.Join("deploy", s.Build.Context, s.Build.Dockerfile), name)
		}
	}
	for name := range file.Services["backend1"].Environment {
		assert.Contains(t, usage, "  "+name+" ")
	}
	c, err := readConfig(func(name string) string { return file.Services["backend2"].Environment[name] })
	require.NoError(t, err)
	assert.NotEmpty(t, c.databaseURL)
}

func TestNginx(t *testing.T) {
	t.Parallel()
	nginx := program(t, "nginx", "nginx-light")
	text, err := os.ReadFile("deploy/nginx.conf")
	require.NoError(t, err)
	dir := t.TempDir()
	local := strings.NewReplacer("backend1:8000", "127.0.0.1:1", "backend2:8000", "127.0.0.1:2").Replace(string(text)) // names are resolved at the start
	local = "pid " + dir + "/pid;\nerror_log stderr;\n" + local
	require.NoError(t, os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(local), 0o600))
	out, err := exec.CommandContext(t.Context(), nginx, "-t", "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "nginx.conf")).CombinedOutput()
	assert.NoError(t, err, "%s", out)
}

func TestPrometheus(t *testing.T) {
	t.Parallel()
	promtool := program(t, "promtool", "prometheus")
	dir := t.TempDir()
	for from, to := range map[string]string{"deploy/prometheus.yml": "prometheus.yml", "../../contrib/otel/alerts.yml": "alerts.yml"} {
		text, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, to), text, 0o600))
	}
	out, err := exec.CommandContext(t.Context(), promtool, "check", "config", filepath.Join(dir, "prometheus.yml")).CombinedOutput()
	assert.NoError(t, err, "%s", out)
}

func TestGrafana(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"grafana.yml", "dashboards.yml"} {
		text, err := os.ReadFile(filepath.Join("deploy", name))
		require.NoError(t, err)
		var v any
		assert.NoError(t, yaml.Unmarshal(text, &v), name)
	}
	text, err := os.ReadFile("../../contrib/otel/dashboard.json")
	require.NoError(t, err)
	assert.True(t, json.Valid(text))
}
