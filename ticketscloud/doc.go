// Package ticketscloud is a client for the REST API of Ticketscloud
// (ticketscloud.com) for distributors of event tickets: orders, promocodes,
// refund requests and the older catalogue of events.
//
// This program buys two tickets from a fake supplier, which runs in the same process:
//
//	package main
//
//	import (
//		"context"
//		"fmt"
//		"log"
//
//		rutravel "github.com/rutravel/rutravel-go"
//		"github.com/rutravel/rutravel-go/ticketscloud"
//		"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
//	)
//
//	func main() {
//		fake := ticketscloudtest.New()
//		client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
//		if err != nil {
//			log.Fatal(err)
//		}
//		ctx := context.Background()
//		order, err := client.CreateOrder(ctx, ticketscloud.NewOrder{
//			Event:  ticketscloudtest.Concert,
//			Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 2}},
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println("held until paid:", order.Event.Title, order.Totals.Full, "roubles")
//		order, err = client.PayOrder(ctx, order.Key())
//		if err != nil {
//			log.Fatal(err) // the order may be paid: see "Unsafe calls"
//		}
//		fmt.Println("status:", order.Status)
//	}
//
// The manual is the repository https://github.com/ticketscloud/doc.
//
// # Access
//
// An API key identifies the distributor. It is sent in the header Authorization, after
// the word key. The supplier lists and sells only events of organisers with whom the
// distributor has a deal. Config.BaseURL must be [Stage], for integration, or
// [Production], which sells. The client refuses plain HTTP, as the supplier does.
//
// Package [github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest] is a fake of
// the supplier for tests.
//
// # Calls
//
// Events and tickets on sale:
//
//   - [Client.Events] and [Client.EventTickets] read the older catalogue.
//   - Package [github.com/rutravel/rutravel-go/ticketscloud/tcsimple] reads the gRPC
//     catalogue, which the manual recommends.
//
// Orders:
//
//   - [Client.CreateOrder] creates an order in the status [OrderHeld]. It holds its tickets
//     until its ExpiredAfter.
//   - [Client.ChangeOrder], [Client.AdjustTickets] and [Client.SetMosbiletBuyers] change
//     an order in that status.
//   - [Client.CheckPromocode] returns the terms of a promocode. ChangeOrder applies it.
//   - [Client.PayOrder] pays from the distributor's account. The order is then [OrderDone]
//     and final. [Client.WaitForBarcodes] waits for the barcodes.
//   - [Client.CancelOrder] cancels an order that is not paid.
//   - [Client.FindOrder], [Client.Orders] and [Client.ExportOrders] read orders.
//     [Client.LostOrders] lists the orders that a lost call may have created.
//
// Refund requests:
//
//   - [Client.CreateRefund] creates a refund request for tickets of a paid order.
//   - [Client.ApproveRefund] and [Client.RejectRefund] decide it.
//   - [Client.FindRefund] and [Client.Refunds] read refund requests. [Client.LostRefunds]
//     lists the refund requests that a lost call may have created.
//
// AdjustTickets, WaitForBarcodes, the iterators and the look-ups send several requests.
// [rutravel.WithRawAnswer] stores the answer to the last request, and an error's Attempts
// counts the attempts of the last request.
//
// The manual does not say what may be cached. The client caches nothing.
//
// # Keys
//
// A method for an existing order has an [OrderKey] as its argument, which [Order.Key]
// returns. A method for a refund request has a [RefundKey], which [Refund.Key] returns.
// Only the ID is required. The manual has no call for one order, so look-ups search the
// list of orders. With Event and CreatedAt they search only a small part of it.
//
// # Tickets of an order
//
// A category of tickets (категория, билетный сет, [SetID]) has seats or no seats. Tickets
// with seats are reserved by their ids, tickets without seats by category and number. One
// request can have either ids or categories, and it must name all tickets that the order
// must hold afterwards. [Client.AdjustTickets] adds and removes single tickets.
//
// Two things fail without an error:
//
//   - The supplier leaves out tickets that it cannot reserve. Check the order's Missing
//     before you pay.
//   - The supplier applies only the promocodes that it can apply. Check the order's
//     Problems before you pay.
//
// So [Client.ChangeOrder] refuses to pay in the same request that changes tickets or
// promocodes.
//
// Changes of one order must not overlap. A [Client] makes its own changes one after the
// other. The supplier refuses a change that overlaps with another program's change. The
// error is [rutravel.ErrConflict]. If the change sets a desired state (see ChangeOrder),
// the client retries it first. Use one Client per account.
//
// # Times, money and refs
//
// Times are instants in UTC, also if the answer has no zone. A ticket must show the local
// time of the venue: [Event.Local]. Amounts are in roubles. The manual names no currency.
// The older catalogue and orders use the same name for different prices: see
// [ListedPrices] and [Amounts].
//
// Answers name objects by ids and describe them separately, in refs. The client puts the
// objects together: order.Event.Venue.Address, ticket.Set.Name, refund.Order.Number. If
// an answer does not describe an object, only its ID is set.
//
// # Unsafe calls
//
// These calls buy, cancel, refund or mail something. Each is sent once:
//
//   - [Client.CreateOrder],
//   - [Client.PayOrder], [Client.CancelOrder], and [Client.ChangeOrder] with Status or
//     Promocodes,
//   - [Client.CreateRefund], [Client.ApproveRefund] and [Client.RejectRefund],
//   - [Client.ExportOrders].
//
// If the outcome is unknown, the error is [rutravel.ErrNotConfirmed]. Do not make the
// call again: look up what happened. The error's LookUp names the method.
//
// A call that is canceled after the request was sent has an unknown outcome as well. So
// give these calls a context that does not end with a user's request:
// [context.WithoutCancel] with a timeout.
//
// Before the call, store the key, or the request and the time. If an order or refund
// request arrived, it is returned with the error, as far as it could be read. It may
// differ from what you requested, so compare them. It is not returned if its id is not
// the one in the key, or if it is a refund request for another order.
//
// # Recovery
//
// Each unsafe call has an operation, such as [Client.PayOrderOperation]. It finds out what
// happened and knows how long to keep asking. Package
// [github.com/rutravel/rutravel-go/journal] stores the operations and resolves lost calls,
// also after a crash. The operations use these look-ups:
//
//   - PayOrder, CancelOrder, promocodes: [Client.FindOrder] with the order's key.
//     [OrderHeld] and [rutravel.ErrNotFound] prove nothing while the supplier may still be
//     processing the call.
//   - CreateOrder: [Client.LostOrders]. An order that nobody pays for expires.
//   - ApproveRefund, RejectRefund: [Client.FindRefund] with the refund request's key.
//   - CreateRefund: [Client.LostRefunds].
//   - ExportOrders: none. Wait for the mail.
//
// LostOrders and LostRefunds return candidates. A candidate can be the result of another
// call: see [Client.LostOrders].
//
// # Values that cannot be read
//
// An order or refund request that cannot be read completely does not hide others:
//
//   - Pages name it in a [rutravel.RowsError].
//   - Iterators yield it as far as it was read, with a [rutravel.RowError].
//   - A look-up fails if the object that it looks for cannot be read. It also fails if it
//     did not find the object and the id of another object cannot be read.
//
// Events and tickets of the older catalogue are left out with a warning.
//
// Minor fields stay empty, and the logger gets a warning ([rutravel.WithLogger]): names,
// descriptions, and what refs say about events, partners and venues. Ids, amounts,
// statuses, seats and barcodes are never guessed.
//
// # Errors
//
// An error's Op is a collection and a verb: orders.create, refunds.approve. A plus sign
// separates the form of a change: PayOrder is orders.change+done.
//
// Most refusals are only a text. The client derives a kind from a text only if its
// beginning is stable:
//
//   - [rutravel.ErrFunds]: "Not enough money".
//   - [rutravel.ErrConflict]: the order or refund request has another status, or HTTP 409
//     for a change of an order. A refund request with payments in progress cannot be
//     rejected, and a paid order cannot be cancelled.
//   - [rutravel.ErrExpired]: a change of an expired order.
//   - [rutravel.ErrNotFound]: the event, order or promocode does not exist, or a look-up
//     read the complete list and did not find the object.
//
// Other refusals are [rutravel.ErrRejected] with the supplier's text. If there are several
// problems or a [Code], the chain has [Problems], which lists them:
// errors.Is(err, ticketscloud.CodePromocodeNotFound).
//
// # Limits
//
// A page has 1 to 200 objects. vendor_data has an order number and at most 20 fields of
// the distributor. [MaxVendorFields] and the constants next to it are its limits. The
// manual has no limits for the rate of requests. [rutravel.WithLimiter] sets one.
//
// One attempt may take 60 seconds, in the older catalogue 90 seconds, and in
// CheckPromocode 30 seconds. [rutravel.WithAttemptTimeout] changes that.
//
// Fields that the manual mentions only in error texts cannot be sent: promokeys,
// additional fields, expired_after, invitations.
//
// # What the manual leaves to its reader
//
//   - "Basic Auth" means the word key and the plain API key.
//   - A PATCH that is redirected becomes a GET, whose answer looks like a success. So the
//     client does not follow redirects.
//   - Only fields that are set are sent, so that nothing is released or switched off by
//     mistake.
//   - Times have several notations, with and without a zone.
//   - A done order may have tickets that are "reserved" and have no barcodes yet: see
//     [Client.WaitForBarcodes].
//   - Promocodes are sent as codes and returned as ids.
//   - Refusals are texts or objects with a code in errors, or a reason next to error. An
//     answer with HTTP 200 and a valid order can have errors as well.
//   - A list ends with an empty page, whatever total says. An object that has moved to
//     the next page is yielded once. A repeated page is an error, unless all objects have
//     arrived.
//   - Coordinates are longitude and latitude. A seat's row and number may be texts.
package ticketscloud
