package ticketscloud_test

import (
	"net/http"
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

// AdjustTickets follows the manual's recipe: the order keeps its other tickets.
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

		// Add a ticket without a seat and remove a seat: the other seat stays.
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{
			Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 3}}, Remove: []ticketscloud.TicketID{free[0].ID},
		})
		require.NoError(t, err)
		assert.False(t, o.Missing.Any())
		assert.Subset(t, held(o), append(first, free[1].ID))
		assert.NotContains(t, held(o), free[0].ID)
		assert.Len(t, o.Tickets, 4)

		// The same call again changes nothing. It only reads the order.
		before := len(fake.Requests())
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 3}}})
		require.NoError(t, err)
		assert.Len(t, fake.Requests(), before+1)
		assert.Len(t, o.Tickets, 4)

		// Reduce the number of tickets without seats to zero.
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone}}})
		require.NoError(t, err)
		assert.Equal(t, []ticketscloud.TicketID{free[1].ID}, held(o))

		// Random exchanges a seat: AdjustTickets requests the old one again.
		fake.SetQuirks(ticketscloudtest.Quirks{Reseat: true})
		o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 1}}})
		require.NoError(t, err)
		assert.False(t, o.Missing.Any())
		assert.Contains(t, held(o), free[1].ID)
		assert.Len(t, o.Tickets, 2)

		// A seat that is taken is missing, and the order keeps its tickets.
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

		// Remove all.
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

// TC-T17: a ticket's category is not documented. Without it random would release tickets
// that the order holds, so nothing is sent.
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

// After a lost answer in the middle of the recipe, the same call again succeeds.
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

// patches returns the bodies of the changes of orders.
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

// If random cannot reserve enough tickets, nothing else is changed.
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
		"the ticket to remove is counted": {
			ticketscloud.Adjustment{Remove: []ticketscloud.TicketID{"f1"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}}},
			[]string{held, dataText(orderText("a", "executed", before...))},
			[]string{`{"random":{"fan":2,"seats":1},"all_or_nothing":true}`},
			ticketscloud.Missing{Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}}}, "",
		},
		"the ticket to remove is drawn": {
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

// If tickets cannot be reserved, those that random has reserved stay, and nothing is
// released. The same call without the missing tickets continues from there.
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

// The state that AdjustTickets sends with random never releases a ticket that is held.
func TestAdjustTicketsPlan(t *testing.T) {
	t.Parallel()
	held := listText(orderText("a", "executed", [2]string{"f1", "fan"}, [2]string{"f2", "fan"}, [2]string{"f3", "fan"}, [2]string{"g1", "gallery"}))
	c, requests := answers(t, http.StatusOK, held, `{}`)
	_, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{
		Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}, {Set: "gallery", Count: 2}},
	})
	conformance.Failure(t, err, rutravel.ErrProtocol)
	// Only the list of tickets releases the surplus of the fan zone.
	assert.Equal(t, `{"random":{"fan":3,"gallery":2},"all_or_nothing":true}`, patches(*requests)[0])

	// If a seat of a category in Random is added, the order would get one ticket too many.
	c, requests = answers(t, http.StatusOK, held)
	o, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{
		Add: []ticketscloud.TicketID{"f1"}, Random: []ticketscloud.SetCount{{Set: "fan", Count: 1}},
	})
	assert.Equal(t, 1, conformance.Failure(t, err, rutravel.ErrInvalid).Attempts)
	assert.ErrorContains(t, err, "Add[0]")
	assert.Len(t, o.Tickets, 4)
	assert.Empty(t, patches(*requests))
}

// For an order that cannot be changed any more, the error is the one of ChangeOrder after
// one look-up.
func TestAdjustTicketsTooLate(t *testing.T) {
	t.Parallel()
	for status, kind := range map[ticketscloud.OrderStatus]rutravel.Kind{
		ticketscloud.OrderExpired: rutravel.ErrExpired, ticketscloud.OrderDone: rutravel.ErrConflict, ticketscloud.OrderCancelled: rutravel.ErrConflict,
	} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			c, _ := answers(t, http.StatusOK, listText(orderText("a", status)))
			o, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{Add: []ticketscloud.TicketID{"t"}})
			e := conformance.Failure(t, err, kind)
			assert.Equal(t, 1, e.Attempts, status)
			assert.Equal(t, "orders.list", e.Op)
			assert.Equal(t, status, o.Status)
		})
	}
}

// No other change of the order runs between the steps of the recipe.
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

// If random exchanges a ticket that stays, AdjustTickets requests a seat again and keeps
// the new ticket if it has no seat. It keeps only as many new tickets as are wanted.
func TestAdjustTicketsExchanged(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]struct {
		tickets []string
		patches []string
	}{
		"balcony": {[]string{"s1", "f1", "f7"}, []string{`{"tickets":["s1","f1","f7"],"all_or_nothing":true}`}},
		"fan":     {[]string{"s1", "f7", "f8"}, nil},
	} {
		held := [][2]string{{"s1", "seats"}, {"f1", set}}
		var wanted [][2]string
		for _, id := range want.tickets {
			of := set
			if id == "s1" {
				of = "seats"
			}
			wanted = append(wanted, [2]string{id, of})
		}
		c, requests := answers(t, http.StatusOK,
			listText(orderText("a", ticketscloud.OrderHeld, held...)),
			dataText(orderText("a", ticketscloud.OrderHeld, [2]string{"s1", "seats"}, [2]string{"f7", set}, [2]string{"f8", set})),
			dataText(orderText("a", ticketscloud.OrderHeld, wanted...)))
		o, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{
			Random: []ticketscloud.SetCount{{Set: ticketscloud.SetID(set), Count: 2}},
		})
		require.NoError(t, err, set)
		assert.False(t, o.Missing.Any(), set)
		random := `{"random":{"` + set + `":2,"seats":1},"all_or_nothing":true}`
		assert.Equal(t, append([]string{random}, want.patches...), patches(*requests), set)
	}
}

// A supplier whose random exchanges tickets without seats may have sold the old ones. The
// order keeps the tickets of the answer.
func TestAdjustTicketsRedrawn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		o := hold(t, c, 2)
		for _, redraw := range []bool{false, true} {
			fake.SetQuirks(ticketscloudtest.Quirks{Redraw: redraw})
			first, n := ids(o), len(o.Tickets)+1
			var err error
			o, err = c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{
				Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: n}}, Remove: []ticketscloud.TicketID{first[0]},
			})
			require.NoError(t, err)
			assert.False(t, o.Missing.Any())
			assert.Len(t, o.Tickets, n)
			assert.NotContains(t, ids(o), first[0])
			if redraw {
				assert.NotContains(t, ids(o), first[1])
			} else {
				assert.Contains(t, ids(o), first[1])
			}
		}
		// With too few tickets for the request, the order holds as many as before.
		short, err := c.AdjustTickets(t.Context(), o.Key(), ticketscloud.Adjustment{Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 500}}})
		require.NoError(t, err)
		assert.NotEmpty(t, short.Missing.Random)
		assert.Len(t, short.Tickets, len(o.Tickets))
	})
}

// A missing or unreadable list of tickets is not an empty one. Nothing is sent, because
// a ticket that is not named is released.
func TestAdjustTicketsUnknown(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]string{
		"absent":        `{"id":"a","status":"executed"}`,
		"null":          `{"id":"a","status":"executed","tickets":null}`,
		"a text":        `{"id":"a","status":"executed","tickets":""}`,
		"a bad ticket":  `{"id":"a","status":"executed","tickets":[{"id":"t","full":"1.00"},{"full":"1.00"}]}`,
		"a lost letter": `{"id":"a","status":"executed","tickets":[{"id":"t\ufffd","full":"1.00"}]}`,
	} {
		c, requests := answers(t, http.StatusOK, listText(order))
		_, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{Add: []ticketscloud.TicketID{"u"}})
		assert.ErrorIs(t, err, rutravel.ErrProtocol, name)
		assert.Empty(t, patches(*requests), name)
	}
	// Another order that cannot be read does not matter.
	c, requests := answers(t, http.StatusOK, listText(`{"id":"b","status":"executed","tickets":null}`, orderText("a", "executed")),
		dataText(orderText("a", "executed", [2]string{"u", "seats"})))
	_, err := c.AdjustTickets(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.Adjustment{Add: []ticketscloud.TicketID{"u"}})
	require.NoError(t, err)
	assert.Len(t, patches(*requests), 1)
}
