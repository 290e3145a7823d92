// Package wire reads the suppliers' answers and writes their requests, value by
// value. The formats of a single supplier are in that supplier's package.
//
// # Reading
//
// A [Decoder] reads one JSON document with functions that name every field, so
// that a supplier's code reads like the tables of its manual.
//
// A value that cannot be read does not stop the decoder. It keeps the first such
// problem as an [*Error] with its path, and still reads everything else: an
// answer that says that a booking was paid matters more than its worst field.
// Only text that is not JSON stops it.
//
// These values may stand for nothing. The table shows how each function reads
// them:
//
//	                        String  ID     Int    Decimal OptDecimal Date   OptDate List
//	null "" false {} []     ""      error  error  error   zero       error  zero    empty
//	number                  digits  digits value  value   value      error  error   error
//	true                    error   error  error  error   error      error  error   error
//
// PHP writes nothing in these five ways. A list may also be an object whose names
// are numbers, or a single object in place of a list of one.
//
// The other functions are like those of the table:
//
//   - OptDigits and OptInt are like OptDecimal.
//   - Time and OptTime are like Date and OptDate.
//   - OptDateTime, OptDay and OptInstant are like OptDate.
//   - MoscowDate and UnixClock are like Int.
//   - Map is like List.
//   - Flag reads 1, 0, true and false, also as texts in any case. Everything else
//     is an error.
//   - OptFlag also accepts a value that stands for nothing.
//
// A name that is absent assigns nothing. It is an error if [Decoder.Object]
// requires the name.
package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-faster/jx"

	rutravel "github.com/rutravel/rutravel-go"
)

// Error says that a document, or a value in it, cannot be read. It never contains
// the value itself.
type Error struct {
	Path    string // "result[0].id_trip"; "" is the document itself
	Problem string // such as "want a date, got a string of 3 bytes"

	// Malformed reports whether the document is not JSON or XML, as a whole or
	// from Path on.
	Malformed bool
}

// Error returns the path and the problem.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// Decoder reads one JSON document. Its methods return an error only if the text
// is not JSON. The decoder remembers the first value that cannot be read, and
// [Decode] returns its error.
type Decoder struct {
	json  jx.Decoder
	last  *byte // the last byte of the text; nil while the text is still arriving
	valid bool  // the text is UTF-8, and so are all names and strings in it
	path  []step
	bad   *Error

	minor    int // how many minor fields contain the value
	rows     []rutravel.RowError
	leaveOut func() // removes the rows that could not be read from their list
	warnings []rutravel.Warning

	room    int // how many bytes the elements of lists may still take
	left    int // how many bytes of the text follow the last name
	lengths lengths
	scratch []byte // for strings, which may have to be unescaped
	known   *repeated
	part    *Decoder // for inner
}

const byteOrderMark = "\ufeff"

// step is a name in an object, or an index in an array if name is nil.
type step struct {
	name  []byte
	index int
}

// Decode reads text with read. The text must consist of one value; byte-order
// marks before it are skipped. warn receives the warnings unless it is nil. The
// error is an [*Error], a [*rutravel.RowsError], or the error of a function that
// read called, unchanged.
func Decode(text []byte, warn func(rutravel.Warning), read func(*Decoder) error) error {
	text = TrimMarks(text)
	if len(text) == 0 {
		return &Error{Problem: "empty answer", Malformed: true}
	}
	d := decoders.Get().(*Decoder) //nolint:forcetypeassert // the pool has nothing else
	d.last, d.left, d.valid, d.room = &text[len(text)-1], len(text), utf8.Valid(text), roomFor(text)
	d.json.ResetBytes(text[:len(text):len(text)])
	err := d.whole(warn, read)
	d.release()
	return err
}

// decoders keeps decoders, because their buffers take more memory than a short
// text.
var decoders = sync.Pool{New: func() any {
	const depth, scratch = 8, 64
	return &Decoder{path: make([]step, 0, depth), scratch: make([]byte, 0, scratch), known: new(repeated)}
}}

// release keeps d for another document, and clears all data of this one.
func (d *Decoder) release() {
	const longest = 4 << 10 // bytes of a string; the buffer of a longer one is not kept
	if cap(d.scratch) > longest {
		d.scratch = nil
	}
	clear(d.path[:cap(d.path)])
	clear(d.scratch[:cap(d.scratch)])
	*d.known = repeated{}
	*d = Decoder{path: d.path[:0], scratch: d.scratch[:0], known: d.known}
	decoders.Put(d)
}

// DecodeStream is [Decode] for a text that is still arriving.
func DecodeStream(text io.Reader, warn func(rutravel.Warning), read func(*Decoder) error) error {
	const buffer = 32 << 10
	b := bufio.NewReaderSize(text, len(byteOrderMark)) // the decoder reads longer texts past this buffer
	skipMarks(b)
	d := &Decoder{json: *jx.Decode(b, buffer), path: make([]step, 0, 8), room: mostRoom, known: new(repeated)}
	return d.whole(warn, read)
}

// TrimMarks returns text without the byte-order marks and white space before it.
// A PHP program of several files may write several of them.
func TrimMarks(text []byte) []byte {
	for {
		rest := bytes.TrimPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte(byteOrderMark))
		if len(rest) == len(text) {
			return text
		}
		text = rest
	}
}

// skipMarks is TrimMarks for a text that is still arriving.
func skipMarks(b *bufio.Reader) {
	for {
		begin, _ := b.Peek(len(byteOrderMark))
		switch {
		case string(begin) == byteOrderMark:
			_, _ = b.Discard(len(byteOrderMark))
		case len(begin) > 0 && strings.IndexByte(" \t\r\n", begin[0]) >= 0:
			_, _ = b.Discard(1)
		default:
			return
		}
	}
}

const mostRoom = 1 << 30

// roomFor returns how much memory the elements of lists in a text may take. The
// elements in the manuals' answers take less than 4 times their text. Zeros in
// place of orders would take hundreds of times their text.
func roomFor(text []byte) int {
	const least, times = 1 << 20, 16
	if len(text) > (mostRoom-least)/times {
		return mostRoom
	}
	return least + times*len(text)
}

// Take records that a list or map grows by the given number of values of type T.
// It fails if the lists of the document then take too much memory.
func Take[T any](d *Decoder, values int) error {
	if d.room -= values * int(reflect.TypeFor[T]().Size()); d.room < 0 {
		return &Error{Path: d.where(), Problem: "too many elements", Malformed: true}
	}
	return nil
}

// whole reads the one value of the text.
func (d *Decoder) whole(warn func(rutravel.Warning), read func(*Decoder) error) error {
	err := d.document(warn, read)
	if _, ofRows := errors.AsType[*rutravel.RowsError](err); err != nil && !ofRows && d.leaveOut != nil {
		d.leaveOut()
	}
	return err
}

func (d *Decoder) document(warn func(rutravel.Warning), read func(*Decoder) error) error {
	err := read(d)
	if warn != nil {
		for _, w := range d.warnings {
			warn(w)
		}
	}
	if err != nil {
		return err
	}
	// The rest is not read as a value: a value that is cut would also end with
	// io.EOF.
	if d.json.Next() != jx.Invalid || !errors.Is(d.json.Skip(), io.EOF) {
		return &Error{Problem: "text after the value", Malformed: true}
	}
	switch {
	case d.bad != nil:
		return d.bad
	case d.rows != nil:
		return &rutravel.RowsError{Rows: d.rows}
	}
	return nil
}

// syntax makes an Error of the JSON parser's error.
func (d *Decoder) syntax(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	problem := "not JSON: " + err.Error()
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		problem = "not JSON: cut short"
	}
	return &Error{Path: d.where(), Problem: problem, Malformed: true}
}

// Err returns the first problem so far, which is what [Decode] would return if
// the text ended here. It returns nil if there is none.
func (d *Decoder) Err() error {
	if d.bad == nil {
		return nil
	}
	return d.bad
}

// Fail remembers that the current value, or the named field of it, cannot be
// read.
func (d *Decoder) Fail(field, problem string) {
	if d.bad != nil {
		return
	}
	path := d.where()
	if field != "" {
		path = strings.TrimPrefix(path+"."+field, ".")
	}
	d.bad = &Error{Path: path, Problem: problem}
}

// where renders the path. It writes ? in place of a name that does not look like
// a name, because the text of an answer may contain a passenger's data.
func (d *Decoder) where() string {
	var b strings.Builder
	for _, s := range d.path {
		switch {
		case s.name == nil:
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.index))
			b.WriteByte(']')
			continue
		case b.Len() > 0:
			b.WriteByte('.')
		}
		if plainName(s.name) {
			b.Write(s.name)
		} else {
			b.WriteByte('?')
		}
	}
	return b.String()
}

func plainName(name []byte) bool {
	const longest = 40
	for _, c := range name {
		if c != '_' && c != '-' && c != '.' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return len(name) > 0 && len(name) <= longest
}

// Object reads an object. It calls field for every name, in the order of the
// text; field must read or [Decoder.Skip] the value. A name is valid only during
// the call. All required names must exist. A value that cannot be read is a
// problem of the whole document.
func (d *Decoder) Object(field func(name []byte) error, required ...string) error {
	return d.object(field, required, false)
}

// Fields is [Decoder.Object] for a type with essential and minor fields. The
// arguments name the essential fields. All must exist, unless their name ends in
// ?. A problem with another field is a warning.
func (d *Decoder) Fields(field func(name []byte) error, essential ...string) error {
	return d.object(field, essential, true)
}

func (d *Decoder) object(field func(name []byte) error, essential []string, others bool) error {
	if d.json.Next() != jx.Object {
		return d.mismatch("an object")
	}
	it, err := d.json.ObjIter()
	if err != nil {
		return d.syntax(err)
	}
	var seen uint64
	d.path = append(d.path, step{})
	for it.Next() {
		name := it.Key()
		d.left = cap(name) // name is a part of the text, unless it had to be unescaped
		if !d.valid && !utf8.Valid(name) {
			name = []byte(toString(name))
		}
		d.path[len(d.path)-1].name = name
		if i := indexName(essential, name); i >= 0 {
			seen |= 1 << i
			err = field(name)
		} else if others {
			err = d.minorField(field, name)
		} else {
			err = field(name)
		}
		if err != nil {
			return err
		}
	}
	d.path = d.path[:len(d.path)-1]
	if err := it.Err(); err != nil {
		return d.syntax(err)
	}
	for i, e := range essential {
		if seen&(1<<i) == 0 && e[len(e)-1] != '?' {
			d.Fail(e, "missing")
		}
	}
	return nil
}

// indexName returns the index of name in all, or -1. The names in all may end in
// ?.
func indexName(all []string, name []byte) int {
	for i, e := range all {
		switch len(e) - len(name) {
		case 0:
			if e == string(name) {
				return i
			}
		case 1:
			if e[len(name)] == '?' && e[:len(name)] == string(name) {
				return i
			}
		}
	}
	return -1
}

// minorField reads a minor field. A problem with it is a warning.
func (d *Decoder) minorField(field func(name []byte) error, name []byte) error {
	before := d.bad
	d.setBad(nil)
	d.minor++
	err := field(name)
	d.minor--
	if d.bad != nil {
		d.warn(d.bad, "")
	}
	d.setBad(before)
	return err
}

// setBad writes only what changes, because writing a pointer costs more while the
// garbage collector runs.
func (d *Decoder) setBad(e *Error) {
	if d.bad != e {
		d.bad = e
	}
}

// Minor reads a value that callers can do without. A problem with it is a
// warning.
func (d *Decoder) Minor(read func(*Decoder) error) error {
	d.minor++
	bad, err := d.apart(read)
	d.minor--
	if bad != nil {
		d.warn(bad, "")
	}
	return err
}

// mostWarnings bounds the warnings of one answer.
const mostWarnings = 100

func (d *Decoder) warn(e *Error, id string) {
	if len(d.warnings) < mostWarnings {
		d.warnings = append(d.warnings, rutravel.Warning{Path: e.Path, ID: id, Problem: e.Problem})
	}
}

// Part reads a minor value of several fields into *p. If it cannot be read, *p
// does not change.
func Part[T any](d *Decoder, p *T, read func(*T, *Decoder) error) error {
	return d.Minor(func(d *Decoder) error {
		var zero T
		before := *p
		*p = zero
		err := read(p, d)
		if err != nil || d.bad != nil {
			*p = before
		}
		return err
	})
}

// array reads an array. elem must read or skip each element.
func (d *Decoder) array(elem func() error) error {
	it, err := d.json.ArrIter()
	if err != nil {
		return d.syntax(err)
	}
	d.path = append(d.path, step{index: -1})
	for it.Next() {
		d.path[len(d.path)-1].index++
		if err := elem(); err != nil {
			return err
		}
	}
	d.path = d.path[:len(d.path)-1]
	if err := it.Err(); err != nil {
		return d.syntax(err)
	}
	return nil
}

// Skip skips a value that has no place in the answer's type.
func (d *Decoder) Skip() error {
	if err := d.json.Skip(); err != nil {
		return d.syntax(err)
	}
	return nil
}

// Map reads an object whose names are data, such as ids or dates. It calls value
// for every name, as [Decoder.Object] does. A value that stands for nothing is an
// empty map, and so is an empty list, which PHP writes in place of one. A list
// with elements is a map whose names count from 0.
func (d *Decoder) Map(value func(name []byte) error) error {
	switch d.json.Next() {
	case jx.Object:
		return d.Object(value)
	case jx.Array:
		return d.array(func() error { return value(strconv.AppendInt(nil, int64(d.path[len(d.path)-1].index), 10)) })
	default:
		return d.nothing("a map")
	}
}

// Places records the index in a list of each value of an object whose names are
// data. Most such objects have few names.
type Places struct {
	few  [8]string
	more map[string]int
}

// Keep adds a value of a [Decoder.Map] to a list, in the order of the names. Only
// Keep may add to the list. If a name comes twice, the last value replaces the
// first.
func Keep[T any](d *Decoder, all *[]T, places *Places, name string, v T) error {
	at, twice := places.find(name, len(*all))
	if twice {
		(*all)[at] = v
		return nil
	}
	*all = append(*all, v)
	return Take[T](d, 1)
}

// find returns the index of a name. A new name gets the index next.
func (p *Places) find(name string, next int) (at int, twice bool) {
	for i := range min(next, len(p.few)) {
		if p.few[i] == name {
			return i, true
		}
	}
	if next < len(p.few) {
		p.few[next] = name
		return next, false
	}
	if at, twice = p.more[name]; twice {
		return at, true
	}
	if p.more == nil {
		p.more = map[string]int{}
	}
	p.more[name] = next
	return next, false
}

// Whole waits until a value has arrived completely, then reads it. This is faster
// than reading in pieces, and jx cannot look ahead in a stream.
func (d *Decoder) Whole(read func(*Decoder) error) error {
	if d.last != nil {
		return read(d)
	}
	raw, err := d.json.Raw()
	if err != nil {
		return d.syntax(err)
	}
	room := d.room
	d.room = roomFor(raw)
	d.valid = utf8.Valid(raw)
	err = d.inner(raw, d.path, read)
	d.room, d.valid = room, false
	return err
}

// inner reads a part of the text that was cut out of it.
func (d *Decoder) inner(raw []byte, path []step, read func(*Decoder) error) error {
	if d.part == nil {
		d.part = &Decoder{last: new(byte), known: d.known} // a number at the end of raw is complete
	}
	part := d.part
	part.path, part.bad, part.room, part.minor, part.valid = path, d.bad, d.room, d.minor, d.valid
	part.rows, part.leaveOut, part.warnings = d.rows, d.leaveOut, d.warnings
	part.json.ResetBytes(raw)
	err := read(part)
	d.bad, d.room = part.bad, part.room
	d.rows, d.leaveOut, d.warnings = part.rows, part.leaveOut, part.warnings
	return err
}

// Apart reads a value. It returns the value's first problem as bad, and does not
// count it as a problem of the document.
func (d *Decoder) Apart(read func(*Decoder) error) (bad, err error) {
	problem, err := d.apart(read)
	if problem != nil {
		bad = problem
	}
	return bad, err
}

func (d *Decoder) apart(read func(*Decoder) error) (bad *Error, err error) {
	before := d.bad
	d.setBad(nil)
	err = read(d)
	bad = d.bad
	d.setBad(before)
	return bad, err
}

// AtList reports whether the value that follows is an array.
func (d *Decoder) AtList() bool { return d.json.Next() == jx.Array }

// AtObject reports whether the value that follows is an object.
func (d *Decoder) AtObject() bool { return d.json.Next() == jx.Object }

// Nested reports whether the value that follows is an object or an array.
func (d *Decoder) Nested() bool { return d.AtObject() || d.AtList() }

// AtText reports whether the value that follows is a string.
func (d *Decoder) AtText() bool { return d.json.Next() == jx.String }

// Raw copies a value as it is written. It is for values that this library has no
// type for.
func (d *Decoder) Raw(p *json.RawMessage) error {
	raw, err := d.json.Raw()
	if err != nil {
		return d.syntax(err)
	}
	if !utf8.Valid(raw) {
		raw = []byte(toString(raw))
	}
	if !json.Valid(raw) { // jx skips more than it reads
		d.Fail("", "want JSON")
		return nil
	}
	*p = bytes.Clone(bytes.TrimSpace(raw))
	return nil
}

// firstName looks ahead for the first name in the object that follows.
func (d *Decoder) firstName() (name []byte, empty bool) {
	_ = d.json.Capture(func(ahead *jx.Decoder) error {
		it, err := ahead.ObjIter()
		if err != nil {
			return err
		}
		if it.Next() {
			name = it.Key()
		}
		empty = name == nil && it.Err() == nil
		return nil
	})
	return name, empty
}

func isNumber(name []byte) bool {
	return len(name) > 0 && !bytes.ContainsFunc(name, func(r rune) bool { return r < '0' || r > '9' })
}

// nothing accepts a value that stands for nothing.
func (d *Decoder) nothing(want string) error {
	s, err := d.scalar()
	if err == nil && !s.nothing {
		d.Fail("", "want "+want+", got "+s.describe())
	}
	return err
}

// mismatch skips a value of the wrong type and remembers it.
func (d *Decoder) mismatch(want string) error {
	s, err := d.scalar()
	if err == nil {
		d.Fail("", "want "+want+", got "+s.describe())
	}
	return err
}

// scalar is a value as written. text is the text of a string or number, and nil
// for other types.
type scalar struct {
	kind    jx.Type
	text    []byte // valid until the decoder reads on
	nothing bool   // null, "", false, {} or []
}

func (s scalar) describe() string {
	switch s.kind {
	case jx.String:
		return "a string of " + strconv.Itoa(len(s.text)) + " bytes"
	case jx.Null:
		return "null"
	case jx.Object, jx.Array:
		return "an " + s.kind.String()
	default:
		return "a " + s.kind.String()
	}
}

// scalar reads the next value, of any type, to its end.
func (d *Decoder) scalar() (s scalar, err error) {
	switch s.kind = d.json.Next(); s.kind {
	case jx.String:
		s.text, err = d.json.StrAppend(d.scratch[:0])
		s.nothing = len(s.text) == 0
		if cap(s.text) > cap(d.scratch) {
			d.scratch = s.text
		}
	case jx.Number:
		s.text, err = d.json.Raw()
		if err == nil && len(d.path) > 0 && &s.text[len(s.text)-1] == d.last {
			err = io.ErrUnexpectedEOF // a text that ends with 12 may be a part of 1234
		}
	case jx.Object, jx.Array:
		var raw jx.Raw
		raw, err = d.json.Raw()
		s.nothing = err == nil && len(bytes.TrimSpace(bytes.TrimSpace(raw)[1:])) == 1
	case jx.Bool:
		var yes bool
		yes, err = d.json.Bool()
		s.nothing = !yes
	default:
		s.nothing = true
		err = d.json.Skip()
	}
	if err != nil {
		err = d.syntax(err)
	}
	return s, err
}
