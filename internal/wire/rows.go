package wire

import (
	"cmp"
	"errors"
	"reflect"
	"slices"

	"github.com/go-faster/jx"

	rutravel "github.com/rutravel/rutravel-go"
)

// List reads a list into *p with elem, a method expression of T. An object whose
// names are numbers is a list of its values: PHP writes a list that has lost an
// element in this way. Any other object that is not empty is a list of one.
//
// An element that cannot be read is a problem of the list. In a minor field such
// an element is left out with a warning.
func List[T any](d *Decoder, p *[]T, elem func(*T, *Decoder) error) error {
	if d.minor > 0 {
		return Found(d, p, elem, nil)
	}
	l := begin(d, p)
	err := each(d, func(d *Decoder) error { return l.add(d, elem) })
	l.end()
	return err
}

// Rows reads a list of things that exist, such as orders. Rows that cannot be
// read stay in *p as far as they were read, and [Decode] returns a
// [*rutravel.RowsError] that names them. id returns the supplier's id of a row.
// If Decode returns another error, it names no rows, and rows that cannot be
// read, or are cut, are left out.
func Rows[T any](d *Decoder, p *[]T, elem func(*T, *Decoder) error, id func(*T) string) error {
	l := begin(d, p)
	var unread []int
	d.leaveOut = func() {
		for _, i := range slices.Backward(unread) {
			*p = slices.Delete(*p, i, i+1)
		}
	}
	return each(d, func(d *Decoder) error {
		at := len(*p)
		bad, err := l.row(d, elem, id)
		if bad != nil {
			d.rows = append(d.rows, rutravel.RowError{Index: len(*p) - 1, ID: rowID(p, id), Problem: bad.Error()})
		}
		if len(*p) > at && (bad != nil || err != nil) {
			unread = append(unread, at)
		}
		return err
	})
}

// Found reads a list that a search or directory returned. Rows that cannot be
// read are left out with a warning. If no row can be read, that is a problem of
// the list. id returns the supplier's id of a row. It may be nil.
func Found[T any](d *Decoder, p *[]T, elem func(*T, *Decoder) error, id func(*T) string) error {
	l := begin(d, p)
	var first *Error
	err := each(d, func(d *Decoder) error {
		bad, err := l.row(d, elem, id)
		if bad != nil {
			d.warn(bad, rowID(p, id))
			*p = slices.Delete(*p, len(*p)-1, len(*p))
			first = cmp.Or(first, bad)
		}
		return err
	})
	l.end()
	if first != nil && len(*p) == 0 && d.bad == nil {
		d.bad = first
	}
	return err
}

// FoundMap is [Found] for an object whose names are data, as in [Decoder.Map].
// elem receives the name of each value. If a name comes twice, the last value
// replaces the first.
func FoundMap[T any](d *Decoder, p *[]T, elem func(v *T, name []byte, d *Decoder) error, id func(*T) string) error {
	*p = nil
	var places Places
	var first *Error
	err := d.Map(func(name []byte) error {
		key := string(name)
		var one T
		oneID := func() string {
			if id == nil {
				return ""
			}
			return id(&one)
		}
		bad, err := named(d, func(d *Decoder) error { return elem(&one, name, d) }, oneID)
		switch {
		case err != nil:
			return err
		case bad != nil:
			d.warn(bad, oneID())
			first = cmp.Or(first, bad)
			return nil
		}
		return Keep(d, p, &places, key, one)
	})
	if first != nil && len(*p) == 0 && d.bad == nil {
		d.bad = first
	}
	return err
}

// Row reads a row of a list that is yielded while it arrives. bad is the problem
// of the row, and does not count as a problem of the document. id returns the
// supplier's id of the row.
func Row[T any](d *Decoder, v *T, elem func(*T, *Decoder) error, id func(*T) string) (bad *Error, err error) {
	return named(d, func(d *Decoder) error { return elem(v, d) }, func() string { return id(v) })
}

// named reads a row and adds its id to its warnings.
func named(d *Decoder, read func(*Decoder) error, id func() string) (bad *Error, err error) {
	before := len(d.warnings)
	bad, err = d.apart(read)
	for i := before; i < len(d.warnings); i++ {
		d.warnings[i].ID = cmp.Or(d.warnings[i].ID, id())
	}
	return bad, err
}

// rowID returns the supplier's id of the last row.
func rowID[T any](p *[]T, id func(*T) string) string {
	if id == nil || len(*p) == 0 {
		return ""
	}
	return id(&(*p)[len(*p)-1])
}

// list is a list that is being read into *all.
type list[T any] struct {
	all     *[]T
	counted int    // how many elements Take has counted
	start   int    // how many bytes of the text follow the list's name; 0 if the list is in another list
	likely  *uint8 // the length of the last list of such elements
}

// lengths has the lengths of the last lists, by the size of their elements.
// Different types mostly have different sizes. A list is likely to be as long as
// the one before it.
type lengths [64]uint8

// begin begins a list.
func begin[T any](d *Decoder, p *[]T) list[T] {
	*p = nil
	l := list[T]{all: p, start: d.left, likely: &d.lengths[reflect.TypeFor[T]().Size()/8%uintptr(len(d.lengths))]}
	if slices.ContainsFunc(d.path, func(s step) bool { return s.name == nil }) {
		l.start = 0
	}
	return l
}

// end records the list's length.
func (l *list[T]) end() {
	const most = 8
	*l.likely = uint8(min(len(*l.all), most))
}

// add reads an element to the end of the list.
func (l *list[T]) add(d *Decoder, elem func(*T, *Decoder) error) error {
	n := len(*l.all)
	if n == l.counted {
		more := max(n, 1)
		if err := Take[T](d, more); err != nil {
			return err
		}
		l.counted += more
	}
	if n == cap(*l.all) {
		larger := make([]T, n, n+l.more(d.left)) // slices.Grow may double the capacity
		copy(larger, *l.all)
		*l.all = larger
	}
	*l.all = (*l.all)[:n+1]
	return elem(&(*l.all)[n], d)
}

// more returns how many elements to make room for. left is how many bytes of the
// text follow. A list outside all others fills most of them.
func (l *list[T]) more(left int) int {
	n := len(*l.all)
	read := l.start - left
	switch {
	case n == 0:
		return max(int(*l.likely), 1)
	case read <= 0:
		return n
	default:
		return max(min(left/(read/n+1)+1, 3*n), n/4, 1)
	}
}

// row reads a row to the end of the list. It returns the row's problem as bad.
func (l *list[T]) row(d *Decoder, elem func(*T, *Decoder) error, id func(*T) string) (bad *Error, err error) {
	return named(d, func(d *Decoder) error { return l.add(d, elem) }, func() string { return rowID(l.all, id) })
}

// each reads a list of any shape. It calls one for each element.
func each(d *Decoder, one func(*Decoder) error) error {
	switch d.json.Next() {
	case jx.Array:
		return d.array(func() error { return one(d) })
	case jx.Object:
		if d.last == nil {
			return d.Whole(func(whole *Decoder) error { return each(whole, one) })
		}
		switch name, empty := d.firstName(); {
		case empty:
			return d.Skip()
		case isNumber(name):
			return d.Object(func([]byte) error { return one(d) })
		default:
			return one(d)
		}
	default:
		return d.nothing("a list")
	}
}

// Readable returns the rows of a list without those that err names, if err is a
// [*rutravel.RowsError].
func Readable[T any](all []T, err error) []T {
	bad, ok := errors.AsType[*rutravel.RowsError](err)
	if !ok {
		return all
	}
	var good []T
	for i, v := range all {
		if !slices.ContainsFunc(bad.Rows, func(r rutravel.RowError) bool { return r.Index == i }) {
			good = append(good, v)
		}
	}
	return good
}

// WithRow adds a row to the error of a list, unless the error already names the
// row or is about the whole list.
func WithRow(err error, row rutravel.RowError) error {
	bad, ok := errors.AsType[*rutravel.RowsError](err)
	switch {
	case err == nil:
		return &rutravel.RowsError{Rows: []rutravel.RowError{row}}
	case !ok:
		return err
	}
	at, named := slices.BinarySearchFunc(bad.Rows, row.Index, func(r rutravel.RowError, index int) int { return cmp.Compare(r.Index, index) })
	if !named {
		bad.Rows = slices.Insert(bad.Rows, at, row)
	}
	return err
}
