package smartway_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// methods has a call of each method of the manual.
var methods = map[string]func(context.Context, *smartway.Client) (any, error){
	"ping": func(ctx context.Context, c *smartway.Client) (any, error) { return nil, c.Ping(ctx) },
	"employees.save": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.Employees.Save(ctx, []smartway.EmployeeChange{{ID: "8754", Email: "a@example.com"}})
	},
	"employees.list": func(ctx context.Context, c *smartway.Client) (any, error) { return c.Employees.ListAll(ctx) },
	"employees.setRights": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.Employees.SetRights(ctx, rightsChange())
	},
	"airline.airport_autocomplete": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.Airlines.Airports(ctx, "Санкт")
	},
	"airline.search": func(ctx context.Context, c *smartway.Client) (any, error) { return c.Airlines.Search(ctx, flights()) },
	"airline.book":   func(ctx context.Context, c *smartway.Client) (any, error) { return c.Airlines.Buy(ctx, booking()) },
	"airline.result": func(ctx context.Context, c *smartway.Client) (any, error) { return c.Airlines.Result(ctx, "ebb84671") },
	"train.station_autocomplete": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.Trains.Stations(ctx, "новосиб")
	},
	"hotel.autocomplete": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.Hotels.Find(ctx, "новосиб")
	},
	"request.save": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.Requests.Save(ctx, travelRequest())
	},
	"request.cancel": func(ctx context.Context, c *smartway.Client) (any, error) { return nil, c.Requests.Cancel(ctx, "rq1") },
	"request.status": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.Requests.Statuses(ctx, []smartway.RequestID{"rq87761062_8ea0_11e9_b992_802bf9e8178c", "rq87761063_8ea0_11e9_b992_802bf9e8178c"})
	},
	"trip.info": func(ctx context.Context, c *smartway.Client) (any, error) { return c.Trips.Info(ctx, "7949") },
	"trip.versions": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.Trips.Versions(ctx, smartway.VersionQuery{})
	},
	"trip.get_by_range": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.Trips.Between(ctx, smartway.DateRange{From: civil.Date{Year: 2019, Month: 6, Day: 1}, To: civil.Date{Year: 2019, Month: 6, Day: 15}})
	},
	"trip.get_after_change": func(ctx context.Context, c *smartway.Client) (any, error) {
		return rutravel.Collect(c.Trips.AfterChange(ctx, 0).All())
	},
	"trip.get_by_request":  func(ctx context.Context, c *smartway.Client) (any, error) { return c.Trips.OfRequest(ctx, "rq1") },
	"trip.item_voucher":    func(ctx context.Context, c *smartway.Client) (any, error) { return c.Trips.ItemVoucher(ctx, "1234") },
	"trip.version_voucher": func(ctx context.Context, c *smartway.Client) (any, error) { return c.Trips.VersionVoucher(ctx, 1234) },
	"packages.get": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.ClosingDocuments.List(ctx, smartway.ClosingQuery{INN: "7799555550"})
	},
	"travel_policy.list": func(ctx context.Context, c *smartway.Client) (any, error) { return c.TravelPolicies.List(ctx) },
	"travel_policy.apply": func(ctx context.Context, c *smartway.Client) (any, error) {
		return nil, c.TravelPolicies.Apply(ctx, smartway.PolicyAssignment{Employee: "159", Policy: "5d4c"})
	},
	"auth.guid": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.Logins.Issue(ctx, "user@example.org")
	},
	"verification_code.add": func(ctx context.Context, c *smartway.Client) (any, error) {
		return c.VerificationCodes.Add(ctx, smartway.VerificationCode{
			Code: "159305", Employees: []smartway.ExternalID{"e1", "e2"}, Expires: time.Date(2020, 12, 31, 15, 44, 26, 0, time.UTC),
		})
	},
}

// fuzzed returns a client whose calls are answered with body. The id of its first call is
// that of the golden answers.
func fuzzed(t testing.TB, status int, body []byte) *smartway.Client {
	t.Helper()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewBytesResponder(status, body))
	return client(t, m, rutravel.WithMaxAttempts(1))
}

// Fuzz calls each method with any answer and any status. Histories are also read while they
// arrive.
func Fuzz(f *testing.F) {
	seeds := conformance.Seeds(f, "../testdata/smartway/*.json", "../testdata/smartway/awkward/*.json")
	conformance.Fuzz(f,
		conformance.Fuzzed{Seeds: seeds, Numbers: []int{http.StatusOK}, RotatedNumbers: conformance.Failures, Check: fuzzAnswers},
		conformance.Fuzzed{Seeds: seeds, Numbers: []int{http.StatusOK}, RotatedNumbers: conformance.Failures, Check: fuzzHistory})
}

// Each answer becomes a value or a *rutravel.Error. A purchase succeeds only with its id.
func fuzzAnswers(t *testing.T, number int, body []byte) {
	status := conformance.Status(number)
	_, err := fuzzed(t, status, body).Employees.Lost(t.Context(), smartway.EmployeeChange{
		Surname: "Волина", FirstName: "Ирина", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU", Companies: []smartway.CompanyID{"7133"},
	})
	conformance.Succeeded(t, status, err)
	_, err = fuzzed(t, status, body).Trips.Lost(t.Context(), smartway.LostQuery{Passengers: booking().Passengers, After: new(smartway.Cursor(0))})
	conformance.Succeeded(t, status, err)
	for name, call := range methods {
		value, err := call(t.Context(), fuzzed(t, status, body))
		if !conformance.Succeeded(t, status, err) {
			continue
		}
		switch v := value.(type) {
		case smartway.PurchaseID:
			require.Regexp(t, `^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, v, name)
		case smartway.FlightOffers:
			require.NotEmpty(t, v.Search)
			for _, variant := range v.Variants {
				require.NotEmpty(t, variant.ID)
			}
		case smartway.PurchaseResult:
			require.False(t, v.Status == smartway.PurchaseDone && v.Trip == "")
		case []byte:
			require.True(t, bytes.HasPrefix(v, []byte("%PDF")))
		case smartway.TripList:
			for _, trip := range v.Trips {
				require.NotEmpty(t, trip.ID)
			}
		case smartway.Login:
			require.NotEmpty(t, v.GUID)
		}
	}
}

// A history that is read while it arrives has the same trips as a complete answer. It
// returns a cursor only at the end.
func fuzzHistory(t *testing.T, number int, body []byte) {
	status := conformance.Status(number)
	history := fuzzed(t, status, body).Trips.AfterChange(t.Context(), 0)
	var streamed []smartway.Trip
	whole, unread := true, 0 // whole: the history reached its end
	for trip, err := range history.All() {
		if conformance.Succeeded(t, status, err) {
			streamed = append(streamed, trip)
			continue
		}
		if _, ok := errors.AsType[*rutravel.RowError](err); ok {
			unread++
			continue
		}
		whole = false
	}
	if whole && unread == 0 {
		conformance.Succeeded(t, status, nil)
	}
	_, ok := history.Cursor()
	require.Equal(t, whole, ok)
	if !whole {
		return
	}
	list, err := fuzzed(t, status, body).Trips.OfRequest(t.Context(), "rq1")
	rows, ok := errors.AsType[*rutravel.RowsError](err)
	if ok {
		require.Len(t, rows.Rows, unread)
	}
	if ok || conformance.Succeeded(t, status, err) {
		require.Equal(t, list.Trips, streamed)
	}
}
