package bgoperator_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The program in the package comment is the one of Example.
func TestProgramOfDoc(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	example, err := os.ReadFile("example_program_test.go")
	require.NoError(t, err)
	_, program, _ := strings.Cut(string(doc), "//\tpackage main\n")
	program, _, _ = strings.Cut(program, "//\n// The manual ")
	program = strings.ReplaceAll(strings.ReplaceAll(program, "//\t", ""), "//\n", "\n")
	_, want, _ := strings.Cut(string(example), "package bgoperator_test\n")
	want, _, _ = strings.Cut(strings.Replace(want, "func Example()", "func main()", 1), "\t// Output:")
	assert.Equal(t, want+"}\n", program)
}
