// Package smartwaytest is an in-memory Smartway, for tests of programs that use
// package smartway. What is bought becomes a trip with a voucher and closing
// documents: employees are found and changed as the manual says, the results of
// a search expire after 20 minutes, a purchase is pending for half a second.
//
// Flights go from each of the airports LED, PEZ and MOW (a city, with the airport DME) to
// the others, two every day: a direct one at 5373.00 roubles a head with one fare
// and one with a change of planes at 4890.50 with two, of which EC-PLUS is refundable.
// The account has 1,000,000.00 roubles and two companies: 11525 (INN 7799555550) and
// 7134 (INN 1111111111). [Server.AddFlight], [Server.AddEmployee], [Server.AddTrip]
// and [Server.Seed] stock more.
//
//	fake := smartwaytest.New()
//	client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// A [Server] is reached without a socket as an [http.RoundTripper], and as an
// [http.Handler] through one. It does the same in every run: ids are counted. Its
// clock is the machine's, which [testing/synctest] replaces, moved on by
// [Server.Advance]. What was bought is a trip, and is listed, when [PurchaseTime] is
// over: call Advance(PurchaseTime) before looking for it.
//
// The Op of a [Fault] is one of the manual's 25 methods, "employees.save+null-id" or
// "verification_code.add+super".
//
// It is strict: members that the manual does not name, ones that are missing or of
// another type are refused with the code -32602. The manual shows no code but
// 401; the fake's others are JSON-RPC's and HTTP's.
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

// The account that the fake knows.
const (
	Username = "agent@example.com"
	Password = "fake-password"
)

// How long things last.
const (
	SearchLife   = 20 * time.Minute
	PurchaseTime = 500 * time.Millisecond
)

// Server is an in-memory Smartway. It is safe for concurrent use.
type Server struct {
	gateway fake.Gateway

	mu   sync.Mutex
	kept int // recorded requests; 0 means all
	state
}

// state is all that a fake remembers.
type state struct {
	ahead    time.Duration
	quirks   Quirks
	soldOut  bool
	balance  decimal.Decimal
	log      []Request
	ids      int // of whatever has none of its own
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

// New returns a supplier that has sold nothing yet and knows one employee: the
// user of the account.
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

// now is the supplier's clock.
func (s *Server) now() time.Time { return time.Now().Add(s.ahead + s.quirks.ClockSkew).In(moscow) }

// Config returns what a client of the fake needs, with the address of the test
// host.
func (s *Server) Config() smartway.Config {
	return smartway.Config{Username: Username, Password: Password, BaseURL: smartway.Test}
}

// HTTPClient returns a client that reaches the fake, whatever the address, and
// nothing else.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Advance moves the fake's clock on, so that searches expire and purchases end.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Fault is something that goes wrong with one request. The zero value is none;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the operation that it befalls, as errors name it: "airline.book"; "" is any

	// Reject: the supplier refuses the request in its documented shape and does
	// nothing else, if the request is in order.
	Reject bool

	// Refuse: the connection is refused and nothing is carried out. Through a
	// socket it is closed instead, for it was accepted already.
	Refuse bool
	Drop   bool // the line breaks in place of the answer

	// Status and Body are answered in place of the fake's own answer.
	Status int
	Header http.Header
	Body   string

	// Processed: with Drop, Status or Body, the request is carried out all the
	// same; without it, it is not.
	Processed bool

	Cut   int           // the line breaks after so many bytes of the answer
	Delay time.Duration // the answer comes so much later
	Late  bool          // with Delay: the request, too, is carried out only then, whether or not the caller still waits
}

// Inject queues faults. Each befalls the next request of its operation, or of
// any. It panics if there is no such operation.
func (s *Server) Inject(faults ...Fault) {
	for _, f := range faults {
		s.gateway.Inject(fake.Fault(f))
	}
}

// Pending returns how many faults have befallen nothing yet.
func (s *Server) Pending() int { return s.gateway.Pending() }

// Request is a request that arrived.
type Request struct {
	Op     string          // the operation, as errors name it: "airline.book"
	Params json.RawMessage // params.query: without the credentials
}

// Requests returns the requests that arrived so far, the refused ones too, in
// their order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := fake.Last(s.log, s.kept)
	for i := range all {
		all[i].Params = bytes.Clone(all[i].Params)
	}
	return all
}

// Quirks are the shapes that the manual leaves open or shows in two ways. The
// zero value answers as its samples do.
type Quirks struct {
	TextID       bool   // the answer's id is a text, as in some samples
	OtherID      bool   // the answer's id is another than the request's
	ErrorNull    bool   // a success has "error": null
	CursorBehind bool   // last_version_id stands behind trips
	NoCursor     bool   // last_version_id is null
	CityText     bool   // cities of a search are texts, as in the table
	AirObject    bool   // info of a flight of one route is an object, as in the table
	Empty        string // JSON in place of an empty dictionary: `null`, `[]`
	NoExternalID bool   // external_id of travellers is null
	Unlisted     bool   // trips are not listed yet; trip.info knows them
	NoFilters    bool   // lists of trips and employees have all of them, whatever was asked for

	// ListedAfter is how much later than they are bought trips are listed.
	ListedAfter time.Duration
	// ClockSkew is how much the supplier's clock is ahead.
	ClockSkew time.Duration

	Failure string // purchases fail with this text
	AtOnce  bool   // purchases have ended when they are answered
}

// SetQuirks makes all answers from now on take the shapes of q.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// SetBalance sets what the account may spend, in roubles. Purchases beyond it
// fail.
func (s *Server) SetBalance(roubles decimal.Decimal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.balance = roubles
}

// RoundTrip makes the fake an [http.RoundTripper].
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	return s.gateway.RoundTrip(r)
}

// ServeHTTP makes the fake an [http.Handler].
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

// read reads a request as far as it can be.
func read(r fake.Request) (c call) {
	_ = json.Unmarshal(r.Text, &c)
	return c
}

// operation names the request as errors do.
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

// withoutID reports whether an employee is given without the caller's id.
func withoutID(employee json.RawMessage) bool {
	var p person
	_ = json.Unmarshal(employee, &p)
	return p.ID == nil
}

// record logs a request that arrived, whatever becomes of it.
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
	err := strict(r.Text, &c)
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

// problem is why a method is refused.
type problem struct {
	code    int
	message string
}

func invalid(message string) *problem  { return &problem{-32602, message} }
func notFound(message string) *problem { return &problem{http.StatusNotFound, message} }

// method carries out a method: its result is anything that write can write.
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

// uuid counts.
func (s *Server) uuid() string {
	s.ids++
	digits := strconv.FormatInt(int64(s.ids), 16)
	const zeros = "000000000000"
	return "5a4c4f7e-0000-4000-8000-" + zeros[len(digits):] + digits
}
