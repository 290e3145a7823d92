// Package browsertest tests the command rutravel-sandbox as users start it: as a
// process, with a browser, with the example programs, with clients in other
// languages, and as examples/compose.yaml describes it. Tests that lack a program
// are skipped, but not in CI.
package browsertest
