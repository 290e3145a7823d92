package rutravel

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

// PriorityLimiter is a [Limiter] that lets money go first. It has three priorities:
// calls that book, pay, cancel or refund; reads that decide about money; all others.
// Within a priority the oldest call is first. While calls of a lower priority wait, at
// least every fourth attempt is one of theirs, so that searches are not starved.
//
// It is safe for concurrent use by several clients.
type PriorityLimiter struct {
	interval time.Duration
	burst    int

	mu     sync.Mutex
	next   time.Time // when the next attempt may start; in the past if a burst is left
	queues [priorities][]*turn
	passed [priorities]int // attempts in a row while a lower priority waited
	timer  *time.Timer
}

// turn is a call that waits.
type turn struct{ granted chan struct{} }

// The priorities, the highest first.
const (
	moneyFirst = iota
	decidesNext
	othersLast
	priorities
)

// NewPriorityLimiter returns a limiter that allows perSecond attempts a second, and
// burst attempts at once after a pause. Values below 1 count as 1.
func NewPriorityLimiter(perSecond, burst int) *PriorityLimiter {
	perSecond, burst = max(perSecond, 1), min(max(burst, 1), math.MaxInt32) // what is more overflows a Duration
	return &PriorityLimiter{interval: time.Second / time.Duration(perSecond), burst: burst}
}

// Wait waits for the turn of the call that ctx belongs to. A context without a
// call has the lowest priority. The error is ctx.Err().
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

// serve grants the turns that are due, and sets a timer for the next one.
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

// wake calls serve after a while.
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

// first returns the priority whose turn it is, or priorities if no call waits.
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

// count records an attempt of a priority.
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
