package smartwaytest_test

import (
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// A travel request that is processed becomes a trip.
func TestRequests(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	fake := smartwaytest.New()
	c := client(t, fake)
	person := smartway.Traveller{
		ID: "e9", Surname: "Волина", FirstName: "Ирина", SurnameEng: "Volina", FirstNameEng: "Irina", Sex: smartway.Female,
		BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU", Phone: "+79165555555", Email: "volina@example.com",
		Documents: []smartway.Document{{Type: smartway.DomesticPassport, Number: "1234111134"}}, INNs: []smartway.INN{"7799555550"},
	}
	status, err := c.Requests.Save(ctx, smartway.TravelRequest{ID: "rq1", Travellers: []smartway.Traveller{person}, Creator: person})
	require.NoError(t, err)
	assert.Equal(t, smartway.RequestNotProcessing, status)
	added, err := c.Employees.List(ctx, smartway.EmployeeQuery{Employees: []smartway.ExternalID{"e9"}})
	require.NoError(t, err)
	assert.Len(t, added, 1, "unknown travellers are added")

	require.True(t, fake.SetRequestStatus("rq1", smartway.RequestProcessed))
	assert.False(t, fake.SetRequestStatus("rq2", smartway.RequestProcessed))
	list, err := c.Trips.OfRequest(ctx, "rq1")
	require.NoError(t, err)
	require.Len(t, list.Trips, 1)
	assert.Equal(t, smartway.RequestID("rq1"), list.Trips[0].Items[0].Request)
	assert.NotNil(t, list.Trips[0].Items[0].Details.Train)
	require.NoError(t, c.Requests.Cancel(ctx, "rq1"))
	require.ErrorIs(t, c.Requests.Cancel(ctx, "rq2"), rutravel.ErrNotFound)
	statuses, err := c.Requests.Statuses(ctx, []smartway.RequestID{"rq1", "rq2"})
	require.NoError(t, err)
	assert.Equal(t, map[smartway.RequestID]smartway.RequestStatus{"rq1": smartway.RequestCancelled, "rq2": smartway.RequestNotFound}, statuses)
}

func TestDirectories(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := client(t, smartwaytest.New())
	airports, err := c.Airlines.Airports(ctx, "санкт")
	require.NoError(t, err)
	assert.Len(t, airports, 1)
	stations, err := c.Trains.Stations(ctx, "Новосиб")
	require.NoError(t, err)
	assert.Len(t, stations, 3)
	hotels, err := c.Hotels.Find(ctx, "novosib")
	require.NoError(t, err)
	assert.Len(t, hotels, 2)
	policies, err := c.TravelPolicies.List(ctx)
	require.NoError(t, err)
	require.NoError(t, c.TravelPolicies.Apply(ctx, smartway.PolicyAssignment{Employee: "159304", Policy: policies[0].ID}))
	require.ErrorIs(t, c.TravelPolicies.Apply(ctx, smartway.PolicyAssignment{Employee: "159", Policy: policies[0].ID}), rutravel.ErrNotFound)
	login, err := c.Logins.Issue(ctx, smartwaytest.Username)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(login.URL), smartway.TestLogin+"?guid="))
	_, err = c.Logins.Issue(ctx, "nobody@example.com")
	require.ErrorIs(t, err, rutravel.ErrNotFound)
	end := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	code, err := c.VerificationCodes.Add(ctx, smartway.VerificationCode{Code: "7", Employees: []smartway.ExternalID{"agent-1"}, Expires: end})
	require.NoError(t, err)
	assert.Equal(t, smartway.AddedCode{Code: "7", Expires: end}, code)
	_, err = c.VerificationCodes.Add(ctx, smartway.VerificationCode{Super: true, Employees: []smartway.ExternalID{"nobody"}})
	require.ErrorIs(t, err, rutravel.ErrNotFound)
}
