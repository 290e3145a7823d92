package ticketscloud

import (
	"errors"
	"iter"
	"slices"
	"strconv"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// MaxPageSize is the largest page of orders and refunds (manual, lists).
const MaxPageSize = 200

// Pagination is what the supplier says of a page. Do not count by it.
type Pagination struct {
	Page     int // page
	PageSize int // page_size
	Total    int // total: whether of pages or of objects is not said
}

func (p *Pagination) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "page":
			return d.Int(&p.Page)
		case "page_size":
			return d.Int(&p.PageSize)
		case "total":
			return d.Int(&p.Total)
		default:
			return d.Skip()
		}
	})
}

// addPage adds which page is wanted; largest is 0 where no limit is known.
func (r *request) addPage(page, size, largest int) {
	r.That(page >= 0, "Page", "must not be negative")
	r.That(size >= 0, "PageSize", "must not be negative")
	r.That(largest == 0 || size <= largest, "PageSize", "must not be more than "+strconv.Itoa(largest))
	if page > 0 {
		r.query.Add("page", strconv.Itoa(page))
	}
	if size > 0 {
		r.query.Add("page_size", strconv.Itoa(size))
	}
}

// fetch reads a page, counted from 1, which check finds fit to follow the
// others.
type fetch[T any] = func(page int, check func([]T) error) ([]T, error)

// allPages iterates over the objects of all pages.
func allPages[T any, ID comparable](first int, id func(T) ID, read fetch[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var noID ID
		seen := seen[ID]{}
		// A negative first page is refused by the request's own check.
		for page := first; ; page++ {
			if page == 0 {
				page = 1
			}
			objects, err := read(page, func(objects []T) error { return refuseRepeated(seen, id, objects) })
			for _, o := range objects {
				if id(o) != noID && seen.add(id(o)) && !yield(o, nil) {
					return
				}
			}
			if err != nil {
				yield(none, err)
				return
			}
			if len(objects) == 0 {
				return
			}
		}
	}
}

// findInPages goes through the pages until an object is found.
func findInPages[T any, ID comparable](want ID, id func(T) ID, read fetch[T]) (none T, err error) {
	seen := seen[ID]{}
	for page := 1; ; page++ {
		objects, err := read(page, func(objects []T) error {
			switch {
			case len(objects) == 0:
				return &transport.Refusal{Kind: rutravel.ErrNotFound, Detail: func(func(string) string) error { return errNotListed }}
			case slices.ContainsFunc(objects, func(o T) bool { return id(o) == want }):
				return nil
			default:
				return refuseRepeated(seen, id, objects)
			}
		})
		// It may stand in a page of which something else could not be read.
		if i := slices.IndexFunc(objects, func(o T) bool { return id(o) == want }); i >= 0 {
			return objects[i], err
		}
		if err != nil {
			return none, err
		}
		for _, o := range objects {
			seen.add(id(o))
		}
	}
}

var errNotListed = errors.New("no page of the list has it")

// seen is the ids that came already.
type seen[ID comparable] map[ID]struct{}

// add reports whether an id is new.
func (s seen[ID]) add(id ID) bool {
	before := len(s)
	s[id] = struct{}{}
	return len(s) > before
}

// refuseRepeated refuses a page of which every object came before: to go on might
// never end, and to stop might lose the rest.
func refuseRepeated[T any, ID comparable](seen seen[ID], id func(T) ID, objects []T) error {
	isNew := func(o T) bool {
		_, old := seen[id(o)]
		return !old
	}
	if len(objects) > 0 && !slices.ContainsFunc(objects, isNew) {
		return &wire.Error{Path: "data", Problem: "the page repeats what came before"}
	}
	return nil
}
