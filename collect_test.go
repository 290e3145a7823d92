package rutravel_test

import (
	"io"
	"iter"
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
					yield(99, io.EOF) // the value beside an error is none
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
