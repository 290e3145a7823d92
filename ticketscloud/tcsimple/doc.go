// Package tcsimple is a client for tc-simple, the gRPC catalogue of Ticketscloud
// (ticketscloud.com): events with their categories of tickets, seats, venues and other
// descriptions. The manual of the REST API recommends this catalogue to distributors.
// Package ticketscloud is the client for that API. Both packages share ids and the types
// of seats and statuses.
//
// This program lists the events on sale of a fake supplier, which runs in the same
// process:
//
//	package main
//
//	import (
//		"context"
//		"fmt"
//		"log"
//		"time"
//
//		rutravel "github.com/rutravel/rutravel-go"
//		"github.com/rutravel/rutravel-go/ticketscloud"
//		"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
//		"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
//	)
//
//	func main() {
//		fake := tcsimpletest.New(nil)
//		catalogue, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//		if err != nil {
//			log.Fatal(err)
//		}
//		query := tcsimple.EventQuery{Status: ticketscloud.EventPublic}
//		for event, err := range catalogue.Events(context.Background(), query) {
//			if err != nil {
//				log.Fatal(err) // the events before the error are not the whole catalogue
//			}
//			for _, set := range event.Sets {
//				fmt.Println(event.Name, set.Name, set.Vacant, "vacant,", set.Price(time.Now()).Decimal, "roubles")
//			}
//		}
//	}
//
// The manual is the repository https://github.com/ticketscloud/docs.
//
// # Access
//
// The API key is the same as for orders. Config.BaseURL must be [Stage], for integration,
// or [Production], which shows what is sold. Choose the one where the orders are made.
//
// The service has two names. The client tries [ServiceV3] first. It tries [ServiceV2] if
// ServiceV3 does not implement the method, and remembers that. It also tries ServiceV2 if a
// gateway does not find the path, but does not remember that.
//
// Package [github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest] is a fake of
// the supplier for tests.
//
// # From an event to an order
//
//   - [Client.Events] has the id of the event and, in [Event].Sets, its categories: ID,
//     WithSeats, Vacant and [Set.Price].
//   - [Client.Seats] has the tickets of categories with seats: Ticket, Row and Number.
//   - [Client.Venues] has the City and WithMosbilet of [Event].Venue.
//   - [Client.Cities] has the time zone of the venue's city: [City.Local].
//   - [ticketscloud.Client.CreateOrder] orders tickets with seats by their ids
//     ([Seat].Ticket), and other tickets by category and number ([Set].ID).
//
// Other methods are [Client.MetaEvents], [Client.Categories], [Client.Tags],
// [Client.Artists], [Client.Maps] and [Client.Countries].
//
// The prices here are face prices. The order has the amount to pay, with the fee and
// discounts. If a venue has WithMosbilet, set the buyers before the payment:
// [ticketscloud.Client.SetMosbiletBuyers].
//
// The supplier does not say what may be cached. The client caches nothing.
//
// # Streams
//
// Every method is an iterator over an answer that arrives while it is read. Nothing is sent
// before the first value is requested, and each range sends a new request. Leaving the loop
// or ending the context frees the stream.
//
// There are no pages. A query without a filter returns everything: for events, that is some
// thousands of messages and takes minutes. An empty list in a query would mean no filter, so
// a list that is empty but not nil is refused.
//
// The client retries a call as long as it has yielded nothing. After that, a stream that
// breaks off ends with an error and never looks like a short list. The values before the
// error are not the whole catalogue.
//
// The whole stream has no time limit. The time without a message is limited to two minutes,
// also before the first message. [rutravel.WithAttemptTimeout], of a client or of a call,
// changes that. Empty messages count, so only the deadline of the context limits a stream
// of them. The deadline is sent to the supplier. The Timeout of a given [net/http.Client]
// and [rutravel.WithRawAnswer] are ignored. A message has at most 16 MiB.
//
// # Values
//
// Amounts are in roubles. The supplier sends kopecks. The supplier does not name the unit
// of the amounts of a [Promotion], so the client reads them as kopecks as well. Shares are
// percentages.
//
// Times are instants in UTC. A time that is empty or cannot be read is zero, which means not
// known.
//
// New fields and values of the supplier are not errors. A new value of an enumeration is its
// number as text. A rule or discount has no price if its kind is new or its time cannot be
// read, so that no price applies by mistake.
//
// # Values that cannot be read
//
// One unreadable value does not hide the rest of the catalogue:
//
//   - A minor field stays empty, and the logger gets a warning ([rutravel.WithLogger]): a
//     time, a share, a location, an id of another object.
//   - An element is left out with a warning if an essential field cannot be read: an id
//     that has lost letters, a part of a seat, a negative number of vacant tickets.
//   - If no element can be read, the stream ends with [rutravel.ErrProtocol].
//
// Bytes of a text that are not UTF-8 become U+FFFD.
//
// # Errors
//
// An error's Code is the gRPC status, as a [Code]. An HTTP status other than 200 is a
// gateway's and is read as for other suppliers. If the details of a status have a
// google.rpc.RetryInfo, it is honored like the header Retry-After. The kinds are:
//
//   - [rutravel.ErrAuth]: UNAUTHENTICATED.
//   - [rutravel.ErrForbidden]: PERMISSION_DENIED.
//   - [rutravel.ErrNotFound]: NOT_FOUND.
//   - [rutravel.ErrInvalid]: INVALID_ARGUMENT and OUT_OF_RANGE.
//   - [rutravel.ErrRateLimited]: RESOURCE_EXHAUSTED.
//   - [rutravel.ErrConflict]: ALREADY_EXISTS, FAILED_PRECONDITION and ABORTED.
//   - [rutravel.ErrProtocol]: UNIMPLEMENTED.
//   - [rutravel.ErrUnavailable]: all other statuses of gRPC.
//   - [rutravel.ErrRejected]: statuses that gRPC does not define.
//
// # Design
//
// The client uses [connectrpc.com/connect] over [net/http], not
// [google.golang.org/grpc], which most programs use. Users of this package pay this for
// either (stripped linux/amd64 program that already has net/http and protobuf):
//
//	                          connect 1.21    grpc 1.79
//	program                    +0.9 MB         +4.4 MB
//	modules / lines of go.sum  +1 / +2         +5 / +34
//
// The main reason is that connect sends through a [net/http.Client]. So all options of
// package rutravel work as they do for orders: a proxy, instrumentation, a fake without a
// socket. The engine that sends the calls to other suppliers also sends these, with its
// rules for retries, errors and secrets. The additional features of grpc, such as balancing
// and service configurations, are not needed for one host.
//
//   - The client uses net/http's HTTP/2: over TLS or, at http:// addresses, in the clear from
//     the first byte. The client refuses HTTP/1.1, also if a DialTLSContext or a server
//     negotiates no protocol. It cannot control the protocol of a RoundTripper that is not a
//     [*net/http.Transport].
//   - A given [*net/http.Transport] is copied, and the copy has its own connections. They
//     are closed after 30 idle seconds if the Transport has no IdleConnTimeout.
//   - The client sends no pings: by default, gRPC servers close a connection at the fourth
//     ping without other traffic. A connection is considered dead after the time without a
//     message, or if the context ends while the client waits for it. Later requests use
//     another connection.
//   - Each message is read into its own memory. HTTP/2's window slows down a supplier that
//     is faster than the loop.
//
// Connect has a second major version. The first one is still maintained, is smaller and has
// everything that is needed here. Programs that do not import this package compile neither
// connect nor protobuf.
//
// # What the manual leaves to its reader
//
//   - The key is sent without the word key.
//   - A price is a number of kopecks. The manual names no unit.
//   - The nanos of a share have a sign, although their type has none.
//   - The statuses of a filter have other numbers than those of an event or a seat.
//   - v2 and v3 number the kinds of a [Mod] differently. A promotion is a Mod with the
//     settings of a promotion.
//   - Categories without seats have no [Seat]. Order their tickets by number.
//
// [connectrpc.com/connect]: https://pkg.go.dev/connectrpc.com/connect
// [google.golang.org/grpc]: https://pkg.go.dev/google.golang.org/grpc
package tcsimple
