// Package regionbilet is a client for the Web API 2.0 of Regionbilet
// (regionbilet.ru), which sells coach tickets of Russian carriers. It covers the 15
// commands of the "main access" manual (Основной доступ, версия 2.0).
//
// This program buys a ticket from a fake supplier, which runs in the same process:
//
//	package main
//
//	import (
//		"context"
//		"fmt"
//		"log"
//		"time"
//
//		"cloud.google.com/go/civil"
//
//		rutravel "github.com/rutravel/rutravel-go"
//		"github.com/rutravel/rutravel-go/regionbilet"
//		"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
//	)
//
//	func main() {
//		fake := regionbilettest.New()
//		client, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//		if err != nil {
//			log.Fatal(err)
//		}
//		ctx := context.Background()
//		trips, err := client.Trips(ctx, regionbilet.TripQuery{From: "124", To: "463", Date: regionbilet.Today().AddDays(2)})
//		if err != nil || len(trips) == 0 {
//			log.Fatal("no trips: ", err)
//		}
//		hold, err := client.Book(ctx, regionbilet.BookRequest{
//			Trip: trips[0].Key(), Phone: "9187557788",
//			Passengers: []regionbilet.Passenger{{
//				Surname: "ИВАНОВ", FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
//				BirthDate:   civil.Date{Year: 1977, Month: time.January, Day: 1},
//				Nationality: "643", DocumentType: "1", Document: "0701 755756",
//				Seat: "10", Price: trips[0].Adult.Price, // Client.FreeSeats lists the free seats
//			}},
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//		tickets, err := client.Pay(ctx, hold)
//		if err != nil {
//			log.Fatal(err) // the booking may be paid: see "Unsafe calls"
//		}
//		fmt.Println("paid: seat", tickets[0].Seat)
//	}
//
// The manual is not public.
//
// # Access
//
// A user name and a secret key identify the agent. Both are sent in every request.
// support@regionbilet.ru gives test access. The test user cannot run the two reports.
// Tests and sales use the same address, [Production].
//
// Package [github.com/rutravel/rutravel-go/regionbilet/regionbilettest] is a fake of the
// supplier for tests.
//
// # Calls
//
// Directories. An application may cache them for up to a day. It needs a cache for each
// account, because the answers differ between agents. The manual does not say whether
// Segments may be cached.
//
//   - [Client.Departures] and [Client.Arrivals] list settlements. [Client.Segments] lists
//     the pairs that trips connect.
//   - [Client.Nationalities] and [Client.DocumentTypes] list values for passengers.
//
// Search. These answers must not be cached.
//
//   - [Client.Trips] lists the trips of a day with their prices.
//   - [Client.TripStops] lists the intermediate stops of a trip.
//   - [Client.FreeSeats] lists the free seats of a trip. [ChooseSeats] picks some.
//
// Purchase:
//
//   - [Client.Book] holds seats for 20 minutes.
//   - [Client.Pay] pays for a hold and issues its tickets. [Client.Cancel] releases a hold
//     that is not paid.
//   - [Client.BookingTickets] and [Client.Ticket] return the states of tickets.
//   - [Client.Refund] refunds one paid ticket.
//
// Reports:
//
//   - [Client.SalesReport] and [Client.RefundsReport] list tickets of one calendar month.
//   - [Client.AllSales] and [Client.AllRefunds] cover longer ranges, with one request for
//     each month.
//
// The client caches nothing.
//
// # Places, dates and money
//
// Trips are searched between settlements (населённый пункт, [SettlementID]). A trip departs
// and arrives at stops (остановочный пункт, [StopID]), and a booking names stops. The two
// ids have different types, so they cannot be mixed up.
//
// Dates and times (DD.MM.YYYY and HH:MM on the wire) have no time zone, and the manual
// names none. The departure of a trip is in local time at the stop of departure, the
// arrival in local time at the stop of arrival. Amounts are in roubles. The manual names
// no currency.
//
// # Unsafe calls
//
// [Client.Book], [Client.Pay], [Client.Cancel] and [Client.Refund] are sent once. They are
// GET requests, which Go's HTTP client may send again by itself. So each has its own
// connection.
//
// If the outcome is unknown, the error is [rutravel.ErrNotConfirmed]. Do not make the call
// again: look up what happened. Do the same after [rutravel.ErrRejected] from Pay, Cancel
// or Refund, because the manual lists no codes of refusals.
//
// A call that is canceled after the request was sent has an unknown outcome as well. So
// give these calls a context that does not end with a user's request:
// [context.WithoutCancel] with a timeout.
//
// Before the call, store the [BookRequest], [Hold] or [TicketRef], and the time.
//
// Do not use a proxy that sends GET requests again by itself. The client cannot notice it.
//
// # Recovery
//
// Each unsafe call has an operation: [Client.BookOperation], [Client.PayOperation],
// [Client.CancelOperation] and [Client.RefundOperation]. It finds out what happened and
// knows how long to keep asking. Package [github.com/rutravel/rutravel-go/journal] stores
// the operations and resolves lost calls, also after a crash. The operations use these
// look-ups:
//
//   - Pay, Cancel: [Client.BookingTickets]. Refund: [Client.Ticket]. An unchanged status
//     proves nothing while the supplier may still be processing the call.
//   - Book: [Client.BookingTickets] if the id of the booking arrived. Otherwise there is
//     no look-up, and a hold that was made expires unpaid after 20 minutes.
//
// # Values that cannot be read
//
// These values are essential: ids, prices, amounts, statuses, seats, the number of seats on
// sale, and a trip's departure. If one of them cannot be read:
//
//   - A row of a directory or search is left out with a [rutravel.Warning].
//   - A ticket or a row of a report is named in a [rutravel.RowsError]. Iterators yield it
//     with a [rutravel.RowError].
//   - The answer to Book, Pay, Cancel or Refund is not a success: the error is
//     [rutravel.ErrNotConfirmed].
//
// Another field that cannot be read stays empty, with a warning.
//
// # Errors
//
// The manual lists no error codes. A refusal is [rutravel.ErrRejected] with the supplier's
// code and text. It is [rutravel.ErrAuth] or [rutravel.ErrForbidden] if the HTTP status
// says so.
//
// An error text without a code is not a refusal of an unsafe call. If the answer has no
// complete result either, the error is [rutravel.ErrNotConfirmed] with the text as its
// Message.
//
// # Limits
//
// A booking has one to four passengers ([MaxPassengers]) and waits 20 minutes for payment
// ([HoldTime]). A report covers days of one calendar month. The manual has no limits for
// the rate of requests; [rutravel.WithLimiter] sets one.
//
// One attempt may take:
//
//   - 60 seconds in Trips and in unsafe calls,
//   - two minutes in reports,
//   - 30 seconds in other calls.
//
// [rutravel.WithAttemptTimeout] changes that.
//
// # What the manual leaves to its reader
//
//   - In a success, the field error is "0", 0, "", null or missing. The answer to Cancel
//     has only this field, so only "0" and 0 are a success there. An empty list without a
//     code is a refusal if error_description describes an error. Otherwise
//     error_description does not decide about success.
//   - An empty list is [], {}, "" or null. Book's answer is an object or a list of one.
//   - kontr, the carrier, is a list, an object, empty or null. Any of its fields may be
//     missing.
//   - Every value may be a text or a number. An unknown status is kept.
//   - The free seats of a trip are one text with "^" between them.
//   - A space is sent as %20 and never as +. Passengers are numbered from 1. The
//     patronymic is sent even if it is empty. Spaces around names, documents and the
//     phone are not sent.
//   - A price is sent with the zeros that it came with. A category whose prices are missing
//     or zero is not sold.
//   - A date may come without its time: see [OptDateTime].
//   - Book's answer has no deadline. [Hold].PayBefore is 20 minutes after the time just
//     before the request.
//   - Pay's answer names seats and no passengers. It must have as many tickets as the hold.
//   - Ticket does not accept an answer about another ticket.
package regionbilet
