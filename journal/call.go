package journal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// Call makes the calls of one operation through a journal. It is safe for concurrent
// use.
type Call[R, V any] struct {
	journal *Journal
	op      rutravel.Operation[R, V]

	mu      sync.Mutex
	running map[string]*sending[V] // by key
}

// sending is a call that is running in this process.
type sending[V any] struct {
	request []byte
	ended   chan struct{}
	value   V
	err     error
}

// Add adds an operation to a journal. It panics if the operation is incomplete, or if
// the journal already has an operation of this name.
func Add[R, V any](j *Journal, op rutravel.Operation[R, V]) *Call[R, V] {
	if op.Name == "" || op.Send == nil || op.Silence != rutravel.OutcomeNotDone && op.Silence != rutravel.OutcomeUndecidable {
		panic("journal: an operation needs Name, Send and Silence")
	}
	c := &Call[R, V]{journal: j, op: op, running: map[string]*sending[V]{}}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.calls[op.Name] != nil {
		panic("journal: the operation " + op.Name + " was added twice")
	}
	j.calls[op.Name] = c
	return c
}

const maxKey = 200 // bytes

// Do makes a call once per key. It stores the intent, sends the call detached from ctx,
// and stores how it ended. It writes to the store twice: before the call and after it.
//
// The key names the effect that the application wants: "order 17, pay". It has 1 to 200
// bytes and no zero byte. If the key was used before, nothing is sent: Do returns the
// stored result, or waits for it if the call is running in this process. After an outcome
// of not_done, use a new key to try again: "order 17, pay, 2". This also applies if the
// request was invalid or the supplier could not be reached.
//
// If the call was not done, or if that is not known, the error is an [*Error]. It matches
// the kind of the call's error: [rutravel.ErrSoldOut] or another kind if the call was not
// done, [rutravel.ErrNotConfirmed] if that is not known. If ctx ends first, the call goes
// on, and the error has the outcome open. A value that arrived with an error is returned
// with it.
//
// With any other error, nothing was sent for this Do:
//
//   - [ErrReused]: the key was used for another request or another operation.
//   - [ErrClaimed]: another key has a call with the same Operation.Subject that is open,
//     undecidable or done. For example, it pays for the same booking.
//   - [ErrShutdown]: the journal was shut down.
//   - [ErrCorrupt]: the key was used, and its entry cannot be read.
//   - Another error: the key or the request cannot be stored, or the store failed.
//
// If the result cannot be stored after the call was sent, Do tries again until the
// operation's timeout has passed. Then it returns the result together with an [*Error]
// whose Outcome is open.
func (c *Call[R, V]) Do(ctx context.Context, key string, r R) (V, error) {
	var none V
	if key == "" || len(key) > maxKey || strings.ContainsRune(key, 0) {
		return none, fmt.Errorf("journal: a key has 1 to %d bytes and no zero byte", maxKey)
	}
	request, err := json.Marshal(r)
	if err != nil {
		return none, fmt.Errorf("journal: the request of %q cannot be stored: %w", key, err)
	}
	var readable R // an entry that nobody can read would stay open
	if err = json.Unmarshal(request, &readable); err != nil {
		return none, fmt.Errorf("journal: the request of %q cannot be read back: %w", key, err)
	}
	s := &sending[V]{request: request, ended: make(chan struct{})}
	other, err := c.begin(key, s)
	switch {
	case err != nil:
		return none, err
	case other != nil && !bytes.Equal(other.request, request):
		return none, fmt.Errorf("%w: %q", ErrReused, key)
	case other != nil:
		v, failure := c.wait(ctx, key, other)
		if failure == errUnsent { //nolint:errorlint // it is never wrapped
			return c.Do(ctx, key, r)
		}
		return v, failure
	}
	sent := false
	defer func() {
		if !sent { // also after a panic
			c.end(key)
			s.err = errUnsent
			close(s.ended)
		}
	}()
	in, e, err := c.intent(key, r, request)
	if err == nil {
		err = c.journal.store.Insert(ctx, e)
	}
	if err != nil {
		switch {
		case errors.Is(err, ErrExists):
			return c.stored(ctx, key, request)
		case errors.Is(err, ErrClaimed):
			return none, fmt.Errorf("journal: %q was not sent, because another key is open or done for %s: %w", key, e.Claim, err)
		}
		return none, fmt.Errorf("journal: %q was not sent, because its intent was not stored: %w", key, err)
	}
	c.note(ctx, StepStored, &e, nil)
	sent = true
	go func() {
		s.value, s.err = c.send(context.WithoutCancel(ctx), in, e)
		c.end(key) // before callers continue: their next Do must read the store
		close(s.ended)
	}()
	return c.wait(ctx, key, s)
}

// errUnsent is the error of a call that was not sent, because its intent was not stored.
// Do calls that wait for it start over.
var errUnsent = errors.New("journal: not sent")

// begin registers a call. If a call with its key is running, begin returns that one.
func (c *Call[R, V]) begin(key string, s *sending[V]) (*sending[V], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := c.running[key]; other != nil {
		return other, nil
	}
	if err := c.journal.begin(); err != nil {
		return nil, err
	}
	c.running[key] = s
	return nil, nil
}

func (c *Call[R, V]) end(key string) {
	c.mu.Lock()
	delete(c.running, key)
	c.mu.Unlock()
	c.journal.sending.Done()
}

// wait waits for a running call.
func (c *Call[R, V]) wait(ctx context.Context, key string, s *sending[V]) (V, error) {
	select {
	case <-s.ended:
		return s.value, s.err
	case <-ctx.Done():
		var none V
		return none, &Error{
			Key: key, Outcome: rutravel.OutcomeOpen, Again: time.Now().Add(retryStore), Reason: "The call is still running.",
			Err: c.notConfirmed(ctx.Err()),
		}
	}
}

// intent makes the entry of a call that begins now.
func (c *Call[R, V]) intent(key string, r R, request []byte) (rutravel.Intent[R, V], Entry, error) {
	in := c.op.NewIntent(r)
	in.Sent, in.Deadline = in.Sent.UTC().Truncate(time.Microsecond), in.Deadline.UTC().Truncate(time.Microsecond)
	e := Entry{
		Key: key, Operation: c.op.Name, Version: 1, Outcome: rutravel.OutcomeOpen,
		Sent: in.Sent, Deadline: in.Deadline, Fence: c.op.Fence(in).UTC(), Reason: "The call may still be running.",
	}
	e.Again = e.Fence
	e.Group = c.op.Name
	if c.op.Group != nil {
		e.Group = c.op.Group(r)
	}
	if c.op.Subject != nil {
		e.Claim = c.op.Subject(r)
	}
	var err error
	e.Request, err = c.seal(key, request)
	return in, e, err
}

// send makes a call whose intent is stored, and stores its outcome.
func (c *Call[R, V]) send(ctx context.Context, in rutravel.Intent[R, V], e Entry) (V, error) {
	sending, cancel := context.WithDeadline(ctx, in.Deadline)
	defer cancel()
	v, err := c.op.Send(sending, in.Request)
	if err == nil && c.op.Finish != nil {
		begun := e
		begun.Version++
		if begun.Value, err = c.marshal(e.Key, v); err == nil {
			if err = c.journal.update(sending, begun, in.Deadline); err == nil {
				e = begun // the look-up has its id, even after a crash
			}
		}
		v, err = c.op.Finish(sending, in.Request, v)
	}
	return c.ended(ctx, in, e, v, err)
}

// ended stores the outcome of a call.
func (c *Call[R, V]) ended(ctx context.Context, in rutravel.Intent[R, V], e Entry, v V, err error) (V, error) {
	before := e
	e.Ended = now()
	failure, ok := errors.AsType[*rutravel.Error](err)
	if err != nil && !ok {
		failure = c.notConfirmed(err)
	}
	var storeErr error
	if e.Value, storeErr = c.marshal(e.Key, v); storeErr != nil {
		return v, c.openError(&before, err, storeErr)
	}
	if failure != nil {
		e.Failure, _ = c.marshal(e.Key, failure) // an Error can always be marshaled
	}
	r := rutravel.Resolution[V]{Outcome: rutravel.OutcomeOpen, Again: e.Ended.Add(retryLook), Reason: "The outcome is not known."}
	switch {
	case err == nil:
		r = rutravel.Resolution[V]{Outcome: rutravel.OutcomeDone, Value: v}
	case c.op.Refused(failure):
		r = rutravel.Resolution[V]{Outcome: rutravel.OutcomeNotDone, Kind: failure.Kind}
	}
	c.apply(&e, r)
	storeErr = c.journal.update(ctx, e, in.Deadline)
	if errors.Is(storeErr, ErrChanged) {
		var overruled bool
		if overruled, storeErr = c.overrule(ctx, in, &e); overruled {
			return c.stored(ctx, e.Key, nil)
		}
	}
	if errors.Is(storeErr, ErrClaimed) {
		// Another key has this result. The look-up finds out whether there is a second one.
		var none V
		e, v, err = before, none, c.notConfirmed(fmt.Errorf("the result of %q is another key's", e.Key))
		e.Ended = now()
		e.Failure, _ = c.marshal(e.Key, err)
		c.apply(&e, rutravel.Resolution[V]{Outcome: rutravel.OutcomeOpen, Again: e.Ended.Add(retryLook), Reason: "The result is another key's."})
		storeErr = c.journal.update(ctx, e, in.Deadline)
	}
	if storeErr != nil && !errors.Is(storeErr, ErrChanged) && e.Outcome != rutravel.OutcomeOpen {
		// The store may be able to keep how the call ended without its outcome. The next
		// look-up then settles the entry.
		kept := before
		kept.Ended, kept.Value, kept.Failure = e.Ended, e.Value, e.Failure
		c.apply(&kept, rutravel.Resolution[V]{Outcome: rutravel.OutcomeOpen, Again: e.Ended.Add(retryLook), Reason: "The outcome was not stored."})
		if c.journal.tryUpdate(ctx, kept) == nil {
			e, before = kept, kept
		}
	}
	c.note(ctx, StepEnded, &e, errors.Join(err, storeErr))
	switch {
	case storeErr != nil:
		return v, c.openError(&before, err, storeErr)
	case e.Outcome == rutravel.OutcomeDone:
		return v, nil
	}
	return v, c.failed(&e, err)
}

// overrule stores how a call ended although its entry was changed meanwhile: this
// process was stopped for so long that another one resolved the entry. The supplier's
// answer counts more than a presumption or a look-up, and an id that arrived with an
// error counts while the entry is open. It reports true if the stored entry stands:
// nothing more is known here, or it is done.
func (c *Call[R, V]) overrule(ctx context.Context, in rutravel.Intent[R, V], e *Entry) (bool, error) {
	for {
		stored, err := c.journal.store.Get(ctx, e.Key)
		switch {
		case err != nil:
			return false, err
		case e.Outcome == rutravel.OutcomeOpen && (stored.Outcome != rutravel.OutcomeOpen || !stored.Ended.IsZero()),
			stored.Outcome == rutravel.OutcomeDone && (e.Outcome != rutravel.OutcomeDone || stored.Claim == e.Claim):
			return true, nil
		case e.Outcome == rutravel.OutcomeOpen:
			e.Seen = stored.Seen
		}
		e.Version = stored.Version + 1
		if err = c.journal.update(ctx, *e, in.Deadline); !errors.Is(err, ErrChanged) {
			return false, err
		}
	}
}

// Result returns what is known about the call of a key. It sends nothing. The error is
// [ErrNoEntry] if the key was not used, and [ErrReused] if it was used for another
// operation. Otherwise it is like that of [Call.Do].
func (c *Call[R, V]) Result(ctx context.Context, key string) (V, error) {
	return c.stored(ctx, key, nil)
}

// Read returns the request of an entry, how its call ended, and its result. A store
// that calls the application when an entry is settled needs it, and so does a page that
// shows a person what to decide. The error is [ErrReused] if Entry.Operation is another
// operation's name.
func (c *Call[R, V]) Read(e Entry) (rutravel.Intent[R, V], error) {
	if e.Operation != c.op.Name {
		return rutravel.Intent[R, V]{}, fmt.Errorf("%w: %q, %s", ErrReused, e.Key, e.Operation)
	}
	return c.read(&e)
}

// stored returns the stored result of a key. If request is not nil, the stored request
// must be equal.
func (c *Call[R, V]) stored(ctx context.Context, key string, request []byte) (v V, err error) {
	e, err := c.journal.store.Get(ctx, key)
	if err != nil {
		return v, err
	}
	if e.Operation != c.op.Name {
		return v, fmt.Errorf("%w: %q, %s", ErrReused, key, e.Operation)
	}
	if e.Erased {
		e.Reason = "The result was erased."
		return v, c.failed(&e, nil)
	}
	in, err := c.read(&e)
	if err != nil {
		return v, err
	}
	if request != nil {
		if stored, err := json.Marshal(in.Request); err != nil || !bytes.Equal(stored, request) {
			return v, fmt.Errorf("%w: %q", ErrReused, key)
		}
	}
	if e.Outcome == rutravel.OutcomeDone {
		return in.Value, nil
	}
	var failure error
	if in.Err != nil {
		failure = in.Err
	}
	return in.Value, c.failed(&e, failure)
}

// failed makes the error of an entry that is not done.
func (c *Call[R, V]) failed(e *Entry, err error) error {
	failure, ok := errors.AsType[*rutravel.Error](err)
	switch {
	case e.Outcome == rutravel.OutcomeNotDone && (!ok || failure.Kind == rutravel.ErrNotConfirmed):
		err = c.errorOf(cmp.Or(e.Kind, rutravel.ErrUnavailable), nil)
	case e.Outcome != rutravel.OutcomeNotDone && (!ok || failure.Kind != rutravel.ErrNotConfirmed):
		err = c.notConfirmed(err)
	}
	return &Error{Key: e.Key, Outcome: e.Outcome, Again: e.Again, Reason: e.Reason, Presumed: e.Presumed, Err: err}
}

// openError returns the error of a call whose outcome could not be stored.
func (c *Call[R, V]) openError(e *Entry, err, storeErr error) error {
	return &Error{
		Key: e.Key, Outcome: rutravel.OutcomeOpen, Again: e.Again, Reason: "How the call ended was not stored.",
		Err: errors.Join(c.notConfirmed(err), storeErr),
	}
}

// notConfirmed makes an error of the kind ErrNotConfirmed. It keeps only the text of the
// cause, because an error of this kind must not match another kind.
func (c *Call[R, V]) notConfirmed(cause error) *rutravel.Error {
	if cause != nil {
		cause = errors.New(cause.Error())
	}
	return c.errorOf(rutravel.ErrNotConfirmed, cause)
}

func (c *Call[R, V]) errorOf(kind rutravel.Kind, cause error) *rutravel.Error {
	supplier, op, _ := strings.Cut(c.op.Name, ".")
	return &rutravel.Error{Supplier: supplier, Op: op, Kind: kind, Err: cause}
}

// note calls the observer.
func (c *Call[R, V]) note(ctx context.Context, step Step, e *Entry, err error) {
	c.journal.observe(ctx, Event{
		Step: step, Key: e.Key, Operation: e.Operation, Outcome: e.Outcome, Presumed: e.Presumed,
		Age: time.Since(e.Sent), Err: err,
	})
}

func (c *Call[R, V]) marshal(key string, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return c.seal(key, text)
}

func (c *Call[R, V]) seal(key string, text []byte) ([]byte, error) {
	if c.journal.sealer == nil {
		return text, nil
	}
	return c.journal.sealer.Seal(key, text)
}

func (c *Call[R, V]) unmarshal(e *Entry, field string, text []byte, v any) (err error) {
	if text == nil {
		return nil
	}
	if c.journal.sealer != nil {
		text, err = c.journal.sealer.Open(e.Key, text)
	}
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		// The text of the cause may quote the data.
		return fmt.Errorf("%w: %s of %q", ErrCorrupt, field, e.Key)
	}
	return nil
}

// arrived reports whether a value arrived with the error of an entry's call, or before
// its end.
func (c *Call[R, V]) arrived(e *Entry) bool {
	in, err := c.read(e)
	return err == nil && !reflect.ValueOf(&in.Value).Elem().IsZero()
}

// read makes the intent of an entry.
func (c *Call[R, V]) read(e *Entry) (in rutravel.Intent[R, V], err error) {
	in = rutravel.Intent[R, V]{Sent: e.Sent, Deadline: e.Deadline, Ended: e.Ended}
	if e.Request == nil {
		return in, fmt.Errorf("%w: request of %q", ErrCorrupt, e.Key)
	}
	return in, errors.Join(
		c.unmarshal(e, "request", e.Request, &in.Request),
		c.unmarshal(e, "value", e.Value, &in.Value),
		c.unmarshal(e, "failure", e.Failure, &in.Err))
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
