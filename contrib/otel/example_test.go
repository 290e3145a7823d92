package rutravelotel_test

import (
	"fmt"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	rutravel "github.com/rutravel/rutravel-go"
	rutravelotel "github.com/rutravel/rutravel-go/contrib/otel"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// A backend that Prometheus scrapes. Spans go to the global tracer provider.
func Example() {
	reader, err := exporter.New()
	if err != nil {
		panic(err)
	}
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	observer, err := rutravelotel.New(rutravelotel.WithMeterProvider(metrics))
	if err != nil {
		panic(err)
	}
	client, err := regionbilet.New(regionbilet.Config{
		User:      "agent",
		SecretKey: rutravel.Secret(os.Getenv("REGIONBILET_SKEY")),
	}, rutravel.WithObserver(observer))
	http.Handle("/metrics", promhttp.Handler())
	fmt.Println(client, err)
}
