package rutravelredis

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	rutravel "github.com/rutravel/rutravel-go"
)

// Limiter is a [rutravel.Limiter] that several instances share. It lets money go
// first, by the rule of [rutravel.PriorityLimiter]: calls that book, pay, cancel or
// refund, then reads that decide about money, then all others. While calls wait, at
// least every fourth attempt belongs to the next lower priority that has waiting
// calls. The rule applies across all instances. Instances whose calls have the same
// priority take turns. Within an instance, the oldest call goes first.
//
// Calls wait in a queue of their instance. The instance asks Redis, about twice for
// each attempt that is let through.
//
// A Limiter is safe for concurrent use, also by several clients.
type Limiter struct {
	redis    *redis.Client
	key      string
	instance string // names this Limiter among all that use the key
	interval time.Duration
	burst    int
	grace    time.Duration

	mu      sync.Mutex
	queues  [priorities][]*turn
	token   time.Time     // no attempt is let through before this time
	asking  bool          // whether run runs
	changed chan struct{} // wakes run when a priority gets its first call or loses its last one
}

// turn is a waiting call.
type turn struct {
	deadline time.Time // zero if there is none
	result   chan error
}

// The priorities, highest first.
const (
	moneyFirst = iota
	decidesNext
	othersLast
	priorities
)

const (
	// answerTime is how long Redis may take for an answer.
	answerTime = time.Second
	// graceTime is how late an instance may be for its turn. After it, another
	// instance takes the turn.
	graceTime = 500 * time.Millisecond
	// retryTime is how long an instance waits when another one has the turn.
	retryTime = 2 * time.Millisecond
)

// errLate contains the words "context deadline", by which the client recognizes a
// refusal because of the deadline.
var errLate = fmt.Errorf("rutravelredis: the next turn is after the context deadline: %w", context.DeadlineExceeded)

// NewLimiter returns a limiter that lets perSecond attempts a second through, and
// burst at once after a pause. Both must be at least 1.
//
// All limiters with the same key share these attempts and must have the same
// perSecond and burst. The key names the supplier and the account, for example
// "rutravel:limit:regionbilet:agency". Choose a name for the account. Never use a
// credential, because keys appear in the logs of Redis.
func NewLimiter(client *redis.Client, key string, perSecond, burst int) *Limiter {
	perSecond = max(perSecond, 1)
	microseconds := (1_000_000 + perSecond - 1) / perSecond // as in Redis, rounded up
	return &Limiter{
		redis: client, key: key, instance: rand.Text(),
		interval: time.Duration(microseconds) * time.Microsecond,
		burst:    max(burst, 1),
		grace:    graceTime,
		changed:  make(chan struct{}, 1),
	}
}

// Wait waits for the turn of the call that ctx belongs to. A context without a call
// has the lowest priority. Wait fails at once if ctx ends, if its deadline is before
// the turn, or if Redis fails. If a caller leaves while Redis grants its turn, the
// turn is lost.
func (l *Limiter) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p := priority(ctx)
	t := &turn{result: make(chan error, 1)}
	t.deadline, _ = ctx.Deadline()
	if !l.enqueue(p, t) { //nolint:contextcheck // asks Redis for many calls, not for one
		return errLate
	}
	select {
	case err := <-t.result:
		return err
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.queues[p], t)
	if i < 0 { // it ended at the same moment
		return <-t.result
	}
	l.queues[p] = slices.Delete(l.queues[p], i, i+1)
	if len(l.queues[p]) == 0 {
		l.change()
	}
	return ctx.Err()
}

// priority returns the priority of the call that ctx belongs to, as in
// [rutravel.PriorityLimiter].
func priority(ctx context.Context) int {
	c, ok := rutravel.CallFrom(ctx)
	switch {
	case ok && c.Safety == rutravel.SafetyUnsafe:
		return moneyFirst
	case ok && (c.Decides || c.Safety == rutravel.SafetyKeyed):
		return decidesNext
	default:
		return othersLast
	}
}

// enqueue adds a call to the queue. It reports false if the call would be too late.
func (l *Limiter) enqueue(p int, t *turn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.late(t, len(l.queues[p])) {
		return false
	}
	l.queues[p] = append(l.queues[p], t)
	if len(l.queues[p]) == 1 {
		l.change()
	}
	if !l.asking {
		l.asking = true
		go l.run()
	}
	return true
}

// late reports whether the deadline of a call is before its turn. before is the
// number of calls that are let through first.
func (l *Limiter) late(t *turn, before int) bool {
	return !t.deadline.IsZero() && time.Now().Before(l.token) &&
		t.deadline.Before(l.token.Add(time.Duration(before)*l.interval))
}

// change makes run ask Redis at once.
func (l *Limiter) change() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// run asks Redis for turns as long as calls wait.
func (l *Limiter) run() {
	for {
		waiting := l.waiting()
		asked := time.Now()
		a, err := l.ask(waiting)
		pause, more := l.apply(waiting, asked, a, err)
		if !more {
			return
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-l.changed:
			timer.Stop()
		}
	}
}

// waiting returns how many calls wait at each priority.
func (l *Limiter) waiting() (n [priorities]int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p, queue := range l.queues {
		n[p] = len(queue)
	}
	return n
}

// apply ends the turns that an answer of Redis grants or makes impossible. It returns
// the pause before the next question, and false if there is no next question.
func (l *Limiter) apply(waiting [priorities]int, asked time.Time, a answer, err error) (pause time.Duration, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		for p := range l.queues {
			for _, t := range l.queues[p] {
				t.result <- err
			}
			l.queues[p] = nil
		}
		l.asking = false
		return 0, false
	}
	l.token = asked.Add(a.wait)
	if p := a.priority; p < priorities {
		waiting[p]--
		if len(l.queues[p]) > 0 { // else the caller has left
			l.queues[p][0].result <- nil
			l.queues[p] = l.queues[p][1:]
		}
	}
	l.refuse()
	switch {
	case len(l.queues[moneyFirst])+len(l.queues[decidesNext])+len(l.queues[othersLast]) > 0:
		if a.priority == priorities && a.wait == 0 { // it is the turn of another instance
			return retryTime, true
		}
		return a.wait, true
	case waiting != [priorities]int{}:
		return 0, true // tell Redis that no calls wait any more
	default:
		l.asking = false
		return 0, false
	}
}

// refuse ends the turns that are too late for their callers.
func (l *Limiter) refuse() {
	for p, queue := range l.queues {
		kept := queue[:0]
		for _, t := range queue {
			if l.late(t, len(kept)) {
				t.result <- errLate
			} else {
				kept = append(kept, t)
			}
		}
		clear(queue[len(kept):])
		l.queues[p] = kept
	}
}

// answer is an answer of Redis.
type answer struct {
	priority int           // of the call that is let through; priorities if none is
	wait     time.Duration // until an attempt may be let through
}

//go:embed limiter.lua
var takeSource string

// take takes a turn if there is one for this instance.
var take = redis.NewScript(takeSource)

// ask tells Redis how many calls wait at each priority, and asks for a turn.
func (l *Limiter) ask(waiting [priorities]int) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime) // many calls wait for the answer
	defer cancel()
	got, err := take.Run(ctx, l.redis, []string{l.key},
		l.instance, l.interval.Microseconds(), l.burst, l.grace.Microseconds(),
		waiting[moneyFirst], waiting[decidesNext], waiting[othersLast]).Int64Slice()
	switch {
	case err != nil && ctx.Err() != nil: // without the words "context deadline", which mean the caller's deadline
		return answer{}, fmt.Errorf("rutravelredis: no answer from Redis within %v", answerTime)
	case err != nil:
		return answer{}, fmt.Errorf("rutravelredis: %w", err)
	case len(got) != 2 || got[0] < 0 || got[0] > priorities:
		return answer{}, errors.New("rutravelredis: unexpected answer from Redis")
	}
	return answer{int(got[0]), time.Duration(got[1]) * time.Microsecond}, nil
}
