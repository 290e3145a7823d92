// Package regionbilettest is an in-memory Regionbilet, for tests of programs
// that use package regionbilet. It sells what it lists: seats that are booked
// are gone, holds expire after 20 minutes, paid tickets can be given back by the
// manual's rules and appear in the reports.
//
// There are trips up to 60 days ahead, between the settlements 124 Ставрополь, 463
// Пятигорск, 505 Кисловодск and 617 Сочи:
//
//	124 → 463  every day at 08:30           20 seats; 517.54 roubles for an adult, 269.57 for a child
//	463 → 124  every day at 17:00           20 seats; 517.54 and 269.57
//	124 → 505  every day at 21:00           12 seats; 600.00 and 300.00
//	124 → 505  on Saturdays, Sundays 06:15  the seats 1, 3 and 7; 500.50, no tickets for children
//	124 → 617  every day at 19:00           8 seats, four of them with letters; 2235.00 and 1160.00
//
// [Server.AddTrip] and [Server.AddSettlement] add to this stock, [Server.Seed]
// replaces it, and [Server.Reset] restores it.
//
//	fake := regionbilettest.New()
//	client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// A [Server] is reached without a socket as an [http.RoundTripper], and as an
// [http.Handler] through one. It does the same in every run: ids and numbers
// are counted. Its clock is the machine's, which [testing/synctest] replaces,
// moved on by [Server.Advance].
//
// The Op of a [Fault] is one of the manual's 15 commands, or "status_ticket+order".
//
// It is strict: parameters that the manual does not name, ones that are
// missing, spaces written as "+", prices that are not those of the trip are
// refused with HTTP 200 and an error in the envelope. The manual lists no
// codes; the fake's code is "1".
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

// The accounts that the fake knows. As at the supplier, the test account
// cannot run reports.
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
	user     string // whose request is being carried out
	ahead    time.Duration
	quirks   Quirks
	soldOut  bool
	requests []Request
	kept     int // recorded requests; 0 means all
	orders   []*order
	issued   int // tickets
	stock    stock
}

// New returns a supplier that has sold nothing yet.
func New() *Server {
	s := &Server{stock: defaultStock()}
	s.gateway.Op = operation
	s.gateway.Arrived = s.record
	s.gateway.Process = s.process
	s.gateway.Ops = slices.AppendSeq([]string{"status_ticket+order"}, maps.Keys(commands))
	return s
}

// Config returns what a client of the fake needs: the credentials of an account
// that may do everything.
func (s *Server) Config() regionbilet.Config {
	return regionbilet.Config{User: User, SecretKey: SecretKey}
}

// HTTPClient returns a client that reaches the fake, whatever the address, and
// nothing else.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Advance moves the fake's clock on, so that holds expire and trips depart.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Fault is something that goes wrong with one request. The zero value is none;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the operation that it befalls, as errors name it: "pay"; "" is any

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
	Op     string     // the operation, as errors name it: "pay"
	Params url.Values // without user, skey and command
}

// Requests returns the requests that arrived so far, the refused ones too, in
// their order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := fake.Last(s.requests, s.kept)
	for i := range all {
		all[i].Params = maps.Clone(all[i].Params)
	}
	return all
}

// Quirks are the shapes that the manual leaves open. The zero value answers as
// its tables say: everything is a string.
type Quirks struct {
	Numbers       bool   // numbers are JSON numbers
	Success       string // JSON in place of "0" in error: `0`, `""`, `null`; "absent" leaves error out
	Empty         string // JSON in place of an empty list: `null`, `""`, `{}`
	RefusalResult string // JSON in result beside an error: `null`, `""`, `[]`, `{}`; "" leaves result out
	BookingList   bool   // booking's result is a list of one, not an object
	OneCarrier    bool   // kontr is an object, not a list
	ShortCarrier  bool   // kontr has the three fields of the manual's sample, not the others
	SeatElements  bool   // trip_free_seats has an element for every seat
	NoSeat        bool   // reports have no seat
	Cancelled     string // the status of an order that was cancelled: "0"; "" is "2"
	NotSold       string // JSON in the prices of a category that is not sold: `"0.00"`, `0`, `null`; "" is an empty text
	NoTimes       bool   // dates of sales, bookings and refunds come without their times
	WholeOrder    bool   // status_ticket has all tickets of the order, whichever was asked for
	UnreadableRow bool   // the first row of a list of two or more cannot be read
}

// SetQuirks makes all answers from now on take the shapes of q.
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

// record logs a request that arrived, whatever becomes of it.
func (s *Server) record(r fake.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = fake.Keep(append(s.requests, Request{Op: operation(r), Params: own(r.URL.Query())}), s.kept)
}

// own leaves a command's own parameters.
func own(params url.Values) url.Values {
	for _, name := range []string{"user", "skey", "command"} {
		params.Del(name)
	}
	return params
}

// operation names a request as errors do.
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

// admit reads the parameters and checks the form of the request and the
// account.
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
