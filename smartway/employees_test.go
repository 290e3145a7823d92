package smartway_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T13, SW-T14, SW-T15, SW-T75: companies are sent as numbers and ids as numbers
// or texts. Both lists are always sent. Only ListAll sends two empty lists. An empty
// answer is not an error.
func TestEmployeesListSends(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, "[]")
	_, err := c.Employees.List(t.Context(), smartway.EmployeeQuery{Employees: []smartway.ExternalID{"99999", "0042", "e-1", "123456789012345678", "1234567890123456789"}})
	require.NoError(t, err)
	_, err = c.Employees.ListAll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{
		`{"companies_id":[],"employees_id":[99999,"0042","e-1",123456789012345678,"1234567890123456789"]}`, `{"companies_id":[],"employees_id":[]}`,
	}, *queries)
	_, err = c.Employees.List(t.Context(), smartway.EmployeeQuery{})
	conformance.Invalid(t, err, "Companies")
	_, err = c.Employees.List(t.Context(), smartway.EmployeeQuery{Companies: []smartway.CompanyID{"1", "x"}})
	conformance.Invalid(t, err, "Companies[1]")
	_, err = c.Employees.List(t.Context(), smartway.EmployeeQuery{Employees: []smartway.ExternalID{"1", " "}})
	conformance.Invalid(t, err, "Employees[1]")
}
