package tcsimpletest

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/sandbox/record"
)

// Operations returns the methods that a [Fault] can name.
func (s *Server) Operations() []string { return slices.Sorted(maps.Keys(s.methods)) }

// Faults returns the faults that have not applied yet, each with its ID.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// RemoveFault removes a fault that has not applied yet. It reports whether there was
// one with this ID.
func (s *Server) RemoveFault(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.faults)
	s.faults = slices.DeleteFunc(s.faults, func(f Fault) bool { return f.ID == id })
	return len(s.faults) < before
}

// OnCall makes the fake call f after each request, with what was asked and
// answered, without credentials; nil ends that.
func (s *Server) OnCall(f func(record.Call)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCall = f
}

// KeepRequests limits the recorded requests to the last n; 0 means all. Use it in
// programs that run for a long time.
func (s *Server) KeepRequests(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = n
}

// Quirks returns the quirks that are set.
func (s *Server) Quirks() Quirks { return s.shape() }

// Reset removes faults, quirks and recorded requests. The shop stays as it is.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks, s.faults, s.requests = Quirks{}, nil, nil
}

func (s *Server) watched() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.onCall != nil
}

// note keeps one of the first messages of an answer.
func (c *conversation) note(m proto.Message) {
	const most = 20
	if c.watched && len(c.answer) < most {
		c.answer = append(c.answer, printed(m))
	}
}

func printed(m proto.Message) json.RawMessage {
	text, err := protojson.Marshal(m)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

// called tells the observer of calls what became of a request.
func (s *Server) called(r *http.Request, f Fault, c *conversation, problem any) {
	s.mu.Lock()
	onCall := s.onCall
	s.mu.Unlock()
	if onCall == nil {
		return
	}
	call := record.Call{Time: time.Now(), Op: method(r), Method: r.Method, Path: r.URL.Path, Outcome: record.Answered}
	switch {
	case f.Refuse:
		call.Outcome = record.Refused
	case problem != nil && f.Drop:
		call.Outcome = record.Lost
	case problem != nil:
		call.Outcome = record.Left
	case f.Cut, f.Garbage, f.Silence:
		call.Outcome = record.Cut
	case f.Status != 0:
		call.Outcome = record.Replaced
	case f.Code != "":
		call.Outcome = record.Rejected
	}
	if c != nil && c.asked != nil {
		call.Request = fake.Print(printed(c.asked))
		call.Processed = true
	}
	if c != nil && problem == nil {
		call.Status = http.StatusOK
		if f.Status != 0 {
			call.Status = f.Status
		}
		if list, err := json.Marshal(c.answer); err == nil && c.answer != nil {
			call.Answer = fake.Print(list)
		}
	}
	onCall(call)
}

// wait waits for the delay of a fault. It reports whether the caller still waits.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
