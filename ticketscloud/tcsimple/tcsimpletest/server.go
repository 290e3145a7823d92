// Package tcsimpletest is an in-memory gRPC catalogue of Ticketscloud, for tests
// of programs that use package tcsimple. It shows what a fake of package
// ticketscloudtest sells: tickets that an order of the one holds are no longer
// vacant in the other.
//
//	shop := ticketscloudtest.New()
//	fake := tcsimpletest.New(shop)
//	catalogue, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// A [Server] is reached without a socket as an [http.RoundTripper]; [Server.Start]
// puts it behind one, where any gRPC client reaches it. Beside the events of the
// shop it has what only this catalogue knows: [Concerts] and [Theatre], [Jazz],
// [Band], [Plays], the group of the play, and [Hall], the scheme of the concert's
// hall.
//
// It has no clock of its own: the shop's Advance lets orders expire. The Op of a
// [Fault] is the name of a method: "Artists", "Categories", "Cities", "Countries", "Events",
// "Maps", "MetaEvents", "Seats", "Tags" or "Venues".
//
// It takes the bare key, keeps all filters and answers in kopecks. A filter that
// nothing matches has an empty answer.
package tcsimpletest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/sandbox/record"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// Key is the API key that the fake knows.
const Key = ticketscloudtest.Key

// Server is an in-memory catalogue. It is safe for concurrent use.
type Server struct {
	shop    *ticketscloudtest.Server
	methods map[string]http.Handler

	mu       sync.Mutex
	quirks   Quirks
	faults   []Fault
	counted  int // IDs of faults
	requests []Request
	kept     int // recorded requests; 0 means all
	onCall   func(record.Call)
}

// New returns a catalogue of what shop sells; nil is a shop of its own.
func New(shop *ticketscloudtest.Server) *Server {
	if shop == nil {
		shop = ticketscloudtest.New()
	}
	s := &Server{shop: shop, methods: map[string]http.Handler{}}
	s.serve()
	return s
}

// Config returns what a client of the fake needs, with the address of the
// supplier's stage.
func (s *Server) Config() tcsimple.Config {
	return tcsimple.Config{Key: Key, BaseURL: tcsimple.Stage}
}

// HTTPClient returns a client that reaches the fake, whatever the address, and
// nothing else.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Start returns the fake behind a socket of this machine, in the clear. It must
// be closed.
func (s *Server) Start() *httptest.Server {
	srv := httptest.NewUnstartedServer(s)
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	return srv
}

// Fault is something that goes wrong with one request. The zero value is none;
// see [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the method that it befalls: "Events"; "" is any

	// Refuse: the connection is refused. Through a socket it is closed instead,
	// for it was accepted already.
	Refuse bool
	// Status and Body are a gateway's answer in place of the fake's own.
	Status int
	Header http.Header
	Body   string

	// After is how many messages are sent before the rest happens.
	After   int
	Drop    bool          // the line breaks
	Cut     bool          // the answer ends without a status
	Garbage bool          // a message comes that is none
	Code    tcsimple.Code // the status that ends the answer
	Message string        // its words
	Silence bool          // nothing comes any more
	Delay   time.Duration // the answer comes so much later
}

// Inject queues faults. Each befalls the next request of its method, or of any. It
// panics if there is no such method.
func (s *Server) Inject(faults ...Fault) {
	for _, f := range faults {
		if f.Op != "" && s.methods[f.Op] == nil {
			panic("no such operation: " + f.Op)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.counted++
		f.ID = s.counted
		s.faults = append(s.faults, f)
	}
}

// Pending returns how many faults have befallen nothing yet.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.faults)
}

func (s *Server) take(op string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.Op == "" || f.Op == op })
	if i < 0 {
		return Fault{}
	}
	f := s.faults[i]
	s.faults = slices.Delete(s.faults, i, i+1)
	return f
}

// Request is a request that arrived.
type Request struct {
	Op       string // the method: "Events"
	Service  string // the name of the service: "v3.Simple"
	Language string // preferred-language
	Timeout  string // grpc-timeout: "10S"
	Message  []byte // as it came
}

// Requests returns the requests that arrived so far, the refused ones too, in
// their order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fake.Last(s.requests, s.kept)
}

// Quirks are shapes and manners of the service that a client must be able to
// live with.
type Quirks struct {
	Service string // the name that the service has; [tcsimple.ServiceV3] if it is not set
	Crowd   int    // so many events more
	Newer   bool   // fields and values that are not known yet
}

// SetQuirks makes all answers from now on take the shapes of q.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

func (s *Server) shape() Quirks {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.quirks
}

// ServeHTTP makes the fake an [http.Handler], which needs HTTP/2.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.take(method(r))
	if f.Refuse {
		s.called(r, f, nil, nil)
		panic(http.ErrAbortHandler)
	}
	s.answer(w, r, f)
}

func method(r *http.Request) string { return r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] }

// answer carries out a request.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, f Fault) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	service := strings.Trim(strings.TrimSuffix(r.URL.Path, method(r)), "/")
	s.record(r, service, body)
	c := &conversation{w: w, fault: f, watched: s.watched()}
	defer func() {
		problem := recover()
		s.called(r, f, c, problem)
		if problem != nil {
			panic(problem)
		}
	}()
	if !wait(r.Context(), f.Delay) {
		panic(http.ErrAbortHandler)
	}
	if f.Status != 0 {
		for name, values := range f.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body)
		return
	}
	handler := s.methods[method(r)]
	known := s.shape().Service
	if known == "" {
		known = tcsimple.ServiceV3
	}
	if handler == nil || service != known {
		refuse(w, "12", "unknown service "+service)
		return
	}
	if r.Header.Get("Authorization") != Key {
		refuse(w, "16", "bad key")
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), conversationKey{}, c))
	r.Body = io.NopCloser(bytes.NewReader(body))
	handler.ServeHTTP(w, r)
	if c.cut {
		header := w.Header()
		for name := range header {
			if strings.HasPrefix(name, http.TrailerPrefix) {
				delete(header, name)
			}
		}
	}
}

// refuse answers with a status and nothing else.
func refuse(w http.ResponseWriter, status, message string) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Grpc-Status", status)
	w.Header().Set("Grpc-Message", message)
	w.WriteHeader(http.StatusOK)
}

// record logs a request that arrived, whatever becomes of it.
func (s *Server) record(r *http.Request, service string, body []byte) {
	const prefix = 5 // a flag and the length
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = fake.Keep(append(s.requests, Request{
		Op: method(r), Service: service, Language: r.Header.Get("Preferred-Language"), Timeout: r.Header.Get("Grpc-Timeout"),
		Message: body[min(prefix, len(body)):],
	}), s.kept)
}

// conversation is a request that is being answered.
type conversation struct {
	w     http.ResponseWriter
	fault Fault
	sent  int
	cut   bool

	watched bool
	asked   proto.Message
	answer  []json.RawMessage // the first messages
}

type conversationKey struct{}

// codes are the statuses by their numbers.
var codes = [...]tcsimple.Code{
	tcsimple.CodeCanceled, tcsimple.CodeUnknown, tcsimple.CodeInvalidArgument, tcsimple.CodeDeadlineExceeded,
	tcsimple.CodeNotFound, tcsimple.CodeAlreadyExists, tcsimple.CodePermissionDenied, tcsimple.CodeResourceExhausted,
	tcsimple.CodeFailedPrecondition, tcsimple.CodeAborted, tcsimple.CodeOutOfRange, tcsimple.CodeUnimplemented,
	tcsimple.CodeInternal, tcsimple.CodeUnavailable, tcsimple.CodeDataLoss, tcsimple.CodeUnauthenticated,
}

// next has the fault happen if it is its turn; ended is whether nothing is to
// be sent any more.
func (c *conversation) next(ctx context.Context) (ended bool, err error) {
	f := c.fault
	if c.sent++; c.sent != f.After+1 {
		return false, nil
	}
	switch {
	case f.Drop:
		panic(http.ErrAbortHandler)
	case f.Silence:
		<-ctx.Done()
		return true, ctx.Err()
	case f.Cut:
		c.cut = true
		return true, nil
	case f.Garbage:
		_, err = c.w.Write([]byte{0, 0, 0, 0, 2, 0x0a, 0x7f}) // a text that is longer than the message
		return true, err
	case f.Code != "":
		number := slices.Index(codes[:], f.Code) + 1
		return true, connect.NewError(connect.Code(number), errText(f.Message)) //nolint:gosec // at most 16
	default:
		return false, nil
	}
}

// errText is the words of a status.
type errText string

func (e errText) Error() string { return string(e) }
