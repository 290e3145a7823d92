// Package ticketscloudtest is an in-memory fake of Ticketscloud for tests of programs that
// use package ticketscloud. Tickets that an order holds are not vacant, and orders expire after
// 15 minutes. Paid tickets get barcodes and can be refunded by the manual's rules.
//
//	fake := ticketscloudtest.New()
//	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// It has three events, which begin at 19:00 local time:
//
//   - [SoldOut], in ten days. It has no vacant tickets.
//   - [Concert], in Yekaterinburg in 30 days. It has 100 tickets without seats ([FanZone],
//     1000.00 roubles and a fee of 100.00) and ten with seats ([Stalls], 2500.00 and
//     250.00).
//   - [Play], in Moscow on the first Saturday after 60 days or more. It has 20 tickets
//     without seats ([Gallery], 500.00 and 50.00). The hall sells through Mosbilet: its
//     buyers must be set before the payment ([ticketscloud.Client.SetMosbiletBuyers]).
//
// It has two promocodes:
//
//   - [Percent10] is 10 % off, for the concert and the play.
//   - [Fix100] is 100 roubles off each ticket of the concert's fan zone, for two or more
//     tickets.
//
// [Server.AddEvent] and [Server.Seed] put other events on sale.
//
// A [Server] is an [http.RoundTripper], which needs no socket, and an [http.Handler]. It
// does the same in every run: ids and numbers are counted. Its clock is the machine's,
// which [testing/synctest] replaces. [Server.Advance] moves it forward.
//
// The Op of a [Fault] is one of:
//
//   - "orders.create", "orders.change", "orders.change+promocodes", "orders.change+done",
//     "orders.change+cancel", "orders.list", "orders.export", "orders.export+get",
//   - "refunds.create", "refunds.approve", "refunds.reject", "refunds.list",
//   - "promocodes.check", "mosbilet", "simple.events", "events.tickets".
//
// The fake is strict. For example, it refuses members and parameters that the manual does
// not name, lists written as repeated parameters, and an extra slash.
package ticketscloudtest

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// Key is the API key that the fake accepts.
const Key = "fake-api-key"

// OrderLifetime is how long an order holds its tickets.
const OrderLifetime = 15 * time.Minute

// Server is an in-memory Ticketscloud. It is safe for concurrent use.
type Server struct {
	gateway fake.Gateway

	mu       sync.Mutex
	ahead    time.Duration
	quirks   Quirks
	soldOut  bool
	requests []Request
	kept     int // recorded requests; 0 means all
	events   []*event
	orders   []*order
	refunds  []*refund
	busy     map[string]bool // orders with a change in progress
	counted  int             // ids so far
	sold     int             // barcodes so far
	stocked  int             // tickets of added events so far
	mails    []string        // the recipients of exports
}

// New returns a fake that has sold nothing.
func New() *Server {
	s := &Server{busy: map[string]bool{}, events: programme(time.Now())}
	s.gateway.Op = func(r fake.Request) string { return route(r).op }
	s.gateway.Arrived = s.record
	s.gateway.Process = func(r fake.Request) fake.Answer { return s.dated(s.process(r)) }
	s.gateway.Ops = operations
	return s
}

// Config returns the configuration for a client of the fake. The address is the
// supplier's stage.
func (s *Server) Config() ticketscloud.Config {
	return ticketscloud.Config{Key: Key, BaseURL: ticketscloud.Stage}
}

// Reset returns the fake to the state of [New]. It has its own events again, the machine's
// clock, and no orders, refund requests, faults, quirks or recorded requests.
func (s *Server) Reset() {
	s.gateway.Reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead, s.quirks, s.soldOut, s.requests, s.events = 0, Quirks{}, false, nil, programme(time.Now())
	s.orders, s.refunds, s.busy = nil, nil, map[string]bool{}
	s.counted, s.sold, s.stocked, s.mails = 0, 0, 0, nil
}

// HTTPClient returns a client that sends all requests to the fake, whatever the address.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Advance moves the fake's clock forward, so that orders expire and events begin.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Fault is an error that the fake simulates for one request. The zero value does nothing;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the operation, as in errors: "orders.change+done"; "" means any

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
	Op     string // the operation, as in errors: "orders.change+done"
	Method string
	Path   string
	Params url.Values
	Body   string
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

// Mails returns the recipients of exported orders, in the order of the exports.
func (s *Server) Mails() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Quirks is behaviour that the manual does not exclude. The zero value follows the manual's
// samples.
type Quirks struct {
	ChangeTime   time.Duration // how long a change of an order takes; another one meanwhile gets 409
	BarcodeDelay time.Duration // how long after the payment barcodes arrive
	Barcodes     bool          // the answer to the payment already has the barcodes
	Reseat       bool          // random exchanges the seats that the order holds
	Redraw       bool          // random exchanges the tickets without seats that the order holds
	NoMoney      bool          // the account is empty
	Rows         bool          // pagination.total counts objects, not pages
	EmptyRefs    string        // JSON instead of refs: `{}`, `[]`, `null`; "absent" leaves them out
	Listed       bool          // v1 returns objects that have the list as events or data
	Sold         bool          // the tickets of a done order are "sold", not "reserved"
	NoSettings   bool          // orders have no settings
	Core         bool          // the culprit of refund requests for the organiser is "core": they must have all tickets

	Skew          time.Duration // how far the supplier's clock is ahead of the machine's
	NoDate        bool          // answers have no Date
	Unlisted      time.Duration // how long lists do not have a new order or refund request
	IgnoreFilters bool          // lists of orders and refund requests ignore filters
	RepeatPages   bool          // a page after the last is the last page again
}

// SetQuirks sets the quirks of all later answers.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// RoundTrip implements [http.RoundTripper].
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	return s.gateway.RoundTrip(r)
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.gateway.ServeHTTP(w, r)
}

// record records a request that arrived, whatever its result.
func (s *Server) record(r fake.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = fake.Keep(append(s.requests, Request{
		Op: route(r).op, Method: r.Method, Path: r.URL.Path, Params: r.URL.Query(), Body: string(r.Text),
	}), s.kept)
}

// process carries out one request.
func (s *Server) process(r fake.Request) fake.Answer {
	to := route(r)
	if to.op == "" {
		return refuseWith(http.StatusNotFound, "HTTPNotFound", "Not Found")
	}
	if r.Header.Get("Authorization") != "key "+Key {
		return refuseWith(http.StatusUnauthorized, "HTTPUnauthorized", "Bad key")
	}
	if problem := to.check(r); problem != "" {
		return refuse(problem)
	}
	if r.Reject {
		return refuse("The operation was rejected")
	}
	if to.order == "" {
		return s.carryOut(to, r)
	}
	d, ok := s.begin(to.order)
	if !ok {
		return refuseWith(http.StatusConflict, "HTTPConflict", "Conflict")
	}
	return s.finish(r.Context(), d, to, r)
}

// dated adds the supplier's time to an answer.
func (s *Server) dated(a fake.Answer) fake.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quirks.NoDate {
		return a
	}
	if a.Header = a.Header.Clone(); a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set("Date", s.clock().Format(http.TimeFormat))
	return a
}

// clock returns the supplier's time, to the second.
func (s *Server) clock() time.Time {
	return time.Now().Add(s.ahead + s.quirks.Skew).UTC().Truncate(time.Second)
}

// begin marks an order as being changed and returns how long the change takes. ok is false
// if another change is in progress.
func (s *Server) begin(order string) (d time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[order] {
		return 0, false
	}
	s.busy[order] = true
	return s.quirks.ChangeTime, true
}

// finish changes the order after d, even if the caller no longer waits.
func (s *Server) finish(ctx context.Context, d time.Duration, to target, r fake.Request) fake.Answer {
	change := func() fake.Answer {
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.busy, to.order)
		}()
		return s.carryOut(to, r)
	}
	if d <= 0 {
		return change()
	}
	start := time.Now()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return change()
	case <-ctx.Done():
		time.AfterFunc(d-time.Since(start), func() { change() })
		return fake.Answer{Status: http.StatusGatewayTimeout} // the caller does not read it
	}
}

func (s *Server) carryOut(to target, r fake.Request) fake.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	s.expire(now)
	return to.run(s, request{now: now, id: to.id, params: r.URL.Query(), body: r.Text})
}

// request is the input of an operation.
type request struct {
	now    time.Time
	id     string // in the path
	params url.Values
	body   []byte
}

// target is the operation of a request.
type target struct {
	op     string // "" if there is no such operation
	id     string // in the path
	order  string // the order that is changed
	params []string
	body   bool
	run    func(*Server, request) fake.Answer
}

// route finds an operation by verb and path.
func route(r fake.Request) target {
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	var id string
	if i := slices.IndexFunc(parts, isID); i >= 0 {
		id, parts[i] = parts[i], ":id"
	}
	listing := []string{"created_at", "status", "events", "only_with_customer"}
	paging := []string{"page", "page_size"}
	switch r.Method + " /" + strings.Join(parts, "/") {
	case "POST /v2/resources/orders":
		return target{op: "orders.create", body: true, run: (*Server).create}
	case "PATCH /v2/resources/orders/:id":
		return target{op: "orders.change" + changeForm(r.Text), id: id, order: id, body: true, run: (*Server).change}
	case "GET /v2/resources/orders":
		return target{op: "orders.list", params: append(listing, paging...), run: (*Server).list}
	case "POST /v2/resources/orders/export":
		return target{op: "orders.export", body: true, run: (*Server).export}
	case "GET /v2/resources/orders/export":
		return target{op: "orders.export+get", params: append(listing, "email"), run: (*Server).exportByGet}
	case "POST /v2/resources/refund_requests":
		return target{op: "refunds.create", body: true, run: (*Server).createRefund}
	case "PATCH /v2/resources/refund_requests/:id":
		op := "refunds.approve"
		if strings.Contains(string(r.Text), `"rejected"`) {
			op = "refunds.reject"
		}
		return target{op: op, id: id, body: true, run: (*Server).decide}
	case "GET /v2/resources/refund_requests":
		params := append([]string{"created_at", "finished_at", "events", "status"}, paging...)
		return target{op: "refunds.list", params: params, run: (*Server).listRefunds}
	case "POST /v2/services/promocodes/check":
		return target{op: "promocodes.check", body: true, run: (*Server).check}
	case "GET /v1/services/simple/events":
		params := append([]string{"org", "status", "tags", "venue", "city", "country", "lifetime", "price", "view_limit"}, paging...)
		return target{op: "simple.events", params: params, run: (*Server).listEvents}
	case "GET /v1/resources/events/:id/tickets":
		return target{op: "events.tickets", id: id, params: []string{"status", "sector"}, run: (*Server).listTickets}
	case "PUT /v2/services/orders/mosbilet/user_data":
		return target{op: "mosbilet", order: orderOf(r.Text), body: true, run: (*Server).mosbilet}
	default:
		return target{}
	}
}

// operations are all operations of route.
var operations = []string{
	"orders.create", "orders.change", "orders.change+promocodes", "orders.change+done", "orders.change+cancel", "orders.list",
	"orders.export", "orders.export+get", "refunds.create", "refunds.approve", "refunds.reject", "refunds.list",
	"promocodes.check", "simple.events", "events.tickets", "mosbilet",
}

func isID(part string) bool {
	const length = 24
	return len(part) == length && strings.Trim(part, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// check checks the form of a request by the rules of the manual.
func (to target) check(r fake.Request) (problem string) {
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || strings.Contains(r.URL.RawQuery, "+") {
		return "bad query string"
	}
	for name, values := range params {
		switch {
		case !slices.Contains(to.params, name):
			return "unknown parameter " + name
		case len(values) > 1 || values[0] == "":
			return name + " must be given once"
		}
	}
	switch contentType := r.Header.Get("Content-Type"); {
	case to.body && contentType != "application/json":
		return "Content-Type must be application/json"
	case !to.body && len(r.Text) > 0:
		return "a body was not expected"
	}
	return ""
}
