// Package options has the settings that the options of package rutravel make. The
// engine can read them, but applications cannot.
package options

import (
	"context"
	"crypto/x509"
	"net/http"
	"time"
)

// Call holds the settings of one call.
type Call struct {
	AttemptTimeout time.Duration // 0 means the operation's timeout
	MaxAttempts    int
	MaxAnswer      int64 // 0 means the library's limit
	RawAnswer      *[]byte

	// Err is the error of the first invalid option.
	Err error
}

// Refuse records the error of an invalid option.
func (c *Call) Refuse(err error) {
	if c.Err == nil {
		c.Err = err
	}
}

// Client holds the settings of a client. Call holds the defaults of its calls.
type Client struct {
	Call
	HTTPClient  *http.Client // nil means the library's client
	Wrap        func(http.RoundTripper) http.RoundTripper
	RootCAs     *x509.CertPool // nil means the system's
	RetryBudget int
	Limiter     interface{ Wait(context.Context) error }
	Observers   []any  // of *rutravel.Observer, which this package cannot import
	UserAgent   string // the application's part
	PlainHTTP   bool
}
