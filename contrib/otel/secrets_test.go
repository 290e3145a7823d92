package rutravelotel_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	rutravel "github.com/rutravel/rutravel-go"
)

// marker is in the supplier's messages and not in requests, so that errors show it.
const marker = "zyqwords"

// echo is a transport that answers request n with all texts that must not be shown.
type echo struct {
	*shop
	n     int
	words string
	fail  func(e *echo, r *http.Request) (*http.Response, error)
	sent  int
}

func (e *echo) RoundTrip(r *http.Request) (*http.Response, error) {
	if e.sent++; e.sent == e.n {
		return e.fail(e, r)
	}
	return e.fake.RoundTrip(r)
}

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// text matches the beginning of a text in JSON and XML.
var text = regexp.MustCompile(`(:\s*"|>)([^<"\s])`)

// echoes are the ways in which a supplier, a gateway or a network returns parts of a
// request.
var echoes = map[string]func(e *echo, r *http.Request) (*http.Response, error){
	"nothing": func(e *echo, r *http.Request) (*http.Response, error) { return e.fake.RoundTrip(r) },
	"refusal": func(e *echo, r *http.Request) (*http.Response, error) {
		return answer(e.refusal(e.words + " " + r.URL.String())), nil
	},
	"gateway": func(e *echo, r *http.Request) (*http.Response, error) {
		return answer(http.StatusBadGateway, e.words+" "+r.URL.String()), nil
	},
	"page": func(e *echo, _ *http.Request) (*http.Response, error) {
		return answer(http.StatusOK, "<html>"+e.words+"</html>"), nil
	},
	"values": func(e *echo, r *http.Request) (*http.Response, error) { // in all texts
		resp, err := e.fake.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		if unpacked, bad := gzip.NewReader(bytes.NewReader(body)); bad == nil {
			body, err = io.ReadAll(unpacked)
		}
		resp.Body = io.NopCloser(strings.NewReader(text.ReplaceAllString(string(body), "${1}"+e.words+" ${2}")))
		return resp, err
	},
	"network": func(e *echo, r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("giving up: %w", &url.Error{Op: r.Method, URL: r.URL.String(), Err: errors.New(e.words)})
	},
}

// Purchases at all suppliers, with faults that return parts of requests, show no secret
// and no person in any span, event, metric or attribute.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const requests = 8 // of the longest purchase, and one more
	for name, open := range shops {
		for way, fail := range echoes {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					shop := open()
					seen := newTelemetry(t)
					words := strings.Join(append([]string{marker, surname, first, passport, phone, email, "1931-03-27"}, shop.secrets...), " ")
					var failed bool
					for n := range requests {
						rt := &echo{shop: shop, n: n + 1, words: words, fail: fail}
						err := shop.buy(t.Context(), rutravel.WithHTTPClient(&http.Client{Transport: rt}), rutravel.WithObserver(seen.observer))
						failed = failed || err != nil
						require.GreaterOrEqual(t, rt.sent, min(2, n+1))
					}
					assert.Equal(t, way != "nothing", failed)
					shown := strings.ToLower(seen.text(t))
					assert.Contains(t, shown, name)
					for _, private := range append(append([]string{"://", marker}, people...), shop.secrets...) {
						for _, form := range []string{private, url.QueryEscape(private)} {
							if at := strings.Index(shown, strings.ToLower(form)); at >= 0 {
								assert.Fail(t, "shown: "+form, shown[max(0, at-300):min(len(shown), at+100)])
							}
						}
					}
				})
			})
		}
	}
}

// text returns all that was exported.
func (x *telemetry) text(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	attrs := func(all ...attribute.KeyValue) {
		for _, kv := range all {
			fmt.Fprintf(&b, " %s=%s", kv.Key, kv.Value.String())
		}
		b.WriteByte('\n')
	}
	for _, s := range x.spans.GetSpans() {
		fmt.Fprintf(&b, "%s %+v %s", s.Name, s.Status, s.SpanContext.TraceState())
		attrs(s.Attributes...)
		for _, e := range s.Events {
			b.WriteString(e.Name)
			attrs(e.Attributes...)
		}
	}
	for _, m := range x.collect(t) {
		fmt.Fprintf(&b, "%s %s %s\n", m.Name, m.Description, m.Unit)
		switch data := m.Data.(type) {
		case metricdata.Histogram[float64]:
			for _, p := range data.DataPoints {
				attrs(p.Attributes.ToSlice()...)
			}
		case metricdata.Histogram[int64]:
			for _, p := range data.DataPoints {
				attrs(p.Attributes.ToSlice()...)
			}
		case metricdata.Sum[int64]:
			for _, p := range data.DataPoints {
				attrs(p.Attributes.ToSlice()...)
			}
		default:
			require.Fail(t, "another kind of data", "%T", data)
		}
	}
	return b.String()
}
