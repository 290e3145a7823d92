// Pack tests the library as a user gets it. It packs the module as the Go module
// proxy does. It copies the module of tools/consumer to a temporary directory, gets
// the packed library there, and vets, tests and builds the copy. Then it prints what
// each supplier's package adds to a program. With -w, it also writes this table into
// the consumer's README.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// packed is the version that the consumer gets. No release of the library has this
// version.
var packed = module.Version{Path: "github.com/rutravel/rutravel-go", Version: "v0.0.0-packed"}

func main() {
	write := flag.Bool("w", false, "write the table into the README of tools/consumer")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, "../..", *write, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1) //nolint:gocritic // the deferred stop only removes a signal handler
	}
}

func run(ctx context.Context, root string, write bool, out io.Writer) (err error) {
	if root, err = filepath.Abs(root); err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "consumer")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	if err = pack(ctx, root, filepath.Join(temp, "proxy")); err != nil {
		return err
	}
	w, err := newWorkshop(ctx, temp)
	if err != nil {
		return err
	}
	consumer := filepath.Join(root, "tools", "consumer")
	if err = w.build(ctx, consumer, out); err != nil {
		return err
	}
	rows, err := w.measure(ctx)
	if err != nil {
		return err
	}
	fmt.Fprint(out, "\n", table(rows))
	readme, list := filepath.Join(consumer, "README.md"), filepath.Join(consumer, "modules.txt")
	if write {
		return errors.Join(writeTable(readme, rows), os.WriteFile(list, []byte(moduleList(rows)), 0o600))
	}
	return errors.Join(checkTable(readme, rows), checkModules(list, rows))
}

// pack writes the module into a directory with the layout of a module proxy. It packs
// the files that git tracks, and new files that git does not ignore. Nested modules
// are left out.
func pack(ctx context.Context, root, proxy string) error {
	list := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir, list.Stderr = root, os.Stderr
	names, err := list.Output()
	if err != nil {
		return fmt.Errorf("list the files of the module: %w", err)
	}
	var files []zip.File
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		if _, err = os.Lstat(filepath.Join(root, name)); err == nil { // not deleted
			files = append(files, file{root, name})
		}
	}
	dir := filepath.Join(proxy, filepath.FromSlash(packed.Path), "@v")
	if err = os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	gomod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"list":                   packed.Version + "\n",
		packed.Version + ".info": fmt.Sprintf(`{"Version": %q}`, packed.Version),
		packed.Version + ".mod":  string(gomod),
	} {
		if err = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	archive, err := os.Create(filepath.Join(dir, packed.Version+".zip"))
	if err != nil {
		return err
	}
	return errors.Join(zip.Create(archive, packed, files), archive.Close())
}

// file is a file of the module. name is its slash-separated path.
type file struct{ root, name string }

func (f file) Path() string                 { return f.name }
func (f file) Lstat() (os.FileInfo, error)  { return os.Lstat(filepath.Join(f.root, f.name)) }
func (f file) Open() (io.ReadCloser, error) { return os.Open(filepath.Join(f.root, f.name)) }

// workshop builds the consumer. It starts with an empty module cache. It takes
// modules that this machine has downloaded before from the machine's module cache.
type workshop struct {
	temp, shop string
	env        []string
}

func newWorkshop(ctx context.Context, temp string) (*workshop, error) {
	settings, err := exec.CommandContext(ctx, "go", "env", "GOPROXY", "GOMODCACHE", "GOFLAGS").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	lines := strings.Split(string(settings), "\n")
	proxy, cache, flags := lines[0], lines[1], lines[2]
	return &workshop{temp: temp, shop: filepath.Join(temp, "shop"), env: append(os.Environ(),
		"GOPROXY=file://"+filepath.Join(temp, "proxy")+",file://"+filepath.Join(cache, "cache", "download")+","+proxy,
		"GOMODCACHE="+filepath.Join(temp, "modules"),
		"GONOSUMDB="+packed.Path, // the checksum database does not know this version
		"GOPRIVATE=", "GONOPROXY=none", "GOWORK=off",
		"GOFLAGS="+strings.TrimSpace(flags+" -mod=mod -modcacherw"),
	)}, nil
}

// run runs the go command in dir.
func (w *workshop) run(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir, command.Env = dir, append(slices.Clip(w.env), env...)
	var problems strings.Builder
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s%s", strings.Join(args, " "), err, out, problems.String())
	}
	return string(out), nil
}

// build copies the consumer, gets the packed library as a user does, and vets and
// tests the copy.
func (w *workshop) build(ctx context.Context, consumer string, out io.Writer) error {
	if err := os.CopyFS(w.shop, os.DirFS(consumer)); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"mod", "edit", "-dropreplace=" + packed.Path, "-droprequire=" + packed.Path},
		{"get", packed.Path},
		{"mod", "tidy"},
	} {
		if _, err := w.run(ctx, w.shop, nil, args...); err != nil {
			return err
		}
	}
	got, err := w.run(ctx, w.shop, nil, "list", "-m", "-f", "{{.Version}} {{.Dir}}", packed.Path)
	if err != nil {
		return err
	}
	if want := packed.Version + " " + filepath.Join(w.temp, "modules"); !strings.HasPrefix(got, want) {
		return fmt.Errorf("the consumer got %s instead of the packed module", got)
	}
	if _, err = w.run(ctx, w.shop, nil, "vet", "./..."); err != nil {
		return err
	}
	tests, err := w.run(ctx, w.shop, nil, "test", "./...")
	for line := range strings.Lines(tests) {
		if !strings.HasSuffix(line, "[no test files]\n") {
			fmt.Fprint(out, line)
		}
	}
	return err
}

// row is what one import adds to a program.
type row struct {
	name     string
	bytes    int64    // of a stripped binary
	packages int      // outside the standard library
	sums     int      // lines of go.sum in a module with only this import
	modules  []string // of these lines
}

// baseline is the program with which the others are compared.
const baseline = "baseline"

// measure builds the consumer's programs. Each is named after the package that it
// imports.
func (w *workshop) measure(ctx context.Context) ([]row, error) {
	programs, err := os.ReadDir(filepath.Join(w.shop, "cmd"))
	if err != nil {
		return nil, err
	}
	bin := filepath.Join(w.temp, "bin") + string(filepath.Separator)
	target := []string{"GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0"}
	if _, err = w.run(ctx, w.shop, target, "build", "-ldflags=-s -w", "-o", bin, "./cmd/..."); err != nil {
		return nil, err
	}
	var base row
	var rows []row
	for _, program := range programs {
		r, err := w.measureOne(ctx, program.Name(), target, bin)
		if err != nil {
			return nil, err
		}
		if r.name == baseline {
			base = r
		} else {
			rows = append(rows, r)
		}
	}
	for i := range rows {
		rows[i].bytes -= base.bytes
		rows[i].packages -= base.packages
		rows[i].sums -= base.sums
	}
	return rows, nil
}

func (w *workshop) measureOne(ctx context.Context, program string, target []string, bin string) (row, error) {
	r := row{name: program}
	binary, err := os.Stat(bin + program)
	if err != nil {
		return r, err
	}
	r.bytes = binary.Size()

	deps, err := w.run(ctx, w.shop, target, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./cmd/"+program)
	if err != nil {
		return r, err
	}
	// A module with only this import shows what the import adds to go.sum.
	var imports strings.Builder
	imports.WriteString("package only\n\nimport _ \"github.com/shopspring/decimal\"\n")
	for path := range strings.Lines(deps) {
		path = strings.TrimSpace(path)
		if !strings.HasPrefix(path, "example.com/") {
			r.packages++
		}
		if strings.HasPrefix(path, packed.Path+"/") && !strings.Contains(path, "/internal/") {
			fmt.Fprintf(&imports, "import _ %q\n", path)
		}
	}
	only := filepath.Join(w.temp, "only", program)
	if err = os.MkdirAll(only, 0o750); err != nil {
		return r, err
	}
	if err = os.WriteFile(filepath.Join(only, "only.go"), []byte(imports.String()), 0o600); err != nil {
		return r, err
	}
	// The versions and sums are the consumer's, so that no version is looked up again.
	for _, name := range []string{"go.mod", "go.sum"} {
		text, readErr := os.ReadFile(filepath.Join(w.shop, name))
		if readErr != nil {
			return r, readErr
		}
		if err = os.WriteFile(filepath.Join(only, name), text, 0o600); err != nil {
			return r, err
		}
	}
	if _, err = w.run(ctx, only, nil, "mod", "tidy"); err != nil {
		return r, err
	}
	sums, err := os.ReadFile(filepath.Join(only, "go.sum"))
	r.sums, r.modules = strings.Count(string(sums), "\n"), modules(string(sums))
	return r, err
}
