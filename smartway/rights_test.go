package smartway_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T62, SW-T63, SW-T64, SW-T85: CanLogin must be set. Unset rights are not sent.
func TestSetRights(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, `{"Rights":{"CanLogin":"True","Finance":"Someday"}}`)
	_, err := c.Employees.SetRights(t.Context(), smartway.RightsChange{Employee: "159305"})
	conformance.Invalid(t, err, "Rights.CanLogin")
	change := rightsChange()
	change.Employee = "the boss"
	_, err = c.Employees.SetRights(t.Context(), change)
	conformance.Invalid(t, err, "Employee")
	change = rightsChange()
	change.Rights.Notifications = "a\n"
	_, err = c.Employees.SetRights(t.Context(), change)
	conformance.Invalid(t, err, "Rights.Notifications")
	got, err := c.Employees.SetRights(t.Context(), rightsChange())
	require.NoError(t, err)
	assert.Equal(t, []string{`{"employeeId":159305,"rights":{"CanLogin":true}}`}, *queries)
	assert.Equal(t, smartway.Rights{CanLogin: new(true), Finance: "Someday"}, got)
}
