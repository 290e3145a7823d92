// Package bgoperator is a client for zayavkaapi, the booking interface of the
// tour operator Biblio-Globus (bgoperator.ru). It covers the six actions of the
// manual "Инструкция по использованию API для создания заявок",
// http://export.bgoperator.ru/tour-api.html.
//
// # Access
//
// A login and a password identify the agency. They open a session: this library
// posts them, as login and pwd, to [Config].LoginURL and takes the cookies of the
// answer, which is 200 or 302 and has L, A or A1, and Z or Z1. The manual leaves
// this out; the supplier describes it with its price lists,
// https://www.bgoperator.ru/texts/api/load-xml-prices-en.html. A caller with
// another scheme gives a [Config].Authenticator.
//
// Z and Z1 change with every answer and sign the next request, so a session
// carries one request at a time. A call keeps its session from its first attempt
// to its last, the waits between them and those of a limiter included; others
// wait for their turn, as long as their context lets them. [Config].Sessions is
// how many sessions there may be, and with it how many calls under way: have
// several if calls shall not wait for one that the supplier asks to come back
// later. A hook or an Authenticator that calls the client would wait for itself.
// The cookies belong to the sessions: the jar of a client given by
// [rutravel.WithHTTPClient] is not used.
//
// When the supplier answers with HTTP 401 or [CodeAccessDenied], the session has
// ended and nothing was done. The call logs in and is made once more, a booking
// too and whatever [rutravel.WithMaxAttempts] says; if that is refused again,
// the error is [rutravel.ErrAuth]. A code beside CodeAccessDenied, or the name of
// one tour of several, says that the supplier had begun: then bookings are not
// repeated, and the error is [rutravel.ErrNotConfirmed]. There is a login, too,
// after a request whose answer was lost, which may have changed the cookie, and
// before the next call after an answer that came from elsewhere: a redirect, a
// page, HTTP 403 or 406.
//
// A login that fails ends the call, with [rutravel.ErrAuth],
// [rutravel.ErrRateLimited] or, if it could not be reached,
// [rutravel.ErrUnavailable]. Attempts is how many requests of the call itself
// were made before: none, if it is 0. Otherwise the login was one between two
// attempts; one of Book or Cancel was refused then, or never left this machine,
// while one of SetTransfers or SetContacts may have been carried out. The login's
// own error, an [*rutravel.Error] with the operation "login", is found in the Err
// of the call's (errors.AsType), and its kind does not match beside the call's.
// The options of a call are not those of its login, which other calls need, too:
// one attempt takes 30 seconds at most, and there are three, or what the options
// of New say. Loggers and hooks see logins as the operation "login".
//
// There is one address for tests and sales: [Client.Book] books.
//
// Package [github.com/rutravel/rutravel-go/bgoperator/bgoperatortest]
// is the supplier in memory, to test against.
//
// # From price list to cancellation
//
//	price list:   [Offer], filled by the caller's own import
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
// The manual does not say what may be cached; the library keeps no cache.
//
// # Ids, dates and money
//
// Ids are texts of 12 to 18 digits, of types that cannot be mixed. All calls
// about a booking take its [BookingID]; the [BookingNumber] is for people.
//
// Dates (DD.MM.YYYY on the wire) are without a zone. What the supplier wants back
// unchanged goes back byte for byte: the values of an [Offer], a [TransferDate],
// the XML of a [Flight]. Amounts have their currency beside them. A tour may be
// priced in several; RUR, the rouble's old code, is left as it comes.
//
// # What the manual leaves to its reader
//
//   - prx stands before action, where Go's url.Values would put it behind.
//   - A tour has a templateId or a comissionId (with one m), and never an empty one of
//     the other.
//   - No <ins> means the supplier's insurance, not none: an [Offer] says which is
//     meant.
//   - fullamount is spelt fullamout, too; ids and amounts have spaces and line breaks
//     around them.
//   - In the manual's own sample <variant> is closed by </roommeal>: that is repaired,
//     and no other XML that is broken.
//   - A slot of transfers is one end of the way and its variant the other; which is
//     which, and the letter that flights are asked for by, follow from dir and ptype.
//   - SetTransfers replaces all transfers, and is answered with a price, an id or OK.
//   - The ticket of a cancellation stands in a sum or beside it. Without one, the
//     cancellation would be a quote, and is not sent.
//   - An error names one tour of several and says nothing of the others.
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
// Book and Cancel are sent once, on a connection of their own. Cancel is a GET
// request, which Go's HTTP client would repeat by itself. A call whose outcome
// cannot be known fails with [rutravel.ErrNotConfirmed]:
//
//   - Cancel: ask [Client.QuoteCancel]. [CodeAlreadyCancelled] proves that the
//     booking is cancelled. A quote proves nothing while the supplier may still
//     be at work: ask again for some minutes.
//   - Book: the manual offers nothing to ask by. Look into the agency's account
//     on the supplier's site. A deliberate repeat may be answered with
//     [CodeDuplicate] and the id of the booking that exists; it may also book a
//     second time, for the manual does not say what a duplicate is.
//
// SetTransfers and SetContacts say what shall be: make them again.
//
// A caller's cancellation after the request was sent is such a case, too: give
// Book and Cancel a context of their own, detached from a user's request
// ([context.WithoutCancel] and a time-out), and store the Tour, or the booking's
// id, before the call.
//
// # Errors
//
// [Code] has the manual's codes; errors.Is(err, bgoperator.CodeNoFlights) tells
// one. A [*RefusalError] in the chain has all of them, with what the supplier
// adds, and names the tour. [CodeGeneral] and [CodeTransfersGeneral] do not say
// what was done: in answer to Book and Cancel they are
// [rutravel.ErrNotConfirmed].
package bgoperator
