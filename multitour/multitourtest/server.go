// Package multitourtest is an in-memory fake of Multitour for tests of programs that use
// package multitour. Hotels have quotas of rooms. If a quota is booked up, its offers are on
// request.
//
//	fake := multitourtest.New()
//	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// It has tours to the countries 6228 Россия Краснодарский край, 6243 Россия and, for
// excursions, 6276 Абхазия Экскурсии. Its hotels are:
//
//   - 6596 Антарес, 9044 Beton Brut and 8562 Del Mare in Анапа,
//   - 4952 Золотой колос in Адлер,
//   - 5556 Приморье in Геленджик,
//   - 8080 in Гагра,
//   - 7578 Сосновый бор and 8079 Снегири on highways from Moscow.
//
// 8079 has no offers. The other hotels have offers for each of the next 300 days and for 1
// to 30 nights. Each tourist pays for each night. Children below 3 years cost nothing.
//
// For example, 6596 has two rooms without meals. The room for four costs 817.50 roubles for an
// adult and 408.75 for a child, and has a quota of two for each night. The room for two costs
// 1090 for each tourist and has no quota.
//
// A booking from a quota is OK (status 1). Another booking is "Не оплачено" (status 4) until
// [Server.Pay] records the full payment.
//
// [Server.AddHotel] adds to this stock. [Server.Seed] replaces it, and [Server.Reset] restores
// it.
//
// A [Server] is an [http.RoundTripper], which needs no socket, and an [http.Handler]. It does
// the same in every run: codes are counted. The id of an offer contains its values, so it can
// be booked before it was listed. The clock is the machine's, which [testing/synctest]
// replaces. [Server.Advance] moves it forward.
//
// The Op of a [Fault] is one of the manual's 17 methods, or "booking_set+full" for
// [multitour.Client.BookFull].
//
// The fake is strict. It refuses:
//
//   - members that the manual does not name, and missing members,
//   - values of another type, and ids that it does not list,
//   - tourists who do not fit the offer.
//
// A refusal has HTTP 200 and texts in error. The manual has one of these texts. Any positive
// number is a user, who sees only the user's own bookings.
package multitourtest

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/multitour"
)

// The agency of the fake. [multitour.PublicToken] can read directories and prices, and cannot
// use bookings, as at the supplier.
const (
	Token   = "fake-token"
	UserKey = "111"
)

// Server is an in-memory Multitour. It is safe for concurrent use.
type Server struct {
	gateway fake.Gateway

	mu       sync.Mutex
	ahead    time.Duration
	quirks   Quirks
	soldOut  bool
	requests []Request
	kept     int // recorded requests; 0 means all
	hotels   []hotel
	taken    map[roomNight]int
	bookings []*booking
}

// New returns a fake that has sold nothing.
func New() *Server {
	s := &Server{hotels: defaultHotels, taken: map[roomNight]int{}}
	s.gateway.Op = func(r fake.Request) string {
		d, _ := open(r)
		return d.operation()
	}
	s.gateway.Arrived = s.record
	s.gateway.Process = s.process
	s.gateway.Ops = slices.AppendSeq([]string{"booking_set+full"}, maps.Keys(methods))
	return s
}

// Config returns the configuration for a client of the fake. Its agency may use all methods.
func (s *Server) Config() multitour.Config {
	return multitour.Config{Token: Token, UserKey: UserKey}
}

// HTTPClient returns a client that sends all requests to the fake, whatever the address.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Advance moves the fake's clock forward, so that tours begin and are no longer sold.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Fault is an error that the fake simulates for one request. The zero value does nothing;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the operation, as in errors: "booking_set"; "" means any

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
	Op     string          // the operation, as in errors: "booking_set"
	Params json.RawMessage // the request section, which does not have the token
}

// Requests returns all requests so far in the order of their arrival, including refused
// ones.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := fake.Last(s.requests, s.kept)
	for i := range all {
		all[i].Params = bytes.Clone(all[i].Params)
	}
	return all
}

// Quirks is behaviour that the manual leaves open. The zero value follows the manual's samples,
// which mix strings and numbers.
type Quirks struct {
	Numbers       bool // strings that are numbers are JSON numbers
	Strings       bool // JSON numbers are strings
	OwnKeys       bool // answers have the name of their method instead of "category", "tourtype" and booking_set's "booking_info"
	NewEdition    bool // the answer has is_success next to the response
	ErrorString   bool // error is one text, not a list
	EmptyNull     bool // empty lists and objects, and missing prices, are null
	ToursList     bool // tours is a list of one, not an object
	InfoCode      bool // the code of a booking is in info, also without view "full"
	PageLimit     int  // the largest page, also if more bookings are requested; 0 means no limit
	IgnorePage    bool // every page is the first
	IgnoreFilters bool // booking_list returns all bookings of the user
	MainLast      bool // the main tourist of a booking is the last, not the first
	ISODates      bool // dates in the answer of booking_info are YYYY-MM-DD
	Times         bool // these dates are followed by 00:00:00
	UnreadableRow bool // the first of two or more hotels, offers or bookings cannot be read

	ListDelay  time.Duration // how long after it was made a booking is listed
	ClockAhead time.Duration // create_date is the day of a clock that is ahead by this time; 0 means the date that was sent
}

// SetQuirks sets the behaviour for all answers from now on.
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
	d, _ := open(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = fake.Keep(append(s.requests, Request{Op: d.operation(), Params: bytes.Clone(d.request)}), s.kept)
}

// process carries out one request.
func (s *Server) process(r fake.Request) fake.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().Add(s.ahead).In(moscow)

	d, problem := open(r)
	if problem == "" {
		problem = d.admit()
	}
	if problem != "" {
		return s.refuse(d, problem)
	}
	q, problems := methods[d.method].check(d.request)
	if len(problems) > 0 {
		return s.refuse(d, problems...)
	}
	if s.unknownHotel(q) {
		return s.refuse(d, `Некорректное значение "hotel_id"`)
	}
	if r.Reject {
		return s.refuse(d, "Операция отклонена")
	}
	result, problem := methods[d.method].run(s, q, now)
	if problem != "" {
		return s.refuse(d, problem)
	}
	return s.succeed(d, result)
}

// document is the document of a request. The sections that the answer repeats are kept as
// they were sent.
type document struct {
	header, request json.RawMessage
	token, method   string
}

// open reads the document of a request, as far as it is valid.
func open(r fake.Request) (d document, problem string) {
	parts, ok := members(r.Text)
	if !ok {
		return d, "Данные должны быть упакованы в JSON"
	}
	d.header, d.request = parts["header"], parts["request"]
	header, ok := members(d.header)
	d.token, _ = str(header["token"])
	d.method, _ = str(header["method"])
	switch {
	case r.Method != http.MethodPost:
		problem = "Ожидается POST запрос"
	case r.URL.Path != "" && !strings.HasSuffix(r.URL.Path, "/") || r.URL.RawQuery != "":
		problem = "Неверный адрес запроса"
	case !ok || d.request == nil || len(parts) != 2:
		problem = "Запрос состоит из секций header и request"
	case d.token == "" || d.method == "" || len(header) != 2:
		problem = "Секция header состоит из token и method"
	}
	return d, problem
}

// operation returns the name of the operation, as in errors.
func (d document) operation() string {
	if parts, _ := members(d.request); d.method == "booking_set" && string(parts["view"]) == `"full"` {
		return "booking_set+full"
	}
	return d.method
}

// admit checks the token and the method.
func (d document) admit() (problem string) {
	_, known := methods[d.method]
	switch {
	case d.token != Token && d.token != string(multitour.PublicToken):
		return "Неверный токен"
	case !known:
		return "Неизвестный метод"
	case d.token != Token && strings.HasPrefix(d.method, "booking_"):
		return "Для работы с методами бронирования необходимо получить индивидуальный токен"
	}
	return ""
}
