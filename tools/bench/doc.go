// Command bench measures the library beside what one would use in its place,
// all in one run and in turn, and prints how many times as fast, or as large, each
// is as a client written by hand with net/http and encoding/json.
//
// It is a module of its own, so that what the library is compared with is no
// dependency of those who use it. README.md says what is measured and how, and
// holds the table of the last run.
package main
