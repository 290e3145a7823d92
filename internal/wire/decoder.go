// Package wire is how values are written by the suppliers: it reads their
// answers and writes their requests. What one supplier alone does is in that
// supplier's package.
//
// # Reading
//
// A [Decoder] reads one JSON document by functions that name every field, so
// that the code of a supplier reads like the tables of its manual. A value
// that cannot be read does not end the reading: the first such problem is kept
// as an [*Error] with its path while everything else is still read, because an
// answer that says a booking was paid is worth more than its worst field. Only
// text that is not JSON ends it.
//
// What stands for nothing, and what becomes of it:
//
//	                        String  ID     Int    Decimal OptDecimal Date   OptDate List
//	null "" false {} []     ""      error  error  error   zero       error  zero    empty
//	number                  digits  digits value  value   value      error  error   error
//	true                    error   error  error  error   error      error  error   error
//
// PHP writes nothing in these five ways. A list may also be an object whose
// names are numbers, or a single object in place of a list of one.
//
// OptDigits and OptInt are like OptDecimal, Time and OptTime are like Date and
// OptDate, OptDateTime, OptDay and OptInstant are like OptDate, MoscowDate and
// UnixClock are like Int, Map is like List. Flag reads 1, 0, true and false, as
// texts in any case too; nothing else is a flag, and may be missing with OptFlag. A
// name that is absent assigns nothing; it is an error if it is among those that
// [Decoder.Object] is told to require.
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

// Error is a document, or a value in it, that cannot be read. It never holds
// the value itself.
type Error struct {
	Path    string // where: "result[0].id_trip"; "" is the document itself
	Problem string // "want a date, got a string of 3 bytes"

	// Malformed: the document is not JSON or XML, as a whole or from here on.
	Malformed bool
}

// Error returns the path and the problem.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// Decoder reads one JSON document. Its methods return an error only when the
// text is not JSON; values that are not what they should be are remembered and
// returned by [Decode].
type Decoder struct {
	json  jx.Decoder
	last  *byte // of the text; nil if it is still arriving
	valid bool  // the text is UTF-8, and so is every name and string in it
	path  []step
	bad   *Error

	minor    int // how many minor fields the value is in
	rows     []rutravel.RowError
	leaveOut func() // takes the rows that could not be read out of their list
	warnings []rutravel.Warning

	room    int // bytes that elements of lists may still take
	left    int // bytes of the text from the last name to its end
	lengths lengths
	scratch []byte // of strings, which may have to be unescaped
	known   *repeated
	part    *Decoder // for inner
}

const byteOrderMark = "\ufeff"

// step is a name in an object or, if name is nil, an index in an array.
type step struct {
	name  []byte
	index int
}

// Decode reads the one value that text must consist of, byte-order marks before
// it aside, with read. warn, if it is not nil, gets the warnings. The error is an
// [*Error], a [*rutravel.RowsError], or what a function that read has called ended
// with of its own.
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

// decoders keeps decoders, whose buffers take more memory than a short text.
var decoders = sync.Pool{New: func() any {
	const depth, scratch = 8, 64
	return &Decoder{path: make([]step, 0, depth), scratch: make([]byte, 0, scratch), known: new(repeated)}
}}

// release keeps d for another document, without anything of this one.
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

// DecodeStream is [Decode] of a text that is still arriving.
func DecodeStream(text io.Reader, warn func(rutravel.Warning), read func(*Decoder) error) error {
	const buffer = 32 << 10
	b := bufio.NewReaderSize(text, len(byteOrderMark)) // what is longer is read past it
	skipMarks(b)
	d := &Decoder{json: *jx.Decode(b, buffer), path: make([]step, 0, 8), room: mostRoom, known: new(repeated)}
	return d.whole(warn, read)
}

// TrimMarks returns text without the byte-order marks and white space before it:
// PHP with several files writes them in any number.
func TrimMarks(text []byte) []byte {
	for {
		rest := bytes.TrimPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte(byteOrderMark))
		if len(rest) == len(text) {
			return text
		}
		text = rest
	}
}

// skipMarks is TrimMarks of a text that is still arriving.
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

// roomFor returns how much memory the elements of lists in a text may take. Those of
// the manuals' answers take less than 4 times their text. Zeros in place of orders
// take hundreds of times their text.
func roomFor(text []byte) int {
	const least, times = 1 << 20, 16
	if len(text) > (mostRoom-least)/times {
		return mostRoom
	}
	return least + times*len(text)
}

// Take notes that a list or map grows by so many values of a type.
func Take[T any](d *Decoder, values int) error {
	if d.room -= values * int(reflect.TypeFor[T]().Size()); d.room < 0 {
		return &Error{Path: d.where(), Problem: "too many elements", Malformed: true}
	}
	return nil
}

// whole reads the one value that the text must consist of.
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
	// What begins like a value is not read: cut, it would end in io.EOF too.
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

// syntax makes an Error of what the JSON parser said.
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

// Err returns what [Decode] would return if the text ended well here: the first
// value so far that was not what it should be.
func (d *Decoder) Err() error {
	if d.bad == nil {
		return nil
	}
	return d.bad
}

// Fail remembers that the value being read, or the field of it that is named,
// is not what it should be.
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

// where renders the path. Names that do not look like names are not repeated:
// the text of an answer may be a passenger's.
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

// Object reads an object: field is called for every name, in the order of the
// text, and must read or [Decoder.Skip] the value. A name is valid only during
// the call; to keep it, copy it. The required names must all be there. A value
// that cannot be read is a problem of the whole.
func (d *Decoder) Object(field func(name []byte) error, required ...string) error {
	return d.object(field, required, false)
}

// Fields is [Decoder.Object] of a type with essential and minor fields. The
// essential ones are named, and must all be there; a name that ends in ? may be
// missing. A value that cannot be read under another name is a warning.
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
		d.left = cap(name) // a part of the text, unless it had to be unescaped
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

// indexName returns the place of name among those that may end in ?, or -1.
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

// minorField reads a minor field: what is wrong with it is a warning.
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

// setBad does not write what is there already: a write of a pointer costs more
// while garbage is collected.
func (d *Decoder) setBad(e *Error) {
	if d.bad != e {
		d.bad = e
	}
}

// Minor reads a value that callers can do without: what is wrong with it is a
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

// Part reads a minor value of several fields into *p, which stays zero if it
// cannot be read.
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

// array reads an array; elem must read or skip each element.
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

// Skip passes over a value that has no place in the answer's type.
func (d *Decoder) Skip() error {
	if err := d.json.Skip(); err != nil {
		return d.syntax(err)
	}
	return nil
}

// Map reads an object whose names are data, like ids or dates: value is called
// for every name, as in [Decoder.Object]. What stands for nothing is an empty
// map, and so is the list that PHP writes in its place; one with elements is a
// map whose names count from 0.
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

// Places says where in a list the values of an object whose names are data are.
// Most have few names.
type Places struct {
	few  [8]string
	more map[string]int
}

// Keep adds a value of a [Decoder.Map] to a list that has the order of the names
// and is filled by Keep alone. Of two equal names the last counts.
func Keep[T any](d *Decoder, all *[]T, places *Places, name string, v T) error {
	at, twice := places.find(name, len(*all))
	if twice {
		(*all)[at] = v
		return nil
	}
	*all = append(*all, v)
	return Take[T](d, 1)
}

// find returns the place of a name, or gives it the next.
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

// Whole reads a value that may be still arriving once all of it is there: faster
// than bit by bit, and jx cannot look ahead in a stream.
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
		d.part = &Decoder{last: new(byte), known: d.known} // no end of raw is a cut
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

// Apart reads a value whose problems are its own: the first is returned as bad
// and is not one of the document.
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

// Raw copies a value that this library has no type for, as it is written.
func (d *Decoder) Raw(p *json.RawMessage) error {
	raw, err := d.json.Raw()
	if err != nil {
		return d.syntax(err)
	}
	if !utf8.Valid(raw) {
		raw = []byte(toString(raw))
	}
	if !json.Valid(raw) { // jx passes over more than it reads
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

// nothing accepts what stands for nothing.
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

// scalar is a value as written: the text of a string or number. For other
// types text is nil.
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

// scalar reads the next value, whatever it is, to its end.
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
			err = io.ErrUnexpectedEOF // 12 may be what is left of 1234
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
