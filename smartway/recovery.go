package smartway

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Times for which to look up a call with an unknown outcome, counted from the end of the
// call. Before that time, a look-up that finds nothing proves nothing. The manual has no
// such times: the library chose them. They are the Patience of the operations.
const (
	// BuyPatience is the time for [Airlines.Wait] or [Trips.Lost] after [Airlines.Buy].
	// If no trip was found by then, the tickets were presumably not bought.
	BuyPatience = 30 * time.Minute
	// SaveEmployeePatience is the time for [Employees.Lost] after [Employees.Save] of a
	// change without an ID. If nobody was found by then, the employee was presumably not
	// created.
	SaveEmployeePatience = 10 * time.Minute
	// SaveRequestPatience is the time for [Requests.Statuses] after [Requests.Save] with
	// an ID. If the status is still [RequestNotFound], the request was presumably not
	// stored.
	SaveRequestPatience = 10 * time.Minute
	// CancelRequestPatience is the time for [Requests.Statuses] after [Requests.Cancel]. If
	// the status is still not [RequestCancelled], the request was presumably not canceled.
	CancelRequestPatience = 10 * time.Minute
)

// Purchase is the result of [Airlines.BuyOperation].
type Purchase struct {
	ID   PurchaseID // "" if it did not arrive
	Trip TripID     // what was bought; "" until it is known
}

// BuyOperation is [Airlines.Buy] with its recovery. Finish is [Airlines.Wait] within
// Timeout. If the purchase takes longer, the error is [rutravel.ErrNotConfirmed], and the
// purchase is looked up.
//
// If the PurchaseID is known, Look uses [Airlines.Result]:
//
//   - A purchase with a trip is done.
//   - A purchase that has failed is not done.
//   - While the purchase is pending, the outcome is open.
//
// A PurchaseID that came with an error of Buy may belong to another call. In that case,
// and if no PurchaseID is known, Look uses [Trips.Lost] for the day of the call. The
// candidates are the trips of these passengers, except trips that were bought more than
// 3 hours before the call. The 3 hours are needed because the manual does not name the
// zone of this time. Trips with all passengers come first, then those bought nearest to
// the call. If there is no candidate after [BuyPatience], the tickets were presumably not
// bought.
//
// If one call becomes several trips, one of them is its result. The others remain
// candidates of other calls.
func (s Airlines) BuyOperation() rutravel.Operation[PurchaseRequest, Purchase] {
	return rutravel.Operation[PurchaseRequest, Purchase]{
		Name: "smartway.buy",
		Send: func(ctx context.Context, b PurchaseRequest) (Purchase, error) {
			id, err := s.Buy(ctx, b)
			return Purchase{ID: id}, err
		},
		Finish: func(ctx context.Context, _ PurchaseRequest, begun Purchase) (Purchase, error) {
			trip, err := s.Wait(ctx, begun.ID)
			if err != nil {
				return begun, s.notFinished(begun.ID, err)
			}
			return Purchase{ID: begun.ID, Trip: trip}, nil
		},
		Timeout:       operations[opAirlineBook].CallTimeout(),
		Look:          s.lookForPurchase,
		Patience:      BuyPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "No trip of these passengers was found.",
		ID:            Purchase.operationID,
		Group:         func(PurchaseRequest) string { return "smartway/buy" },
	}
}

// operationID returns the id of the trip in [rutravel.Operation].
func (p Purchase) operationID() string {
	if p.Trip == "" {
		return ""
	}
	return "smartway/trip/" + string(p.Trip)
}

// notFinished returns the error of Finish for an error of Wait. Only a purchase that has
// failed settles the call.
func (s Airlines) notFinished(id PurchaseID, err error) error {
	if _, failed := errors.AsType[*PurchaseFailedError](err); failed {
		return err
	}
	if pending, ok := errors.AsType[*PurchasePendingError](err); ok {
		err = pending.Err
	}
	// Keep only the text: ErrNotConfirmed must not match another kind.
	unknown := s.core.engine.Conclude(&operations[opAirlineResult], rutravel.ErrNotConfirmed,
		&PurchasePendingError{Purchase: id, Err: errors.New(err.Error())})
	if e, ok := errors.AsType[*rutravel.Error](unknown); ok {
		e.LookUp = operations[opAirlineBook].LookUp
	}
	return unknown
}

func (s Airlines) lookForPurchase(ctx context.Context, in rutravel.Intent[PurchaseRequest, Purchase]) (r rutravel.Resolution[Purchase], err error) {
	// A PurchaseID that came with an error of Buy may belong to another call.
	doubtful := in.Err != nil && in.Err.Op == operations[opAirlineBook].Key
	bought := in.Value
	if bought.ID != "" {
		bought.Trip, err = s.look(ctx, bought.ID, nil)
		e, _ := errors.AsType[*rutravel.Error](err)
		_, failed := errors.AsType[*PurchaseFailedError](err)
		switch {
		case err == nil && bought.Trip == "":
			return rutravel.Resolution[Purchase]{Outcome: rutravel.OutcomeOpen, Pending: true, Reason: "The purchase is pending."}, nil
		case err == nil && !doubtful:
			return rutravel.Resolution[Purchase]{Outcome: rutravel.OutcomeDone, Value: bought, Reason: "The purchase is done."}, nil
		case failed && !doubtful:
			return rutravel.Resolution[Purchase]{Outcome: rutravel.OutcomeNotDone, Kind: e.Kind, Reason: "The purchase has failed."}, nil
		case err != nil && !failed && !isUnknown(e, doubtful):
			return r, err
		}
	}
	trips, err := s.lostTrips(ctx, in.Request.Passengers, in.Sent)
	if err != nil {
		return r, err
	}
	var all []Purchase
	for _, t := range trips {
		if t.ID == bought.Trip {
			all = slices.Insert(all, 0, bought)
		} else {
			all = append(all, Purchase{Trip: t.ID})
		}
	}
	r = rutravel.CandidatesOf(all, Purchase.operationID)
	if bought.Trip != "" && r.Outcome == rutravel.OutcomeOpen {
		r.Pending, r.Reason = true, "The purchase is done, but its trip is not listed for these passengers."
	}
	return r, nil
}

// isUnknown reports whether the supplier does not know a purchase. If the PurchaseID is
// doubtful, any refusal of it counts.
func isUnknown(e *rutravel.Error, doubtful bool) bool {
	switch e.Kind {
	case rutravel.ErrNotFound:
		return true
	case rutravel.ErrInvalid, rutravel.ErrRejected:
		return doubtful
	default:
		return false
	}
}

// lostTrips returns the trips that a call may have bought, the best match first.
func (s Airlines) lostTrips(ctx context.Context, passengers []Passenger, sent time.Time) ([]Trip, error) {
	sent = wire.InMoscow(sent)
	trips, err := Trips(s).Lost(ctx, LostQuery{Passengers: passengers, Day: civil.DateOf(sent)})
	if err != nil {
		return nil, err
	}
	const (
		zones = 3 * time.Hour // the zone may be Moscow's or UTC
		skew  = 15 * time.Minute
	)
	after := func(i TripItem) time.Duration { // the call
		return i.Booked.In(sent.Location()).Sub(sent)
	}
	trips = slices.DeleteFunc(trips, func(t Trip) bool {
		return !t.mayCarry(passengers, func(i TripItem) bool { return i.Booked.IsZero() || after(i) >= -zones-skew })
	})
	distance := func(t Trip) time.Duration {
		nearest := time.Duration(math.MaxInt64)
		for _, i := range t.Items {
			if !i.Booked.IsZero() {
				nearest = min(nearest, after(i).Abs())
			}
		}
		return nearest
	}
	slices.SortStableFunc(trips, func(a, b Trip) int {
		return cmp.Or(cmp.Compare(a.missing(passengers), b.missing(passengers)), cmp.Compare(distance(a), distance(b)))
	})
	return trips, nil
}

// missing returns the number of passengers that a trip does not carry.
func (t Trip) missing(passengers []Passenger) (n int) {
	for _, p := range passengers {
		if !t.mayCarry([]Passenger{p}, func(TripItem) bool { return true }) {
			n++
		}
	}
	return n
}

// SaveOperation is [Employees.Save] of one change without an ID, with its recovery. A
// change with an ID can be retried, so Send refuses it with [rutravel.ErrInvalid].
//
// Look uses [Employees.Lost]. The candidates are the employees with that name and
// birthday. Those with more values of the change come first. An employee who existed
// before the call can be a candidate, so compare candidates with the change. If there is
// no candidate after [SaveEmployeePatience], the employee was presumably not created.
//
// The ID of the result is Smartway's, unless Save itself returned the caller's.
func (s Employees) SaveOperation() rutravel.Operation[EmployeeChange, SaveResult] {
	return rutravel.Operation[EmployeeChange, SaveResult]{
		Name: "smartway.save_employee",
		Send: func(ctx context.Context, c EmployeeChange) (SaveResult, error) {
			if c.ID != "" {
				return SaveResult{}, s.core.engine.Invalid(ctx, &operations[opEmployeesSave], &rutravel.FieldError{
					Field: "ID", Problem: "must be empty: a change with an ID needs no recovery and can be retried",
				})
			}
			results, err := s.Save(ctx, []EmployeeChange{c})
			if len(results) != 1 {
				return SaveResult{}, err
			}
			return results[0], err
		},
		Timeout:       operations[opEmployeesSaveNullID].CallTimeout(),
		Look:          s.lookForEmployee,
		Patience:      SaveEmployeePatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "No employee of that name and birthday was found.",
		ID:            SaveResult.operationID,
		Group:         func(EmployeeChange) string { return "smartway/employees" },
	}
}

// operationID returns the id of the employee in [rutravel.Operation].
func (s SaveResult) operationID() string {
	if s.ID == "" {
		return ""
	}
	return "smartway/employee/" + s.ID
}

func (s Employees) lookForEmployee(ctx context.Context, in rutravel.Intent[EmployeeChange, SaveResult]) (r rutravel.Resolution[SaveResult], err error) {
	change := in.Request
	if change.ID != "" {
		return rutravel.Resolution[SaveResult]{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrInvalid, Reason: "The change was not sent."}, nil
	}
	all, err := s.Lost(ctx, change)
	if err != nil {
		return r, err
	}
	differences := func(e Employee) (n int) {
		for _, equal := range []bool{
			string(e.ID) == in.Value.ID, e.BirthDate == change.BirthDate, e.Surname == change.Surname, e.FirstName == change.FirstName,
			e.MiddleName == change.MiddleName, e.Email == change.Email, e.Phone == change.Phone, e.Citizenship == change.Citizenship,
		} {
			if !equal {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(all, func(a, b Employee) int { return cmp.Compare(differences(a), differences(b)) })
	results := make([]SaveResult, len(all))
	for i, e := range all {
		results[i] = SaveResult{ID: string(e.ID), Saved: true}
	}
	return rutravel.CandidatesOf(results, SaveResult.operationID), nil
}

// SaveOperation is [Requests.Save] with its recovery. Give each request a different ID. If
// the answer to a request without an ID is lost, the outcome is undecidable.
//
// Look uses [Requests.Statuses]. The call is done if the supplier knows the ID. If the
// status is still [RequestNotFound] after [SaveRequestPatience], the request was presumably
// not stored.
func (s Requests) SaveOperation() rutravel.Operation[TravelRequest, RequestStatus] {
	return rutravel.Operation[TravelRequest, RequestStatus]{
		Name:    "smartway.save_request",
		Send:    func(ctx context.Context, r TravelRequest) (RequestStatus, error) { return s.Save(ctx, r) },
		Timeout: operations[opRequestSave].CallTimeout(),
		Look: func(ctx context.Context, in rutravel.Intent[TravelRequest, RequestStatus]) (r rutravel.Resolution[RequestStatus], err error) {
			id := in.Request.ID
			if id == "" {
				return rutravel.Resolution[RequestStatus]{
					Outcome: rutravel.OutcomeUndecidable,
					Reason:  "A request without an ID cannot be looked up. Check the requests in the supplier's cabinet.",
				}, nil
			}
			statuses, err := s.Statuses(ctx, []RequestID{id})
			if err != nil {
				return r, err
			}
			r = rutravel.Resolution[RequestStatus]{Outcome: rutravel.OutcomeOpen, Reason: "The status of the request is " + string(statuses[id]) + "."}
			if statuses[id] != RequestNotFound {
				r.Outcome, r.Value = rutravel.OutcomeDone, statuses[id]
			}
			return r, nil
		},
		Patience:      SaveRequestPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "The supplier does not know the request.",
		Subject: func(r TravelRequest) string {
			if r.ID == "" {
				return ""
			}
			return "smartway/request/save/" + string(r.ID)
		},
	}
}

// CancelOperation is [Requests.Cancel] with its recovery.
//
// Look uses [Requests.Statuses]. The call is done if the status is [RequestCancelled]. If
// it is another status after [CancelRequestPatience], the request was presumably not
// canceled.
func (s Requests) CancelOperation() rutravel.Operation[RequestID, struct{}] {
	return rutravel.Operation[RequestID, struct{}]{
		Name:    "smartway.cancel_request",
		Send:    func(ctx context.Context, id RequestID) (struct{}, error) { return struct{}{}, s.Cancel(ctx, id) },
		Timeout: operations[opRequestCancel].CallTimeout(),
		Look: func(ctx context.Context, in rutravel.Intent[RequestID, struct{}]) (r rutravel.Resolution[struct{}], err error) {
			statuses, err := s.Statuses(ctx, []RequestID{in.Request})
			if err != nil {
				return r, err
			}
			status := statuses[in.Request]
			r = rutravel.Resolution[struct{}]{Outcome: rutravel.OutcomeOpen, Reason: "The status of the request is " + string(status) + "."}
			if status == RequestCancelled {
				r.Outcome = rutravel.OutcomeDone
			}
			return r, nil
		},
		Patience:      CancelRequestPatience,
		Silence:       rutravel.OutcomeNotDone,
		SilenceReason: "The request is still not canceled.",
		Subject:       func(id RequestID) string { return "smartway/request/cancel/" + string(id) },
	}
}

// AddOperation is [VerificationCodes.Add] of a super code without a text. A lost call is
// undecidable, because no method lists codes: a person must check the cabinet. A code with
// a text can be retried, so Send refuses it with [rutravel.ErrInvalid].
func (s VerificationCodes) AddOperation() rutravel.Operation[VerificationCode, AddedCode] {
	return rutravel.Operation[VerificationCode, AddedCode]{
		Name: "smartway.add_verification_code",
		Send: func(ctx context.Context, c VerificationCode) (AddedCode, error) {
			if c.Code != "" {
				return AddedCode{}, s.core.engine.Invalid(ctx, &operations[opVerificationCodeAdd], &rutravel.FieldError{
					Field: "Code", Problem: "must be empty: a code with a text needs no recovery and can be retried",
				})
			}
			return s.Add(ctx, c)
		},
		Timeout:       operations[opVerificationCodeAddSuper].CallTimeout(),
		Silence:       rutravel.OutcomeUndecidable,
		SilenceReason: "Check in the supplier's cabinet whether the employees need an approval.",
	}
}
