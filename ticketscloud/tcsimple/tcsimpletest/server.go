// Package tcsimpletest is an in-memory fake of the gRPC catalogue of Ticketscloud, for tests
// of programs that use package tcsimple. It shows the events of a fake of package
// ticketscloudtest: tickets that an order holds there are not vacant here.
//
//	shop := ticketscloudtest.New()
//	fake := tcsimpletest.New(shop)
//	catalogue, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//
// A [Server] is an [http.RoundTripper], which needs no socket. [Server.Start] serves it on a
// socket for any gRPC client.
//
// In addition to the events of the shop, it has objects that only this catalogue has:
//
//   - [Concerts] and [Theatre], categories,
//   - [Jazz], a tag,
//   - [Band], an artist,
//   - [Plays], the group of the play,
//   - [Hall], the scheme of the concert's hall.
//
// It has the clock of the shop: [ticketscloudtest.Server.Advance] lets orders expire. The Op
// of a [Fault] is the name of a method: "Artists", "Categories", "Cities", "Countries",
// "Events", "Maps", "MetaEvents", "Seats", "Tags" or "Venues".
//
// It accepts the bare key, applies all filters and answers in kopecks. If nothing matches a
// filter, the answer is empty.
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

// Key is the API key that the fake accepts.
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

// New returns a catalogue of the events of shop. If shop is nil, it creates one.
func New(shop *ticketscloudtest.Server) *Server {
	if shop == nil {
		shop = ticketscloudtest.New()
	}
	s := &Server{shop: shop, methods: map[string]http.Handler{}}
	s.serve()
	return s
}

// Config returns the configuration for a client of the fake. The address is the supplier's
// stage.
func (s *Server) Config() tcsimple.Config {
	return tcsimple.Config{Key: Key, BaseURL: tcsimple.Stage}
}

// HTTPClient returns a client that sends all requests to the fake, whatever the address.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s} }

// Start serves the fake on a socket of this machine, without TLS. The caller must close it.
func (s *Server) Start() *httptest.Server {
	srv := httptest.NewUnstartedServer(s)
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	return srv
}

// Fault is an error that the fake simulates for one request. The zero value does nothing; see
// [Server.Inject].
type Fault struct {
	ID int    // set by the fake: see [Server.Faults]
	Op string // the method: "Events"; "" means any

	// Refuse: the connection is refused. A socket has already accepted the connection, so
	// there it is closed instead.
	Refuse bool
	// Status, Header and Body are a gateway's answer instead of the fake's.
	Status int
	Header http.Header
	Body   string

	// After is the number of messages before the fields below apply.
	After   int
	Drop    bool          // the connection breaks
	Cut     bool          // the answer ends without a status
	Garbage bool          // the next message is not valid
	Code    tcsimple.Code // the status that ends the answer
	Message string        // the text of the status
	Silence bool          // nothing more is sent
	Delay   time.Duration // the answer is delayed by this time
}

// Inject queues faults. Each applies to the next request of its method, or to the next request
// if it has no Op. Inject panics if the method does not exist.
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

// Pending returns the number of faults that have not applied yet.
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

// Request is a request that the fake received.
type Request struct {
	Op       string // the method: "Events"
	Service  string // the name of the service: "v3.Simple"
	Language string // preferred-language
	Timeout  string // grpc-timeout: "10S"
	Message  []byte // as it arrived
}

// Requests returns all requests so far in the order of their arrival, including refused ones.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fake.Last(s.requests, s.kept)
}

// Quirks is behaviour of the service that a client must handle.
type Quirks struct {
	Service string // the name of the service; [tcsimple.ServiceV3] if it is not set
	Crowd   int    // the number of additional events
	Newer   bool   // answers have fields and values that clients do not know
}

// SetQuirks sets the quirks of all later answers.
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

// ServeHTTP implements [http.Handler]. It needs HTTP/2.
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

// refuse answers with only a status.
func refuse(w http.ResponseWriter, status, message string) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Grpc-Status", status)
	w.Header().Set("Grpc-Message", message)
	w.WriteHeader(http.StatusOK)
}

// record records a request that arrived, whatever its result.
func (s *Server) record(r *http.Request, service string, body []byte) {
	const prefix = 5 // a flag and the length
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = fake.Keep(append(s.requests, Request{
		Op: method(r), Service: service, Language: r.Header.Get("Preferred-Language"), Timeout: r.Header.Get("Grpc-Timeout"),
		Message: body[min(prefix, len(body)):],
	}), s.kept)
}

// conversation is a request in progress.
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

// next applies the fault at its message. ended is whether nothing more must be sent.
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
		_, err = c.w.Write([]byte{0, 0, 0, 0, 2, 0x0a, 0x7f}) // a text that is longer than its message
		return true, err
	case f.Code != "":
		number := slices.Index(codes[:], f.Code) + 1
		return true, connect.NewError(connect.Code(number), errText(f.Message)) //nolint:gosec // at most 16
	default:
		return false, nil
	}
}

// errText is the text of a status.
type errText string

func (e errText) Error() string { return string(e) }
