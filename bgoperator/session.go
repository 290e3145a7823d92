package bgoperator

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// session is what signs the requests of one login. It carries one request at a
// time, because each answer changes its cookies.
//
// A session is in the pool, or one call holds it. The call acquires it before
// its first attempt and logs in if necessary (lease.prepare), signs each attempt
// with it (lease.sign), applies the cookies of each answer (lease.update),
// closes it if the supplier may have ended it (lease.closeIfEnded), and returns
// it to the pool (lease.release).
type session struct {
	open    bool        // logged in, as far as this client knows
	header  http.Header // from the login, without its cookies
	cookies cookies
}

// sessionPool holds the sessions that no call holds. The channels are the locks:
// only the call that received a session uses it.
type sessionPool struct {
	login       func(context.Context) (http.Header, error) // a func, so that %v of a Client cannot print the secrets
	open        chan *session
	closed      chan *session
	failedLogin atomic.Pointer[failedLogin] // the latest
}

type failedLogin struct{ err error }

func newSessionPool(size int, a Authenticator) *sessionPool {
	p := &sessionPool{login: a.Login, open: make(chan *session, size), closed: make(chan *session, size)}
	for range size {
		p.closed <- new(session)
	}
	return p
}

// acquire waits for a session. It prefers an open one, because a login takes
// time.
func (p *sessionPool) acquire(ctx context.Context) (*session, error) {
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

// release returns a session to the pool.
func (p *sessionPool) release(s *session) {
	if s.open {
		p.open <- s
	} else {
		p.closed <- s
	}
}

// lease is the hold of one call on a session.
type lease struct {
	pool    *sessionPool
	session *session // nil until prepare has acquired one

	loggedIn    bool     // the call has opened the session
	loginFailed bool     // a login of the call has failed
	requests    int      // that the call has signed with the session since its last login
	secrets     []string // all headers and cookies that the session had during the call
}

// prepare makes the session ready for the next attempt. It waits for a session
// if the call holds none, and logs in if the session is closed.
func (l *lease) prepare(ctx context.Context) error {
	if l.session == nil {
		before := l.pool.failedLogin.Load()
		s, err := l.pool.acquire(ctx)
		if err != nil {
			return err
		}
		l.session = s
		if latest := l.pool.failedLogin.Load(); latest != before && !s.open {
			return latest.err // a login failed while this call waited: another one would take as long
		}
	}
	if l.session.open {
		return nil
	}
	header, err := l.pool.login(ctx)
	if err != nil {
		l.loginFailed = true
		if ctx.Err() == nil && !errors.Is(err, rutravel.ErrCanceled) {
			l.pool.failedLogin.Store(&failedLogin{err})
		}
		return err
	}
	l.loggedIn, l.requests = true, 0
	*l.session = session{open: true, header: header.Clone()}
	l.session.cookies.add(header)
	l.session.header.Del("Cookie")
	return nil
}

// sign adds the headers and cookies of the session to a request.
func (l *lease) sign(request http.Header) {
	l.requests++
	for name, values := range l.session.header {
		request[name] = values
	}
	if c := l.session.cookies.header(); c != "" {
		request.Set("Cookie", c)
	}
	l.noteSecrets()
}

// update applies the cookies of an answer as soon as its headers arrive. The
// next request needs them even if the body cannot be read or the caller no
// longer waits.
//
// The header is nil if the answer was lost. The supplier may have changed the
// cookies then, and this client does not know the new ones. It closes the
// session, so that a booking does not depend on how the supplier answers old
// cookies.
func (l *lease) update(answer http.Header) {
	if answer == nil {
		l.session.open = false
		return
	}
	l.session.cookies.update(answer)
	l.noteSecrets()
}

// closeIfEnded closes the session if the error of the call shows that the
// supplier may have ended it.
//
// It reports whether the call may be sent once more in a new session. This is
// so if the supplier refused the session and nothing else. It is not so if the
// call opened the session itself and the supplier has never accepted it.
func (l *lease) closeIfEnded(err error) (sendAgain bool) {
	e, ok := errors.AsType[*rutravel.Error](err)
	if !ok || l.requests == 0 || l.loginFailed {
		return false
	}
	refused := e.Kind == rutravel.ErrAuth
	if refused || errors.Is(err, CodeAccessDenied) || foreignAnswer(e) {
		l.session.open = false
	}
	return refused && (!l.loggedIn || l.requests > 1)
}

// foreignAnswer reports whether an answer did not come from the booking service
// itself: a redirect, a refusal by a gateway, or a page. Any of them may mean
// "log in"; the supplier may have no other sign that a session has ended.
func foreignAnswer(e *rutravel.Error) bool {
	switch e.HTTPStatus {
	case http.StatusTooManyRequests: // not about the session, and a login would be one request more
		return false
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotAcceptable:
		return true
	}
	bad, ok := errors.AsType[*wire.Error](e)
	return e.HTTPStatus/100 == 3 || ok && bad.Malformed
}

// release ends the hold of the call on its session.
func (l *lease) release() {
	if l.session != nil {
		l.pool.release(l.session)
	}
}

// noteSecrets notes what must not appear in an error.
func (l *lease) noteSecrets() {
	var values []string
	for _, v := range slices.Concat(slices.Collect(maps.Values(l.session.header))...) {
		values = append(values, v, v[strings.LastIndexByte(v, ' ')+1:]) // the second is the secret of "Bearer …"
	}
	for _, c := range l.session.cookies {
		values = append(values, c.value, strings.Trim(c.value, `"`))
	}
	for _, v := range values {
		if !slices.Contains(l.secrets, v) {
			l.secrets = append(l.secrets, v)
		}
	}
}
