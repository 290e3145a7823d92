// Package sandbox serves the fakes of all suppliers behind one [http.Handler],
// with a control API and a web console. It is for tests that are not written in
// Go or that run in another process; tests in Go can use the fakes directly.
//
// A request chooses the supplier by its path:
//
//	/regionbilet/…    /multitour/…    /bgoperator/…    /ticketscloud/…    /smartway/…
//	/v3.Simple/…      the gRPC catalogue of Ticketscloud, because gRPC clients take no path prefix
//	/sandbox/v1/…     the control API, described by /sandbox/v1/openapi.yaml
//	/                 the web console
//
// Each test run can have suppliers of its own. The header Rutravel-Run: NAME, or
// the same name as gRPC metadata, or the path prefix /run/NAME chooses the run. A run
// is made by its first request. No run sees the state of another.
//
// A [Sandbox] keeps everything in memory and within bounds. It has no access
// control: serve it on loopback or in a private network.
//
// The command [github.com/rutravel/rutravel-go/cmd/rutravel-sandbox] serves a sandbox.
package sandbox
