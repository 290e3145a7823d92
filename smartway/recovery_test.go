package smartway_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

type (
	supplier = smartwaytest.Server
	caller   = smartway.Client
)

// SW-T20, SW-T29, SW-T41, SW-T68: with every fault an unsafe method is sent once, and its
// Operation finds out what became of it. In the end there is one trip, one employee, one
// travel request.
func TestRecovery(t *testing.T) {
	t.Parallel()
	conformance.Resolutions[*supplier, *caller]{
		Supplier:   "smartway",
		Operations: smartway.Operations,
		GoldenDir:  "../testdata/smartway",
		NewFake:    smartwaytest.New,
		NewClient: func(f *supplier, c *http.Client) (*caller, error) {
			return smartway.New(f.Config(), rutravel.WithHTTPClient(c))
		},
		Inject: func(f *supplier, fault fake.Fault) { f.Inject(smartwaytest.Fault(fault)) },
		Arrived: func(f *supplier) (all []string) {
			for _, r := range f.Requests() {
				all = append(all, r.Op)
			}
			return all
		},
		Cases: []conformance.ResolutionCase[*supplier, *caller]{
			saving("", newcomer(nil, []smartway.CompanyID{"11525"})),
			saving(", of an INN", newcomer([]smartway.INN{"7799555550"}, nil)),
			conformance.Resolution[*supplier, *caller, smartway.PurchaseRequest, smartway.Purchase]{
				Op: "airline.book", Operation: func(c *caller) rutravel.Operation[smartway.PurchaseRequest, smartway.Purchase] {
					return c.Airlines.BuyOperation()
				},
				Prepare: choose, Unread: unread(`"amount":[^,}]+`, `"amount":{}`), Check: checkPurchase,
				Done: conformance.WantCandidates, NotDone: conformance.WantPresumed, Begun: conformance.WantDone,
			}.Case(),
			conformance.Resolution[*supplier, *caller, smartway.TravelRequest, smartway.RequestStatus]{
				Op: "request.save", Operation: func(c *caller) rutravel.Operation[smartway.TravelRequest, smartway.RequestStatus] {
					return c.Requests.SaveOperation()
				},
				Prepare: func(*testing.T, *supplier, *caller) smartway.TravelRequest { return travelRequest() },
				Unread:  unread(`"rq1":"\w+"`, `"rq1":{}`), Check: checkRequest, Done: conformance.WantDone, NotDone: conformance.WantPresumed,
			}.Case(),
			conformance.Resolution[*supplier, *caller, smartway.TravelRequest, smartway.RequestStatus]{
				Op: "request.save", Form: ", without an id",
				Operation: func(c *caller) rutravel.Operation[smartway.TravelRequest, smartway.RequestStatus] {
					return c.Requests.SaveOperation()
				},
				Prepare: func(*testing.T, *supplier, *caller) smartway.TravelRequest {
					r := travelRequest()
					r.ID = ""
					return r
				},
				Check: checkRequestWithoutID, Done: conformance.WantUndecidable, NotDone: conformance.WantUndecidable,
			}.Case(),
			conformance.Resolution[*supplier, *caller, smartway.RequestID, struct{}]{
				Op: "request.cancel", Operation: func(c *caller) rutravel.Operation[smartway.RequestID, struct{}] { return c.Requests.CancelOperation() },
				Prepare: func(t *testing.T, _ *supplier, c *caller) smartway.RequestID {
					t.Helper()
					_, err := c.Requests.Save(t.Context(), travelRequest())
					require.NoError(t, err)
					return travelRequest().ID
				},
				Unread: unread(`"rq1":"\w+"`, `"rq1":{}`), Check: checkCancellation, Done: conformance.WantDone, NotDone: conformance.WantPresumed,
			}.Case(),
			adding("", smartway.VerificationCode{Super: true, Employees: []smartway.ExternalID{"agent-1"}}),
			adding(", for everyone", smartway.VerificationCode{Super: true, Everyone: true}),
		},
	}.Run(t)
}

// unread makes what a pattern matches in an answer unreadable.
func unread(pattern, instead string) func(string) string {
	found := regexp.MustCompile(pattern)
	return func(answer string) string { return found.ReplaceAllString(answer, instead) }
}

func saving(form string, change smartway.EmployeeChange) conformance.ResolutionCase[*supplier, *caller] {
	return conformance.Resolution[*supplier, *caller, smartway.EmployeeChange, smartway.SaveResult]{
		Op: "employees.save+null-id", Form: form,
		Operation: func(c *caller) rutravel.Operation[smartway.EmployeeChange, smartway.SaveResult] {
			return c.Employees.SaveOperation()
		},
		Prepare: func(*testing.T, *supplier, *caller) smartway.EmployeeChange { return change },
		Unread:  unread(`"Id":\d+`, `"Id":{}`), Check: checkEmployee, Done: conformance.WantCandidates, NotDone: conformance.WantPresumed,
	}.Case()
}

func adding(form string, code smartway.VerificationCode) conformance.ResolutionCase[*supplier, *caller] {
	return conformance.Resolution[*supplier, *caller, smartway.VerificationCode, smartway.AddedCode]{
		Op: "verification_code.add+super", Form: form,
		Operation: func(c *caller) rutravel.Operation[smartway.VerificationCode, smartway.AddedCode] {
			return c.VerificationCodes.AddOperation()
		},
		Prepare: func(*testing.T, *supplier, *caller) smartway.VerificationCode { return code },
		Check:   checkCode, Done: conformance.WantUndecidable, NotDone: conformance.WantUndecidable,
	}.Case()
}

func newcomer(inns []smartway.INN, companies []smartway.CompanyID) smartway.EmployeeChange {
	return smartway.EmployeeChange{
		Surname: "Волина", FirstName: "Ирина", Sex: smartway.Female, BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4},
		Citizenship: "RU", Phone: "+79165555555", Email: "volina@example.com",
		Companies: companies, INNs: inns,
	}
}

// There is one employee of that name and birthday in the end.
func checkEmployee(t *testing.T, _ *supplier, c *caller, e smartway.EmployeeChange, r smartway.SaveResult, done bool) {
	t.Helper()
	if !done {
		all, err := c.Employees.Save(t.Context(), []smartway.EmployeeChange{e})
		require.NoError(t, err)
		r = all[0]
	}
	assert.True(t, r.Saved)
	found, err := c.Employees.Lost(t.Context(), e)
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, string(found[0].ID), r.ID)
}

// choose makes a booking for somebody for whom the account has bought some hours
// before.
func choose(t *testing.T, _ *supplier, c *caller) smartway.PurchaseRequest {
	t.Helper()
	buy(t, c, offer(t, c))
	time.Sleep(4 * time.Hour)
	return offer(t, c)
}

// The result is the second trip of the passenger, not the one of before.
func checkPurchase(t *testing.T, _ *supplier, c *caller, b smartway.PurchaseRequest, p smartway.Purchase, done bool) {
	t.Helper()
	if !done {
		p.Trip = buy(t, c, offer(t, c)) // of a search right before
		time.Sleep(time.Minute)         // until it is listed
	}
	all, err := rutravel.Collect(c.Trips.AfterChange(t.Context(), 0).All())
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, p.Trip, all[1].ID)
	assert.Equal(t, b.Passengers[0].ID, all[1].Items[0].Travellers[0].ExternalID)
	info, err := c.Trips.Info(t.Context(), p.Trip)
	require.NoError(t, err)
	assert.True(t, info.Amount.Equal(all[1].Amount))
}

func status(t *testing.T, c *caller, id smartway.RequestID) smartway.RequestStatus {
	t.Helper()
	all, err := c.Requests.Statuses(t.Context(), []smartway.RequestID{id})
	require.NoError(t, err)
	return all[id]
}

func checkRequest(t *testing.T, f *supplier, c *caller, r smartway.TravelRequest, s smartway.RequestStatus, done bool) {
	t.Helper()
	if !done {
		require.Equal(t, smartway.RequestNotFound, status(t, c, r.ID))
		var err error
		s, err = c.Requests.Save(t.Context(), r)
		require.NoError(t, err)
	}
	assert.Equal(t, smartway.RequestNotProcessing, s)
	require.True(t, f.SetRequestStatus(r.ID, smartway.RequestProcessed))
	trips, err := c.Trips.OfRequest(t.Context(), r.ID)
	require.NoError(t, err)
	assert.Len(t, trips.Trips, 1)
}

// A request without an id cannot be looked up. Only the cabinet shows it.
func checkRequestWithoutID(t *testing.T, f *supplier, c *caller, r smartway.TravelRequest, _ smartway.RequestStatus, done bool) {
	t.Helper()
	_, err := c.Requests.Statuses(t.Context(), []smartway.RequestID{r.ID})
	require.ErrorIs(t, err, rutravel.ErrInvalid)
	require.ErrorIs(t, c.Requests.Cancel(t.Context(), r.ID), rutravel.ErrInvalid)
	time.Sleep(time.Hour) // one that is carried out late
	assert.Equal(t, done, f.SetRequestStatus(r.ID, smartway.RequestProcessing))
}

func checkCancellation(t *testing.T, _ *supplier, c *caller, id smartway.RequestID, _ struct{}, done bool) {
	t.Helper()
	if !done {
		require.NotEqual(t, smartway.RequestCancelled, status(t, c, id))
		require.NoError(t, c.Requests.Cancel(t.Context(), id))
	}
	assert.Equal(t, smartway.RequestCancelled, status(t, c, id))
}

// No method lists codes. The cabinet, which the fake shows as Approved, says whether
// the employee needs an approval.
func checkCode(t *testing.T, f *supplier, c *caller, code smartway.VerificationCode, _ smartway.AddedCode, done bool) {
	t.Helper()
	const id smartway.ExternalID = "agent-1"
	time.Sleep(time.Hour) // one that is carried out late
	require.Equal(t, done, f.Approved(id))
	if !done {
		_, err := c.VerificationCodes.Add(t.Context(), code)
		require.NoError(t, err)
	}
	assert.True(t, f.Approved(id))
}

const purchaseID = smartway.PurchaseID("123e4567-e89b-12d3-a456-426655440000")

// lost returns the intent of a call of 12:00 in Moscow whose answer was lost. Op is the
// operation of its error.
func lost[R, V any](op string, r R, v V) rutravel.Intent[R, V] {
	sent := time.Date(2019, 6, 30, 9, 0, 0, 0, time.UTC)
	return rutravel.Intent[R, V]{
		Request: r, Sent: sent, Deadline: sent.Add(2 * time.Minute), Ended: sent.Add(time.Minute), Value: v,
		Err: &rutravel.Error{Supplier: "smartway", Op: op, Kind: rutravel.ErrNotConfirmed},
	}
}

// bookedTrip is a flight of the passenger, booked at that time.
func bookedTrip(id, booked string) string {
	return `{"id":` + id + `,"amount":1,"items":[{"id":8,"amount":1,"service_type":"Air","book_date":"` + booked +
		`","travellers":[{"surname":"Илларионов","name":"Пётр"}]}]}`
}

// What is known of a purchase decides about it. An id that came with an error of Buy may
// be another call's, so its trip must be listed for the passengers. All looks are long
// after the call.
func TestResolutionOfPurchase(t *testing.T) {
	t.Parallel()
	const (
		bought  = `{"status":"done","trip_id":7,"error":null}`
		failed  = `{"status":"failed","trip_id":null,"error":"Стоимость: 5. Доступно: 1"}`
		pending = `{"status":"pending","trip_id":null,"error":null}`
		none    = `"not_found"`
	)
	seven, eight := bookedTrip("7", "2019-06-30T12:01:00"), bookedTrip("8", "2019-06-30T12:02:00")
	type resolution = rutravel.Resolution[smartway.Purchase]
	candidates := func(all ...smartway.Purchase) resolution {
		r := resolution{Outcome: rutravel.OutcomeCandidates}
		for _, p := range all {
			r.Candidates = append(r.Candidates, rutravel.Candidate[smartway.Purchase]{ID: "smartway/trip/" + string(p.Trip), Value: p})
		}
		return r
	}
	done := resolution{Outcome: rutravel.OutcomeDone, Value: smartway.Purchase{ID: purchaseID, Trip: "7"}, Reason: "The purchase is done."}
	notDone := resolution{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrFunds, Reason: "The purchase has failed."}
	presumed := resolution{
		Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrUnavailable, Presumed: true, Reason: "No trip of these passengers was found.",
	}
	stillPending := resolution{Outcome: rutravel.OutcomeUndecidable, Reason: "The purchase is pending. Check it in the supplier's cabinet."}
	notListed := resolution{
		Outcome: rutravel.OutcomeUndecidable, Reason: "The purchase is done, but its trip is not listed for these passengers. Check it in the supplier's cabinet.",
	}
	for name, test := range map[string]struct {
		op            string // of the error
		result, trips string
		want          resolution
	}{
		"done":                                 {"airline.result", bought, "", done},
		"failed":                               {"airline.result", failed, seven, notDone},
		"pending":                              {"airline.result", pending, seven, stillPending},
		"not known, listed":                    {"airline.result", none, seven, candidates(smartway.Purchase{Trip: "7"})},
		"not known, not listed":                {"airline.result", none, "", presumed},
		"doubtful, done":                       {"airline.book", bought, eight + "," + seven, candidates(smartway.Purchase{ID: purchaseID, Trip: "7"}, smartway.Purchase{Trip: "8"})},
		"doubtful, done, not listed":           {"airline.book", bought, "", notListed},
		"doubtful, done, another trip":         {"airline.book", bought, eight, candidates(smartway.Purchase{Trip: "8"})},
		"doubtful, failed, listed":             {"airline.book", failed, seven, candidates(smartway.Purchase{Trip: "7"})},
		"doubtful, failed, not listed":         {"airline.book", failed, "", presumed},
		"doubtful, pending":                    {"airline.book", pending, "", stillPending},
		"doubtful, refused as a text, listed":  {"airline.book", "", seven, candidates(smartway.Purchase{Trip: "7"})},
		"doubtful, not known, listed for none": {"airline.book", none, bookedTrip("7", "2019-06-30T08:00:00"), presumed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := replying(t, func(q request) string {
				switch {
				case q.Method != "airline.result":
					return answer(q, `{"last_version_id":9,"trips":[`+test.trips+`]}`)
				case test.result == none:
					return strings.Replace(answer(q, "null"), `"result":null`, `"error":{"code":404,"message":"Booking not found"}`, 1)
				case test.result == "":
					return strings.Replace(answer(q, "null"), `"result":null`, `"error":{"code":-32602,"message":"Invalid params"}`, 1)
				default:
					return answer(q, test.result)
				}
			})
			r, err := c.Airlines.BuyOperation().Resolve(t.Context(), lost(test.op, booking(), smartway.Purchase{ID: purchaseID}), nil)
			require.NoError(t, err)
			assert.Equal(t, test.want, r)
		})
	}
}

// A purchase that is pending is not presumed to have failed, and a result that cannot be
// read decides nothing.
func TestPurchaseStaysOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for result, fails := range map[string]bool{`{"status":"pending","trip_id":null,"error":null}`: false, `{"status":"done"}`: true} {
			o := with(t, result).Airlines.BuyOperation()
			in := lost("airline.result", booking(), smartway.Purchase{ID: purchaseID})
			in.Sent, in.Ended = time.Now(), time.Now()
			time.Sleep(2 * smartway.BuyPatience)
			r, err := o.Resolve(t.Context(), in, nil)
			assert.Equal(t, fails, err != nil, "%s: %v", result, err)
			assert.Equal(t, rutravel.OutcomeOpen, r.Outcome, result)
			assert.Equal(t, time.Now().Add(2*time.Minute), r.Again, result)
		}
	})
}

// Trips that were bought more than 3 hours and 15 minutes before the call are no
// candidates. Those with all passengers come first, then those bought nearest to the
// call. What is not known matches.
func TestCandidatesOfBuy(t *testing.T) {
	t.Parallel()
	second := passenger()
	second.ID, second.Surname, second.FirstName = "e2", "Волина", "Ирина"
	second.SurnameEng, second.FirstNameEng = "Volina", "Irina"
	both := strings.Replace(bookedTrip("1", "2019-06-30T14:00:00"), `[{"surname"`, `[{"surname":"Волина","name":"Ирина"},{"surname"`, 1)
	trips := []string{
		bookedTrip("2", "2019-06-30T08:44:00"),
		bookedTrip("3", "2019-06-30T08:46:00"),
		bookedTrip("4", "2019-06-30T12:03:00"),
		bookedTrip("5", "2019-06-30T11:58:00"),
		strings.Replace(bookedTrip("6", ""), `"book_date":""`, `"book_date":null`, 1),
		bookedTrip("7", "2019-07-01T23:00:00"),
		bookedTrip("8", "2019-06-29T13:00:00"),
		both,
	}
	b := booking()
	b.Passengers = append(b.Passengers, second)
	c, queries := asked(t, `{"last_version_id":9,"trips":[`+strings.Join(trips, ",")+`]}`)
	o := c.Airlines.BuyOperation()
	r, err := o.Resolve(t.Context(), lost("airline.book", b, smartway.Purchase{}), nil)
	require.NoError(t, err)
	var ids []smartway.TripID
	for _, one := range r.Candidates {
		ids = append(ids, one.Value.Trip)
	}
	assert.Equal(t, []smartway.TripID{"1", "5", "4", "3", "7", "6"}, ids)
	assert.Equal(t, []string{`{"start_date":"2019-06-29","end_date":"2019-07-01"}`}, *queries)

	late := lost("airline.book", b, smartway.Purchase{})
	late.Sent = time.Date(2019, 6, 30, 21, 30, 0, 0, time.UTC) // the next day in Moscow
	_, err = o.Look(t.Context(), late)
	require.NoError(t, err)
	assert.Equal(t, `{"start_date":"2019-06-30","end_date":"2019-07-02"}`, (*queries)[1])
}

// Finish returns the trip. Only a purchase that has failed is a refusal. Any other error
// leaves the outcome open, also after it was stored.
func TestFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		o := c.Airlines.BuyOperation()
		begin := func() smartway.Purchase {
			p, err := o.Send(t.Context(), offer(t, c))
			require.NoError(t, err)
			assert.Empty(t, o.ID(p))
			return p
		}
		first := begin()
		p, err := o.Finish(t.Context(), booking(), first)
		require.NoError(t, err)
		assert.Equal(t, first.ID, p.ID)
		assert.Equal(t, "smartway/trip/"+string(p.Trip), o.ID(p))

		fake.SetQuirks(smartwaytest.Quirks{Failure: "Доступ запрещен"})
		_, err = o.Finish(t.Context(), booking(), begin())
		assert.True(t, o.Refused(conformance.Failure(t, err, rutravel.ErrForbidden)))

		fake.SetQuirks(smartwaytest.Quirks{})
		second := begin()
		ctx, cancel := context.WithTimeout(t.Context(), smartwaytest.PurchaseTime/2)
		defer cancel()
		p, err = o.Finish(ctx, booking(), second)
		assert.Equal(t, second, p)
		e := conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, "Airlines.Wait or Trips.Lost", e.LookUp)
		pending, ok := errors.AsType[*smartway.PurchasePendingError](err)
		require.True(t, ok)
		assert.Equal(t, second.ID, pending.Purchase)
		in := rutravel.Intent[smartway.PurchaseRequest, smartway.Purchase]{Request: booking(), Sent: time.Now(), Ended: time.Now(), Err: e, Value: p}
		time.Sleep(time.Minute)
		r, err := o.Resolve(t.Context(), conformance.Stored(t, in), nil)
		require.NoError(t, err)
		assert.Equal(t, rutravel.OutcomeDone, r.Outcome)
	})
	for body, kind := range map[string]rutravel.Kind{
		`{"status":"done","trip_id":null}`: rutravel.ErrProtocol, `{"status":"odd`: rutravel.ErrProtocol,
	} {
		_, err := with(t, body).Airlines.BuyOperation().Finish(t.Context(), booking(), smartway.Purchase{ID: purchaseID})
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.NotErrorIs(t, err, kind, "it matches no other kind")
	}
}

// Employees who have more of what the change says come first.
func TestCandidatesOfSave(t *testing.T) {
	t.Parallel()
	e := func(id, email, phone string) string {
		return `{"Id":` + id + `,"Surname":"Волина","Name":"Ирина","Birthday":"1991-05-04T00:00:00","Code":"RU","Email":"` + email + `","MobilePhone":"` + phone +
			`","Companies":[{"CompanyId":11525}]}`
	}
	c := with(t, `[`+e("1", "other@example.com", "+7")+`,`+e("2", "volina@example.com", "+79165555555")+`,`+e("3", "volina@example.com", "+7")+`]`)
	o := c.Employees.SaveOperation()
	in := lost("employees.save+null-id", newcomer(nil, []smartway.CompanyID{"11525"}), smartway.SaveResult{})
	r, err := o.Resolve(t.Context(), in, func(_ context.Context, ids []string) ([]string, error) { return ids[:1], nil })
	require.NoError(t, err)
	require.Len(t, r.Candidates, 2)
	assert.Equal(t, "smartway/employee/3", r.Candidates[0].ID)
	assert.Equal(t, smartway.SaveResult{ID: "1", Saved: true}, r.Candidates[1].Value)
}

// Calls that can be made again are not sent by an operation. Requests without an id
// have no subject.
func TestOperationsOfDesiredStates(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, "null")
	save, add := c.Employees.SaveOperation(), c.VerificationCodes.AddOperation()
	change := newcomer(nil, []smartway.CompanyID{"11525"})
	change.ID = "e1"
	_, err := save.Send(t.Context(), change)
	conformance.Invalid(t, err, "ID")
	r, err := save.Resolve(t.Context(), lost("", change, smartway.SaveResult{}), nil)
	require.NoError(t, err)
	assert.Equal(t, rutravel.OutcomeNotDone, r.Outcome)
	_, err = add.Send(t.Context(), smartway.VerificationCode{Code: "17", Super: true, Everyone: true})
	conformance.Invalid(t, err, "Code")
	assert.Empty(t, *queries)

	request := travelRequest()
	request.ID = ""
	assert.Empty(t, c.Requests.SaveOperation().Subject(request))
	assert.Equal(t, "smartway/request/save/rq1", c.Requests.SaveOperation().Subject(travelRequest()))
	assert.Equal(t, "smartway/request/cancel/rq1", c.Requests.CancelOperation().Subject("rq1"))
}
