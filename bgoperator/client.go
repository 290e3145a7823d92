package bgoperator

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// The documented addresses, for tests and sales alike.
const (
	Production      = "https://www.bgoperator.ru/zayavkaapi"
	ProductionLogin = "https://login.bgoperator.ru/auth"
)

// Config says who talks to Biblio-Globus and where.
type Config struct {
	Login    string          // login of the agency
	Password rutravel.Secret // pwd: its password

	// BaseURL and LoginURL are changed together: the cookies of the one are sent to
	// the other. "" means [Production] and [ProductionLogin].
	BaseURL  string
	LoginURL string

	// Sessions is how many calls may be under way at the same time, 1 if it is
	// 0: the supplier allows one at a time in each session, and every session
	// needs a login of its own. It is opened when a call needs it.
	Sessions int

	// Authenticator opens sessions in place of the login that is described in
	// the package's documentation; Login, Password and LoginURL are not used
	// then. Nil means that login.
	Authenticator Authenticator
}

// Client talks to Biblio-Globus on behalf of one agency. It is safe for
// concurrent use; make one per account and share it.
type Client struct {
	line     *transport.Client
	sessions *sessions
}

// New returns a client. It checks cfg and opts and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	line, err := transport.New(transport.Config{
		Supplier:   supplier,
		BaseURL:    cmp.Or(cfg.BaseURL, Production),
		Secrets:    []string{cfg.Login, string(cfg.Password)},
		OwnCookies: true,
		Check: func(v *valid.Check) {
			v.That(cfg.Sessions >= 0, "Sessions", "must not be negative")
			if cfg.Authenticator == nil {
				v.Text("Login", cfg.Login)
				v.Secret("Password", cfg.Password)
			}
		},
	}, opts)
	if err != nil {
		return nil, err
	}
	login := cfg.Authenticator
	if login == nil {
		if login, err = newLogin(cfg, opts); err != nil {
			return nil, err
		}
	}
	return &Client{line: line, sessions: newSessions(max(cfg.Sessions, 1), login)}, nil
}

const supplier = "bgoperator"

// The rows of the table of operations, in the manual's order.
const (
	opQuote = iota
	opBook
	opQuoteCancel
	opCancel
	opSetContacts
	opTouristTransfers
	opFlights
	opSetTransfers
)

// operations says of every method what its action is, what sending it twice
// would do, and how long one attempt may take. What follows a "+" tells apart
// two uses of one action.
//
// Contacts and transfers are Keyed: a request names the whole of what shall be,
// and what it says replaces what was there (manual, chapters 5 and 6).
var operations = [...]transport.Operation{
	opQuote:            {Key: "createtour", Safety: transport.Safe, Timeout: 60 * time.Second},
	opBook:             {Key: "createtour+confirm", Safety: transport.Unsafe, Timeout: 90 * time.Second},
	opQuoteCancel:      {Key: "canceltour", Safety: transport.Safe, Timeout: 30 * time.Second},
	opCancel:           {Key: "canceltour+confirm", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opSetContacts:      {Key: "addContactInfo", Safety: transport.Keyed, Timeout: 30 * time.Second},
	opTouristTransfers: {Key: "showtransfers", Safety: transport.Safe, Timeout: 30 * time.Second},
	opFlights:          {Key: "showflightdata", Safety: transport.Safe, Timeout: 30 * time.Second},
	opSetTransfers:     {Key: "addtransfers", Safety: transport.Keyed, Timeout: 60 * time.Second},
}

// request is a call before it is sent.
type request struct {
	op    int
	query wire.Query
	body  *writer  // nil: the request is a GET
	names []string // passengers' data in the body
	valid.Check
}

// action appends the parameter that selects the operation.
func (r *request) action() {
	action, _, _ := strings.Cut(operations[r.op].Key, "+")
	r.query.Add("action", action)
}

// call sends a request, if the check has found nothing wrong with it, in a
// session of its own, and reads its answer with read.
func call[T any](ctx context.Context, c *Client, r *request, read func(transport.Answer, *T) error, opts []rutravel.CallOption) (T, error) {
	op := &operations[r.op]
	held := &lease{pool: c.sessions}
	defer held.end()
	req := transport.Request{
		Method:  http.MethodGet,
		Query:   r.query.String(),
		Header:  http.Header{"Accept-Encoding": {"gzip"}}, // the supplier answers 406 without it
		Private: append(r.query.Private(), r.names...),
		Invalid: r.Err(),
		Sign:    held.sign,
		Signed:  held.signed,
		Hidden:  held.hidden,
	}
	if r.body != nil {
		req.Method, req.ContentType, req.Body = http.MethodPost, "text/xml; charset=utf-8", r.body.text
	}
	req.Prepare = func(ctx context.Context) error { return c.notSent(ctx, op, held.ready(ctx)) }
	decode := func(a transport.Answer) (v T, err error) { return v, read(a, &v) }
	value, err := transport.Do(ctx, c.line, op, req, decode, opts...)
	if !held.over(err) {
		return value, err
	}
	// The supplier has refused the session: it answered 401, or access denied in
	// the shape of its errors, before it looked at what was asked. Nothing was
	// done, so that even a booking may be made again, once, in a new session.
	first, _ := errors.AsType[*rutravel.Error](err)
	value, err = transport.Do(ctx, c.line, op, req, decode, opts...)
	held.over(err)
	if second, ok := errors.AsType[*rutravel.Error](err); ok {
		second.Attempts += first.Attempts
	}
	return value, err
}

// notSent makes the error of a call whose session could not be had.
func (c *Client) notSent(ctx context.Context, op *transport.Operation, err error) error {
	if err == nil {
		return nil
	}
	kind := rutravel.ErrUnavailable
	if ctx.Err() != nil {
		kind = rutravel.ErrCanceled
	} else {
		for _, k := range []rutravel.Kind{rutravel.ErrCanceled, rutravel.ErrAuth, rutravel.ErrRateLimited} {
			if errors.Is(err, k) {
				kind = k
				break
			}
		}
	}
	failed, _ := errors.AsType[*rutravel.Error](err)
	err = c.line.NotSent(op, kind, err)
	if e, ok := errors.AsType[*rutravel.Error](err); ok {
		e.Err = &kindless{e.Err}
		if failed != nil {
			e.RetryAfter = failed.RetryAfter
		}
	}
	return err
}

// kindless is the error of a login, or of the wait for a session, as the cause
// of a call's error, which has a kind of its own: the login's does not match
// beside it. The login's error is found by whoever asks for it.
type kindless struct{ err error }

func (k *kindless) Error() string { return k.err.Error() }

func (k *kindless) Is(target error) bool {
	_, kind := target.(rutravel.Kind)
	return !kind && errors.Is(k.err, target)
}

func (k *kindless) As(target any) bool { return errors.As(k.err, target) }
