package shop_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const library = "github.com/rutravel/rutravel-go"

// A program that imports one package compiles, beside the standard library and
// this library's root and internals, exactly these: no other supplier, nothing of
// tests and tools.
var compiled = map[string][]string{
	"bgoperator":   foundation,
	"multitour":    foundation,
	"regionbilet":  foundation,
	"smartway":     foundation,
	"ticketscloud": foundation,
	// A package that needs more has a list of its own here.
}

// foundation is what the engine itself needs.
var foundation = []string{
	"cloud.google.com/go/civil",
	"github.com/go-faster/errors", // by jx
	"github.com/go-faster/jx",
	"github.com/google/go-querystring/query",
	"github.com/segmentio/asm", // by jx
	"github.com/shopspring/decimal",
	"golang.org/x/sys/cpu", // by asm
}

func TestImports(t *testing.T) {
	t.Parallel()
	for name, want := range compiled {
		for _, path := range []string{name, name + "/" + name + "test"} {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				list := exec.CommandContext(t.Context(), "go", "list", "-deps",
					"-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", library+"/"+path)
				var complaint strings.Builder
				list.Stderr = &complaint
				out, err := list.Output()
				if err != nil {
					t.Fatalf("%v: %s", err, complaint.String())
				}
				var got []string
				for p := range strings.Lines(string(out)) {
					p = strings.TrimSpace(p)
					if within(p, library+"/internal") || slices.Contains([]string{library, library + "/" + name, library + "/" + path}, p) {
						continue
					}
					i := slices.IndexFunc(want, func(allowed string) bool { return within(p, allowed) })
					if i < 0 {
						t.Errorf("compiles %s", p)
						continue
					}
					got = append(got, want[i])
				}
				slices.Sort(got)
				if got = slices.Compact(got); !slices.Equal(got, want) {
					t.Errorf("compiles %q only; the list has %q", got, want)
				}
			})
		}
	}
}

// within reports whether a package is another one or lies below it.
func within(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}
