// Package fake is what the suppliers' fakes have in common: a handler that is
// reached without a socket or through one, and faults of the line.
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

// Fault is one thing that goes wrong once. The fakes' own Fault types are
// converted to it and document its fields.
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

// Request is a request with its body, read.
type Request struct {
	*http.Request
	Text []byte
}

// Answer is what a supplier answers.
type Answer struct {
	Status int // 0 means 200
	Header http.Header
	Body   []byte
}

// Line stands between a client and a supplier.
type Line struct {
	Op      func(Request) string // names the operation
	Ops     []string             // all operations
	Arrived func(Request)        // is told of every request that was not refused, if set
	Process func(Request) Answer // is the supplier

	mu     sync.Mutex
	faults []Fault
}

// Inject queues faults. Each befalls the next request of its operation, or of
// any. It panics if there is no such operation: the fault would befall nothing, and
// a test of it would test nothing.
func (l *Line) Inject(faults ...Fault) {
	for _, f := range faults {
		if f.Op != "" && !slices.Contains(l.Ops, f.Op) {
			panic("no such operation: " + f.Op)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, faults...)
}

// Pending returns how many faults have befallen nothing yet.
func (l *Line) Pending() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.faults)
}

// take returns the fault that befalls a request.
func (l *Line) take(r Request) Fault {
	f := l.next(l.Op(r))
	if l.Arrived != nil && !f.Refuse {
		l.Arrived(r)
	}
	return f
}

func (l *Line) next(op string) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.faults, func(f Fault) bool { return f.Op == "" || f.Op == op })
	if i < 0 {
		return Fault{}
	}
	f := l.faults[i]
	l.faults = slices.Delete(l.faults, i, i+1)
	return f
}

// RoundTrip answers a request as a connection would.
func (l *Line) RoundTrip(r *http.Request) (*http.Response, error) {
	read, err := receive(r)
	if err == nil {
		err = r.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	f := l.take(read)
	if f.Refuse {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	a, err := f.carryOut(r.Context(), read, l.Process)
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

// ServeHTTP answers a request over a socket. A connection that was accepted
// cannot be refused any more: it is closed before anything is done.
func (l *Line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	read, err := receive(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	f := l.take(read)
	if f.Refuse {
		panic(http.ErrAbortHandler)
	}
	a, err := f.carryOut(r.Context(), read, l.Process)
	if err != nil || f.Drop {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	if f.Cut > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)+1)) // it never ends
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body[:min(f.Cut, len(a.Body))])
		_ = http.NewResponseController(w).Flush() // or nothing of it would leave
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

// carryOut has the request processed and waits, in the order of the fault.
func (f Fault) carryOut(ctx context.Context, r Request, process func(Request) Answer) (a Answer, err error) {
	if !f.Late {
		a = f.answer(r, process)
		return a, f.wait(ctx)
	}
	start := time.Now()
	if err = f.wait(ctx); err != nil {
		// The caller has left; the supplier works on.
		late := Request{r.WithContext(context.WithoutCancel(ctx)), r.Text}
		time.AfterFunc(f.Delay-time.Since(start), func() { f.answer(late, process) })
		return a, err
	}
	return f.answer(r, process), nil
}

// answer has the request processed, unless the fault prevents it, and returns
// the supplier's answer or the fault's.
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

// brokenReader is a connection that breaks.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
