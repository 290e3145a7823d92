package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// List is a call that returns a list. The tests break the values of one row at a
// time and check that everything else arrives.
type List[C any] struct {
	// Call is the call. Its golden answer has at least one row. A method that
	// returns an iterator is called through [Collected].
	Call Call[C]
	// Further lists the answers to the second and later requests of the call.
	Further []string
	// Rows is the path of the rows in the answer: "result[]". A * stands for any
	// name.
	Rows string
	// ID is the path of the supplier's id in a row. It is "*" if the id is the name of
	// the row, and "" if a row has none.
	ID string
	// Offered reports that the call is a search or a directory: a row that cannot be
	// read is left out with a warning. The other lists are lists of what exists:
	// the error names the row.
	Offered bool
	// Essential lists the paths in a row of the values without which the row
	// cannot be read. A value whose path ends in "?" may be null, empty or absent.
	// A value whose path ends in "~", with "?~" for both, is a text in which bytes
	// may have been replaced. All other values are minor.
	Essential []string
	// Field is the field of the result that has the rows. It is "" if the result
	// is the list.
	Field string
	// Around lists beginnings of paths outside the rows. If a value there is broken,
	// the list still has all rows.
	Around []string
	// Joined reports that one row of the answer becomes several rows of the list.
	Joined bool
}

// LookUp is a call that looks for one object in an answer. The tests break the
// values of this object and check that it is never taken for absent.
type LookUp[C any] struct {
	// Call is the call. It finds the first row of the golden answer.
	Call Call[C]
	// Further lists the answers to the second and later requests of the call.
	Further []string
	// Rows is the path of the rows in the answer, as in [List].
	Rows string
}

// Collected adapts a method that returns an iterator to Call1. The result has all
// rows that are yielded. The error joins those of the rows.
func Collected[C, R, T any](do func(C, context.Context, R, ...rutravel.CallOption) iter.Seq2[T, error]) func(C, context.Context, R, ...rutravel.CallOption) ([]T, error) {
	return func(c C, ctx context.Context, req R, opts ...rutravel.CallOption) ([]T, error) {
		return rutravel.Collect(do(c, ctx, req, opts...))
	}
}

// Parts adapts a list whose rows contain lists. The result is one list of all their
// elements. parts returns the elements of one row.
func Parts[C, T, P any](c Call[C], parts func(T) []P) Call[C] {
	whole := c.send
	c.send = func(ctx context.Context, client C, args any, opts ...rutravel.CallOption) (any, error) {
		value, err := whole(ctx, client, args, opts...)
		var all []P
		for _, row := range value.([]T) {
			all = append(all, parts(row)...)
		}
		return all, err
	}
	return c
}

// damage is a way to break a value.
type damage struct {
	name  string
	text  func(l leaf) string // replaces the value; returns noDamage if the way does not apply
	empty bool                // the value is missing
}

const (
	noDamage = "\x00"
	overflow = "99999999999999999999999999999999"
	badDate  = "31.02.2021"
	badTime  = "2021-02-31T25:61:00"
	badByte  = "\xff"
)

// jsonDamages lists the ways to break a value in JSON.
var jsonDamages = []damage{
	{"null", func(leaf) string { return "null" }, true},
	{"an empty text", func(leaf) string { return `""` }, true},
	{"an object", func(l leaf) string { return l.broken }, false},
	{"a list of objects", func(leaf) string { return `[{"broken":"x"}]` }, false},
	{"true", func(leaf) string { return "true" }, false},
	{"a negative number", func(leaf) string { return "-7" }, false},
	{"a number that overflows", func(leaf) string { return overflow }, false},
	{"a text that overflows", func(leaf) string { return `"` + overflow + `"` }, false},
	{"a date that does not exist", func(leaf) string { return `"` + badDate + `"` }, false},
	{"a time that does not exist", func(leaf) string { return `"` + badTime + `"` }, false},
	{"a byte that is not UTF-8", func(l leaf) string {
		return `"` + strings.TrimSuffix(strings.TrimPrefix(l.whole[l.start:l.end], `"`), `"`) + badByte + `"`
	}, false},
}

// xmlDamages lists the ways to break a value in XML.
var xmlDamages = []damage{
	{"an empty text", func(leaf) string { return "" }, true},
	{"spaces", func(leaf) string { return "  " }, true},
	{"an element", func(l leaf) string {
		if strings.Contains(l.path, "@") {
			return noDamage
		}
		return l.broken
	}, false},
	{"a word", func(leaf) string { return "broken" }, false},
	{"a negative number", func(leaf) string { return "-7" }, false},
	{"a number that overflows", func(leaf) string { return overflow }, false},
	{"a date that does not exist", func(leaf) string { return badDate }, false},
	{"a byte that is not UTF-8", func(l leaf) string { return l.text + badByte }, false},
}

// damaged is an answer with one broken value.
type damaged struct {
	damage
	answer string
	sent   string // the text of the broken value as Go has it
}

// damages returns the answers in which a leaf is broken in each way.
func (s Suite[C]) damages(t *testing.T, l leaf) (all []damaged) {
	t.Helper()
	ways := jsonDamages
	if s.Format.orJSON().suffix != "json" {
		ways = xmlDamages
	}
	for _, way := range ways {
		text := way.text(l)
		if text == noDamage || text == l.whole[l.start:l.end] {
			continue
		}
		if kind := strings.ToLower(l.text); kind == "<nil>" && strings.ContainsAny(text, "{[") || kind == "false" && text == "true" {
			continue // a good value: null may stand for an object or a list
		}
		sent := strings.ToValidUTF8(text, "\ufffd")
		if s.Format.orJSON().suffix == "json" && text[0] == '"' {
			require.NoError(t, json.Unmarshal([]byte(sent), &sent))
		}
		all = append(all, damaged{way, l.replace(text), sent})
	}
	if answer, ok := s.without(t, l); ok {
		all = append(all, damaged{damage{name: "absent", empty: true}, answer, ""})
	}
	return all
}

// without returns the answer without a leaf and its name. It reports false for an
// element of a list, which has no name, and for an XML element with attributes.
func (s Suite[C]) without(t *testing.T, l leaf) (string, bool) {
	t.Helper()
	before, after := l.whole[:l.start], l.whole[l.end:]
	if s.Format.orJSON().suffix != "json" {
		if strings.Contains(l.path, "@") {
			return before[:strings.LastIndexByte(before, ' ')] + after[1:], true
		}
		start := strings.LastIndexByte(before, '<')
		return before[:start] + after[strings.IndexByte(after, '>')+1:], !strings.Contains(before[start:], "=")
	}
	all := members(t, l.whole)
	i := slices.IndexFunc(all, func(m [2]int) bool { return m[0] < l.start && m[1] == l.end })
	if i < 0 {
		return "", false
	}
	before = strings.TrimRight(l.whole[:all[i][0]], " \n")
	if rest, more := strings.CutPrefix(strings.TrimLeft(after, " \n"), ","); more {
		return before + rest, true
	}
	return strings.TrimSuffix(before, ",") + after, true
}

// extent is where a row is in an answer.
type extent struct {
	path       string // with the names that are data
	start, end int
}

// extents finds the rows of an answer.
func (s Suite[C]) extents(t *testing.T, answer, rows string) (all []extent) {
	t.Helper()
	pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(rows), `\*`, `[^.]+`) + "$")
	s.Format.orJSON().walk(t, answer, func(e extent) {
		if pattern.MatchString(e.path) {
			all = append(all, e)
		}
	})
	return all
}

// inRow returns the leaves of a row, each with its path in the row. A name that is
// a number or not ASCII is data, and * in the path.
func (s Suite[C]) inRow(t *testing.T, answer string, row extent) (paths []string, leaves []leaf) {
	t.Helper()
	for _, l := range s.Format.orJSON().leaves(t, answer) {
		if l.start < row.start || l.end > row.end {
			continue
		}
		path := strings.TrimPrefix(strings.TrimPrefix(l.path, row.path), ".")
		paths, leaves = append(paths, dataName.ReplaceAllString(path, "*")), append(leaves, l)
	}
	return paths, leaves
}

var dataName = regexp.MustCompile(`\b[0-9]+\b|[^.]*[^\x00-\x7F].*`)

// twoRows returns the golden answer of a list. If it has only one row, twoRows adds a
// copy with another id.
func (s Suite[C]) twoRows(t *testing.T, list List[C]) string {
	t.Helper()
	answer := s.answer(t, list.Call)
	rows := s.extents(t, answer, list.Rows)
	require.NotEmpty(t, rows, "the answer has no %s", list.Rows)
	if len(rows) > 1 {
		return answer
	}
	row := rows[0]
	again := answer[row.start:row.end]
	paths, leaves := s.inRow(t, answer, row)
	if i := slices.Index(paths, list.ID); i >= 0 {
		again = answer[row.start:leaves[i].start] + leaves[i].other + answer[leaves[i].end:row.end]
	}
	if s.Format.orJSON().suffix == "json" {
		again = "," + again
	}
	return answer[:row.end] + again + answer[row.end:]
}

// outcome is what a call returned.
type outcome struct {
	rows     []any
	rest     any // the result without the rows
	err      error
	warnings string
}

// outcomeOf makes a call and answers it with the texts.
func (s Suite[C]) outcomeOf(t *testing.T, c Call[C], field string, answers ...string) (o outcome) {
	t.Helper()
	var warned bytes.Buffer
	client, err := s.New(s.BaseURL, s.withTransport(t, answerInOrder(c.status(), answers...)), rutravel.WithMaxAttempts(1),
		rutravel.WithLogger(slog.New(slog.NewTextHandler(&warned, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	require.NoError(t, err)
	value, err := c.Do(t.Context(), client)
	o.err, o.warnings = err, warned.String()
	list := reflect.ValueOf(value)
	if field != "" {
		rest := reflect.New(list.Type()).Elem()
		rest.Set(list)
		list = list.FieldByName(field)
		rest.FieldByName(field).SetZero()
		o.rest = rest.Interface()
	}
	if list.IsValid() && list.Kind() == reflect.Slice {
		for i := range list.Len() {
			o.rows = append(o.rows, list.Index(i).Interface())
		}
	}
	return o
}

// rowErrors returns the rows that an error names. ok reports whether the error
// contains only errors of rows.
func rowErrors(err error) (rows []rutravel.RowError, ok bool) {
	switch e := err.(type) {
	case nil:
		return nil, false
	case *rutravel.RowError:
		return []rutravel.RowError{*e}, true
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			more, ok := rowErrors(one)
			if !ok {
				return nil, false
			}
			rows = append(rows, more...)
		}
		return rows, true
	default:
		return rowErrors(errors.Unwrap(err))
	}
}

// rows breaks each value of a row of each list in every way.
func (s Suite[C]) rows(t *testing.T) {
	t.Parallel()
	for _, list := range s.Lists {
		t.Run(list.Call.name(), func(t *testing.T) {
			t.Parallel()
			good := s.twoRows(t, list)
			want := s.outcomeOf(t, list.Call, list.Field, append([]string{good}, list.Further...)...)
			require.NoError(t, want.err)
			extents := s.extents(t, good, list.Rows)
			require.GreaterOrEqual(t, len(extents), 2)
			require.GreaterOrEqual(t, len(want.rows), len(extents))
			seen, marks := map[string]bool{}, map[string]string{}
			for _, path := range list.Essential {
				name := strings.TrimRight(path, "?~")
				marks[name] = strings.TrimPrefix(path, name)
			}
			for i, row := range extents {
				paths, leaves := s.inRow(t, good, row)
				id := ""
				if at := slices.Index(paths, list.ID); at >= 0 {
					id = leaves[at].text
				} else if list.ID == "*" {
					id = row.path[strings.LastIndexByte(row.path, '.')+1:]
				}
				for j, l := range leaves {
					if seen[paths[j]] || s.ignored(l) && s.Format.orJSON().suffix != "json" {
						continue
					}
					seen[paths[j]] = true
					b := brokenValue[C]{s: s, list: list, want: want, row: i, id: id, path: paths[j], leaf: l}
					if paths[j] == list.ID {
						b.id = ""
					}
					b.marks, b.essential = marks[paths[j]]
					b.check(t)
				}
			}
			for path, m := range marks {
				assert.True(t, seen[path] || strings.Contains(m, "?"), "no row of the answer has %s", path)
			}
			for _, l := range s.Format.orJSON().leaves(t, good) {
				if slices.ContainsFunc(list.Around, func(around string) bool { return strings.HasPrefix(l.path, around) }) {
					b := brokenValue[C]{s: s, list: list, want: want, row: -1, path: l.path, leaf: l}
					b.check(t)
				}
			}
		})
	}
}

// brokenValue is a value of a list that is broken.
type brokenValue[C any] struct {
	s    Suite[C]
	list List[C]
	want outcome

	row       int    // in the answer; -1 if the value is not in a row
	id        string // of the row; "" if it has none or it is broken
	path      string // in the row
	leaf      leaf
	essential bool
	marks     string // of the essential path
}

// check breaks the value in every way.
func (b brokenValue[C]) check(t *testing.T) {
	t.Helper()
	var others []outcome // they show which fields depend on the value
	for _, text := range b.leaf.others() {
		others = append(others, b.read(t, b.leaf.replace(text)))
	}
	for _, d := range b.s.damages(t, b.leaf) {
		got := b.read(t, d.answer)
		what := fmt.Sprintf("%s of row %d is %s", b.path, b.row, d.name)
		bad, ofRows := rowErrors(got.err)
		missing := len(got.rows) == len(b.want.rows)-1
		switch {
		case got.err != nil && !ofRows:
			assert.NoError(t, got.err, "%s: the list fails", what)
			continue
		case ofRows && b.list.Offered:
			assert.NoError(t, got.err, what)
			continue
		case ofRows:
			b.checkError(t, what, got.err, bad)
		}
		if b.list.Field != "" {
			var likes []any
			for _, other := range others {
				likes = append(likes, other.rest)
			}
			b.checkEqualOr(t, what, b.want.rest, got.rest, likes, d)
		}
		if b.list.Joined {
			b.checkJoined(t, what, got, d)
			continue
		}
		failed := ofRows || missing
		if missing && b.row >= 0 {
			assert.Equal(t, slices.Delete(slices.Clone(b.want.rows), b.row, b.row+1), got.rows, "%s: the other rows", what)
		} else if assert.Len(t, got.rows, len(b.want.rows), what) {
			for i := range got.rows {
				if b.row >= 0 && i != b.row {
					assert.Equal(t, b.want.rows[i], got.rows[i], "%s: row %d", what, i)
					continue
				}
				var likes []any
				for _, other := range others {
					if len(other.rows) == len(got.rows) {
						likes = append(likes, other.rows[i])
					}
				}
				b.checkEqualOr(t, what, b.want.rows[i], got.rows[i], likes, d)
			}
		}
		if missing {
			assert.True(t, ofRows || b.list.Offered, "%s: the row is left out of a list of what exists, without an error", what)
		}
		changed := !assert.ObjectsAreEqual(b.want.rows, got.rows)
		switch {
		case failed:
			assert.True(t, b.essential, "%s: a minor value costs the row: %v%s", what, got.err, got.warnings)
			if missing && b.list.Offered {
				b.checkWarning(t, what, got.warnings)
			}
		case b.essential && d.empty:
			assert.Contains(t, b.marks, "?", "%s: the row is taken for complete", what)
		case b.essential:
			assert.True(t, b.accepted(got, d), "%s: the row is taken for complete", what)
		case b.row < 0 && b.name() == "id" && (d.sent == overflow || d.sent == badDate || d.sent == badTime): // no row refers to it
		case changed && !d.empty && !b.accepted(got, d):
			b.checkWarning(t, what, got.warnings)
		}
	}
}

// read makes the call with another first answer.
func (b brokenValue[C]) read(t *testing.T, answer string) outcome {
	t.Helper()
	return b.s.outcomeOf(t, b.list.Call, b.list.Field, append([]string{answer}, b.list.Further...)...)
}

// name is the last name in the path. It is "" if it is data.
func (b brokenValue[C]) name() string {
	name := b.path[strings.LastIndexAny(b.path, ".@")+1:]
	name = strings.TrimRight(name, "[]")
	if !plainName.MatchString(name) {
		return ""
	}
	return name
}

var plainName = regexp.MustCompile(`^[A-Za-z_]+$`)

// checkError checks that an error of a list of what exists names only this row.
func (b brokenValue[C]) checkError(t *testing.T, what string, err error, bad []rutravel.RowError) {
	t.Helper()
	assert.ErrorIs(t, err, rutravel.ErrProtocol, what)
	if assert.Len(t, bad, 1, what) {
		assert.Equal(t, b.row, bad[0].Index, what)
		assert.Equal(t, b.id, bad[0].ID, what)
		assert.Contains(t, bad[0].Problem, b.name(), what)
	}
}

// checkWarning checks that a warning names the row, or a row of a list inside it.
func (b brokenValue[C]) checkWarning(t *testing.T, what, warnings string) {
	t.Helper()
	if !assert.NotEmpty(t, warnings, "%s: no warning", what) || strings.Contains(warnings, b.id) {
		return
	}
	named := warnedID.FindStringSubmatch(warnings)
	if assert.NotEmpty(t, named, "%s: %s", what, warnings) {
		assert.Contains(t, b.leaf.whole, named[1], what)
	}
}

var warnedID = regexp.MustCompile(` id=(\S+)`)

// checkJoined checks that the rows of all other parts arrived, and no new rows.
func (b brokenValue[C]) checkJoined(t *testing.T, what string, got outcome, d damaged) {
	t.Helper()
	for _, v := range got.rows {
		if !sameText(reflect.ValueOf(v), d.sent) {
			assert.Contains(t, b.want.rows, v, "%s: invented", what)
		}
	}
	for _, v := range b.want.rows {
		if !strings.Contains(b.leaf.text, fmt.Sprint(v)) {
			assert.Contains(t, got.rows, v, what)
		}
	}
	if !d.empty && !b.accepted(got, d) {
		b.checkWarning(t, what, got.warnings)
	}
}

// accepted reports whether a row of the result has the broken value as it was sent. A
// replaced byte is accepted only if the value may have one.
func (b brokenValue[C]) accepted(got outcome, d damaged) bool {
	if strings.ContainsRune(d.sent, utf8.RuneError) && b.essential && !strings.Contains(b.marks, "~") {
		return false
	}
	for _, row := range got.rows {
		if holds(reflect.ValueOf(row), d.sent) {
			return true
		}
	}
	return false
}

// holds reports whether a value has a text or number anywhere.
func holds(v reflect.Value, sent string) bool {
	found := false
	eachValue(v, func(v reflect.Value) { found = found || sameText(v, sent) })
	return found
}

// eachValue calls f with all parts of a value that are neither structs, lists nor
// pointers.
func eachValue(v reflect.Value, f func(reflect.Value)) {
	switch {
	case !v.IsValid():
	case isScalar(v):
		f(v)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			eachValue(v.Field(i), f)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			eachValue(v.Index(i), f)
		}
	case v.Kind() == reflect.Map:
		for _, key := range v.MapKeys() {
			eachValue(v.MapIndex(key), f)
		}
	case v.Kind() == reflect.Pointer, v.Kind() == reflect.Interface:
		eachValue(v.Elem(), f)
	}
}

// isScalar reports whether a value has no parts to compare. Structs with a
// MarshalText method count as scalars.
func isScalar(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map:
		return false
	case reflect.Slice:
		return v.Type().Elem().Kind() == reflect.Uint8
	case reflect.Struct:
		_, ok := v.Interface().(interface{ MarshalText() ([]byte, error) })
		return ok
	default:
		return true
	}
}

// sameText reports whether a value is what was sent: the same text, or the same
// number.
func sameText(v reflect.Value, sent string) bool {
	var text string
	switch value := v.Interface().(type) {
	case decimal.NullDecimal:
		text = value.Decimal.String()
	case json.RawMessage:
		text = strings.Trim(string(value), `"`)
	default:
		text = fmt.Sprint(value)
		if v.Kind() == reflect.String {
			text = v.String()
		}
	}
	if strings.TrimSpace(text) == strings.TrimSpace(sent) {
		return true
	}
	a, ok := wire.ParseDecimal(text)
	b, also := wire.ParseDecimal(sent)
	return ok && also && a.Equal(b)
}

// others returns other values of the same form. They replace the leaf together with
// its quotation marks.
func (l leaf) others() []string {
	raw := l.whole[l.start:l.end]
	switch {
	case raw == "true":
		return []string{"false"}
	case raw == "false":
		return []string{"true"}
	case dateTime.MatchString(l.text): // another second may be the same day
		return []string{strings.Replace(raw, l.text[:4], "1999", 1)}
	case raw[0] == '"': // an id with another end may be the id of another row
		return []string{l.other, `"x` + raw[1:]}
	default:
		return []string{l.other}
	}
}

// checkEqualOr checks that got equals want, except for fields that depend on the
// broken value. These must be zero, as they were sent, or as in one of likes, which
// were read from answers with other values.
func (b brokenValue[C]) checkEqualOr(t *testing.T, what string, want, got any, likes []any, d damaged) {
	t.Helper()
	if assert.ObjectsAreEqual(want, got) {
		return
	}
	c := comparison{damaged: d, known: len(likes) > 0}
	var all []reflect.Value
	for _, like := range likes {
		all = append(all, reflect.ValueOf(like))
	}
	c.compare("", reflect.ValueOf(want), reflect.ValueOf(got), all)
	assert.Empty(t, c.problems, "%s", what)
	if !c.known {
		assert.LessOrEqual(t, len(c.changed), 1, "%s: several fields changed: %v", what, c.changed)
	}
}

// comparison compares a value with the value of the golden answer.
type comparison struct {
	damaged
	known    bool // whether values from answers with another text are given
	problems []string
	changed  []string // the changed fields
}

// equalValues compares parts of values. A missing part is the zero Value.
func equalValues(a, b reflect.Value) bool {
	return a.IsValid() == b.IsValid() && (!a.IsValid() || assert.ObjectsAreEqual(a.Interface(), b.Interface()))
}

// compare compares a part of the value. likes are the same part of the values from
// answers with another text.
func (c *comparison) compare(path string, want, got reflect.Value, likes []reflect.Value) {
	if equalValues(want, got) {
		return
	}
	depends := !c.known || slices.ContainsFunc(likes, func(like reflect.Value) bool { return !equalValues(want, like) })
	derived := slices.ContainsFunc(likes, func(like reflect.Value) bool { return equalValues(got, like) })
	empty := !got.IsValid() || got.IsZero() || (got.Kind() == reflect.Slice || got.Kind() == reflect.Map) && got.Len() == 0
	if empty || isScalar(got) || !want.IsValid() {
		switch {
		case !depends:
			c.problems = append(c.problems, path+" does not depend on the value, but changed")
		case !empty && !derived && (!isScalar(got) || !c.asSent(got)):
			c.problems = append(c.problems, fmt.Sprintf("%s is invented: %v", path, got))
		}
		c.changed = append(c.changed, path)
		return
	}
	parts := func(f func(reflect.Value) reflect.Value) (all []reflect.Value) {
		for _, like := range likes {
			if like.IsValid() {
				like = f(like)
			}
			all = append(all, like)
		}
		return all
	}
	switch got.Kind() { //nolint:exhaustive // the other kinds are scalars
	case reflect.Struct:
		for i := range got.NumField() {
			field := func(v reflect.Value) reflect.Value { return v.Field(i) }
			c.compare(path+"."+got.Type().Field(i).Name, want.Field(i), got.Field(i), parts(field))
		}
	case reflect.Pointer, reflect.Interface:
		c.compare(path, want.Elem(), got.Elem(), parts(reflect.Value.Elem))
	case reflect.Map:
		for _, key := range slices.Concat(got.MapKeys(), want.MapKeys()) {
			value := func(v reflect.Value) reflect.Value { return v.MapIndex(key) }
			c.compare(fmt.Sprintf("%s[%v]", path, key), want.MapIndex(key), got.MapIndex(key), parts(value))
		}
	case reflect.Slice:
		c.compareLists(path, want, got, likes)
	}
}

// asSent reports whether a value is the broken one, or a part of the raw answer that
// contains it.
func (c *comparison) asSent(v reflect.Value) bool {
	switch {
	case v.Kind() == reflect.Slice:
		return strings.Contains(strings.ToValidUTF8(c.answer, "\ufffd"), string(v.Bytes()))
	case v.Kind() == reflect.String && strings.Contains(v.String(), "<"):
		return strings.Contains(c.answer, v.String())
	default:
		return sameText(v, c.sent)
	}
}

// compareLists compares lists. An element may be left out.
func (c *comparison) compareLists(path string, want, got reflect.Value, likes []reflect.Value) {
	if got.Len() > want.Len() {
		c.problems = append(c.problems, path+" has more elements")
		return
	}
	left := 0 // elements that were left out so far
	for i := range want.Len() {
		var elements []reflect.Value
		for _, like := range likes {
			if like.IsValid() && i < like.Len() {
				elements = append(elements, like.Index(i))
			} else {
				elements = append(elements, reflect.Value{})
			}
		}
		element := reflect.Value{}
		if j := i - left; j < got.Len() {
			element = got.Index(j)
		}
		if want.Len()-got.Len() > left && !equalValues(want.Index(i), element) {
			left++
			element = reflect.Value{}
		}
		c.compare(fmt.Sprintf("%s[%d]", path, i), want.Index(i), element, elements)
	}
}

// lookUps breaks each value of the object that each look-up finds.
func (s Suite[C]) lookUps(t *testing.T) {
	t.Parallel()
	for _, lookUp := range s.LookUps {
		t.Run(lookUp.Call.name(), func(t *testing.T) {
			t.Parallel()
			good := s.answer(t, lookUp.Call)
			value, err := s.found(t, lookUp, good)
			require.NoError(t, err)
			require.False(t, isNothing(value), "the look-up finds nothing")
			rows := s.extents(t, good, lookUp.Rows)
			require.NotEmpty(t, rows)
			paths, leaves := s.inRow(t, good, rows[0])
			for i, l := range leaves {
				for _, d := range s.damages(t, l) {
					if other := !d.empty && readable(l, d); other {
						continue // it may be another object
					}
					value, err := s.found(t, lookUp, d.answer)
					what := fmt.Sprintf("%s is %s", paths[i], d.name)
					if err != nil {
						assert.NotErrorIs(t, err, rutravel.ErrNotFound, what)
						continue
					}
					assert.False(t, isNothing(value), "%s: nothing is found, without an error", what)
				}
			}
		})
	}
}

// readable reports whether a broken value may be a good value of another object.
func readable(l leaf, d damaged) bool {
	if strings.ContainsRune(d.sent, utf8.RuneError) || strings.ContainsAny(d.sent, "{[<") || d.sent == "true" {
		return false
	}
	return !dateText.MatchString(l.text)
}

var (
	dateTime = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T`)
	dateText = regexp.MustCompile(`^(\d{2}\.\d{2}\.\d{4}|\d{4}-\d{2}-\d{2})`)
)

// found makes the call of a look-up.
func (s Suite[C]) found(t *testing.T, lookUp LookUp[C], answer string) (any, error) {
	t.Helper()
	client := s.client(t, answerInOrder(lookUp.Call.status(), append([]string{answer}, lookUp.Further...)...))
	return lookUp.Call.Do(t.Context(), client)
}

// isNothing reports whether a look-up returned nothing.
func isNothing(value any) bool {
	v := reflect.ValueOf(value)
	return !v.IsValid() || v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}
