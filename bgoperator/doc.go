// Package bgoperator is a client for zayavkaapi, the booking interface of the
// tour operator Biblio-Globus (bgoperator.ru). It covers the six actions of the
// manual "Инструкция по использованию API для создания заявок",
// http://export.bgoperator.ru/tour-api.html.
//
// # Access
//
// A login and a password identify the agency. They open a session: this library
// posts them, as login and pwd, to [Config].LoginURL and takes the cookies of the
// answer. The answer is 200 or 302 and sets L, A and Z; the names of the last two
// may end in a number. The manual leaves this out. The supplier describes it with
// its price lists, https://www.bgoperator.ru/texts/api/load-xml-prices-en.html. A
// caller with another scheme gives a [Config].Authenticator.
//
// There is one address for tests and sales: [Client.Book] books.
//
// Package [github.com/rutravel/rutravel-go/bgoperator/bgoperatortest]
// is the supplier in memory, to test against.
//
// # Sessions
//
// Z changes with every answer and signs the next request, so a session carries one
// request at a time. [Config].Sessions is how many sessions there may be. A call
// holds a session during an attempt, and none while it waits for its next attempt
// or for a limiter. Other calls wait for a session as long as their context lets
// them. A hook or an Authenticator that calls the client may wait for itself. The
// cookies belong to the sessions: the jar of a client given by
// [rutravel.WithHTTPClient] is not used.
//
// A session ends, and there is a login before the next attempt,
//
//   - after HTTP 401 or [CodeAccessDenied];
//   - after an answer that did not come from the booking service: a redirect, a page
//     in place of XML, HTTP 403 or 406;
//   - after a request whose answer was lost, because it may have changed the cookie.
//
// An outage (a status from 500, 408) ends no session. Only if a session gets nothing
// else for a minute, there is another login, once a minute.
//
// After HTTP 401 or CodeAccessDenied alone, nothing was done: the supplier refused
// the session before it looked at the request. Then the call is sent again in
// another session, also a booking and whatever [rutravel.WithMaxAttempts] says. If
// a session is refused that the call has opened itself, the error is
// [rutravel.ErrExpired] after HTTP 401, because the login was accepted, and
// [rutravel.ErrAuth] after CodeAccessDenied or with an Authenticator. A code next to
// CodeAccessDenied, or the name of one tour of several, says that the supplier had
// begun. Bookings are not sent again then, and the error is
// [rutravel.ErrNotConfirmed].
//
// # One login, several processes
//
// It is not documented whether one login may have several sessions at the supplier.
// If it may not, each login ends the session before it: of another process, of
// another program of the agency, or of this client with Sessions above 1. It shows
// as a login before nearly every call, and as ErrExpired with the text "another
// process or session with the same login may have ended it". Then let Sessions be 1,
// and let all processes share one session in a [Config].SessionStore, or have a login
// for each. With a store, a session also survives a restart. [Client.Export] gets the
// pages of the supplier's export in the same session.
//
// # Logins that fail
//
// A login that fails ends the call, with [rutravel.ErrAuth],
// [rutravel.ErrRateLimited] or, if it could not be reached,
// [rutravel.ErrUnavailable]. Attempts is how many requests of the call itself were
// made before. If it is not 0, the login was one between two attempts. A Book or
// Cancel was refused then, or never left this machine, while a SetTransfers or
// SetContacts may have been carried out. The login's own error, an
// [*rutravel.Error] with the operation "login", is found in the Err of the call's
// (errors.AsType). Its kind does not match next to the call's.
//
// After a failure, logins pause for 100 milliseconds, and twice as long after each
// further one: up to 5 minutes if they are refused, because an account could be
// locked, and up to 30 seconds otherwise. A Retry-After is honored up to 30 seconds.
// A session that is refused at its first request counts as a failure. So does one
// whose first request is answered by a page, a redirect, HTTP 403 or 406, but after
// the first of these there is no pause yet. During the
// pause calls use the sessions that are open. If there are none, calls fail at once
// with the kind of the last failure, and RetryAfter is the rest of the pause. A new
// Client begins without a pause.
//
// The options of a call are not those of its login, which serves other calls as
// well: one attempt takes 30 seconds at most, and there are three, or what the
// options of New say. Loggers and hooks see logins as the operation "login".
//
// # From price list to cancellation
//
//	price list:   [Client.Export] → [Offer], filled by the caller's own import
//	price:        Quote → Book, with the same Tour
//	transfers:    TouristTransfers → TransferSlot.Choose → Flights → SetTransfers, of all tourists
//	contacts:     TouristTransfers (the tourists' ids) → SetContacts
//	cancellation: QuoteCancel → Cancel, with its ticket
//
// What is given to Quote is given to Book: a [Tour] is one value, and the two
// requests differ in <confirm/> alone. Several tours fit into one request
// ([Client.QuoteAll], [Client.BookAll]), a tour has one or more groups of
// tourists with their own dates and stays.
//
// The manual also allows one request that asks the price of one tour and books
// another (chapter 3). This library does not send it: processing stops at the first
// error, so that a tour that has no price would leave open whether the other was
// booked. Two calls say it.
//
// The manual does not say what may be cached; the library keeps no cache.
//
// # Ids, dates and money
//
// Ids are texts of 12 to 18 digits, of types that cannot be mixed. All calls
// about a booking take its [BookingID]; the [BookingNumber] is for people.
//
// Dates (DD.MM.YYYY on the wire) are without a zone. What the supplier wants back
// unchanged goes back byte for byte: the values of an [Offer], a [TransferDate],
// the XML of a [Flight]. Amounts have their currency next to them. A tour may be
// priced in several; RUR, the rouble's old code, is left as it comes.
//
// Names, passports, e-mail addresses and phone numbers are sent without the spaces
// around them. An id with a space is refused.
//
// # Values that cannot be read
//
// Ids, money, dates of transfers and the points of transfers are essential. A
// tourist's names and birthday, the name of a variant and its type are minor: if
// they cannot be read they are empty, and the logger gets a warning. Slots, variants
// and flights that cannot be read are left out with a warning; if none can be read,
// the error is [rutravel.ErrProtocol]. A tourist whose id cannot be read is in a
// [rutravel.RowsError]. UTF-8 is read whatever the XML declaration says.
//
// # What the manual leaves to its reader
//
//   - prx stands before action, where Go's url.Values would put it behind.
//   - A tour has a templateId or a comissionId (with one m), and never an empty one of
//     the other.
//   - No <ins> means the supplier's insurance, not none: an [Offer] says which is
//     meant.
//   - fullamount is also spelt fullamout; ids and amounts have spaces and line breaks
//     around them.
//   - In the manual's own sample <variant> is closed by </roommeal>: that is repaired,
//     and no other XML that is broken.
//   - A slot of transfers is one end of the way and its variant the other; which is
//     which, and the letter that flights are asked for by, follow from dir and ptype.
//   - SetTransfers replaces all transfers, and is answered with a price, an id or OK.
//   - The ticket of a cancellation stands in a sum or next to it. Without one, the
//     cancellation would be a quote, and is not sent.
//   - An error names one tour of several and says nothing of the others.
//
// The manual does not say
//
//   - whether [Variant].Price is for one tourist or for the vehicle: the new price of
//     [Client.SetTransfers] is the one to show;
//   - which of the flights of [Client.Flights] is the tour's own: the answer has all
//     flights of the airport and day, and the tourist has to choose;
//   - whether several [CancelQuote].Costs add up, or are one cost in several
//     currencies, as the prices of a tour are;
//   - where the ids of countries come from: they are on the export pages
//     ([Client.Export]), and only two are in the samples.
//
// # Limits
//
// The supplier limits bookings ([CodeLimitExceeded]) and the time in which
// transfers can be changed ([CodeTooLateForTransfers]), and says no numbers. The
// manual names no limit of requests; [rutravel.WithLimiter] sets one, for logins
// too. One attempt may take 30 seconds; of Quote, Cancel and SetTransfers a
// minute, of Book 90 seconds ([rutravel.WithAttemptTimeout]). An answer of more
// than 8 MiB is not read.
//
// # When an answer is lost
//
// Book and Cancel use their own connections. They are sent again only if nothing
// was done: the request never left this machine, or the supplier refused the
// session. Cancel is a GET request, which Go's HTTP client would send again by
// itself. A call whose outcome cannot be known fails with
// [rutravel.ErrNotConfirmed]:
//
//   - Cancel: [Client.CancelOperation] says what became of the call. It asks
//     [Client.QuoteCancel].
//   - Book and BookAll: the manual offers nothing to ask by, so that
//     [Client.BookOperation] and [Client.BookAllOperation] know only what arrived.
//     Look into the agency's account on the supplier's site. A second Book of the same tour may be answered with
//     [CodeDuplicate] and the id of the booking that exists. It may also book a
//     second time, because the manual does not say what a duplicate is.
//
// SetTransfers and SetContacts set a desired state: call them again.
//
// The same holds if the caller cancels the context after the request was sent. Give
// Book and Cancel a context that is detached from a user's request
// ([context.WithoutCancel] and a timeout), and store the Tour or the [Cancellation]
// before the call.
//
// # Errors
//
// [Code] has the manual's codes; errors.Is(err, bgoperator.CodeNoFlights) tells
// one. A [*RefusalError] in the chain has all of them, with what the supplier
// adds, and names the tour. A refusal that names a clientTourId which was not sent
// is about something else: it is ErrNotConfirmed for Book and Cancel, and
// [rutravel.ErrProtocol] for the others, and its codes do not match. [CodeGeneral] and [CodeTransfersGeneral] do not say
// what was done: in answer to Book and Cancel they are
// [rutravel.ErrNotConfirmed].
package bgoperator
