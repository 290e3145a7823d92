// Package multitourtest is an in-memory Multitour, for tests of programs that
// use package multitour. It sells what it lists: rooms of a quota that are booked
// are gone, and what they were offered for is then on request.
//
// There are tours to the countries 6228 Россия Краснодарский край, 6243 Россия
// and, for excursions, 6276 Абхазия Экскурсии. The hotels 6596 Антарес, 9044
// Beton Brut and 8562 Del Mare are in Анапа, 4952 Золотой колос in Адлер, 5556
// Приморье in Геленджик, 8080 in Гагра; 7578 Сосновый бор and 8079 Снегири lie on
// highways from Moscow, and 8079 has no offers at all. All others have some for
// each of the next 300 days and 1 to 30 nights. A price is the nights times what
// each traveller costs, children below 3 years nothing: in 6596 817.50 roubles
// for an adult and 408.75 for a child, without meals, in a room for four with a
// quota of two for each night; that hotel's room for two has no quota and costs
// 1090 each.
//
// A booking whose rooms are of a quota is OK (status 1), another one is "Не
// оплачено" (status 4) until [Server.Pay] says that it was paid in full.
//
// [Server.AddHotel] adds to this stock, [Server.Seed] replaces it, and [Server.Reset]
// restores it.
//
//	fake := multitourtest.New()
//	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// A [Server] is reached without a socket as an [http.RoundTripper], and as an
// [http.Handler] through one. It does the same in every run: codes are counted,
// and an offer's id says what is offered, so that it can be booked unasked. Its
// clock is the machine's, which [testing/synctest] replaces, moved on by
// [Server.Advance].
//
// The Op of a [Fault] is one of the manual's 17 methods, or "booking_set+full".
//
// It is strict: members that the manual does not name, ones that are missing,
// values of another type, ids that it has not listed and tourists who do not fit
// the offer are refused with HTTP 200 and texts in error, of which the manual
// shows one. Any positive number is a user, who sees no other's bookings.
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

// The agency that the fake knows. As at the supplier, [multitour.PublicToken]
// gets directories and prices, and no bookings.
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

// New returns a supplier that has sold nothing yet.
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

// Config returns what a client of the fake needs: the token and the user of an
// agency that may do everything.
func (s *Server) Config() multitour.Config {
	return multitour.Config{Token: Token, UserKey: UserKey}
}

// HTTPClient returns a client that reaches the fake, whatever the address, and
// nothing else.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Advance moves the fake's clock on, so that tours begin and are no longer sold.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Fault is something that goes wrong with one request. The zero value is none;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the operation that it befalls, as errors name it: "booking_set"; "" is any

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
	Op     string          // the operation, as errors name it: "booking_set"
	Params json.RawMessage // the request section: without the token
}

// Requests returns the requests that arrived so far, the refused ones too, in
// their order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := fake.Last(s.requests, s.kept)
	for i := range all {
		all[i].Params = bytes.Clone(all[i].Params)
	}
	return all
}

// Quirks are the shapes that the manual leaves open. The zero value answers as
// its samples do, strings and numbers mixed.
type Quirks struct {
	Numbers       bool // strings that are numbers are JSON numbers
	Strings       bool // JSON numbers are strings
	OwnKeys       bool // answers have their method's name, where the samples have "category", "tourtype" and booking_set's "booking_info"
	NewEdition    bool // is_success is beside the response
	ErrorString   bool // error is one text, not a list
	EmptyNull     bool // what is empty is null, and so is a price that there is not
	ToursList     bool // tours is a list of one, not an object
	InfoCode      bool // a booking's code is answered within info, whatever the view
	PageLimit     int  // pages have no more bookings, whatever was asked for; 0: as asked
	IgnorePage    bool // every page is the first
	IgnoreFilters bool // booking_list has all bookings of the user, whatever was asked for
	MainLast      bool // the main tourist of a booking is the last, not the first
	ISODates      bool // dates of a booking in all its parts are YYYY-MM-DD
	Times         bool // these dates are followed by 00:00:00
	UnreadableRow bool // the first of two or more hotels, offers or bookings cannot be read

	ListDelay  time.Duration // a booking is listed so much later than it is made
	ClockAhead time.Duration // create_date is the day of a clock that is so much ahead; 0: the date that was sent
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

// document is the document of a request. What is repeated in the answer is
// kept as it was written.
type document struct {
	header, request json.RawMessage
	token, method   string
}

// open reads the form of a request, as far as there is one.
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

// operation names the request as errors do.
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
