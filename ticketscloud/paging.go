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

// announce tells what the supplier says of the page with a number, after so many
// rows of it and the pages before it. asked is the size that was asked for.
//
// The manual does not say whether total counts rows or pages (TC-T42). The end was
// reached only if that is so in both meanings, and a short page is a sign of it
// only if total does not say that there is more in both meanings.
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

// lastPage is what is known of the page that was read last: the supplier's clock, and
// an error that is not about rows.
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

// pages iterates over the rows of all pages, from the first on. A row that could
// not be read comes with its [rutravel.RowError].
func pages[T any, ID comparable](c *Client, op, first, asked int, id func(*T) ID, fetch func(page int) (listPage[T], error)) iter.Seq2[T, error] {
	first = cmp.Or(first, 1) // a negative one is refused by the request's own check
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

// withRows adds the rows of a list that name something in refs that could not be
// read to the error of the list. link replaces the ids of a row.
func withRows[T any](err error, rows []T, id func(*T) string, link func(*T) error) error {
	for i := range rows {
		if bad := link(&rows[i]); bad != nil {
			err = wire.WithRow(err, rutravel.RowError{Index: i, ID: id(&rows[i]), Problem: bad.Error()})
		}
	}
	return err
}
