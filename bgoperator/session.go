package bgoperator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// session has the headers and cookies that sign the requests of one login. It carries
// one request at a time, because each answer changes its cookies.
//
// A session is in the pool, or one call holds it for one attempt:
//
//   - lease.prepare acquires it before the attempt, and logs in if necessary.
//   - lease.sign signs the attempt with it.
//   - lease.update applies the cookies of the answer.
//   - lease.judge closes it if the supplier may have ended it.
//   - lease.release returns it to the pool.
//
// A call that waits for the next attempt holds no session.
type session struct {
	open     bool        // logged in, as far as this client knows
	header   http.Header // from the login, without its cookies
	cookies  cookies
	requests int       // requests that were signed since the login
	accepted bool      // an answer since the login has accepted the session
	answered time.Time // when the login or an answer last showed that the service works
}

// newSession returns an open session. signing has the headers that the login returned.
func newSession(signing http.Header) *session {
	s := &session{open: true, header: http.Header{}, answered: time.Now()}
	for name, values := range signing {
		if name = http.CanonicalHeaderKey(name); name != "Cookie" {
			s.header[name] = slices.Concat(s.header[name], values)
			continue
		}
		for _, v := range values {
			s.cookies.add(v)
		}
	}
	return s
}

const (
	maxSessions  = 64
	firstPause   = 100 * time.Millisecond
	longestPause = 30 * time.Second // between logins that fail
	refusedPause = 5 * time.Minute  // between logins that are refused, because an account could be locked
	outagePause  = time.Minute      // between two logins of a session during an outage
)

// sessionPool has the sessions that no call holds. It gives them to calls in the order in
// which the calls ask.
type sessionPool struct {
	login func(context.Context) (http.Header, error) // a func, so that %v of a Client cannot print the secrets
	own   bool                                       // the login is the supplier's, not an Authenticator's
	store *storedSession                             // nil if sessions are kept in memory only
	size  int

	mu       sync.Mutex
	idle     []*session
	waiters  []*waiter
	failures int       // failed logins in a row, including logins whose session was never accepted
	until    time.Time // the end of the pause between logins
	cause    error     // the latest failure
}

// waiter is a call that waits for a session.
type waiter struct {
	refused bool       // its last session was refused: it prefers a closed one
	granted chan grant // has a buffer of one
}

// grant ends the wait of a call with a session or an error.
type grant struct {
	session *session
	err     error
}

func newSessionPool(size int, a Authenticator, own bool, store *storedSession) *sessionPool {
	p := &sessionPool{login: a.Login, own: own, store: store, size: size}
	for range size {
		p.idle = append(p.idle, new(session))
	}
	return p
}

// acquire waits for a session.
func (p *sessionPool) acquire(ctx context.Context, refused bool) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &waiter{refused, make(chan grant, 1)}
	p.mu.Lock()
	p.waiters = append(p.waiters, w)
	p.dispatch()
	p.mu.Unlock()
	select {
	case g := <-w.granted:
		return g.session, g.err
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiters = slices.DeleteFunc(p.waiters, func(o *waiter) bool { return o == w })
	select {
	case g := <-w.granted: // at the same time as ctx ended
		if g.session != nil {
			p.idle = append(p.idle, g.session)
			p.dispatch()
		}
	default:
	}
	return nil, fmt.Errorf("all sessions were in use (Config.Sessions allows %d): %w", p.size, ctx.Err())
}

// release returns a session to the pool.
func (p *sessionPool) release(s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, s)
	p.dispatch()
}

// dispatch gives idle sessions to waiters; mu is held. It prefers open sessions, because a
// login takes time. During a pause, closed sessions are not usable: calls wait for the
// sessions in use, and fail if there are none.
func (p *sessionPool) dispatch() {
	paused := p.paused()
	for len(p.waiters) > 0 {
		w := p.waiters[0]
		usable := func(s *session) bool { return s.open || paused == nil || p.store != nil }
		i := slices.IndexFunc(p.idle, func(s *session) bool { return usable(s) && s.open != w.refused })
		if i < 0 {
			i = slices.IndexFunc(p.idle, usable)
		}
		switch {
		case i >= 0:
			w.granted <- grant{session: p.idle[i]}
			p.idle = slices.Delete(p.idle, i, i+1)
		case paused != nil && len(p.idle) == p.size:
			w.granted <- grant{err: paused}
		default:
			return
		}
		p.waiters = slices.Delete(p.waiters, 0, 1)
	}
}

// pausedError is the error of a call that needs a login during a pause.
type pausedError struct {
	wait  time.Duration
	cause error // the error of the last login
}

func (e *pausedError) Error() string {
	return fmt.Sprintf("no login for %v more, because the last one failed: %v", e.wait.Round(time.Millisecond), e.cause)
}

func (e *pausedError) Unwrap() error { return e.cause }

// refusedSession is the cause of a pause after a session that was never accepted.
type refusedSession struct {
	kind   rutravel.Kind
	reason error
}

func (e *refusedSession) Error() string { return e.reason.Error() }

func (e *refusedSession) Unwrap() error { return e.reason }

// paused returns an error if it is too early for another login; mu is held.
func (p *sessionPool) paused() error {
	if wait := time.Until(p.until); wait > 0 {
		return &pausedError{wait, p.cause}
	}
	return nil
}

// checkPause returns an error if it is too early for another login.
func (p *sessionPool) checkPause() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused()
}

// pause begins a pause after a failed login. It is twice as long after each further
// failure. A Retry-After is honored up to 30 seconds, as in every call.
func (p *sessionPool) pause(failure error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused() != nil {
		return // another login failed at the same time
	}
	if p.failures == 0 && errors.Is(failure, errNotTheService) {
		p.failures = 1 // after one page, the next call may log in at once
		return
	}
	longest := longestPause
	if errors.Is(failure, rutravel.ErrAuth) {
		longest = refusedPause
	}
	pause := min(firstPause<<min(p.failures, 20), longest)
	if e, ok := errors.AsType[*rutravel.Error](failure); ok {
		pause = max(pause, min(e.RetryAfter, longestPause))
	}
	p.failures++
	p.until, p.cause = time.Now().Add(pause), failure
	time.AfterFunc(pause, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.dispatch()
	})
}

// accepted notes that the supplier has accepted a new session.
func (p *sessionPool) accepted() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures = 0
}

// lease holds a session for each attempt of one call.
type lease struct {
	pool    *sessionPool
	session *session // nil between attempts
	save    func()   // saves the session in the store; nil if there is nothing to save
	refused bool     // the last answer refused the session, which was not new
	secrets []string // all headers and cookies that the sessions had during the call
}

// prepare acquires a session for an attempt, and logs in if it is closed.
func (l *lease) prepare(ctx context.Context) error {
	s, err := l.pool.acquire(ctx, l.refused)
	if err != nil {
		return err
	}
	l.session, l.refused = s, false
	if store := l.pool.store; store != nil {
		if err = store.load(ctx, s); err != nil {
			return err
		}
		l.save = func() { store.save(ctx, s) }
	}
	if s.open {
		return nil
	}
	if err = l.pool.checkPause(); err != nil {
		return err
	}
	header, err := l.pool.login(ctx)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, rutravel.ErrCanceled) {
			l.pool.pause(err)
		}
		return err
	}
	*s = *newSession(header)
	return nil
}

// sign adds the headers and cookies of the session to a request.
func (l *lease) sign(request http.Header) {
	l.session.requests++
	maps.Copy(request, l.session.header)
	if c := l.session.cookies.header(); c != "" {
		request.Set("Cookie", c)
	}
	l.noteSecrets()
}

// update applies the cookies of an answer as soon as its headers arrive. The next request
// needs them even if the body cannot be read or the caller no longer waits. A redirect
// closes the session, because it may lead to the login. If the session was new, this
// counts as a failed login.
//
// The header is nil if the answer was lost. The supplier may have changed the cookies, and
// this client does not know the new ones. It closes the session, so that a booking does
// not depend on how the supplier answers old cookies.
func (l *lease) update(answer http.Header) {
	l.session.cookies.update(answer)
	l.session.open = answer != nil && answer.Get("Location") == ""
	if answer != nil && !l.session.open {
		l.pauseIfNew(rutravel.ErrUnavailable, errNotTheService)
	}
	l.noteSecrets()
}

var errSessionRefused = errors.New("the login was accepted and its session was refused: " +
	"another process or session with the same login may have ended it")

var errNotTheService = errors.New("the login was accepted, and its session's first request was not answered by the booking service")

// pauseIfNew begins a pause if the session failed at its first request. It reports whether
// it was its first request.
func (l *lease) pauseIfNew(kind rutravel.Kind, reason error) bool {
	isNew := l.session.requests == 1
	if isNew {
		l.pool.pause(&refusedSession{kind, reason})
	}
	return isNew
}

const clientClosedRequest = 499 // a status of nginx

// judge closes the session if the answer shows that the supplier may have ended it. err is
// the error of the call. The result is err, or another refusal if the session was refused.
//
// judge sets refused if the supplier refused the session and nothing else. The call may
// then be sent again in a new session. A call with a new session is not sent again, because
// the supplier has never accepted the session.
func (l *lease) judge(a transport.Answer, denied bool, err error) error {
	s := l.session
	refusal, _ := errors.AsType[*transport.Refusal](err)
	bad, _ := errors.AsType[*wire.Error](err)
	switch {
	case a.Broken, a.Status == http.StatusTooManyRequests:
		return err // a login would be another request
	case a.Status >= http.StatusInternalServerError, a.Status == http.StatusRequestTimeout, a.Status == clientClosedRequest:
		// An outage says nothing about the session. But if all answers for a while are
		// like this, the supplier may answer old sessions in this way.
		s.open = s.open && time.Since(s.answered) < outagePause
		return err
	case refusal != nil && refusal.Kind == rutravel.ErrAuth, denied:
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden, a.Status == http.StatusNotAcceptable:
	case bad != nil && bad.Malformed: // a page: perhaps the supplier's only sign that a session has ended
	default:
		s.answered = time.Now()
		if !s.accepted {
			s.accepted = true
			l.pool.accepted()
		}
		return err
	}
	s.open = false
	if refusal == nil || refusal.Kind != rutravel.ErrAuth {
		l.pauseIfNew(rutravel.ErrUnavailable, errNotTheService)
		return err
	}
	var reason error = Code(refusal.Code)
	if refusal.Code == "" && l.pool.own {
		reason = errSessionRefused
		refusal.Kind = rutravel.ErrExpired
		refusal.Detail = func(func(string) string) error { return reason }
	}
	l.refused = !l.pauseIfNew(refusal.Kind, reason)
	return err
}

// release saves the session and returns it to the pool.
func (l *lease) release() {
	if l.save != nil {
		l.save()
		l.save = nil
	}
	if l.session != nil {
		l.pool.release(l.session)
		l.session = nil
	}
}

// noteSecrets notes the headers and cookies that must not appear in an error.
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
