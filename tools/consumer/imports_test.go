package shop_test

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const library = "github.com/rutravel/rutravel-go"

// A program that imports one package compiles, beside the standard library and
// this library's root and internals, exactly these: no other supplier, nothing of
// tests and tools.
var compiled = map[string][]string{
	"bgoperator":            foundation,
	"multitour":             foundation,
	"regionbilet":           foundation,
	"smartway":              foundation,
	"ticketscloud":          foundation,
	"ticketscloud/tcsimple": slices.Sorted(slices.Values(slices.Concat(foundation, catalogue))),
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

// catalogue is what gRPC needs.
var catalogue = []string{
	"connectrpc.com/connect",
	"google.golang.org/protobuf/encoding/protojson", // by connect
	"google.golang.org/protobuf/encoding/prototext", // by protobuf
	"google.golang.org/protobuf/encoding/protowire",
	"google.golang.org/protobuf/internal",
	"google.golang.org/protobuf/proto",
	"google.golang.org/protobuf/reflect/protoreflect",
	"google.golang.org/protobuf/reflect/protoregistry",
	"google.golang.org/protobuf/runtime/protoiface",
	"google.golang.org/protobuf/runtime/protoimpl",
	"google.golang.org/protobuf/types/known/anypb",
	"google.golang.org/protobuf/types/known/durationpb",
	"google.golang.org/protobuf/types/known/timestamppb",
}

func TestImports(t *testing.T) {
	t.Parallel()
	for name, want := range compiled {
		// The catalogue is made of what is sold, and its fake of that one's.
		own, fakes := []string{library}, []string{library + "/sandbox/record"}
		for dir := name; dir != "."; dir = path.Dir(dir) {
			own = append(own, library+"/"+dir)
			fakes = append(fakes, library+"/"+dir+"/"+path.Base(dir)+"test")
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compiles(t, library+"/"+name, own, want)
		})
		t.Run(name+"'s fake", func(t *testing.T) {
			t.Parallel()
			compiles(t, fakes[1], slices.Concat(own, fakes), want)
		})
	}
}

// compiles fails unless a package compiles, beside the library's own packages and
// internals, exactly what is wanted.
func compiles(t *testing.T, name string, own, want []string) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", name)
	var complaint strings.Builder
	list.Stderr = &complaint
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	var got []string
	for p := range strings.Lines(string(out)) {
		p = strings.TrimSpace(p)
		if slices.Contains(own, p) || slices.ContainsFunc(own, func(o string) bool { return within(p, o+"/internal") }) {
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
}

// within reports whether a package is another one or lies below it.
func within(name, parent string) bool {
	return name == parent || strings.HasPrefix(name, parent+"/")
}
