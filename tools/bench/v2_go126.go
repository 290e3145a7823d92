//go:build !go1.27

package main

import "net/http"

// v2 returns nothing: Go 1.26 has encoding/json/v2 only as an experiment.
func v2(exchange, *http.Client) []contestant { return nil }

var streamV2 func(transport http.RoundTripper, trip func(any)) error
