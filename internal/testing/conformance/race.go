//go:build race

package conformance

// raceEnabled reports whether the race detector is on. It allocates memory, so
// that the tests that measure memory are skipped.
const raceEnabled = true
