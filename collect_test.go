package rutravel_test

import (
	"errors"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
)

func TestCollect(t *testing.T) {
	t.Parallel()
	// until yields 1, 2 … and an error in the place of n.
	until := func(n int, asked *int) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := 1; ; i++ {
				*asked++
				if i == n {
					yield(99, io.EOF) // the value of an error does not count
					return
				}
				if !yield(i, nil) {
					return
				}
			}
		}
	}
	for _, test := range []struct {
		name string
		n    int
		want []int
	}{
		{"an error at once", 1, nil},
		{"an error after some", 4, []int{1, 2, 3}},
	} {
		var asked int
		got, err := rutravel.Collect(until(test.n, &asked))
		assert.Equal(t, io.EOF, err, test.name)
		assert.Equal(t, test.want, got, test.name)
		assert.Equal(t, test.n, asked, test.name)
	}
	got, err := rutravel.Collect(func(yield func(string, error) bool) { _ = yield("a", nil) && yield("b", nil) })
	assert.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, got)

	got, err = rutravel.Collect(func(func(string, error) bool) {})
	assert.NoError(t, err)
	assert.Empty(t, got)

	// An error ends it, even if the sequence would go on.
	var yielded int
	_, err = rutravel.Collect(func(yield func(int, error) bool) {
		for yielded = 1; yield(0, io.ErrNoProgress); yielded++ {
		}
	})
	assert.Equal(t, io.ErrNoProgress, err)
	assert.Equal(t, 1, yielded)
}

// Rows that could not be read do not end a collection.
func TestCollectRows(t *testing.T) {
	t.Parallel()
	row := func(i int) error {
		return &rutravel.Error{Kind: rutravel.ErrProtocol, Err: &rutravel.RowError{Index: i, ID: "7", Problem: "price: missing"}}
	}
	seq := func(last error) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			if yield(1, nil) && yield(2, row(1)) && yield(3, row(2)) && yield(4, nil) && last != nil {
				yield(99, last)
			}
		}
	}
	got, err := rutravel.Collect(seq(nil))
	assert.Equal(t, []int{1, 2, 3, 4}, got)
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
	first, ok := errors.AsType[*rutravel.RowError](err)
	assert.True(t, ok)
	assert.Equal(t, 1, first.Index)
	assert.Equal(t, 2, strings.Count(err.Error(), "(id 7): price: missing"))

	got, err = rutravel.Collect(seq(io.EOF))
	assert.Equal(t, []int{1, 2, 3, 4}, got)
	assert.ErrorIs(t, err, io.EOF)
	assert.ErrorIs(t, err, rutravel.ErrProtocol)

	_, err = rutravel.Collect(seq(&rutravel.Error{Kind: rutravel.ErrUnavailable}))
	assert.Equal(t, rutravel.ErrUnavailable, rutravel.KindOf(err), "that of the list, which is not whole")
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
}

func TestRowsError(t *testing.T) {
	t.Parallel()
	err := &rutravel.RowsError{}
	for i := range 5 {
		err.Rows = append(err.Rows, rutravel.RowError{Index: i, Problem: "id: missing"})
	}
	assert.EqualError(t, err, "row 0: id: missing; row 1: id: missing; row 2: id: missing; and 2 more")
	row, ok := errors.AsType[*rutravel.RowError](error(err))
	assert.True(t, ok)
	assert.Same(t, &err.Rows[0], row)
}
