package transport

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// listed is a row of a list. Its ID is 0 if it could not be read.
type listed struct{ ID int }

func (l *listed) id() int { return l.ID }

// pagesOf makes a list of pages from the ids of their rows. A row with a
// negative id could not be read except for its id. A row with 0 has no readable
// id. The last page repeats for all later page numbers.
func pagesOf(c *Client, size, total int, pages ...[]int) (fetch func(page int) (Page[listed], error), asked *int) {
	asked = new(int)
	return func(page int) (Page[listed], error) {
		*asked++
		p := Page[listed]{Size: size, Total: total}
		var bad []rutravel.RowError
		for i, id := range pages[min(page, len(pages))-1] {
			if id <= 0 {
				bad = append(bad, rutravel.RowError{Index: i, Problem: "price: missing"})
			}
			p.Rows = append(p.Rows, listed{max(id, -id)})
		}
		if bad != nil {
			return p, c.between(safeOp, rutravel.ErrProtocol, &rutravel.RowsError{Rows: bad}, 1, nil)
		}
		return p, nil
	}, asked
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		size, total int
		pages       [][]int
		want        []int // negative: with a RowError
		asked       int
		incomplete  bool
	}{
		{"an empty page ends", 0, 0, [][]int{{1, 2}, {3}, {}}, []int{1, 2, 3}, 3, false},
		{"nothing at all", 0, 0, [][]int{{}}, nil, 1, false},
		{"a row moves to the next page", 0, 0, [][]int{{1, 2}, {2, 3}, {}}, []int{1, 2, 3}, 3, false},
		{"the last page repeats, nothing is known", 0, 0, [][]int{{1, 2}, {3}}, []int{1, 2, 3}, 3, true},
		{"the last page repeats, all announced came", 0, 3, [][]int{{1, 2}, {3}}, []int{1, 2, 3}, 3, false},
		{"the last page repeats, more is announced", 0, 60, [][]int{{1, 2}}, []int{1, 2}, 2, true},
		{"the last page repeats and is short", 2, 0, [][]int{{1, 2}, {3}}, []int{1, 2, 3}, 3, false},
		{"the last page repeats and is full", 2, 0, [][]int{{1, 2}, {3, 4}}, []int{1, 2, 3, 4}, 3, true},
		{"a bad row hides nothing", 0, 0, [][]int{{1, -2, 3}, {4}, {}}, []int{1, -2, 3, 4}, 3, false},
		{"a bad row without an id", 0, 0, [][]int{{1, 0, 3}, {}}, []int{1, 0, 3}, 2, false},
		{"only bad rows without ids", 0, 0, [][]int{{0, 0}}, []int{0, 0, 0, 0}, 2, true},
		{"a page of bad rows without ids", 0, 0, [][]int{{0}, {7}, {}}, []int{0, 7}, 3, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, testBase, nil)
			fetch, asked := pagesOf(c, test.size, test.total, test.pages...)
			var got []int
			var last error
			for v, err := range Pages(c, safeOp, 1, (*listed).id, fetch) {
				row, bad := errors.AsType[*rutravel.RowError](err)
				switch {
				case bad:
					assert.Equal(t, "price: missing", row.Problem)
					assert.ErrorIs(t, err, rutravel.ErrProtocol)
					got = append(got, -v.ID)
				case err != nil:
					last = err
				default:
					got = append(got, v.ID)
				}
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.asked, *asked)
			assert.Equal(t, test.incomplete, errors.Is(last, errIncomplete), "%v", last)
		})
	}
}

// An error that is not about rows ends the list, after the rows of its page.
func TestPagesEnd(t *testing.T) {
	t.Parallel()
	c := newClient(t, testBase, nil)
	all, err := rutravel.Collect(Pages(c, safeOp, 1, (*listed).id, func(page int) (Page[listed], error) {
		if page == 2 {
			return Page[listed]{Rows: []listed{{2}}}, io.ErrUnexpectedEOF
		}
		return Page[listed]{Rows: []listed{{1}}}, nil
	}))
	assert.Equal(t, io.ErrUnexpectedEOF, err)
	assert.Equal(t, []listed{{1}, {2}}, all)

	for range Pages(c, safeOp, 1, (*listed).id, func(page int) (Page[listed], error) {
		require.Equal(t, 1, page)
		return Page[listed]{Rows: []listed{{1}, {2}}}, nil
	}) {
		break
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		pages [][]int
		found bool
		kind  rutravel.Kind
	}{
		{"on the second page", [][]int{{1}, {7}, {}}, true, ""},
		{"next to a bad row", [][]int{{-1, 7}, {}}, true, ""},
		{"after a bad row without an id", [][]int{{0}, {7}, {}}, true, ""},
		{"itself bad", [][]int{{1, -7}, {}}, true, rutravel.ErrProtocol},
		{"not there", [][]int{{1}, {}}, false, rutravel.ErrNotFound},
		{"not there, another row bad", [][]int{{-1}, {}}, false, rutravel.ErrNotFound},
		{"not there, a row without an id", [][]int{{1, 0}, {}}, false, rutravel.ErrProtocol},
		{"not there, the list incomplete", [][]int{{1}}, false, rutravel.ErrProtocol},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, testBase, nil)
			fetch, _ := pagesOf(c, 0, 0, test.pages...)
			v, err := Find(c, safeOp, Pages(c, safeOp, 1, (*listed).id, fetch), 7, (*listed).id)
			assert.Equal(t, test.found, v.ID == 7)
			if test.kind == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorIs(t, err, test.kind)
			assert.Equal(t, test.kind == rutravel.ErrNotFound, errors.Is(err, rutravel.ErrNotFound))
		})
	}
}
