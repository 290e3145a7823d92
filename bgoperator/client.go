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
// Create it with [New]; the zero Client is not usable and panics.
type Client struct {
	engine   *transport.Client
	sessions *sessionPool
}

// New returns a client. It checks cfg and opts and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	engine, err := transport.New(transport.Config{
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
	return &Client{engine: engine, sessions: newSessionPool(max(cfg.Sessions, 1), login)}, nil
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

// request describes a call before it is sent.
type request struct {
	valid.Check
	op      int
	query   wire.Query // it knows which of its values are private
	body    *writer    // nil: the request is a GET
	private []string   // passengers' data in the body
	roots   []string   // root elements that the answer may have, next to <errors>
	tours   []Tour     // the tours that a quote or a booking is about
}

// addAction adds the parameter that selects the operation.
func (r *request) addAction() {
	action, _, _ := strings.Cut(operations[r.op].Key, "+")
	r.query.Add("action", action)
}

// bookingRequest begins a request about a booking.
func bookingRequest(op int, booking BookingID, roots ...string) *request {
	r := &request{op: op, roots: roots}
	r.ID("booking", string(booking))
	r.query.Add("idTour", string(booking))
	r.addAction()
	return r
}

// call sends a request in a session if its check found nothing wrong, and reads
// the answer. result decodes the root element.
func call[T any](ctx context.Context, c *Client, r *request, result func(*T, *reader, *element), opts []rutravel.CallOption) (T, error) {
	op := &operations[r.op]
	held := &lease{pool: c.sessions}
	defer held.release()
	sent := transport.Request{
		Method:  http.MethodGet,
		Query:   r.query.String(),
		Header:  http.Header{"Accept-Encoding": {"gzip"}}, // the supplier answers 406 without it
		Private: append(r.query.Private(), r.private...),
		Invalid: r.Err(),
		Prepare: func(ctx context.Context) error { return c.sessionError(ctx, op, held.prepare(ctx)) },
		Sign:    held.sign,
		Signed:  held.update,
		Hidden:  func() []string { return held.secrets },
	}
	if r.body != nil {
		sent.Method, sent.ContentType, sent.Body = http.MethodPost, "text/xml; charset=utf-8", r.body.text
	}
	decode := func(a transport.Answer) (v T, err error) {
		var answer reply
		if err = answer.read(a, r); err != nil {
			return v, err
		}
		result(&v, &answer.reader, answer.root)
		return v, answer.err()
	}
	value, err := transport.Do(ctx, c.engine, op, sent, decode, opts...)
	if !held.closeIfEnded(err) {
		return value, err
	}
	// The supplier refused the session, by 401 or by access denied in the shape of
	// its errors, before it looked at the request. Nothing was done, so even a
	// booking may be sent once more, in a new session.
	first, _ := errors.AsType[*rutravel.Error](err)
	value, err = transport.Do(ctx, c.engine, op, sent, decode, opts...)
	held.closeIfEnded(err)
	if second, ok := errors.AsType[*rutravel.Error](err); ok {
		second.Attempts += first.Attempts
	}
	return value, err
}

// sessionError returns the error of a call that was not sent because err kept it
// from getting a session, or nil if err is nil.
func (c *Client) sessionError(ctx context.Context, op *transport.Operation, err error) error {
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
	cause, _ := errors.AsType[*rutravel.Error](err)
	err = c.engine.NotSent(op, kind, err)
	if e, ok := errors.AsType[*rutravel.Error](err); ok {
		e.Err = &withoutKind{e.Err}
		if cause != nil {
			e.RetryAfter = cause.RetryAfter
		}
	}
	return err
}

// withoutKind wraps the error of a login, or of the wait for a session, as the
// cause of a call's error. The kind of the cause does not match, because the
// call has its own kind. errors.AsType finds the cause.
type withoutKind struct{ err error }

func (w *withoutKind) Error() string { return w.err.Error() }

func (w *withoutKind) Is(target error) bool {
	_, kind := target.(rutravel.Kind)
	return !kind && errors.Is(w.err, target)
}

func (w *withoutKind) As(target any) bool { return errors.As(w.err, target) }

// only returns the element of a list of one, next to the error of the call.
func only[T any](all []T, err error) (one T, _ error) {
	if len(all) == 1 {
		one = all[0]
	}
	return one, err
}
