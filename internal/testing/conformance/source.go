package conformance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// docLines checks that the doc comment of each method that uses an operation ends
// in the operation's DocLine, and that a method uses each operation.
func (s Suite[C]) docLines(t *testing.T) {
	t.Parallel()
	keys := rowKeys(t)
	require.Len(t, keys, len(s.Operations))
	used := map[string]bool{}
	inspect(t, func(n ast.Node) {
		f, ok := n.(*ast.FuncDecl)
		if !ok || f.Recv == nil || !f.Name.IsExported() || !takesContext(f) {
			return
		}
		lines := strings.Split(strings.TrimSpace(f.Doc.Text()), "\n")
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if row, ok := n.(*ast.Ident); ok && isRow(row) {
				used[keys[row.Name]] = true
				assert.Equal(t, s.DocLine(keys[row.Name]), lines[len(lines)-1], f.Name.Name)
			}
			return true
		})
	})
	for _, op := range s.Operations {
		assert.True(t, used[op.Key], "no method uses %s", op.Key)
	}
}

// rowKeys returns the keys of the operations, by the constant that indexes the row.
func rowKeys(t *testing.T) map[string]string {
	t.Helper()
	keys := map[string]string{}
	inspect(t, func(n ast.Node) {
		row, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		index, ok := row.Key.(*ast.Ident)
		if !ok || !isRow(index) {
			return
		}
		ast.Inspect(row.Value, func(n ast.Node) bool {
			if kv, ok := n.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Key" {
				key, err := strconv.Unquote(kv.Value.(*ast.BasicLit).Value)
				require.NoError(t, err)
				keys[index.Name] = key
			}
			return true
		})
	})
	return keys
}

// fuzzed checks that the package's fuzz target calls every method that uses an
// operation.
func (s Suite[C]) fuzzed(t *testing.T) {
	t.Parallel()
	const target = "fuzz_test.go"
	called := map[string]bool{}
	file, err := parser.ParseFile(token.NewFileSet(), target, nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			called[sel.Sel.Name] = true
		}
		return true
	})
	inspect(t, func(n ast.Node) {
		f, ok := n.(*ast.FuncDecl)
		if !ok || f.Recv == nil || !f.Name.IsExported() || !takesContext(f) {
			return
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if row, ok := n.(*ast.Ident); ok && isRow(row) {
				assert.True(t, called[f.Name.Name], "%s does not call %s", target, f.Name.Name)
				return false
			}
			return true
		})
	})
}

// isRow reports whether a name is that of a row of the table, such as opBooking.
func isRow(name *ast.Ident) bool {
	rest, ok := strings.CutPrefix(name.Name, "op")
	return ok && ast.IsExported(rest)
}

// takesContext reports whether the first parameter is a context.
func takesContext(f *ast.FuncDecl) bool {
	if len(f.Type.Params.List) == 0 {
		return false
	}
	sel, ok := f.Type.Params.List[0].Type.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Context"
}

// queryStructs checks that structs with url tags consist of strings and ints:
// go-querystring drops decimals silently, writes dates as three parameters and
// calls the String method of named types.
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

// inspect visits the code of the tested package, without its tests.
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
