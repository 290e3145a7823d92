package tcsimpletest

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
)

// RoundTrip makes the fake an [http.RoundTripper]: the answer arrives while the
// fake makes it, as over a socket.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	f := s.take(method(r))
	request := r.Clone(ctx)
	request.Proto, request.ProtoMajor, request.ProtoMinor = "HTTP/2.0", 2, 0
	if request.Body == nil {
		request.Body = http.NoBody
	}
	if f.Refuse {
		s.called(r, f, nil, nil)
		_ = request.Body.Close()
		cancel()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	read, write := io.Pipe()
	a := &answering{
		header: http.Header{}, begun: make(chan struct{}), write: write,
		resp: &http.Response{
			Proto: "HTTP/2.0", ProtoMajor: 2, ContentLength: -1, Request: r, Trailer: http.Header{},
		},
	}
	stop := context.AfterFunc(ctx, func() { _ = write.CloseWithError(ctx.Err()) })
	a.resp.Body = &body{read, a, func() {
		stop()
		cancel()
	}}
	go func() {
		defer func() {
			fault := recover()
			_ = request.Body.Close() // as a RoundTripper must
			a.end(fault, ctx.Err())
		}()
		s.answer(a, request, f)
	}()
	select {
	case <-a.begun:
	case <-ctx.Done():
		cancel()
		return nil, r.Context().Err()
	}
	if a.broken != nil {
		cancel()
		return nil, a.broken
	}
	return a.resp, nil
}

// body is an answer's body; whoever closes it has left.
type body struct {
	*io.PipeReader
	answer *answering
	left   func()
}

// Read has the trailers appear at the end of the body.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.PipeReader.Read(p)
	if err == io.EOF { //nolint:errorlint // itself
		maps.Copy(b.answer.resp.Trailer, b.answer.trailer)
	}
	return n, err
}

func (b *body) Close() error {
	b.left()
	return b.PipeReader.Close()
}

// answering is an [http.ResponseWriter] whose answer is read while it is
// written.
type answering struct {
	header http.Header
	once   sync.Once
	begun  chan struct{} // closed when the head is there
	broken error         // in place of the head
	resp   *http.Response
	write  *io.PipeWriter

	trailer http.Header // set when the answer ends
}

func (a *answering) Header() http.Header { return a.header }

func (a *answering) Flush() { a.WriteHeader(http.StatusOK) }

func (a *answering) WriteHeader(status int) {
	a.once.Do(func() {
		head := maps.Clone(a.header)
		maps.DeleteFunc(head, func(name string, _ []string) bool { return strings.HasPrefix(name, http.TrailerPrefix) })
		a.resp.StatusCode, a.resp.Status, a.resp.Header = status, http.StatusText(status), head
		close(a.begun)
	})
}

func (a *answering) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.write.Write(p)
}

// end ends the answer, or breaks it off after a panic; ended says that the
// caller's time is over.
func (a *answering) end(fault any, ended error) {
	if fault != nil {
		if fault != http.ErrAbortHandler { //nolint:errorlint // a value, and itself
			panic(fault)
		}
		broken := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
		a.once.Do(func() {
			a.broken = broken
			close(a.begun)
		})
		_ = a.write.CloseWithError(broken)
		return
	}
	a.WriteHeader(http.StatusOK)
	a.trailer = http.Header{}
	for name, values := range a.header {
		if trailer, ok := strings.CutPrefix(name, http.TrailerPrefix); ok {
			a.trailer[http.CanonicalHeaderKey(trailer)] = values
		}
	}
	_ = a.write.CloseWithError(ended) // nil: all is there
}
