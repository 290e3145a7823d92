//go:build race

package conformance

// raced: the race detector takes memory of its own, so that none can be measured.
const raced = true
