// Command bench compares the library with the alternatives. All contestants run
// in one process, in turn. It prints how many times as fast, or as large, each is
// as a client written by hand with net/http and encoding/json.
//
// Bench is a separate module, so that applications do not depend on the
// alternatives. README.md says what is measured and how, and has the table of the
// last run.
package main
