package rutravel_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// The newest heading of CHANGELOG.md has the version of the code, and the date of
// its release or "not released yet".
func TestVersion(t *testing.T) {
	t.Parallel()
	changelog, err := os.ReadFile("CHANGELOG.md")
	require.NoError(t, err)
	newest := regexp.MustCompile(`(?m)^## .*$`).FindString(string(changelog))
	version := regexp.QuoteMeta(rutravel.Version)
	assert.Regexp(t, `^## `+version+`, (not released yet|\d{4}-\d{2}-\d{2})$`, newest)
	assert.Regexp(t, `^\d+\.\d+\.\d+(-[0-9a-z.]+)?$`, rutravel.Version)
}
