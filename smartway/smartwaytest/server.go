// Package smartwaytest is an in-memory fake of Smartway for tests of programs that use
// package smartway. It behaves like a real supplier: purchases become trips with vouchers
// and closing documents, and employees are found and changed by the manual's rules.
//
//	fake := smartwaytest.New()
//	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// From each of the airports LED, PEZ and MOW (a city with the airport DME), two flights go
// to each of the others every day:
//
//   - A direct flight. It has one fare, 5373.00 roubles for each traveller.
//   - A flight with a change of planes. It has two fares: EC-BASE, 4890.50 roubles for each
//     traveller, and EC-PLUS, which is refundable.
//
// The account has 1,000,000.00 roubles and two companies: 11525 (INN 7799555550) and 7134
// (INN 1111111111). [Server.AddFlight], [Server.AddEmployee], [Server.AddTrip] and
// [Server.Seed] add or replace the stock.
//
// The results of a search expire after [SearchLife], 20 minutes. A purchase is pending for
// [PurchaseTime], half a second. Then its trip exists and is listed: call
// Advance(PurchaseTime) before you look it up.
//
// A [Server] is an [http.RoundTripper], which needs no socket, and an [http.Handler]. It
// does the same in every run: ids are counted. Its clock is the machine's, which
// [testing/synctest] replaces. [Server.Advance] moves it forward.
//
// The Op of a [Fault] is one of the manual's 25 methods, "employees.save+null-id" or
// "verification_code.add+super".
//
// The fake is strict. It refuses members that the manual does not name, missing members and
// members of another type with the code -32602. The manual shows only the code 401; the
// other codes of the fake are JSON-RPC's and HTTP's.
package smartwaytest

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/smartway"
)

// Credentials that the fake accepts.
const (
	Username = "agent@example.com"
	Password = "fake-password"
)

// Times of the fake.
const (
	SearchLife   = 20 * time.Minute       // how long the results of a search can be bought
	PurchaseTime = 500 * time.Millisecond // how long a purchase is pending
)

// Server is an in-memory Smartway. It is safe for concurrent use.
type Server struct {
	gateway fake.Gateway

	mu   sync.Mutex
	kept int // recorded requests; 0 means all
	state
}

// state is the state that [Server.Reset] resets.
type state struct {
	ahead    time.Duration
	quirks   Quirks
	soldOut  bool
	balance  decimal.Decimal
	log      []Request
	ids      int // employees and UUIDs so far
	versions int

	flights   []Flight
	employees []*employee
	searches  map[string]*search
	searched  []string // ids of searches, the oldest first
	purchases []*purchase
	trips     []*trip
	requests  []*request
	codes     []code
}

// New returns a fake that has sold nothing. It has one employee: the user of the account.
func New() *Server {
	s := new(Server)
	s.state = s.newState()
	s.gateway.Op = func(r fake.Request) string { return read(r).operation() }
	s.gateway.Arrived = s.record
	s.gateway.Process = s.process
	s.gateway.Ops = slices.AppendSeq([]string{"employees.save+null-id", "verification_code.add+super"}, maps.Keys(methods))
	return s
}

func (s *Server) newState() state {
	return state{
		balance: decimal.New(100000000, -2), versions: firstVersion, searches: map[string]*search{},
		flights: defaultFlights(), employees: []*employee{s.agent()},
	}
}

// now returns the time of the supplier's clock.
func (s *Server) now() time.Time { return time.Now().Add(s.ahead + s.quirks.ClockSkew).In(moscow) }

// Config returns the configuration for a client of the fake. The address is the
// supplier's test host.
func (s *Server) Config() smartway.Config {
	return smartway.Config{Username: Username, Password: Password, BaseURL: smartway.Test}
}

// HTTPClient returns a client that sends all requests to the fake, whatever the address.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Advance moves the fake's clock forward, so that searches expire and purchases end.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Fault is an error that the fake simulates for one request. The zero value does nothing;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the operation, as in errors: "airline.book"; "" means any

	// Reject: the supplier refuses a valid request in its documented shape and does
	// nothing else.
	Reject bool

	// Refuse: the connection is refused and nothing is carried out. A socket has already
	// accepted the connection, so there it is closed instead.
	Refuse bool
	Drop   bool // the connection breaks before the answer; without Processed, nothing is carried out

	// Status, Header and Body replace the fake's answer.
	Status int
	Header http.Header
	Body   string

	// Processed: with Drop, Status or Body, the request is carried out. Drop and Processed
	// together lose the answer to a call that succeeded. Faults without Drop, Status, Body
	// and Refuse do not need it: the request is carried out, unless Reject refuses it.
	Processed bool

	Cut   int           // the connection breaks after this number of bytes of the answer
	Delay time.Duration // the answer is delayed by this time; the request is carried out before it
	Late  bool          // with Delay: the request is carried out after the delay, even if the caller no longer waits
}

// Inject queues faults. Each applies to the next request of its operation, or to the next
// request if it has no Op. Inject panics if the operation does not exist.
func (s *Server) Inject(faults ...Fault) {
	for _, f := range faults {
		s.gateway.Inject(fake.Fault(f))
	}
}

// Pending returns the number of faults that have not applied yet.
func (s *Server) Pending() int { return s.gateway.Pending() }

// Request is a request that the fake received.
type Request struct {
	Op     string          // the operation, as in errors: "airline.book"
	Params json.RawMessage // params.query, without the credentials
}

// Requests returns all requests so far in the order of their arrival, including refused
// ones.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := fake.Last(s.log, s.kept)
	for i := range all {
		all[i].Params = bytes.Clone(all[i].Params)
	}
	return all
}

// Quirks is behaviour that the manual does not exclude. The zero value follows the manual's
// samples.
type Quirks struct {
	TextID       bool   // the answer's id is a text, as in some samples
	OtherID      bool   // the answer's id differs from the request's
	ErrorNull    bool   // a success has "error": null
	CursorBehind bool   // last_version_id comes after trips
	NoCursor     bool   // last_version_id is null
	CityText     bool   // cities of a search are texts, as in the table
	AirObject    bool   // info of a flight with one route is an object, as in the table
	Empty        string // JSON instead of an empty dictionary: `null`, `[]`
	NoExternalID bool   // external_id of travellers is null
	Unlisted     bool   // trips are not listed; trip.info returns them
	NoFilters    bool   // lists of trips and employees ignore filters

	// ListedAfter is the time after which a trip that was bought is listed.
	ListedAfter time.Duration
	// ClockSkew is how far the supplier's clock is ahead of the machine's.
	ClockSkew time.Duration

	Failure string // purchases fail with this text
	AtOnce  bool   // purchases are not pending: they have ended when Buy returns
}

// SetQuirks sets the quirks of all later answers.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// SetBalance sets the balance of the account in roubles. Purchases that cost more fail.
func (s *Server) SetBalance(roubles decimal.Decimal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.balance = roubles
}

// RoundTrip implements [http.RoundTripper].
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	return s.gateway.RoundTrip(r)
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.gateway.ServeHTTP(w, r)
}

// call is the document of a request.
type call struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  struct {
		Authorization struct {
			Username string `json:"username"`
			Password string `json:"password"`
		} `json:"authorization"`
		Query json.RawMessage `json:"query"`
	} `json:"params"`
}

// read reads a request. Values that cannot be read stay empty.
func read(r fake.Request) (c call) {
	_ = json.Unmarshal(r.Text, &c)
	return c
}

// operation returns the name of the operation, as in errors.
func (c call) operation() string {
	var query struct {
		Employees []json.RawMessage `json:"employees"`
		Code      string            `json:"verification_code"`
	}
	_ = json.Unmarshal(c.Params.Query, &query)
	switch {
	case c.Method == "employees.save" && slices.ContainsFunc(query.Employees, withoutID):
		return "employees.save+null-id"
	case c.Method == "verification_code.add" && query.Code == "":
		return "verification_code.add+super"
	}
	return c.Method
}

// withoutID reports whether an employee has no id of the caller.
func withoutID(employee json.RawMessage) bool {
	var p person
	_ = json.Unmarshal(employee, &p)
	return p.ID == nil
}

// record records a request that arrived, whatever its result.
func (s *Server) record(r fake.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := read(r)
	s.log = fake.Keep(append(s.log, Request{Op: c.operation(), Params: c.Params.Query}), s.kept)
}

// process carries out one request.
func (s *Server) process(r fake.Request) fake.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.settle(now)

	var c call
	err := decodeStrictly(r.Text, &c)
	switch {
	case r.Method != http.MethodPost:
		return s.refuse(c.ID, http.StatusMethodNotAllowed, http.StatusMethodNotAllowed, "Method not allowed")
	case err != nil || c.JSONRPC != "2.0" || !isID(c.ID) || c.Params.Query == nil:
		return s.refuse(nil, http.StatusOK, -32600, "Invalid Request")
	case c.Params.Authorization.Username != Username || c.Params.Authorization.Password != Password:
		return s.refuse(c.ID, http.StatusUnauthorized, http.StatusUnauthorized, "Error: Unauthorized")
	}
	m, ok := methods[c.Method]
	if !ok {
		return s.refuse(c.ID, http.StatusOK, -32601, "Method not found")
	}
	if r.Reject {
		return s.refuse(c.ID, http.StatusOK, -32000, "The operation was rejected")
	}
	result, p := m(s, c.Params.Query, now)
	if p != nil {
		return s.refuse(c.ID, http.StatusOK, p.code, p.message)
	}
	return s.succeed(c.ID, result)
}

// isID reports whether a value is a text or a whole number.
func isID(raw json.RawMessage) bool {
	var text string
	if json.Unmarshal(raw, &text) == nil && string(raw) != "null" {
		return true
	}
	_, err := strconv.ParseInt(string(raw), 10, 64)
	return err == nil
}

// problem is the reason for a refusal.
type problem struct {
	code    int
	message string
}

func invalid(message string) *problem  { return &problem{-32602, message} }
func notFound(message string) *problem { return &problem{http.StatusNotFound, message} }

// method carries out a method. write can write its result.
type method func(s *Server, query json.RawMessage, now time.Time) (result any, p *problem)

var methods = map[string]method{
	"ping":                         ping,
	"employees.save":               saveEmployees,
	"employees.list":               listEmployees,
	"employees.setRights":          setRights,
	"airline.airport_autocomplete": airports,
	"airline.search":               searchFlights,
	"airline.book":                 bookFlight,
	"airline.result":               purchaseResult,
	"train.station_autocomplete":   stations,
	"hotel.autocomplete":           hotels,
	"request.save":                 saveRequest,
	"request.cancel":               cancelRequest,
	"request.status":               requestStatus,
	"trip.info":                    tripInfo,
	"trip.versions":                tripVersions,
	"trip.get_by_range":            tripsBetween,
	"trip.get_after_change":        tripsAfter,
	"trip.get_by_request":          tripsOfRequest,
	"trip.item_voucher":            itemVoucher,
	"trip.version_voucher":         versionVoucher,
	"packages.get":                 packages,
	"travel_policy.list":           listPolicies,
	"travel_policy.apply":          applyPolicy,
	"auth.guid":                    issueGUID,
	"verification_code.add":        addCode,
}

// uuid returns the next UUID. It counts.
func (s *Server) uuid() string {
	s.ids++
	digits := strconv.FormatInt(int64(s.ids), 16)
	const zeros = "000000000000"
	return "5a4c4f7e-0000-4000-8000-" + zeros[len(digits):] + digits
}
