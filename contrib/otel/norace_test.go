//go:build !race

package rutravelotel_test

const raceEnabled = false
