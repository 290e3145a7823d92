// Package options holds what the options of package rutravel set. It exists
// so that the engine can read them and applications cannot.
package options

import (
	"context"
	"crypto/x509"
	"net/http"
	"time"
)

// Call holds the settings of one call.
type Call struct {
	AttemptTimeout time.Duration // 0: the operation's own
	MaxAttempts    int
	MaxAnswer      int64 // 0: the library's own bound
	RawAnswer      *[]byte

	// Err is the first option that made no sense.
	Err error
}

// Refuse records that an option made no sense.
func (c *Call) Refuse(err error) {
	if c.Err == nil {
		c.Err = err
	}
}

// Client holds the settings of a client; Call holds the defaults of its calls.
type Client struct {
	Call
	HTTPClient  *http.Client // nil: the library's own
	Wrap        func(http.RoundTripper) http.RoundTripper
	RootCAs     *x509.CertPool // nil: the system's
	RetryBudget int
	Limiter     interface{ Wait(context.Context) error }
	Observers   []any  // of *rutravel.Observer, which this package cannot import
	UserAgent   string // the application's part
	PlainHTTP   bool
}
