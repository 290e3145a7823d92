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
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Authenticator opens sessions with the supplier. It is safe for concurrent
// use.
type Authenticator interface {
	// Login opens a session and returns the headers that sign its requests:
	// Cookie, Authorization or whatever it takes. Cookies that the supplier's
	// answers set from then on take the place of those of the same name.
	//
	// It is called on the goroutine of the call that needs the session, with that
	// call's context. The call's options do not reach it, for a session serves
	// other calls, too: a login has bounds and attempts of its own.
	//
	// An error that matches [rutravel.ErrAuth], [rutravel.ErrRateLimited] or
	// [rutravel.ErrCanceled] gives the call its kind; after any other the call is
	// [rutravel.ErrUnavailable]. Calls that are waiting for a session by then fail
	// with it, too, so that a wrong password, or a login that hangs, is not tried
	// by each of them in turn. That the call's own context has ended, or
	// ErrCanceled, is not handed on.
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
		case a.Status == http.StatusForbidden:
			return nil, &transport.Refusal{Kind: rutravel.ErrAuth}
		case a.Status != http.StatusOK && a.Status != http.StatusFound: // with 401, too, it is ErrAuth
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
	login  func(context.Context) (http.Header, error) // a function, so that no printer of values finds secrets
	open   chan *session                              // logged in, as far as is known
	closed chan *session
	failed atomic.Pointer[failedLogin] // the last
}

type failedLogin struct{ err error }

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
		before := l.pool.failed.Load()
		if l.held, err = l.pool.take(ctx); err != nil {
			return err
		}
		if last := l.pool.failed.Load(); last != before && !l.held.open {
			return last.err // while this call waited: to try it again would take as long
		}
	}
	if l.held.open {
		return nil
	}
	header, err := l.pool.login(ctx)
	if err != nil {
		l.failed = true
		if ctx.Err() == nil && !errors.Is(err, rutravel.ErrCanceled) {
			l.pool.failed.Store(&failedLogin{err})
		}
		return err
	}
	l.fresh, l.since = true, 0
	*l.held = session{header: header.Clone(), open: true}
	l.held.cookies.add(header)
	l.held.header.Del("Cookie")
	return nil
}

// over is told how the sending of a call ended, and closes the session if it may
// be over. It reports whether the supplier has refused the session and nothing
// else, and another one might help: not if this one was new and has never been
// good for anything.
func (l *lease) over(err error) bool {
	e, ok := errors.AsType[*rutravel.Error](err)
	if !ok || l.since == 0 || l.failed {
		return false
	}
	refused := e.Kind == rutravel.ErrAuth
	if refused || errors.Is(err, CodeAccessDenied) || elsewhere(e) {
		l.held.open = false
	}
	return refused && (!l.fresh || l.since > 1)
}

// elsewhere reports whether an answer was not the supplier's own: a redirect, a
// refusal by something in front of it, or a page. Any of them may stand for "log
// in", and a session that is over would never be heard of otherwise.
func elsewhere(e *rutravel.Error) bool {
	bad, ok := errors.AsType[*wire.Error](e)
	switch e.HTTPStatus {
	case http.StatusTooManyRequests: // not about the session, and a login would be one more
		return false
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotAcceptable:
		return true
	}
	return e.HTTPStatus/100 == 3 || ok && bad.Malformed
}

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
	var values []string
	for _, v := range slices.Concat(slices.Collect(maps.Values(l.held.header))...) {
		values = append(values, v, v[strings.LastIndexByte(v, ' ')+1:]) // of "Bearer …" the secret alone, too
	}
	for _, c := range l.held.cookies {
		values = append(values, c.value, strings.Trim(c.value, `"`))
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

// take takes over the cookies that an answer sets. One is taken back by Max-Age
// 0 or by having no value. Expires is not looked at: Max-Age goes before it, and
// this machine's clock may be wrong.
func (j *cookies) take(answer http.Header) {
	for _, c := range (&http.Response{Header: answer}).Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
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

// has reports whether one of the cookies named is there.
func (j cookies) has(names ...string) bool {
	return slices.ContainsFunc(j, func(c cookie) bool { return slices.Contains(names, c.name) })
}

// header writes the cookies as a request shows them.
func (j cookies) header() string {
	var all []string
	for _, c := range j {
		all = append(all, c.name+"="+c.value)
	}
	return strings.Join(all, "; ")
}
