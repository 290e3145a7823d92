package smartway

import (
	"context"
	"crypto/rand"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// The documented addresses. Tickets that are booked at Production are paid for.
const (
	Production = "https://api.smartway.today/v2"
	Test       = "https://api.test.dev.smartway.today/v2"
)

// The documented addresses at which users log in with a [Login].
const (
	ProductionLogin = "https://smartway.today/auth"
	TestLogin       = "https://wp.test.dev.smartway.today/auth"
)

// Config says who talks to Smartway and where.
type Config struct {
	Username rutravel.Secret // authorization.username: the user's e-mail address
	Password rutravel.Secret // authorization.password
	BaseURL  string          // [Production] or [Test]; there is no default: nobody buys by mistake

	// LoginURL is the address of [Login].URL; "" means the one that belongs to
	// BaseURL, if that is a documented address.
	LoginURL string
}

// Client calls Smartway for one user. Its fields are the chapters of the manual;
// a field and its type have the same name. It is safe for concurrent use. Make
// one per account and share it.
//
// Create it with [New]; the zero Client is not usable and panics.
type Client struct {
	Employees         Employees         // Сотрудники
	Airlines          Airlines          // Авиабилеты
	Trains            Trains            // Ж/Д билеты
	Hotels            Hotels            // Отели
	Requests          Requests          // Заявки
	Trips             Trips             // Поездки
	ClosingDocuments  ClosingDocuments  // Закрывающие документы
	TravelPolicies    TravelPolicies    // Travel политики
	Logins            Logins            // Автовход
	VerificationCodes VerificationCodes // Контрольные коды

	core *core
}

// core is what the chapters share.
type core struct {
	engine      *transport.Client
	firstID     int64         // of the first document
	lastID      atomic.Int64  // of the last document so far: they count up
	loginURL    string        // where users log in; "" if it is not known
	credentials func() params // a func, so that %v of a Client cannot print the secrets
}

// New returns a client. It checks cfg and opts and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	engine, err := transport.New(transport.Config{
		Supplier: "smartway",
		BaseURL:  cfg.BaseURL,
		Secrets:  []string{string(cfg.Username), string(cfg.Password)},
		Check: func(v *valid.Check) {
			v.Secret("Username", cfg.Username)
			v.Secret("Password", cfg.Password)
			u, err := url.Parse(cfg.LoginURL)
			v.That(cfg.LoginURL == "" || err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "",
				"LoginURL", "must be an absolute https address without a user or query")
		},
	}, opts)
	if err != nil {
		return nil, err
	}
	c := &core{engine: engine, loginURL: cfg.loginURL(), credentials: func() (p params) {
		p.Authorization.Username, p.Authorization.Password = string(cfg.Username), string(cfg.Password)
		return p
	}}
	c.number(randomID())
	return &Client{
		Employees: Employees{c}, Airlines: Airlines{c}, Trains: Trains{c}, Hotels: Hotels{c}, Requests: Requests{c},
		Trips: Trips{c}, ClosingDocuments: ClosingDocuments{c}, TravelPolicies: TravelPolicies{c}, Logins: Logins{c},
		VerificationCodes: VerificationCodes{c}, core: c,
	}, nil
}

// randomID is a large id to begin with, so that two clients give no id twice.
func randomID() int64 {
	const least = 1 << 51                                 // ids stay below 1<<53, which JavaScript keeps exactly
	random, _ := rand.Int(rand.Reader, big.NewInt(least)) // never fails
	return least + random.Int64()
}

// number makes the next document's id first.
func (c *core) number(first int64) {
	c.firstID = first
	c.lastID.Store(first - 1)
}

// gave reports whether an id is that of a document of this client.
func (c *core) gave(id string) bool {
	n, ok := wire.ParseDecimal(id)
	if !ok || !n.IsInteger() || !n.BigInt().IsInt64() {
		return false
	}
	return n.IntPart() >= c.firstID && n.IntPart() <= c.lastID.Load()
}

// loginURL is the address at which users log in; "" if it is not known.
func (c Config) loginURL() string {
	switch {
	case c.LoginURL != "":
		return c.LoginURL
	case strings.TrimSuffix(c.BaseURL, "/") == Production:
		return ProductionLogin
	case strings.TrimSuffix(c.BaseURL, "/") == Test:
		return TestLogin
	default:
		return ""
	}
}

// The rows of the table of operations, in the manual's order.
const (
	opPing = iota
	opEmployeesSave
	opEmployeesSaveNullID
	opEmployeesList
	opEmployeesSetRights
	opAirlineAirportAutocomplete
	opAirlineSearch
	opAirlineBook
	opAirlineResult
	opTrainStationAutocomplete
	opHotelAutocomplete
	opRequestSave
	opRequestCancel
	opRequestStatus
	opTripInfo
	opTripVersions
	opTripGetByRange
	opTripGetAfterChange
	opTripGetByRequest
	opTripItemVoucher
	opTripVersionVoucher
	opPackagesGet
	opTravelPolicyList
	opTravelPolicyApply
	opAuthGUID
	opVerificationCodeAdd
	opVerificationCodeAddSuper
)

// operations says of every method what sending it twice would do, and how long
// one attempt may take. What follows a "+" tells apart two uses of one method.
var operations = [...]transport.Operation{
	opPing: {Key: "ping", Safety: transport.Safe, Timeout: 30 * time.Second},
	// Found by the caller's id, an employee is only given the same values again.
	opEmployeesSave: {Key: "employees.save", Safety: transport.Keyed, Timeout: 60 * time.Second},
	// Found by name and birthday alone, one may become two.
	opEmployeesSaveNullID: {Key: "employees.save+null-id", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Employees.Lost"},
	opEmployeesList:       {Key: "employees.list", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true},
	// The same rights again are the same rights.
	opEmployeesSetRights:         {Key: "employees.setRights", Safety: transport.Keyed, Timeout: 30 * time.Second},
	opAirlineAirportAutocomplete: {Key: "airline.airport_autocomplete", Safety: transport.Safe, Timeout: 30 * time.Second},
	opAirlineSearch:              {Key: "airline.search", Safety: transport.Safe, Timeout: 90 * time.Second},
	opAirlineBook:                {Key: "airline.book", Safety: transport.Unsafe, Timeout: 90 * time.Second, LookUp: "Airlines.Wait or Trips.Lost"},
	opAirlineResult:              {Key: "airline.result", Safety: transport.Safe, Timeout: 30 * time.Second, Decides: true},
	opTrainStationAutocomplete:   {Key: "train.station_autocomplete", Safety: transport.Safe, Timeout: 30 * time.Second},
	opHotelAutocomplete:          {Key: "hotel.autocomplete", Safety: transport.Safe, Timeout: 30 * time.Second},
	// Whether the same id again is the same request is not documented.
	opRequestSave: {Key: "request.save", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Requests.Statuses"},
	// What a second cancellation is answered is not documented: "not_found" would
	// deny the first.
	opRequestCancel:      {Key: "request.cancel", Safety: transport.Unsafe, Timeout: 30 * time.Second, LookUp: "Requests.Statuses"},
	opRequestStatus:      {Key: "request.status", Safety: transport.Safe, Timeout: 30 * time.Second, Decides: true},
	opTripInfo:           {Key: "trip.info", Safety: transport.Safe, Timeout: 30 * time.Second, Decides: true},
	opTripVersions:       {Key: "trip.versions", Safety: transport.Safe, Timeout: 2 * time.Minute, Decides: true},
	opTripGetByRange:     {Key: "trip.get_by_range", Safety: transport.Safe, Timeout: 2 * time.Minute, Decides: true},
	opTripGetAfterChange: {Key: "trip.get_after_change", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true}, // without a trip
	opTripGetByRequest:   {Key: "trip.get_by_request", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true},
	opTripItemVoucher:    {Key: "trip.item_voucher", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true},
	opTripVersionVoucher: {Key: "trip.version_voucher", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true},
	opPackagesGet:        {Key: "packages.get", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true},
	opTravelPolicyList:   {Key: "travel_policy.list", Safety: transport.Safe, Timeout: 30 * time.Second},
	// The same policy again is the same policy.
	opTravelPolicyApply: {Key: "travel_policy.apply", Safety: transport.Keyed, Timeout: 30 * time.Second},
	// A token whose answer was lost is one that nobody has.
	opAuthGUID: {Key: "auth.guid", Safety: transport.Keyed, Timeout: 30 * time.Second},
	// The same code again, whatever it is found by, is the same code.
	opVerificationCodeAdd: {Key: "verification_code.add", Safety: transport.Keyed, Timeout: 30 * time.Second},
	// Without a text there is nothing to find the first by.
	opVerificationCodeAddSuper: {Key: "verification_code.add+super", Safety: transport.Unsafe, Timeout: 30 * time.Second},
}

// envelope is the JSON-RPC document of every request.
type envelope struct {
	JSONRPC string `json:"jsonrpc"`
	ID      int64  `json:"id"`
	Method  string `json:"method"`
	Params  params `json:"params"`
}

type params struct {
	Authorization struct {
		Username string `json:"username"`
		Password string `json:"password"`
	} `json:"authorization"`
	Query any `json:"query"`
}

// request describes a call before it is sent.
type request struct {
	valid.Check
	op      int
	query   any      // always sent: an object, a text, a number or a list
	private []string // what the query says about people
}

// encode makes the document of a request, unless its check found something
// wrong. It returns the document's id too.
func (c *core) encode(r *request) (sent transport.Request, id string) {
	sent = transport.Request{
		Method: http.MethodPost, ContentType: "application/json", Private: r.private, Invalid: r.Err(),
	}
	if sent.Invalid != nil {
		return sent, ""
	}
	doc := envelope{JSONRPC: "2.0", ID: c.lastID.Add(1), Params: c.credentials()}
	doc.Method, _, _ = strings.Cut(operations[r.op].Key, "+")
	doc.Params.Query = r.query
	sent.Body = wire.JSON(doc)
	return sent, strconv.FormatInt(doc.ID, 10)
}

// call sends a request if its check found nothing wrong, and reads the answer.
// result decodes the result. judge, if not nil, gets the result of an answer
// without an error and returns the error of the answer.
func call[T any](ctx context.Context, c *core, r *request, result func(*wire.Decoder, *T) error, judge func(T) error, opts []rutravel.CallOption) (T, error) {
	sent, id := c.encode(r)
	return transport.Do(ctx, c.engine, &operations[r.op], sent, func(a transport.Answer) (v T, err error) {
		answer := reply{op: r.op, sentID: id, body: a.Body, warn: a.Warn}
		err = answer.read(func(d *wire.Decoder) error { return result(d, &v) })
		if err == nil && judge != nil {
			err = judge(v)
		}
		return v, err
	}, opts...)
}

// rowsOf decodes a result that is a list of what exists: [rutravel.RowsError] names
// the rows that cannot be read.
func rowsOf[T any](elem func(*T, *wire.Decoder) error, id func(*T) string) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error { return wire.Rows(d, all, elem, id) }
}

// readable returns the rows of a list that could be read, and the error that names
// the others.
func readable[T any](all []T, err error) ([]T, error) { return wire.Readable(all, err), err }

// foundOf decodes a result that is a search or directory: rows that cannot be read
// are left out with a warning.
func foundOf[T any](elem func(*T, *wire.Decoder) error, id func(*T) string) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error { return wire.Found(d, all, elem, id) }
}

// resultOf decodes a result with the method of its type.
func resultOf[T any](decode func(*T, *wire.Decoder) error) func(*wire.Decoder, *T) error {
	return func(d *wire.Decoder, v *T) error { return decode(v, d) }
}

// Ping checks that the supplier answers and accepts the credentials.
//
// Smartway: POST ping
func (c *Client) Ping(ctx context.Context, opts ...rutravel.CallOption) error {
	r := &request{op: opPing, query: struct{}{}}
	_, err := call(ctx, c.core, r, func(d *wire.Decoder, _ *struct{}) error {
		if !d.Null() {
			d.Fail("", "want null")
		}
		return d.Skip()
	}, nil, opts)
	return err
}
