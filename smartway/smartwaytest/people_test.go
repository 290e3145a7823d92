package smartwaytest_test

import (
	"errors"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

// Employees are created, found by id or by name, changed, emptied and archived.
func TestEmployees(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := client(t, smartwaytest.New())
	save := func(change smartway.EmployeeChange) smartway.SaveResult {
		saved, err := c.Employees.Save(ctx, []smartway.EmployeeChange{change})
		require.NoError(t, err)
		return saved[0]
	}
	get := func() smartway.Employee {
		all, err := c.Employees.List(ctx, smartway.EmployeeQuery{Employees: []smartway.ExternalID{"8754"}})
		require.NoError(t, err)
		require.Len(t, all, 1)
		return all[0]
	}
	assert.Equal(t, "8754", save(employee()).ID)
	e := get()
	assert.Equal(t, "Волина", e.Surname)
	assert.Equal(t, smartway.EmployeeWithoutLogin, e.Status)
	assert.Equal(t, smartway.ForeignPassport, e.Documents[0].Type)
	assert.Equal(t, civil.Date{Year: 2030, Month: 1, Day: 2}, e.Documents[0].Expiry)

	save(smartway.EmployeeChange{ID: "8754", Surname: "Иванова", Clear: []smartway.EmployeeField{smartway.FieldEmployeeNumber, smartway.FieldBonuses}})
	e = get()
	assert.Equal(t, "Иванова", e.Surname)
	assert.Equal(t, "Ирина", e.FirstName, "a field that is not sent stays")
	assert.Empty(t, e.Number)
	assert.Empty(t, e.Bonuses)
	assert.Len(t, e.Documents, 1)

	again := employee()
	again.ID, again.Surname, again.Email = "", "Иванова", "ivanova@example.com"
	save(again)
	assert.Equal(t, "ivanova@example.com", get().Email, "found by name")
	save(smartway.EmployeeChange{ID: "8754", Archived: new(true)})
	assert.Equal(t, smartway.EmployeeArchived, get().Status)
	everybody, err := c.Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.Len(t, everybody, 2)
	none, err := c.Employees.List(ctx, smartway.EmployeeQuery{Companies: []smartway.CompanyID{"7134"}})
	require.NoError(t, err)
	assert.Empty(t, none)

	_, err = c.Employees.Save(ctx, []smartway.EmployeeChange{employee(), {ID: "new", Surname: "Кто-то"}})
	refused, ok := errors.AsType[smartway.UnsavedError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, 1, refused[0].Change)
	assert.Contains(t, refused[0].Problem, "name")

	rights, err := c.Employees.SetRights(ctx, smartway.RightsChange{Employee: everybody[0].ID, Rights: smartway.Rights{CanLogin: new(true), ViewTrips: smartway.ScopeAll}})
	require.NoError(t, err)
	assert.Equal(t, smartway.ScopeAll, rights.ViewTrips)
	assert.Equal(t, smartway.AccessUndefined, rights.Finance)
	_, err = c.Employees.SetRights(ctx, smartway.RightsChange{Employee: "1", Rights: smartway.Rights{CanLogin: new(true)}})
	require.ErrorIs(t, err, rutravel.ErrNotFound)
	_, err = c.Employees.SetRights(ctx, smartway.RightsChange{Employee: everybody[0].ID, Rights: smartway.Rights{CanLogin: new(true), Finance: "All"}})
	require.ErrorIs(t, err, rutravel.ErrInvalid)
}
