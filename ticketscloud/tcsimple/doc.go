// Package tcsimple is a client for tc-simple, the gRPC catalogue of Ticketscloud
// (ticketscloud.com): events with their categories of tickets, seats, venues and
// what else describes them. The manual of the REST API, which package ticketscloud
// speaks, sends distributors here. Ids and the types of seats and statuses are
// those of that package.
//
// The manual is the repository https://github.com/ticketscloud/docs.
//
// # Access
//
// The key is the one for orders. [Stage] is for integration, [Production] shows
// what is sold; one of them must be named in [Config], the one where the orders
// are made. The service has two names: [ServiceV3] is tried, and [ServiceV2] where
// a method is not implemented, which is remembered, or not found by a gateway,
// which is not.
//
// Package [github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest]
// is the supplier in memory, to test against.
//
// # From an event to an order
//
//	Events  → Event.ID, Event.Sets: Set.ID, Set.WithSeats, Set.Vacant, Set.Price
//	Seats   → Seat.Ticket, Seat.Row, Seat.Number          where Set.WithSeats
//	Venues  → Venue.City, Venue.WithMosbilet              by Event.Venue
//	Cities  → City.Local(Event.Start)                     by Venue.City
//
//	client.CreateOrder(ctx, ticketscloud.NewOrder{Event: event.ID, Tickets: …})  Seat.Ticket
//	client.CreateOrder(ctx, ticketscloud.NewOrder{Event: event.ID, Random: …})   Set.ID and a number
//
// The prices here are face prices; what is to be paid, with the fee and
// discounts, the order says. Where a venue has WithMosbilet, the buyers must be
// named before the order is completed.
//
// The supplier does not say what may be cached; the library keeps no cache.
//
// # Streams
//
// Every method is an iterator over an answer that arrives while it is read. There
// are no pages, and no filter means all there is: some thousands of events, and
// minutes. That is why a list of a query that is empty and not nil is refused.
// Nothing is sent before the first value is asked for, and every range asks anew.
// A loop that is left frees the stream, so does the end of the context.
//
// A call is repeated as long as nothing was handed out. After that a stream that
// breaks off ends with an error, never as a short list: what was collected until
// then is not the catalogue.
//
// A stream may take any time, but no more than two minutes without a message, also
// before the first one. [rutravel.WithAttemptTimeout], of a client or of a call, sets
// another bound. Empty messages count: only the deadline of the context bounds a
// stream of them. The deadline is sent to the supplier. The Timeout of a given
// [net/http.Client] is ignored. [rutravel.WithRawAnswer] stores nothing. A message has 16 MiB at most.
//
// # Values
//
// Amounts are roubles, which travel as kopecks. The supplier does not name the
// unit of the amounts of a [Promotion]; they are taken for kopecks, too. Shares
// are per cent.
//
// Times are instants in UTC. One that is empty, or cannot be read, is zero: not
// known. Fields and values that are not known yet are no errors: of an enumeration
// the number is kept as text, of a rule or a discount of another kind, or at a time
// that cannot be read, the price is not set, so that none holds by mistake.
//
// # Values that cannot be read
//
// One odd value does not keep the rest of a catalogue back. If callers can do without
// it, the field is empty and a warning goes to the logger ([rutravel.WithLogger]): a
// time, a share, a place on the map, an id of another object. If not, the element is
// left out with a warning: an id in which letters were lost, a part of a seat, a number
// of vacant tickets below zero. If no element can be read, the stream ends with
// [rutravel.ErrProtocol]. Bytes of a text that are not UTF-8 become U+FFFD.
//
// # What the manual leaves to its reader
//
//   - The key stands alone here, without the word key.
//   - A price is a number of kopecks, and no unit is named.
//   - The nanos of a share have a sign, although their type has none.
//   - The statuses of a filter are other numbers than those of an event or a seat.
//   - v2 and v3 number the kinds of a [Mod] differently: a promotion is one that has the
//     settings of one.
//   - Categories without seats have no [Seat]: they are ordered by number.
//
// # Errors
//
// Code is the status of gRPC, as a [Code]: UNAUTHENTICATED is
// [rutravel.ErrAuth], PERMISSION_DENIED [rutravel.ErrForbidden], NOT_FOUND
// [rutravel.ErrNotFound], INVALID_ARGUMENT and OUT_OF_RANGE
// [rutravel.ErrInvalid], RESOURCE_EXHAUSTED [rutravel.ErrRateLimited],
// ALREADY_EXISTS, FAILED_PRECONDITION and ABORTED [rutravel.ErrConflict],
// UNIMPLEMENTED [rutravel.ErrProtocol], any other [rutravel.ErrUnavailable], and
// what gRPC does not define [rutravel.ErrRejected]. An HTTP status other than 200
// is a gateway's and is read as elsewhere. A google.rpc.RetryInfo among the details of
// a status is honored like the header Retry-After.
//
// # Design
//
// gRPC is spoken by [connectrpc.com/connect] over [net/http], not by
// [google.golang.org/grpc]. The latter is what most programs use; this package's
// users pay for it as follows (stripped linux/amd64 program that has net/http and
// protobuf anyway):
//
//	                          connect 1.21    grpc 1.79
//	program                    +0.9 MB         +4.4 MB
//	modules / lines of go.sum  +1 / +2         +5 / +34
//
// More weighs that connect sends through a [net/http.Client]: all options of
// package rutravel hold here as they do for orders (a proxy, instrumentation, a
// fake without a socket), and the engine that sends the other suppliers' calls
// sends these, with its rules for retries, errors and secrets. What grpc does
// beyond that, balancing and service configurations, nobody needs for one host.
//
//   - HTTP/2 is net/http's own, by TLS or, at http:// addresses, in the clear
//     from the first byte. HTTP/1.1 is refused, also where a DialTLSContext or a
//     server negotiates nothing; what a RoundTripper speaks that is no
//     [*net/http.Transport] is its own affair.
//   - A [*net/http.Transport] that is given is copied, so what it does with its
//     connections does not reach these: they end after 30 idle seconds if it has
//     no IdleConnTimeout.
//   - No pings are sent: by default, servers of gRPC close a connection on the
//     fourth in a silence. A dead connection is known by its silence, or by the
//     end of the context while it was waited for: whatever is sent after that
//     takes another.
//   - Messages are read one by one into memory of their own; HTTP/2's window holds
//     back a supplier that is faster than the loop.
//
// Connect has a second major version; the first, which its makers keep up, is
// smaller and all that is needed here. Programs that do not import this package
// compile neither it nor protobuf.
//
// [connectrpc.com/connect]: https://pkg.go.dev/connectrpc.com/connect
// [google.golang.org/grpc]: https://pkg.go.dev/google.golang.org/grpc
package tcsimple
