package ticketscloud

import (
	"cmp"
	"errors"
	"iter"
	"strconv"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// MaxPageSize is the largest page of orders and refund requests (manual, lists).
const MaxPageSize = 200

// Pagination is what the supplier says about a page. Do not use it to find the end of a
// list.
type Pagination struct {
	Page     int // page
	PageSize int // page_size
	Total    int // total: the manual does not say whether of pages or of objects
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

// addPage adds the page to a request. largest is 0 if the limit is not known.
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

// announce returns the page size and the total that the supplier announces. page is the
// number of the page, rows the number of rows up to its end, and asked the requested
// size.
//
// The manual does not say whether total counts rows or pages (TC-T42). The end is
// reached only if it is reached in both meanings. A short page is a sign of the end only
// if total does not announce more in both meanings.
func (p Pagination) announce(page, rows, asked int) (size, total int) {
	const usual = 50
	size = cmp.Or(asked, p.PageSize, usual)
	if p.PageSize > 0 {
		size = min(size, p.PageSize)
	}
	if p.Total > rows {
		size = 0
	}
	if p.Total > 0 && page > p.Total {
		total = 1
	}
	return size, total
}

// listPage is a page of orders or refund requests.
type listPage[T any] struct {
	rows       []T
	pagination Pagination
	clock      clock
}

// Len returns the number of rows, which the engine counts for observers.
func (p listPage[T]) Len() int { return len(p.rows) }

// lastPage describes the page that was read last: the supplier's clock, and an error
// unless it is about rows.
type lastPage struct {
	clock clock
	err   error
}

func (l *lastPage) set(c clock, err error) {
	if l == nil {
		return
	}
	l.clock = c
	if _, ofRows := errors.AsType[*rutravel.RowsError](err); !ofRows {
		l.err = err
	}
}

// pages iterates over the rows of all pages, starting with page first. A row that cannot
// be read comes with its [rutravel.RowError].
func pages[T any, ID comparable](c *Client, op, first, asked int, id func(*T) ID, fetch func(page int) (listPage[T], error)) iter.Seq2[T, error] {
	first = cmp.Or(first, 1) // the check of the request refuses a negative page
	return func(yield func(T, error) bool) {
		var rows int
		transport.Pages(c.engine, &operations[op], first, id, func(page int) (transport.Page[T], error) {
			p, err := fetch(page)
			rows += len(p.rows)
			size, total := p.pagination.announce(page, rows, asked)
			return transport.Page[T]{Rows: p.rows, Size: size, Total: total}, err
		})(yield)
	}
}

// withRows calls link to replace the ids of each row. It adds the rows with objects in
// refs that cannot be read to the error of the list.
func withRows[T any](err error, rows []T, id func(*T) string, link func(*T) error) error {
	for i := range rows {
		if bad := link(&rows[i]); bad != nil {
			err = wire.WithRow(err, rutravel.RowError{Index: i, ID: id(&rows[i]), Problem: bad.Error()})
		}
	}
	return err
}
