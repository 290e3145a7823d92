package transport

import (
	"errors"
	"iter"

	rutravel "github.com/rutravel/rutravel-go"
)

// Page is one page of a list.
type Page[T any] struct {
	Rows  []T // all rows; those that could not be read are included as far as they were read
	Size  int // how many rows a full page has; 0 if that is not known
	Total int // how many rows the supplier announces for all pages; 0 if it announces none
}

var (
	errIncomplete = errors.New("a page of the list repeats what came before: the list may have more")
	errDoubtful   = errors.New("it may be one of the rows that could not be read")
	errNotListed  = errors.New("the list was read and does not have it")
)

// Pages iterates over the rows of all pages, from page first on, until one is
// empty. A row whose id came before is left out, because rows move to the next
// page when others are added. A row that could not be read is yielded with its
// [*rutravel.RowError], and the iteration continues.
//
// An empty page always ends the list, because a supplier's total may count pages,
// or more rows than were asked for.
//
// A page without new rows ends the list if all announced rows came, or if the
// page before was short. Otherwise the last error says that the list may have
// more rows.
//
// fetch gets one page. If its error is not about rows, it ends the list after the
// rows that were read.
func Pages[T any, ID comparable](c *Client, op *Operation, first int, id func(*T) ID, fetch func(page int) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var unread ID
		seen := map[ID]struct{}{}
		var short, nameless bool // the page before was short, or had only rows without an id
		for page := first; ; page++ {
			p, err := fetch(page)
			before, unnamed := len(seen), false
			for v, failed := range Each(p.Rows, err) {
				key := id(&v)
				_, old := seen[key]
				if old || key == unread && failed == nil {
					continue
				}
				if key == unread {
					unnamed = true
				} else {
					seen[key] = struct{}{}
				}
				if !yield(v, failed) {
					return
				}
			}
			old := len(seen) == before
			repeats := old && (nameless || !unnamed) // rows without an id may be new, but only once
			switch {
			case err != nil && !ofRows(err):
				yield(none, err)
				return
			case len(p.Rows) == 0, repeats && (short || p.Total > 0 && len(seen) >= p.Total):
				return
			case repeats:
				yield(none, c.between(op, rutravel.ErrProtocol, errIncomplete, 1, nil))
				return
			}
			short, nameless = p.Size > 0 && len(p.Rows) < p.Size, old
		}
	}
}

// ofRows reports whether an error is only about rows of a list.
func ofRows(err error) bool {
	_, ok := errors.AsType[*rutravel.RowsError](err)
	return ok
}

// Each iterates over the rows that a call returned. err is the error of the call.
// A row that err names is yielded with its [*rutravel.RowError]. If err is not
// about rows, the caller must handle it.
func Each[T any](all []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var failed []rutravel.RowError
		if rows, ok := errors.AsType[*rutravel.RowsError](err); ok {
			failed = rows.Rows
		}
		for i, v := range all {
			var problem error
			for len(failed) > 0 && failed[0].Index < i {
				failed = failed[1:]
			}
			if len(failed) > 0 && failed[0].Index == i {
				problem = ofRow(err, failed[0])
			}
			if !yield(v, problem) {
				return
			}
		}
	}
}

// ofRow makes the error of one row from the error of its list.
func ofRow(list error, row rutravel.RowError) error {
	e, ok := errors.AsType[*rutravel.Error](list)
	if !ok {
		return &row
	}
	one := *e
	one.Err = &row
	return &one
}

// Find returns the row of a list that has an id. It ignores the errors of other
// rows. If the list does not have the id, the error is [rutravel.ErrNotFound]. If
// the list was not read completely, or the id of a row could not be read, the
// error is [rutravel.ErrProtocol], because the row may be there.
func Find[T any, ID comparable](c *Client, op *Operation, list iter.Seq2[T, error], want ID, id func(*T) ID) (T, error) {
	var none T
	var unread ID
	var doubt *rutravel.Error // the error of a row that may be the one
	for v, err := range list {
		_, row := errors.AsType[*rutravel.RowError](err)
		switch {
		case id(&v) == want:
			return v, err
		case err != nil && !row:
			return none, err
		case err != nil && id(&v) == unread:
			doubt, _ = errors.AsType[*rutravel.Error](err)
		}
	}
	if doubt != nil {
		return none, c.between(op, rutravel.ErrProtocol, errDoubtful, 1, doubt)
	}
	return none, c.between(op, rutravel.ErrNotFound, errNotListed, 1, nil)
}

// RowError returns the error of a row that was read while the answer arrived.
func (c *Client) RowError(op *Operation, row rutravel.RowError) error {
	return c.between(op, rutravel.ErrProtocol, c.concealer().row(row), 1, nil)
}
