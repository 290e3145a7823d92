package main

import (
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// A measure is a quantity that is measured of each contestant.
type measure string

const (
	duration    measure = "time" // of the processor, because the machine may run other programs
	bytesMade   measure = "bytes"
	allocations measure = "allocations"
	rate        measure = "calls per second"

	// These are absolute figures.
	peakMemory     measure = "peak memory above idle, MB"
	firstRead      measure = "read at the first trip, KB"
	newConnections measure = "new connections in 1,000 calls, once warm"
)

// larger reports whether more is better, so that goals are lower bounds. Such
// measures are shown as how many times as fast. All others are shown as a share
// of the baseline.
func (m measure) larger() bool { return m == duration || m == rate }

// sample has the costs of one run, averaged over a round.
type sample map[measure]float64

const (
	rounds = 6
	short  = 50 * time.Millisecond // the length of a round
)

// compare runs the contestants in turn and returns their samples by name.
func compare(w work) map[string][]sample {
	times := make([]int, len(w.contestants))
	for i, c := range w.contestants { // warm up, and count how many runs fit into a round
		times[i] = fitting(c)
	}
	all := map[string][]sample{}
	for range rounds {
		for i, c := range w.contestants {
			all[c.name] = append(all[c.name], take(c, times[i]))
		}
	}
	return all
}

// fitting returns how many runs make a round.
func fitting(c contestant) int {
	for n := 1; ; n *= 2 {
		if s := take(c, n); s[duration]*float64(n) >= float64(short) {
			return max(1, int(float64(short)/s[duration]))
		}
	}
}

// take measures n runs.
func take(c contestant, n int) sample {
	var before, after runtime.MemStats
	run := func() {
		if _, err := c.run(); err != nil {
			panic(fmt.Sprintf("bench: %s: %v", c.name, err))
		}
	}
	runtime.GC()
	run() // restores the buffers that are kept for the next run
	runtime.ReadMemStats(&before)
	busy := used()
	for range n {
		run()
	}
	busy = used() - busy
	runtime.ReadMemStats(&after)
	each := func(v float64) float64 { return v / float64(n) }
	return sample{
		duration:    each(float64(busy)),
		bytesMade:   each(float64(after.TotalAlloc - before.TotalAlloc)),
		allocations: each(float64(after.Mallocs - before.Mallocs)),
	}
}

// used returns the processor time of this process, including garbage collection
// and the system's work for it.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// ratio returns the median over the rounds of a contestant's share of the
// baseline.
func ratio(m measure, base, other []sample) float64 {
	all := make([]float64, len(base))
	for i := range base {
		if m == duration {
			all[i] = base[i][m] / other[i][m]
		} else {
			all[i] = other[i][m] / base[i][m]
		}
	}
	return median(all)
}

func absolute(m measure, all []sample) float64 {
	values := make([]float64, len(all))
	for i, s := range all {
		values[i] = s[m]
	}
	return median(values)
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}
