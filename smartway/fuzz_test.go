package smartway_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// methods make a call of each method of the manual.
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

// Fuzz gives every method any answer under any status, whole and while it arrives.
func Fuzz(f *testing.F) {
	answer := new(conformance.FuzzedAnswer)
	c := client(f, answer, rutravel.WithMaxAttempts(1))
	var calls []func(t *testing.T, status int)
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		calls = append(calls, func(t *testing.T, status int) {
			smartway.Numbered(c) // the golden answers have the id 1
			value, err := methods[name](t.Context(), c)
			if conformance.Succeeded(t, status, err) {
				requirePayload(t, value)
			}
		})
	}
	calls = append(calls, func(t *testing.T, status int) {
		smartway.Numbered(c)
		_, err := c.Employees.Lost(t.Context(), smartway.EmployeeChange{
			Surname: "Волина", FirstName: "Ирина", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU", Companies: []smartway.CompanyID{"7133"},
		})
		conformance.Succeeded(t, status, err)
	}, func(t *testing.T, status int) {
		smartway.Numbered(c)
		_, err := c.Trips.Lost(t.Context(), smartway.LostQuery{Passengers: booking().Passengers, After: new(smartway.Cursor(0))})
		conformance.Succeeded(t, status, err)
	}, func(t *testing.T, status int) { fuzzHistory(t, c, status) })
	conformance.Fuzz(f, answer.Calls(conformance.Fuzzed{
		Seeds:   conformance.Seeds(f, "../testdata/smartway/*.json", "../testdata/smartway/awkward/*.json"),
		Numbers: []int{http.StatusOK}, RotatedNumbers: conformance.Failures,
	}, calls...)...)
}

// requirePayload checks that a success has what its caller goes on with.
func requirePayload(t *testing.T, value any) {
	t.Helper()
	switch v := value.(type) {
	case smartway.PurchaseID:
		require.Regexp(t, purchaseIDForm, v)
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

var purchaseIDForm = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// fuzzHistory checks that a history that arrives has the trips of the same answer
// when it is read whole. A cursor comes only with all of it.
func fuzzHistory(t *testing.T, c *smartway.Client, status int) {
	t.Helper()
	smartway.Numbered(c)
	history := c.Trips.AfterChange(t.Context(), 0)
	var streamed []smartway.Trip
	whole, unread := true, 0 // unless it breaks off
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
	smartway.Numbered(c)
	list, err := c.Trips.OfRequest(t.Context(), "rq1")
	rows, ok := errors.AsType[*rutravel.RowsError](err)
	if ok {
		require.Len(t, rows.Rows, unread)
	}
	if ok || conformance.Succeeded(t, status, err) {
		require.Equal(t, list.Trips, streamed)
	}
}
