package browsertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The scripts of other languages run next to a sandbox, each in its own run, and
// leave nothing behind.
func TestClients(t *testing.T) {
	t.Parallel()
	for script, program := range map[string]struct{ debian, name string }{
		"lost_payment.py":  {"python3", "python3"},
		"lost_payment.mjs": {"nodejs", "node"},
		"lost_payment.php": {"php-cli", "php"},
	} {
		t.Run(program.name, func(t *testing.T) {
			t.Parallel()
			path := need(t, program.debian, program.name)
			b := start(t, "-listen", "127.0.0.1:0")
			cmd := exec.Command(path, filepath.Join("..", "clients", script))
			cmd.Env = append(os.Environ(), "RUTRAVEL_SANDBOX="+b.HTTP)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, string(out))
			assert.Equal(t, "ok: paid once, found by a look-up\n", string(out))
			var runs []string
			b.api(t, "", "GET", "runs", nil, &runs)
			assert.Empty(t, runs)
		})
	}
}
