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
// Each test run can have its own suppliers. The header Rutravel-Run: NAME, or the same
// name as gRPC metadata, or the path prefix /run/NAME chooses the run. The first request
// of a run makes the run. No run sees the state of another. A request without a name
// belongs to the default run.
//
// A [Sandbox] keeps everything in memory and limits how much it keeps. It has no access
// control: serve it on loopback or in a private network.
//
// The command [github.com/rutravel/rutravel-go/cmd/rutravel-sandbox] serves a sandbox.
package sandbox
