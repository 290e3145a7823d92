// Package multitour is a client for the agency API of Multitour (multitour.ru),
// which sells package tours in Russia and its neighbourhood. It covers the 17
// methods of the manual "API документация",
// https://www.multitour.ru/api_documentation/.
//
// # Access
//
// A token identifies the agency. The manual gives everybody one for directories
// and prices, [PublicToken]; bookings need a token of one's own and the key of the
// user on whose behalf they are made (us_key). There is one address for tests
// and sales. Public clients use newer paths with other methods; this package has the
// methods of the manual alone, whatever [Config].BaseURL is.
//
// Package [github.com/rutravel/rutravel-go/multitour/multitourtest]
// is the supplier in memory, to test against.
//
// # From search to booking
//
//	where:     Countries → Resorts → Cities → Hotels
//	filters:   Categories, Treatments, MealTypes, Highways, BeachTypes, SeaDistances, Amenities, TourTypes
//	prices:    HotelPrices (the lowest of each hotel) → Offers (all of one hotel)
//	booking:   Book or BookFull, with an Offer's ID
//	look-ups:  Bookings, BookingsPage, BookingInfo
//
// The API ends there: it has no method to pay, change or cancel. Whether
// directories may be cached is not said; the library keeps no cache. Answers with
// prices bring the names of what they refer to, so directories are needed for
// filters only.
//
// # Ids, dates and money
//
// Ids are numbers in requests and numbers or texts in answers; here each is a text
// of digits with a type of its own. "0" is an id like others.
//
// Dates are days of the calendar. Those that the supplier writes as UNIX time are
// midnights of Moscow, read as the day that begins then.
//
// Prices are roubles: the manual says so of offers and names no currency
// anywhere else. The manual does not say for how many people a price is. By its
// samples, it is for all tourists and all nights.
//
// # Values that cannot be read
//
// Ids, amounts, statuses, the dates and nights of prices, and whether places are
// guaranteed are essential. A row of a directory or search in which one of them
// cannot be read is left out with a warning; if no row can be read, the error is
// [rutravel.ErrProtocol]. [Client.BookingsPage] and [Client.Bookings] return the other
// bookings and an error that names those that cannot be read. Any other value that
// cannot be read is empty, with a warning to the logger ([rutravel.WithLogger]).
//
// # What the manual leaves to its reader
//
//   - A directory of what hotels have comes under "category", whichever it is, under
//     its own name, or under the only one there is.
//   - An empty map is written as a list; nights are texts, to be put in order as
//     numbers.
//   - x is the latitude and y the longitude.
//   - A stay has a price of places that need no confirmation, one of places on request,
//     both or neither: what is missing is not zero.
//   - An error stands under HTTP 200, next to a response of nulls. One next to a
//     booking's code contradicts it, and is [rutravel.ErrNotConfirmed].
//   - Every answer repeats the request. An answer that repeats another method, or
//     other numbers and dates than were sent, is [rutravel.ErrProtocol], and after a
//     booking [rutravel.ErrNotConfirmed].
//   - The date of a booking is the day on which it is made, in Moscow, not that of the
//     tour.
//   - booking_set answers under its own name or as booking_info, with a code or with
//     the whole booking.
//   - A tourist's fields have other names in answers than in requests: there, name is
//     the surname and sname the patronymic.
//   - The manual does not define count. Iteration over bookings ends with an empty page.
//
// # Limits
//
// A request for prices has at most three dates and three numbers of nights;
// [Client.AllHotelPrices] and [Client.AllOffers] take more, in several requests.
// The manual names no limits of requests; [rutravel.WithLimiter] sets one. One
// attempt may take 30 seconds; of Hotels and Bookings 60 seconds; of prices and
// of Book and BookFull 90 seconds ([rutravel.WithAttemptTimeout]).
//
// # When an answer is lost
//
// Book and BookFull are sent once. A call whose outcome cannot be known fails with
// [rutravel.ErrNotConfirmed]: the booking may have been made, and a second call
// would make another booking. The manual has no key of the caller's to look it up by.
// Store an [OfferBooking] before the call: the request, the check-in and the price.
// [Client.BookOperation] and [Client.BookFullOperation] find the bookings that may be
// it, also after a crash. After [BookPatience], only the supplier can tell that there
// is none.
//
// A caller's cancellation after the request was sent has the same effect. Give these
// calls a context of their own, detached from a user's request
// ([context.WithoutCancel] and a timeout).
//
// # Errors
//
// The supplier names errors in texts without codes, several of them at times;
// [Messages] in the chain of the [rutravel.Error] has each of several. The kind
// is [rutravel.ErrRejected], or [rutravel.ErrInvalid] for the wrong ids that the
// manual shows, or what the HTTP status says. What could be read of an answer is
// returned with [rutravel.ErrProtocol], unless it is the answer to another request.
//
// Every answer repeats the whole request, token and passports included; no error
// and no log shows any of it, but [rutravel.WithRawAnswer] stores it.
package multitour
