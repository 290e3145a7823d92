package journal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
)

// purchase is the request, and order the result, of a supplier that exists in these
// tests only.
type purchase struct {
	Event string
	Name  string
}

type order struct {
	ID   string
	Name string
}

// supplier makes orders.
type supplier struct {
	mu      sync.Mutex
	arrived int
	orders  []order
	looks   int
	lookErr error
	answer  func(n int, o order) (order, error) // of the n-th call; nil: the order
	skip    func(n int) bool                    // the n-th request is lost
}

func (s *supplier) book(_ context.Context, p purchase) (order, error) {
	s.mu.Lock()
	s.arrived++
	n := s.arrived
	var made order
	if s.skip == nil || !s.skip(n) {
		made = order{fmt.Sprint("o", n), p.Name}
		s.orders = append(s.orders, made)
	}
	s.mu.Unlock()
	if s.answer != nil {
		return s.answer(n, made)
	}
	return made, nil
}

var (
	errLost    = &rutravel.Error{Supplier: "acme", Op: "book", Kind: rutravel.ErrNotConfirmed, Attempts: 1}
	errSoldOut = &rutravel.Error{Supplier: "acme", Op: "book", Kind: rutravel.ErrSoldOut, Code: "17", HTTPStatus: 200, Attempts: 1}
)

func lose(int, order) (order, error)   { return order{}, errLost }
func refuse(int, order) (order, error) { return order{}, errSoldOut }

// operation books at a supplier whose orders can be looked up, but name no call.
func (s *supplier) operation() rutravel.Operation[purchase, order] {
	id := func(o order) string {
		if o.ID == "" {
			return ""
		}
		return "acme/order/" + o.ID
	}
	return rutravel.Operation[purchase, order]{
		Name: "acme.book", Send: s.book, Timeout: 30 * time.Second, Grace: 5 * time.Second,
		Look: func(_ context.Context, in rutravel.Intent[purchase, order]) (rutravel.Resolution[order], error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.looks++
			if s.lookErr != nil {
				return rutravel.Resolution[order]{}, s.lookErr
			}
			var fit []order
			for _, o := range s.orders {
				if o.Name == in.Request.Name {
					fit = append(fit, o)
				}
			}
			return rutravel.CandidatesOf(fit, id), nil
		},
		Patience: 10 * time.Minute, Silence: rutravel.OutcomeNotDone, SilenceReason: "An order expires.",
		ID: id, Group: func(p purchase) string { return "acme/" + p.Event },
	}
}

// payment pays for an order; it is known before the call what is paid.
func payment(send func(context.Context, order) (order, error), look func(context.Context, rutravel.Intent[order, order]) (rutravel.Resolution[order], error)) rutravel.Operation[order, order] {
	return rutravel.Operation[order, order]{
		Name: "acme.pay", Send: send, Look: look, Timeout: 30 * time.Second,
		Patience: 20 * time.Minute, Silence: rutravel.OutcomeUndecidable, SilenceReason: "Ask the supplier.",
		Subject: func(o order) string { return "acme/pay/" + o.ID },
	}
}

// faulty is a store that fails on request, and counts calls.
type faulty struct {
	*journal.Memory
	mu      sync.Mutex
	inserts int
	updates int
	insert  func() error // called before; an error means that nothing is stored
	update  func() error
	after   error // returned once by Update after it has stored
}

func newFaulty() *faulty { return &faulty{Memory: journal.NewMemory()} }

func (f *faulty) Insert(ctx context.Context, e journal.Entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inserts++
	if f.insert != nil {
		if err := f.insert(); err != nil {
			return err
		}
	}
	return f.Memory.Insert(ctx, e)
}

func (f *faulty) Update(ctx context.Context, e journal.Entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.updates++
	if f.update != nil {
		if err := f.update(); err != nil {
			return err
		}
	}
	err := f.Memory.Update(ctx, e)
	if after := f.after; after != nil && err == nil {
		f.after = nil
		return after
	}
	return err
}

var errStore = errors.New("store: connection lost")

// resolved resolves what is due until nothing is open.
func resolved(t *testing.T, j *journal.Journal) {
	t.Helper()
	for {
		next, err := j.ResolveDue(t.Context())
		require.NoError(t, err)
		if next.IsZero() {
			return
		}
		time.Sleep(time.Until(next))
	}
}

// outcome is the outcome of an error of Do.
func outcome(t *testing.T, err error) *journal.Error {
	t.Helper()
	e, ok := errors.AsType[*journal.Error](err)
	require.True(t, ok, "%v", err)
	return e
}

// crashed stores the intent of a call whose process died, and returns its key.
func crashed(t *testing.T, store journal.Store, key string, op rutravel.Operation[purchase, order], p purchase) string {
	t.Helper()
	in := op.NewIntent(p)
	request, err := json.Marshal(p)
	require.NoError(t, err)
	require.NoError(t, store.Insert(t.Context(), journal.Entry{
		Key: key, Operation: op.Name, Group: op.Group(p), Version: 1, Outcome: rutravel.OutcomeOpen,
		Sent: in.Sent.UTC(), Deadline: in.Deadline.UTC(), Fence: op.Fence(in).UTC(), Again: op.Fence(in).UTC(), Request: request,
	}))
	return key
}
