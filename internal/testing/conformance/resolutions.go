package conformance

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"go/ast"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/internal/transport"
)

// Fake is a supplier's fake.
type Fake interface {
	http.RoundTripper
	Pending() int
}

// Resolutions is the suite of a package's [rutravel.Operation] values: what
// [rutravel.Operation.Resolve] returns after the answer of an unsafe call was lost or
// the process died. F is the type of the supplier's fake, C of its client.
type Resolutions[F Fake, C any] struct {
	// Supplier is the name of the package.
	Supplier string
	// Operations is the package's table of operations.
	Operations []transport.Operation
	// GoldenDir is the directory of the golden files.
	GoldenDir string
	// NewFake returns a new fake.
	NewFake func() F
	// NewClient returns a new client of a fake. It sends through the HTTP client.
	NewClient func(F, *http.Client) (C, error)
	// Inject queues a fault of a fake.
	Inject func(F, fake.Fault)
	// Arrived returns the operations of the requests that a fake has received.
	Arrived func(F) []string
	// Cases holds at least one case of each unsafe operation.
	Cases []ResolutionCase[F, C]
}

// Want is what a resolution must end in.
type Want struct {
	// Outcome is the last outcome. With OutcomeCandidates the first candidate is the
	// result.
	Outcome rutravel.Outcome
	// Kind is the kind of OutcomeNotDone.
	Kind rutravel.Kind
	// Presumed reports that OutcomeNotDone follows from finding nothing.
	Presumed bool
}

// The outcomes that most operations have.
var (
	WantDone        = Want{Outcome: rutravel.OutcomeDone}
	WantCandidates  = Want{Outcome: rutravel.OutcomeCandidates}
	WantPresumed    = Want{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrUnavailable, Presumed: true}
	WantUndecidable = Want{Outcome: rutravel.OutcomeUndecidable}
)

// Resolution describes one unsafe operation to the suite. Its method Case returns the
// case.
type Resolution[F Fake, C, R, V any] struct {
	// Op is the key of the operation in the table.
	Op string
	// Form tells apart several cases of one key. It is "" if there is one.
	Form string
	// Operation returns the operation of a client.
	Operation func(C) rutravel.Operation[R, V]
	// Prepare does what the call needs, and returns its request.
	Prepare func(*testing.T, F, C) R
	// Done is the end after the call was carried out, NotDone after it was not.
	Done, NotDone Want
	// Begun is the end after the call was carried out and the process died in Finish.
	// It is not used if the operation has no Finish.
	Begun Want
	// NeverLate reports that the fake refuses the call after a look-up.
	NeverLate bool
	// Unread makes an answer of the look-up one in which the object that the call is
	// about, or may have made, cannot be read. It returns other answers unchanged. It is
	// nil if the look-up sends nothing.
	Unread func(answer string) string
	// Check compares the supplier's books with the resolution. The value is zero unless
	// the outcome was OutcomeDone or OutcomeCandidates.
	Check func(t *testing.T, supplier F, client C, r R, v V, done bool)
}

// ResolutionCase is a [Resolution] of any request and result.
type ResolutionCase[F Fake, C any] struct {
	op, form  string
	name      func(C) string // of the operation
	begins    func(C) bool   // the operation has a Finish
	neverLate bool
	fields    func(*testing.T, Resolutions[F, C])
	run       func(*testing.T, Resolutions[F, C], fate)
	// These are nil if the operation has no look-up, or no candidates.
	failing, unread, twice func(*testing.T, Resolutions[F, C])
}

// fate is how a call ends.
type fate struct {
	fault fake.Fault
	done  bool // it is carried out
	dead  bool // the process dies; nothing of the call's end is stored
	begun bool // the process dies in Finish; what Send returned is stored
}

// fates returns all ways in which a call can end, by name.
func fates(finishes, neverLate bool) map[string]fate {
	all := map[string]fate{
		"process dead, done":     {done: true, dead: true},
		"process dead, not done": {fault: fake.Fault{Drop: true}, dead: true},
	}
	if !neverLate {
		all["done, carried out late"] = fate{fault: fake.Fault{Delay: 3 * time.Minute, Late: true}, done: true}
	}
	if finishes {
		all["process dead after Send, done"] = fate{done: true, dead: true, begun: true}
	}
	for done, faults := range losses {
		for loss, f := range faults {
			name := "not done, " + loss
			if done {
				name = "done, " + loss
			}
			all[name] = fate{fault: f, done: done}
		}
	}
	return all
}

// losses lists the faults that lose an answer, by whether the fake carries the
// call out.
var losses = map[bool]map[string]fake.Fault{
	true: {
		"connection breaks": {Drop: true, Processed: true},
		"gateway fails":     {Status: http.StatusBadGateway, Body: "<html>", Processed: true},
		"foreign page":      {Status: http.StatusOK, Body: "<html>", Processed: true},
		"too late":          {Delay: time.Hour},
	},
	false: {
		"connection breaks": {Drop: true},
		"foreign page":      {Status: http.StatusOK, Body: "<html>"},
		"gateway timeout":   {Status: http.StatusGatewayTimeout, Delay: 20 * time.Second},
	},
}

// Run checks that there is an operation for each unsafe key and method, and runs each
// case with each fate on a fake clock.
func (s Resolutions[F, C]) Run(t *testing.T) {
	t.Helper()
	for _, op := range s.Operations {
		assert.Equal(t, op.Safety == transport.Unsafe, slices.ContainsFunc(s.Cases, func(c ResolutionCase[F, C]) bool { return c.op == op.Key }),
			"a case of %s", op.Key)
	}
	t.Run("methods", s.methods)
	t.Run("faults", s.faults)
	for _, c := range s.Cases {
		inBubble := func(name string, test func(*testing.T)) {
			t.Run(c.op+c.form+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, test)
			})
		}
		t.Run(c.op+c.form+", fields", func(t *testing.T) { c.fields(t, s) })
		for name, f := range fates(c.finishes(s), c.neverLate) {
			inBubble(name, func(t *testing.T) { c.run(t, s, f) })
		}
		for name, test := range map[string]func(*testing.T, Resolutions[F, C]){
			"look-up fails": c.failing, "object cannot be read": c.unread, "called twice": c.twice,
		} {
			if test != nil {
				inBubble(name, func(t *testing.T) { test(t, s) })
			}
		}
	}
}

// finishes reports whether the operation has a Finish.
func (c ResolutionCase[F, C]) finishes(s Resolutions[F, C]) bool {
	client, err := s.NewClient(s.NewFake(), &http.Client{})
	return err == nil && c.begins(client)
}

// testFaults queues one fault for each operation and sends the golden requests. Each
// request must get the fault of its own operation, and the fake must record it
// under the operation's key.
func (s Resolutions[F, C]) faults(t *testing.T) {
	t.Parallel()
	supplier := s.NewFake()
	want := make([]string, len(s.Operations))
	for i, op := range s.Operations {
		s.Inject(supplier, fake.Fault{Op: op.Key, Status: http.StatusOK + i})
		want[i] = op.Key
	}
	assert.PanicsWithValue(t, "no such operation: pays", func() { s.Inject(supplier, fake.Fault{Op: "pays"}) })
	for i, op := range s.Operations {
		assert.Equal(t, len(want)-i, supplier.Pending(), "before %s", op.Key)
		answer, err := supplier.RoundTrip(goldenRequest(t, filepath.Join(s.GoldenDir, op.Key+".request.txt")))
		require.NoError(t, err, op.Key)
		require.NoError(t, answer.Body.Close(), op.Key)
		assert.Equal(t, http.StatusOK+i, answer.StatusCode, op.Key)
	}
	assert.Zero(t, supplier.Pending())
	assert.Equal(t, want, s.Arrived(supplier))
}

// methods checks that each exported method that uses an unsafe row has a sibling
// whose name ends in Operation, and that each of these has a case.
func (s Resolutions[F, C]) methods(t *testing.T) {
	t.Parallel()
	keys := rowKeys(t)
	var unsafe []string
	have := map[string]bool{}
	inspect(t, func(n ast.Node) {
		f, ok := n.(*ast.FuncDecl)
		if !ok || f.Recv == nil || !f.Name.IsExported() {
			return
		}
		name := receiver(f) + "." + f.Name.Name
		if strings.HasSuffix(name, operationSuffix) {
			have[name] = true
			return
		}
		if !takesContext(f) {
			return
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			row, ok := n.(*ast.Ident)
			if ok && isRow(row) && slices.ContainsFunc(s.Operations, func(op transport.Operation) bool {
				return op.Key == keys[row.Name] && op.Safety == transport.Unsafe
			}) {
				unsafe = append(unsafe, name)
			}
			return true
		})
	})
	for _, name := range unsafe {
		assert.True(t, have[name+operationSuffix], "no method %s%s", name, operationSuffix)
	}
	client, err := s.NewClient(s.NewFake(), &http.Client{})
	require.NoError(t, err)
	named := map[string]bool{}
	for _, c := range s.Cases {
		named[c.name(client)] = true
	}
	assert.Len(t, named, len(have), "each operation has another name and a case: %v, %v", named, have)
}

const operationSuffix = "Operation"

// receiver returns the name of a method's type.
func receiver(f *ast.FuncDecl) string {
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	return typ.(*ast.Ident).Name
}

// Case returns the case.
func (k Resolution[F, C, R, V]) Case() ResolutionCase[F, C] {
	c := ResolutionCase[F, C]{
		op: k.Op, form: k.Form, neverLate: k.NeverLate, fields: k.fields, run: k.run,
		name:   func(client C) string { return k.Operation(client).Name },
		begins: func(client C) bool { return k.Operation(client).Finish != nil },
	}
	if k.Unread != nil {
		c.failing, c.unread = k.failing, k.unreadable
	}
	if k.Done.Outcome == rutravel.OutcomeCandidates {
		c.twice = k.twice
	}
	return c
}

// fields checks what every operation must have.
func (k Resolution[F, C, R, V]) fields(t *testing.T, s Resolutions[F, C]) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := k.lab(t, s)
		o, r := k.Operation(l.client(t)), l.prepare(t)
		assert.True(t, strings.HasPrefix(o.Name, s.Supplier+"."), o.Name)
		assert.NotNil(t, o.Send)
		row := s.Operations[slices.IndexFunc(s.Operations, func(op transport.Operation) bool { return op.Key == k.Op })]
		assert.GreaterOrEqual(t, o.Timeout, row.Timeout)
		assert.Contains(t, []rutravel.Outcome{rutravel.OutcomeNotDone, rutravel.OutcomeUndecidable}, o.Silence)
		assert.True(t, strings.HasSuffix(o.SilenceReason, "."), o.SilenceReason)
		assert.False(t, o.Patience > 0 && o.Look == nil, "it has a patience and no look-up")
		assert.False(t, k.Unread != nil && o.Patience == 0, "it has a look-up and no patience")
		assert.False(t, o.Subject != nil && o.ID != nil, "it changes something or makes something")
		if o.Subject != nil && o.Subject(r) != "" {
			assert.True(t, strings.HasPrefix(o.Subject(r), s.Supplier+"/"), o.Subject(r))
		}
		if o.ID != nil {
			var none V
			assert.Empty(t, o.ID(none))
		}
		if k.Done.Outcome == rutravel.OutcomeCandidates {
			require.NotNil(t, o.ID)
			require.NotNil(t, o.Group)
			assert.True(t, strings.HasPrefix(o.Group(r), s.Supplier+"/"), o.Group(r))
		}
	})
}

// run lets a call end, resolves it and checks the outcome.
func (k Resolution[F, C, R, V]) run(t *testing.T, s Resolutions[F, C], f fate) {
	t.Helper()
	l := k.lab(t, s)
	in := l.send(t, l.prepare(t), f)
	o := k.Operation(l.client(t))
	if f.dead {
		r, err := o.Resolve(t.Context(), in, nil)
		require.NoError(t, err)
		assert.Equal(t, rutravel.OutcomeOpen, r.Outcome, "it may still be running")
		assert.True(t, o.Fence(in).Equal(r.Again))
	}
	r := l.resolve(t, o, in)
	v := l.check(t, o, r, k.want(f))
	k.Check(t, l.supplier, l.client(t), in.Request, v, f.done)
}

// failing resolves a call with a look-up that fails at first, and with one that
// always fails.
func (k Resolution[F, C, R, V]) failing(t *testing.T, s Resolutions[F, C]) {
	t.Helper()
	l := k.lab(t, s)
	in := l.send(t, l.prepare(t), fate{fault: fake.Fault{Drop: true, Processed: true}, done: true})
	o := k.Operation(l.client(t))
	const failures = 2
	l.network.set(true, nil)
	for range failures {
		r, err := o.Resolve(t.Context(), in, nil)
		require.Error(t, err)
		require.Equal(t, rutravel.OutcomeOpen, r.Outcome)
		time.Sleep(time.Until(r.Again))
	}
	l.network.set(false, nil)
	v := l.check(t, o, l.resolve(t, o, in), k.Done)
	k.Check(t, l.supplier, l.client(t), in.Request, v, true)

	l = k.lab(t, s)
	in = l.send(t, l.prepare(t), fate{fault: fake.Fault{Drop: true}})
	l.network.set(true, nil)
	l.undecidable(t, k.Operation(l.client(t)), in)
}

// unreadable resolves a call that was carried out while the look-up cannot read the
// object.
func (k Resolution[F, C, R, V]) unreadable(t *testing.T, s Resolutions[F, C]) {
	t.Helper()
	l := k.lab(t, s)
	in := l.send(t, l.prepare(t), fate{fault: fake.Fault{Drop: true, Processed: true}, done: true})
	l.network.set(false, k.Unread)
	l.undecidable(t, k.Operation(l.client(t)), in)
	assert.Positive(t, l.network.changed, "no answer has the object")
}

// twice makes two identical calls, of which one is carried out. Expect the first one
// that is resolved to get the result, and the other one to get none.
func (k Resolution[F, C, R, V]) twice(t *testing.T, s Resolutions[F, C]) {
	t.Helper()
	for _, firstDone := range []bool{true, false} {
		l := k.lab(t, s)
		request := l.prepare(t)
		var calls []rutravel.Intent[R, V]
		for i := range 2 {
			done := (i == 0) == firstDone
			calls = append(calls, l.send(t, request, fate{fault: fake.Fault{Drop: true, Processed: done}, done: done}))
		}
		o := k.Operation(l.client(t))
		assert.Equal(t, o.Group(calls[0].Request), o.Group(calls[1].Request))
		l.check(t, o, l.resolve(t, o, calls[0]), k.Done)
		require.Len(t, l.taken, 1)
		l.check(t, o, l.resolve(t, o, calls[1]), k.NotDone)
		assert.Len(t, l.taken, 1)
	}
}

func (k Resolution[F, C, R, V]) want(f fate) Want {
	switch {
	case f.begun:
		return k.Begun
	case f.done:
		return k.Done
	default:
		return k.NotDone
	}
}

// lab is one supplier and a backend that uses it.
type lab[F Fake, C, R, V any] struct {
	Resolution[F, C, R, V]
	suite    Resolutions[F, C]
	supplier F
	network  *network
	taken    []string // ids that are results
}

func (k Resolution[F, C, R, V]) lab(t *testing.T, s Resolutions[F, C]) *lab[F, C, R, V] {
	t.Helper()
	supplier := s.NewFake()
	return &lab[F, C, R, V]{Resolution: k, suite: s, supplier: supplier, network: &network{next: supplier}}
}

// client returns a new client, as a new process has it.
func (l *lab[F, C, R, V]) client(t *testing.T) C {
	t.Helper()
	c, err := l.suite.NewClient(l.supplier, &http.Client{Transport: l.network})
	require.NoError(t, err)
	return c
}

// prepare returns the request as it is stored.
func (l *lab[F, C, R, V]) prepare(t *testing.T) R {
	t.Helper()
	return Stored(t, l.Prepare(t, l.supplier, l.client(t)))
}

// count returns how many requests of the operation have arrived.
func (l *lab[F, C, R, V]) count() (n int) {
	for _, op := range l.suite.Arrived(l.supplier) {
		if op == l.Op {
			n++
		}
	}
	return n
}

// send makes the call and returns the intent as it is stored in the end.
func (l *lab[F, C, R, V]) send(t *testing.T, r R, f fate) rutravel.Intent[R, V] {
	t.Helper()
	o := l.Operation(l.client(t))
	before := l.count()
	if !reflect.ValueOf(f.fault).IsZero() {
		f.fault.Op = l.Op
		l.suite.Inject(l.supplier, f.fault)
	}
	in := o.NewIntent(r)
	ctx, cancel := context.WithDeadline(t.Context(), in.Deadline)
	defer cancel()
	v, err := o.Send(ctx, r)
	if reflect.ValueOf(f.fault).IsZero() {
		require.NoError(t, err)
	} else {
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	}
	assert.Equal(t, before+1, l.count(), "requests that arrived")
	if f.begun {
		in.Value = v
	}
	if !f.dead {
		in.Ended, in.Value = time.Now(), v
		in.Err = err.(*rutravel.Error)
	}
	return Stored(t, in)
}

// resolve resolves the intent until it is decided.
func (l *lab[F, C, R, V]) resolve(t *testing.T, o rutravel.Operation[R, V], in rutravel.Intent[R, V]) rutravel.Resolution[V] {
	t.Helper()
	before, arrived := l.count(), len(l.suite.Arrived(l.supplier))
	for range looks {
		r, err := o.Resolve(t.Context(), in, l.others)
		require.NoError(t, err)
		if r.Outcome != rutravel.OutcomeOpen {
			assert.Equal(t, before, l.count(), "a look-up sends the call again")
			for _, op := range l.suite.Operations {
				if slices.Contains(l.suite.Arrived(l.supplier)[arrived:], op.Key) {
					assert.True(t, op.OwnConnection(), "%s decides what became of a call and shares connections", op.Key)
				}
			}
			return r
		}
		assert.NotEmpty(t, r.Reason)
		require.True(t, r.Again.After(time.Now()))
		time.Sleep(time.Until(r.Again))
	}
	require.Fail(t, "it stays open")
	return rutravel.Resolution[V]{}
}

// looks is more than how often a call may be looked up.
const looks = 1000

// others returns which of the ids are results.
func (l *lab[F, C, R, V]) others(_ context.Context, ids []string) (taken []string, _ error) {
	for _, id := range ids {
		if slices.Contains(l.taken, id) {
			taken = append(taken, id)
		}
	}
	return taken, nil
}

// check compares a resolution with the wanted one. It takes the first candidate and
// returns the value.
func (l *lab[F, C, R, V]) check(t *testing.T, o rutravel.Operation[R, V], r rutravel.Resolution[V], want Want) V {
	t.Helper()
	require.Equal(t, want, Want{r.Outcome, r.Kind, r.Presumed}, r.Reason)
	if r.Outcome == rutravel.OutcomeCandidates {
		r.Value = r.Candidates[0].Value
		assert.Equal(t, o.ID(r.Value), r.Candidates[0].ID)
	} else {
		assert.True(t, strings.HasSuffix(r.Reason, "."), "the reason is a sentence: %q", r.Reason)
	}
	if (r.Outcome == rutravel.OutcomeCandidates || r.Outcome == rutravel.OutcomeDone) && o.ID != nil {
		id := o.ID(r.Value)
		assert.True(t, strings.HasPrefix(id, l.suite.Supplier+"/"), id)
		l.taken = append(l.taken, id)
	}
	return Stored(t, r.Value)
}

// undecidable resolves the intent until the outcome is not open. It must be
// OutcomeUndecidable, after GiveUp. All look-ups must fail.
func (l *lab[F, C, R, V]) undecidable(t *testing.T, o rutravel.Operation[R, V], in rutravel.Intent[R, V]) {
	t.Helper()
	o.GiveUp = 2 * time.Minute
	for range looks {
		r, err := o.Resolve(t.Context(), in, l.others)
		require.Error(t, err)
		if r.Outcome != rutravel.OutcomeOpen {
			require.Equal(t, rutravel.OutcomeUndecidable, r.Outcome)
			assert.GreaterOrEqual(t, time.Since(in.Ended), o.Patience+o.GiveUp)
			assert.NotEmpty(t, r.Reason)
			return
		}
		time.Sleep(time.Until(r.Again))
	}
	require.Fail(t, "it stays open")
}

// network is between a client and a fake.
type network struct {
	next http.RoundTripper

	mu      sync.Mutex
	broken  bool
	change  func(answer string) string
	changed int // answers
}

// set breaks or mends the network, and changes answers.
func (n *network) set(broken bool, change func(string) string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.broken, n.change = broken, change
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	broken, change := n.broken, n.change
	n.mu.Unlock()
	if broken {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	resp, err := n.next.RoundTrip(r)
	if err != nil || change == nil {
		return resp, err
	}
	defer func() { _ = resp.Body.Close() }()
	body := resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" {
		resp.Header.Del("Content-Encoding")
		if body, err = gzip.NewReader(body); err != nil {
			return nil, err
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	answer := change(string(text))
	if answer != string(text) {
		n.mu.Lock()
		n.changed++
		n.mu.Unlock()
	}
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(answer)), int64(len(answer))
	return resp, nil
}

// Stored returns a value that was stored as JSON and read again. It must be the same.
func Stored[T any](t *testing.T, v T) (read T) {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &read), "%s", text)
	require.True(t, same(reflect.ValueOf(&v).Elem(), reflect.ValueOf(&read).Elem()), "%T changes: %s", v, text)
	return read
}

// same reports whether two values mean the same. A nil slice is an empty one. Errors
// are compared by their text, and values that have a method Equal with it.
func same(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() {
		return false
	}
	if equal, ok := a.Type().MethodByName("Equal"); ok && equal.Type.NumIn() == 2 && equal.Type.In(1) == a.Type() {
		return equal.Func.Call([]reflect.Value{a, b})[0].Bool()
	}
	switch a.Kind() {
	case reflect.Pointer:
		return a.IsNil() && b.IsNil() || !a.IsNil() && !b.IsNil() && same(a.Elem(), b.Elem())
	case reflect.Interface:
		first, isError := a.Interface().(error)
		second, _ := b.Interface().(error)
		if isError && second != nil {
			return first.Error() == second.Error()
		}
		return reflect.DeepEqual(a.Interface(), b.Interface())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if !a.Type().Field(i).IsExported() {
				return reflect.DeepEqual(a.Interface(), b.Interface())
			}
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(a.Interface(), b.Interface())
	}
}
