// Package bgoperator is a client for zayavkaapi, the booking interface of the tour
// operator Biblio-Globus (bgoperator.ru).
//
// This program prices a tour and books it at a fake supplier, which runs in the same
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
//		"cloud.google.com/go/civil"
//
//		rutravel "github.com/rutravel/rutravel-go"
//		"github.com/rutravel/rutravel-go/bgoperator"
//		"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
//	)
//
//	func main() {
//		fake := bgoperatortest.New()
//		client, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//		if err != nil {
//			log.Fatal(err)
//		}
//		tour := bgoperator.Tour{ClientTourID: "order 17", Groups: []bgoperator.Group{{
//			Offer: fake.Offers()[0], // in your program: from the price list
//			Tourists: []bgoperator.Tourist{{
//				FirstName: "IVAN", Surname: "IVANOV", Sex: bgoperator.Male, Citizenship: "100410000050",
//				BirthDate:      civil.Date{Year: 1982, Month: time.June, Day: 11},
//				PassportSeries: "62", PassportNumber: "12345678",
//				PassportExpiry: civil.Date{Year: 2036, Month: time.November, Day: 11},
//			}},
//		}}}
//		ctx := context.Background()
//		quote, err := client.Quote(ctx, tour)
//		if err != nil {
//			log.Fatal(err)
//		}
//		for _, price := range quote.Prices {
//			fmt.Println("costs", price.Full, price.Currency)
//		}
//		booking, err := client.Book(ctx, tour)
//		if err != nil {
//			log.Fatal(err) // the tour may be booked: see "Unsafe calls"
//		}
//		fmt.Println("booked:", booking.ID, "number", booking.Number)
//	}
//
// The manual is "Инструкция по использованию API для создания заявок",
// http://export.bgoperator.ru/tour-api.html. The client covers its six actions.
//
// # Access
//
// A login and a password identify the agency. The client posts them, as login and pwd,
// to [Config].LoginURL. The answer is 200 or 302 and sets the cookies L, A and Z, which
// open a session. The names of the last two may end in a number. The manual does not
// describe the login. The supplier describes it with its price lists,
// https://www.bgoperator.ru/texts/api/load-xml-prices-en.html. If your account has
// another login, set a [Config].Authenticator.
//
// There is one address for tests and sales: [Client.Book] books.
//
// Package [github.com/rutravel/rutravel-go/bgoperator/bgoperatortest] is a fake of the
// supplier for tests.
//
// # Calls
//
// Tours:
//
//   - [Client.Export] gets price lists and directories. This package does not read them.
//     Your own code reads the price list and fills an [Offer] with its values.
//   - [Client.Quote] and [Client.QuoteAll] price tours.
//   - [Client.Book] and [Client.BookAll] book tours.
//
// Tourists of a booking:
//
//   - [Client.TouristTransfers] lists the tourists and the transfers that are possible for
//     each. It is the only call that returns the ids of tourists.
//   - [TransferSlot.Choose] makes a [Transfer], and [Client.Flights] lists the flights for
//     it.
//   - [Client.SetTransfers] sets the transfers, and changes the price of the booking.
//   - [Client.SetContacts] sets e-mail addresses and phone numbers.
//
// Cancellation:
//
//   - [Client.QuoteCancel] returns the cost and a ticket.
//   - [Client.Cancel] cancels with the ticket.
//
// Quote and Book take the same value, a [Tour]. The two requests differ only in
// <confirm/>. A tour has one or more groups of tourists, with their own dates and stays.
// Several tours fit into one request.
//
// The manual also allows one request that prices one tour and books another (chapter 3).
// This client does not send it. The supplier stops at the first error, so an error of one
// tour would leave open whether the other was booked. Make two calls instead.
//
// The manual does not say what may be cached. The client caches nothing.
//
// # Ids, dates and money
//
// Ids are texts of 12 to 18 digits. Their types cannot be mixed. All calls about a booking
// take its [BookingID]; the [BookingNumber] is for people.
//
// Dates have no zone. On the wire they are DD.MM.YYYY.
//
// Some values go back to the supplier byte for byte: the values of an [Offer], a
// [TransferDate], the XML of a [Flight].
//
// Each amount has its currency next to it. A tour may have prices in several currencies.
// RUR is the old code of the rouble; the client does not change it.
//
// Names, passports, e-mail addresses and phone numbers are sent without the spaces around
// them. An id with a space is refused.
//
// # Sessions
//
// The cookie Z changes with every answer and signs the next request. So a session carries
// one request at a time. [Config].Sessions limits the number of sessions.
//
//   - A call holds a session during an attempt. It holds none while it waits for its next
//     attempt or for a limiter.
//   - Other calls wait for a session until their contexts end.
//   - An observer or an Authenticator should not call the client. That call may wait for
//     the session that the outer call holds.
//   - Each session has its own cookies. The cookie jar of a client given by
//     [rutravel.WithHTTPClient] is not used.
//
// These answers end a session, so that the client logs in before the next attempt:
//
//   - HTTP 401 or [CodeAccessDenied];
//   - an answer that did not come from the booking service: a redirect, a page instead of
//     XML, HTTP 403 or 406;
//   - a lost answer, because the supplier may have changed the cookie.
//
// An outage (HTTP 408, or 500 and above) does not end a session. If a session gets only
// such answers for a minute, the client logs in again. If they continue, it logs in once
// a minute.
//
// HTTP 401, or CodeAccessDenied without another code, means that the supplier refused the
// session before it looked at the request. Nothing was done, so the call is sent again in
// another session. This applies to bookings as well, whatever [rutravel.WithMaxAttempts]
// says. If the supplier refuses a session that the call itself has opened, the call fails:
//
//   - with [rutravel.ErrExpired] after HTTP 401, because the login was accepted;
//   - with [rutravel.ErrAuth] after CodeAccessDenied, or if there is an Authenticator.
//
// If an answer with CodeAccessDenied also has another code, or names one of several
// tours, the supplier had begun to process the request. In this case bookings are not
// sent again, and the error is [rutravel.ErrNotConfirmed].
//
// # One login, several processes
//
// It is not documented whether one login may have several sessions. If it may not, each
// login ends the earlier session. That can be a session of another process, of another
// program of the agency, or of this client if Sessions is above 1.
//
// The symptoms are a login before nearly every call, and ErrExpired with the text "another
// process or session with the same login may have ended it". Then set Sessions to 1, and
// do one of these:
//
//   - let all processes share one session in a [Config].SessionStore;
//   - get a login for each process.
//
// With a store, a session also survives a restart.
//
// # Failed logins
//
// A call whose login fails ends with [rutravel.ErrAuth] or [rutravel.ErrRateLimited], or
// with [rutravel.ErrUnavailable] if the login could not be reached. The error's Attempts
// counts the requests that the call itself sent before the failed login. If it is not 0,
// the client had to log in again between two attempts. A Book or Cancel was not carried
// out in this case: it was refused, or never left this machine. A SetTransfers or
// SetContacts may have been carried out.
//
// The error's Err contains the login's own [*rutravel.Error], with the operation "login".
// [errors.AsType] finds it there. [errors.Is] does not match its kind, because the call has
// its own kind.
//
// After a failure, logins pause for 100 milliseconds, and twice as long after each further
// failure. The longest pause is 5 minutes if logins are refused, because an account could
// be locked, and 30 seconds otherwise. A Retry-After is honored up to 30 seconds.
//
// A new session counts as a failed login:
//
//   - if the supplier refuses it at its first request;
//   - if the answer to its first request is a page, a redirect, HTTP 403 or 406. The first
//     such answer does not begin a pause.
//
// During the pause, calls use the sessions that are open. If there are none, they fail at
// once with the kind of the last failure, and RetryAfter is the rest of the pause. A new
// Client begins without a pause.
//
// A login does not use the options of the call that needs it, because its session also
// serves other calls. It has up to three attempts of at most 30 seconds, unless the options
// of [New] say otherwise. Loggers and observers see it as the operation "login".
//
// # Unsafe calls
//
// [Client.Book], [Client.BookAll] and [Client.Cancel] are unsafe. Each of these calls
// uses its own connection. It is sent once. It is sent again only if nothing was done:
// the request never left this machine, or the supplier refused the session.
//
// If the outcome is unknown, the error is [rutravel.ErrNotConfirmed]. Do not make the call
// again: find out what happened.
//
//   - Cancel: [Client.QuoteCancel] fails with [CodeAlreadyCancelled] if the booking is
//     cancelled.
//   - Book, BookAll: the manual has no call that finds a booking. A returned [Booking] with
//     an ID and the tour's ClientTourID was made. Otherwise look into the agency's account
//     on the supplier's site. Another Book of the same tour may fail with [CodeDuplicate]
//     and the id of the booking that exists. It may also book again, because the manual
//     does not say what a duplicate is.
//
// A call that is canceled after the request was sent has an unknown outcome as well. So
// give these calls a context that does not end with a user's request:
// [context.WithoutCancel] with a timeout. Store the Tour or the [Cancellation] before the
// call.
//
// SetTransfers and SetContacts set a desired state. If their outcome is unknown, make the
// same call again.
//
// # Recovery
//
// Each unsafe call has an operation. It makes the call, finds out what happened if the
// outcome is unknown, and knows how long to keep asking. Package
// [github.com/rutravel/rutravel-go/journal] stores the calls of operations and looks up
// those with an unknown outcome, also after a crash.
//
//   - [Client.CancelOperation] asks QuoteCancel until [CancelPatience] has passed.
//   - [Client.BookOperation] and [Client.BookAllOperation] ask the supplier nothing.
//     They check whether the id of each booking, with the ClientTourID of its tour,
//     arrived with the error. If not, a person must look into the agency's account.
//
// # Values that cannot be read
//
// Ids, money, dates of transfers and points of transfers are essential. A tourist's names
// and birthday, the name of a variant and its type are minor: a minor value that cannot be
// read stays empty, and the logger gets a warning ([rutravel.WithLogger]).
//
//   - Slots, variants and flights that cannot be read are left out with a warning. If none
//     can be read, the error is [rutravel.ErrProtocol].
//   - A tourist whose id cannot be read is named in a [rutravel.RowsError].
//   - UTF-8 is read whatever the XML declaration says.
//
// # Errors
//
// [Code] has the manual's codes: errors.Is(err, bgoperator.CodeNoFlights). The chain has a
// [*RefusalError] with all codes of the answer, the info of each, and the ClientTourID of
// the tour.
//
// A refusal with a clientTourId that was not sent is about another request. It is
// ErrNotConfirmed for Book and Cancel, and [rutravel.ErrProtocol] for other calls.
// errors.Is does not match the codes of such a refusal.
//
// [CodeGeneral] and [CodeTransfersGeneral] do not say what was done. As answers to Book and
// Cancel they are ErrNotConfirmed.
//
// # Limits
//
// The supplier limits the number of bookings ([CodeLimitExceeded]) and the time in which
// transfers can be changed ([CodeTooLateForTransfers]). It does not say the numbers. The
// manual has no limits for the rate of requests; [rutravel.WithLimiter] sets one, also for
// logins.
//
// One attempt of Book may take 90 seconds, one of Quote, Cancel and SetTransfers 60
// seconds, one of Export 2 minutes, and others 30 seconds. [rutravel.WithAttemptTimeout]
// changes that. An answer of more than 8 MiB is not read. For Export the limit is 64
// MiB.
//
// # What the manual leaves to its reader
//
//   - The parameter prx must be before action. Go's url.Values would put it after.
//   - A tour has a templateId or a comissionId (with one m), and never an empty element of
//     the other.
//   - No <ins> means the supplier's insurance, not no insurance. An [Offer] must say which
//     of the two is wanted.
//   - fullamount is also spelt fullamout.
//   - Ids and amounts have spaces and line breaks around them.
//   - The manual's sample closes <variant> with </roommeal>. The client repairs this, and
//     no other broken XML.
//   - A slot has one end of a transfer, and its variant has the other. dir and ptype decide
//     which is which, and whether flights arrive or depart.
//   - SetTransfers replaces all transfers. The answer is a price, an id or OK.
//   - The ticket of a cancellation is in a sum or next to it. Without a ticket, the
//     cancellation would be a quote, so it is not sent.
//   - An error names one of several tours and says nothing about the others.
//
// The manual does not say
//
//   - whether [Variant].Price is for one tourist or for the vehicle: show the new price that
//     [Client.SetTransfers] returns;
//   - which of the flights of [Client.Flights] belongs to the tour: the answer has all
//     flights of the airport and day, and the tourist must choose;
//   - whether several [CancelQuote].Costs add up, or are one cost in several currencies, as
//     the prices of a tour are;
//   - where the ids of countries come from: they are on the export pages ([Client.Export]),
//     and the samples have only two.
package bgoperator
