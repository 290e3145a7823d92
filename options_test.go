package rutravel_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/options"
)

// Where each option fits is a fact of its type.
var (
	_ rutravel.Option       = rutravel.CommonOption(nil)
	_ rutravel.CallOption   = rutravel.CommonOption(nil)
	_ rutravel.CommonOption = rutravel.WithAttemptTimeout(1)
	_ rutravel.CommonOption = rutravel.WithMaxAttempts(1)

	_ func(*http.Client) rutravel.Option      = rutravel.WithHTTPClient
	_ func(int) rutravel.Option               = rutravel.WithRetryBudget
	_ func(rutravel.Limiter) rutravel.Option  = rutravel.WithLimiter
	_ func(*slog.Logger) rutravel.Option      = rutravel.WithLogger
	_ func(rutravel.Observer) rutravel.Option = rutravel.WithObserver
	_ func(string) rutravel.Option            = rutravel.WithUserAgent
	_ func() rutravel.Option                  = rutravel.WithPlainHTTP
	_ func(*[]byte) rutravel.CallOption       = rutravel.WithRawAnswer
)

// An option of the other sort must not fit by chance of its dynamic type.
func TestOptionsDoNotFitElsewhere(t *testing.T) {
	t.Parallel()
	for i, o := range []rutravel.Option{
		rutravel.WithHTTPClient(nil), rutravel.WithRetryBudget(1), rutravel.WithLimiter(nil), rutravel.WithLogger(nil),
		rutravel.WithObserver(rutravel.Observer{}), rutravel.WithUserAgent(""), rutravel.WithPlainHTTP(),
	} {
		_, ok := o.(rutravel.CallOption)
		assert.False(t, ok, "option %d", i)
	}
	_, ok := rutravel.WithRawAnswer(nil).(rutravel.Option)
	assert.False(t, ok)
}

type limiter struct{}

func (limiter) Wait(context.Context) error { return nil }

func TestClientOptions(t *testing.T) {
	t.Parallel()
	h := new(http.Client)
	var c options.Client
	for _, o := range []rutravel.Option{
		rutravel.WithHTTPClient(h), rutravel.WithRetryBudget(7), rutravel.WithLimiter(limiter{}),
		rutravel.WithUserAgent("shop/1.4"), rutravel.WithPlainHTTP(), rutravel.WithAttemptTimeout(time.Second), rutravel.WithMaxAttempts(5),
	} {
		o.ApplyToClient(&c)
	}
	assert.Equal(t, options.Client{
		Call:       options.Call{AttemptTimeout: time.Second, MaxAttempts: 5},
		HTTPClient: h, RetryBudget: 7, Limiter: limiter{}, UserAgent: "shop/1.4", PlainHTTP: true,
	}, c)
}

func TestCallOptions(t *testing.T) {
	t.Parallel()
	var raw []byte
	var c options.Call
	for _, o := range []rutravel.CallOption{rutravel.WithAttemptTimeout(time.Second), rutravel.WithMaxAttempts(5), rutravel.WithRawAnswer(&raw)} {
		o.ApplyToCall(&c)
	}
	assert.Equal(t, options.Call{AttemptTimeout: time.Second, MaxAttempts: 5, RawAnswer: &raw}, c)
}

// Observers add up. A nil logger observes nothing.
func TestWithObserver(t *testing.T) {
	t.Parallel()
	var c options.Client
	rutravel.WithLogger(nil).ApplyToClient(&c)
	assert.Empty(t, c.Observers)
	rutravel.WithObserver(rutravel.Observer{}).ApplyToClient(&c)
	rutravel.WithLogger(slog.New(slog.DiscardHandler)).ApplyToClient(&c)
	require.Len(t, c.Observers, 2)
	assert.Equal(t, &rutravel.Observer{}, c.Observers[0])
}

func TestWithLimiter(t *testing.T) {
	t.Parallel()
	var c options.Client
	rutravel.WithLimiter(limiter{}).ApplyToClient(&c)
	rutravel.WithLimiter(nil).ApplyToClient(&c)
	if c.Limiter != nil { // nor an interface that holds a nil, which assert.Nil takes for nil
		assert.Fail(t, "the limiter stays")
	}
}

func TestOptionErrors(t *testing.T) {
	t.Parallel()
	problem := func(field, text string) error { return &rutravel.FieldError{Field: field, Problem: text} }
	for _, test := range []struct {
		option rutravel.Option
		want   error
	}{
		{rutravel.WithHTTPClient(nil), problem("WithHTTPClient", "must not be nil")},
		{rutravel.WithTransport(nil), problem("WithTransport", "must not be nil")},
		{rutravel.WithAttemptTimeout(0), problem("WithAttemptTimeout", "must be positive")},
		{rutravel.WithAttemptTimeout(-1), problem("WithAttemptTimeout", "must be positive")},
		{rutravel.WithMaxAttempts(0), problem("WithMaxAttempts", "must be at least 1")},
		{rutravel.WithRetryBudget(-1), problem("WithRetryBudget", "must not be negative")},
		{rutravel.WithUserAgent("a\nb"), problem("WithUserAgent", "must be printable ASCII")},
		{rutravel.WithUserAgent("a\x7f"), problem("WithUserAgent", "must be printable ASCII")},
	} {
		var c options.Client
		test.option.ApplyToClient(&c)
		assert.Equal(t, test.want, c.Err, "%v", test.want)
		c.Err = nil
		assert.Zero(t, c, "%v changed something", test.want)

		if common, ok := test.option.(rutravel.CommonOption); ok {
			var call options.Call
			common.ApplyToCall(&call)
			assert.Equal(t, test.want, call.Err, "%v", test.want)
		}
	}
	// The first one is reported.
	var c options.Client
	rutravel.WithMaxAttempts(0).ApplyToClient(&c)
	rutravel.WithHTTPClient(nil).ApplyToClient(&c)
	rutravel.WithMaxAttempts(1).ApplyToClient(&c)
	assert.Equal(t, problem("WithMaxAttempts", "must be at least 1"), c.Err)
}
