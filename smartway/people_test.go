package smartway_test

import (
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T08, SW-T09, SW-T10, SW-T16, SW-T17, SW-T22: every spelling becomes one value.
// Unknown words are kept.
func TestSpelling(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	got, err := awkwardly(t, "employees.list-spelling").Employees.ListAll(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, got)
	for _, e := range got {
		assert.Contains(t, []smartway.Sex{smartway.Male, smartway.Female}, e.Sex, e.ID)
		for _, d := range e.Documents {
			assert.Contains(t, []smartway.DocumentType{smartway.DomesticPassport, smartway.ForeignPassport}, d.Type, e.ID)
		}
		for _, b := range e.Bonuses {
			assert.Contains(t, []smartway.BonusType{smartway.AirBonus, smartway.TrainBonus}, b.Type, e.ID)
		}
	}
	got, err = awkwardly(t, "employees.list-unknown").Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.NotContains(t, []smartway.Sex{smartway.Male, smartway.Female, ""}, got[0].Sex)
	got, err = awkwardly(t, "employees.list-strings").Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.Equal(t, smartway.EmployeeID("159311"), got[0].ID)
	assert.Equal(t, smartway.ExternalID("99999"), got[0].ExternalID)
	assert.Equal(t, smartway.EmployeeID("159311"), got[0].Bonuses[0].Employee)
	got, err = awkwardly(t, "employees.list-birthday-zone").Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.Equal(t, civil.Date{Year: 1990, Month: 4, Day: 15}, got[0].BirthDate)
	assert.Equal(t, civil.Date{Year: 1960, Month: 1, Day: 1}, got[1].BirthDate)
	assert.Zero(t, got[2].BirthDate)
	got, err = with(t, `[{"Id":1,"Sex":" WOMAN ","Documents":[{"Type":" Domestic_Passport "}],"Bonuses":[{"Type":" Air "}]}]`).Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.Equal(t, smartway.Female, got[0].Sex)
	assert.Equal(t, smartway.DomesticPassport, got[0].Documents[0].Type)
	assert.Equal(t, smartway.AirBonus, got[0].Bonuses[0].Type)
	// SW-T82: the case of names matters.
	got, err = with(t, `[{"Id":1,"id":2,"Name":"A","name":"B","NAME":"C"}]`).Employees.ListAll(ctx)
	require.NoError(t, err)
	assert.Equal(t, "A", got[0].FirstName)
	assert.Equal(t, smartway.EmployeeID("1"), got[0].ID)
}
