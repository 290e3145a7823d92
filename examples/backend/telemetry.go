package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	rutravel "github.com/rutravel/rutravel-go"
	rutravelotel "github.com/rutravel/rutravel-go/contrib/otel"
)

// telemetry is how the suppliers' calls are observed: metrics for Prometheus and, if
// there is an address for them, traces.
func telemetry(ctx context.Context, traces bool) (observer rutravel.Observer, metrics http.Handler, stop func(context.Context) error, err error) {
	registry := prometheus.NewRegistry()
	reader, err := otelprometheus.New(otelprometheus.WithRegisterer(registry))
	if err != nil {
		return observer, nil, nil, err
	}
	meters := metric.NewMeterProvider(metric.WithReader(reader))
	spans := []trace.TracerProviderOption{trace.WithSampler(trace.NeverSample())}
	if traces {
		exporter, failed := otlptracehttp.New(ctx) // it reads the address from the environment
		if failed != nil {
			return observer, nil, nil, failed
		}
		spans = []trace.TracerProviderOption{trace.WithBatcher(exporter)}
	}
	tracers := trace.NewTracerProvider(spans...)
	observer, err = rutravelotel.New(rutravelotel.WithMeterProvider(meters), rutravelotel.WithTracerProvider(tracers))
	return observer, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), func(ctx context.Context) error {
		return errors.Join(tracers.Shutdown(ctx), meters.Shutdown(ctx))
	}, err
}
