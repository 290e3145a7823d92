package bgoperator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// The documented addresses. They are the same for tests and sales.
const (
	Production      = "https://www.bgoperator.ru/zayavkaapi"
	ProductionLogin = "https://login.bgoperator.ru/auth"

	// ProductionExport is the host of the price lists and of the manual.
	ProductionExport = "https://export.bgoperator.ru"
)

// Config has the credentials of an agency and the addresses of Biblio-Globus.
type Config struct {
	Login    string          // login: the agency's login
	Password rutravel.Secret // pwd: the agency's password

	// BaseURL and LoginURL must be set together, because the cookies of LoginURL are
	// sent to BaseURL. "" means [Production] and [ProductionLogin].
	BaseURL  string
	LoginURL string

	// ExportURL is the address of the pages of [Client.Export]. The same cookies are
	// sent to it. "" means [ProductionExport] if BaseURL is Production. With another
	// BaseURL and no ExportURL, Export fails.
	ExportURL string

	// Sessions is the number of sessions, from 1 to 64; 0 means 1. A session carries
	// one request at a time, and each needs its own login. It is opened when a call
	// needs it. It is not documented whether one login may have several sessions.
	Sessions int

	// SessionStore keeps the session outside of the process. With a SessionStore,
	// Sessions must be 0 or 1. Nil keeps sessions in memory.
	SessionStore SessionStore

	// Authenticator opens sessions instead of the login in the package documentation.
	// With an Authenticator, Login, Password and LoginURL are not used. Nil means that
	// login.
	Authenticator Authenticator
}

// Client talks to Biblio-Globus for one agency. It is safe for concurrent use. Create
// one per account with [New] and share it. The zero Client is not usable and panics.
type Client struct {
	engine   *transport.Client
	export   *transport.Client // nil if it has no address
	sessions *sessionPool
}

// New returns a client. It checks cfg and opts, and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	secrets := []string{cfg.Login, string(cfg.Password)}
	base := cmp.Or(cfg.BaseURL, Production)
	engine, err := transport.New(transport.Config{
		Supplier:   supplier,
		BaseURL:    base,
		Secrets:    secrets,
		OwnCookies: true,
		Check:      cfg.check,
	}, opts)
	if err != nil {
		return nil, err
	}
	c := &Client{engine: engine}
	exportURL := cfg.ExportURL
	if exportURL == "" && base == Production {
		exportURL = ProductionExport
	}
	if exportURL != "" {
		c.export, err = transport.New(transport.Config{
			Supplier: supplier, BaseURL: exportURL, Field: "ExportURL", Secrets: secrets, OwnCookies: true,
			Check: func(*valid.Check) {},
		}, opts)
		if err != nil {
			return nil, err
		}
	}
	login := cfg.Authenticator
	if login == nil {
		if login, err = newLogin(cfg, opts); err != nil {
			return nil, err
		}
	}
	var store *storedSession
	if cfg.SessionStore != nil {
		store = &storedSession{cfg.SessionStore, strings.Join([]string{cfg.Login, base, cfg.LoginURL}, " ")}
	}
	c.sessions = newSessionPool(max(cfg.Sessions, 1), login, cfg.Authenticator == nil, store)
	return c, nil
}

// check checks the fields that transport.New does not know.
func (cfg Config) check(v *valid.Check) {
	v.That(cfg.Sessions >= 0 && cfg.Sessions <= maxSessions, "Sessions", fmt.Sprintf("must be from 0 to %d", maxSessions))
	v.That(cfg.SessionStore == nil || cfg.Sessions <= 1, "Sessions", "must be 0 or 1 with a SessionStore, which holds one session")
	v.That(cfg.ExportURL == "" || cfg.BaseURL != "", "ExportURL", "must be given together with BaseURL: the cookies of BaseURL are sent to it")
	if cfg.Authenticator != nil {
		return
	}
	v.Text("Login", cfg.Login)
	v.Secret("Password", cfg.Password)
	v.That(cfg.LoginURL != "" || cfg.BaseURL == "" || cfg.BaseURL == Production, "LoginURL",
		"must be given together with BaseURL: the password would go to the supplier's own login")
	v.That(cfg.BaseURL != "" || cfg.LoginURL == "" || cfg.LoginURL == ProductionLogin, "LoginURL",
		"must not be given without BaseURL: its cookies would go to the supplier's own address")
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

// operations lists the operation of each method: its action, what a retry would do, and
// the time limit of one attempt. The part after "+" distinguishes two uses of one action.
//
// Contacts and transfers are Keyed: a request has all contacts or transfers, and they
// replace the earlier ones (manual, chapters 5 and 6).
var operations = [...]transport.Operation{
	opQuote:            {Key: "createtour", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true},
	opBook:             {Key: "createtour+confirm", Safety: transport.Unsafe, Timeout: 90 * time.Second},
	opQuoteCancel:      {Key: "canceltour", Safety: transport.Safe, Timeout: 30 * time.Second, Decides: true},
	opCancel:           {Key: "canceltour+confirm", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Client.QuoteCancel"},
	opSetContacts:      {Key: "addContactInfo", Safety: transport.Keyed, Timeout: 30 * time.Second},
	opTouristTransfers: {Key: "showtransfers", Safety: transport.Safe, Timeout: 30 * time.Second, Decides: true},
	opFlights:          {Key: "showflightdata", Safety: transport.Safe, Timeout: 30 * time.Second},
	opSetTransfers:     {Key: "addtransfers", Safety: transport.Keyed, Timeout: 60 * time.Second},
}

// request describes a call before it is sent.
type request struct {
	valid.Check
	op       int
	query    wire.Query  // it knows which of its values are private
	body     *writer     // nil: the request is a GET
	private  []string    // personal data in the body
	roots    []string    // root elements that the answer may have, next to <errors>
	tours    []Tour      // the tours to price or book
	tourists []TouristID // the tourists to change
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

// call sends a request in a session if its check found no error, and reads the answer.
// result decodes the root element.
func call[T any](ctx context.Context, c *Client, r *request, result func(*T, *reader, *element), opts []rutravel.CallOption) (T, error) {
	sent := transport.Request{
		Method:  http.MethodGet,
		Query:   r.query.String(),
		Private: append(r.query.Private(), r.private...),
		Invalid: r.Err(),
	}
	if r.body != nil {
		sent.Method, sent.ContentType, sent.Body = http.MethodPost, "text/xml; charset=utf-8", r.body.text
	}
	return inSession(ctx, c, c.engine, &operations[r.op], sent, func(a transport.Answer) (v T, denied bool, err error) {
		var answer reply
		if err = answer.read(a, r); err != nil {
			return v, answer.denied, err
		}
		result(&v, &answer.reader, answer.root)
		for _, w := range answer.warnings {
			a.Warn(w)
		}
		return v, false, answer.err()
	}, opts)
}

// inSession sends a request in a session. read reads the answer and reports whether it
// denies access.
func inSession[T any](ctx context.Context, c *Client, engine *transport.Client, op *transport.Operation, sent transport.Request,
	read func(transport.Answer) (v T, denied bool, err error), opts []rutravel.CallOption,
) (T, error) {
	held := &lease{pool: c.sessions}
	defer held.release()
	sent.Header = http.Header{"Accept-Encoding": {"gzip"}} // the supplier answers 406 without it
	sent.Prepare = func(ctx context.Context) error { return c.sessionError(ctx, op, held.prepare(ctx)) }
	sent.Release, sent.Sign, sent.Signed = held.release, held.sign, held.update
	sent.Hidden = func() []string { return held.secrets }
	decode := func(a transport.Answer) (T, error) {
		v, denied, problem := read(a)
		return v, held.judge(a, denied, problem)
	}
	return transport.Once(ctx, engine, op, func(ctx context.Context) (value T, err error) {
		attempts := 0
		for range c.sessions.size + 1 { // all sessions may have ended
			value, err = transport.Do(ctx, engine, op, sent, decode, opts...)
			e, failed := errors.AsType[*rutravel.Error](err)
			if !failed {
				break
			}
			e.Attempts += attempts
			attempts = e.Attempts
			if !held.refused || e.Kind != rutravel.ErrAuth && e.Kind != rutravel.ErrExpired {
				break
			}
			// The supplier refused the session, with 401 or CodeAccessDenied, before it
			// looked at the request. Nothing was done, so that even a booking may be
			// sent again in a new session.
		}
		return value, err
	})
}

// sessionError returns the error of a call that got no session because of err. It
// returns nil if err is nil.
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
	paused, _ := errors.AsType[*pausedError](err)
	if refused, ok := errors.AsType[*refusedSession](err); ok && ctx.Err() == nil {
		kind = refused.kind
	}
	err = c.engine.Conclude(op, kind, err) // the engine ends the call with it
	if e, ok := errors.AsType[*rutravel.Error](err); ok {
		e.Err = &withoutKind{e.Err}
		switch {
		case paused != nil:
			e.RetryAfter = paused.wait
		case cause != nil:
			e.RetryAfter = cause.RetryAfter
		}
	}
	return err
}

// withoutKind is the cause of a call's error: the error of a login or of the wait for a
// session. Its kind does not match, because the call has its own kind. errors.AsType
// finds the cause.
type withoutKind struct{ err error }

func (w *withoutKind) Error() string { return w.err.Error() }

func (w *withoutKind) Is(target error) bool {
	_, kind := target.(rutravel.Kind)
	return !kind && errors.Is(w.err, target)
}

func (w *withoutKind) As(target any) bool { return errors.As(w.err, target) }

// only returns the only element of a list, and the error of the call.
func only[T any](all []T, err error) (one T, _ error) {
	if len(all) == 1 {
		one = all[0]
	}
	return one, err
}
