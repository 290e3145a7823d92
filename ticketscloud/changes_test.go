package ticketscloud_test

import (
	"context"
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

// TC-T09, TC-T50, TC-T51: only fields that are set are sent. An empty list releases all.
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
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			c, requests := answers(t, http.StatusOK, `{}`)
			_, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, change)
			assert.Error(t, err)
			require.NotEmpty(t, *requests, want)
			assert.Equal(t, sent{"PATCH", "/v2/resources/orders/" + string(orderID), want}, (*requests)[0])
		})
	}
}

// long is a text of n characters, each of two bytes.
func long(n int) string { return strings.Repeat("я", n) }

// rawFields is a change of n fields of the distributor.
func rawFields(n int, name, value string) ticketscloud.OrderChange {
	var fields []ticketscloud.VendorField
	for i := range n {
		fields = append(fields, ticketscloud.VendorField{Name: fmt.Sprint(i) + name, Value: value})
	}
	return ticketscloud.OrderChange{VendorData: ticketscloud.VendorData{Raw: fields}}
}

// TC-T09, TC-T24: changes that the manual does not allow are refused before they are sent.
func TestInvalidChanges(t *testing.T) {
	t.Parallel()
	tickets := []ticketscloud.TicketID{ticketA}
	random := []ticketscloud.SetCount{{Set: setID, Count: 1}}
	c, requests := answers(t, http.StatusOK, `{}`)
	for name, test := range map[string]struct {
		change         ticketscloud.OrderChange
		field, problem string
	}{
		"nothing":            {ticketscloud.OrderChange{}, "change", "must not be empty"},
		"tickets and random": {ticketscloud.OrderChange{Tickets: tickets, Random: random}, "Random", "must not be set together with Tickets"},
		"a ticket twice":     {ticketscloud.OrderChange{Tickets: []ticketscloud.TicketID{ticketA, ticketA}}, "Tickets[1]", "must not be given twice"},
		"a set twice":        {ticketscloud.OrderChange{Random: append(random, random...)}, "Random[1].Set", "must not be given twice"},
		"a negative count":   {ticketscloud.OrderChange{Random: []ticketscloud.SetCount{{Set: setID, Count: -1}}}, "Random[0].Count", "must not be negative"},
		"a set without id":   {ticketscloud.OrderChange{Random: []ticketscloud.SetCount{{Count: 1}}}, "Random[0].Set", "must not be empty"},
		"all of nothing":     {ticketscloud.OrderChange{AllOrNothing: true}, "AllOrNothing", "must not be set without Tickets or Random"},
		// The supplier would charge the order without the change.
		"paid with tickets":    {ticketscloud.OrderChange{Tickets: tickets, AllOrNothing: true, Status: ticketscloud.OrderDone}, "Status", "must not be OrderDone together with Tickets or Random"},
		"paid with random":     {ticketscloud.OrderChange{Random: random, AllOrNothing: true, Status: ticketscloud.OrderDone}, "Status", "must not be OrderDone together with Tickets or Random"},
		"paid with promocodes": {ticketscloud.OrderChange{Promocodes: []string{"a"}, Status: ticketscloud.OrderDone}, "Status", "must not be OrderDone together with Promocodes"},
		"another status":       {ticketscloud.OrderChange{Status: ticketscloud.OrderExpired}, "Status", "must be OrderDone or OrderCancelled"},
		"a blank promocode":    {ticketscloud.OrderChange{Promocodes: []string{" "}}, "Promocodes[0]", "must not be empty"},
		"two lines of name":    {ticketscloud.OrderChange{Customer: ticketscloud.Customer{Name: "a\nb"}}, "Customer.Name", "must not contain control characters"},
		"two lines of email":   {ticketscloud.OrderChange{Customer: ticketscloud.Customer{Email: "a@b.ru\nBcc: c@d.ru"}}, "Customer.Email", "must not contain control characters"},
		"two lines of phone":   {ticketscloud.OrderChange{Customer: ticketscloud.Customer{Phone: "7\n"}}, "Customer.Phone", "must not contain control characters"},
		"a language in bytes":  {ticketscloud.OrderChange{Customer: ticketscloud.Customer{Lang: "\xff"}}, "Customer.Lang", "must be UTF-8"},
		"a long order id":      {ticketscloud.OrderChange{VendorData: ticketscloud.VendorData{OrderID: long(65)}}, "VendorData.OrderID", "must not be longer than 64 characters"},
		"an order id in bytes": {ticketscloud.OrderChange{VendorData: ticketscloud.VendorData{OrderID: "\xff"}}, "VendorData.OrderID", "must be UTF-8"},
		"many fields":          {rawFields(21, "", ""), "VendorData.Raw", "must not have more than 20 fields"},
		"a long name":          {rawFields(1, long(40), ""), "VendorData.Raw[0].Name", "must not be longer than 40 characters"},
		"a long value":         {rawFields(1, "", long(129)), "VendorData.Raw[0].Value", "must not be longer than 128 characters"},
		"a field twice": {
			ticketscloud.OrderChange{VendorData: ticketscloud.VendorData{Raw: []ticketscloud.VendorField{{Name: "a"}, {Name: "a"}}}},
			"VendorData.Raw[1].Name", "must not be given twice",
		},
		"a field without a name": {
			ticketscloud.OrderChange{VendorData: ticketscloud.VendorData{Raw: []ticketscloud.VendorField{{Value: "a"}}}},
			"VendorData.Raw[0].Name", "must not be empty",
		},
	} {
		_, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, test.change)
		assertInvalid(t, err, test.field, test.problem, name)
	}
	assert.Empty(t, *requests)

	// The limits themselves are allowed. They count characters.
	full := rawFields(20, long(38), long(128))
	full.VendorData.OrderID = long(64)
	_, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, full)
	assert.NotErrorIs(t, err, rutravel.ErrInvalid)
	assert.Len(t, *requests, 1)
}

// An answer with another order or another status than the requested one is not a success.
func TestChangeContradicts(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusOK, file(t, "orders.change+done_mixed.answer.json"))
	o, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: heldID})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Zero(t, o, "the caller might take another order for this one")
	o, err = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: heldID}, ticketscloud.OrderChange{SendTickets: new(true)})
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
	assert.Zero(t, o)
	_, err = c.CancelOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)

	c, _ = answers(t, http.StatusOK, strings.Replace(file(t, "orders.change+done_mixed.answer.json"), `"status": "done"`, `"status": "in_progress"`, 1))
	o, err = c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, ticketscloud.OrderInProgress, o.Status)

	// Another order that cannot be read, and several orders, are not the requested order.
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
}

// An answer without tickets or totals is not a success.
func TestIncompleteChange(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"values", "tickets"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(file(t, "orders.change+done_mixed.answer.json"), `"`+name+`"`, `"other"`, 1)
			_, err := changed(t, orderID, text)
			conformance.Failure(t, err, rutravel.ErrProtocol)
			c, _ := answers(t, http.StatusOK, text)
			o, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.ErrorContains(t, err, "data."+name)
			assert.Equal(t, ticketscloud.OrderDone, o.Status)
		})
	}
}

// TC-T22, TC-T23: 409 is retried only for a desired state.
func TestConflictIsRetried(t *testing.T) {
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, requests := answers(t, http.StatusConflict, "<html>Conflict</html>")
				_, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, test.change)
				conformance.Failure(t, err, rutravel.ErrConflict)
				assert.Len(t, *requests, test.calls, name)
			})
		})
	}
}

// A second payment is refused with the same text for a paid order and an expired one, so
// it does not show what happened.
func TestDoneAgain(t *testing.T) {
	t.Parallel()
	for _, processed := range []bool{true, false} {
		t.Run(fmt.Sprintf("processed %t", processed), func(t *testing.T) {
			t.Parallel()
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
		})
	}
}

// TC-T22: changes of one order wait for each other, and changes of different orders do
// not. A caller can stop waiting.
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

// A desired state waits until another program's change has ended. A payment is refused.
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

// Promocodes and the distributor's own fields are private.
func TestPrivateWords(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusBadRequest, `{"errors":["code SECRET100 of 79991234576 is bad"]}`)
	_, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, ticketscloud.OrderChange{
		Promocodes: []string{"secret100"}, VendorData: ticketscloud.VendorData{Raw: []ticketscloud.VendorField{{Name: "phone", Value: "79991234576"}}},
	})
	assert.Equal(t, "code […] of […] is bad", conformance.Failure(t, err, rutravel.ErrRejected).Message)
	_, err = c.CheckPromocode(t.Context(), eventID, "secret100")
	assert.NotContains(t, fmt.Sprintf("%v %+v", err, conformance.Failure(t, err, rutravel.ErrRejected)), "SECRET100")
}
