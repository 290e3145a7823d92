package smartway

import (
	"context"
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

	// CAFile names a file with the certificate that the supplier hands out for
	// the test host, in PEM or DER. It is trusted beside the system's. A client
	// whose http.Client has a transport of its own cannot have it too.
	CAFile string

	// LoginURL is the address of [Login].URL; "" means the one that belongs to
	// BaseURL, if that is a documented address.
	LoginURL string
}

// Client talks to Smartway on behalf of one user; its fields are the chapters of
// the manual. It is safe for concurrent use; make one per account and share it.
type Client struct {
	Employees EmployeeService // Сотрудники
	Airline   AirlineService  // Авиабилеты
	Trains    TrainService    // Ж/Д билеты
	Hotels    HotelService    // Отели
	Requests  RequestService  // Заявки
	Trips     TripService     // Поездки
	Packages  PackageService  // Закрывающие документы
	Policies  PolicyService   // Travel политики
	Auth      AuthService     // Автовход
	Codes     CodeService     // Контрольные коды

	core *core
}

// core is what the chapters share.
type core struct {
	line  *transport.Client
	calls atomic.Int64  // so far; each has its number as its id
	entry string        // where users log in; "" if that is not known
	login func() params // a function, so that no printer of values finds it
}

// New returns a client. It checks cfg and opts, reads CAFile and sends nothing.
func New(cfg Config, opts ...rutravel.Option) (*Client, error) {
	line, err := transport.New(transport.Config{
		Supplier: "smartway",
		BaseURL:  cfg.BaseURL,
		Secrets:  []string{string(cfg.Username), string(cfg.Password)},
		CAFile:   cfg.CAFile,
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
	e := &core{line: line, entry: cfg.entry(), login: func() (p params) {
		p.Authorization.Username, p.Authorization.Password = string(cfg.Username), string(cfg.Password)
		return p
	}}
	return &Client{
		Employees: EmployeeService{e}, Airline: AirlineService{e}, Trains: TrainService{e}, Hotels: HotelService{e},
		Requests: RequestService{e}, Trips: TripService{e}, Packages: PackageService{e}, Policies: PolicyService{e},
		Auth: AuthService{e}, Codes: CodeService{e}, core: e,
	}, nil
}

// entry is where users log in.
func (c Config) entry() string {
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
	opEmployeesSaveNullID: {Key: "employees.save+null-id", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	opEmployeesList:       {Key: "employees.list", Safety: transport.Safe, Timeout: 60 * time.Second},
	// The same rights again are the same rights.
	opEmployeesSetRights:         {Key: "employees.setRights", Safety: transport.Keyed, Timeout: 30 * time.Second},
	opAirlineAirportAutocomplete: {Key: "airline.airport_autocomplete", Safety: transport.Safe, Timeout: 30 * time.Second},
	opAirlineSearch:              {Key: "airline.search", Safety: transport.Safe, Timeout: 90 * time.Second},
	opAirlineBook:                {Key: "airline.book", Safety: transport.Unsafe, Timeout: 90 * time.Second},
	opAirlineResult:              {Key: "airline.result", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTrainStationAutocomplete:   {Key: "train.station_autocomplete", Safety: transport.Safe, Timeout: 30 * time.Second},
	opHotelAutocomplete:          {Key: "hotel.autocomplete", Safety: transport.Safe, Timeout: 30 * time.Second},
	// Whether the same id again is the same request is not documented.
	opRequestSave: {Key: "request.save", Safety: transport.Unsafe, Timeout: 60 * time.Second},
	// What a second cancellation is answered is not documented: "not_found" would
	// deny the first.
	opRequestCancel:      {Key: "request.cancel", Safety: transport.Unsafe, Timeout: 30 * time.Second},
	opRequestStatus:      {Key: "request.status", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTripInfo:           {Key: "trip.info", Safety: transport.Safe, Timeout: 30 * time.Second},
	opTripVersions:       {Key: "trip.versions", Safety: transport.Safe, Timeout: 2 * time.Minute},
	opTripGetByRange:     {Key: "trip.get_by_range", Safety: transport.Safe, Timeout: 2 * time.Minute},
	opTripGetAfterChange: {Key: "trip.get_after_change", Safety: transport.Safe, Timeout: 60 * time.Second}, // of silence
	opTripGetByRequest:   {Key: "trip.get_by_request", Safety: transport.Safe, Timeout: 60 * time.Second},
	opTripItemVoucher:    {Key: "trip.item_voucher", Safety: transport.Safe, Timeout: 60 * time.Second},
	opTripVersionVoucher: {Key: "trip.version_voucher", Safety: transport.Safe, Timeout: 60 * time.Second},
	opPackagesGet:        {Key: "packages.get", Safety: transport.Safe, Timeout: 60 * time.Second},
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

// envelope is the document of every request.
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
	Query any `json:"query"` // always there: an object, a text, a number or a list
}

// request makes the request of a method, unless the check has found something
// wrong with it, and returns its id too. private is what it says about people.
func (e *core) request(op int, query any, private []string, v valid.Check) (req transport.Request, id string) {
	req = transport.Request{
		Method: http.MethodPost, ContentType: "application/json", Private: private, Invalid: v.Err(),
	}
	if req.Invalid != nil {
		return req, ""
	}
	doc := envelope{JSONRPC: "2.0", ID: e.calls.Add(1), Params: e.login()}
	doc.Method, _, _ = strings.Cut(operations[op].Key, "+")
	doc.Params.Query = query
	req.Body = wire.JSON(doc)
	return req, strconv.FormatInt(doc.ID, 10)
}

// call sends a method and reads its result.
func call[T any](ctx context.Context, e *core, op int, query any, private []string, v valid.Check, result func(*wire.Decoder, *T) error, opts []rutravel.CallOption) (T, error) {
	return judged(ctx, e, op, query, private, v, result, nil, opts)
}

// judged is [call] of a method whose result may be a refusal by its value: judge
// sees it once the whole answer was read and is well.
func judged[T any](ctx context.Context, e *core, op int, query any, private []string, v valid.Check, result func(*wire.Decoder, *T) error, judge func(T) error, opts []rutravel.CallOption) (T, error) {
	req, id := e.request(op, query, private, v)
	return transport.Do(ctx, e.line, &operations[op], req, func(a transport.Answer) (v T, err error) {
		r := reply{op: op, asked: id}
		err = r.read(a.Body, func(d *wire.Decoder) error { return result(d, &v) })
		if err == nil && judge != nil {
			err = judge(v)
		}
		return v, err
	}, opts...)
}

// Ping checks that the supplier answers and accepts the credentials.
//
// Smartway: POST ping
func (c *Client) Ping(ctx context.Context, opts ...rutravel.CallOption) error {
	_, err := call(ctx, c.core, opPing, struct{}{}, nil, valid.Check{}, func(d *wire.Decoder, _ *struct{}) error {
		if !d.Null() {
			d.Fail("", "want null")
		}
		return d.Skip()
	}, opts)
	return err
}
