// Package regionbilettest is an in-memory fake of Regionbilet for tests of programs that
// use package regionbilet. Booked seats are not free, and holds expire after 20 minutes.
// Paid tickets can be refunded by the manual's rules and appear in the reports.
//
//	fake := regionbilettest.New()
//	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// It has trips up to 60 days ahead between the settlements 124 Ставрополь, 463 Пятигорск,
// 505 Кисловодск and 617 Сочи:
//
//	124 → 463  every day at 08:30           20 seats; 517.54 roubles for an adult, 269.57 for a child
//	463 → 124  every day at 17:00           20 seats; 517.54 and 269.57
//	124 → 505  every day at 21:00           12 seats; 600.00 and 300.00
//	124 → 505  on Saturdays, Sundays 06:15  the seats 1, 3 and 7; 500.50, no tickets for children
//	124 → 617  every day at 19:00           8 seats, four of them with letters; 2235.00 and 1160.00
//
// [Server.AddTrip] and [Server.AddSettlement] add to this stock. [Server.Seed] replaces it,
// and [Server.Reset] restores it.
//
// A [Server] is an [http.RoundTripper], which needs no socket, and an [http.Handler]. It
// does the same in every run: ids and numbers are counted. Its clock is the machine's,
// which [testing/synctest] replaces. [Server.Advance] moves it forward.
//
// The Op of a [Fault] is one of the manual's 15 commands, or "status_ticket+order" for the
// status of a whole booking.
//
// The fake is strict. It refuses unknown and missing parameters, spaces written as "+", and
// prices that are not those of the trip. A refusal has HTTP 200 and an error in the
// envelope. The manual lists no codes, and the fake's code is "1".
package regionbilettest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// The accounts of the fake. Like the supplier's test user, TestUser cannot run reports.
const (
	User          = "agent"
	SecretKey     = "fake-secret-key"
	TestUser      = "test"
	TestSecretKey = "test"
)

// Server is an in-memory Regionbilet. It is safe for concurrent use.
type Server struct {
	gateway fake.Gateway

	mu       sync.Mutex
	user     string // the account of the request in progress
	ahead    time.Duration
	quirks   Quirks
	soldOut  bool
	requests []Request
	kept     int // recorded requests; 0 means all
	orders   []*order
	issued   int // tickets
	stock    stock
}

// New returns a fake that has sold nothing.
func New() *Server {
	s := &Server{stock: defaultStock()}
	s.gateway.Op = operation
	s.gateway.Arrived = s.record
	s.gateway.Process = s.process
	s.gateway.Ops = slices.AppendSeq([]string{"status_ticket+order"}, maps.Keys(commands))
	return s
}

// Config returns the configuration for a client of the fake. Its account may run all
// commands.
func (s *Server) Config() regionbilet.Config {
	return regionbilet.Config{User: User, SecretKey: SecretKey}
}

// HTTPClient returns a client that sends all requests to the fake, whatever the address.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Advance moves the fake's clock forward, so that holds expire and trips depart.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Fault is an error that the fake simulates for one request. The zero value does nothing;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the operation, as in errors: "pay"; "" means any

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
	Op     string     // the operation, as in errors: "pay"
	Params url.Values // without user, skey and command
}

// Requests returns all requests so far in the order of their arrival, including refused
// ones.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := fake.Last(s.requests, s.kept)
	for i := range all {
		all[i].Params = maps.Clone(all[i].Params)
	}
	return all
}

// Quirks are shapes of answers that the manual leaves open. The zero value follows the
// manual's tables: all values are strings.
type Quirks struct {
	Numbers       bool   // numbers are JSON numbers
	Success       string // JSON instead of "0" in error: `0`, `""`, `null`; "absent" leaves error out
	Empty         string // JSON instead of an empty list: `null`, `""`, `{}`
	RefusalResult string // JSON in the result of a refusal: `null`, `""`, `[]`, `{}`; "" leaves result out
	BookingList   bool   // booking's result is a list of one, not an object
	OneCarrier    bool   // kontr is an object, not a list
	ShortCarrier  bool   // kontr has the three fields of the manual's sample, not the others
	SeatElements  bool   // trip_free_seats has an element for every seat
	NoSeat        bool   // reports have no seat
	Cancelled     string // the status of a cancelled order: "0"; "" means "2"
	NotSold       string // JSON in the prices of a category that is not sold: `"0.00"`, `0`, `null`; "" means an empty text
	NoTimes       bool   // dates of sales, bookings and refunds have no times
	WholeOrder    bool   // status_ticket returns all tickets of the order, also if one was requested
	UnreadableRow bool   // the first row of a list of two or more cannot be read
}

// SetQuirks sets the shapes of all answers from now on.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// RoundTrip makes the fake an [http.RoundTripper].
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	return s.gateway.RoundTrip(r)
}

// ServeHTTP makes the fake an [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.gateway.ServeHTTP(w, r)
}

// record records a request that arrived, also if it is refused or fails.
func (s *Server) record(r fake.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = fake.Keep(append(s.requests, Request{Op: operation(r), Params: own(r.URL.Query())}), s.kept)
}

// own removes the parameters that all commands have.
func own(params url.Values) url.Values {
	for _, name := range []string{"user", "skey", "command"} {
		params.Del(name)
	}
	return params
}

// operation returns the name of the operation, as in errors.
func operation(r fake.Request) string {
	op := command(r.Request)
	if op == "status_ticket" && r.URL.Query().Get("number_ticket") == "" {
		op += "+order"
	}
	return op
}

func command(r *http.Request) string { return r.URL.Query().Get("command") }

// process carries out one request.
func (s *Server) process(r fake.Request) fake.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().Add(s.ahead).In(moscow)
	s.expire(now)

	params, problem := s.admit(r.Request)
	if problem != "" {
		return s.refuse(problem)
	}
	c, ok := commands[command(r.Request)]
	if !ok {
		return s.refuse("Неизвестная команда")
	}
	if problem = c.check(params); problem != "" {
		return s.refuse(problem)
	}
	if r.Reject {
		return s.refuse("Операция отклонена")
	}
	result, problem := c.run(s, params, now)
	if problem != "" {
		return s.refuse(problem)
	}
	return s.succeed(result)
}

// admit reads the parameters and checks the form of the request and the account.
func (s *Server) admit(r *http.Request) (params url.Values, problem string) {
	params, err := url.ParseQuery(r.URL.RawQuery)
	user, key := params.Get("user"), params.Get("skey")
	switch {
	case r.Method != http.MethodGet:
		problem = "Ожидается GET запрос"
	case err != nil || r.ContentLength > 0:
		problem = "Неверная строка запроса"
	case len(params["user"]) != 1 || len(params["skey"]) != 1 || len(params["command"]) != 1:
		problem = "Имя пользователя, ключ и команда передаются один раз"
	case strings.Contains(r.URL.RawQuery, "+"):
		problem = "Пробел должен быть заменён на %20"
	case (user != User || key != SecretKey) && (user != TestUser || key != TestSecretKey):
		problem = "Неверное имя пользователя или секретный ключ"
	case user == TestUser && strings.HasPrefix(command(r), "report_"):
		problem = "Для тестового пользователя данный запрос недоступен"
	}
	s.user = user
	return own(params), problem
}
