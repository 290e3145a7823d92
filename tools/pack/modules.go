package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// modules returns the paths of the modules in a go.sum, without this library.
func modules(sums string) []string {
	var paths []string
	for line := range strings.Lines(sums) {
		if path, _, ok := strings.Cut(line, " "); ok && path != packed.Path {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// moduleList writes the modules that each import adds to go.sum.
func moduleList(rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%s:\n", r.name)
		for _, path := range r.modules {
			fmt.Fprintf(&b, "\t%s\n", path)
		}
	}
	return b.String()
}

// checkModules compares a list with what was measured. An import that needs another
// module is a decision, and never an accident.
func checkModules(name string, rows []row) error {
	list, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if want, got := string(list), moduleList(rows); got != want {
		return fmt.Errorf("%s is out of date; an import needs other modules now:\n%s", name, got)
	}
	return nil
}
