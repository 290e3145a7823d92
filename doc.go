// Package rutravel contains what clients for Russian travel suppliers share: errors,
// options, observers, limiters and the types for recovery. It sends nothing itself.
// Each supplier has a package:
//
//   - [github.com/rutravel/rutravel-go/regionbilet]: coach tickets
//   - [github.com/rutravel/rutravel-go/multitour]: package tours
//   - [github.com/rutravel/rutravel-go/bgoperator]: package tours of Biblio-Globus
//   - [github.com/rutravel/rutravel-go/ticketscloud]: event tickets
//   - [github.com/rutravel/rutravel-go/ticketscloud/tcsimple]: the catalogue of events over gRPC
//   - [github.com/rutravel/rutravel-go/smartway]: business travel
//
// Each has a fake, a supplier in memory, in a package below it whose name ends in test:
// regionbilettest. Package sandbox serves all fakes over HTTP.
//
// # Errors
//
// Every call that fails returns an [*Error]. Its [Kind] has the same meaning at every
// supplier. Match it with [errors.Is]:
//
//	if errors.Is(err, rutravel.ErrSoldOut) { … }
//
// # Unsafe calls
//
// A call that books, pays, cancels, refunds or mails is unsafe: if it is sent twice, it
// may book or pay twice. It ends in one of four ways:
//
//	outcome           error                      what to do
//	success           nil                        store the result
//	refusal           ErrSoldOut, ErrFunds, …    nothing was done; correct the request
//	not sent          ErrInvalid, ErrCanceled,   nothing was done; the call may be made again
//	                  ErrUnavailable, …
//	unknown outcome   ErrNotConfirmed            do not make the call again; look it up
//
// An unsafe call is sent once. It is sent again only if the first attempt provably
// never left this machine.
//
// If the context of a call ends after the request was sent, the supplier may still
// carry it out: the error is [ErrNotConfirmed]. So give such calls a context that does
// not end with the user's request:
//
//	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Minute)
//	defer cancel()
//
// # Recovery
//
// A process can also die before it stores the result of a call. For each unsafe method
// X, the client has XOperation, which returns an [Operation]: how to make the call, how
// to look up its outcome, how long to look, and what it means if nothing is found.
// Package [github.com/rutravel/rutravel-go/journal] makes operations idempotent. The
// application gives each call a key. The journal stores the request before the call,
// sends it at most once per key, and looks up the outcome of lost calls. Without
// package journal, store an [Intent] and use [Operation.Resolve].
//
// # Answers
//
// Amounts have the type decimal.Decimal of package github.com/shopspring/decimal. Dates and
// times without a zone have types of package cloud.google.com/go/civil.
//
// Enumerations are strings or ints. A value that the manual does not list is kept as it
// came. An answer may have up to 64 MiB, unless the supplier's package says otherwise.
package rutravel

// Version is the version of this module. Clients send it in the User-Agent header.
const Version = "0.1.0"
