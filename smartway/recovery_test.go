package smartway_test

import (
	"context"
	"slices"
	"testing"
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

// purchase is what a backend stores before it buys.
type purchase struct {
	Booking smartway.PurchaseRequest
	Query   smartway.LostQuery
}

// SW-T20, SW-T29, SW-T41, SW-T68: with every fault an unsafe method is sent once, and
// the look-up of its doc comment finds out what happened. In the end there is one
// trip, one employee, one travel request.
func TestRecovery(t *testing.T) {
	t.Parallel()
	book := func(ctx context.Context, c *caller, p purchase) error {
		_, err := c.Airlines.Buy(ctx, p.Booking)
		return err
	}
	save := func(ctx context.Context, c *caller, r smartway.TravelRequest) error {
		_, err := c.Requests.Save(ctx, r)
		return err
	}
	conformance.RecoverySuite[*supplier, *caller]{
		Operations:       smartway.Operations,
		SearchOperations: []string{"airline.search"},
		GoldenDir:        "../testdata/smartway",
		NewFake:          smartwaytest.New,
		NewClient: func(f *supplier) (*caller, error) {
			return smartway.New(f.Config(), rutravel.WithHTTPClient(f.HTTPClient()))
		},
		Inject: func(f *supplier, fault fake.Fault) { f.Inject(smartwaytest.Fault(fault)) },
		Arrived: func(f *supplier) (all []string) {
			for _, r := range f.Requests() {
				all = append(all, r.Op)
			}
			return all
		},
		Cases: []conformance.RecoveryCase[*supplier, *caller]{
			conformance.Recovery("employees.save+null-id", "", newcomer(nil, []smartway.CompanyID{"11525"}), saveEmployee, recoverEmployee),
			conformance.Recovery("employees.save+null-id", ", of an INN", newcomer([]smartway.INN{"7799555550"}, nil), saveEmployee, recoverEmployee),
			conformance.Recovery("airline.book", ", by a cursor", func(t *testing.T, _ *supplier, c *caller) purchase {
				t.Helper()
				p := choose(t, c)
				history := c.Trips.AfterChange(t.Context(), 0)
				_, err := rutravel.Collect(history.All())
				require.NoError(t, err)
				cursor, ok := history.Cursor()
				require.True(t, ok)
				p.Query.After = &cursor
				return p
			}, book, recoverPurchase),
			conformance.Recovery("airline.book", ", by the day", func(t *testing.T, _ *supplier, c *caller) purchase {
				t.Helper()
				p := choose(t, c)
				p.Query.Day = civil.DateOf(time.Now())
				return p
			}, book, recoverPurchase),
			conformance.Recovery("request.save", "", func(*testing.T, *supplier, *caller) smartway.TravelRequest {
				return travelRequest()
			}, save, recoverRequest),
			conformance.Recovery("request.save", ", without an id", func(*testing.T, *supplier, *caller) smartway.TravelRequest {
				r := travelRequest()
				r.ID = ""
				return r
			}, save, recoverRequestWithoutID),
			conformance.Recovery("request.cancel", "", func(t *testing.T, _ *supplier, c *caller) smartway.RequestID {
				t.Helper()
				require.NoError(t, save(t.Context(), c, travelRequest()))
				return travelRequest().ID
			}, func(ctx context.Context, c *caller, id smartway.RequestID) error {
				return c.Requests.Cancel(ctx, id)
			}, recoverCancellation),
			conformance.Recovery("verification_code.add+super", "", func(*testing.T, *supplier, *caller) smartway.VerificationCode {
				return smartway.VerificationCode{Super: true, Employees: []smartway.ExternalID{"agent-1"}}
			}, addCode, recoverCode),
			conformance.Recovery("verification_code.add+super", ", for everyone", func(*testing.T, *supplier, *caller) smartway.VerificationCode {
				return smartway.VerificationCode{Super: true, Everyone: true}
			}, addCode, recoverCode),
		},
	}.Run(t)
}

func newcomer(inns []smartway.INN, companies []smartway.CompanyID) func(*testing.T, *supplier, *caller) smartway.EmployeeChange {
	return func(*testing.T, *supplier, *caller) smartway.EmployeeChange {
		return smartway.EmployeeChange{
			Surname: "Волина", FirstName: "Ирина", Sex: smartway.Female, BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4},
			Citizenship: "RU", Phone: "+79165555555", Email: "volina@example.com",
			Companies: companies, INNs: inns,
		}
	}
}

func saveEmployee(ctx context.Context, c *caller, e smartway.EmployeeChange) error {
	_, err := c.Employees.Save(ctx, []smartway.EmployeeChange{e})
	return err
}

// recoverEmployee looks for the employee of that name and birthday.
func recoverEmployee(t *testing.T, _ *supplier, c *caller, e smartway.EmployeeChange, done bool) {
	t.Helper()
	count := func() int {
		found, err := c.Employees.Lost(t.Context(), e)
		require.NoError(t, err)
		return len(found)
	}
	found := conformance.AskAgain(func() bool { return count() > 0 })
	require.Equal(t, done, found)
	if !found {
		require.NoError(t, saveEmployee(t.Context(), c, e))
	}
	assert.Equal(t, 1, count())
}

// choose makes a booking for somebody for whom the account has bought before.
func choose(t *testing.T, c *caller) purchase {
	t.Helper()
	buy(t, c, offer(t, c))
	b := offer(t, c)
	return purchase{Booking: b, Query: smartway.LostQuery{Passengers: b.Passengers}}
}

// recoverPurchase finds the trip among those of the passengers. It is not listed at
// once. A look-up by day also returns the purchase before it.
func recoverPurchase(t *testing.T, _ *supplier, c *caller, p purchase, done bool) {
	t.Helper()
	before := 0
	if p.Query.After == nil {
		before = 1
	}
	var trips []smartway.Trip
	look := func() int {
		var err error
		trips, err = c.Trips.Lost(t.Context(), p.Query)
		require.NoError(t, err)
		return len(trips) - before
	}
	found := conformance.AskAgain(func() bool { return look() > 0 })
	require.Equal(t, done, found)
	if !found {
		buy(t, c, offer(t, c)) // of a search right before
	}
	require.Equal(t, 1, look())
	i := slices.IndexFunc(trips, func(trip smartway.Trip) bool { return trip.ID == "189701" }) // the second
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, p.Booking.Passengers[0].ID, trips[i].Items[0].Travellers[0].ExternalID)
	info, err := c.Trips.Info(t.Context(), trips[i].ID)
	require.NoError(t, err)
	assert.True(t, info.Amount.Equal(trips[i].Amount))
	all, err := rutravel.Collect(c.Trips.AfterChange(t.Context(), 0).All())
	require.NoError(t, err)
	assert.Len(t, all, 2)
}

func status(t *testing.T, c *caller, id smartway.RequestID) smartway.RequestStatus {
	t.Helper()
	all, err := c.Requests.Statuses(t.Context(), []smartway.RequestID{id})
	require.NoError(t, err)
	return all[id]
}

func recoverRequest(t *testing.T, f *supplier, c *caller, r smartway.TravelRequest, done bool) {
	t.Helper()
	found := conformance.AskAgain(func() bool { return status(t, c, r.ID) != smartway.RequestNotFound })
	require.Equal(t, done, found)
	if !found {
		_, err := c.Requests.Save(t.Context(), r)
		require.NoError(t, err)
	}
	assert.Equal(t, smartway.RequestNotProcessing, status(t, c, r.ID))
	require.True(t, f.SetRequestStatus(r.ID, smartway.RequestProcessed))
	trips, err := c.Trips.OfRequest(t.Context(), r.ID)
	require.NoError(t, err)
	assert.Len(t, trips.Trips, 1)
}

// A request without an id cannot be looked up. Only the cabinet shows it.
func recoverRequestWithoutID(t *testing.T, f *supplier, c *caller, r smartway.TravelRequest, done bool) {
	t.Helper()
	_, err := c.Requests.Statuses(t.Context(), []smartway.RequestID{r.ID})
	require.ErrorIs(t, err, rutravel.ErrInvalid)
	require.ErrorIs(t, c.Requests.Cancel(t.Context(), r.ID), rutravel.ErrInvalid)
	assert.Equal(t, done, f.SetRequestStatus(r.ID, smartway.RequestProcessing))
}

func recoverCancellation(t *testing.T, _ *supplier, c *caller, id smartway.RequestID, done bool) {
	t.Helper()
	cancelled := conformance.AskAgain(func() bool { return status(t, c, id) == smartway.RequestCancelled })
	require.Equal(t, done, cancelled)
	if !cancelled {
		require.NoError(t, c.Requests.Cancel(t.Context(), id))
	}
	assert.Equal(t, smartway.RequestCancelled, status(t, c, id))
}

func addCode(ctx context.Context, c *caller, code smartway.VerificationCode) error {
	_, err := c.VerificationCodes.Add(ctx, code)
	return err
}

// No method lists codes; the cabinet, which the fake shows as Approved, says
// whether the employee needs an approval.
func recoverCode(t *testing.T, f *supplier, c *caller, code smartway.VerificationCode, done bool) {
	t.Helper()
	const id smartway.ExternalID = "agent-1"
	approved := conformance.AskAgain(func() bool { return f.Approved(id) })
	require.Equal(t, done, approved)
	if !approved {
		require.NoError(t, addCode(t.Context(), c, code))
	}
	assert.True(t, f.Approved(id))
}
