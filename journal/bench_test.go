package journal_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/rutravel/rutravel-go/journal"
)

// BenchmarkDo reports the round trips to the store next to the time of a call with the
// store in memory.
func BenchmarkDo(b *testing.B) {
	store := newFaulty()
	c := journal.Add(journal.New(store), payment(func(_ context.Context, o order) (order, error) { return o, nil }, nil))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := c.Do(b.Context(), fmt.Sprint("order ", i, ", pay"), order{ID: fmt.Sprint(i)}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(store.inserts+store.updates)/float64(b.N), "writes/op")
}
