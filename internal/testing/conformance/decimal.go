package conformance

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// switchesEnv is set in the environment of the process that runs with decimal's
// switches changed.
const switchesEnv = "RUTRAVEL_DECIMAL_SWITCHES"

// Main is a supplier's TestMain. In the process that [Suite.Run] starts for it,
// Main changes decimal's process-wide switches.
func Main(m *testing.M) {
	if os.Getenv(switchesEnv) != "" {
		decimal.DivisionPrecision = 1
		decimal.MarshalJSONWithoutQuotes = true
		decimal.TrimTrailingZeros = false
		decimal.UseScientificNotation = true
		decimal.MaxDecodeExponent = 4
		decimal.PowPrecisionNegativeExponent = 1
		decimal.ExpMaxIterations = 1
	}
	os.Exit(m.Run())
}

// decimalSwitches runs the golden tests with all of decimal's process-wide
// switches changed. It does so in its own process, because changing them next to
// parallel tests is a data race.
func (s Suite[C]) decimalSwitches(t *testing.T) {
	t.Parallel()
	if os.Getenv(switchesEnv) != "" {
		t.Skip("the switches are changed in this process")
	}
	test, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$/^golden$", "-test.v")
	cmd.Env = append(os.Environ(), switchesEnv+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "--- PASS: "+test+"/golden/"+s.Calls[0].Op)
}
