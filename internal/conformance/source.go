package conformance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// docLines checks that the last line of every calling method's doc comment
// names an operation of the table, and that each operation is named.
func (s Suite[C]) docLines(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, op := range s.Operations {
		want = append(want, s.DocLine(op.Key))
	}
	inspect(t, func(n ast.Node) {
		if f, ok := n.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.IsExported() && takesContext(f) {
			lines := strings.Split(strings.TrimSpace(f.Doc.Text()), "\n")
			got = append(got, lines[len(lines)-1])
		}
	})
	slices.Sort(want)
	slices.Sort(got)
	assert.Equal(t, slices.Compact(want), slices.Compact(got))
}

func takesContext(f *ast.FuncDecl) bool {
	if len(f.Type.Params.List) == 0 {
		return false
	}
	sel, ok := f.Type.Params.List[0].Type.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Context"
}

// queryStructs checks that structs with url tags consist of strings and ints:
// go-querystring drops decimals without a word, spreads dates over three
// parameters and calls the String method of named types.
func (s Suite[C]) queryStructs(t *testing.T) {
	t.Parallel()
	inspect(t, func(n ast.Node) {
		structure, ok := n.(*ast.StructType)
		if !ok {
			return
		}
		for _, f := range structure.Fields.List {
			if f.Tag == nil || !strings.Contains(f.Tag.Value, `url:"`) {
				continue
			}
			ident, ok := f.Type.(*ast.Ident)
			assert.True(t, ok && (ident.Name == "string" || ident.Name == "int"), "%v %s", f.Names, f.Tag.Value)
		}
	})
}

// inspect visits the code of the package that is tested, without its tests.
func inspect(t *testing.T, visit func(ast.Node)) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			visit(n)
			return true
		})
	}
}
