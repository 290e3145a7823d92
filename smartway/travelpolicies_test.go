package smartway_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T06, SW-T62: employee_id is a number, and its name has lower case. success or error
// decides.
func TestApplyPolicy(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, `{"success":true,"error":null}`)
	require.NoError(t, c.TravelPolicies.Apply(t.Context(), smartway.PolicyAssignment{Employee: "159304", Policy: "5d4c"}))
	assert.Equal(t, []string{`{"employee_id":159304,"travel_policy_id":"5d4c"}`}, *queries)
	for result, kind := range map[string]rutravel.Kind{
		`{"success":false}`: rutravel.ErrRejected,
		`{"success":true,"error":"Employee with id = 159304"}`: rutravel.ErrNotFound,
		`{"error":"no"}`: rutravel.ErrRejected,
		`{"error":null}`: rutravel.ErrProtocol,
		`{}`:             rutravel.ErrProtocol,
	} {
		t.Run(result, func(t *testing.T) {
			t.Parallel()
			err := with(t, result).TravelPolicies.Apply(t.Context(), smartway.PolicyAssignment{Employee: "159304", Policy: "5d4c"})
			conformance.Failure(t, err, kind)
		})
	}
	for field, assignment := range map[string]smartway.PolicyAssignment{
		"Employee": {Employee: "the boss", Policy: "5d4c"},
		"Policy":   {Employee: "159304"},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			conformance.Invalid(t, with(t, "null").TravelPolicies.Apply(t.Context(), assignment), field)
		})
	}
}
