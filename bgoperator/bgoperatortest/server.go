// Package bgoperatortest is an in-memory Biblio-Globus, for tests of programs
// that use package bgoperator. It sells the tours of [Server.Offers]: what is
// booked has an id and tourists, is a duplicate when it is booked again, can be
// given contacts and transfers, is confirmed and can be cancelled.
//
// The tours are of the template 121178311485 to the country 100410504525, from
// 01.03.2014 and from 08.03.2014, and of the commission 121178422596 to 100410615636,
// from 05.04.2014. Each tourist pays 1193.00 USD or 74563.00 RUR. A third one to
// 100410504525, from 15.03.2014, is priced in EUR alone, and one of two nights from
// 22.03.2014 in RUR alone. [Server.AddOffer] and [Server.Seed] add others.
//
//	fake := bgoperatortest.New()
//	client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// A [Server] is reached without a socket as an [http.RoundTripper], and as an
// [http.Handler] through one; requests whose path ends in /auth are logins, and
// those of [Server.AddExport] are export pages. It does the same in every run: ids, tickets and cookies are counted. It has no
// clock: dates are those of the manual, and nothing expires.
//
// The Op of a [Fault] is "createtour", "createtour+confirm", "canceltour",
// "canceltour+confirm", "addContactInfo", "showtransfers", "showflightdata",
// "addtransfers", "export" or "login".
//
// It is strict: a request without the cookies of a session, or with ones that
// were used before, is answered by 401; one that does not accept gzip by 406;
// one whose method, address or order of parameters is not the manual's by 400.
// Everything else is a code of the manual: 101 and 130 are for XML that the manual
// does not describe.
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

// The agency that the fake knows.
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
	sessions map[string]string // the changing cookie that is expected next, by the id of the session
	stock    []sale
	exports  map[string][]byte // by path and query
	bookings []*booking
	tourists int // of all bookings
	tickets  int
	closed   bool // for changes of transfers
}

// New returns a supplier that has sold nothing yet.
func New() *Server {
	s := &Server{}
	s.Reset()
	s.gateway.Op = s.operation
	s.gateway.Arrived = s.record
	s.gateway.Process = s.process
	s.gateway.Ops = slices.AppendSeq([]string{loginOp, exportOp}, maps.Keys(actions))
	return s
}

// Reset makes the fake what New returns: nothing is sold, and nobody is logged in.
// Faults that have befallen nothing yet stay; see [Server.Pending].
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks, s.soldOut, s.requests, s.logins, s.sessions = Quirks{}, false, nil, 0, map[string]string{}
	s.stock, s.exports = slices.Clone(standardStock), map[string][]byte{}
	s.bookings, s.tourists, s.tickets, s.closed = nil, 0, 0, false
}

// Config returns what a client of the fake needs.
func (s *Server) Config() bgoperator.Config {
	return bgoperator.Config{Login: Login, Password: Password}
}

// HTTPClient returns a client that reaches the fake, whatever the address, and
// nothing else.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Fault is something that goes wrong with one request. The zero value is none;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the operation that it befalls, as errors name it: "createtour+confirm", "login"; "" is any

	// Reject: the supplier refuses the request in its documented shape and does
	// nothing else, if the request is in order.
	Reject bool

	// Refuse: the connection is refused and nothing is carried out. Through a
	// socket it is closed instead, for it was accepted already.
	Refuse bool
	Drop   bool // the line breaks in place of the answer

	// Status and Body are answered in place of the fake's own answer, and
	// without its cookies.
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
	Op    string // the operation, as errors name it: "createtour+confirm", "login"
	Query string // as it was sent
	Body  string // XML; "" of a login
}

// Requests returns the requests that arrived so far, logins and refused ones
// too, in their order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fake.Last(s.requests, s.kept)
}

// Quirks are the shapes and terms that the manual leaves open. The zero value
// answers as its samples do, and confirms bookings at once.
type Quirks struct {
	OldCookies    bool   // sessions have the cookies A and Z, not A1 and Z1
	LoginOK       bool   // a login is answered with 200, not with 302
	Unpacked      bool   // answers are not packed
	RoomMeal      bool   // <variant> is closed by </roommeal>, as in the manual's sample
	Fullamout     bool   // fullamount is spelt fullamout
	TicketInTour  bool   // a cancellation's ticket stands beside the sum, not in it
	Spaces        bool   // ids and amounts have spaces and line breaks around them
	AirportSlots  bool   // slots are at the airport, and their variants at the hotel
	NoPID         bool   // variants have no pid, as in tours without a flight
	Unconfirmed   bool   // bookings wait for Confirm
	OthersKeep    bool   // tourists who are not in a request for transfers keep theirs
	SameBooking   bool   // booking the same twice makes two bookings, not a duplicate
	OneSession    bool   // a login ends the session of every login before it
	ForeignErrors bool   // refusals name a clientTourId that no request has
	TransfersDone string // what changed transfers are answered with: "" a price, "id" and number, or "status"
}

// SetQuirks makes all answers from now on take the shapes and terms of q.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// EndSessions makes the fake forget all sessions: the next request of each is
// answered with 401.
func (s *Server) EndSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

// CloseTransfers makes it too late to change transfers.
func (s *Server) CloseTransfers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

// RoundTrip makes the fake an [http.RoundTripper].
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) { return s.gateway.RoundTrip(r) }

// ServeHTTP makes the fake an [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.gateway.ServeHTTP(w, r) }

// record logs a request that arrived, whatever becomes of it.
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

// operation names a request as errors do.
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

// page is what something in front of the supplier answers.
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
	_ = z.Close() // into a buffer
	return b.Bytes()
}

// logIn opens a session, or shows the form once more.
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

// cookieNames returns the names of the cookie that identifies a session and of the
// one that changes with every answer.
func (s *Server) cookieNames() (session, turn string) {
	if s.quirks.OldCookies {
		return "A", "Z"
	}
	return "A1", "Z1"
}

// admit checks a request's cookies and returns those of the answer. A cookie
// that was used before ends the session.
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
