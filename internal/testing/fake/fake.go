// Package fake is what the suppliers' fakes have in common: a handler that is
// reached with or without a socket, and faults of the connection.
package fake

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/rutravel/rutravel-go/sandbox/record"
)

// Fault is something that fails once. The fakes' own Fault types are
// converted to it and document its fields.
type Fault struct {
	ID        int
	Op        string
	Reject    bool
	Refuse    bool
	Drop      bool
	Status    int
	Header    http.Header
	Body      string
	Processed bool
	Cut       int
	Delay     time.Duration
	Late      bool
}

// Request is a request whose body was read.
type Request struct {
	*http.Request
	Text   []byte
	Reject bool // the supplier refuses the request if nothing else is wrong with it
}

// Answer is what a supplier answers.
type Answer struct {
	Status int // 0 means 200
	Header http.Header
	Body   []byte
}

// Gateway stands between a client and a fake supplier. It passes requests on to
// the supplier and injects faults.
type Gateway struct {
	Op      func(Request) string // returns the operation of a request
	Ops     []string             // all operations
	Arrived func(Request)        // is called with every request that was not refused, unless nil
	Process func(Request) Answer // is the supplier

	mu      sync.Mutex
	faults  []Fault
	counted int // IDs of faults
	onCall  func(record.Call)
}

// Inject queues faults. Each applies to the next request of its operation, or to
// the next request if it names none. Inject panics if there is no such operation,
// because the fault would never apply.
func (g *Gateway) Inject(faults ...Fault) {
	for _, f := range faults {
		if f.Op != "" && !slices.Contains(g.Ops, f.Op) {
			panic("no such operation: " + f.Op)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range faults {
		g.counted++
		f.ID = g.counted
		g.faults = append(g.faults, f)
	}
}

// Faults returns the faults that have not applied yet.
func (g *Gateway) Faults() []Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.faults)
}

// Remove removes a fault from the queue. It reports whether the fault was there.
func (g *Gateway) Remove(id int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := len(g.faults)
	g.faults = slices.DeleteFunc(g.faults, func(f Fault) bool { return f.ID == id })
	return len(g.faults) < before
}

// Operations returns all operations in the order of the alphabet.
func (g *Gateway) Operations() []string { return slices.Sorted(slices.Values(g.Ops)) }

// OnCall makes the gateway call f after each request; nil ends that.
func (g *Gateway) OnCall(f func(record.Call)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.onCall = f
}

// Pending returns how many faults have not applied yet.
func (g *Gateway) Pending() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.faults)
}

// Reset removes the faults that are still queued.
func (g *Gateway) Reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = nil
}

// take records a request and returns the fault that applies to it.
func (g *Gateway) take(r Request) Fault {
	f := g.next(g.Op(r))
	if g.Arrived != nil && !f.Refuse {
		g.Arrived(r)
	}
	return f
}

// next removes the first fault for an operation from the queue.
func (g *Gateway) next(op string) Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.faults, func(f Fault) bool { return f.Op == "" || f.Op == op })
	if i < 0 {
		return Fault{}
	}
	f := g.faults[i]
	g.faults = slices.Delete(g.faults, i, i+1)
	return f
}

// RoundTrip answers a request without a socket.
func (g *Gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	read, err := receive(r)
	if err == nil {
		err = r.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	a, f, err := g.pass(read)
	switch {
	case f.Refuse:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case err != nil:
		return nil, err
	case f.Drop:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	var body io.Reader = bytes.NewReader(a.Body)
	if f.Cut > 0 {
		body = io.MultiReader(bytes.NewReader(a.Body[:min(f.Cut, len(a.Body))]), brokenReader{})
	}
	return &http.Response{
		Status:        strconv.Itoa(a.Status) + " " + http.StatusText(a.Status),
		StatusCode:    a.Status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.Header,
		Body:          io.NopCloser(body),
		ContentLength: int64(len(a.Body)),
		Request:       r,
	}, nil
}

// ServeHTTP answers a request over a socket. The connection was already accepted,
// so instead of being refused it is closed before anything is done.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	read, err := receive(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	a, f, err := g.pass(read)
	if err != nil || f.Refuse || f.Drop {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	if f.Cut > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)+1)) // one more than is sent
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body[:min(f.Cut, len(a.Body))])
		_ = http.NewResponseController(w).Flush() // otherwise nothing would be sent
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// pass passes a request on to the supplier, with the fault that applies to it.
func (g *Gateway) pass(r Request) (a Answer, f Fault, err error) {
	f = g.take(r)
	if !f.Refuse {
		r.Reject = f.Reject
		a, err = f.carryOut(r.Context(), r, g.Process)
	}
	g.mu.Lock()
	onCall := g.onCall
	g.mu.Unlock()
	if onCall != nil {
		onCall(f.call(g.Op(r), r, a, err))
	}
	return a, f, err
}

// receive reads a request to its end.
func receive(r *http.Request) (Request, error) {
	if r.Body == nil {
		return Request{Request: r}, nil
	}
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	return Request{Request: r, Text: text}, err
}

// carryOut processes the request and waits, in the order that the fault sets.
func (f Fault) carryOut(ctx context.Context, r Request, process func(Request) Answer) (a Answer, err error) {
	if !f.Late {
		a = f.answer(r, process)
		return a, f.wait(ctx)
	}
	start := time.Now()
	if err = f.wait(ctx); err != nil {
		// The caller has gone, and the supplier still processes the request.
		late := r
		late.Request = r.WithContext(context.WithoutCancel(ctx))
		time.AfterFunc(f.Delay-time.Since(start), func() { f.answer(late, process) })
		return a, err
	}
	return f.answer(r, process), nil
}

// instead reports whether the fault has an answer of its own.
func (f Fault) instead() bool { return f.Status != 0 || f.Body != "" }

// processes reports whether the request reaches the supplier.
func (f Fault) processes() bool { return f.Processed || !f.instead() && !f.Drop }

// answer processes the request, unless the fault prevents it. It returns the
// supplier's answer or the fault's.
func (f Fault) answer(r Request, process func(Request) Answer) Answer {
	var a Answer
	if f.processes() {
		a = process(r)
	}
	if f.instead() {
		a = Answer{Status: f.Status, Header: f.Header, Body: []byte(f.Body)}
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	if a.Header == nil {
		a.Header = http.Header{}
	}
	return a
}

// wait waits for the delay of the fault.
func (f Fault) wait(ctx context.Context) error {
	if f.Delay <= 0 {
		return nil
	}
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// brokenReader is the rest of an answer whose connection breaks.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Keep returns the last n elements of a list, or all if n is 0. It copies the list
// only now and then.
func Keep[T any](list []T, n int) []T {
	if n <= 0 || len(list) < 2*n {
		return list
	}
	return slices.Clone(list[len(list)-n:])
}

// Last returns the last n elements of a list, or all if n is 0.
func Last[T any](list []T, n int) []T {
	if n > 0 && len(list) > n {
		list = list[len(list)-n:]
	}
	return slices.Clone(list)
}
