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
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
)

// shop is a supplier: the fake behind a line, and what is asked of it.
type shop struct {
	name string
	fake http.Handler
	url  string

	// did says what a request has made the supplier do, by its own answer.
	did func(r *http.Request, body []byte, a answer) (deed, bool)
	// refusal is a refusal in the supplier's shape, with words of its own.
	refusal func(body []byte, said string) (status int, text string)
	// serve is one customer's whole way.
	serve func(*caller, customer)
	// audit says what the supplier has in the end.
	audit func(context.Context) ([]holding, error)
	// throwOut ends all sessions, if there are any.
	throwOut func()
	// closeIdle closes the callers' connections that are not in use.
	closeIdle func()
}

// customer is one for whom one booking is wanted. What is told of him to a
// supplier can be recognised wherever it shows.
type customer struct {
	surname, first, passport, phone, email string
	id                                     string // the caller's, and no secret
}

var born = civil.Date{Year: 1931, Month: time.March, Day: 27}

// marks are in everything that is private, and in nothing else.
var marks = []string{
	"qxz", "wqj", "908172", "1931-03-27", "27.03.1931",
	"fake-secret-key", "fake-token", "fake-password", "fake-api-key", "agent@example.com",
}

// zeros are in the cookies of bgoperator's sessions, and in the ids of
// regionbilet's bookings, which are no secrets.
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

// caller asks for one customer after the other.
type caller struct {
	*run
	shop *shop
	n    int
	rng  *rand.Rand
}

// long is for questions that must be answered, however busy the machine is.
var long = rutravel.WithAttemptTimeout(time.Minute)

// patience is how long the caller waits: at times, not long.
func (c *caller) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	const some = 12 // of one hundred
	if c.line.isFair() || c.rng.IntN(100) >= some {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Duration(c.rng.Int64N(int64(c.timeout))))
}

// heard examines how a call has ended.
func (c *caller) heard(ctx context.Context, err error) {
	c.ledger.count(c.shop.name, rowCalls, 1)
	if err == nil {
		return
	}
	if ctx.Err() != nil && c.ctx.Err() == nil {
		c.ledger.fault(gaveUp)
	}
	e, ok := errors.AsType[*rutravel.Error](err)
	if !ok {
		c.ledger.problem(c.shop.name, rowOdd, "%T is no *rutravel.Error", err)
		return
	}
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		c.examine(c.shop.name, "an error", cause.Error(), fmt.Sprintf("%+v %#v", cause, cause))
	}
	text, err := json.Marshal(e)
	if err != nil {
		c.ledger.problem(c.shop.name, rowOdd, "an error has no JSON: %v", err)
	}
	c.examine(c.shop.name, "an error's JSON", string(text))
}

// ask makes a call that is not worth insisting on.
func ask[T any](c *caller, call func(context.Context) (T, error)) (T, bool) {
	ctx, done := c.patience(c.ctx)
	defer done()
	v, err := call(ctx)
	c.heard(ctx, err)
	return v, err == nil
}

// insist makes a call until it is answered: by success or by one of the
// refusals that are answers. It is not ok if the run is over.
func insist[T any](c *caller, call func(context.Context) (T, error), answers ...error) (v T, err error, ok bool) {
	const pause = 30 * time.Millisecond
	for c.ctx.Err() == nil {
		v, err = call(c.ctx)
		c.heard(c.ctx, err)
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

// commit makes a call that books, pays, cancels or refunds. If its outcome is
// not confirmed, look is the documented way out; it is given what came beside the
// error. The verdict is whether the thing was made, as far as the caller knows.
func (c *caller) commit(who customer, what string, call func(context.Context) (string, error), look func(object string) (string, verdict)) (string, verdict) {
	a := c.ledger.begin(c.shop, who.surname, what)
	ctx, done := c.patience(context.WithValue(c.ctx, actKey{}, a))
	object, err := call(ctx)
	c.heard(ctx, err)
	done()
	switch {
	case err == nil:
		a.told, a.object = made, object
		return object, made
	case !errors.Is(err, rutravel.ErrNotConfirmed):
		a.told = notMade
		return "", notMade
	}
	a.told = open
	a.settle(c.ctx, c.ledger)
	a.object, a.found = look(object)
	return a.object, a.found
}

// persist commits until the thing is made, some times at most.
func (c *caller) persist(who customer, what string, call func(context.Context) (string, error), look func(object string) (string, verdict)) (object string, v verdict) {
	const tries = 4
	for range tries {
		if object, v = c.commit(who, what, call, look); v != notMade || c.ctx.Err() != nil {
			break
		}
	}
	return object, v
}

// chance is true in so many of a hundred cases.
func (c *caller) chance(percent int) bool { return c.rng.IntN(100) < percent }

// examine looks for what must not be shown.
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

// addresses are in memory, and of sockets: their digits are random.
var addresses = regexp.MustCompile(`0x[0-9a-f]+|127\.0\.0\.1:[0-9]+`)

// options are those of all clients.
func (r *run) options(t *http.Transport) []rutravel.Option {
	const budget = 2000
	return []rutravel.Option{
		rutravel.WithHTTPClient(&http.Client{Transport: t}), rutravel.WithAttemptTimeout(r.timeout),
		rutravel.WithRetryBudget(budget), rutravel.WithUserAgent("soak"),
		rutravel.WithLogger(slog.New(slog.NewJSONHandler(records{r}, &slog.HandlerOptions{
			Level: slog.LevelDebug,
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { // their digits are random
				if a.Key == slog.TimeKey || a.Key == "duration" {
					return slog.Attr{}
				}
				return a
			},
		}))),
		rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(_ context.Context, a rutravel.Attempt) {
			r.ledger.count(a.Supplier, rowAttempts, 1)
			a.Duration = 0
			if a.Err != nil {
				r.examine(a.Supplier, "a hook", fmt.Sprintf("%+v %#v", a, a))
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

// quote writes a text as JSON.
func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text always has a JSON form
	}
	return string(quoted)
}
