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

// The documented addresses. Tickets that are bought at Production cost money.
const (
	Production = "https://api.smartway.today/v2"
	Test       = "https://api.test.dev.smartway.today/v2"
)

// The documented addresses at which users log in with a [Login].
const (
	ProductionLogin = "https://smartway.today/auth"
	TestLogin       = "https://wp.test.dev.smartway.today/auth"
)

// Config has the credentials and the addresses of Smartway.
type Config struct {
	Username rutravel.Secret // authorization.username: the user's e-mail address
	Password rutravel.Secret // authorization.password
	BaseURL  string          // [Production] or [Test]; required, so that nobody buys by default

	// LoginURL is the address of [Login].URL. The default is the documented address
	// that belongs to BaseURL, if BaseURL is a documented address.
	LoginURL string
}

// Client calls Smartway for one user. Its fields are the chapters of the manual. A field
// and its type have the same name. It is safe for concurrent use. Use one Client per
// account.
//
// Create it with [New]. The methods of the zero Client panic.
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

// core has what the chapters share.
type core struct {
	engine      *transport.Client
	firstID     int64         // of the first document
	lastID      atomic.Int64  // of the last document so far
	loginURL    string        // "" if it is not known
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
	c.setNextID(randomID())
	return &Client{
		Employees: Employees{c}, Airlines: Airlines{c}, Trains: Trains{c}, Hotels: Hotels{c}, Requests: Requests{c},
		Trips: Trips{c}, ClosingDocuments: ClosingDocuments{c}, TravelPolicies: TravelPolicies{c}, Logins: Logins{c},
		VerificationCodes: VerificationCodes{c}, core: c,
	}, nil
}

// randomID returns a large first id, so that two clients do not use the same ids.
func randomID() int64 {
	const least = 1 << 51                                 // ids stay below 1<<53, which JavaScript keeps exactly
	random, _ := rand.Int(rand.Reader, big.NewInt(least)) // never fails
	return least + random.Int64()
}

// setNextID sets the id of the next document.
func (c *core) setNextID(first int64) {
	c.firstID = first
	c.lastID.Store(first - 1)
}

// issued reports whether this client gave an id to a document.
func (c *core) issued(id string) bool {
	n, ok := wire.ParseDecimal(id)
	if !ok || !n.IsInteger() || !n.BigInt().IsInt64() {
		return false
	}
	return n.IntPart() >= c.firstID && n.IntPart() <= c.lastID.Load()
}

// loginURL returns the address at which users log in, or "" if it is not known.
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

// Indexes of the table of operations, in the manual's order.
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

// operations has the safety of each operation and the timeout of one attempt. A "+"
// separates the name of the method from a variant of it that has another safety.
var operations = [...]transport.Operation{
	opPing: {Key: "ping", Safety: transport.Safe, Timeout: 30 * time.Second},
	// The supplier finds the employee by the caller's id and stores the same values again.
	opEmployeesSave: {Key: "employees.save", Safety: transport.Keyed, Timeout: 60 * time.Second},
	// Without an id, a second call may create the employee twice.
	opEmployeesSaveNullID:        {Key: "employees.save+null-id", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Employees.Lost"},
	opEmployeesList:              {Key: "employees.list", Safety: transport.Safe, Timeout: 60 * time.Second, Decides: true},
	opEmployeesSetRights:         {Key: "employees.setRights", Safety: transport.Keyed, Timeout: 30 * time.Second},
	opAirlineAirportAutocomplete: {Key: "airline.airport_autocomplete", Safety: transport.Safe, Timeout: 30 * time.Second},
	opAirlineSearch:              {Key: "airline.search", Safety: transport.Safe, Timeout: 90 * time.Second},
	opAirlineBook:                {Key: "airline.book", Safety: transport.Unsafe, Timeout: 90 * time.Second, LookUp: "Airlines.Wait or Trips.Lost"},
	opAirlineResult:              {Key: "airline.result", Safety: transport.Safe, Timeout: 30 * time.Second, Decides: true},
	opTrainStationAutocomplete:   {Key: "train.station_autocomplete", Safety: transport.Safe, Timeout: 30 * time.Second},
	opHotelAutocomplete:          {Key: "hotel.autocomplete", Safety: transport.Safe, Timeout: 30 * time.Second},
	// The manual does not say whether a second call with the same id creates a second request.
	opRequestSave: {Key: "request.save", Safety: transport.Unsafe, Timeout: 60 * time.Second, LookUp: "Requests.Statuses"},
	// The manual does not show the answer to a second cancellation. "not_found" would
	// look like a failure of the first.
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
	opTravelPolicyApply:  {Key: "travel_policy.apply", Safety: transport.Keyed, Timeout: 30 * time.Second},
	// A token whose answer was lost is not used by anyone.
	opAuthGUID: {Key: "auth.guid", Safety: transport.Keyed, Timeout: 30 * time.Second},
	// A second call stores the same code again.
	opVerificationCodeAdd: {Key: "verification_code.add", Safety: transport.Keyed, Timeout: 30 * time.Second},
	// Without a text, the supplier cannot find the code of the first call.
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

// request is a call that was not encoded yet.
type request struct {
	valid.Check
	op      int
	query   any      // always sent: an object, a text, a number or a list
	private []string // personal data in the query
}

// encode returns the document of a request and its id. If the check of the request
// failed, it returns the error in Invalid.
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

// call sends a valid request and reads the answer. decode decodes the result. If check
// is not nil, it gets a result that was decoded, and returns the error of the answer.
func call[T any](ctx context.Context, c *core, r *request, decode func(*wire.Decoder, *T) error, check func(T) error, opts []rutravel.CallOption) (T, error) {
	sent, id := c.encode(r)
	return transport.Do(ctx, c.engine, &operations[r.op], sent, func(a transport.Answer) (v T, err error) {
		answer := reply{op: r.op, sentID: id, body: a.Body, warn: a.Warn}
		err = answer.read(func(d *wire.Decoder) error { return decode(d, &v) })
		if err == nil && check != nil {
			err = check(v)
		}
		return v, err
	}, opts...)
}

// rowsOf returns a decoder for a list of what exists. Rows that cannot be read are named
// by a [rutravel.RowsError].
func rowsOf[T any](elem func(*T, *wire.Decoder) error, id func(*T) string) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error { return wire.Rows(d, all, elem, id) }
}

// readable removes the rows that err names as unreadable.
func readable[T any](all []T, err error) ([]T, error) { return wire.Readable(all, err), err }

// foundOf returns a decoder for a search or a directory. Rows that cannot be read are
// left out with a warning.
func foundOf[T any](elem func(*T, *wire.Decoder) error, id func(*T) string) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error { return wire.Found(d, all, elem, id) }
}

// resultOf returns a decoder for a result that is one value.
func resultOf[T any](decode func(*T, *wire.Decoder) error) func(*wire.Decoder, *T) error {
	return func(d *wire.Decoder, v *T) error { return decode(v, d) }
}

// Ping checks that the supplier can be reached and accepts the credentials.
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
