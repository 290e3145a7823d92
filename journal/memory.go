package journal

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// Memory is a [Store] in memory, for tests. It does not survive a crash.
type Memory struct {
	mu      sync.Mutex
	entries map[string]Entry
	claims  map[string]string // the keys that have them
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{entries: map[string]Entry{}, claims: map[string]string{}}
}

// Insert implements [Store].
func (m *Memory) Insert(ctx context.Context, e Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.entries[e.Key]; ok {
		return ErrExists
	}
	return m.put(ctx, e)
}

// Update implements [Store].
func (m *Memory) Update(ctx context.Context, e Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.entries[e.Key]; !ok || old.Version != e.Version-1 {
		return ErrChanged
	}
	return m.put(ctx, e)
}

// put stores an entry and its claim.
func (m *Memory) put(ctx context.Context, e Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if owner, ok := m.claims[e.Claim]; ok && owner != e.Key {
		return ErrClaimed
	}
	delete(m.claims, m.entries[e.Key].Claim)
	if e.Claim != "" {
		m.claims[e.Claim] = e.Key
	}
	m.entries[e.Key] = clone(e)
	return nil
}

// Get implements [Store].
func (m *Memory) Get(ctx context.Context, key string) (Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[key]
	if !ok {
		return Entry{}, cmp.Or(ctx.Err(), ErrNoEntry)
	}
	return clone(e), ctx.Err()
}

// List implements [Store].
func (m *Memory) List(ctx context.Context, q Query) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Entry
	for _, e := range m.entries {
		if (q.Outcome == "" || e.Outcome == q.Outcome) && (q.Group == "" || e.Group == q.Group) && e.Key > q.After &&
			(q.DueBefore.IsZero() || !e.Again.IsZero() && e.Again.Before(q.DueBefore)) {
			all = append(all, clone(e))
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Key, b.Key) })
	if q.Limit > 0 && len(all) > q.Limit {
		all = all[:q.Limit]
	}
	return all, ctx.Err()
}

// Claimed implements [Store].
func (m *Memory) Claimed(ctx context.Context, claims []string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var taken []string
	for _, c := range claims {
		if _, ok := m.claims[c]; ok {
			taken = append(taken, c)
		}
	}
	return taken, ctx.Err()
}

// Erase implements [Store].
func (m *Memory) Erase(ctx context.Context, settledBefore time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for key, e := range m.entries {
		settled := e.Outcome == rutravel.OutcomeDone || e.Outcome == rutravel.OutcomeNotDone
		if settled && !e.Erased && e.Settled.Before(settledBefore) {
			e.Request, e.Value, e.Failure, e.Erased = nil, nil, nil, true
			e.Version++
			m.entries[key] = e
			n++
		}
	}
	return n, ctx.Err()
}

// clone copies what an entry points to.
func clone(e Entry) Entry {
	e.Request, e.Value, e.Failure, e.Seen = bytes.Clone(e.Request), bytes.Clone(e.Value), bytes.Clone(e.Failure), maps.Clone(e.Seen)
	return e
}
