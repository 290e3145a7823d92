package ticketscloud_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// TC-T07: the client sends an empty order, and the supplier decides.
func TestEmptyOrder(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusBadRequest, `{"errors":["„tickets“ or „random“ must be"]}`)
	_, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
	assert.Equal(t, "„tickets“ or „random“ must be", conformance.Failure(t, err, rutravel.ErrRejected).Message)
	assert.Len(t, *requests, 1)
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
		require.Len(t, o.Tickets, 2, name)
		assert.Equal(t, want[0], o.Tickets[0].Barcode, name)
		if name != "null" {
			assert.Equal(t, want[1], o.Tickets[1].Barcode, name)
		}
	}
}

// TC-T15, TC-T17, TC-T39, TC-T49: orders in the shapes that the manual does not exclude.
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
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
		})
	}
	// Missing amounts do not make tickets free.
	c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "orders.change+done-prices-null"))
	o, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, ticketscloud.OrderDone, o.Status)
	assert.Len(t, o.Tickets, 2)

	_, err = changed(t, heldID, conformance.Awkward(t, "ticketscloud", "orders.create-data-null"))
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
	// A flag that is null counts as not set. The paid order can be read.
	o, err = changed(t, heldID, strings.Replace(file(t, "orders.change+random.answer.json"), `"send_tickets": false`, `"send_tickets": null`, 1))
	require.NoError(t, err)
	assert.False(t, o.Settings.SendTickets)
	// The manual's sample of vendor_data has a boolean and a number (TC-T24).
	o, err = changed(t, namedID, file(t, "orders.change+vendor_data.answer.json"))
	require.NoError(t, err)
	assert.Equal(t, []ticketscloud.VendorField{{Name: "enable_call_to_customer", Value: "true"}, {Name: "call_counter", Value: "3"}}, o.VendorData.Raw)
}

// A created order must be of the event of the request and must not be paid.
func TestCreatedOrderContradicts(t *testing.T) {
	t.Parallel()
	text := file(t, "orders.create.answer.json")
	for name, body := range map[string]string{
		"data.event": strings.Replace(text, `"event": "`+string(eventID), `"event": "another`, 1), "data.status": strings.Replace(text, `"status": "executed"`, `"status": "done"`, 1),
		"data.values": strings.Replace(text, `"values"`, `"value"`, 1), "data.tickets": strings.Replace(text, `"tickets"`, `"ticket"`, 1),
	} {
		c, _ := answers(t, http.StatusOK, body)
		o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, name)
		assert.ErrorContains(t, err, name)
		assert.Equal(t, heldID, o.ID, name)
	}
	c, _ := answers(t, http.StatusOK, strings.Replace(text, `"event": "`+string(eventID)+`",`, "", 1))
	_, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
	require.NoError(t, err)
}

// An order with tickets that were not requested may be the result of another call. Fewer
// tickets are a success, because the supplier leaves out what it cannot reserve.
func TestCreatedOrderHoldsOthers(t *testing.T) {
	t.Parallel()
	ids, counts := []ticketscloud.TicketID{"t1"}, []ticketscloud.SetCount{{Set: "fan", Count: 1}}
	for name, test := range map[string]struct {
		order ticketscloud.NewOrder
		held  [][2]string
		other bool
	}{
		"another ticket":   {ticketscloud.NewOrder{Event: eventID, Tickets: ids}, [][2]string{{"t9", "fan"}}, true},
		"one more":         {ticketscloud.NewOrder{Event: eventID, Tickets: ids}, [][2]string{{"t1", "fan"}, {"t9", "fan"}}, true},
		"none":             {ticketscloud.NewOrder{Event: eventID, Tickets: ids}, nil, false},
		"another category": {ticketscloud.NewOrder{Event: eventID, Random: counts}, [][2]string{{"t9", "stalls"}}, true},
		"too many":         {ticketscloud.NewOrder{Event: eventID, Random: counts}, [][2]string{{"t8", "fan"}, {"t9", "fan"}}, true},
		"too few":          {ticketscloud.NewOrder{Event: eventID, Random: counts}, nil, false},
	} {
		c, _ := answers(t, http.StatusOK, dataText(orderText("a", ticketscloud.OrderHeld, test.held...)))
		o, err := c.CreateOrder(t.Context(), test.order)
		assert.Equal(t, ticketscloud.OrderID("a"), o.ID, name)
		if test.other {
			require.ErrorIs(t, err, rutravel.ErrNotConfirmed, name)
			assert.ErrorContains(t, err, "data.tickets", name)
		} else {
			require.NoError(t, err, name)
		}
	}
}

// TC-T09: orders that the manual does not allow are refused before they are sent.
func TestInvalidOrders(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `{}`)
	tickets, random := []ticketscloud.TicketID{ticketA}, []ticketscloud.SetCount{{Set: setID, Count: 1}}
	for name, test := range map[string]struct {
		order          ticketscloud.NewOrder
		field, problem string
	}{
		"no event":           {ticketscloud.NewOrder{Tickets: tickets}, "Event", "must not be empty"},
		"tickets and random": {ticketscloud.NewOrder{Event: eventID, Tickets: tickets, Random: random}, "Random", "must not be set together with Tickets"},
		"a ticket twice":     {ticketscloud.NewOrder{Event: eventID, Tickets: append(tickets, tickets...)}, "Tickets[1]", "must not be given twice"},
		"a negative count":   {ticketscloud.NewOrder{Event: eventID, Random: []ticketscloud.SetCount{{Set: setID, Count: -1}}}, "Random[0].Count", "must not be negative"},
	} {
		_, err := c.CreateOrder(t.Context(), test.order)
		assertInvalid(t, err, test.field, test.problem, name)
	}
	assert.Empty(t, *requests)
}
