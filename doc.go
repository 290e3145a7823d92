// Package rutravel is the common vocabulary of clients for Russian travel
// suppliers: the errors they return, the options they take and a few small
// helpers. It sends nothing by itself. Each supplier has a package of its own:
//
//   - regionbilet: coach tickets
//   - multitour: package tours
//   - bgoperator: package tours of Biblio-Globus
//   - ticketscloud: event tickets
//   - ticketscloud/tcsimple: the catalogue of events, by gRPC
//   - smartway: business travel
//
// Each has a package of the same name with test behind it: the supplier in memory.
//
// # Answers
//
// Enumerations are strings (or ints): a value that the manual does not list is
// kept as it came. No answer of more than 64 MiB is read, unless the package says
// otherwise.
//
// # Errors
//
// Every call that fails returns an [*Error]. Its [Kind] says why in words that
// mean the same at every supplier, and is matched with [errors.Is]:
//
//	if errors.Is(err, rutravel.ErrSoldOut) { … }
//
// One kind deserves a branch of its own wherever money moves:
// [ErrNotConfirmed]. It says that a booking, payment, cancellation or refund
// was sent and nobody can tell from the answer whether it was carried out.
// Such a call must not simply be made again; the doc comment of each method
// names the look-up that tells the truth.
//
// # Detaching from a user's request
//
// A caller that goes away does not undo what the supplier has begun: a call
// that is cancelled after it was sent ends with [ErrNotConfirmed]. Let money
// calls run on a context of their own,
//
//	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Minute)
//	defer cancel()
//
// and store what the look-up needs before the call is made.
package rutravel

// Version is the version of this module, as the clients' User-Agent names it.
const Version = "0.1.0"
