// Package ticketscloudtest is an in-memory Ticketscloud, for tests of programs
// that use package ticketscloud. It sells what it lists: tickets that an order
// holds are not vacant, orders expire after 15 minutes, paid tickets get
// barcodes and can be given back by the manual's rules.
//
// It lists three events, at 19:00 in their cities: [SoldOut], ten days ahead, of
// which nothing is left; [Concert] in Yekaterinburg, 30 days ahead, with 100
// tickets without seats ([FanZone]: 1000.00 roubles and a fee of 100.00) and ten
// with seats ([Stalls]: 2500.00 and 250.00); and [Play] in Moscow, on the first
// Saturday that is 60 days ahead, with 20 tickets without seats ([Gallery]: 500.00
// and 50.00). Promocodes are
// [Percent10], 10 % off, and [Fix100], 100 roubles off each of two or more
// tickets of the concert's fan zone. The hall in Moscow sells through Mosbilet:
// an order there is not completed before its buyers are named
// ([ticketscloud.Client.SetMosbiletBuyers]). [Server.AddEvent] and [Server.Seed] put
// other events on sale.
//
//	fake := ticketscloudtest.New()
//	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// A [Server] is reached without a socket as an [http.RoundTripper], and as an
// [http.Handler] through one. It does the same in every run: ids and numbers
// are counted. Its clock is the machine's, which [testing/synctest] replaces,
// moved on by [Server.Advance].
//
// The Op of a [Fault] is "orders." with "create", "change", "change+promocodes",
// "change+done", "change+cancel", "list", "export" or "export+get", "refunds." with
// "create", "approve", "reject" or "list", "promocodes.check", "mosbilet",
// "simple.events" or "events.tickets".
//
// It is strict: members and parameters that the manual does not name, lists
// written as repeated parameters, a slash too many and the like are refused.
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

// Key is the API key that the fake knows.
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
	busy     map[string]bool // orders that are being changed
	counted  int             // ids
	sold     int             // barcodes
	stocked  int             // tickets of events that were added
	mails    []string        // the addresses to which exports went
}

// New returns a supplier that has sold nothing yet.
func New() *Server {
	s := &Server{busy: map[string]bool{}, events: programme(time.Now())}
	s.gateway.Op = func(r fake.Request) string { return route(r).op }
	s.gateway.Arrived = s.record
	s.gateway.Process = func(r fake.Request) fake.Answer { return s.dated(s.process(r)) }
	s.gateway.Ops = operations
	return s
}

// Config returns what a client of the fake needs, with the address of the
// supplier's stage.
func (s *Server) Config() ticketscloud.Config {
	return ticketscloud.Config{Key: Key, BaseURL: ticketscloud.Stage}
}

// Reset makes the fake what [New] returns: with the events that it sells by itself,
// without orders, refund requests, faults, quirks and recorded requests, and with the
// machine's clock.
func (s *Server) Reset() {
	s.gateway.Reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead, s.quirks, s.soldOut, s.requests, s.events = 0, Quirks{}, false, nil, programme(time.Now())
	s.orders, s.refunds, s.busy = nil, nil, map[string]bool{}
	s.counted, s.sold, s.stocked, s.mails = 0, 0, 0, nil
}

// HTTPClient returns a client that reaches the fake, whatever the address, and
// nothing else.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Advance moves the fake's clock on, so that orders expire and events begin.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Fault is something that goes wrong with one request. The zero value is none;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the operation that it befalls, as errors name it: "orders.change+done"; "" is any

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
	Op     string // the operation, as errors name it: "orders.change+done"
	Method string
	Path   string
	Params url.Values
	Body   string
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

// Mails returns the addresses to which orders were exported, in their order.
func (s *Server) Mails() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Quirks are the shapes and manners that the manual leaves open.
type Quirks struct {
	ChangeTime   time.Duration // a change of an order takes so long; another one meanwhile is 409
	BarcodeDelay time.Duration // barcodes come so much later than the order is done
	Barcodes     bool          // the answer to done has the barcodes already
	Reseat       bool          // random gives other seats than those held
	Redraw       bool          // random gives other tickets without seats than those held
	NoMoney      bool          // the account is empty
	Rows         bool          // pagination.total counts objects, not pages
	EmptyRefs    string        // JSON in place of refs: `{}`, `[]`, `null`; "absent" leaves them out
	Listed       bool          // v1 puts its lists into objects: as events, or as data
	Sold         bool          // the tickets of a done order are "sold", not "reserved"
	NoSettings   bool          // orders have no settings
	Core         bool          // refund requests at the organiser's fault are "core": they must take all tickets

	Skew          time.Duration // the supplier's clock is ahead of the machine's
	NoDate        bool          // answers have no Date
	Unlisted      time.Duration // lists have an order or refund request only so long after it was made
	IgnoreFilters bool          // lists of orders and refund requests have all of them
	RepeatPages   bool          // a page after the last is the last again
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

// begin marks an order as being changed and says how long that takes. It is not
// ok if it is so already.
func (s *Server) begin(order string) (d time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[order] {
		return 0, false
	}
	s.busy[order] = true
	return s.quirks.ChangeTime, true
}

// finish changes the order after a time, whether or not the caller still waits.
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
		return fake.Answer{Status: http.StatusGatewayTimeout} // nobody reads it
	}
}

func (s *Server) carryOut(to target, r fake.Request) fake.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	s.expire(now)
	return to.run(s, request{now: now, id: to.id, params: r.URL.Query(), body: r.Text})
}

// request is what an operation is asked with.
type request struct {
	now    time.Time
	id     string // in the path
	params url.Values
	body   []byte
}

// target is what a request asks for.
type target struct {
	op     string // "" if there is no such thing
	id     string // in the path
	order  string // that is changed
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
		return target{op: "orders.change" + form(r.Text), id: id, order: id, body: true, run: (*Server).change}
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

// operations are all that route knows.
var operations = []string{
	"orders.create", "orders.change", "orders.change+promocodes", "orders.change+done", "orders.change+cancel", "orders.list",
	"orders.export", "orders.export+get", "refunds.create", "refunds.approve", "refunds.reject", "refunds.list",
	"promocodes.check", "simple.events", "events.tickets", "mosbilet",
}

func isID(part string) bool {
	const length = 24
	return len(part) == length && strings.Trim(part, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// check holds the form of a request against the manual.
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
