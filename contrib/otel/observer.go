package rutravelotel

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	rutravel "github.com/rutravel/rutravel-go"
)

const scope = "github.com/rutravel/rutravel-go/contrib/otel"

// These attributes have no name in the semantic conventions.
const (
	supplierKey  = attribute.Key("rutravel.supplier")
	operationKey = attribute.Key("rutravel.operation")
	safetyKey    = attribute.Key("rutravel.safety")
	reasonKey    = attribute.Key("rutravel.reason")
	partyKey     = attribute.Key("rutravel.party")
	attemptsKey  = attribute.Key("rutravel.attempts")
	elementsKey  = attribute.Key("rutravel.elements")
	bytesKey     = attribute.Key("rutravel.bytes")
	secondsKey   = attribute.Key("rutravel.seconds")
	pathKey      = attribute.Key("rutravel.path")
	problemKey   = attribute.Key("rutravel.problem")
)

// Option is a setting of [New].
type Option func(*config)

type config struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

// WithTracerProvider sets where spans go, in place of the global provider.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(c *config) { c.tracers = p }
}

// WithMeterProvider sets where metrics go, in place of the global provider.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) { c.meters = p }
}

// New returns an observer for [rutravel.WithObserver]. The error is that of the
// meter provider.
func New(opts ...Option) (rutravel.Observer, error) {
	cfg := config{otel.GetTracerProvider(), otel.GetMeterProvider()}
	for _, o := range opts {
		o(&cfg)
	}
	meter := cfg.meters.Meter(scope, metric.WithInstrumentationVersion(rutravel.Version))
	seconds := metric.WithExplicitBucketBoundaries(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120)
	o := &observer{tracer: cfg.tracers.Tracer(scope, trace.WithInstrumentationVersion(rutravel.Version), trace.WithSchemaURL(semconv.SchemaURL))}
	var errs [4]error
	o.duration, errs[0] = meter.Float64Histogram("rutravel.client.call.duration", seconds,
		metric.WithUnit("s"), metric.WithDescription("Duration of calls, with all waits and attempts."))
	o.attempts, errs[1] = meter.Int64Histogram("rutravel.client.call.attempts", metric.WithExplicitBucketBoundaries(0, 1, 2, 3, 5, 10),
		metric.WithUnit("{attempt}"), metric.WithDescription("Attempts of calls, 0 for calls that were not sent."))
	o.waits, errs[2] = meter.Float64Histogram("rutravel.client.call.waits", seconds,
		metric.WithUnit("s"), metric.WithDescription("Waits of calls, by their reason."))
	o.errors, errs[3] = meter.Int64Counter("rutravel.client.call.errors",
		metric.WithUnit("{call}"), metric.WithDescription("Calls that failed, by the slug of the error's kind."))
	return rutravel.Observer{
		CallStart: o.callStart, Waited: o.waited,
		AttemptStart: o.attemptStart, AttemptEnd: o.attemptEnd,
		Warned: o.warned, CallEnd: o.callEnd,
	}, errors.Join(errs[:]...)
}

// observer reports calls.
type observer struct {
	tracer   trace.Tracer
	duration metric.Float64Histogram
	attempts metric.Int64Histogram
	waits    metric.Float64Histogram
	errors   metric.Int64Counter
	known    sync.Map // of *operation, by rutravel.Call
}

// operation has the labels of an operation, which are made once for all its calls.
type operation struct {
	name        string
	callStart   []trace.SpanStartOption
	attempt     string
	attemptOpts []trace.SpanStartOption
	record      []metric.RecordOption
	labels      []attribute.KeyValue
	waits       sync.Map // of []metric.RecordOption, by rutravel.WaitReason
	errors      sync.Map // of []metric.AddOption, by rutravel.Kind
}

func (o *observer) operation(c rutravel.Call) *operation {
	if known, ok := o.known.Load(c); ok {
		return known.(*operation) //nolint:forcetypeassert // nothing else is stored
	}
	labels := []attribute.KeyValue{supplierKey.String(c.Supplier), operationKey.String(c.Op), safetyKey.String(string(c.Safety))}
	name := c.Supplier + " " + c.Op
	client := trace.WithSpanKind(trace.SpanKindClient)
	rpc := trace.WithAttributes(semconv.RPCSystemNameKey.String("rutravel"), semconv.RPCMethod(c.Supplier+"/"+c.Op))
	known, _ := o.known.LoadOrStore(c, &operation{
		name:        name,
		callStart:   []trace.SpanStartOption{client, rpc, trace.WithAttributes(labels...)},
		attempt:     name + " attempt",
		attemptOpts: []trace.SpanStartOption{client, trace.WithAttributes(labels...)},
		record:      []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(labels...))},
		labels:      labels,
	})
	return known.(*operation) //nolint:forcetypeassert // nothing else is stored
}

// with returns a set of the operation's labels and others.
func (op *operation) with(others ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(append(others, op.labels...)...))
}

func (op *operation) waitOptions(reason rutravel.WaitReason) []metric.RecordOption {
	known, ok := op.waits.Load(reason)
	if !ok {
		known, _ = op.waits.LoadOrStore(reason, []metric.RecordOption{op.with(reasonKey.String(string(reason)))})
	}
	return known.([]metric.RecordOption) //nolint:forcetypeassert // nothing else is stored
}

func (op *operation) errorOptions(kind rutravel.Kind) []metric.AddOption {
	known, ok := op.errors.Load(kind)
	if !ok {
		known, _ = op.errors.LoadOrStore(kind, []metric.AddOption{op.with(errorType(kind), partyKey.String(string(kind.Party())))})
	}
	return known.([]metric.AddOption) //nolint:forcetypeassert // nothing else is stored
}

// errorType returns the only attribute that is reported about an error.
func errorType(kind rutravel.Kind) attribute.KeyValue {
	return semconv.ErrorTypeKey.String(kind.Slug())
}

// The keys of the spans in contexts. Other observers may have started further spans.
type (
	callSpan    struct{ *observer }
	attemptSpan struct{ *observer }
)

// span returns a span that this observer has started.
func span(ctx context.Context, key any) trace.Span {
	if s, ok := ctx.Value(key).(trace.Span); ok {
		return s
	}
	return noop.Span{}
}

func (o *observer) callStart(ctx context.Context, c rutravel.Call) context.Context {
	op := o.operation(c)
	ctx, s := o.tracer.Start(ctx, op.name, op.callStart...)
	return context.WithValue(ctx, callSpan{o}, s)
}

// shortest is the shortest wait that is an event. Free limiters, sessions and turns
// take a few microseconds.
const shortest = time.Millisecond

func (o *observer) waited(ctx context.Context, w rutravel.Wait) {
	o.waits.Record(ctx, w.Duration.Seconds(), o.operation(w.Call).waitOptions(w.Reason)...)
	s := span(ctx, callSpan{o})
	if w.Duration < shortest && w.Err == nil || !s.IsRecording() {
		return
	}
	attrs := []attribute.KeyValue{reasonKey.String(string(w.Reason)), secondsKey.Float64(w.Duration.Seconds())}
	if w.Err != nil {
		attrs = append(attrs, errorType(rutravel.KindOf(w.Err)))
	}
	s.AddEvent("wait", trace.WithAttributes(attrs...))
}

func (o *observer) attemptStart(ctx context.Context, c rutravel.Call, _ int) context.Context {
	op := o.operation(c)
	ctx, s := o.tracer.Start(ctx, op.attempt, op.attemptOpts...)
	return context.WithValue(ctx, attemptSpan{o}, s)
}

func (o *observer) attemptEnd(ctx context.Context, a rutravel.Attempt) {
	s := span(ctx, attemptSpan{o})
	if s.IsRecording() {
		attrs := []attribute.KeyValue{bytesKey.Int64(a.Bytes)}
		if a.Status != 0 {
			attrs = append(attrs, semconv.HTTPResponseStatusCode(a.Status))
		}
		if a.Number > 1 {
			attrs = append(attrs, semconv.HTTPRequestResendCount(a.Number-1))
		}
		s.SetAttributes(attrs...)
		fail(s, a.Err)
	}
	s.End()
}

// fail marks a span as failed. The message of the error may name people, so the
// status has no description.
func fail(s trace.Span, err error) {
	if err != nil {
		s.SetAttributes(errorType(rutravel.KindOf(err)))
		s.SetStatus(codes.Error, "")
	}
}

func (o *observer) warned(ctx context.Context, w rutravel.Warning) {
	if s := span(ctx, callSpan{o}); s.IsRecording() {
		s.AddEvent("warning", trace.WithAttributes(pathKey.String(w.Path), problemKey.String(w.Problem)))
	}
}

func (o *observer) callEnd(ctx context.Context, r rutravel.Result) {
	op := o.operation(r.Call)
	o.duration.Record(ctx, r.Duration.Seconds(), op.record...)
	o.attempts.Record(ctx, int64(r.Attempts), op.record...)
	if r.Err != nil {
		o.errors.Add(ctx, 1, op.errorOptions(rutravel.KindOf(r.Err))...)
	}
	s := span(ctx, callSpan{o})
	if s.IsRecording() {
		attrs := []attribute.KeyValue{attemptsKey.Int(r.Attempts), bytesKey.Int64(r.Bytes)}
		if r.Elements > 0 {
			attrs = append(attrs, elementsKey.Int(r.Elements))
		}
		s.SetAttributes(attrs...)
		fail(s, r.Err)
	}
	s.End()
}
