package rutravelotel_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	rutravel "github.com/rutravel/rutravel-go"
	rutravelotel "github.com/rutravel/rutravel-go/contrib/otel"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// telemetry keeps what an observer reports.
type telemetry struct {
	spans    *tracetest.InMemoryExporter
	tracers  *sdktrace.TracerProvider
	reader   *sdkmetric.ManualReader
	observer rutravel.Observer
}

func newTelemetry(t testing.TB, opts ...sdktrace.TracerProviderOption) *telemetry {
	t.Helper()
	x := &telemetry{spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	x.tracers = sdktrace.NewTracerProvider(append([]sdktrace.TracerProviderOption{sdktrace.WithSyncer(x.spans)}, opts...)...)
	var err error
	x.observer, err = rutravelotel.New(rutravelotel.WithTracerProvider(x.tracers),
		rutravelotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(x.reader))))
	require.NoError(t, err)
	return x
}

// collect returns the metrics so far.
func (x *telemetry) collect(t *testing.T) []metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, x.reader.Collect(t.Context(), &all))
	require.Len(t, all.ScopeMetrics, 1)
	return all.ScopeMetrics[0].Metrics
}

// metric returns the data of one metric.
func (x *telemetry) metric(t *testing.T, name string) metricdata.Aggregation {
	t.Helper()
	for _, m := range x.collect(t) {
		if m.Name == name {
			return m.Data
		}
	}
	require.Fail(t, "no metric", name)
	return nil
}

type limiter func(context.Context) error

func (l limiter) Wait(ctx context.Context) error { return l(ctx) }

func labels(more ...attribute.KeyValue) []attribute.KeyValue {
	return append([]attribute.KeyValue{
		attribute.String("rutravel.supplier", "regionbilet"), attribute.String("rutravel.operation", "from"), attribute.String("rutravel.safety", "safe"),
	}, more...)
}

// A call that succeeds at its third attempt has a span with two events and three
// spans below it, and one point in each metric.
func TestObserver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newTelemetry(t)
		fake := regionbilettest.New()
		fake.Inject(regionbilettest.Fault{Op: "from", Refuse: true}, regionbilettest.Fault{Op: "from", Status: 503, Delay: time.Second})
		c, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()), rutravel.WithObserver(x.observer),
			rutravel.WithLimiter(limiter(func(context.Context) error { time.Sleep(2 * time.Millisecond); return nil })))
		require.NoError(t, err)
		ctx, parent := x.tracers.Tracer("test").Start(t.Context(), "order")
		_, err = c.Departures(ctx)
		require.NoError(t, err)
		parent.End()

		spans := x.spans.GetSpans()
		require.Len(t, spans, 5)
		call := spans[3]
		assert.Equal(t, "regionbilet from", call.Name)
		assert.Equal(t, trace.SpanKindClient, call.SpanKind)
		assert.Equal(t, parent.SpanContext().SpanID(), call.Parent.SpanID())
		assert.Equal(t, codes.Unset, call.Status.Code)
		assert.Subset(t, call.Attributes, labels(attribute.String("rpc.system.name", "rutravel"), attribute.String("rpc.method", "regionbilet/from"),
			attribute.Int("rutravel.attempts", 3)))
		var waits []string
		for _, e := range call.Events {
			assert.Equal(t, "wait", e.Name)
			waits = append(waits, e.Attributes[0].Value.AsString())
		}
		assert.Equal(t, []string{"limiter", "backoff", "limiter", "backoff", "limiter"}, waits)
		for i, s := range spans[:3] {
			assert.Equal(t, "regionbilet from attempt", s.Name)
			assert.Equal(t, call.SpanContext.SpanID(), s.Parent.SpanID())
			assert.Equal(t, i < 2, s.Status.Code == codes.Error)
			assert.Empty(t, s.Status.Description)
			assert.Equal(t, i < 2, has(s.Attributes, attribute.String("error.type", "unavailable")))
			assert.Equal(t, i > 0, has(s.Attributes, attribute.Int("http.request.resend_count", i)))
		}
		assert.True(t, has(spans[1].Attributes, attribute.Int("http.response.status_code", 503)))
		assert.Equal(t, time.Second, spans[1].EndTime.Sub(spans[1].StartTime))

		duration := x.metric(t, "rutravel.client.call.duration").(metricdata.Histogram[float64]).DataPoints
		require.Len(t, duration, 1)
		assert.Equal(t, attribute.NewSet(labels()...), duration[0].Attributes)
		assert.InDelta(t, call.EndTime.Sub(call.StartTime).Seconds(), duration[0].Sum, 1e-9)
		attempts := x.metric(t, "rutravel.client.call.attempts").(metricdata.Histogram[int64]).DataPoints
		require.Len(t, attempts, 1)
		assert.EqualValues(t, 3, attempts[0].Sum)
		waited := x.metric(t, "rutravel.client.call.waits").(metricdata.Histogram[float64]).DataPoints
		require.Len(t, waited, 2)
		for _, p := range waited {
			reason, _ := p.Attributes.Value("rutravel.reason")
			assert.Equal(t, map[string]uint64{"limiter": 3, "backoff": 2}[reason.AsString()], p.Count)
		}
	})
}

func has(all []attribute.KeyValue, want attribute.KeyValue) bool {
	for _, kv := range all {
		if kv == want {
			return true
		}
	}
	return false
}

// A call that its limiter refuses has a span without spans below it, and counts as
// an error.
func TestObserverUnsent(t *testing.T) {
	t.Parallel()
	x := newTelemetry(t)
	fake := regionbilettest.New()
	c, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()), rutravel.WithObserver(x.observer),
		rutravel.WithLimiter(limiter(func(context.Context) error { return rutravel.ErrRateLimited })))
	require.NoError(t, err)
	_, err = c.Departures(t.Context())
	require.ErrorIs(t, err, rutravel.ErrRateLimited)
	spans := x.spans.GetSpans()
	require.Len(t, spans, 1)
	assert.Equal(t, sdktrace.Status{Code: codes.Error}, spans[0].Status)
	failed := x.metric(t, "rutravel.client.call.errors").(metricdata.Sum[int64]).DataPoints
	require.Len(t, failed, 1)
	assert.EqualValues(t, 1, failed[0].Value)
	assert.Equal(t, attribute.NewSet(labels(attribute.String("error.type", "rate_limited"), attribute.String("rutravel.party", "operator"))...), failed[0].Attributes)
	attempts := x.metric(t, "rutravel.client.call.attempts").(metricdata.Histogram[int64]).DataPoints
	assert.Zero(t, attempts[0].Sum)
	assert.EqualValues(t, 1, attempts[0].BucketCounts[0])
}

// A value that could not be read is an event of the call, without the id of its row.
func TestObserverWarning(t *testing.T) {
	t.Parallel()
	x := newTelemetry(t)
	o := x.observer
	call := rutravel.Call{Supplier: "acme", Op: "find"}
	ctx := o.CallStart(t.Context(), call)
	o.Warned(ctx, rutravel.Warning{Supplier: "acme", Op: "find", Path: "result[0].phone", ID: "4711", Problem: "want a text"})
	o.CallEnd(ctx, rutravel.Result{Call: call, Elements: 7})
	spans := x.spans.GetSpans()
	require.Len(t, spans, 1)
	require.Len(t, spans[0].Events, 1)
	assert.Equal(t, []attribute.KeyValue{attribute.String("rutravel.path", "result[0].phone"), attribute.String("rutravel.problem", "want a text")}, spans[0].Events[0].Attributes)
	assert.True(t, has(spans[0].Attributes, attribute.Int("rutravel.elements", 7)))
}

// Two observers of one client have their own spans. Events without a start change
// nothing.
func TestObservers(t *testing.T) {
	t.Parallel()
	one, two := newTelemetry(t), newTelemetry(t)
	fake := regionbilettest.New()
	c, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()), rutravel.WithObserver(one.observer), rutravel.WithObserver(two.observer))
	require.NoError(t, err)
	_, err = c.Departures(t.Context())
	require.NoError(t, err)
	assert.Len(t, one.spans.GetSpans(), 2)
	assert.Len(t, two.spans.GetSpans(), 2)

	one.spans.Reset()
	one.observer.AttemptEnd(t.Context(), rutravel.Attempt{})
	one.observer.CallEnd(t.Context(), rutravel.Result{})
	assert.Empty(t, one.spans.GetSpans())
}

// brokenMeters are meters without histograms.
type brokenMeters struct{ noop.MeterProvider }

type brokenMeter struct{ noop.Meter }

func (brokenMeters) Meter(string, ...metric.MeterOption) metric.Meter { return brokenMeter{} }

func (brokenMeter) Int64Histogram(string, ...metric.Int64HistogramOption) (metric.Int64Histogram, error) {
	return noop.Int64Histogram{}, errBroken
}

var errBroken = errors.New("broken")

func TestNewFails(t *testing.T) {
	t.Parallel()
	_, err := rutravelotel.New(rutravelotel.WithMeterProvider(brokenMeters{}))
	assert.ErrorIs(t, err, errBroken)
}

// oneCall makes the events of a call with one attempt and one wait.
func oneCall(ctx context.Context, o rutravel.Observer) {
	call := rutravel.Call{Supplier: "regionbilet", Op: "pay", Safety: rutravel.SafetyUnsafe}
	ctx = o.CallStart(ctx, call)
	o.Waited(ctx, rutravel.Wait{Call: call, Reason: rutravel.WaitLimiter, Duration: time.Second})
	attempt := o.AttemptStart(ctx, call, 1)
	o.AttemptEnd(attempt, rutravel.Attempt{Call: call, Number: 1, Status: http.StatusOK, Bytes: 1000, Duration: time.Second})
	o.CallEnd(ctx, rutravel.Result{Call: call, Duration: time.Second, Attempts: 1, Bytes: 1000})
}

// discard takes spans and drops them.
type discard struct{}

func (discard) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (discard) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (discard) Shutdown(context.Context) error                  { return nil }
func (discard) ForceFlush(context.Context) error                { return nil }

func costly(t testing.TB) rutravel.Observer {
	t.Helper()
	o, err := rutravelotel.New(rutravelotel.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(discard{}))),
		rutravelotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))))
	require.NoError(t, err)
	return o
}

func BenchmarkObserver(b *testing.B) {
	o := costly(b)
	b.ReportAllocs()
	for b.Loop() {
		oneCall(b.Context(), o)
	}
}

// A call with a wait and an attempt costs less than 10 µs, if all spans are sampled.
func TestCost(t *testing.T) { //nolint:paralleltest // it measures
	if raceEnabled {
		t.Skip("the race detector is slow")
	}
	o := costly(t)
	const rounds, calls = 20, 500
	fastest := time.Hour // of the rounds; other programs may use the processor meanwhile
	for range rounds {
		begun := time.Now()
		for range calls {
			oneCall(t.Context(), o)
		}
		fastest = min(fastest, time.Since(begun)/calls)
	}
	assert.Less(t, fastest, 10*time.Microsecond)
}
