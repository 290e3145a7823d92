package conformance

import (
	"testing"
	"time"
)

// Ratio measures how a library reads an answer of some length, how one would
// read it by hand, and the two in turn: "ratio" is how many times as long the
// latter takes.
func Ratio(b *testing.B, length int, library, byHand func(*testing.B)) {
	b.Helper()
	for name, read := range map[string]func(*testing.B){"rutravel": library, "by hand": byHand} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(length))
			for b.Loop() {
				read(b)
			}
		})
	}
	b.Run("ratio", func(b *testing.B) {
		var ours, theirs time.Duration
		for b.Loop() {
			start := time.Now()
			library(b)
			middle := time.Now()
			byHand(b)
			ours += middle.Sub(start)
			theirs += time.Since(middle)
		}
		b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
	})
}
