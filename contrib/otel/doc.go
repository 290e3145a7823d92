// Package rutravelotel reports the calls of suppliers' clients to OpenTelemetry, as
// traces and metrics.
//
//	observer, err := rutravelotel.New()
//	if err != nil { … }
//	client, err := regionbilet.New(config, rutravel.WithObserver(observer))
//
// One observer serves all clients of a program.
//
// # Traces
//
// Each call is a client span with a name such as "regionbilet pay", and each attempt
// is a client span below it. Attributes follow the semantic conventions for RPC and
// HTTP where these have a name:
//
//	| attribute                  | of           | value                                          |
//	|----------------------------|--------------|------------------------------------------------|
//	| rpc.system.name            | call         | "rutravel"                                     |
//	| rpc.method                 | call         | "regionbilet/pay"                              |
//	| rutravel.supplier          | both         | the supplier's package                         |
//	| rutravel.operation         | both         | the operation                                  |
//	| rutravel.safety            | both         | "unsafe", "keyed" or "safe"                    |
//	| rutravel.attempts          | call         | the number of attempts                         |
//	| rutravel.elements          | call         | the elements that a stream yielded, if any     |
//	| rutravel.bytes             | both         | the length of the answers, unpacked            |
//	| http.response.status_code  | attempt      | the HTTP status, if an answer arrived          |
//	| http.request.resend_count  | attempt      | the attempts before it, if any                 |
//	| error.type                 | both         | the slug of the error's kind, if it failed     |
//
// A wait of a millisecond or more is an event "wait" of the call, with its reason and
// seconds. A value of an answer that could not be read is an event "warning", with
// its path and problem.
//
// # Metrics
//
//	| instrument                    | kind      | unit      | attributes                                     |
//	|-------------------------------|-----------|-----------|------------------------------------------------|
//	| rutravel.client.call.duration | histogram | s         | supplier, operation, safety                    |
//	| rutravel.client.call.attempts | histogram | {attempt} | supplier, operation, safety                    |
//	| rutravel.client.call.waits    | histogram | s         | supplier, operation, safety, reason            |
//	| rutravel.client.call.errors   | counter   | {call}    | supplier, operation, safety, error.type, party |
//
// The names of the attributes begin with "rutravel.", except for error.type. The
// duration contains all waits. A call that was never sent counts as 0 attempts.
//
// Neither traces nor metrics contain an address, a credential, a message of a
// supplier, an id or a passenger's data.
package rutravelotel
