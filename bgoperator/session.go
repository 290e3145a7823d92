package bgoperator

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
)

// Authenticator opens sessions with the supplier. It is safe for concurrent
// use.
type Authenticator interface {
	// Login opens a session and returns the headers that sign its requests:
	// Cookie, Authorization or whatever it takes. Cookies that the supplier's
	// answers set from then on take the place of those of the same name.
	//
	// It is called on the goroutine of the call that needs the session. An error
	// that matches [rutravel.ErrAuth] says that the credentials were refused;
	// calls that are waiting for a session then fail with it, too, so that a
	// wrong password is not tried by each of them.
	Login(context.Context) (http.Header, error)
}

// login is the supplier's own: a form, answered by cookies.
type login struct {
	line *transport.Client
	form func() transport.Request
}

// loginOperation may be repeated: a session more does no harm. It is no row of
// the table, for no method stands for it.
var loginOperation = transport.Operation{Key: "login", Safety: transport.Keyed, Timeout: 30 * time.Second, Redirected: true}

func newLogin(cfg Config, opts []rutravel.Option) (*login, error) {
	line, err := transport.New(transport.Config{
		Supplier:   supplier,
		BaseURL:    cmp.Or(cfg.LoginURL, ProductionLogin),
		Field:      "LoginURL",
		Secrets:    []string{cfg.Login, string(cfg.Password)},
		OwnCookies: true,
		Check:      func(*valid.Check) {},
	}, opts)
	if err != nil {
		return nil, err
	}
	return &login{line: line, form: func() transport.Request {
		form := url.Values{"login": {cfg.Login}, "pwd": {string(cfg.Password)}}
		return transport.Request{
			Method:      http.MethodPost,
			Header:      http.Header{"Accept-Encoding": {"gzip"}},
			ContentType: "application/x-www-form-urlencoded",
			Body:        []byte(form.Encode()),
		}
	}}, nil
}

// Login posts the form. The cookies are what tells success from a page that
// asks for the password once more.
func (l *login) Login(ctx context.Context) (http.Header, error) {
	return transport.Do(ctx, l.line, &loginOperation, l.form(), func(a transport.Answer) (http.Header, error) {
		var jar cookies
		jar.take(a.Header)
		switch {
		case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
			return nil, &transport.Refusal{Kind: rutravel.ErrAuth}
		case a.Status != http.StatusOK && a.Status != http.StatusFound:
			return nil, errors.New("the login was answered neither with 200 nor with 302")
		case !jar.has("L") || !jar.has("A", "A1") || !jar.has("Z", "Z1"):
			return nil, &transport.Refusal{Kind: rutravel.ErrAuth, Detail: func(func(string) string) error { return errNoSession }}
		}
		return http.Header{"Cookie": {jar.header()}}, nil
	})
}

var errNoSession = errors.New("the login was answered without the cookies of a session")

// sessions is a pool of sessions. One that is in a channel is free, and whoever
// receives it holds it alone: the channel is the lock.
type sessions struct {
	login   func(context.Context) (http.Header, error) // a function, so that no printer of values finds secrets
	open    chan *session                              // logged in, as far as is known
	closed  chan *session
	refused atomic.Pointer[refusedLogin] // the last
}

type refusedLogin struct{ err error }

func newSessions(n int, a Authenticator) *sessions {
	p := &sessions{login: a.Login, open: make(chan *session, n), closed: make(chan *session, n)}
	for range n {
		p.closed <- new(session)
	}
	return p
}

// take waits for a session; one that is open is preferred, for a login takes
// time.
func (p *sessions) take(ctx context.Context) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case s := <-p.open:
		return s, nil
	default:
	}
	select {
	case s := <-p.open:
		return s, nil
	case s := <-p.closed:
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// session is what signs the requests of one login. Whoever holds it has it
// alone.
type session struct {
	header  http.Header // that the login gave
	cookies cookies
	open    bool
}

// lease is a call's hold on a session.
type lease struct {
	pool *sessions
	held *session

	fresh  bool     // the call has logged in
	since  int      // requests that it has made, since then if it has
	failed bool     // a login of the call's has
	seen   []string // what it has signed requests with, and the cookies received
}

// ready has a session for the next request: it waits for one if the call holds
// none, and logs in if it is not open.
func (l *lease) ready(ctx context.Context) (err error) {
	if l.held == nil {
		before := l.pool.refused.Load()
		if l.held, err = l.pool.take(ctx); err != nil {
			return err
		}
		if last := l.pool.refused.Load(); last != before && !l.held.open {
			return last.err
		}
	}
	if l.held.open {
		return nil
	}
	header, err := l.pool.login(ctx)
	if err != nil {
		l.failed = true
		if denied(err) {
			l.pool.refused.Store(&refusedLogin{err})
		}
		return err
	}
	l.fresh, l.since = true, 0
	*l.held = session{header: header.Clone(), open: true}
	l.held.cookies.add(header)
	l.held.header.Del("Cookie")
	return nil
}

// over is told how the sending of a call ended. It reports whether the supplier
// has refused the session, which is closed then, and another one might help: not
// if this one was new and has never been good for anything.
func (l *lease) over(err error) bool {
	if l.since == 0 || l.failed || !denied(err) {
		return false
	}
	l.held.open = false
	return !l.fresh || l.since > 1
}

// denied reports whether the supplier did not accept a login or a session.
func denied(err error) bool { return errors.Is(err, rutravel.ErrAuth) }

// end gives the session back.
func (l *lease) end() {
	switch s := l.held; {
	case s == nil:
	case s.open:
		l.pool.open <- s
	default:
		l.pool.closed <- s
	}
}

// sign adds the session's headers to a request.
func (l *lease) sign(h http.Header) {
	l.since++
	for name, values := range l.held.header {
		h[name] = values
	}
	if c := l.held.cookies.header(); c != "" {
		h.Set("Cookie", c)
	}
	l.remember()
}

// signed takes over what an answer sets, as soon as its headers are there:
// whatever becomes of its body, and whether or not its caller still waits, the
// next request needs it.
//
// A request whose answer was lost may have changed the supplier's side of the
// session and left this side behind. The supplier would answer 401 to what
// comes next, or so one hopes; a booking should not depend on that, so there is
// a login before the next request.
func (l *lease) signed(h http.Header) {
	if h == nil {
		l.held.open = false
		return
	}
	l.held.cookies.take(h)
	l.remember()
}

// remember notes what must appear in no error.
func (l *lease) remember() {
	values := slices.Concat(slices.Collect(maps.Values(l.held.header))...)
	for _, c := range l.held.cookies {
		values = append(values, c.value)
	}
	for _, v := range values {
		if !slices.Contains(l.seen, v) {
			l.seen = append(l.seen, v)
		}
	}
}

func (l *lease) hidden() []string { return l.seen }

// cookies are those of one session, in the order in which they were set.
type cookies []cookie

type cookie struct {
	name, value string // value as it came, quotes included
}

// take takes over the cookies that an answer sets.
func (j *cookies) take(answer http.Header) {
	for _, c := range (&http.Response{Header: answer}).Cookies() {
		if c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(time.Now()) {
			*j = slices.DeleteFunc(*j, func(o cookie) bool { return o.name == c.Name })
			continue
		}
		value := c.Value
		if c.Quoted {
			value = `"` + value + `"`
		}
		j.set(cookie{c.Name, value})
	}
}

// add takes over the cookies of a request's headers.
func (j *cookies) add(request http.Header) {
	for _, line := range request["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if name, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok {
				j.set(cookie{name, value})
			}
		}
	}
}

func (j *cookies) set(c cookie) {
	if i := slices.IndexFunc(*j, func(o cookie) bool { return o.name == c.name }); i >= 0 {
		(*j)[i] = c
		return
	}
	*j = append(*j, c)
}

// has reports whether one of the cookies named is there, with a value.
func (j cookies) has(names ...string) bool {
	return slices.ContainsFunc(j, func(c cookie) bool { return c.value != "" && slices.Contains(names, c.name) })
}

// header writes the cookies as a request shows them.
func (j cookies) header() string {
	var all []string
	for _, c := range j {
		all = append(all, c.name+"="+c.value)
	}
	return strings.Join(all, "; ")
}
