package wire

import (
	"cmp"
	"errors"
	"slices"

	"github.com/go-faster/jx"

	rutravel "github.com/rutravel/rutravel-go"
)

// List reads a list into *p with elem, a method expression of T. An object
// whose names are numbers is a list of its values, as PHP writes one that has
// lost an element; another object that is not empty is a list of itself.
//
// An element that cannot be read is a problem of the list; in a minor field it is
// left out with a warning.
func List[T any](d *Decoder, p *[]T, elem func(*T, *Decoder) error) error {
	if d.minor > 0 {
		return Found(d, p, elem, nil)
	}
	*p = nil
	return each(d, func(d *Decoder) error { return grown(d, p, elem) })
}

// Rows reads a list of what exists, such as orders: rows that cannot be read stay
// in *p as far as they were read, and [Decode] returns a [*rutravel.RowsError]
// that names them. id returns the supplier's id of a row. If Decode returns another
// error, which names none of them, they are left out, and so is a row that is cut.
func Rows[T any](d *Decoder, p *[]T, elem func(*T, *Decoder) error, id func(*T) string) error {
	*p = nil
	var unread []int
	d.leaveOut = func() {
		for _, i := range slices.Backward(unread) {
			*p = slices.Delete(*p, i, i+1)
		}
	}
	return each(d, func(d *Decoder) error {
		at := len(*p)
		bad, err := row(d, p, elem, id)
		if bad != nil {
			d.rows = append(d.rows, rutravel.RowError{Index: len(*p) - 1, ID: rowID(p, id), Problem: bad.Error()})
		}
		if len(*p) > at && (bad != nil || err != nil) {
			unread = append(unread, at)
		}
		return err
	})
}

// Found reads a list of a search or directory: rows that cannot be read are left
// out with a warning. If none can be read, that is a problem of the list. id
// returns the supplier's id of a row; it may be nil.
func Found[T any](d *Decoder, p *[]T, elem func(*T, *Decoder) error, id func(*T) string) error {
	*p = nil
	var first *Error
	err := each(d, func(d *Decoder) error {
		bad, err := row(d, p, elem, id)
		if bad != nil {
			d.warn(bad, rowID(p, id))
			*p = (*p)[:len(*p)-1]
			first = cmp.Or(first, bad)
		}
		return err
	})
	if first != nil && len(*p) == 0 && d.bad == nil {
		d.bad = first
	}
	return err
}

// FoundMap is [Found] of an object whose names are data, as in [Decoder.Map]. elem
// gets the name of each value. Of two equal names the last counts.
func FoundMap[T any](d *Decoder, p *[]T, elem func(v *T, name []byte, d *Decoder) error, id func(*T) string) error {
	*p = nil
	var places Places
	var first *Error
	err := d.Map(func(name []byte) error {
		key := string(name)
		one := make([]T, 0, 1)
		bad, err := row(d, &one, func(v *T, d *Decoder) error { return elem(v, name, d) }, id)
		switch {
		case err != nil:
			return err
		case bad != nil:
			d.warn(bad, rowID(&one, id))
			first = cmp.Or(first, bad)
			return nil
		}
		return Keep(d, p, &places, key, one[0])
	})
	if first != nil && len(*p) == 0 && d.bad == nil {
		d.bad = first
	}
	return err
}

// Row reads a row of a list that is yielded while it arrives. bad is the problem of
// the row, which is not one of the document. id returns the supplier's id of it.
func Row[T any](d *Decoder, v *T, elem func(*T, *Decoder) error, id func(*T) string) (bad *Error, err error) {
	return named(d, func(d *Decoder) error { return elem(v, d) }, func() string { return id(v) })
}

// row reads a row, whose problems are its own.
func row[T any](d *Decoder, p *[]T, elem func(*T, *Decoder) error, id func(*T) string) (bad *Error, err error) {
	return named(d, func(d *Decoder) error { return grown(d, p, elem) }, func() string { return rowID(p, id) })
}

// named reads a row and names it in its warnings.
func named(d *Decoder, read func(*Decoder) error, id func() string) (bad *Error, err error) {
	before := len(d.warnings)
	bad, err = d.apart(read)
	for i := before; i < len(d.warnings); i++ {
		d.warnings[i].ID = cmp.Or(d.warnings[i].ID, id())
	}
	return bad, err
}

// rowID is the supplier's id of the last row.
func rowID[T any](p *[]T, id func(*T) string) string {
	if id == nil || len(*p) == 0 {
		return ""
	}
	return id(&(*p)[len(*p)-1])
}

// grown reads an element to the end of *p.
func grown[T any](d *Decoder, p *[]T, elem func(*T, *Decoder) error) error {
	if n := len(*p); n == cap(*p) {
		more := max(n, 1) // doubled: append grows long lists by a quarter
		if err := Take[T](d, more); err != nil {
			return err
		}
		*p = slices.Grow(*p, more)
	}
	var zero T
	*p = append(*p, zero)
	return elem(&(*p)[len(*p)-1], d)
}

// each reads a list, in whatever shape, one element by each call of one.
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

// Readable returns the rows of a list that err, if it is a [*rutravel.RowsError],
// does not name.
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

// WithRow adds a row to the error of a list, unless that names the row already or
// is about the whole list.
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
