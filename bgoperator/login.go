package bgoperator

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
)

// Authenticator opens sessions. It must be safe for concurrent use.
type Authenticator interface {
	// Login opens a session and returns the headers that sign its requests: Cookie,
	// Authorization or others. Cookies that the supplier's answers set later replace
	// those of the same name.
	//
	// Login is called on the goroutine of the call that needs the session, with the
	// context of that call. It does not get the options of the call, because a session
	// also serves other calls. A login has its own timeouts and attempts.
	//
	// If the error matches [rutravel.ErrAuth], [rutravel.ErrRateLimited] or
	// [rutravel.ErrCanceled], the call fails with this kind. After any other error, it
	// fails with [rutravel.ErrUnavailable]. Until the pause after a failed login is
	// over, other calls that need a login fail with the same error. An exception is a
	// login that failed with ErrCanceled or because the context of its call ended. It
	// does not make other calls fail.
	Login(context.Context) (http.Header, error)
}

// login is the supplier's login: a form whose answer sets cookies.
type login struct {
	engine  *transport.Client
	request func() transport.Request // a func, so that %v of a login cannot print the password
}

// loginOperation may be retried, because another session does no harm. It is not in the
// table of operations, because it has no method.
var loginOperation = transport.Operation{Key: "login", Safety: transport.Keyed, Timeout: 30 * time.Second, Redirected: true}

func newLogin(cfg Config, opts []rutravel.Option) (*login, error) {
	engine, err := transport.New(transport.Config{
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
	return &login{engine: engine, request: func() transport.Request {
		form := url.Values{"login": {cfg.Login}, "pwd": {string(cfg.Password)}}
		return transport.Request{
			Method:      http.MethodPost,
			Header:      http.Header{"Accept-Encoding": {"gzip"}},
			ContentType: "application/x-www-form-urlencoded",
			Body:        []byte(form.Encode()),
		}
	}}, nil
}

// Login posts the form.
func (l *login) Login(ctx context.Context) (http.Header, error) {
	return transport.Do(ctx, l.engine, &loginOperation, l.request(), decodeLogin)
}

// decodeLogin returns the cookies of a new session. An answer without them is a page that
// asks for the password again.
func decodeLogin(a transport.Answer) (http.Header, error) {
	var set cookies
	set.update(a.Header)
	switch {
	case a.Status == http.StatusForbidden:
		return nil, &transport.Refusal{Kind: rutravel.ErrAuth}
	case a.Status != http.StatusOK && a.Status != http.StatusFound: // for 401, the engine returns ErrAuth
		return nil, errors.New("the status of the login's answer is neither 200 nor 302")
	case slices.ContainsFunc(sessionCookies, func(name *regexp.Regexp) bool { return !set.has(name) }):
		return nil, &transport.Refusal{Kind: rutravel.ErrAuth, Detail: func(func(string) string) error { return errNoSession }}
	}
	return http.Header{"Cookie": {set.header()}}, nil
}

// sessionCookies matches the names of a session's cookies: L, A or A1, Z or Z1, and others
// with a number.
var sessionCookies = []*regexp.Regexp{regexp.MustCompile(`^L$`), regexp.MustCompile(`^A\d*$`), regexp.MustCompile(`^Z\d*$`)}

var errNoSession = errors.New("the login's answer has no cookies of a session")
