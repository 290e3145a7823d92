package rutravel

import (
	"context"
	"log/slog"
	"time"

	"github.com/rutravel/rutravel-go/internal/options"
)

// Safety says what sending an operation twice would do.
type Safety string

// The safeties.
const (
	// SafetyUnsafe operations book, pay, cancel, refund or mail. They are sent
	// again only if it is proven that they were not sent.
	SafetyUnsafe Safety = "unsafe"
	// SafetyKeyed operations set a desired state. Sending them twice changes
	// nothing.
	SafetyKeyed Safety = "keyed"
	// SafetySafe operations read.
	SafetySafe Safety = "safe"
)

// Call describes a call to observers and limiters. It contains nothing from the
// request or the answer.
type Call struct {
	Supplier string // the supplier's package: "regionbilet"
	Op       string // the operation, as in [Error]: one of a few dozen names
	Safety   Safety
	Decides  bool // a read whose answer decides about money, such as a status or a quote
}

type callKey struct{}

// CallFrom returns the call that a context belongs to. A [Limiter] and the
// functions of an [Observer] are given such contexts.
func CallFrom(ctx context.Context) (Call, bool) {
	c, ok := ctx.Value(callKey{}).(Call)
	return c, ok
}

// ContextWithCall returns a context that belongs to a call. Clients do this for
// every call; tests of limiters may need it.
func ContextWithCall(ctx context.Context, c Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// Observer sees the calls of a client, for logs, metrics and traces. Each of its
// functions may be nil. They are called on the goroutine of the call and should
// return soon. Their arguments contain no URL, no credential and no passenger's
// data, with one exception: Error.Code and Error.Message are the supplier's words.
//
// Each call has one start and one end, also if it was refused before anything was
// sent. An iterator or a look-up that reads several pages is one call for each
// page. A stream is an answer whose elements are yielded while it arrives:
// Smartway's history, all of tcsimple. It is one call. Ticketscloud's AdjustTickets
// with all its requests is also one call.
type Observer struct {
	// CallStart is called first. The context that it returns is used for the
	// whole call, and given to the other functions.
	CallStart func(ctx context.Context, c Call) context.Context
	// Waited is called after each wait.
	Waited func(ctx context.Context, w Wait)
	// AttemptStart is called before each attempt. The context that it returns is
	// used for the attempt.
	AttemptStart func(ctx context.Context, c Call, number int) context.Context
	// AttemptEnd is called after each attempt, with the attempt's context.
	AttemptEnd func(ctx context.Context, a Attempt)
	// Warned is called for each value of an answer that could not be read and
	// that callers can do without.
	Warned func(ctx context.Context, w Warning)
	// CallEnd is called last.
	CallEnd func(ctx context.Context, r Result)
}

// WaitReason says what a call waited for.
type WaitReason string

// The reasons.
const (
	WaitLimiter WaitReason = "limiter" // the Limiter of WithLimiter
	WaitSession WaitReason = "session" // a session with the supplier, including its login and its SessionStore
	WaitTurn    WaitReason = "turn"    // another call of this client that changes the same order
	WaitBackoff WaitReason = "backoff" // the pause before another attempt
)

// Wait is a wait of a call.
type Wait struct {
	Call
	Reason   WaitReason
	Duration time.Duration
	Err      error // why the wait ended without success, or nil
}

// Attempt is one attempt of a call.
type Attempt struct {
	Call
	Number   int           // 1 for the first
	Status   int           // HTTP status; 0 if no answer arrived
	Bytes    int64         // length of the answer's body, unpacked
	Duration time.Duration // without the waits before it
	Err      error         // an [*Error], or nil
}

// Result is how a call ended.
type Result struct {
	Call
	Duration time.Duration // with all waits; for a stream, with the time that the caller took for the elements
	Attempts int           // 0 if nothing was sent
	Bytes    int64         // of the answers of all attempts, unpacked
	Elements int           // of the list that arrived, or that a stream yielded
	Err      error         // an [*Error], or nil
}

// WithObserver adds an observer. If the option is given several times, all
// observers are called in this order. Each CallStart and AttemptStart receives the
// context that the observer before it returned.
func WithObserver(o Observer) Option {
	return clientOption(func(c *options.Client) { c.Observers = append(c.Observers, &o) })
}

// WithLogger logs calls. Each attempt is a record at level debug, or warn if it
// failed: supplier, operation, number, HTTP status, duration, bytes and, if it
// failed, the slug of its kind. Each call that failed without an attempt, and each
// warning about an answer, is a record at level warn. Addresses, bodies,
// credentials and messages are not written.
func WithLogger(l *slog.Logger) Option {
	if l == nil {
		return clientOption(func(*options.Client) {})
	}
	return WithObserver(Observer{
		AttemptEnd: func(ctx context.Context, a Attempt) {
			logged(ctx, l, slog.LevelDebug, "supplier attempt", a.Call, a.Err,
				slog.Int("attempt", a.Number), slog.Int("status", a.Status),
				slog.Duration("duration", a.Duration), slog.Int64("bytes", a.Bytes))
		},
		Warned: func(ctx context.Context, w Warning) {
			l.LogAttrs(ctx, slog.LevelWarn, "unreadable value",
				slog.String("supplier", w.Supplier), slog.String("operation", w.Op),
				slog.String("path", w.Path), slog.String("id", w.ID), slog.String("problem", w.Problem))
		},
		CallEnd: func(ctx context.Context, r Result) {
			if r.Attempts == 0 && r.Err != nil {
				logged(ctx, l, slog.LevelDebug, "supplier call not sent", r.Call, r.Err, slog.Duration("duration", r.Duration))
			}
		},
	})
}

// logged writes a record about a call; a failure raises its level.
func logged(ctx context.Context, l *slog.Logger, level slog.Level, text string, c Call, err error, attrs ...slog.Attr) {
	all := append([]slog.Attr{slog.String("supplier", c.Supplier), slog.String("operation", c.Op)}, attrs...)
	if err != nil {
		level = slog.LevelWarn
		all = append(all, slog.String("error", KindOf(err).Slug()))
	}
	l.LogAttrs(ctx, level, text, all...)
}
