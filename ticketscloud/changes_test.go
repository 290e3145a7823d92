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

// orderText is an order with tickets, each written as its id and its category.
func orderText(id string, status ticketscloud.OrderStatus, tickets ...[2]string) string {
	var list []string
	for _, t := range tickets {
		list = append(list, fmt.Sprintf(`{"id":%q,"set":%q,"full":"1.00"}`, t[0], t[1]))
	}
	return fmt.Sprintf(`{"id":%q,"status":%q,"tickets":[%s],"values":{"full":"1.00"}}`, id, status, strings.Join(list, ","))
}

func listText(orders ...string) string { return `{"data":[` + strings.Join(orders, ",") + `]}` }

func dataText(order string) string { return `{"data":` + order + `}` }

// patches returns the bodies of the changes among requests.
func patches(requests []sent) (bodies []string) {
	for _, r := range requests {
		if r.method == http.MethodPatch {
			bodies = append(bodies, r.body)
		}
	}
	return bodies
}

func ids(o ticketscloud.Order) (list []ticketscloud.TicketID) {
	for _, t := range o.Tickets {
		list = append(list, t.ID)
	}
	return list
}

// What random cannot reserve keeps everything else from being done.
func TestAdjustTicketsShort(t *testing.T) {
	t.Parallel()
	before := [][2]string{{"s1", "seats"}, {"f1", "fan"}}
	want := ticketscloud.Adjustment{
		Add: []ticketscloud.TicketID{"s2"}, Remove: []ticketscloud.TicketID{"s1"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 3}},
	}
	key := ticketscloud.OrderKey{ID: "a"}
	held := listText(orderText("a", "executed", before...))
	for name, test := range map[string]struct {
		a       ticketscloud.Adjustment
		answers []string
		patches []string
		missing ticketscloud.Missing
		err     rutravel.Kind
	}{
		"nothing changed": {
			want, []string{held, dataText(orderText("a", "executed", before...))},
			[]string{`{"random":{"fan":3,"seats":1},"all_or_nothing":true}`},
			ticketscloud.Missing{Tickets: []ticketscloud.TicketID{"s2"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 2}}}, "",
		},
		"the one to be removed is counted": {
			ticketscloud.Adjustment{Remove: []ticketscloud.TicketID{"f1"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}}},
			[]string{held, dataText(orderText("a", "executed", before...))},
			[]string{`{"random":{"fan":2,"seats":1},"all_or_nothing":true}`},
			ticketscloud.Missing{Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}}}, "",
		},
		"one that is to be removed is drawn": {
			ticketscloud.Adjustment{Remove: []ticketscloud.TicketID{"f9"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 2}}},
			[]string{held, dataText(orderText("a", "executed", append(before, [2]string{"f9", "fan"})...)), dataText(orderText("a", "executed", before...))},
			[]string{`{"random":{"fan":2,"seats":1},"all_or_nothing":true}`, `{"tickets":["s1","f1"],"all_or_nothing":true}`},
			ticketscloud.Missing{Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}}}, "",
		},
		"a seat was exchanged and comes back": {
			want, []string{
				held, dataText(orderText("a", "executed", [2]string{"s7", "seats"}, [2]string{"f1", "fan"}, [2]string{"f2", "fan"})),
				dataText(orderText("a", "executed", before...)),
			},
			[]string{`{"random":{"fan":3,"seats":1},"all_or_nothing":true}`, `{"tickets":["s1","f1"],"all_or_nothing":true}`},
			ticketscloud.Missing{Tickets: []ticketscloud.TicketID{"s2"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}}}, "",
		},
		"a category is not known": {
			want, []string{
				held, dataText(orderText("a", "executed", append(before, [2]string{"f2", ""}, [2]string{"f3", ""})...)),
				dataText(orderText("a", "executed", before...)),
			},
			[]string{`{"random":{"fan":3,"seats":1},"all_or_nothing":true}`, `{"tickets":["s1","f1"],"all_or_nothing":true}`},
			ticketscloud.Missing{Tickets: []ticketscloud.TicketID{"s2"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 2}}}, "",
		},
		"the seat is lost": {
			ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: "fan", Count: 3}}}, []string{
				held, dataText(orderText("a", "executed", [2]string{"s7", "seats"}, [2]string{"f1", "fan"})),
				dataText(orderText("a", "executed", [2]string{"s7", "seats"}, [2]string{"f1", "fan"})),
			},
			[]string{`{"random":{"fan":3,"seats":1},"all_or_nothing":true}`, `{"tickets":["s1","f1"],"all_or_nothing":true}`},
			ticketscloud.Missing{Tickets: []ticketscloud.TicketID{"s1"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 2}}}, "",
		},
		"an answer without an order": {
			want, []string{
				held, dataText(orderText("a", "executed", [2]string{"s7", "seats"}, [2]string{"f1", "fan"})), `{"data":null}`,
			},
			[]string{`{"random":{"fan":3,"seats":1},"all_or_nothing":true}`, `{"tickets":["s1","f1"],"all_or_nothing":true}`},
			ticketscloud.Missing{Tickets: []ticketscloud.TicketID{"s2"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 2}}}, rutravel.ErrProtocol,
		},
	} {
		c, requests := answers(t, http.StatusOK, test.answers...)
		o, err := c.AdjustTickets(t.Context(), key, test.a)
		if test.err == "" {
			require.NoError(t, err, name)
		} else {
			conformance.Failure(t, err, test.err)
		}
		assert.Equal(t, ticketscloud.OrderID("a"), o.ID, name)
		assert.Equal(t, test.missing, o.Missing, name)
		assert.Equal(t, test.patches, patches(*requests), name)
	}

	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		o := hold(t, c, 2)
		seats, err := c.EventTickets(t.Context(), ticketscloudtest.Concert, ticketscloud.SeatQuery{})
		require.NoError(t, err)
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{
			Add: []ticketscloud.TicketID{seats[0].ID}, Remove: []ticketscloud.TicketID{o.Tickets[0].ID},
			Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 500}},
		})
		require.NoError(t, err)
		assert.Equal(t, []ticketscloud.TicketID{seats[0].ID}, o.Missing.Tickets)
		assert.Equal(t, []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 499}}, o.Missing.Random)
		assert.Len(t, o.Tickets, 2, "nothing was removed")
		last := fake.Requests()[len(fake.Requests())-1]
		assert.Contains(t, last.Body, "random", "nothing was sent after it")
	})
}

// What random has reserved stays if the rest cannot be had, and nothing is given
// back; the same call without it goes on from there.
func TestAdjustTicketsWithoutAdd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := newFake(t)
		seats, err := c.EventTickets(t.Context(), ticketscloudtest.Concert, ticketscloud.SeatQuery{})
		require.NoError(t, err)
		_, err = c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: ticketscloudtest.Concert, Tickets: []ticketscloud.TicketID{seats[0].ID}})
		require.NoError(t, err)
		o := hold(t, c, 1)
		a := ticketscloud.Adjustment{
			Add: []ticketscloud.TicketID{seats[0].ID}, Remove: ids(o), Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 3}},
		}
		last, err := c.AdjustTickets(t.Context(), o.Key(), a)
		require.NoError(t, err)
		assert.Equal(t, ticketscloud.Missing{Tickets: a.Add}, last.Missing)
		assert.Len(t, last.Tickets, 4)
		assert.Subset(t, ids(last), a.Remove)
		a.Add = nil
		last, err = c.AdjustTickets(t.Context(), o.Key(), a)
		require.NoError(t, err)
		assert.False(t, last.Missing.Any())
		assert.Len(t, last.Tickets, 3)
		assert.NotContains(t, ids(last), a.Remove[0])
	})
}

// The state that random is asked for never gives back what is still held.
func TestAdjustTicketsPlan(t *testing.T) {
	t.Parallel()
	held := listText(orderText("a", "executed", [2]string{"f1", "fan"}, [2]string{"f2", "fan"}, [2]string{"f3", "fan"}, [2]string{"g1", "gallery"}))
	c, requests := answers(t, http.StatusOK, held, `{}`)
	_, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{
		Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}, {Set: "gallery", Count: 2}},
	})
	conformance.Failure(t, err, rutravel.ErrProtocol)
	// The fan zone's surplus is given back only by the list of tickets.
	assert.Equal(t, `{"random":{"fan":3,"gallery":2},"all_or_nothing":true}`, patches(*requests)[0])

	// A seat of a category that random counts would be one too many.
	c, requests = answers(t, http.StatusOK, held)
	o, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{
		Add: []ticketscloud.TicketID{"f1"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}},
	})
	assert.Equal(t, 1, conformance.Failure(t, err, rutravel.ErrInvalid).Attempts)
	assert.ErrorContains(t, err, "Add[0]")
	assert.Len(t, o.Tickets, 4)
	assert.Empty(t, patches(*requests))
}

// An order that cannot be changed any more is told as by ChangeOrder, and that
// it was looked at.
func TestAdjustTicketsTooLate(t *testing.T) {
	t.Parallel()
	for status, kind := range map[ticketscloud.OrderStatus]rutravel.Kind{
		ticketscloud.OrderExpired: rutravel.ErrExpired, ticketscloud.OrderDone: rutravel.ErrConflict, ticketscloud.OrderCancelled: rutravel.ErrConflict,
	} {
		c, _ := answers(t, http.StatusOK, listText(orderText("a", status)))
		o, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{Add: []ticketscloud.TicketID{"t"}})
		e := conformance.Failure(t, err, kind)
		assert.Equal(t, 1, e.Attempts, status)
		assert.Equal(t, "orders.list", e.Op)
		assert.Equal(t, status, o.Status)
	}
}

// Nobody changes an order between the steps of the recipe.
func TestAdjustTicketsHoldsTheOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, rutravel.WithMaxAttempts(1))
		o := hold(t, c, 1)
		fake.SetQuirks(ticketscloudtest.Quirks{ChangeTime: 10 * time.Second})
		start := time.Now()
		done := make(chan error, 1)
		go func() {
			_, err := c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{
				Remove: ids(o), Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 2}},
			})
			done <- err
		}()
		synctest.Wait()
		_, err := c.ChangeOrder(t.Context(), o.Key(), ticketscloud.OrderChange{SendTickets: new(true)})
		require.NoError(t, err)
		require.NoError(t, <-done)
		assert.Equal(t, 30*time.Second, time.Since(start))
		var bodies []string
		for _, r := range fake.Requests() {
			if r.Op == "orders.change" {
				bodies = append(bodies, r.Body)
			}
		}
		require.Len(t, bodies, 3)
		assert.Contains(t, bodies[1], "tickets")
		assert.Contains(t, bodies[2], "send_tickets")
	})
}

// Buyers are a change of the order, too, and one that may be sent again.
func TestMosbiletBuyersAreAChange(t *testing.T) {
	t.Parallel()
	buyers := []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "a", Surname: "b"}}
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, rutravel.WithMaxAttempts(1))
		o := hold(t, c, 1)
		fake.SetQuirks(ticketscloudtest.Quirks{ChangeTime: 10 * time.Second})
		done := make(chan error, 1)
		go func() { done <- c.SetMosbiletBuyers(t.Context(), o.Key(), buyers) }()
		synctest.Wait()
		_, err := c.ChangeOrder(t.Context(), o.Key(), ticketscloud.OrderChange{SendTickets: new(true)})
		require.NoError(t, err)
		require.NoError(t, <-done)
	})
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{http.StatusConflict, http.StatusServiceUnavailable} {
			c, requests := answers(t, status, "")
			require.Error(t, c.SetMosbiletBuyers(t.Context(), ticketscloud.OrderKey{ID: orderID}, buyers))
			assert.Len(t, *requests, 3)
		}
	})
	c, requests := answers(t, http.StatusAccepted, "")
	for _, b := range []ticketscloud.MosbiletBuyer{{FirstName: "a", Surname: "b"}, {UserID: "1", Surname: "b"}, {UserID: "1", FirstName: "a"}} {
		conformance.Failure(t, c.SetMosbiletBuyers(t.Context(), ticketscloud.OrderKey{ID: orderID}, []ticketscloud.MosbiletBuyer{b}), rutravel.ErrInvalid)
	}
	assert.Empty(t, *requests)
}

// Only as many tickets without a category as there are may be of one that is
// missing.
func TestMissingWithoutCategories(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusOK, dataText(orderText("a", "executed", [2]string{"t", ""}, [2]string{"u", ""}, [2]string{"v", "x"})))
	o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.OrderChange{
		Random: []ticketscloud.SetCount{{Set: "x", Count: 2}, {Set: "y", Count: 3}, {Set: "z"}},
	})
	require.NoError(t, err)
	assert.Equal(t, []ticketscloud.SetCount{{Set: "y", Count: 2}}, o.Missing.Random)
}

// Codes are worth money, and the distributor's own fields are nobody else's.
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

// Barcodes are waited for while the supplier is out of order, or knows nothing of
// the order yet, and until all of them are there.
func TestWaitForBarcodesGoesOn(t *testing.T) {
	t.Parallel()
	ticket := func(barcode string) string {
		return `{"data":[{"id":"a","status":"done","tickets":[{"id":"t","full":"1.00","barcode":"` + barcode + `"}]}]}`
	}
	key := ticketscloud.OrderKey{ID: "a"}
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, rutravel.WithMaxAttempts(1))
		o := hold(t, c, 1)
		_, err := c.PayOrder(t.Context(), o.Key())
		require.NoError(t, err)
		fake.Inject(
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusBadGateway},
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"20"}}},
			ticketscloudtest.Fault{Op: "orders.list", Drop: true},
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusOK, Body: `{"data":[]}`}, // twice: minutes, and days
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusOK, Body: `{"data":[]}`},
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusOK, Body: `{"data":[{"id":"` + string(o.ID) + `","status":"done","tickets":[]}]}`},
			ticketscloudtest.Fault{Op: "orders.list", Status: http.StatusOK, Body: `{"data":[{"id":"` + string(o.ID) + `","status":"executed","tickets":[{"id":"t","full":"1.00","barcode":"1"}]}]}`},
		)
		start := time.Now()
		done, err := c.WaitForBarcodes(t.Context(), o.Key())
		require.NoError(t, err)
		assert.NotEmpty(t, done.Tickets[0].Barcode)
		assert.Equal(t, 1+20+4+8+16+30, int(time.Since(start)/time.Second))
	})
	for name, test := range map[string]struct {
		status int
		body   string
		seen   ticketscloud.OrderStatus
		words  string
	}{
		"late":      {http.StatusOK, ticket(""), ticketscloud.OrderDone, "has no barcodes yet"},
		"executed":  {http.StatusOK, listText(orderText("a", "executed")), ticketscloud.OrderHeld, "is not paid for yet"},
		"not there": {http.StatusOK, `{"data":[]}`, "", "was not seen"},
		"down":      {http.StatusBadGateway, "", "", "was not seen"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := answers(t, test.status, test.body)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			o, err := c.WaitForBarcodes(ctx, key, rutravel.WithMaxAttempts(1))
			require.ErrorIs(t, err, rutravel.ErrCanceled, name) // and of the kind of what the last look met
			failed, ok := errors.AsType[*rutravel.Error](err)
			require.True(t, ok, name)
			assert.NotZero(t, failed.Attempts, name)
			assert.ErrorContains(t, err, test.words, name)
			assert.Equal(t, test.seen, o.Status, name)
		})
	}
	// Nothing was sent where nobody waited.
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	c, requests := answers(t, http.StatusOK, ticket(""))
	_, err := c.WaitForBarcodes(ended, key)
	assert.Zero(t, conformance.Failure(t, err, rutravel.ErrCanceled).Attempts)
	assert.Empty(t, *requests)
	// What was seen before something else went wrong is returned, too.
	synctest.Test(t, func(t *testing.T) {
		c, _ := answers(t, http.StatusOK, ticket(""), `{"data":"?"}`)
		o, err := c.WaitForBarcodes(t.Context(), key)
		conformance.Failure(t, err, rutravel.ErrProtocol)
		assert.Equal(t, ticketscloud.OrderDone, o.Status)
	})
}
