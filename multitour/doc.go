// Package multitour is a client for the agency API of Multitour (multitour.ru), which sells
// package tours in Russia and neighbouring countries. It covers the 17 methods of the manual
// "API документация", https://www.multitour.ru/api_documentation/.
//
// This program books a tour from a fake supplier, which runs in the same process:
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
//		"github.com/rutravel/rutravel-go/multitour"
//		"github.com/rutravel/rutravel-go/multitour/multitourtest"
//	)
//
//	func main() {
//		fake := multitourtest.New()
//		client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//		if err != nil {
//			log.Fatal(err)
//		}
//		ctx := context.Background()
//		offers, err := client.Offers(ctx, multitour.OfferQuery{Hotel: "9044", Stay: multitour.Stay{
//			Dates: []civil.Date{multitour.Today().AddDays(30)}, Nights: []int{7}, Adults: 1,
//		}})
//		if err != nil || len(offers) == 0 {
//			log.Fatal("no offers: ", err)
//		}
//		code, err := client.Book(ctx, multitour.BookRequest{
//			Offer: offers[0].ID, BookingDate: multitour.Today(),
//			Tourists: []multitour.Tourist{{
//				Sex: multitour.Male, Surname: "Иванов", FirstName: "Петр",
//				BirthDate: civil.Date{Year: 1976, Month: time.March, Day: 15},
//			}},
//		})
//		if err != nil {
//			log.Fatal(err) // the booking may exist: see "Unsafe calls"
//		}
//		booking, err := client.BookingInfo(ctx, code)
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println("booked for", booking.Price.Decimal.StringFixed(2), "roubles")
//	}
//
// # Access
//
// A token identifies the agency. The manual has a token for everybody, [PublicToken], for
// directories and prices. Bookings need the agency's own token and the key of a user
// (us_key). Tests and sales use the same address, [Production].
//
// Other published clients of Multitour use newer paths, which have other methods. This
// package does not support those methods, whatever [Config].BaseURL is.
//
// Package [github.com/rutravel/rutravel-go/multitour/multitourtest] is a fake of the supplier
// for tests.
//
// # Calls
//
// Directories. They are needed only for filters: answers with prices have both ids and names.
// The manual does not say whether directories may be cached. The client caches nothing.
//
//   - Places: [Client.Countries], [Client.Resorts], [Client.Cities], [Client.Hotels].
//   - Filters: [Client.Categories], [Client.Treatments], [Client.MealTypes],
//     [Client.Highways], [Client.BeachTypes], [Client.SeaDistances], [Client.Amenities],
//     [Client.TourTypes].
//
// Prices:
//
//   - [Client.HotelPrices] lists hotels with their lowest prices.
//   - [Client.Offers] lists all offers of a hotel.
//   - [Client.AllHotelPrices] and [Client.AllOffers] accept more dates and nights, and send
//     several requests.
//
// Bookings:
//
//   - [Client.Book] and [Client.BookFull] book an [Offer].
//   - [Client.BookingInfo] returns a booking with all its parts.
//   - [Client.Bookings] and [Client.BookingsPage] list bookings. After a call with an unknown
//     outcome, [Client.LostBookings] lists the bookings that it may have made.
//
// The API has no method to pay for, change or cancel a booking.
//
// # Ids, dates and money
//
// Ids are numbers in requests, and numbers or texts in answers. Here each id is a text of
// digits with its own type. "0" is an id like others.
//
// Dates are days of the calendar. The supplier writes some dates as the UNIX time of midnight
// in Moscow. The client reads them as the day that begins then.
//
// Prices are in roubles. The manual says so only for offers. It does not say how many people
// a price covers. By its samples, a price covers all tourists and all nights.
//
// # Unsafe calls
//
// [Client.Book] and [Client.BookFull] are sent once. If the outcome is unknown, the error is
// [rutravel.ErrNotConfirmed]. The booking may exist, and a second call would make another
// one. Do not make the call again: look up what happened.
//
// A call that is canceled after the request was sent has an unknown outcome as well. So give
// these calls a context that does not end with a user's request: [context.WithoutCancel] with
// a timeout.
//
// Before the call, store an [OfferBooking]: the request, the check-in and the price.
//
// # Recovery
//
// Each unsafe call has an operation: [Client.BookOperation] and [Client.BookFullOperation].
// It makes the call, finds the bookings that the call may have made, and knows how long to
// keep asking. Package [github.com/rutravel/rutravel-go/journal] stores the calls of
// operations and looks up those with an unknown outcome, also after a crash. The operations
// use these look-ups:
//
//   - [Client.BookingInfo], if a booking code arrived with the error.
//   - [Client.LostBookings] otherwise. It compares names, dates and prices, because a booking
//     cannot have a key of the caller.
//
// If nothing is found after [BookPatience], a person must ask the supplier.
//
// # Values that cannot be read
//
// These values are essential: ids, amounts, statuses, the dates and nights of prices, and
// whether places are guaranteed. If one of them cannot be read:
//
//   - A row of a directory or search is left out with a warning. If no row can be read, the
//     error is [rutravel.ErrProtocol].
//   - [Client.Bookings] yields the booking with a [rutravel.RowError].
//     [Client.BookingsPage] names it in a [rutravel.RowsError] and returns the others.
//
// Another value that cannot be read stays empty, with a warning to the logger
// ([rutravel.WithLogger]).
//
// # Errors
//
// The supplier's errors are texts without codes. If there are several, the chain of the
// [rutravel.Error] has [Messages]. The kind of a refusal is one of:
//
//   - [rutravel.ErrInvalid], for wrong ids as in the manual's sample,
//   - the kind of the HTTP status,
//   - [rutravel.ErrRejected] otherwise.
//
// With [rutravel.ErrProtocol], the readable part of the answer is returned, unless the answer
// belongs to another request.
//
// Every answer has a copy of the request, including the token and passports. No error and no
// log shows any of it. [rutravel.WithRawAnswer] stores it.
//
// # Limits
//
// A request for prices has at most three dates and three numbers of nights ([MaxVariants]).
// The manual has no limits for the rate of requests; [rutravel.WithLimiter] sets one.
//
// One attempt may take:
//
//   - 90 seconds in calls for prices, in Book and in BookFull,
//   - 60 seconds in Hotels and in lists of bookings,
//   - 30 seconds in other calls.
//
// [rutravel.WithAttemptTimeout] changes that.
//
// # What the manual leaves to its reader
//
//   - The list in a directory of hotel features is named "category" or after the directory.
//     If neither is there, the client reads the only list in the response.
//   - An empty map is written as a list. Nights are texts, which must be sorted as numbers.
//   - x is the latitude and y the longitude.
//   - A stay has a price for places that need no confirmation, a price for places on request,
//     both or neither. A missing price is not zero.
//   - An error has HTTP 200 and a response of nulls. If there is also a booking code, the
//     error is [rutravel.ErrNotConfirmed].
//   - Every answer repeats the request. An answer with another method, number or date than
//     the request is [rutravel.ErrProtocol]. After a booking it is
//     [rutravel.ErrNotConfirmed].
//   - The date of a booking request is the day on which it is sent, in Moscow. It is not the
//     date of the tour.
//   - booking_set answers under its own name or as booking_info, with a code or with the
//     whole booking.
//   - A tourist's fields have other names in answers than in requests: name is the surname
//     and sname the patronymic.
//   - The manual does not define count. Iteration over bookings ends with an empty page.
package multitour
