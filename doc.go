// Package rutravel contains what clients for Russian travel suppliers share: errors,
// options, observers, limiters and the vocabulary of recovery. It sends nothing. Each
// supplier has a package:
//
//   - [github.com/rutravel/rutravel-go/regionbilet]: coach tickets
//   - [github.com/rutravel/rutravel-go/multitour]: package tours
//   - [github.com/rutravel/rutravel-go/bgoperator]: package tours of Biblio-Globus
//   - [github.com/rutravel/rutravel-go/ticketscloud]: event tickets
//   - [github.com/rutravel/rutravel-go/ticketscloud/tcsimple]: the catalogue of events over gRPC
//   - [github.com/rutravel/rutravel-go/smartway]: business travel
//
// Each has a fake, a supplier in memory, in a package below it: regionbilettest and its
// siblings. Package sandbox serves all fakes over HTTP.
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
// A call that books, pays, cancels, refunds or mails is unsafe: sending it twice may
// do it twice. It has exactly four outcomes:
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
// A user who leaves does not undo what the supplier has begun. A call that is canceled
// after it was sent ends with [ErrNotConfirmed]. Detach such calls from the user's
// request:
//
//	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Minute)
//	defer cancel()
//
// # Recovery
//
// A process can also die before it stores the result of a call. For each unsafe method
// X, the client has XOperation, which returns an [Operation]: the call, its look-up,
// how long to look, and what it means if nothing is found. Package
// [github.com/rutravel/rutravel-go/journal] makes operations idempotent: it stores the
// intent before a call, sends each key once, and finds out what became of lost calls.
// Without package journal, store an [Intent] and use [Operation.Resolve].
//
// # Answers
//
// Amounts have the type decimal.Decimal of package github.com/shopspring/decimal. Dates and
// times without a zone have types of package cloud.google.com/go/civil.
//
// Enumerations are strings or ints. A value that the manual does not list is kept as it
// came. Answers are read up to 64 MiB, unless the package says otherwise.
package rutravel

// Version is the version of this module. Clients send it in the User-Agent header.
const Version = "0.1.0"
