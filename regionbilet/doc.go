// Package regionbilet is a client for the Web API 2.0 of Regionbilet
// (regionbilet.ru), which sells coach tickets of Russian carriers. It covers
// the 15 commands of the "main access" manual (Основной доступ, версия 2.0).
//
// The manual is not public.
//
// # Access
//
// A user name and a secret key identify the agent; both travel in every
// request. Test access is given by support@regionbilet.ru; the test user
// cannot run the two reports. There is one address for tests and sales.
//
// Package [github.com/rutravel/rutravel-go/regionbilet/regionbilettest]
// is the supplier in memory, to test against.
//
// # From search to refund
//
//	settlements: Departures, Arrivals, Segments (which pairs are connected)
//	search:      Trips → TripStops, FreeSeats
//	booking:     Book (a hold of 20 minutes) → Pay, or Cancel
//	afterwards:  BookingTickets, TicketStatus → Refund
//	accounting:  SalesReport, RefundsReport, or AllSales and AllRefunds over months
//
// [Client.Departures], [Client.Arrivals], [Client.Nationalities] and
// [Client.DocumentTypes] may be cached by the caller for up to a day, per
// account: answers are the agent's own. [Client.Trips], [Client.TripStops] and
// [Client.FreeSeats] must not be cached. The library keeps no cache.
//
// # Places, dates and money
//
// A settlement (населённый пункт, [SettlementID]) is what one searches by; a
// stop (остановочный пункт, [StopID]) is where a trip departs or arrives and
// what one books by. Their ids must not be mixed, so their types cannot be.
//
// Dates and times (DD.MM.YYYY and HH:MM on the wire) are wall-clock values
// without a zone, those of a trip at the stop that they belong to. The manual
// names no zones. Amounts are roubles; the manual names no currency either.
//
// # What the manual leaves to its reader
//
//   - error is "0", 0, "", null or missing when all is well; Cancel, which answers with
//     nothing else, counts on "0" and 0 alone. error_description is never relied upon.
//   - An empty list is [], {}, "" or null, and Book's answer an object or a list of one.
//   - kontr, the carrier, is a list, an object, empty or null, and any of its fields may
//     be missing.
//   - Every value may be a text or a number; a status that is not known is kept.
//   - The free seats of a trip are one text with "^" between them.
//   - A space is %20 and never +, passengers are numbered from 1, and one without a
//     patronymic has an empty one. Spaces around names, documents and the phone are
//     not sent.
//   - A price goes back with the zeros that it came with. A category whose prices are
//     missing or nothing is not sold.
//   - A date may come without its time ([OptDateTime]).
//   - Book's answer has no deadline: the 20 minutes until [Hold].PayBefore are
//     counted from before the request was sent. Pay's names no passenger, but the seat,
//     and must have as many tickets as the hold.
//   - Ticket accepts no answer about another ticket.
//   - A report covers days of one month: AllSales and AllRefunds make several requests
//     of a longer range.
//
// # What cannot be read
//
// Ids, prices, amounts, statuses, seats, the number of seats and a trip's departure
// are essential. Another field that cannot be read is empty, with a
// [rutravel.Warning]. A row of a directory or search without its essential fields
// is left out with a warning. A ticket or a row of a report without them is named by a
// [rutravel.RowsError], or comes with a [rutravel.RowError]. Answers to Book, Pay,
// Cancel and Refund must be readable whole.
//
// # Limits
//
// A booking has one to four passengers and waits 20 minutes for payment. A
// report covers days of one calendar month. The manual names no limits of
// requests; [rutravel.WithLimiter] sets one. One attempt may take 30 seconds; of
// Trips and of the calls that move money or places 60 seconds; of reports two
// minutes ([rutravel.WithAttemptTimeout]).
//
// # When an answer is lost
//
// Book, Pay, Cancel and Refund are sent once, on a connection of their own,
// although they are GET requests, which Go's HTTP client would repeat by
// itself. A call whose outcome cannot be known fails with
// [rutravel.ErrNotConfirmed]:
//
//   - Pay, Cancel, Refund: the status of the tickets tells. An unchanged status proves
//     nothing while the supplier may still be processing the call.
//   - Book: the manual offers nothing to ask by. If a hold was made, it holds
//     its seats for 20 minutes and then expires.
//
// [Client.BookOperation], [Client.PayOperation], [Client.CancelOperation] and
// [Client.RefundOperation] find out what became of a call, also after a crash. They
// need what was stored before it: the [BookRequest], [Hold] or [TicketRef], and the
// time.
//
// The error is the same if the caller cancels after the request was sent. Give
// these calls their own context, detached from a user's request
// ([context.WithoutCancel] and a timeout).
//
// A proxy between this machine and the supplier that repeats GET requests by
// itself cannot be seen from here; do not use one.
//
// # Errors
//
// The manual lists no error codes. A refusal has the kind
// [rutravel.ErrRejected] with the supplier's own code and words, or
// [rutravel.ErrAuth] and [rutravel.ErrForbidden] when the HTTP status says so.
// Ask for the status after a refusal of a call that moves money as well. Words
// without a code do not refuse such a call: they are in the Message of
// [rutravel.ErrNotConfirmed].
package regionbilet
