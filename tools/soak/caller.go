package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
)

// shop is a supplier: a fake behind a network, and the functions that use it.
type shop struct {
	name string
	fake http.Handler
	url  string
	skew time.Duration // how far the supplier's clock is ahead

	// changeOf returns the change that a request has made, from the supplier's answer. It
	// returns false if there is none.
	changeOf func(r *http.Request, body []byte, a answer) (change, bool)
	// refusal returns a refusal in the supplier's shape that contains detail.
	refusal func(body []byte, detail string) (status int, text string)
	// serve makes all calls for one customer.
	serve func(*caller, customer)
	// audit returns the supplier's data at the end.
	audit func(context.Context) ([]holding, error)
	// throwOut ends all sessions; nil if there are none.
	throwOut func()
	// closeIdle closes the callers' connections that are not in use.
	closeIdle func()

	mu     sync.Mutex
	lost   map[string]bool // sessions with a lost answer
	claims map[string]bool // ids that are results of calls
}

// lose records that an answer in a session was lost.
func (s *shop) lose(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost == nil {
		s.lost = map[string]bool{}
	}
	s.lost[session] = session != ""
}

// isLost reports whether an answer in a session was lost.
func (s *shop) isLost(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost[session]
}

// customer is a person with one booking. Its private values can be recognized in every
// text.
type customer struct {
	surname, first, passport, phone, email string
	id                                     string // the caller's id, not a secret
}

var born = civil.Date{Year: 1931, Month: time.March, Day: 27}

// marks are in all private values, and in nothing else.
var marks = []string{
	"qxz", "wqj", "908172", "1931-03-27", "27.03.1931",
	"fake-secret-key", "fake-token", "fake-password", "fake-api-key", "agent@example.com",
}

// zeros is part of the cookies of bgoperator's sessions. It is also part of the ids of
// regionbilet's bookings, which are not secret.
var zeros = strings.Repeat("0", 24)

func newCustomer(n int) customer {
	const letters = 5
	var name []byte
	for rest := n; len(name) < letters; rest /= 26 {
		name = append(name, byte('A'+rest%26))
	}
	return customer{
		surname: "QXZ" + string(name), first: "WQJAN", id: fmt.Sprintf("no%d", n), email: fmt.Sprintf("qxz%d@example.com", n),
		passport: fmt.Sprintf("908172%05d", n), phone: fmt.Sprintf("+7908172%04d", n%10000),
	}
}

// caller makes the calls for one customer after the other.
type caller struct {
	*run
	shop  *shop
	n     int
	rng   *rand.Rand
	order *order // the order that the calls change; nil if no other caller changes it
}

// long is the timeout of look-ups that must succeed on a busy machine.
var long = rutravel.WithAttemptTimeout(time.Minute)

// patience returns the context of a call. Some callers do not wait long.
func (c *caller) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	const some = 12 // of one hundred
	if c.network.isHealed() || c.rng.IntN(100) >= some {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Duration(c.rng.Int64N(int64(c.timeout))))
}

// call is a running call. It counts its attempts and connections.
type call struct {
	shop  *shop
	act   *act   // nil if it changes nothing
	order *order // the order that it changes; nil if others may change it at the same time

	attempts, dials atomic.Int64
}

type callKey struct{}

// order is an order that several callers change.
type order struct {
	mu   sync.Mutex
	busy *call // the call with a running attempt
}

// dial records that an attempt of the call opens a connection. No other call may have a
// running attempt for the same order.
func (k *call) dial(ctx context.Context, l *ledger) {
	k.dials.Add(1)
	if k.order == nil {
		return
	}
	k.order.mu.Lock()
	defer k.order.mu.Unlock()
	if ctx.Err() != nil { // the attempt has ended
		return
	}
	if k.order.busy != nil && k.order.busy != k {
		l.problem(k.shop.name, rowOdd, "two calls changed one order at the same time")
	}
	k.order.busy = k
}

// attempted records that an attempt of the call has ended.
func (k *call) attempted() {
	k.attempts.Add(1)
	if k.order != nil {
		k.order.mu.Lock()
		defer k.order.mu.Unlock()
		if k.order.busy == k {
			k.order.busy = nil
		}
	}
}

// begin returns the context of a call.
func (c *caller) begin(ctx context.Context, a *act) (context.Context, *call) {
	k := &call{shop: c.shop, act: a, order: c.order}
	return context.WithValue(ctx, callKey{}, k), k
}

// maxConnections is the number of connections that one attempt may open: the three that
// SECURITY.md promises, and one that is stopped.
const maxConnections = 4

// check checks the end of a call.
func (c *caller) check(ctx context.Context, k *call, err error) {
	c.ledger.count(c.shop.name, rowCalls, 1)
	attempts, dials := k.attempts.Load(), k.dials.Load()
	if dials > attempts*maxConnections {
		c.ledger.problem(c.shop.name, rowOdd, "%d attempts of a call opened %d connections", attempts, dials)
	}
	if err == nil {
		if attempts == 0 {
			c.ledger.problem(c.shop.name, rowOdd, "a call succeeded, but the observer saw no attempt")
		}
		return
	}
	if ctx.Err() != nil && c.ctx.Err() == nil {
		c.ledger.fault(gaveUp)
	}
	e, ok := errors.AsType[*rutravel.Error](err)
	if !ok {
		c.ledger.problem(c.shop.name, rowOdd, "%T is not a *rutravel.Error", err)
		return
	}
	if attempts < int64(e.Attempts) {
		c.ledger.problem(c.shop.name, rowOdd, "the observer saw %d of %d attempts of %s, which failed", attempts, e.Attempts, e.Op)
	}
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		c.examine(c.shop.name, "an error", cause.Error(), fmt.Sprintf("%+v %#v", cause, cause))
	}
	text, err := json.Marshal(e)
	if err != nil {
		c.ledger.problem(c.shop.name, rowOdd, "an error cannot be written as JSON: %v", err)
	}
	c.examine(c.shop.name, "an error's JSON", string(text))
}

// ask makes a call once.
func ask[T any](c *caller, do func(context.Context) (T, error)) (T, bool) {
	ctx, done := c.patience(c.ctx)
	defer done()
	ctx, k := c.begin(ctx, nil)
	v, err := do(ctx)
	c.check(ctx, k, err)
	return v, err == nil
}

// insist makes a call until it succeeds or fails with one of the errors in answers. ok is
// false if the run is over. Each call has a deadline, because it may wait for a
// Retry-After.
func insist[T any](c *caller, do func(context.Context) (T, error), answers ...error) (v T, err error, ok bool) {
	const pause, longest = 30 * time.Millisecond, 20 * time.Second
	for c.ctx.Err() == nil {
		ctx, cancel := context.WithTimeout(c.ctx, longest)
		ctx, k := c.begin(ctx, nil)
		v, err = do(ctx)
		c.check(ctx, k, err)
		cancel()
		if err == nil {
			return v, nil, true
		}
		for _, a := range answers {
			if errors.Is(err, a) {
				return v, err, true
			}
		}
		time.Sleep(time.Duration(c.rng.Int64N(int64(pause))))
	}
	return v, c.ctx.Err(), false
}

// chance returns true in a percentage of cases.
func (c *caller) chance(percent int) bool { return c.rng.IntN(100) < percent }

// examine looks for private values in texts.
func (r *run) examine(name, where string, texts ...string) {
	for _, text := range texts {
		low := strings.ToLower(addresses.ReplaceAllString(text, ""))
		for _, m := range append(marks, zeros) {
			if strings.Contains(low, m) && (m != zeros || name != "regionbilet") {
				r.ledger.problem(name, rowLeak, "%q in %s: %.600s", m, where, text)
			}
		}
	}
}

// addresses matches addresses in memory and of sockets, whose digits are random.
var addresses = regexp.MustCompile(`0x[0-9a-f]+|127\.0\.0\.1:[0-9]+`)

// options returns the options of all clients.
func (r *run) options(t *http.Transport) []rutravel.Option {
	const budget = 2000
	return []rutravel.Option{
		rutravel.WithHTTPClient(&http.Client{Transport: t}), rutravel.WithAttemptTimeout(r.timeout),
		rutravel.WithRetryBudget(budget), rutravel.WithUserAgent("soak"),
		rutravel.WithLogger(slog.New(slog.NewJSONHandler(records{r}, &slog.HandlerOptions{
			Level: slog.LevelDebug,
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { // random digits could match a mark
				if a.Key == slog.TimeKey || a.Key == "duration" {
					return slog.Attr{}
				}
				return a
			},
		}))),
		rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(ctx context.Context, a rutravel.Attempt) {
			r.ledger.count(a.Supplier, rowAttempts, 1)
			if k, ok := ctx.Value(callKey{}).(*call); ok {
				k.attempted()
			}
			a.Duration = 0
			if a.Err != nil {
				r.examine(a.Supplier, "an attempt", fmt.Sprintf("%+v %#v", a, a))
			}
		}}),
	}
}

// records examines log records.
type records struct{ *run }

func (r records) Write(p []byte) (int, error) {
	r.examine("", "a log", string(bytes.TrimSpace(p)))
	return len(p), nil
}

// strayBytes examines the log of net/http. It has the bytes of second answers on connections
// that callers share. Multitour's answers contain the token.
type strayBytes struct{ *run }

func (s strayBytes) Write(p []byte) (int, error) {
	s.examine("", "net/http's log", strings.ReplaceAll(string(p), `\"token\":\"fake-token\"`, ""))
	return len(p), nil
}

// quote writes a text as JSON.
func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text always has a JSON form
	}
	return string(quoted)
}
