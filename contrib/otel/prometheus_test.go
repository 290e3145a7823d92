package rutravelotel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	rutravel "github.com/rutravel/rutravel-go"
	rutravelotel "github.com/rutravel/rutravel-go/contrib/otel"
)

// program returns the path of a program of Debian's package prometheus. The test is
// skipped if it is missing, but not in CI.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("%s is missing (Debian: apt-get install prometheus)", name)
	}
	require.NoError(t, err)
	return path
}

var alertName = regexp.MustCompile(`(?m)^      - alert: (\w+)$`)

// alerts returns the names of all alerts.
func alerts(t *testing.T) (names []string) {
	t.Helper()
	for _, found := range alertName.FindAllStringSubmatch(read(t, "alerts.yml"), -1) {
		names = append(names, found[1])
	}
	require.NotEmpty(t, names)
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// TestRules lets promtool check the rules and run their tests. Each alert has a test in
// which it fires and one in which it does not.
func TestRules(t *testing.T) {
	t.Parallel()
	promtool := program(t, "promtool")
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}} {
		out, err := exec.CommandContext(t.Context(), promtool, args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	tests := read(t, "alerts_test.yml")
	for _, name := range alerts(t) {
		assert.Contains(t, tests, "eval_time: 30m, alertname: "+name+"}")
		assert.Regexp(t, `alertname: `+name+`\n +exp_alerts`, tests)
	}
}

// plant is a client under load, with or without a fault.
type plant struct {
	supplier string
	through  func(next http.RoundTripper) http.RoundTripper
	options  []rutravel.Option
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// always answers all requests in the same way.
func always(status int, header http.Header, body string) func(http.RoundTripper) http.RoundTripper {
	return func(http.RoundTripper) http.RoundTripper {
		return roundTripper(func(*http.Request) (*http.Response, error) {
			resp := answer(status, body)
			resp.Header = header.Clone()
			return resp, nil
		})
	}
}

// plants are clients of suppliers that work, and clients with the faults that the
// alerts are about.
func plants() []plant {
	all := []plant{
		{supplier: "multitour", through: always(http.StatusServiceUnavailable, http.Header{}, "")},    // down
		{supplier: "ticketscloud", through: always(http.StatusUnauthorized, http.Header{}, "<html>")}, // an account that is blocked
		{supplier: "smartway", through: always(http.StatusTooManyRequests, http.Header{"Retry-After": {"3600"}}, "")},
		{supplier: "smartway", through: always(http.StatusOK, http.Header{}, "<html>")}, // unreadable
		{supplier: "regionbilet", through: func(next http.RoundTripper) http.RoundTripper { // not confirmed, sometimes
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(r)
				if r.URL.Query().Get("command") == "pay" && rand.IntN(3) == 0 {
					return nil, io.ErrUnexpectedEOF
				}
				return resp, err
			})
		}},
		{supplier: "bgoperator", through: func(next http.RoundTripper) http.RoundTripper { // slow
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				time.Sleep(500 * time.Millisecond)
				return next.RoundTrip(r)
			})
		}},
		{supplier: "bgoperator", options: []rutravel.Option{rutravel.WithLimiter(limiter(func(ctx context.Context) error { // money waits
			if c, ok := rutravel.CallFrom(ctx); ok && c.Safety == rutravel.SafetyUnsafe {
				time.Sleep(1200 * time.Millisecond)
			}
			return nil
		}))}},
	}
	for _, name := range []string{"regionbilet", "bgoperator", "ticketscloud", "smartway"} {
		all = append(all, plant{supplier: name, options: []rutravel.Option{rutravel.WithLimiter(rutravel.NewPriorityLimiter(20, 5))}})
	}
	return all
}

// load makes purchases until ctx ends.
func (p plant) load(ctx context.Context, observer rutravel.Observer) {
	for ctx.Err() == nil {
		shop := shops[p.supplier]() // anew, because it sells out
		rt := shop.fake
		if p.through != nil {
			rt = p.through(rt)
		}
		opts := append([]rutravel.Option{
			rutravel.WithObserver(observer), rutravel.WithHTTPClient(&http.Client{Transport: rt}),
		}, p.options...)
		gone, cancel := context.WithCancel(ctx)
		cancel()
		_ = shop.buy(gone, opts...) // is not sent
		for range 10 {
			_ = shop.buy(ctx, opts...)
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}
}

// faster are the changes that let alerts fire in seconds in place of minutes.
var faster = strings.NewReplacer("[5m]", "[5s]", "[10m]", "[10s]", "offset 10m", "offset 10s",
	"for: 2m", "for: 1s", "for: 5m", "for: 1s", "for: 10m", "for: 1s", "> 30\n", "> 0.4\n")

const config = `
global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
rule_files: [alerts.yml]
scrape_configs:
  - job_name: shop
    static_configs: [targets: [%q]]
`

// server is a Prometheus.
type server struct{ url string }

// startPrometheus starts a Prometheus that scrapes a program.
func startPrometheus(t *testing.T, target string) *server {
	t.Helper()
	binary, dir := program(t, "prometheus"), t.TempDir()
	for name, text := range map[string]string{"prometheus.yml": fmt.Sprintf(config, target), "alerts.yml": faster.Replace(read(t, "alerts.yml"))} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, binary, "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--log.level=warn")
	var log strings.Builder
	command.Stderr = &log
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // it was killed
		if t.Failed() {
			t.Log(log.String())
		}
	})
	s := &server{"http://" + address}
	require.Eventually(t, func() bool {
		resp, err := http.Get(s.url + "/-/ready")
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	}, 20*time.Second, 100*time.Millisecond, "prometheus does not start")
	return s
}

// get reads the data of an answer of Prometheus.
func (s *server) get(t *testing.T, path string, query url.Values, data any) {
	t.Helper()
	resp, err := http.Get(s.url + path + "?" + query.Encode())
	require.NoError(t, err)
	defer resp.Body.Close()
	var told struct {
		Status, Error string
		Data          json.RawMessage
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&told))
	require.Equal(t, "success", told.Status, "%s: %s", query, told.Error)
	require.NoError(t, json.Unmarshal(told.Data, data))
}

// missing returns the queries that return no data, or none that is a number.
func (s *server) missing(t *testing.T, queries map[string]string) (names []string) {
	t.Helper()
	for name, query := range queries {
		var data struct {
			Result []struct{ Value [2]any }
		}
		s.get(t, "/api/v1/query", url.Values{"query": {query}}, &data)
		if !slices.ContainsFunc(data.Result, func(r struct{ Value [2]any }) bool { return r.Value[1] != "NaN" }) {
			names = append(names, name)
		}
	}
	return names
}

// silent returns the alerts that do not fire.
func (s *server) silent(t *testing.T) []string {
	t.Helper()
	var data struct {
		Alerts []struct {
			Labels map[string]string
			State  string
		}
	}
	s.get(t, "/api/v1/alerts", nil, &data)
	return slices.DeleteFunc(alerts(t), func(name string) bool {
		for _, a := range data.Alerts {
			if a.State == "firing" && a.Labels["alertname"] == name {
				return true
			}
		}
		return false
	})
}

// dashboard is what Grafana asks Prometheus for.
type dashboard struct {
	Templating struct {
		List []struct{ Name, Type, Query string }
	}
	Panels []struct {
		Title   string
		Targets []struct{ RefID, Expr string }
	}
}

// queries returns the queries of the dashboard, as Grafana sends them for all
// suppliers.
func queries(t *testing.T) map[string]string {
	t.Helper()
	var d dashboard
	require.NoError(t, json.Unmarshal([]byte(read(t, "dashboard.json")), &d))
	all := map[string]string{}
	fill := strings.NewReplacer("$supplier", ".*", "$__rate_interval", "5s", "$__range", "10s")
	for _, panel := range d.Panels {
		require.NotEmpty(t, panel.Targets, panel.Title)
		for _, target := range panel.Targets {
			query := fill.Replace(target.Expr)
			require.NotContains(t, query, "$", panel.Title)
			all[panel.Title+" "+target.RefID] = query
		}
	}
	for _, v := range d.Templating.List {
		if label, ok := strings.CutPrefix(v.Query, "label_values("); ok {
			metric, name, _ := strings.Cut(strings.TrimSuffix(label, ")"), ", ")
			all["variable "+v.Name] = "count by (" + name + ") (" + metric + ")"
		}
	}
	require.Contains(t, all, "variable supplier")
	return all
}

// A Prometheus scrapes a program under load whose suppliers fail. Each query of the
// dashboard returns data, and each alert fires.
func TestPrometheus(t *testing.T) {
	t.Parallel()
	program(t, "prometheus")
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	require.NoError(t, err)
	observer, err := rutravelotel.New(rutravelotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	require.NoError(t, err)
	metrics := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer metrics.Close()

	var wait sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer wait.Wait()
	defer cancel()
	for _, p := range plants() {
		wait.Go(func() { p.load(ctx, observer) })
	}
	s := startPrometheus(t, strings.TrimPrefix(metrics.URL, "http://"))
	all := queries(t)
	var missing, silent []string
	assert.Eventually(t, func() bool {
		if len(missing)+len(silent) == 0 {
			missing, silent = []string{"all"}, alerts(t)
		}
		missing, silent = s.missing(t, all), s.silent(t)
		return len(missing)+len(silent) == 0
	}, time.Minute, time.Second)
	assert.Empty(t, missing, "queries without data")
	assert.Empty(t, silent, "alerts that do not fire")
}
