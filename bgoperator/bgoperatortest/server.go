// Package bgoperatortest is an in-memory fake of Biblio-Globus for tests of programs that
// use package bgoperator. Its bookings have ids and tourists, and can get contacts and
// transfers and be cancelled. A second booking of the same tour is a duplicate.
//
//	fake := bgoperatortest.New()
//	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// It sells five tours ([Server.Offers]):
//
//   - Three have a price of 1193.00 USD or 74563.00 RUR for each tourist: from 01.03.2014
//     and from 08.03.2014 to the country 100410504525 (template 121178311485), and from
//     05.04.2014 to 100410615636 (commission 121178422596).
//   - One from 15.03.2014 to 100410504525 has a price only in EUR.
//   - One from 22.03.2014 to 100410504525, of two nights, has a price only in RUR.
//
// [Server.AddOffer] and [Server.Seed] add others.
//
// A [Server] is an [http.RoundTripper], which needs no socket, and an [http.Handler].
// Requests whose path ends in /auth are logins, and those of [Server.AddExport] are export
// pages. The fake does the same in every run: ids, tickets and cookies are counted. It has no
// clock: its dates are those of the manual, and nothing expires.
//
// The Op of a [Fault] is one of:
//
//   - "createtour", "createtour+confirm",
//   - "canceltour", "canceltour+confirm",
//   - "addContactInfo", "showtransfers", "showflightdata", "addtransfers",
//   - "export", "login".
//
// The fake is strict. The answer to these requests is an HTTP status:
//
//   - 401, if the request has no cookies of a session, or cookies that were used before;
//   - 406, if it does not accept gzip;
//   - 400, if its method, address or order of parameters is not the manual's.
//
// Other errors are codes of the manual. 101 and 130 are for XML that the manual does not
// describe.
package bgoperatortest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
)

// The login and password that the fake accepts.
const (
	Login    = "agency"
	Password = "fake-password"
)

// Server is an in-memory Biblio-Globus. It is safe for concurrent use.
type Server struct {
	gateway fake.Gateway

	mu       sync.Mutex
	quirks   Quirks
	soldOut  bool
	requests []Request
	kept     int // recorded requests; 0 means all
	logins   int
	sessions map[string]string // the next value of the changing cookie, by the id of the session
	stock    []sale
	exports  map[string][]byte // by path and query
	bookings []*booking
	tourists int // of all bookings
	tickets  int
	closed   bool // transfers can no longer be changed
}

// New returns a fake that has sold nothing.
func New() *Server {
	s := &Server{}
	s.Reset()
	s.gateway.Op = s.operation
	s.gateway.Arrived = s.record
	s.gateway.Process = s.process
	s.gateway.Ops = slices.AppendSeq([]string{loginOp, exportOp}, maps.Keys(actions))
	return s
}

// Reset returns the fake to the state of [New]. It has its own offers again, and no
// bookings, sessions, quirks or recorded requests. Faults that have not applied yet stay;
// see [Server.Pending].
func (s *Server) Reset() {
	s.gateway.Reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks, s.soldOut, s.requests, s.logins, s.sessions = Quirks{}, false, nil, 0, map[string]string{}
	s.stock, s.exports = slices.Clone(standardStock), map[string][]byte{}
	s.bookings, s.tourists, s.tickets, s.closed = nil, 0, 0, false
}

// Config returns the configuration for a client of the fake.
func (s *Server) Config() bgoperator.Config {
	return bgoperator.Config{Login: Login, Password: Password}
}

// HTTPClient returns a client that sends all requests to the fake, whatever the address.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Fault is an error that the fake simulates for one request. The zero value does nothing;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the operation, as in errors: "createtour+confirm", "login"; "" means any

	// Reject: the supplier refuses a correct request in its documented shape and does
	// nothing else.
	Reject bool

	// Refuse: the connection is refused and nothing is carried out. A socket has already
	// accepted the connection, so there it is closed instead.
	Refuse bool
	Drop   bool // the connection breaks before the answer; without Processed, nothing is carried out

	// Status, Header and Body replace the fake's answer and its cookies.
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
	Op    string // the operation, as in errors: "createtour+confirm", "login"
	Query string // the query as it was sent
	Body  string // XML; "" for a login
}

// Requests returns all requests so far in the order of their arrival, including logins and
// refused requests.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fake.Last(s.requests, s.kept)
}

// Quirks is behaviour that the manual leaves open. The zero value answers like the manual's
// samples, and confirms bookings at once.
type Quirks struct {
	OldCookies    bool   // sessions have the cookies A and Z, not A1 and Z1
	LoginOK       bool   // the answer to a login is 200, not 302
	Unpacked      bool   // answers are not packed with gzip
	RoomMeal      bool   // <variant> is closed by </roommeal>, as in the manual's sample
	Fullamout     bool   // fullamount is spelt fullamout
	TicketInTour  bool   // the ticket of a cancellation is next to the sum, not in it
	Spaces        bool   // ids and amounts have spaces and line breaks around them
	AirportSlots  bool   // slots are at the airport, and their variants at the hotel
	NoPID         bool   // variants have no pid, as in tours without a flight
	Unconfirmed   bool   // bookings are not confirmed until Confirm is called
	OthersKeep    bool   // tourists who are not in a request for transfers keep their transfers
	SameBooking   bool   // a tour that is booked twice is two bookings, not a duplicate
	OneSession    bool   // a login ends the sessions of all earlier logins
	ForeignErrors bool   // refusals have a clientTourId that is in no request
	TransfersDone string // the answer to changed transfers: "" is a price, "id" an id and number, "status" OK
}

// SetQuirks sets the quirks of all later answers.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// EndSessions ends all sessions. The answer to the next request of each is 401.
func (s *Server) EndSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

// CloseTransfers ends the time in which transfers can be changed.
func (s *Server) CloseTransfers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

// RoundTrip implements [http.RoundTripper].
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) { return s.gateway.RoundTrip(r) }

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.gateway.ServeHTTP(w, r) }

// record records a request that arrived, whatever its result.
func (s *Server) record(r fake.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := Request{Op: s.operationOf(r), Query: r.URL.RawQuery}
	if q.Op != loginOp {
		q.Body = string(r.Text)
	}
	s.requests = fake.Keep(append(s.requests, q), s.kept)
}

const (
	loginOp  = "login"
	exportOp = "export"
)

// operation returns the operation of a request, as in errors.
func (s *Server) operation(r fake.Request) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.operationOf(r)
}

func (s *Server) operationOf(r fake.Request) string {
	if strings.HasSuffix(r.URL.Path, "/auth") {
		return loginOp
	}
	if _, ok := s.exports[r.URL.RequestURI()]; ok || strings.HasPrefix(r.URL.Host, "export.") {
		return exportOp
	}
	q := r.URL.Query()
	op := q.Get("action")
	if q.Get("confirm") != "" || op == "createtour" && bytes.Contains(r.Text, []byte("<confirm")) {
		op += "+confirm"
	}
	return op
}

// process carries out one request.
func (s *Server) process(r fake.Request) fake.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(strings.Split(r.Header.Get("Accept-Encoding"), ","), "gzip") {
		return page(http.StatusNotAcceptable)
	}
	op := s.operationOf(r)
	if op == loginOp {
		return s.logIn(r)
	}
	header, ok := s.admit(r.Request)
	if !ok {
		return page(http.StatusUnauthorized)
	}
	var a fake.Answer
	switch {
	case op == exportOp:
		a = s.export(r)
	case r.Reject && strings.HasPrefix(op, "createtour"):
		a = refuse("", &problem{code: "128"}) // nothing can be booked at the moment
	case r.Reject:
		a = refuse("", &problem{code: "157"})
	default:
		a = s.carryOut(op, r)
	}
	if a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header["Set-Cookie"] = header["Set-Cookie"]
	if !s.quirks.Unpacked {
		a.Header.Set("Content-Encoding", "gzip")
		a.Body = pack(a.Body)
	}
	return a
}

// page returns an answer of something in front of the supplier, such as a gateway.
func page(status int) fake.Answer {
	return fake.Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body:   fmt.Appendf(nil, "<html><body><h1>%s</h1></body></html>", http.StatusText(status)),
	}
}

func pack(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body)
	_ = z.Close() // writes to a buffer do not fail
	return b.Bytes()
}

// logIn opens a session, or returns the form again.
func (s *Server) logIn(r fake.Request) fake.Answer {
	form, err := url.ParseQuery(string(r.Text))
	if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return page(http.StatusBadRequest)
	}
	if form.Get("login") != Login || form.Get("pwd") != Password {
		return page(http.StatusOK)
	}
	if s.quirks.OneSession {
		clear(s.sessions)
	}
	s.logins++
	id := fmt.Sprintf("%032x", s.logins)
	s.sessions[id] = id + "-1"
	a := page(http.StatusFound)
	a.Header.Set("Location", "https://www.bgoperator.ru/")
	if s.quirks.LoginOK {
		a = page(http.StatusOK)
	}
	session, turn := s.cookieNames()
	a.Header["Set-Cookie"] = []string{
		"L=" + Login + "; Path=/", session + "=" + id + "; Path=/; HttpOnly", turn + "=" + s.sessions[id] + "; Path=/",
	}
	return a
}

// cookieNames returns the names of two cookies: session identifies a session, and turn
// changes with every answer.
func (s *Server) cookieNames() (session, turn string) {
	if s.quirks.OldCookies {
		return "A", "Z"
	}
	return "A1", "Z1"
}

// admit checks the cookies of a request and returns the cookies of the answer. A cookie that
// was used before ends the session.
func (s *Server) admit(r *http.Request) (set http.Header, ok bool) {
	session, turn := s.cookieNames()
	id, err := r.Cookie(session)
	if err != nil {
		return nil, false
	}
	want, known := s.sessions[id.Value]
	z, err := r.Cookie(turn)
	if err != nil || !known || z.Value != want || len(r.CookiesNamed(turn)) > 1 {
		delete(s.sessions, id.Value)
		return nil, false
	}
	var n int
	if _, err = fmt.Sscanf(want, id.Value+"-%d", &n); err != nil {
		return nil, false
	}
	s.sessions[id.Value] = fmt.Sprintf("%s-%d", id.Value, n+1)
	return http.Header{"Set-Cookie": {turn + "=" + s.sessions[id.Value] + "; Path=/"}}, true
}
