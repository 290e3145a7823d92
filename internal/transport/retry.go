package transport

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	defaultAttempts = 3
	defaultBudget   = 100

	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 5 * time.Second
	// maxWait is the longest Retry-After that is waited for. A longer one is
	// returned to the caller.
	maxWait = 30 * time.Second
)

// backoff returns how long to wait after attempt n, which counts from 1. The wait
// is a random part of a span that doubles, so that many callers do not retry at
// the same time. It is not shorter than the supplier asked for.
func backoff(n int, retryAfter time.Duration) time.Duration {
	span := maxBackoff
	if n < 16 {
		span = min(firstBackoff<<(n-1), maxBackoff)
	}
	return max(rand.N(span), retryAfter)
}

// sleep waits for d. It returns false if ctx ends first. If the deadline of ctx
// comes before the end of d, it returns false at once.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// retryAfter reads the Retry-After headers of an answer: seconds, durations such
// as 2s, dates, or lists of them. The longest counts, in whole seconds. A date is
// compared with the answer's own Date, because this machine's clock may differ.
// Without a Date it is compared with now.
func retryAfter(h http.Header, now time.Time) (longest time.Duration) {
	if d := date(h); !d.IsZero() {
		now = d
	}
	for _, v := range h.Values("Retry-After") {
		d, ok := parseRetryAfter(v, now)
		if !ok { // a list, or words before a date
			for part := range strings.SplitSeq(v, ",") {
				if more, ok := parseRetryAfter(part, now); ok {
					d = max(d, more)
				}
			}
		}
		longest = max(longest, d)
	}
	return longest
}

// date returns the server's clock when it answered, or zero if the answer has no
// Date.
func date(h http.Header) time.Time {
	text := h.Get("Date")
	if text == "" { // a failing http.ParseTime takes longer than a successful one
		return time.Time{}
	}
	t, err := http.ParseTime(text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// parseRetryAfter reads one value of Retry-After.
func parseRetryAfter(v string, now time.Time) (d time.Duration, ok bool) {
	const longest = 365 * 24 * time.Hour
	v = strings.TrimSpace(v)
	if t, err := http.ParseTime(v); err == nil {
		return min(max(t.Sub(now), 0), longest), true
	}
	if seconds, ok := wholeSeconds(strings.TrimSuffix(v, "s")); ok {
		return min(time.Duration(seconds)*time.Second, longest), true
	}
	d, err := time.ParseDuration(v)
	up := (min(max(d, 0), longest) + time.Second - 1).Truncate(time.Second)
	return up, err == nil
}

// wholeSeconds reads a number of seconds and rounds it up. A number out of range
// becomes the largest.
func wholeSeconds(v string) (seconds int64, ok bool) {
	whole, fraction, _ := strings.Cut(v, ".")
	if whole == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, false
	}
	seconds, err := strconv.ParseInt(whole, 10, 32)
	if err == nil && strings.Trim(fraction, "0") != "" {
		seconds++
	}
	return seconds, true // out of range, it is the largest
}

// budget bounds the retries of a client. Each retry costs one. Every tenth call
// that succeeds at its first attempt returns one. The budget counts in tenths.
type budget struct {
	left *atomic.Int64
	full int64
}

const tenths = 10

func newBudget(retries int) budget {
	b := budget{left: new(atomic.Int64), full: min(int64(retries), math.MaxInt64/tenths) * tenths}
	b.left.Store(b.full)
	return b
}

// spend takes the price of one retry, if the budget has it.
func (b budget) spend() bool {
	for {
		n := b.left.Load()
		if n < tenths {
			return false
		}
		if b.left.CompareAndSwap(n, n-tenths) {
			return true
		}
	}
}

// refund returns the price of a retry that was not made.
func (b budget) refund() { b.add(tenths) }

// earn returns a tenth.
func (b budget) earn() { b.add(1) }

func (b budget) add(n int64) {
	for {
		left := b.left.Load()
		if left >= b.full || b.left.CompareAndSwap(left, min(left+n, b.full)) {
			return
		}
	}
}
