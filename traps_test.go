package rutravel_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	trapID      = regexp.MustCompile(`\b[A-Z][A-Z]-T[0-9]+\b`)
	trapHeading = regexp.MustCompile(`^## ([A-Z][A-Z]-T[0-9]+) `)
	testName    = regexp.MustCompile("`([^`]*)`")
	testFunc    = regexp.MustCompile(`(?m)^func (\w+)\(`)
)

// Each trap of a manual that a test names is explained in the supplier's
// TRAPS.md. Each trap there names its tests, or says why it has none.
func TestTraps(t *testing.T) {
	t.Parallel()
	named, functions := scanTests(t)
	files, err := filepath.Glob("testdata/*/TRAPS.md")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	explained := map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for heading, section := range sections(string(text)) {
			match := trapHeading.FindStringSubmatch(heading)
			if match == nil {
				continue
			}
			id := match[1]
			assert.False(t, explained[id], "%s: %s is explained twice", name, id)
			explained[id] = true
			tests, reason := trapTests(section)
			assert.True(t, len(tests) > 0 || reason != "", "%s: %s names no test, and no reason why it has none", name, id)
			for _, test := range tests {
				function, _, _ := strings.Cut(test, "/")
				assert.True(t, functions[function], "%s: %s names %s, which does not exist", name, id, test)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		assert.True(t, explained[id], "%s names %s, which no TRAPS.md explains", named[id], id)
	}
}

// scanTests reads all test files of the repository. It returns a file that names
// each trap, by the id of the trap, and the names of all functions.
func scanTests(t *testing.T) (named map[string]string, functions map[string]bool) {
	t.Helper()
	named, functions = map[string]string{}, map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), ".") || entry.Name() == "bin" {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, id := range trapID.FindAllString(string(text), -1) {
			named[id] = path
		}
		for _, match := range testFunc.FindAllStringSubmatch(string(text), -1) {
			functions[match[1]] = true
		}
		return nil
	}))
	return named, functions
}

// sections yields the headings of a Markdown text and what follows each.
func sections(text string) func(yield func(heading, section string) bool) {
	return func(yield func(heading, section string) bool) {
		for section := range strings.SplitSeq("\n"+text, "\n## ") {
			heading, rest, _ := strings.Cut(section, "\n")
			if !yield("## "+heading, rest) {
				return
			}
		}
	}
}

// trapTests returns the tests that a section names, and the reason why it names
// none. Either may cover several lines.
func trapTests(section string) (tests []string, reason string) {
	for paragraph := range strings.SplitSeq(section, "\n\n") {
		paragraph = strings.TrimSpace(paragraph)
		if list, ok := strings.CutPrefix(paragraph, "Tests: "); ok {
			for _, match := range testName.FindAllStringSubmatch(list, -1) {
				tests = append(tests, match[1])
			}
		}
		if text, ok := strings.CutPrefix(paragraph, "Not tested: "); ok {
			reason = text
		}
	}
	return tests, reason
}
