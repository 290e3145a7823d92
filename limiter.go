package rutravel

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

// PriorityLimiter is a [Limiter] that lets money go first: calls that book, pay,
// cancel or refund, then reads that decide about money, then all others. Within
// one of these three the oldest call is first. While calls wait, at least every
// fourth attempt that is let through is one of the next lower priority that
// waits, so that searches never stand still.
//
// It is safe for concurrent use, by several clients too.
type PriorityLimiter struct {
	interval time.Duration
	burst    int

	mu     sync.Mutex
	next   time.Time // when the bucket is full again, less burst intervals: a token is there if it is not later than now
	queues [priorities][]*turn
	passed [priorities]int // attempts let through since one of a lower priority was, while one waited
	timer  *time.Timer
}

// turn is a call that waits.
type turn struct{ granted chan struct{} }

// The priorities, the first first.
const (
	moneyFirst = iota
	decidesNext
	othersLast
	priorities
)

// NewPriorityLimiter returns a limiter that lets perSecond attempts a second
// through, and burst at once after a pause. Both must be at least 1.
func NewPriorityLimiter(perSecond, burst int) *PriorityLimiter {
	perSecond, burst = max(perSecond, 1), min(max(burst, 1), math.MaxInt32) // what is more overflows a Duration
	return &PriorityLimiter{interval: time.Second / time.Duration(perSecond), burst: burst}
}

// Wait waits for the turn of the call that ctx belongs to. A context without a
// call has the lowest priority. The error is that of ctx.
func (l *PriorityLimiter) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p := priority(ctx)
	l.mu.Lock()
	t := &turn{granted: make(chan struct{})}
	l.queues[p] = append(l.queues[p], t)
	l.serve()
	l.mu.Unlock()
	select {
	case <-t.granted:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.queues[p], t)
	if i < 0 { // granted at the same moment
		return nil
	}
	l.queues[p] = slices.Delete(l.queues[p], i, i+1)
	return ctx.Err()
}

func priority(ctx context.Context) int {
	c, ok := CallFrom(ctx)
	switch {
	case ok && c.Safety == SafetyUnsafe:
		return moneyFirst
	case ok && (c.Decides || c.Safety == SafetyKeyed):
		return decidesNext
	default:
		return othersLast
	}
}

// serve lets through whom it may, and comes back when there is another token.
func (l *PriorityLimiter) serve() {
	now := time.Now()
	for {
		p := l.first()
		if p == priorities {
			return
		}
		if full := now.Add(-time.Duration(l.burst-1) * l.interval); l.next.Before(full) {
			l.next = full
		}
		if wait := l.next.Sub(now); wait > 0 {
			l.wake(wait)
			return
		}
		l.next = l.next.Add(l.interval)
		close(l.queues[p][0].granted)
		l.queues[p] = l.queues[p][1:]
		l.count(p)
	}
}

// wake has serve called after a while.
func (l *PriorityLimiter) wake(wait time.Duration) {
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer = time.AfterFunc(wait, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.serve()
	})
}

// longestRun is how many attempts of one priority may follow each other while
// one of a lower priority waits.
const longestRun = 3

// first returns the priority whose turn it is; priorities if nobody waits.
func (l *PriorityLimiter) first() int {
	best := priorities
	for p := range l.queues {
		if len(l.queues[p]) == 0 {
			continue
		}
		if best == priorities || l.passed[best] >= longestRun {
			best = p
		}
		if l.passed[best] < longestRun {
			break
		}
	}
	return best
}

// count notes that one of a priority was let through.
func (l *PriorityLimiter) count(p int) {
	for higher := range p {
		l.passed[higher] = 0
	}
	lower := false
	for q := p + 1; q < priorities; q++ {
		lower = lower || len(l.queues[q]) > 0
	}
	if lower {
		l.passed[p] = min(l.passed[p]+1, math.MaxInt32)
	} else {
		l.passed[p] = 0
	}
}
