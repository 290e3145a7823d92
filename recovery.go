package rutravel

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Outcome is what is known about an unsafe call after it was made or looked up.
type Outcome string

// The outcomes.
const (
	// OutcomeOpen means that it is not known yet. Look again at Resolution.Again.
	OutcomeOpen Outcome = "open"
	// OutcomeDone means that the supplier carried the call out.
	OutcomeDone Outcome = "done"
	// OutcomeNotDone means that the supplier did nothing. The call may be made again.
	OutcomeNotDone Outcome = "not_done"
	// OutcomeCandidates means that there are candidates: this call or another one has
	// made each of them. The first one that is not the result of another call is the
	// result of this one.
	OutcomeCandidates Outcome = "candidates"
	// OutcomeUndecidable means that no look-up at the supplier can answer this. A person
	// must check what Resolution.Reason says.
	OutcomeUndecidable Outcome = "undecidable"
)

// Intent is an unsafe call: what is stored before it is sent, and how it ended.
// R is the request and V the result; both can be stored as JSON.
type Intent[R, V any] struct {
	Request R
	Sent    time.Time // when the call began
	// Deadline is the end of the context that Send and Finish must get: nothing is sent
	// after it.
	Deadline time.Time
	// Ended is when the call returned. The caller sets it after Send and Finish, together
	// with Err and Value. It is zero if that is not known because the process died.
	Ended time.Time `json:",omitzero"`
	// Err is the error that the call returned, or nil.
	Err *Error `json:",omitempty"`
	// Value is what the call returned, also with an error. It has the id if one
	// arrived.
	Value V
}

// Candidate is something at the supplier that an unsafe call may have made.
type Candidate[V any] struct {
	ID    string // Operation.ID of the value
	Value V
}

// Resolution is the result of a look-up: the outcome of an unsafe call.
type Resolution[V any] struct {
	Outcome    Outcome
	Value      V              // with OutcomeDone
	Candidates []Candidate[V] // with OutcomeCandidates; the best match is first
	Again      time.Time      // with OutcomeOpen: when to look again
	// Pending reports that the outcome is OutcomeOpen because the supplier says that it
	// is still working on the call. Operation.Silence then does not apply.
	Pending bool
	// Kind is the kind of the error that callers get for OutcomeNotDone: the kind of the
	// refusal, ErrExpired after a hold has expired, or ErrUnavailable.
	Kind   Kind
	Reason string // a sentence for people
	// Presumed reports that the outcome is OutcomeNotDone because look-ups found nothing
	// for Operation.Patience. The supplier has not said so.
	Presumed bool
}

// Operation is an unsafe operation of a supplier together with its recovery. Each
// client has a method for each of its unsafe operations, such as PayOperation for
// Pay. Package journal sends and resolves operations and stores what they need.
// Without it:
//
//  1. Store the result of [Operation.NewIntent].
//  2. Call Send with a context that ends at the intent's Deadline. If Send succeeds and
//     Finish is not nil, store the value as the intent's Value. Then call Finish with the
//     value and the same context.
//  3. Set the intent's Ended, Err and Value, and store it again.
//  4. Call [Operation.Resolve] with the stored intent, again at Resolution.Again,
//     until the outcome is no longer [OutcomeOpen].
//
// The fields may be changed, for example to set another Timeout.
type Operation[R, V any] struct {
	// Name is the supplier's package and the call: "regionbilet.pay",
	// "ticketscloud.pay_order", "smartway.save_employee". It is stored, so it does not
	// change. It is not [Error.Op], which has the supplier's name of the call.
	Name string

	// Send makes the call once. Its value is stored, also if Send returns an error.
	Send func(ctx context.Context, r R) (V, error)
	// Finish waits for the result of what Send has begun. It is nil, except for
	// operations that the supplier carries out after it has answered. It only reads,
	// so it may be called again.
	Finish func(ctx context.Context, r R, begun V) (V, error)
	// Timeout bounds Send and Finish together; 0 means two minutes. Until it has passed,
	// a process that was paused may still send.
	Timeout time.Duration
	// Grace is how much the clocks of two machines may differ; 0 means ten seconds.
	// It is added to Timeout before the first look-up of a call whose end is not known.
	Grace time.Duration

	// Look asks the supplier once. It returns OutcomeOpen if the answer does not show the
	// outcome yet. It is nil if the supplier offers no look-up.
	Look func(ctx context.Context, in Intent[R, V]) (Resolution[V], error)
	// Patience is how long Look is called again while it returns OutcomeOpen. It counts
	// from the end of the call.
	Patience time.Duration
	// Silence is the outcome after Patience: OutcomeNotDone or OutcomeUndecidable.
	Silence Outcome
	// SilenceReason explains Silence. For OutcomeUndecidable it says what a person must
	// check.
	SilenceReason string
	// GiveUp is how long Look is called again while it fails. It counts from the end of
	// Patience; 0 means a day. After it, the outcome is OutcomeUndecidable.
	GiveUp time.Duration
	// Unsure reports whether a call may have been carried out although it was refused.
	// It is nil if every refusal means that nothing was done.
	Unsure func(refusal *Error) bool

	// Subject names an existing object and what the call does to it:
	// "regionbilet/pay/246200" is the payment of booking 246200. Among calls with
	// the same subject, at most one can be open, undecidable or done. It returns ""
	// for a call that has no subject. It is nil for operations that make something
	// new.
	Subject func(r R) string
	// ID names what the call made: "ticketscloud/order/5f1e…". It is different for each
	// call. It returns "" if the value has no id. It is nil for operations that have a
	// Subject, or that make nothing with an id.
	ID func(v V) string
	// Group is equal for calls that may have the same candidates, such as orders
	// for one event. It is nil if Look returns no candidates.
	Group func(r R) string
}

// NewIntent returns the intent of a call that begins now.
func (o Operation[R, V]) NewIntent(r R) Intent[R, V] {
	now := time.Now()
	return Intent[R, V]{Request: r, Sent: now, Deadline: now.Add(cmp.Or(o.Timeout, defaultTimeout))}
}

// Fence returns the time after which a call cannot be sent any more. It is for calls
// whose process stopped before it stored how the call ended.
func (o Operation[R, V]) Fence(in Intent[R, V]) time.Time {
	return in.Deadline.Add(cmp.Or(o.Grace, defaultGrace))
}

// Refused reports whether an error means that nothing was carried out, because the
// supplier refused or nothing was sent.
func (o Operation[R, V]) Refused(err *Error) bool {
	return err != nil && err.Kind != ErrNotConfirmed && (o.Unsure == nil || !o.Unsure(err))
}

// Resolve returns the outcome of a call. If the intent does not show the outcome,
// Resolve looks it up at the supplier. It never sends the call itself. If the
// intent has no Ended, the supplier is not asked before [Operation.Fence]. The
// pause until Resolution.Again grows with the age of the call, from one second to
// two minutes.
//
// taken returns the ids that are the results of other calls. Their candidates are left
// out. taken may be nil. Without package journal, keep a unique index on ids, and store
// the first candidate that the index accepts as the result.
//
// If the look-up fails, Resolve returns its error. The outcome is then OutcomeOpen until
// Operation.GiveUp has passed.
func (o Operation[R, V]) Resolve(ctx context.Context, in Intent[R, V], taken func(ctx context.Context, ids []string) ([]string, error)) (Resolution[V], error) {
	now := time.Now()
	end, patience := in.Ended, o.Patience
	switch {
	case end.IsZero():
		end = o.Fence(in)
		if now.Before(end) {
			return Resolution[V]{Outcome: OutcomeOpen, Again: end, Reason: "The call may still be running."}, nil
		}
	case in.Err == nil:
		return Resolution[V]{Outcome: OutcomeDone, Value: in.Value, Reason: "The call succeeded."}, nil
	case o.Refused(in.Err):
		return Resolution[V]{Outcome: OutcomeNotDone, Kind: in.Err.Kind, Reason: "The supplier refused the call, or nothing was sent."}, nil
	case in.Err.Kind != ErrNotConfirmed:
		patience = 0 // after a refusal the supplier no longer works on the call
	}
	r := Resolution[V]{Outcome: OutcomeOpen}
	var err error
	if o.Look != nil {
		if r, err = o.Look(ctx, in); err == nil && taken != nil {
			err = r.leaveOut(ctx, taken)
		}
	}
	left := end.Add(patience).Sub(now)
	giveUp := -left >= cmp.Or(o.GiveUp, defaultGiveUp)
	if err != nil {
		if ctx.Err() == nil && giveUp {
			return Resolution[V]{Outcome: OutcomeUndecidable, Reason: "All look-ups failed. " + o.SilenceReason}, err
		}
		return Resolution[V]{Outcome: OutcomeOpen, Again: again(now, end, left), Reason: "The look-up failed."}, err
	}
	if r.Outcome == OutcomeCandidates && len(r.Candidates) == 0 {
		r = Resolution[V]{Outcome: OutcomeOpen, Reason: "The look-up found nothing but the results of other calls."}
	}
	if r.Outcome != OutcomeOpen && r.Outcome != "" {
		return r, nil
	}
	if left > 0 || r.Pending && !giveUp {
		return Resolution[V]{Outcome: OutcomeOpen, Again: again(now, end, left), Pending: r.Pending, Reason: r.Reason}, nil
	}
	if r.Pending {
		return Resolution[V]{Outcome: OutcomeUndecidable, Reason: r.Reason + " Check it in the supplier's cabinet."}, nil
	}
	silence := Resolution[V]{Outcome: o.Silence, Reason: o.SilenceReason}
	if silence.Outcome == OutcomeNotDone {
		silence.Kind, silence.Presumed = ErrUnavailable, true
	}
	return silence, nil
}

const (
	defaultTimeout = 2 * time.Minute
	defaultGrace   = 10 * time.Second
	defaultGiveUp  = 24 * time.Hour

	soonest = time.Second // between two look-ups
	latest  = 2 * time.Minute
)

// again returns when to look again: after half of the time that has passed since the
// call, but not later than the end of its patience.
func again(now, end time.Time, left time.Duration) time.Time {
	wait := min(max(now.Sub(end)/2, soonest), latest)
	if left > 0 {
		wait = min(wait, left)
	}
	return now.Add(wait)
}

// leaveOut removes the candidates that are taken.
func (r *Resolution[V]) leaveOut(ctx context.Context, taken func(context.Context, []string) ([]string, error)) error {
	if len(r.Candidates) == 0 {
		return nil
	}
	ids := make([]string, len(r.Candidates))
	for i, c := range r.Candidates {
		ids[i] = c.ID
	}
	others, err := taken(ctx, ids)
	r.Candidates = slices.DeleteFunc(r.Candidates, func(c Candidate[V]) bool { return slices.Contains(others, c.ID) })
	return err
}

// CandidatesOf returns the resolution of a look-up that found values, the best match
// first. Values without an id are left out. Without candidates it is OutcomeOpen.
func CandidatesOf[V any](values []V, id func(V) string) Resolution[V] {
	r := Resolution[V]{Outcome: OutcomeOpen, Reason: "The look-up found nothing."}
	for _, v := range values {
		if id := id(v); id != "" {
			r.Outcome, r.Reason = OutcomeCandidates, ""
			r.Candidates = append(r.Candidates, Candidate[V]{ID: id, Value: v})
		}
	}
	return r
}
