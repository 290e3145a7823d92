package rutravel_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Dependabot updates every module of the repository.
func TestDependabotModules(t *testing.T) {
	t.Parallel()
	var modules []string
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "bin" || entry.Name() == ".git"):
			return fs.SkipDir
		case entry.Name() == "go.mod":
			modules = append(modules, path.Join("/", path.Dir(name)))
		}
		return nil
	})
	require.NoError(t, err)
	config, err := os.ReadFile(".github/dependabot.yml")
	require.NoError(t, err)
	var listed []string
	for _, match := range regexp.MustCompile(`(?m)^      - (/.*)$`).FindAllStringSubmatch(string(config), -1) {
		listed = append(listed, match[1])
	}
	assert.ElementsMatch(t, modules, listed)
}
