package ticketscloud_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

const (
	orderID  = ticketscloud.OrderID("5d8b924971a0bf323bd6a6ed") // of the tickets below
	ticketA  = ticketscloud.TicketID("5d7135113f18da51a186ad16")
	ticketB  = ticketscloud.TicketID("5d7134962110d30a34e95cfe")
	heldID   = ticketscloud.OrderID("5d39bf878cd381a4891e07b7")
	namedID  = ticketscloud.OrderID("5bacf64ea0eb2f000c45160a")
	eventID  = ticketscloud.EventID("5d31fbdd27649b0dff076117")
	refundID = ticketscloud.RefundID("5dfa1fa437077b6b6ed0f6b3")
	soldID   = ticketscloud.OrderID("5def7c43e3ed5ae2a8d6908b")
	setID    = ticketscloud.SetID("5d31fbfa27649b0dff07611b")
)

func changed(t *testing.T, id ticketscloud.OrderID, body string) (ticketscloud.Order, error) {
	t.Helper()
	c, _ := answers(t, http.StatusOK, body)
	return c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: id}, ticketscloud.OrderChange{SendTickets: new(true)})
}

func changedBy(t *testing.T, c *ticketscloud.Client) (ticketscloud.Order, error) {
	t.Helper()
	return c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, ticketscloud.OrderChange{SendTickets: new(true)})
}

func utc(year int, month time.Month, day, hour, minute, second, nanosecond int) time.Time {
	return time.Date(year, month, day, hour, minute, second, nanosecond, time.UTC)
}

// TC-T01: the key is sent as it is, after the word key, and is not written
// twice by mistake.
func TestKey(t *testing.T) {
	t.Parallel()
	for _, key := range []rutravel.Secret{"", "key abc", "[secret]", "a\nb"} {
		_, err := ticketscloud.New(ticketscloud.Config{Key: key, BaseURL: ticketscloud.Stage})
		assert.ErrorContains(t, err, "Key", "%q", string(key))
	}
	_, err := ticketscloud.New(ticketscloud.Config{Key: "abc"})
	assert.ErrorContains(t, err, "BaseURL", "nobody sells by default")
	_, err = ticketscloud.New(ticketscloud.Config{Key: "abc", BaseURL: "http://ticketscloud.com"})
	assert.ErrorIs(t, err, rutravel.ErrInvalid, "TC-T02")
}

// TC-T02: a redirect is never followed; TC-T61: nor is its phrase read.
func TestRedirects(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusMovedPermanently, file(t, "orders.change+done_mixed.answer.json"))
	_, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Len(t, *requests, 1)
}

// TC-T04: an empty id must not change the collection, nor one with dots
// another object; what an id holds is escaped.
func TestIDs(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `{}`)
	for _, id := range []string{"", ".", "..", "a b", "a\n", "\xff"} {
		calls := map[string]error{}
		_, calls["order"] = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)}, ticketscloud.OrderChange{SendTickets: new(false)})
		_, calls["done"] = c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)})
		_, calls["cancel"] = c.CancelOrder(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)})
		_, calls["approve"] = c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: ticketscloud.RefundID(id)})
		_, calls["reject"] = c.RejectRefund(t.Context(), ticketscloud.RefundKey{ID: ticketscloud.RefundID(id)})
		_, calls["tickets"] = c.EventTickets(t.Context(), ticketscloud.EventID(id), ticketscloud.SeatQuery{})
		_, calls["create"] = c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: ticketscloud.EventID(id)})
		_, calls["find"] = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)})
		_, calls["find refund"] = c.FindRefund(t.Context(), ticketscloud.RefundKey{ID: ticketscloud.RefundID(id)})
		_, calls["adjust"] = c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)}, ticketscloud.Adjustment{Add: []ticketscloud.TicketID{ticketA}})
		_, calls["lost"] = c.LostOrders(t.Context(), ticketscloud.EventID(id), time.Now())
		_, calls["lost refunds"] = c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)}, time.Now())
		_, calls["wait"] = c.WaitForBarcodes(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)})
		calls["mosbilet"] = c.SetMosbiletBuyers(t.Context(), ticketscloud.OrderKey{ID: ticketscloud.OrderID(id)}, []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "a", Surname: "b"}})
		for name, err := range calls {
			e := conformance.Failure(t, err, rutravel.ErrInvalid)
			assert.Zero(t, e.Attempts, "%s %q", name, id)
		}
	}
	assert.Empty(t, *requests)

	_, _ = c.CancelOrder(t.Context(), ticketscloud.OrderKey{ID: "a/b?c#d%2e"})
	_, _ = c.EventTickets(t.Context(), "a/b", ticketscloud.SeatQuery{})
	assert.Equal(t, "/v2/resources/orders/a%2Fb%3Fc%23d%252e", (*requests)[0].uri)
	assert.Equal(t, "/v1/resources/events/a%2Fb/tickets", (*requests)[1].uri)
}

// TC-T07: an order may be empty; the supplier decides.
func TestEmptyOrder(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusBadRequest, `{"errors":["„tickets“ or „random“ must be"]}`)
	_, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
	assert.Equal(t, "„tickets“ or „random“ must be", conformance.Failure(t, err, rutravel.ErrRejected).Message)
	assert.Len(t, *requests, 1)
}

// TC-T09, TC-T50, TC-T51: only what was set is sent; an empty list gives back all.
func TestOnlyWhatWasSetIsSent(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]ticketscloud.OrderChange{
		`{"tickets":[]}`: {Tickets: []ticketscloud.TicketID{}},
		`{"random":{}}`:  {Random: []ticketscloud.SetCount{}},
		`{"random":{"b":0,"a":2},"all_or_nothing":true}`:     {Random: []ticketscloud.SetCount{{Set: "b"}, {Set: "a", Count: 2}}, AllOrNothing: true},
		`{"settings":{"send_tickets":false}}`:                {SendTickets: new(false)},
		`{"settings":{"customer":{"email":"a<b>&c@d.ru"}}}`:  {Customer: ticketscloud.Customer{Email: "a<b>&c@d.ru"}},
		`{"vendor_data":{"order_id":"7"}}`:                   {VendorData: ticketscloud.VendorData{OrderID: "7"}},
		`{"vendor_data":{"raw":{"z":"","a":"1"}}}`:           {VendorData: ticketscloud.VendorData{Raw: []ticketscloud.VendorField{{Name: "z"}, {Name: "a", Value: "1"}}}},
		`{"promocodes":[]}`:                                  {Promocodes: []string{}},
		`{"settings":{"send_tickets":true},"status":"done"}`: {SendTickets: new(true), Status: ticketscloud.OrderDone},
	} {
		c, requests := answers(t, http.StatusOK, `{}`)
		_, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, change)
		assert.Error(t, err)
		require.NotEmpty(t, *requests, want)
		assert.Equal(t, sent{"PATCH", "/v2/resources/orders/" + string(orderID), want}, (*requests)[0])
	}
}

// TC-T09, TC-T24, TC-T32: what the manual forbids is refused before it is sent.
func TestRefusedLocally(t *testing.T) {
	t.Parallel()
	tickets := []ticketscloud.TicketID{ticketA}
	random := []ticketscloud.SetCount{{Set: setID, Count: 1}}
	long := func(n int) string { return strings.Repeat("я", n) }
	raw := func(n int, name, value string) ticketscloud.OrderChange {
		var fields []ticketscloud.VendorField
		for i := range n {
			fields = append(fields, ticketscloud.VendorField{Name: fmt.Sprint(i) + name, Value: value})
		}
		return ticketscloud.OrderChange{VendorData: ticketscloud.VendorData{Raw: fields}}
	}
	c, requests := answers(t, http.StatusOK, `{}`)
	for field, change := range map[string]ticketscloud.OrderChange{
		"change":                {},
		"Random ":               {Tickets: tickets, Random: random},
		"Tickets[1]":            {Tickets: []ticketscloud.TicketID{ticketA, ticketA}},
		"Random[1].Set":         {Random: append(random, random...)},
		"Random[0].Count":       {Random: []ticketscloud.SetCount{{Set: setID, Count: -1}}},
		"AllOrNothing must not": {AllOrNothing: true},
		// The order would be paid for as it was before.
		"OrderDone beside Tickets":    {Tickets: tickets, AllOrNothing: true, Status: ticketscloud.OrderDone},
		"beside Tickets or Random":    {Random: random, AllOrNothing: true, Status: ticketscloud.OrderDone},
		"OrderDone beside Promocodes": {Promocodes: []string{"a"}, Status: ticketscloud.OrderDone},
		"Status":                      {Status: ticketscloud.OrderExpired},
		"Promocodes[0]":               {Promocodes: []string{" "}},
		"Customer.Email":              {Customer: ticketscloud.Customer{Email: "a@b.ru\nBcc: c@d.ru"}},
		"VendorData.OrderID":          {VendorData: ticketscloud.VendorData{OrderID: long(65)}},
		"VendorData.Raw ":             raw(21, "", ""),
		"VendorData.Raw[0].Name":      raw(1, long(40), ""),
		"VendorData.Raw[0].Value":     raw(1, "", long(129)),
		"VendorData.Raw[1].Name":      {VendorData: ticketscloud.VendorData{Raw: []ticketscloud.VendorField{{Name: "a"}, {Name: "a"}}}},
		"Raw[0].Name must not be ":    {VendorData: ticketscloud.VendorData{Raw: []ticketscloud.VendorField{{Value: "a"}}}},
	} {
		_, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, change)
		assert.ErrorContains(t, err, field)
		assert.Zero(t, conformance.Failure(t, err, rutravel.ErrInvalid).Attempts)
	}
	for field, n := range map[string]ticketscloud.NewRefund{
		"Order.ID":    {Culprit: ticketscloud.CulpritUser, Tickets: tickets},
		"Culprit":     {Order: ticketscloud.OrderKey{ID: soldID}, Culprit: "core", Tickets: tickets},
		"Tickets":     {Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritOrg},
		"Tickets[0]":  {Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritOrg, Tickets: []ticketscloud.TicketID{""}},
		"RequestedAt": {Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritOrg, Tickets: tickets, RequestedAt: utc(12000, 1, 1, 0, 0, 0, 0)},
	} {
		_, err := c.CreateRefund(t.Context(), n)
		assert.ErrorContains(t, err, field)
	}
	_, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID, Tickets: tickets, Random: random})
	assert.ErrorContains(t, err, "Random")
	for field, q := range map[string]ticketscloud.OrderQuery{
		"PageSize":       {PageSize: 201},
		"PageSize must":  {PageSize: -1},
		"Page ":          {Page: -1},
		"CreatedAt.To":   {CreatedAt: ticketscloud.Period{From: time.Now()}},
		"CreatedAt.From": {CreatedAt: ticketscloud.Period{To: time.Now()}},
		"Events[0]":      {Events: []ticketscloud.EventID{"a,b"}},
		"Status[0]":      {Status: []ticketscloud.OrderStatus{""}},
	} {
		_, err := c.OrdersPage(t.Context(), q)
		assert.ErrorContains(t, err, field)
		_, err = rutravel.Collect(c.Orders(t.Context(), q))
		assert.ErrorContains(t, err, field)
	}
	_, err = c.EventsPage(t.Context(), ticketscloud.EventQuery{Price: &ticketscloud.PriceRange{From: conformance.Dec("2"), To: conformance.Dec("1")}})
	assert.ErrorContains(t, err, "Price.To")
	_, err = c.EventsPage(t.Context(), ticketscloud.EventQuery{Price: &ticketscloud.PriceRange{From: conformance.Dec("-1"), To: conformance.Dec("1")}})
	assert.ErrorContains(t, err, "Price.From")
	assert.ErrorContains(t, c.SetMosbiletBuyers(t.Context(), ticketscloud.OrderKey{ID: orderID}, nil), "buyers")
	assert.ErrorContains(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{}), "Email")
	_, err = c.CheckPromocode(t.Context(), eventID, "")
	assert.ErrorContains(t, err, "code")
	assert.Empty(t, *requests)

	// The limits themselves are allowed, in characters.
	full := raw(20, long(38), long(128))
	full.VendorData.OrderID = long(64)
	_, err = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, full)
	assert.NotErrorIs(t, err, rutravel.ErrInvalid)
	assert.NotEmpty(t, *requests)
}

// TC-T10, TC-T11: what could not be reserved is told.
func TestMissingTickets(t *testing.T) {
	t.Parallel()
	both := ticketscloud.OrderChange{Tickets: []ticketscloud.TicketID{ticketA, ticketB}}
	for name, missing := range map[string][]ticketscloud.TicketID{
		"awkward/orders.change+tickets-partial.json": {ticketB},
		"awkward/orders.change+tickets-none.json":    {ticketA, ticketB},
		"orders.change+tickets.answer.json":          nil,
		"orders.change+random_seats.answer.json":     {ticketB}, // another seat
		"orders.change+all_or_nothing.answer.json":   nil,
	} {
		c, _ := answers(t, http.StatusOK, file(t, name))
		o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, both)
		require.NoError(t, err, name)
		assert.Equal(t, missing, o.Missing.Tickets, name)
		assert.Equal(t, len(missing) > 0, o.Missing.Any(), name)
	}
	c, _ := answers(t, http.StatusOK, file(t, "orders.change+random.answer.json"))
	o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: heldID}, ticketscloud.OrderChange{Random: []ticketscloud.SetCount{{Set: setID, Count: 3}, {Set: "other", Count: 1}}})
	require.NoError(t, err)
	assert.Equal(t, []ticketscloud.SetCount{{Set: setID, Count: 2}, {Set: "other", Count: 1}}, o.Missing.Random)

	c, _ = answers(t, http.StatusOK, file(t, "orders.create+random.answer.json"))
	o, err = c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: "5d7134962110d30a34e95b96", Random: []ticketscloud.SetCount{{Set: "5d7135112110d30a34e97e2d", Count: 2}}})
	require.NoError(t, err)
	assert.Equal(t, 1, o.Missing.Random[0].Count)
}

// TC-T12, TC-T13: times have many notations; without a zone they are UTC.
func TestTimes(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "orders.list-dates"))
	p, err := c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
	require.NoError(t, err)
	require.Len(t, p.Orders, 12)
	whole := utc(2019, 7, 25, 14, 56, 16, 0)
	for i, o := range p.Orders {
		want := whole
		switch {
		case i == 11:
			want = whole.Add(717000123)
		case i == 10:
			want = whole.Add(700 * time.Millisecond)
		case i >= 7:
			want = whole.Add(717 * time.Millisecond)
		}
		assert.Equal(t, want, o.CreatedAt, i)
		assert.Equal(t, want, o.DoneAt, i)
		assert.Equal(t, want, o.ExpiredAfter, i)
	}
	c, _ = answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "orders.list-dates-empty"))
	p, err = c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
	require.NoError(t, err)
	assert.Zero(t, p.Orders[0].CreatedAt)
	for _, bad := range []string{"yesterday", "2019-07-25", "25.07.2019 14:56:16", "2019-07-25 14:56", "2019-02-30 00:00:00", "2019-07-25 14:56:16 MSK", "2019-07-25T14:56:16+3", "2019-07-25T14:56:16+99:00"} {
		text := strings.Replace(file(t, "orders.create.answer.json"), "2019-07-25 14:56:11", bad, 1)
		c, _ := answers(t, http.StatusOK, text)
		o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, bad)
		assert.ErrorContains(t, err, "expired_after", bad)
		assert.Equal(t, heldID, o.ID, bad)
	}
}

// The clocks at the event show its times.
func TestLocalTime(t *testing.T) {
	t.Parallel()
	start := utc(2018, 11, 16, 16, 0, 0, 0)
	e := ticketscloud.Event{Timezone: "Europe/Samara", Start: start}
	local, err := e.Local(e.Start)
	require.NoError(t, err)
	assert.Equal(t, "2018-11-16 20:00", local.Format("2006-01-02 15:04"))
	e = ticketscloud.Event{Venue: ticketscloud.Venue{City: ticketscloud.City{Timezone: "Asia/Yekaterinburg"}}}
	local, err = e.Local(start)
	require.NoError(t, err)
	assert.Equal(t, 21, local.Hour())
	for _, zone := range []string{"Mars/Olympus", "../etc/passwd"} {
		_, err = ticketscloud.Event{Timezone: zone}.Local(start)
		assert.ErrorContains(t, err, "time/tzdata", zone)
	}
	for _, zone := range []string{"", "Local"} {
		_, err = ticketscloud.Event{Timezone: zone}.Local(start)
		assert.ErrorContains(t, err, "no time zone", zone)
	}
	_, err = ticketscloud.ListedEvent{}.Local(start)
	require.Error(t, err)
	_, err = ticketscloud.Event{Timezone: "Europe/Samara"}.Local(time.Time{})
	assert.ErrorContains(t, err, "not known")
}

// TC-T16: a barcode may be missing, or a number of 17 digits.
func TestBarcodes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"null": {"", "35348364979141729"}, "absent": {"", ""}, "number": {"67454655075047921", "35348364979141729"},
	} {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "orders.change+done-barcode-"+name))
		o, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
		require.NoError(t, err, name)
		require.Len(t, o.Tickets, 2)
		assert.Equal(t, want[0], o.Tickets[0].Barcode, name)
		if name != "null" {
			assert.Equal(t, want[1], o.Tickets[1].Barcode, name)
		}
	}
}

// TC-T15, TC-T17, TC-T39, TC-T49: orders in the shapes that the manual leaves
// open.
func TestAwkwardOrders(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]ticketscloud.OrderID{
		"orders.change+done-tickets-sold": orderID, "orders.change+done-no-code": orderID, "orders.change+done-prices-numbers": orderID,
		"orders.change+done-numbers-strings": orderID, "orders.change+done-seat-null": orderID,
		"orders.create-refs-empty": heldID, "orders.create-refs-empty-array": heldID, "orders.create-refs-null": heldID,
		"orders.create-refs-absent": heldID, "orders.create-refs-odd": heldID, "orders.create-data-array": heldID,
		"orders.create-status-unknown": heldID, "orders.create-status-in-progress": heldID,
		"orders.change-refs-maps-empty": heldID, "orders.change-maps-as-arrays": heldID, "orders.change-refs-nulls": heldID,
		"orders.change-status-expired": heldID, "orders.change-ticket-status-unknown": heldID, "orders.change-settings-absent": heldID,
		"orders.change-nulls": heldID, "orders.change-customer-empty": heldID, "orders.change-customer-odd": heldID,
		"orders.change-vendor_data-types": heldID, "orders.change-vendor_data-empty": heldID, "orders.change-tickets-null": heldID,
		"orders.change-unknown-members": heldID, "orders.change-errors-empty": namedID, "orders.change-errors-null": namedID,
		"orders.change-promocodes-refs": namedID, "orders.change-promocodes-not-in-refs": namedID,
		"orders.change-promocodes-codes": namedID, "orders.change-promocodes-null": namedID, "orders.change-viral-promocodes": namedID,
	} {
		o, err := changed(t, id, conformance.Awkward(t, "ticketscloud", name))
		require.NoError(t, err, name)
		assert.Equal(t, id, o.ID, name)
		assert.NotEmpty(t, o.Event.ID, name)
		assert.Empty(t, o.Problems, name)
		switch name {
		case "orders.create-status-unknown":
			assert.Equal(t, ticketscloud.OrderStatus("archived"), o.Status)
			assert.Equal(t, ticketscloud.Origin("showroom"), o.Origin)
		case "orders.create-refs-odd":
			assert.Equal(t, 16, o.Event.AgeRating)
			assert.Equal(t, "MILO Concert Hall", o.Event.Venue.Name)
		case "orders.change-customer-odd":
			assert.Equal(t, ticketscloud.Customer{Name: "Ivan Ivanov", Email: "hello@world.ru", Phone: "79991234576", Lang: "de"}, o.Settings.Customer)
		case "orders.change-vendor_data-types":
			assert.Equal(t, "41564", o.VendorData.OrderID)
			assert.Equal(t, []ticketscloud.VendorField{
				{Name: "string", Value: "a"}, {Name: "number", Value: "3"}, {Name: "fraction", Value: "1.50"}, {Name: "bool", Value: "false"}, {Name: "null", Value: "null"},
			}, o.VendorData.Raw[:5])
			assert.JSONEq(t, `{"c":"d"}`, o.VendorData.Raw[6].Value)
		case "orders.change-promocodes-refs":
			codes := map[string]ticketscloud.Promocode{}
			for _, p := range o.Promocodes {
				codes[p.Code] = p
			}
			assert.Equal(t, "12.5", codes["half"].Discount.Percent.Decimal.String())
			assert.False(t, codes["half"].Discount.Amount.Valid)
			assert.Equal(t, utc(2019, 9, 28, 20, 59, 0, 0), codes["half"].Finish)
			assert.Equal(t, "50", codes["open"].Discount.Amount.Decimal.String())
			assert.Zero(t, codes["open"].Finish)
		case "orders.change-promocodes-not-in-refs":
			assert.Equal(t, ticketscloud.Promocode{ID: "5d664d392a4191909a568b40"}, o.Promocodes[0])
		}
	}
	// Amounts that are missing are not free tickets.
	c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "orders.change+done-prices-null"))
	o, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, ticketscloud.OrderDone, o.Status)
	assert.Len(t, o.Tickets, 2)

	_, err = changed(t, heldID, conformance.Awkward(t, "ticketscloud", "orders.create-data-null"))
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
	// A flag that is null is not set, and makes no paid order unreadable.
	o, err = changed(t, heldID, strings.Replace(file(t, "orders.change+random.answer.json"), `"send_tickets": false`, `"send_tickets": null`, 1))
	require.NoError(t, err)
	assert.False(t, o.Settings.SendTickets)
	// The sample of vendor_data with a boolean and a number (TC-T24).
	o, err = changed(t, namedID, file(t, "orders.change+vendor_data.answer.json"))
	require.NoError(t, err)
	assert.Equal(t, []ticketscloud.VendorField{{Name: "enable_call_to_customer", Value: "true"}, {Name: "call_counter", Value: "3"}}, o.VendorData.Raw)
}

// A change is no success if the answer is another order's, or the status is
// not the one asked for.
func TestAnswersThatContradictTheRequest(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusOK, file(t, "orders.change+done_mixed.answer.json"))
	o, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: heldID})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Zero(t, o, "another order might be taken for this one")
	o, err = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: heldID}, ticketscloud.OrderChange{SendTickets: new(true)})
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
	assert.Zero(t, o)
	_, err = c.CancelOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)

	c, _ = answers(t, http.StatusOK, strings.Replace(file(t, "orders.change+done_mixed.answer.json"), `"status": "done"`, `"status": "in_progress"`, 1))
	o, err = c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, ticketscloud.OrderInProgress, o.Status)

	// Another order that cannot be read is another all the same, and one of
	// several is none.
	done := orderText("a", ticketscloud.OrderDone)
	for _, body := range []string{
		`{"data":` + strings.Replace(done, `"full"`, `"fool"`, 1) + `}`,
		listText(orderText("b", ticketscloud.OrderDone), done), listText(done, orderText("b", ticketscloud.OrderDone)),
	} {
		c, _ = answers(t, http.StatusOK, body)
		o, err = c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: "b"})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, body)
		assert.Zero(t, o, body)
		o, err = c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, body)
		assert.Equal(t, strings.HasPrefix(body, `{"data":{`), o.ID != "", body)
	}

	for _, status := range []string{"new", "in_progress", "rejected", "odd"} {
		c, _ = answers(t, http.StatusOK, strings.Replace(file(t, "refunds.approve.answer.json"), `"status": "approved"`, `"status": "`+status+`"`, 1))
		f, err := c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, status)
		assert.Equal(t, ticketscloud.RefundStatus(status), f.Status)
	}
	f, err := c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: "another"})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Zero(t, f)
	c, _ = answers(t, http.StatusOK, `{"data":[{"id":"r","status":"approved","delta":"1"},{"id":"s","status":"approved","delta":"1"}]}`)
	f, err = c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: "r"})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Zero(t, f)
	text := file(t, "refunds.create.answer.json")
	c, _ = answers(t, http.StatusOK, text, strings.Replace(text, `"refund_nominal"`, `"nominal"`, 1))
	for range 2 {
		f, err = c.CreateRefund(t.Context(), ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: "another"}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{ticketA}})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		assert.Zero(t, f)
	}
	n := ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{"5dd5469b05fe4df8940eb613"}}
	c, _ = answers(t, http.StatusOK, text)
	_, err = c.CreateRefund(t.Context(), n)
	require.NoError(t, err)
	for name, bad := range map[string]ticketscloud.NewRefund{
		"data.tickets": {Order: n.Order, Culprit: n.Culprit, Tickets: append(n.Tickets, ticketA)},
		"data.ticket":  {Order: n.Order, Culprit: n.Culprit, Tickets: []ticketscloud.TicketID{ticketA}},
		"data.culprit": {Order: n.Order, Culprit: ticketscloud.CulpritOrg, Tickets: n.Tickets},
	} {
		f, err = c.CreateRefund(t.Context(), bad)
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.ErrorContains(t, err, name)
		assert.Equal(t, refundID, f.ID, "it was made, and must be found")
	}
}

// An order is that of the request: of its event, and one that waits to be paid.
func TestCreatedOrderContradicts(t *testing.T) {
	t.Parallel()
	text := file(t, "orders.create.answer.json")
	for name, body := range map[string]string{
		"data.event": strings.Replace(text, `"event": "`+string(eventID), `"event": "another`, 1), "data.status": strings.Replace(text, `"status": "executed"`, `"status": "done"`, 1),
		"data.values": strings.Replace(text, `"values"`, `"value"`, 1), "data.tickets": strings.Replace(text, `"tickets"`, `"ticket"`, 1),
	} {
		c, _ := answers(t, http.StatusOK, body)
		o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.ErrorContains(t, err, name)
		assert.Equal(t, heldID, o.ID, name)
	}
	c, _ := answers(t, http.StatusOK, strings.Replace(text, `"event": "`+string(eventID)+`",`, "", 1))
	_, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
	require.NoError(t, err)

	// Nor does a change or payment cost nothing.
	for _, name := range []string{"values", "tickets"} {
		text := strings.Replace(file(t, "orders.change+done_mixed.answer.json"), `"`+name+`"`, `"other"`, 1)
		_, err := changed(t, orderID, text)
		conformance.Failure(t, err, rutravel.ErrProtocol)
		c, _ := answers(t, http.StatusOK, text)
		o, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.ErrorContains(t, err, "data."+name)
		assert.Equal(t, ticketscloud.OrderDone, o.Status)
	}
}

// Only a list that was read proves that something is not in it.
func TestNotFoundNeedsAList(t *testing.T) {
	t.Parallel()
	for _, body := range []string{conformance.Awkward(t, "ticketscloud", "error-404-reason"), conformance.Awkward(t, "ticketscloud", "error-404-message"), conformance.Awkward(t, "ticketscloud", "error-404-strings"), `{}`, "<html>", ""} {
		for _, status := range []int{http.StatusNotFound, http.StatusBadRequest} {
			c, _ := answers(t, status, body)
			calls := map[string]error{}
			_, calls["find"] = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: orderID, CreatedAt: utc(2019, 7, 25, 14, 41, 11, 0)})
			_, calls["find refund"] = c.FindRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
			_, calls["lost"] = c.LostOrders(t.Context(), eventID, time.Now())
			_, calls["lost refunds"] = c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: orderID}, time.Now())
			_, calls["events"] = c.EventsPage(t.Context(), ticketscloud.EventQuery{})
			_, calls["wait"] = c.WaitForBarcodes(t.Context(), ticketscloud.OrderKey{ID: orderID})
			for name, err := range calls {
				require.Error(t, err, name)
				assert.NotErrorIs(t, err, rutravel.ErrNotFound, "%s: %d %s", name, status, body)
			}
		}
	}
}

// A 409 is the supplier's word about a change of an order, and elsewhere only
// with a body that it is known to write.
func TestConflictElsewhere(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(*ticketscloud.Client) error{
		"create": func(c *ticketscloud.Client) error {
			_, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
			return err
		},
		"refund": func(c *ticketscloud.Client) error { return createRefund(t, c) },
		"approve": func(c *ticketscloud.Client) error {
			_, err := c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
			return err
		},
		"reject": func(c *ticketscloud.Client) error {
			_, err := c.RejectRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
			return err
		},
		"export": func(c *ticketscloud.Client) error {
			return c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru"})
		},
	} {
		for _, body := range []string{"", "<html>Conflict</html>", "{}", `{"message":"Conflict"}`, `{"reason":"Conflict"}`} {
			c, _ := answers(t, http.StatusConflict, body)
			assert.ErrorIs(t, call(c), rutravel.ErrNotConfirmed, "%s %s", name, body)
		}
		for _, known := range []string{"error-409-reason", "error-409-strings"} {
			c, _ := answers(t, http.StatusConflict, conformance.Awkward(t, "ticketscloud", known))
			assert.ErrorIs(t, call(c), rutravel.ErrConflict, "%s %s", name, known)
		}
	}
}

// What is said beside an order refuses it if it is about more than promocodes.
func TestProblemsBesideAnOrder(t *testing.T) {
	t.Parallel()
	text := file(t, "orders.change+random.answer.json")
	beside := func(problem string) string { return strings.Replace(text, "{", `{"errors":[`+problem+`],`, 1) }
	for problem, kind := range map[string]rutravel.Kind{
		`"Not enough money, contact"`:                rutravel.ErrFunds,
		`"Not allow to update order in status done"`: rutravel.ErrConflict,
		`{"msg":"Event 5 not found"}`:                rutravel.ErrNotFound,
		`"Promocode not found"`:                      "",
		`"Cant apply promocode by some reason"`:      "",
		`{"code":"x","msg":"Order 5 not found"}`:     "",
	} {
		c, _ := answers(t, http.StatusOK, beside(problem))
		o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: heldID}, ticketscloud.OrderChange{SendTickets: new(true)})
		created, lost := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
		if kind == "" {
			require.NoError(t, err, problem)
			require.NoError(t, lost, problem)
			assert.Len(t, o.Problems, 1)
			assert.Len(t, created.Problems, 1)
			continue
		}
		conformance.Failure(t, err, kind)
		conformance.Failure(t, lost, rutravel.ErrNotConfirmed)
		assert.Equal(t, heldID, created.ID, problem)
	}
}

// What is wrong with a ref is wrong with those that name it.
func TestRefsThatNobodyNames(t *testing.T) {
	t.Parallel()
	text := file(t, "orders.change+random.answer.json")
	for _, more := range []string{
		`"partners":{"x":{"id":"y"}`, `"partners":{"x":7`, `"events":{"x":{"id":"x","age_rating":"old"}`, `"events":{"x":{"org":"y"}`,
	} {
		kind, _, _ := strings.Cut(more, "{")
		bad := strings.Replace(text, strings.Replace(kind, ":", ": ", 1)+"{", more+",", 1)
		require.NotEqual(t, text, bad)
		o, err := changed(t, heldID, bad)
		require.NoError(t, err, more)
		assert.Equal(t, "My best org", o.Org.Name)
		assert.NotEmpty(t, o.Event.Title)
	}
	for path, bad := range map[string]string{
		"refs.events.e.age_rating": `{"data":{"id":"a","status":"done","event":"e","tickets":[],"values":{"full":"1"}},"refs":{"events":{"e":{"age_rating":"old","title":{"text":"T"}}}}}`,
		"refs.partners.p.name":     `{"data":{"id":"a","status":"done","event":"e","tickets":[],"values":{"full":"1"}},"refs":{"events":{"e":{"org":"p","title":{"text":"T"}}},"partners":{"p":{"name":[1]}}}}`,
		"refs.sets.?.price":        `{"data":{"id":"a","status":"done","event":"e","tickets":[{"id":"t","set":"Ivan Ivanov","full":"1"}],"values":{"full":"1"}},"refs":{"events":{"e":{"title":{"text":"T"}}},"sets":{"Ivan Ivanov":{"price":"x"}}}}`,
	} {
		o, err := changed(t, "a", bad)
		conformance.Failure(t, err, rutravel.ErrProtocol)
		assert.ErrorContains(t, err, path)
		assert.Equal(t, ticketscloud.EventID("e"), o.Event.ID, "the id is that which it stands under")
		assert.Equal(t, "T", o.Event.Title)
		var list ticketscloud.OrderPage
		c, _ := answers(t, http.StatusOK, bad)
		list, err = c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
		conformance.Failure(t, err, rutravel.ErrProtocol)
		assert.Len(t, list.Orders, 1)
	}
	// A refund's order and tickets need no ids of their own.
	c, _ := answers(t, http.StatusOK, `{"data":{"id":"r","status":"new","delta":"1","culprit":"user","order":"a","tickets":["t"]},"refs":{
		"orders":{"a":{"status":"done","number":7},"b":{}},"tickets":{"t":{"full":"1.00","serial":"S"},"u":{}}}}`)
	f, err := c.CreateRefund(t.Context(), ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: "a"}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{"t"}})
	require.NoError(t, err)
	assert.Equal(t, 7, f.Order.Number)
	assert.Equal(t, ticketscloud.TicketID("t"), f.Tickets[0].ID)
	assert.Equal(t, "S", f.Tickets[0].Serial)
}

// What could be read of a page comes before its error.
func TestListsThatBreakOff(t *testing.T) {
	t.Parallel()
	sent := utc(2019, 7, 25, 14, 0, 0, 0)
	page := `{"data":[{"id":"a","status":"executed"},{"status":"executed"},{"id":"b","status":"executed","number":"?"},{"id":"c","status":"executed"}]}`
	c, _ := answers(t, http.StatusOK, page)
	for _, read := range []func() ([]ticketscloud.Order, error){
		func() ([]ticketscloud.Order, error) {
			return rutravel.Collect(c.Orders(t.Context(), ticketscloud.OrderQuery{}))
		},
		func() ([]ticketscloud.Order, error) { return c.LostOrders(t.Context(), eventID, sent) },
	} {
		list, err := read()
		conformance.Failure(t, err, rutravel.ErrProtocol)
		require.Len(t, list, 3)
		assert.Equal(t, ticketscloud.OrderID("c"), list[2].ID)
	}
	c, _ = answers(t, http.StatusOK, `{"data":[{"id":"r","status":"new","delta":"1","order":"a"},{"id":"s","status":"new","delta":"1"},{"id":"u","status":"new","delta":"?","order":"b"}]}`)
	refunds, err := c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: "a"}, sent)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	require.Len(t, refunds, 2, "one that names no order may be of any")
	assert.Equal(t, ticketscloud.RefundID("s"), refunds[1].ID)
	c, _ = answers(t, http.StatusOK, `[{"id":"1"},{"id":"2","lifetime":"soon"}]`)
	events, err := rutravel.Collect(c.Events(t.Context(), ticketscloud.EventQuery{}))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Len(t, events, 2)
}

// An age is not anything that is a number.
func TestAges(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{`"18+"`: true, "0": true, "999": true, "1000": false, "-1": false, "1e30": false, "16.5": false, `"old"`: false} {
		c, _ := answers(t, http.StatusOK, `[{"id":"1","age_rating":`+text+`}]`)
		_, err := c.EventsPage(t.Context(), ticketscloud.EventQuery{})
		assert.Equal(t, ok, err == nil, "%s: %v", text, err)
	}
}

// A ref under another's id is not shown as that other.
func TestRefUnderAnotherID(t *testing.T) {
	t.Parallel()
	text := strings.Replace(file(t, "orders.change+random.answer.json"), `"id": "5b04229196c055000d87c2b5"`, `"id": "5b04229196c055000d87c2b6"`, 1)
	o, err := changed(t, heldID, text)
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "refs.partners.5b04229196c055000d87c2b5.id")
	assert.Equal(t, heldID, o.ID)
}

// TC-T18, TC-T19: problems with promocodes stand beside a good order.
func TestPromocodeProblems(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]ticketscloud.Problems{
		"not-found":    {{Code: ticketscloud.CodePromocodeNotFound, Message: "Promocode not found"}},
		"already-used": {{Code: ticketscloud.CodePromocodeAlreadyUsed, Message: "Promocode already used"}},
	} {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "error-200-promocodes-"+name))
		o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: namedID}, ticketscloud.OrderChange{Promocodes: []string{"PROMO100"}})
		require.NoError(t, err, name)
		assert.Equal(t, namedID, o.ID)
		assert.Equal(t, want, o.Problems, name)
	}
	c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "error-200-promocodes-string"))
	o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: namedID}, ticketscloud.OrderChange{Promocodes: []string{"promo100"}})
	require.NoError(t, err)
	require.Len(t, o.Problems, 1)
	assert.Empty(t, o.Problems[0].Code)
	assert.True(t, o.Promocodes[0].Is("PROMO100"))
	assert.False(t, o.Promocodes[0].Is("PROMO10"))
	assert.False(t, ticketscloud.Promocode{}.Is(""))

	c, _ = answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "error-200-promocodes-table"))
	o, err = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: namedID}, ticketscloud.OrderChange{Promocodes: []string{"a", "b"}})
	require.NoError(t, err)
	var codes []ticketscloud.Code
	for _, p := range o.Problems {
		codes = append(codes, p.Code)
	}
	for _, code := range []ticketscloud.Code{
		ticketscloud.CodePromocodeNotFound, ticketscloud.CodePromocodeAlreadyUsed, ticketscloud.CodePromocodeMinTickets, ticketscloud.CodePromocodeApplyInfo,
	} {
		assert.Contains(t, codes, code)
	}

	// What is no list of errors is not that either.
	text := file(t, "orders.change+promocodes.answer.json")
	for extra, open := range map[string]bool{`"error":"HTTPTimeout",`: true, `"error":"x","reason":"y",`: true, `"message":"OK",`: false} {
		c, _ = answers(t, http.StatusOK, strings.Replace(text, "{", "{"+extra, 1))
		o, err = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: namedID}, ticketscloud.OrderChange{Promocodes: []string{"PROMO100"}})
		assert.Equal(t, open, errors.Is(err, rutravel.ErrNotConfirmed), extra)
		assert.Equal(t, namedID, o.ID)
	}

	// Errors and no order are not that.
	c, _ = answers(t, http.StatusOK, `{"errors":[{"code":"promocode_not_found","msg":"Promocode not found"}]}`)
	_, err = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: namedID}, ticketscloud.OrderChange{Promocodes: []string{"a"}})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
}

// TC-T20, TC-T21: the shapes of refusals and the kinds of their texts.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		kind   rutravel.Kind
		code   string
		words  string
	}{
		{"error-400-orders.create", 400, rutravel.ErrNotFound, "", "Event <event_id> not found"},
		{"error-400-orders.change", 400, rutravel.ErrNotFound, "", "Event <event_id> not found"},
		{"error-400-orders.done", 400, rutravel.ErrFunds, "", "Not enough money, сontact to TicketsCloud manager"},
		{"error-400-orders.done-repeated", 400, rutravel.ErrConflict, "", "Incorrect status done for this operation"},
		{"error-400-orders.change-of-done", 400, rutravel.ErrConflict, "", "Not allow to update order in status done"},
		{"error-400-refunds.change", 400, rutravel.ErrConflict, "", "Incorrect status <status> for this operation"},
		{"error-400-refunds.create", 400, rutravel.ErrRejected, "", "culprit Value 'idunno' not in list of avaiable values ['user', 'org']; tickets list length is less than 1"}, //nolint:misspell // so the manual
		{"error-400-promocodes.check", 400, rutravel.ErrNotFound, "HTTPBadRequest", "Promocode not found"},
		{"error-400-objects", 400, rutravel.ErrRejected, "promocode_limit_min_tickets", "Mimimum count of tickets in order for promocode activation is 2"}, //nolint:misspell // so the manual
		{"error-400-strings-and-objects", 400, rutravel.ErrNotFound, "promocode_not_found", "Deal not found; Promocode not found"},
		{"error-400-errors-string", 400, rutravel.ErrRejected, "", "Deal not found"},
		{"error-400-errors-object", 400, rutravel.ErrRejected, "promocode_apply_info", "Cant apply promocode by some reason"},
		{"error-400-with-data", 400, rutravel.ErrRejected, "", "there is no tickets in order"},
		{"error-401-reason", 401, rutravel.ErrAuth, "HTTPUnauthorized", "Bad key"},
		{"error-404-reason", 404, rutravel.ErrNotFound, "HTTPNotFound", "Order 5d8b924971a0bf323bd6a6ed not found"},
		{"error-404-strings", 404, rutravel.ErrNotFound, "", "Order 5def7c43e3ed5ae2a8d6908b not found"},
		{"error-409-reason", 409, rutravel.ErrConflict, "HTTPConflict", "Conflict"},
		{"error-409-strings", 409, rutravel.ErrConflict, "", "Conflict"},
		{"error-409-empty-object", 409, rutravel.ErrConflict, "", ""},
	} {
		c, requests := answers(t, test.status, conformance.Awkward(t, "ticketscloud", test.name))
		_, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
		e := conformance.Failure(t, err, test.kind)
		assert.Equal(t, test.code, e.Code, test.name)
		assert.Equal(t, test.words, e.Message, test.name)
		assert.Len(t, *requests, 1, test.name)
	}
	// A refusal with a code has it in the chain; a message refuses where there is
	// no data, and beside data under a status that refuses.
	c, _ := answers(t, 400, conformance.Awkward(t, "ticketscloud", "error-400-promocodes.check"))
	_, err := c.CheckPromocode(t.Context(), eventID, "a")
	assert.ErrorIs(t, err, ticketscloud.Code("HTTPBadRequest"))
	c, _ = answers(t, 400, `{"errors":["Allow update the only status to cancelled"]}`)
	_, err = changedBy(t, c)
	conformance.Failure(t, err, rutravel.ErrConflict)
	for status, body := range map[int]string{200: `{"message":"No"}`, 400: `{"data":[],"message":"No"}`} {
		c, _ = answers(t, status, body)
		_, err = c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
		assert.Equal(t, "No", conformance.Failure(t, err, rutravel.ErrRejected).Message, status)
	}
	for body, kind := range map[string]rutravel.Kind{`{"reason":"No"}`: rutravel.ErrNotConfirmed, `{"error":"HTTPBadRequest","reason":"No"}`: rutravel.ErrRejected} {
		c, _ = answers(t, 400, body)
		_, err = c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
		conformance.Failure(t, err, kind)
	}
	// What is not documented may be a gateway's word. It refuses what can be
	// asked again, and leaves open what cannot.
	for name, status := range map[string]int{
		"error-403-message": 403, "error-404-message": 404, "error-400-errors-empty": 400, "error-500-error-only": 500, "error-500-null": 500,
	} {
		c, _ := answers(t, status, conformance.Awkward(t, "ticketscloud", name))
		_, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, name)
	}
	c, _ = answers(t, 404, conformance.Awkward(t, "ticketscloud", "error-404-message"))
	_, err = c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
	assert.Equal(t, "Not Found", conformance.Failure(t, err, rutravel.ErrProtocol).Message)
}

// All texts of the manual's tables refuse; only those of a refund request that
// was made all the same leave it open.
func TestTablesOfErrors(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(*ticketscloud.Client) error{
		"orders.create": func(c *ticketscloud.Client) error {
			_, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
			return err
		},
		"orders.change": func(c *ticketscloud.Client) error {
			_, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, ticketscloud.OrderChange{SendTickets: new(true)})
			return err
		},
		"orders.done": func(c *ticketscloud.Client) error {
			_, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
			return err
		},
		"refunds.create": func(c *ticketscloud.Client) error { return createRefund(t, c) },
		"refunds.approve": func(c *ticketscloud.Client) error {
			_, err := c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
			return err
		},
		"refunds.reject": func(c *ticketscloud.Client) error {
			_, err := c.RejectRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
			return err
		},
	} {
		var table struct{ Errors []string }
		unmarshal(t, conformance.Awkward(t, "ticketscloud", "error-400-"+name+"-table"), &table)
		require.NotEmpty(t, table.Errors)
		for _, text := range table.Errors {
			c, requests := answers(t, http.StatusBadRequest, `{"errors":[`+quote(t, text)+`]}`)
			err := call(c)
			e, ok := errors.AsType[*rutravel.Error](err)
			require.True(t, ok, text)
			open := name == "refunds.create" && (text == "Unexpected situation" || strings.HasPrefix(text, "RefundRequest in wrong status"))
			assert.Equal(t, open, e.Kind == rutravel.ErrNotConfirmed, text)
			assert.Equal(t, text, e.Message)
			assert.NotEqual(t, rutravel.ErrProtocol, e.Kind)
			assert.Len(t, *requests, 1)
		}
	}
}

// The manual writes its texts in several ways: no ending is relied upon.
func TestUnsettledRefund(t *testing.T) {
	t.Parallel()
	text := `{"errors":["RefundRequest in wrong status rejected for create of refund payments."]}`
	c, _ := answers(t, http.StatusBadRequest, text)
	conformance.Failure(t, createRefund(t, c), rutravel.ErrNotConfirmed)
	_, err := c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
	conformance.Failure(t, err, rutravel.ErrConflict)
}

func createRefund(t *testing.T, c *ticketscloud.Client) error {
	t.Helper()
	_, err := c.CreateRefund(t.Context(), ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{"5dd5469b05fe4df8940eb613"}})
	return err
}

// Problems are reached one by one, and compared by their codes.
func TestProblems(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusBadRequest, conformance.Awkward(t, "ticketscloud", "error-400-strings-and-objects"))
	_, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	assert.ErrorIs(t, err, ticketscloud.CodePromocodeNotFound)
	assert.NotErrorIs(t, err, ticketscloud.CodePromocodeApplyInfo)
	problems, ok := errors.AsType[ticketscloud.Problems](err)
	require.True(t, ok)
	assert.Equal(t, ticketscloud.Problems{
		{Message: "Deal not found"}, {Code: ticketscloud.CodePromocodeNotFound, Message: "Promocode not found"},
	}, problems)

	// What the request said about people is not shown, there neither.
	c, _ = answers(t, http.StatusBadRequest, `{"errors":["bad email hello@world.ru","bad name Ivan Ivanov"]}`)
	_, err = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, ticketscloud.OrderChange{Customer: ticketscloud.Customer{Email: "hello@world.ru", Name: "Ivan Ivanov"}})
	problems, ok = errors.AsType[ticketscloud.Problems](err)
	require.True(t, ok)
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, problems, err), "hello@world.ru")
	assert.Equal(t, "bad name […]", problems[1].Message)
}

// An order beside a refusal contradicts it: nothing is taken for granted.
func TestRefusalBesideOrder(t *testing.T) {
	t.Parallel()
	text := strings.Replace(file(t, "orders.change+done_mixed.answer.json"), "{", `{"errors":["there is no tickets in order"],`, 1)
	c, _ := answers(t, http.StatusBadRequest, text)
	o, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	assert.Equal(t, "there is no tickets in order", conformance.Failure(t, err, rutravel.ErrNotConfirmed).Message)
	assert.Equal(t, orderID, o.ID)

	text = strings.Replace(file(t, "refunds.create.answer.json"), "{", `{"errors":["Value Error"],`, 1)
	c, _ = answers(t, http.StatusOK, text)
	assert.ErrorIs(t, createRefund(t, c), rutravel.ErrNotConfirmed)
	text = strings.Replace(file(t, "refunds.approve.answer.json"), "{", `{"errors":[{"code":"odd","msg":"Value Error"}],`, 1)
	c, _ = answers(t, http.StatusOK, text)
	f, err := c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
	assert.Equal(t, "Value Error", conformance.Failure(t, err, rutravel.ErrNotConfirmed).Message)
	assert.ErrorIs(t, err, ticketscloud.Code("odd"))
	assert.Equal(t, ticketscloud.RefundApproved, f.Status)
}

// TC-T22, TC-T23: 409 is repeated for a desired state, and for nothing else.
func TestConflictIsRepeated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change ticketscloud.OrderChange
		calls  int
	}{
		"tickets":       {ticketscloud.OrderChange{Tickets: []ticketscloud.TicketID{ticketA}}, 3},
		"settings":      {ticketscloud.OrderChange{SendTickets: new(true)}, 3},
		"promocodes":    {ticketscloud.OrderChange{Promocodes: []string{"a"}}, 1},
		"done":          {ticketscloud.OrderChange{Status: ticketscloud.OrderDone}, 1},
		"done and more": {ticketscloud.OrderChange{SendTickets: new(true), Status: ticketscloud.OrderDone}, 1},
		"cancelled":     {ticketscloud.OrderChange{Status: ticketscloud.OrderCancelled}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, requests := answers(t, http.StatusConflict, "<html>Conflict</html>")
			_, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, test.change)
			conformance.Failure(t, err, rutravel.ErrConflict)
			assert.Len(t, *requests, test.calls, name)
		})
	}
}

// TC-T25: nothing but the caller chooses between POST and GET, so that no mail
// is sent twice. TC-T26: an answer with a body is no success.
func TestExport(t *testing.T) {
	t.Parallel()
	for _, status := range []int{404, 405, 501} {
		c, requests := answers(t, status, "")
		err := c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru"})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		assert.Len(t, *requests, 1)
		assert.NotContains(t, err.Error(), "a@b.ru")
	}
	c, requests := answers(t, http.StatusOK, "")
	require.NoError(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru", ByGet: true, OnlyWithCustomer: true, Events: []ticketscloud.EventID{"e", "f"}}))
	assert.Equal(t, sent{"GET", "/v2/resources/orders/export?events=e%2Cf&only_with_customer=true&email=a%40b.ru", ""}, (*requests)[0])
	require.NoError(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru", OnlyWithCustomer: true, Events: []ticketscloud.EventID{"e", "f"}}))
	assert.Equal(t, `{"email":"a@b.ru","events":["e","f"],"only_with_customer":true}`, (*requests)[1].body)
	c, _ = answers(t, http.StatusOK, "<html>Sign in</html>")
	assert.ErrorIs(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru"}), rutravel.ErrNotConfirmed)
}

// TC-T29, TC-T30, TC-T31: sums and times of refund requests.
func TestAwkwardRefunds(t *testing.T) {
	t.Parallel()
	for name, amount := range map[string]string{
		"delta-only": "1000.00", "no-delta": "1000.00", "delta-differs": "950.00", "money-numbers": "1000", "dates-null": "1000.00",
		"status-unknown": "1000.00", "status-in-progress": "1000.00", "refs-empty": "1000.00", "refs-empty-array": "1000.00", "refs-maps-empty": "1000.00",
	} {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "refunds.create-"+name))
		f, err := c.CreateRefund(t.Context(), ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{"5dd5469b05fe4df8940eb613"}})
		if name == "status-unknown" { // the culprit is not the one of the request
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		} else {
			require.NoError(t, err, name)
		}
		assert.True(t, conformance.Dec(amount).Equal(f.Amount), "%s: %v", name, f.Amount)
		assert.Equal(t, soldID, f.Order.ID, name)
		assert.Len(t, f.Tickets, 1, name)
		switch name {
		case "status-unknown":
			assert.Equal(t, ticketscloud.Culprit("core"), f.Culprit)
		case "delta-differs":
			assert.Equal(t, "900", f.Delta.Decimal.String())
		case "dates-null":
			assert.Zero(t, f.RequestedAt)
			assert.Zero(t, f.FinishedAt)
		}
	}
	text := strings.NewReplacer(`"refund_nominal": "1000.00",`, "", `"delta": "1000.00",`, "").Replace(file(t, "refunds.create.answer.json"))
	c, _ := answers(t, http.StatusOK, text)
	assert.ErrorIs(t, createRefund(t, c), rutravel.ErrNotConfirmed, "a refund without a sum")
}

// TC-T45, TC-T46: the terms of promocodes in the shapes that the manual leaves
// open.
func TestAwkwardPromocodes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]ticketscloud.PromocodeTerms{
		"max": {
			Discount: ticketscloud.Discount{Percent: conformance.NullDec("12.5")}, Finish: utc(2019, 11, 30, 20, 59, 0, 0), MinTickets: 2, MaxTickets: 5,
		},
		"arrays":         {Discount: ticketscloud.Discount{Amount: conformance.NullDec("100.00")}},
		"nulls":          {Discount: ticketscloud.Discount{Amount: conformance.NullDec("100.00")}},
		"both":           {Discount: ticketscloud.Discount{Amount: conformance.NullDec("100.00"), Percent: conformance.NullDec("5")}},
		"numbers":        {Discount: ticketscloud.Discount{Percent: conformance.NullDec("25")}, MinTickets: 2, MaxTickets: 5},
		"discount-empty": {},
	} {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "promocodes.check-"+name))
		terms, err := c.CheckPromocode(t.Context(), eventID, "code")
		require.NoError(t, err, name)
		assert.Equal(t, want, terms, name)
	}
}

// TC-T33 to TC-T36, TC-T39, TC-T54: the older catalogue in the shapes that the
// manual leaves open.
func TestAwkwardCatalogue(t *testing.T) {
	t.Parallel()
	events := func(name string) []ticketscloud.ListedEvent {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "simple.events-"+name))
		list, err := c.EventsPage(t.Context(), ticketscloud.EventQuery{})
		require.NoError(t, err, name)
		return list
	}
	assert.Empty(t, events("empty"))
	assert.Empty(t, events("in-events-empty"))
	assert.NotEmpty(t, events("in-events"))
	assert.NotEmpty(t, events("in-data"))
	assert.Equal(t, "5c13b5b1867efb000be1ebd7", string(events("bare")[0].ID))
	kinds := events("kinds")[0]
	assert.Equal(t, []string{"+74820000003"}, kinds.Partner.Contact.Phones)
	assert.Empty(t, kinds.Org.Contact.Phones)
	assert.Nil(t, kinds.Venue.Point)
	assert.Equal(t, "Тверь", kinds.Venue.City.Name.In())
	assert.NotEmpty(t, events("legal_detail-in-org")[0].LegalDetail.OGRNIP)
	numbers := events("numbers")[0]
	assert.Equal(t, ticketscloud.SectorID("5c13b5b9867efb000be1ebe3"), numbers.Sets[0].Sector)
	assert.Equal(t, []ticketscloud.Row{{Row: "А", Numbers: []string{"1", "2"}}, {Row: "2", Numbers: []string{"3"}}}, numbers.Sets[0].Seats)
	assert.Contains(t, string(numbers.Map), "5c13b5ab867efb000be1ebd0")
	object := events("lifetime-object")[0]
	assert.Equal(t, utc(2019, 8, 15, 21, 20, 0, 0), object.Start)

	start, finish := utc(2019, 8, 15, 21, 20, 0, 0), utc(2019, 8, 28, 21, 50, 0, 0)
	for i, e := range events("lifetimes") {
		from, to := start, finish
		switch i + 1 {
		case 2, 3:
			from, to = utc(2016, 1, 24, 16, 0, 0, 0), utc(2016, 1, 24, 17, 30, 0, 0)
		case 11:
			to = time.Time{}
		case 12, 13, 14:
			from, to = time.Time{}, time.Time{}
		}
		assert.Equal(t, from, e.Start, e.Title)
		assert.Equal(t, to, e.Finish, e.Title)
	}
	for _, bad := range []string{"soon", "BEGIN:VEVENT", `BEGIN:VEVENT\r\nDTSTART:2019\r\nEND:VEVENT`, `BEGIN:VEVENT\r\nDTSTART:20190815T212000\r\nEND:VEVENT`} {
		c, _ := answers(t, http.StatusOK, `[{"id":"1","lifetime":"`+bad+`"}]`)
		_, err := c.EventsPage(t.Context(), ticketscloud.EventQuery{})
		assert.ErrorIs(t, err, rutravel.ErrProtocol, bad)
		assert.ErrorContains(t, err, "[0].lifetime", bad)
	}

	for name, want := range map[string]int{"empty": 0, "in-data": 2, "seat-strings": 2, "status-unknown": 3} {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "events.tickets-"+name))
		list, err := c.EventTickets(t.Context(), eventID, ticketscloud.SeatQuery{})
		require.NoError(t, err, name)
		require.Len(t, list, want, name)
		if name == "seat-strings" {
			assert.Equal(t, "А", list[0].Seat.Row)
			assert.Equal(t, "2а", list[1].Seat.Number)
		}
	}
}

// Names are found in a language that there is.
func TestNames(t *testing.T) {
	t.Parallel()
	n := ticketscloud.Names{"be": "Масква", "en": "Moscow", "default": "Moskva"}
	assert.Equal(t, "Moscow", n.In())
	assert.Equal(t, "Масква", n.In("fr", "be"))
	assert.Equal(t, "Moskau", ticketscloud.Names{"als": "Moskau", "zh": "莫斯科", "aa": ""}.In("ru"))
	assert.Empty(t, ticketscloud.Names(nil).In())
}

// pages answers page n of orders with those given.
func pages(t *testing.T, total int, all ...[]string) (*ticketscloud.Client, *[]sent) {
	t.Helper()
	var bodies []string
	for _, ids := range append(all, nil) {
		var orders []string
		for _, id := range ids {
			orders = append(orders, `{"id":"`+id+`","status":"done","event":"e"}`)
		}
		bodies = append(bodies, fmt.Sprintf(`{"data":[%s],"pagination":{"page":1,"page_size":50,"total":%d},"refs":{}}`, strings.Join(orders, ","), total))
	}
	return answers(t, http.StatusOK, bodies...)
}

func collect(c *ticketscloud.Client, ctx context.Context, q ticketscloud.OrderQuery) (ids []string, err error) {
	list, err := rutravel.Collect(c.Orders(ctx, q))
	for _, o := range list {
		ids = append(ids, string(o.ID))
	}
	return ids, err
}

// TC-T42: an empty page is the end, whatever total says and however short a
// page is; what moved to the next page comes once; a page that repeats is an
// error and no loop.
func TestPaging(t *testing.T) {
	t.Parallel()
	for _, total := range []int{0, 1, 2, 3, 100} {
		c, requests := pages(t, total, []string{"a", "b"}, []string{"b", "c"}, []string{"d"})
		ids, err := collect(c, t.Context(), ticketscloud.OrderQuery{PageSize: 2, Status: []ticketscloud.OrderStatus{"done"}})
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b", "c", "d"}, ids)
		var asked []string
		for _, r := range *requests {
			asked = append(asked, r.uri)
		}
		assert.Equal(t, []string{
			"/v2/resources/orders?status=done&page=1&page_size=2", "/v2/resources/orders?status=done&page=2&page_size=2",
			"/v2/resources/orders?status=done&page=3&page_size=2", "/v2/resources/orders?status=done&page=4&page_size=2",
		}, asked)
	}
	c, requests := pages(t, 9, []string{"a", "b"}, []string{"b", "a"}, []string{"c"})
	ids, err := collect(c, t.Context(), ticketscloud.OrderQuery{})
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "repeats")
	assert.Equal(t, []string{"a", "b"}, ids)
	assert.Len(t, *requests, 2)

	// Nothing is sent before the first order is asked for, every range starts
	// anew, and who leaves asks no more.
	c, requests = pages(t, 9, []string{"a", "b"}, []string{"c"})
	seq := c.Orders(t.Context(), ticketscloud.OrderQuery{Page: 7})
	assert.Empty(t, *requests)
	for range 2 {
		for o, err := range seq {
			require.NoError(t, err)
			assert.NotEmpty(t, o.ID)
			break
		}
	}
	require.Len(t, *requests, 2)
	assert.Equal(t, "/v2/resources/orders?page=7", (*requests)[1].uri)

	for _, name := range []string{"total-pages", "total-rows", "total-equals-rows", "pagination-strings", "pagination-null", "pagination-absent"} {
		c, requests := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "orders.list-"+name), conformance.Awkward(t, "ticketscloud", "orders.list-page-empty"))
		ids, err := collect(c, t.Context(), ticketscloud.OrderQuery{})
		require.NoError(t, err, name)
		assert.NotEmpty(t, ids, name)
		assert.Len(t, *requests, 2, name)
	}
	for _, name := range []string{"orders.list-page-empty", "orders.list-page-empty-refs-maps", "orders.list-page-empty-refs-array", "orders.list-data-null", "refunds.list-page-empty"} {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", name))
		ids, err := collect(c, t.Context(), ticketscloud.OrderQuery{})
		require.NoError(t, err, name)
		assert.Empty(t, ids, name)
		refunds, err := rutravel.Collect(c.Refunds(t.Context(), ticketscloud.RefundQuery{}))
		require.NoError(t, err, name)
		assert.Empty(t, refunds, name)
	}

	// The older catalogue: always in pages, for without them it may not page.
	c, requests = answers(t, http.StatusOK, `[{"id":"1"}]`, `[{"id":"2"}]`, `[]`)
	events, err := rutravel.Collect(c.Events(t.Context(), ticketscloud.EventQuery{}))
	require.NoError(t, err)
	assert.Len(t, events, 2)
	assert.Equal(t, "/v1/services/simple/events?page=1&page_size=50", (*requests)[0].uri)
	c, _ = answers(t, http.StatusOK, `[{"id":"1"}]`)
	_, err = rutravel.Collect(c.Events(t.Context(), ticketscloud.EventQuery{}))
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// An order is looked for in the pages of its event and minute.
func TestFindOrder(t *testing.T) {
	t.Parallel()
	key := ticketscloud.OrderKey{ID: "c", Event: "e", CreatedAt: utc(2019, 7, 25, 14, 41, 11, 0)}
	c, requests := pages(t, 1, []string{"a", "b"}, []string{"b", "c"})
	o, err := c.FindOrder(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, key.ID, o.ID)
	assert.Equal(t, "/v2/resources/orders?created_at=2019-07-25T14:40:11%2C2019-07-25T14:42:11&events=e&page=2&page_size=200", (*requests)[1].uri)

	// What is not there may be in another zone's day.
	key.ID = "x"
	c, requests = pages(t, 1, []string{"a", "b"})
	_, err = c.FindOrder(t.Context(), key)
	e := conformance.Failure(t, err, rutravel.ErrNotFound)
	assert.Equal(t, 1, e.Attempts)
	assert.ErrorContains(t, err, "no page")
	require.Len(t, *requests, 3)
	assert.Equal(t, "/v2/resources/orders?created_at=2019-07-24T14:41:11%2C2019-07-26T14:41:11&events=e&page=1&page_size=200", (*requests)[2].uri)
	c, _ = pages(t, 1, []string{"a"}, []string{"a"})
	_, err = c.FindOrder(t.Context(), key)
	conformance.Failure(t, err, rutravel.ErrProtocol)

	// It is found beside another that cannot be read.
	c, _ = answers(t, http.StatusOK, `{"data":[{"id":"x","status":"done"},{"id":"y","status":{}}]}`)
	o, err = c.FindOrder(t.Context(), key)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Equal(t, ticketscloud.OrderDone, o.Status)

	c, requests = pages(t, 1)
	_, err = c.FindOrder(t.Context(), ticketscloud.OrderKey{ID: "x"})
	conformance.Failure(t, err, rutravel.ErrNotFound)
	assert.Equal(t, "/v2/resources/orders?page=1&page_size=200", (*requests)[0].uri)
}

// hold makes an order of one ticket of the concert's fan zone.
func hold(t *testing.T, c *ticketscloud.Client, n int) ticketscloud.Order {
	t.Helper()
	o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{
		Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: n}},
	})
	require.NoError(t, err)
	require.False(t, o.Missing.Any())
	return o
}

// A repetition of done is refused in the same words as one of an expired order,
// so that it finds nothing out.
func TestDoneAgain(t *testing.T) {
	t.Parallel()
	for _, processed := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			fake, c := newFake(t)
			key := hold(t, c, 1).Key()
			fake.Inject(ticketscloudtest.Fault{Op: "orders.change+done", Drop: true, Processed: processed})
			_, err := c.PayOrder(t.Context(), key)
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			fake.Advance(time.Hour)
			_, err = c.PayOrder(t.Context(), key)
			assert.Equal(t, "Incorrect status done for this operation", conformance.Failure(t, err, rutravel.ErrConflict).Message)
			kind := rutravel.ErrExpired
			if processed {
				kind = rutravel.ErrConflict
			}
			_, err = c.ChangeOrder(t.Context(), key, ticketscloud.OrderChange{SendTickets: new(true)})
			conformance.Failure(t, err, kind)
		})
	}
}

// Other orders of a lost one's minutes are candidates, too; those that hold
// nothing any more need no search.
func TestLostOrdersCandidates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := newFake(t)
		hold(t, c, 1)
		time.Sleep(5 * time.Minute)
		mine, sent := hold(t, c, 2), time.Now()
		candidates, err := c.LostOrders(t.Context(), ticketscloudtest.Concert, sent)
		require.NoError(t, err)
		require.Len(t, candidates, 1)
		assert.Equal(t, mine.ID, candidates[0].ID)

		_, err = c.CancelOrder(t.Context(), mine.Key())
		require.NoError(t, err)
		candidates, err = c.LostOrders(t.Context(), ticketscloudtest.Concert, sent)
		require.NoError(t, err)
		assert.Empty(t, candidates)
	})
}

// The period of a lost order is told by this library, whatever zone the
// supplier's filter is in. An order without a time may be any.
func TestLostOrdersPeriod(t *testing.T) {
	t.Parallel()
	sent := utc(2019, 7, 25, 14, 0, 0, 0)
	var orders []string
	for i, at := range []string{"2019-07-25 13:57:59", "2019-07-25 13:58:00", "2019-07-25 14:10:00", "2019-07-25 14:10:01", ""} {
		orders = append(orders, fmt.Sprintf(`{"id":"%d","status":"executed","created_at":"%s"}`, i, at))
	}
	c, requests := answers(t, http.StatusOK, `{"data":[`+strings.Join(orders, ",")+`]}`, `{"data":[]}`)
	found, err := c.LostOrders(t.Context(), eventID, sent)
	require.NoError(t, err)
	var ids []ticketscloud.OrderID
	for _, o := range found {
		ids = append(ids, o.ID)
	}
	assert.Equal(t, []ticketscloud.OrderID{"1", "2", "4"}, ids)
	assert.Equal(t, "/v2/resources/orders?status=executed&created_at=2019-07-24T14:00:00%2C2019-07-26T14:00:00&events="+string(eventID)+"&page=1&page_size=200", (*requests)[0].uri)
}

// TC-T22: changes of one order wait for each other, those of others do not,
// and who waits can stop waiting.
func TestChangesOfOneOrderAreSerialised(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, rutravel.WithMaxAttempts(1))
		one, two := hold(t, c, 1), hold(t, c, 1)
		fake.SetQuirks(ticketscloudtest.Quirks{ChangeTime: 10 * time.Second})
		change := func(ctx context.Context, id ticketscloud.OrderID) error {
			_, err := c.ChangeOrder(ctx, ticketscloud.OrderKey{ID: id}, ticketscloud.OrderChange{SendTickets: new(true)})
			return err
		}
		start := time.Now()
		done := make(chan error, 5)
		for range 3 {
			go func() { done <- change(t.Context(), one.ID) }()
		}
		go func() { done <- change(t.Context(), two.ID) }()
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		before := len(fake.Requests())
		err := change(ctx, one.ID)
		e := conformance.Failure(t, err, rutravel.ErrCanceled)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, e.Attempts)
		assert.Len(t, fake.Requests(), before, "nothing was sent")
		assert.Equal(t, time.Second, time.Since(start))
		_, err = c.PayOrder(ctx, one.Key())
		assert.Equal(t, "orders.change+done", conformance.Failure(t, err, rutravel.ErrCanceled).Op)
		_, err = c.AdjustTickets(ctx, one.Key(), ticketscloud.Adjustment{Remove: []ticketscloud.TicketID{ticketA}})
		conformance.Failure(t, err, rutravel.ErrCanceled)
		assert.ErrorIs(t, c.SetMosbiletBuyers(ctx, one.Key(), []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "a", Surname: "b"}}), rutravel.ErrCanceled)

		require.NoError(t, <-done)
		require.NoError(t, <-done)
		assert.Equal(t, 10*time.Second, time.Since(start), "two orders at once")
		require.NoError(t, <-done)
		require.NoError(t, <-done)
		assert.Equal(t, 30*time.Second, time.Since(start), "one after another")
	})
}

// Another program's change is waited out by a desired state, and refuses done.
func TestConflictWithAnotherClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		other, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		o := hold(t, c, 1)
		fake.SetQuirks(ticketscloudtest.Quirks{ChangeTime: time.Nanosecond})
		go func() {
			_, err := other.ChangeOrder(t.Context(), o.Key(), ticketscloud.OrderChange{SendTickets: new(true)})
			assert.NoError(t, err)
		}()
		synctest.Wait()
		_, err = c.PayOrder(t.Context(), o.Key())
		conformance.Failure(t, err, rutravel.ErrConflict)
		_, err = c.ChangeOrder(t.Context(), o.Key(), ticketscloud.OrderChange{SendTickets: new(false)})
		require.NoError(t, err)
	})
}

// The manual's recipe: adding and removing keeps what is held.
func TestAdjustTickets(t *testing.T) {
	t.Parallel()
	seats := func(t *testing.T, c *ticketscloud.Client) []ticketscloud.SeatTicket {
		list, err := c.EventTickets(t.Context(), ticketscloudtest.Concert, ticketscloud.SeatQuery{Status: []ticketscloud.TicketStatus{ticketscloud.TicketVacant}})
		require.NoError(t, err)
		return list
	}
	held := func(o ticketscloud.Order) (ids []ticketscloud.TicketID) {
		for _, t := range o.Tickets {
			ids = append(ids, t.ID)
		}
		return ids
	}
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		o := hold(t, c, 2)
		first := held(o)
		free := seats(t, c)
		o, err := c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Add: []ticketscloud.TicketID{free[0].ID, free[1].ID}})
		require.NoError(t, err)
		assert.False(t, o.Missing.Any())
		assert.Subset(t, held(o), first)
		assert.Len(t, o.Tickets, 4)

		// More without seats, one seat less, and the other stays the same.
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{
			Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 3}}, Remove: []ticketscloud.TicketID{free[0].ID},
		})
		require.NoError(t, err)
		assert.False(t, o.Missing.Any())
		assert.Subset(t, held(o), append(first, free[1].ID))
		assert.NotContains(t, held(o), free[0].ID)
		assert.Len(t, o.Tickets, 4)

		// The same again changes nothing, and sends nothing but the look.
		before := len(fake.Requests())
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 3}}})
		require.NoError(t, err)
		assert.Len(t, fake.Requests(), before+1)
		assert.Len(t, o.Tickets, 4)

		// Fewer.
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone}}})
		require.NoError(t, err)
		assert.Equal(t, []ticketscloud.TicketID{free[1].ID}, held(o))

		// Random draws another seat: the one held before is asked for again.
		fake.SetQuirks(ticketscloudtest.Quirks{Reseat: true})
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 1}}})
		require.NoError(t, err)
		assert.False(t, o.Missing.Any())
		assert.Contains(t, held(o), free[1].ID)
		assert.Len(t, o.Tickets, 2)

		// What is taken is missing, and what is held stays.
		rival := hold(t, c, 1)
		rival, err = c.AdjustTickets(t.Context(), rival.Key(), ticketscloud.Adjustment{Add: []ticketscloud.TicketID{free[5].ID}})
		require.NoError(t, err)
		now := held(o)
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Add: []ticketscloud.TicketID{free[5].ID, free[6].ID}})
		require.NoError(t, err)
		assert.Equal(t, []ticketscloud.TicketID{free[5].ID, free[6].ID}, o.Missing.Tickets)
		assert.ElementsMatch(t, now, held(o))
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 500}}})
		require.NoError(t, err)
		assert.NotEmpty(t, o.Missing.Random)
		assert.ElementsMatch(t, now, held(o))

		// All are removed.
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Remove: now})
		require.NoError(t, err)
		assert.Empty(t, o.Tickets)

		_, err = c.PayOrder(t.Context(), rival.Key())
		require.NoError(t, err)
		rival, err = c.AdjustTickets(t.Context(), rival.Key(), ticketscloud.Adjustment{Remove: []ticketscloud.TicketID{free[5].ID}})
		conformance.Failure(t, err, rutravel.ErrConflict)
		assert.Equal(t, ticketscloud.OrderDone, rival.Status)

		for field, a := range map[string]ticketscloud.Adjustment{
			"Add must":  {},
			"Add[1]":    {Add: []ticketscloud.TicketID{"a", "a"}},
			"Remove[0]": {Add: []ticketscloud.TicketID{"a"}, Remove: []ticketscloud.TicketID{"a"}},
			"Random[0]": {Random: []ticketscloud.SetCount{{Set: "a", Count: -1}}},
		} {
			_, err = c.AdjustTickets(t.Context(), o.Key(), a)
			assert.ErrorContains(t, err, field)
		}
	})
}

// TC-T17: a ticket's category is not documented. Without it random would give
// back what is held, so nothing is sent.
func TestAdjustTicketsWithoutCategories(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `{"data":[{"id":"a","status":"executed","tickets":[{"id":"t","full":"1.00"}]}]}`)
	o, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: setID, Count: 1}}})
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "category")
	assert.Len(t, o.Tickets, 1)
	require.Len(t, *requests, 1)
	assert.Equal(t, http.MethodGet, (*requests)[0].method)
	_, _ = c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{Add: []ticketscloud.TicketID{"u"}})
	assert.Equal(t, `{"tickets":["t","u"],"all_or_nothing":true}`, (*requests)[len(*requests)-1].body)
}

// A lost answer in the middle of the recipe is made good by making the call
// again.
func TestAdjustTicketsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, rutravel.WithMaxAttempts(1))
		o := hold(t, c, 1)
		more := ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 3}}, Remove: []ticketscloud.TicketID{o.Tickets[0].ID}}
		for range 2 {
			fake.Inject(ticketscloudtest.Fault{Op: "orders.change", Drop: true, Processed: true})
			_, err := c.AdjustTickets(t.Context(), o.Key(), more)
			conformance.Failure(t, err, rutravel.ErrUnavailable)
		}
		again, err := c.AdjustTickets(t.Context(), o.Key(), more)
		require.NoError(t, err)
		assert.Len(t, again.Tickets, 3)
		for _, k := range again.Tickets {
			assert.NotEqual(t, o.Tickets[0].ID, k.ID)
		}
	})
}

// TC-T16: barcodes are waited for as long as the caller wants.
func TestWaitForBarcodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		o := hold(t, c, 2)
		fake.SetQuirks(ticketscloudtest.Quirks{BarcodeDelay: 100 * time.Second})
		done, err := c.PayOrder(t.Context(), o.Key())
		require.NoError(t, err)
		assert.Empty(t, done.Tickets[0].Barcode)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		last, err := c.WaitForBarcodes(ctx, o.Key())
		conformance.Failure(t, err, rutravel.ErrCanceled)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, ticketscloud.OrderDone, last.Status)
		assert.Equal(t, 20*time.Second, time.Since(start))
		before := len(fake.Requests())
		done, err = c.WaitForBarcodes(t.Context(), o.Key())
		require.NoError(t, err)
		for _, k := range done.Tickets {
			assert.NotEmpty(t, k.Barcode)
		}
		assert.Less(t, len(fake.Requests())-before, 10)
		assert.Less(t, time.Since(start), 135*time.Second)

		// An order that is not paid for yet may be; one that cannot be any more
		// has none.
		o = hold(t, c, 1)
		_, err = c.WaitForBarcodes(t.Context(), o.Key())
		conformance.Failure(t, err, rutravel.ErrConflict)
	})
}
