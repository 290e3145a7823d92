// Package smartway is a client for the API of Smartway (smartway.today), through
// which companies in Russia book business travel. It covers the 25 methods of the
// manual, version 2.0.12, as one field of [Client] for each of its chapters. The
// manual is published at https://api.smartway.today/docs.
//
// # Access
//
// A user of the cabinet is who calls; an e-mail address and a password travel in
// every request. There is an account for production and one for tests, and
// [Config].BaseURL must say which is meant. The system does not trust the test
// host's certificate: add the one that the supplier provides to the system's pool
// and pass that with [rutravel.WithRootCAs].
//
//	client, err := smartway.New(smartway.Config{
//		Username: "user@example.com",
//		Password: rutravel.Secret(os.Getenv("SMARTWAY_PASSWORD")),
//		BaseURL:  smartway.Test,
//	}, rutravel.WithRootCAs(roots))
//
// Package [github.com/rutravel/rutravel-go/smartway/smartwaytest]
// is the supplier in memory, to test against.
//
// # From search to voucher
//
//	employees:  Employees.Save ← the personnel system; Employees.List; Employees.SetRights; TravelPolicies.Apply
//	buying:     Airlines.Airports → Airlines.Search → Airlines.Buy → Airlines.Wait → Trips.Info → Trips.ItemVoucher
//	requests:   Requests.Save → people choose and buy → Requests.Statuses → Trips.OfRequest
//	accounts:   Trips.AfterChange, again and again from the cursor of the time before; ClosingDocuments.List
//	approval:   VerificationCodes.Add, if trips are approved in the caller's system; Logins.Issue lets a user in
//
// Only flights can be bought through the API. [Airlines.Buy] buys at
// once and bills the company: the manual has no method to confirm, cancel or
// refund, and no price to agree to. Search right before, and compare
// [TripInfo].Amount after. Results of a search can be stored and booked in
// another process; for how long they live is not documented, and neither is
// caching of anything else.
//
// # Ids, dates and money
//
// What the manual keeps apart cannot be mixed here: [ExternalID] is an
// employee's in the caller's system and [EmployeeID] at Smartway; [VariantID]
// is a search's and [TripID] what became of it; an [ItemID] stays the same
// while a [VersionID] is new with every change. A [Cursor] comes from the
// history alone.
//
// Amounts are roubles where the manual names a currency, and it names no other.
// Times have no zone: those of flights and hotels are the local clocks, so the
// difference between a departure and an arrival is no duration; those of
// booking and change are the supplier's own, presumably Moscow's. A time that
// is missing is zero. Only what expires is an instant.
//
// Requests and answers can be stored as JSON and read again, but for a [Login],
// which is a secret.
//
// # What the manual leaves to its reader
//
//   - query is an object, a list, a text or a number, and never left out.
//   - A failure may stand where the result stands, under HTTP 200; a result of null is
//     success where nothing is asked for.
//   - Only what was set of an employee is sent, because the supplier stores all that is
//     sent, empty lists included. An empty list in a request is not sent; Clear names the
//     lists to send empty. Filters that the manual always shows are sent as [].
//   - Sexes, documents and cards are spelt in several ways: here they have one. What is
//     not known is kept.
//   - A company is a number to List and a text to Save; both lists of List are always
//     sent.
//   - What a service's info is, an object or a list, follows from its type, which stands
//     behind it. An empty dictionary is {}, [] or null, a city a text or an object.
//   - Which fare is bought without a fare_id is not said: that of the fare which was
//     chosen is always sent.
//   - Filters that are not set are left out, or empty lists; the samples have "" there.
//   - A voucher is Base64, in one line or several, and must be a PDF.
//
// # Values that cannot be read
//
// Ids, amounts, statuses, seats and tickets are essential. What is wrong with another
// value is a [rutravel.Warning]: the field stays empty. Without a readable essential
// value, a row of a search or directory is left out with a warning. A row of what
// exists (trips, versions, employees, statuses of requests, closing documents) is named
// by a [*rutravel.RowsError] in the chain of the error, and the other rows are
// returned. The history and the look-ups of lost calls return it as far as it was read.
//
// # Limits
//
// The manual names none for requests; [rutravel.WithLimiter] sets one. One
// attempt may take 30 seconds; of Employees.Save and List, packages, vouchers,
// Trips.OfRequest and Requests.Save 60 seconds; of Airlines.Search and Buy 90
// seconds; of Trips.Between and Versions two minutes
// ([rutravel.WithAttemptTimeout]). The history of Trips.AfterChange may take any
// time and have any length, but no more than a minute may pass without a trip.
//
// # When an answer is lost
//
// Airlines.Buy, Requests.Save, Requests.Cancel, Employees.Save of somebody without an
// ExternalID and VerificationCodes.Add of a super code without a text are sent once. A call
// whose outcome cannot be known fails with [rutravel.ErrNotConfirmed]: it may
// have been carried out. Each of these methods has an operation, such as
// [Airlines.BuyOperation], that finds out what became of a call and how long to ask.
// The error names the look-up:
//
//	Airlines.Buy      Airlines.Wait with the PurchaseID, if one arrived; else Trips.Lost with the
//	                  passengers and a cursor or day from before the call
//	Employees.Save    Employees.Lost with the change
//	Requests.Save     Requests.Statuses with the request's ID; nothing without one
//	Requests.Cancel   Requests.Statuses
//	VerificationCodes.Add   nothing: the supplier's cabinet
//
// All other calls can be retried.
//
// A caller's cancellation after the request was sent is such a case, too: give
// these calls a context of their own, detached from a user's request
// ([context.WithoutCancel] and a time-out).
//
// The ids of a client's requests begin at a random large number. An answer with the id
// of another request is an error, and what it says is returned with the error.
// Trips.AfterChange accepts an id that this client gave to no request, with a warning,
// because the manual prints its answers so.
//
// # Errors
//
// The manual shows one error of JSON-RPC: code 401, [rutravel.ErrAuth]. Other
// codes of HTTP and JSON-RPC are taken for what they say, all else is
// [rutravel.ErrRejected]; of a call that is sent once it is
// [rutravel.ErrNotConfirmed], unless the code is one of 400 to 499, without 408
// and 409, or says that the request was no good. [ErrorDetails] has what is said
// next to the message. Failures that stand in the place of a result are errors
// like others. No error and no log shows the credentials or what a request says
// about travellers.
package smartway
