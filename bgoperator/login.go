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

// Authenticator opens sessions with the supplier. It is safe for concurrent
// use.
type Authenticator interface {
	// Login opens a session and returns the headers that sign its requests:
	// Cookie, Authorization or others. Cookies that the supplier's answers set
	// later replace those of the same name.
	//
	// Login is called on the goroutine of the call that needs the session, with
	// the context of that call. It does not get the options of the call, because
	// a session serves other calls as well. A login has its own timeouts and
	// attempts.
	//
	// An error that matches [rutravel.ErrAuth], [rutravel.ErrRateLimited] or
	// [rutravel.ErrCanceled] gives the call its kind. After any other error the
	// call fails with [rutravel.ErrUnavailable]. Other calls that need a login fail
	// with the same error until the pause is over that the package documentation
	// describes. They do not fail with ErrCanceled, or because the context of
	// another call has ended.
	Login(context.Context) (http.Header, error)
}

// login is the supplier's login: a form that is answered with cookies.
type login struct {
	engine  *transport.Client
	request func() transport.Request // a func, so that %v of a login cannot print the password
}

// loginOperation may be retried: one session more does no harm. It is not in the
// table of operations, because no method stands for it.
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

// decodeLogin returns the cookies of a new session. They tell a success from a
// page that asks for the password again.
func decodeLogin(a transport.Answer) (http.Header, error) {
	var set cookies
	set.update(a.Header)
	switch {
	case a.Status == http.StatusForbidden:
		return nil, &transport.Refusal{Kind: rutravel.ErrAuth}
	case a.Status != http.StatusOK && a.Status != http.StatusFound: // the engine makes ErrAuth of 401
		return nil, errors.New("the login was answered neither with 200 nor with 302")
	case slices.ContainsFunc(sessionCookies, func(name *regexp.Regexp) bool { return !set.has(name) }):
		return nil, &transport.Refusal{Kind: rutravel.ErrAuth, Detail: func(func(string) string) error { return errNoSession }}
	}
	return http.Header{"Cookie": {set.header()}}, nil
}

// sessionCookies are the names of the cookies of a session: L, A or A1, Z or Z1, and
// others with a number.
var sessionCookies = []*regexp.Regexp{regexp.MustCompile(`^L$`), regexp.MustCompile(`^A\d*$`), regexp.MustCompile(`^Z\d*$`)}

var errNoSession = errors.New("the login was answered without the cookies of a session")
