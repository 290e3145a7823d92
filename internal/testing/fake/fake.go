// Package fake has the parts that all suppliers' fakes share: a gateway that clients
// reach with or without a socket, and faults of the connection.
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
)

// Fault is a failure of one request. Each fake has its own Fault type, which is
// converted to this one and documents the fields.
type Fault struct {
	Op        string
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
	Text []byte
}

// Answer is a supplier's answer.
type Answer struct {
	Status int // 0 means 200
	Header http.Header
	Body   []byte
}

// Gateway is between a client and a fake supplier. It forwards requests to the
// supplier and injects faults.
type Gateway struct {
	Op      func(Request) string // returns the operation of a request
	Ops     []string             // all operations
	Arrived func(Request)        // unless nil, is called with every request that was not refused
	Process func(Request) Answer // carries out a request as the supplier does

	mu     sync.Mutex
	faults []Fault
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
	g.faults = append(g.faults, faults...)
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
	f := g.take(read)
	if f.Refuse {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	a, err := f.carryOut(r.Context(), read, g.Process)
	if err != nil {
		return nil, err
	}
	if f.Drop {
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

// ServeHTTP answers a request over a socket. It cannot refuse a connection that was
// already accepted, so it closes the connection before the request is processed.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	read, err := receive(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	f := g.take(read)
	if f.Refuse {
		panic(http.ErrAbortHandler)
	}
	a, err := f.carryOut(r.Context(), read, g.Process)
	if err != nil || f.Drop {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	if f.Cut > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)+1)) // one byte more than is sent
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body[:min(f.Cut, len(a.Body))])
		_ = http.NewResponseController(w).Flush() // without it, nothing would be sent
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// receive reads a request to its end.
func receive(r *http.Request) (Request, error) {
	if r.Body == nil {
		return Request{Request: r}, nil
	}
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	return Request{r, text}, err
}

// carryOut processes the request and waits. The fault sets the order of the two.
func (f Fault) carryOut(ctx context.Context, r Request, process func(Request) Answer) (a Answer, err error) {
	if !f.Late {
		a = f.answer(r, process)
		return a, f.wait(ctx)
	}
	start := time.Now()
	if err = f.wait(ctx); err != nil {
		// The caller has left, but the supplier still processes the request.
		late := Request{r.WithContext(context.WithoutCancel(ctx)), r.Text}
		time.AfterFunc(f.Delay-time.Since(start), func() { f.answer(late, process) })
		return a, err
	}
	return f.answer(r, process), nil
}

// answer processes the request, unless the fault prevents it. It returns the
// supplier's answer or the fault's.
func (f Fault) answer(r Request, process func(Request) Answer) Answer {
	instead := f.Status != 0 || f.Body != ""
	var a Answer
	if f.Processed || !instead && !f.Drop {
		a = process(r)
	}
	if instead {
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
