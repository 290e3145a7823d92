// Package smartway is a client for the API of Smartway (smartway.today), through
// which companies in Russia book business travel.
//
// This program buys a flight from a fake supplier, which runs in the same process:
//
//	package main
//
//	import (
//		"context"
//		"fmt"
//		"log"
//
//		"cloud.google.com/go/civil"
//
//		rutravel "github.com/rutravel/rutravel-go"
//		"github.com/rutravel/rutravel-go/smartway"
//		"github.com/rutravel/rutravel-go/smartway/smartwaytest"
//	)
//
//	func main() {
//		fake := smartwaytest.New()
//		client, err := smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//		if err != nil {
//			log.Fatal(err)
//		}
//		ctx := context.Background()
//		offers, err := client.Airlines.Search(ctx, smartway.FlightQuery{
//			Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1,
//			Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: smartway.Today().AddDays(30)}},
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//		flight := offers.Variants[0]
//		id, err := client.Airlines.Buy(ctx, smartway.PurchaseRequest{
//			Search: offers.Search, Variant: flight.ID, Fare: flight.Fares[0].ID,
//			Passengers: []smartway.Passenger{{
//				ID: "8754", Surname: "Илларионов", FirstName: "Петр", SurnameEng: "Illarionov", FirstNameEng: "Piotr",
//				Phone: "+79990000000", Email: "illarionov@piotr.com", Citizenship: "RU", Sex: smartway.Male,
//				BirthDate: civil.Date{Year: 1981, Month: 1, Day: 1},
//				Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999", Selected: true}},
//				INN:       "7799555550", // the company that is billed
//			}},
//		})
//		if err != nil {
//			log.Fatal(err) // the tickets may be bought: see "Unsafe calls"
//		}
//		fake.Advance(smartwaytest.PurchaseTime)
//		trip, err := client.Airlines.Wait(ctx, id)
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println("bought: trip", trip, "for", flight.Price, "roubles")
//	}
//
// The manual is published at https://api.smartway.today/docs. The package covers the 25
// methods of its version 2.0.12.
//
// # Access
//
// The client calls the API as a user of the supplier's cabinet. Every request has the
// user's e-mail address and password. There is an account for production and another one
// for tests. Config.BaseURL must be the address that belongs to the account: [Production],
// which sells, or [Test].
//
// Operating systems do not trust the certificate of the test host. The supplier provides
// the certificate: add it to the system's pool, and pass the pool to the client.
//
//	client, err := smartway.New(smartway.Config{
//		Username: "user@example.com",
//		Password: rutravel.Secret(os.Getenv("SMARTWAY_PASSWORD")),
//		BaseURL:  smartway.Test,
//	}, rutravel.WithRootCAs(roots))
//
// Package [github.com/rutravel/rutravel-go/smartway/smartwaytest] is a fake of the
// supplier for tests.
//
// # Calls
//
// Each chapter of the manual is a field of [Client]: client.Airlines.Search.
//
// Employees:
//
//   - [Employees.Save] creates and changes employees.
//   - [Employees.List] and [Employees.ListAll] read them.
//   - [Employees.SetRights] sets what an employee may do. [TravelPolicies.Apply] sets
//     how much an employee may spend. [TravelPolicies.List] lists the policies.
//
// Flights:
//
//   - [Airlines.Airports] finds the codes of airports and cities.
//   - [Airlines.Search] finds flights.
//   - [Airlines.Buy] begins to buy tickets. [Airlines.Wait] waits until they are bought,
//     and returns the trip.
//
// Trips:
//
//   - [Trips.Info] returns a trip, and [Trips.ItemVoucher] the voucher of a service.
//   - [Trips.AfterChange] returns new and changed trips. Call it regularly, with the
//     cursor from the previous call.
//   - [Trips.Between], [Trips.OfRequest] and [Trips.Versions] list trips and their changes.
//   - [ClosingDocuments.List] lists the documents for the accounts department.
//
// Travel requests, which people at Smartway process:
//
//   - [Requests.Save] sends a request, and [Requests.Cancel] cancels it.
//   - [Requests.Statuses] returns the statuses of requests. [Trips.OfRequest] lists the
//     trips that were bought for a request.
//   - [Trains.Stations] and [Hotels.Find] are directories.
//
// Approval and login:
//
//   - [VerificationCodes.Add] adds a code that proves an approval in the caller's system.
//   - [Logins.Issue] lets a user enter Smartway without a password.
//
// [Client.Ping] checks the credentials.
//
// # Purchases
//
// Only flights can be bought through the API. [Airlines.Buy] buys at once and bills the
// company. The manual has no method to confirm, cancel or refund a purchase, and a call
// of Buy does not contain a price. So search right before Buy. After the purchase,
// compare [TripInfo].Amount with the price of the search.
//
// The results of a search can be stored and bought by another process. The manual does
// not say how long they are valid, and it says nothing about caching.
//
// # Ids, dates and money
//
// Ids that the manual keeps apart have types that cannot be mixed:
//
//   - [ExternalID] is the id of an employee in the caller's system, [EmployeeID] the id at
//     Smartway.
//   - [VariantID] belongs to the results of a search, [TripID] to what was bought.
//   - [ItemID] stays the same when a service changes. Each change has another
//     [VersionID].
//   - [Cursor] comes from [History.Cursor] only.
//
// The rouble is the only currency that the manual names, and it does not name one for
// every amount.
//
// Times have no zone. Times of flights and hotels are local, so the difference between
// departure and arrival is not the duration. Times of purchases and changes are the
// supplier's, presumably in Moscow's zone. A time that is missing is zero. Only the
// expiry times of codes and logins have a zone.
//
// Requests and answers can be stored as JSON and read again, except a [Login], which is a
// secret.
//
// # Unsafe calls
//
// These calls buy, create or cancel something. Each is sent once:
//
//   - [Airlines.Buy],
//   - [Requests.Save] and [Requests.Cancel],
//   - [Employees.Save] with an employee who has no ExternalID,
//   - [VerificationCodes.Add] of a super code without a text. With a super code,
//     employees need no approval.
//
// If the outcome is unknown, the error is [rutravel.ErrNotConfirmed]. Do not make the
// call again: look up what happened. The error's LookUp names the method.
//
// A call that is canceled after the request was sent has an unknown outcome as well. So
// give these calls a context that does not end with a user's request:
// [context.WithoutCancel] with a timeout.
//
// All other calls can be retried.
//
// # Recovery
//
// Each unsafe call has an operation, such as [Airlines.BuyOperation]. It makes the call,
// finds out what happened if the outcome is unknown, and knows how long to keep asking.
// Package [github.com/rutravel/rutravel-go/journal] stores the calls of operations and
// looks up those with an unknown outcome, also after a crash. The operations use these
// look-ups:
//
//   - [Airlines.BuyOperation]: [Airlines.Result] with the PurchaseID, if one arrived.
//     Otherwise [Trips.Lost] with the passengers and the day of the call.
//   - [Employees.SaveOperation]: [Employees.Lost] with the change.
//   - [Requests.SaveOperation]: [Requests.Statuses] with the ID of the request. A request
//     without an ID cannot be looked up.
//   - [Requests.CancelOperation]: [Requests.Statuses].
//   - [VerificationCodes.AddOperation]: none. Check the supplier's cabinet.
//
// Without journal, use the same look-ups. After Buy, use [Airlines.Wait] or Trips.Lost.
// Before Buy, store the [LostQuery] that Trips.Lost needs.
//
// # Values that cannot be read
//
// Ids, amounts, statuses, seats and tickets are essential. Another field that cannot be
// read stays empty, and the logger gets a [rutravel.Warning].
//
// A row whose essential field cannot be read does not hide other rows:
//
//   - Searches and directories leave it out with a warning.
//   - Lists of trips, versions, employees, statuses of requests and closing documents
//     return the other rows. The error has a [*rutravel.RowsError] in its chain that names
//     the row.
//   - [Trips.AfterChange] and the look-ups [Trips.Lost] and [Employees.Lost] return the
//     row as far as it was read.
//
// # Errors
//
// The manual shows one error of JSON-RPC: the code 401, which is [rutravel.ErrAuth]. The
// codes 400, 403, 404, 408, 409, 422, 429 and 500 to 599 get the kind that they have in
// HTTP, and -32700, -32600, -32602 and -32603 the kind that they have in JSON-RPC. All
// other codes are [rutravel.ErrRejected].
//
// For an unsafe call, an error of the supplier is [rutravel.ErrNotConfirmed], unless its
// code shows that nothing was done: 400 to 499 except 408 and 409, and -32700, -32600,
// -32601 and -32602, which JSON-RPC defines for an invalid request.
//
// If a method returns a failure in place of the result, that is an error as well.
// [ErrorDetails] has the texts next to the message of an error. Errors and logs never show
// the credentials or the personal data of a request.
//
// Each request has an id, and its answer repeats it. A client counts its ids up from a
// large random number. If an answer has another id, the method returns an error,
// together with the values that it read. [Trips.AfterChange] is an exception, because
// the manual prints such an answer. It accepts another id with a warning, unless this
// client gave that id to one of its requests.
//
// # Limits
//
// The manual has no limits for the rate of requests; [rutravel.WithLimiter] sets one.
//
// One attempt may take this long ([rutravel.WithAttemptTimeout] changes it):
//
//   - 90 seconds: [Airlines.Search] and [Airlines.Buy],
//   - two minutes: [Trips.Between] and [Trips.Versions],
//   - 60 seconds: [Employees.Save], [Employees.List], [ClosingDocuments.List], vouchers,
//     [Trips.OfRequest] and [Requests.Save],
//   - 30 seconds: all others.
//
// The answer of [Trips.AfterChange] may take any time and have any length. After a minute
// without a trip, it ends with an error.
//
// # What the manual leaves to its reader
//
//   - query is an object, a list, a text or a number. It is always sent.
//   - An answer with HTTP 200 can have a failure in place of the result. For methods
//     that return nothing, a result of null means success.
//   - Only fields of an employee that are set are sent, because the supplier stores all
//     fields that are sent, also empty lists. To send an empty list, name it in Clear.
//   - Filters that are not set are left out, or sent as [] if the manual always shows a
//     list. Some samples have "" there.
//   - Sexes, types of documents and types of cards have several spellings in the manual
//     and one in this package. Unknown values are kept.
//   - A company is a number in employees.list and a text in employees.save. Both lists of
//     employees.list are always sent.
//   - The info of a service is an object or a list. Its type, which comes after it,
//     decides. An empty dictionary is {}, [] or null. A city is a text or an object.
//   - The manual does not say which fare is bought without a fare_id. The client sends
//     the fare_id of the chosen fare, unless the fare has none.
//   - A voucher is Base64, with or without line breaks, and must be a PDF.
package smartway
