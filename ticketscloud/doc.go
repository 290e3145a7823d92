// Package ticketscloud is a client for the REST API of Ticketscloud
// (ticketscloud.com) for distributors of event tickets: orders, promocodes,
// refund requests and the older catalogue of events.
//
// The manual is the repository https://github.com/ticketscloud/doc.
//
// # Access
//
// A key identifies the distributor. It travels in the header Authorization,
// after the word key. Only events are listed and sold with whose organiser the
// distributor has a deal. [Stage] is for integration, [Production] sells; one of
// them must be named in [Config]. Plain HTTP is refused here, as it is there.
//
// Package [github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest]
// is the supplier in memory, to test against.
//
// # From event to refund
//
//	events:     Events, EventTickets (or package tcsimple, the gRPC catalogue)
//	order:      CreateOrder → ChangeOrder, AdjustTickets, SetMosbiletBuyers
//	promocodes: CheckPromocode → ChangeOrder
//	the end:    PayOrder → WaitForBarcodes, or CancelOrder
//	afterwards: FindOrder, Orders, ExportOrders
//	refunds:    CreateRefund → ApproveRefund or RejectRefund; FindRefund, Refunds
//
// An order is made in the status [OrderHeld] and holds its tickets until its
// ExpiredAfter. While it is in that status it can be changed; done it is paid
// from the distributor's account and final.
//
// The manual does not say what may be cached; the library keeps no cache.
//
// # Keys
//
// Every method that takes an existing order takes an [OrderKey], and every method
// that takes a refund request a [RefundKey]: [Order.Key] and [Refund.Key] return
// them. Only the ID is needed; Event and CreatedAt make searches short, because
// the manual has no call for one order.
//
// # What an order holds
//
// A category of tickets (категория, билетный сет, [SetID]) has seats or has
// none. Tickets with seats are reserved by their ids, others by category and
// number. In one request only one of the two can be given, and what is given is
// all that the order is to hold; [Client.AdjustTickets] adds and removes.
//
// The supplier leaves out what it cannot reserve, and answers with success: look
// at the order's Missing before it is paid for. It applies what promocodes it
// can, and answers with success: look at the order's Problems. So neither is sent
// together with the payment.
//
// Changes of one order must follow one another. A [Client] sees to it for its
// own; those of other programs are refused with [rutravel.ErrConflict], after
// some tries if the change is a desired state. Use one Client for an account.
//
// # Times, money and refs
//
// Times are instants in UTC, whether the answer names a zone or not. What a
// ticket must show is the time at the venue: [Event.Local]. Amounts are
// roubles; the manual names no currency. What has the same name in the older
// catalogue and in orders is not the same price: [ListedPrices], [Amounts].
//
// Answers name objects by their ids and describe them in refs. Here the
// objects stand where they are named: order.Event.Venue.Address,
// ticket.Set.Name, refund.Order.Number. Of what an answer does not describe,
// only the id is set.
//
// # What the manual leaves to its reader
//
//   - "Basic Auth" is the word key and the key, as it is.
//   - A PATCH that is redirected becomes a GET, whose answer looks like success:
//     redirects are not followed.
//   - Only what was set is sent, so that nothing is given back or switched off by
//     mistake.
//   - Times have several notations, with a zone and without.
//   - A done order may have tickets that are "reserved" and no barcodes yet:
//     [Client.WaitForBarcodes].
//   - Promocodes go in as codes and come back as ids.
//   - Refusals are texts, or objects with a code, in errors, or a reason beside error;
//     errors may stand beside a good order, under HTTP 200.
//   - A list ends with an empty page, whatever total says. What has moved to the next
//     page comes once. A page that repeats is an error, unless all objects came.
//   - Coordinates are longitude and latitude; a seat's row and number may be texts.
//
// # Limits
//
// A page has 1 to 200 objects. vendor_data takes 20 fields of the distributor's
// own and a number of the order: [MaxVendorFields] and the like. The manual
// names no limits of requests; [rutravel.WithLimiter] sets one. One attempt may
// take a minute; of the older catalogue 90 seconds, of CheckPromocode 30
// ([rutravel.WithAttemptTimeout]).
//
// What the manual names in errors only cannot be sent: promokeys, additional
// fields, expired_after, invitations.
//
// AdjustTickets, WaitForBarcodes, the iterators and what looks for orders and
// refund requests send several requests. [rutravel.WithRawAnswer] stores the answer
// to the last of them, and an error's Attempts counts those of the last.
//
// # When an answer is lost
//
// CreateOrder, PayOrder, CancelOrder, ChangeOrder with promocodes,
// CreateRefund, ApproveRefund, RejectRefund and ExportOrders are sent once. A
// call whose outcome cannot be known fails with [rutravel.ErrNotConfirmed]. Each has
// an operation, such as [Client.PayOrderOperation], that finds out what became of it
// and how long to ask. The operations ask these look-ups:
//
//   - PayOrder, CancelOrder, promocodes: [Client.FindOrder] with the order's key
//     ([Order.Key]). [OrderHeld] and [rutravel.ErrNotFound] prove nothing while the
//     supplier may still be at work.
//   - CreateOrder: [Client.LostOrders] lists the orders that it may be. Left alone, an
//     order expires.
//   - ApproveRefund, RejectRefund: [Client.FindRefund] ([Refund.Key]).
//   - CreateRefund: [Client.LostRefunds] lists the refund requests that it may be.
//   - ExportOrders: none. Wait for the mail.
//
// The error's LookUp names the method. An order or refund request that may be the lost
// one can belong to another call: see [Client.LostOrders].
//
// A caller's cancellation after the request was sent is such a case, too: give
// these calls a context of their own, detached from a user's request
// ([context.WithoutCancel] and a timeout), and store the key, or the request and
// the time, before the call.
//
// What arrived is returned beside the error: the order or refund request that
// was made or changed, as far as it could be read, though it may contradict the
// request. One that is known to be another is not returned.
//
// # Values that cannot be read
//
// An order or refund request that cannot be read whole hides no other: pages name it
// by a [rutravel.RowsError], and iterators return it as far as it was read, with a
// [rutravel.RowError]. Look-ups
// fail only for their own object, or if it may be one whose id cannot be read. Events
// and tickets of the older catalogue are left out with a warning. Fields that callers
// can do without stay empty, and a warning goes to the logger ([rutravel.WithLogger]):
// names, descriptions, what refs say of events, partners and venues. Ids, amounts,
// statuses, seats and barcodes are never guessed.
//
// # Errors
//
// An error's Op is collection and verb: orders.create, refunds.approve.
//
// Most refusals are texts and nothing else. A text is taken for a kind only
// where its beginning is stable: [rutravel.ErrFunds] for "Not enough money",
// [rutravel.ErrConflict] for an order or refund request in another status (a refund
// request with payments under way cannot be rejected, a paid order not cancelled) and
// for HTTP 409 to a change of an order, [rutravel.ErrExpired] for a change of an
// order that is out of time, [rutravel.ErrNotFound] for an event, order or
// promocode that does not exist, and for what a list was read for and does not
// have. Others are [rutravel.ErrRejected] with the supplier's words. [Problems] in
// the chain holds them one by one if there are several, or if there is a [Code]:
// errors.Is(err, ticketscloud.CodePromocodeNotFound).
package ticketscloud
