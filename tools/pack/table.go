package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// The README has the table between these lines.
const (
	begin = "<!-- table: make consumer -->\n"
	end   = "<!-- end of table -->\n"
)

const format = "| `%s` | %d | %d | %d |\n"

// table writes rows as Markdown.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| import | kB of a stripped linux/amd64 binary | packages | lines of go.sum |\n|---|--:|--:|--:|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, format, r.name, r.bytes/1000, r.packages, r.sums)
	}
	return b.String()
}

// split cuts a README into the text before its table, the table and the text after it.
func split(readme string) (before, rows, after string, err error) {
	before, rest, found := strings.Cut(readme, begin)
	rows, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", "", "", errors.New("the README has no place for the table")
	}
	return before + begin, rows, end + after, nil
}

func writeTable(name string, rows []row) error {
	readme, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, _, after, err := split(string(readme))
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(before+table(rows)+after), 0o600)
}

// checkTable compares the README's table with the measured rows. Figures that differ
// by less than a tenth count as equal, so that a small change of the code does not
// make the table wrong.
func checkTable(name string, rows []row) error {
	readme, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	_, written, _, err := split(string(readme))
	if err != nil {
		return err
	}
	for _, r := range rows {
		var was row
		for line := range strings.Lines(written) {
			if strings.HasPrefix(line, "| `"+r.name+"` ") {
				line = strings.ReplaceAll(line, "`", "")
				if _, err = fmt.Sscanf(line, strings.ReplaceAll(format, "`", ""), &was.name, &was.bytes, &was.packages, &was.sums); err != nil {
					return fmt.Errorf("README: %q is not a row of the table: %w", line, err)
				}
			}
		}
		if !near(was.bytes, r.bytes/1000) || !near(int64(was.packages), int64(r.packages)) || !near(int64(was.sums), int64(r.sums)) {
			return fmt.Errorf("the README's table is out of date at %s; write it again with: make consumer WRITE=-w", r.name)
		}
	}
	if n := strings.Count(written, "| `"); n != len(rows) {
		return fmt.Errorf("the README's table has %d rows instead of %d; write it again with: make consumer WRITE=-w", n, len(rows))
	}
	return nil
}

// near reports whether two figures differ by less than a tenth of the larger one.
func near(was, is int64) bool { return 10*max(was-is, is-was) < max(was, is) || was == is }
