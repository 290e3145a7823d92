package ticketscloud_test

import (
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
)

// TC-T29, TC-T30, TC-T31: sums and times of refund requests.
func TestAwkwardRefunds(t *testing.T) {
	t.Parallel()
	for name, amount := range map[string]string{
		"delta-only": "1000.00", "no-delta": "1000.00", "delta-differs": "950.00", "money-numbers": "1000", "dates-null": "1000.00",
		"status-unknown": "1000.00", "status-in-progress": "1000.00", "refs-empty": "1000.00", "refs-empty-array": "1000.00", "refs-maps-empty": "1000.00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "refunds.create-"+name))
			f, err := c.CreateRefund(t.Context(), ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{"5dd5469b05fe4df8940eb613"}})
			if name == "status-unknown" { // the culprit differs from the request's
				assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, name)
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
		})
	}
	text := strings.NewReplacer(`"refund_nominal": "1000.00",`, "", `"delta": "1000.00",`, "").Replace(file(t, "refunds.create.answer.json"))
	c, _ := answers(t, http.StatusOK, text)
	assert.ErrorIs(t, createRefund(t, c), rutravel.ErrNotConfirmed, "a refund without a sum")
}

// TC-T31, TC-T32: requests that the manual does not allow are refused before they are sent.
func TestInvalidRefunds(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `{}`)
	order, tickets := ticketscloud.OrderKey{ID: soldID}, []ticketscloud.TicketID{ticketA}
	for name, test := range map[string]struct {
		refund         ticketscloud.NewRefund
		field, problem string
	}{
		"no order":           {ticketscloud.NewRefund{Culprit: ticketscloud.CulpritUser, Tickets: tickets}, "Order.ID", "must not be empty"},
		"two events":         {ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: soldID, Event: "a,b"}, Culprit: ticketscloud.CulpritUser, Tickets: tickets}, "Order.Event", "must not contain a comma"},
		"no culprit":         {ticketscloud.NewRefund{Order: order, Tickets: tickets}, "Culprit", "must be CulpritUser or CulpritOrg"},
		"core":               {ticketscloud.NewRefund{Order: order, Culprit: "core", Tickets: tickets}, "Culprit", "must be CulpritUser or CulpritOrg"},
		"no tickets":         {ticketscloud.NewRefund{Order: order, Culprit: ticketscloud.CulpritOrg}, "Tickets", "must not be empty"},
		"an empty ticket":    {ticketscloud.NewRefund{Order: order, Culprit: ticketscloud.CulpritOrg, Tickets: []ticketscloud.TicketID{""}}, "Tickets[0]", "must not be empty"},
		"a ticket twice":     {ticketscloud.NewRefund{Order: order, Culprit: ticketscloud.CulpritOrg, Tickets: []ticketscloud.TicketID{ticketA, ticketA}}, "Tickets[1]", "must not be given twice"},
		"a year of 5 digits": {ticketscloud.NewRefund{Order: order, Culprit: ticketscloud.CulpritOrg, Tickets: tickets, RequestedAt: utc(12000, 1, 1, 0, 0, 0, 0)}, "RequestedAt", "must be in the years 1 to 9999"},
	} {
		_, err := c.CreateRefund(t.Context(), test.refund)
		assertInvalid(t, err, test.field, test.problem, name)
	}
	for name, test := range map[string]struct {
		query          ticketscloud.RefundQuery
		field, problem string
	}{
		"size":        {ticketscloud.RefundQuery{PageSize: 201}, "PageSize", "must not be more than 200"},
		"created":     {ticketscloud.RefundQuery{CreatedAt: ticketscloud.Period{From: time.Now()}}, "CreatedAt.To", "must be set"},
		"finished":    {ticketscloud.RefundQuery{FinishedAt: ticketscloud.Period{To: time.Now()}}, "FinishedAt.From", "must be set"},
		"an event":    {ticketscloud.RefundQuery{Events: []ticketscloud.EventID{"a", "b,c"}}, "Events[1]", "must not contain a comma"},
		"a status":    {ticketscloud.RefundQuery{Status: []ticketscloud.RefundStatus{""}}, "Status[0]", "must not be empty"},
		"backwards":   {ticketscloud.RefundQuery{FinishedAt: ticketscloud.Period{From: utc(2019, 1, 2, 0, 0, 0, 0), To: utc(2019, 1, 1, 0, 0, 0, 0)}}, "FinishedAt.To", "must not be before From"},
		"page before": {ticketscloud.RefundQuery{Page: -1}, "Page", "must not be negative"},
	} {
		_, err := c.RefundsPage(t.Context(), test.query)
		assertInvalid(t, err, test.field, test.problem, name)
		_, err = rutravel.Collect(c.Refunds(t.Context(), test.query))
		assertInvalid(t, err, test.field, test.problem, name)
	}
	assert.Empty(t, *requests)
}

// An answer with another status than the requested one is not a success.
func TestDecisionContradicts(t *testing.T) {
	t.Parallel()
	text := file(t, "refunds.approve.answer.json")
	for _, status := range []string{"new", "in_progress", "rejected", "odd"} {
		c, _ := answers(t, http.StatusOK, strings.Replace(text, `"status": "approved"`, `"status": "`+status+`"`, 1))
		f, err := c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, status)
		assert.Equal(t, ticketscloud.RefundStatus(status), f.Status)
	}
	c, _ := answers(t, http.StatusOK, text)
	f, err := c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: "another"})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Zero(t, f)
	c, _ = answers(t, http.StatusOK, `{"data":[{"id":"r","status":"approved","delta":"1"},{"id":"s","status":"approved","delta":"1"}]}`)
	f, err = c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: "r"})
	assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	assert.Zero(t, f)
}

// A refund request for another order is not returned. One for other tickets or with
// another culprit is not a success.
func TestCreatedRefundContradicts(t *testing.T) {
	t.Parallel()
	text := file(t, "refunds.create.answer.json")
	c, _ := answers(t, http.StatusOK, text, strings.Replace(text, `"refund_nominal"`, `"nominal"`, 1))
	for _, answer := range []string{"whole", "unreadable"} {
		f, err := c.CreateRefund(t.Context(), ticketscloud.NewRefund{
			Order: ticketscloud.OrderKey{ID: "another"}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{ticketA},
		})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, answer)
		assert.Zero(t, f, answer)
	}
	n := ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{"5dd5469b05fe4df8940eb613"}}
	c, _ = answers(t, http.StatusOK, text)
	_, err := c.CreateRefund(t.Context(), n)
	require.NoError(t, err)
	for name, bad := range map[string]ticketscloud.NewRefund{
		"data.tickets": {Order: n.Order, Culprit: n.Culprit, Tickets: append(n.Tickets, ticketA)},
		"data.ticket":  {Order: n.Order, Culprit: n.Culprit, Tickets: []ticketscloud.TicketID{ticketA}},
		"data.culprit": {Order: n.Order, Culprit: ticketscloud.CulpritOrg, Tickets: n.Tickets},
	} {
		f, err := c.CreateRefund(t.Context(), bad)
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, name)
		assert.ErrorContains(t, err, name)
		assert.Equal(t, refundID, f.ID, "%s: the refund request exists, and the caller needs its id", name)
	}
}

// TC-T56: a lost refund request was created between two minutes before the call and ten
// minutes after it, whatever the zone of the supplier's filter and the supplier's clock. A
// refund request without a time may be any.
func TestLostRefundsPeriod(t *testing.T) {
	t.Parallel()
	sent := utc(2019, 7, 25, 14, 0, 0, 0)
	const rest = `"status":"new","delta":"1","order":"a"`
	found := func(t *testing.T, c *ticketscloud.Client) (ids []string) {
		t.Helper()
		list, err := c.LostRefunds(t.Context(), ticketscloud.OrderKey{ID: "a", Event: eventID}, sent)
		require.NoError(t, err)
		for _, f := range list {
			ids = append(ids, string(f.ID))
		}
		return ids
	}
	for name, test := range periods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := dated(t, test.ahead, createdAt(rest, created(test.times)...), `{"data":[]}`)
				assert.Equal(t, test.want, found(t, c))
			})
		})
	}
	c, requests := answers(t, http.StatusOK,
		createdAt(rest, created([]string{"13:42:59", "13:43:00", "14:25:00", "14:25:01"})...), `{"data":[]}`)
	assert.Equal(t, []string{"1", "2", "4"}, found(t, c))
	assert.Equal(t, "/v2/resources/refund_requests?created_at=2019-07-24T14:00:00%2C2019-07-26T14:00:00&events="+string(eventID)+"&page=1&page_size=200", (*requests)[0].uri)
}

// A refund request that is rejected at once is not a success.
func TestRejectedAtOnce(t *testing.T) {
	t.Parallel()
	text := strings.Replace(file(t, "refunds.create.answer.json"), `"status": "new"`, `"status": "rejected"`, 1)
	require.NotEqual(t, file(t, "refunds.create.answer.json"), text)
	c, _ := answers(t, http.StatusOK, text)
	f, err := c.CreateRefund(t.Context(), ticketscloud.NewRefund{
		Order: ticketscloud.OrderKey{ID: soldID}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{"5dd5469b05fe4df8940eb613"},
	})
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.ErrorContains(t, err, "data.status: rejected")
	assert.Equal(t, ticketscloud.RefundRejected, f.Status)
}

// The old name of a sum is read only if the new one is missing.
func TestUnreadableSums(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"refund_nominal":"7.00","delta":"?"`:     "7",
		`"refund_nominal":"7.00"`:                 "7",
		`"delta":"7.00"`:                          "7",
		`"delta":"?"`:                             "",
		`"refund_nominal":"?","delta":"7.00"`:     "",
		`"refund_nominal":"-7.00","delta":"7.00"`: "",
	} {
		c, _ := answers(t, http.StatusOK, listText(`{"id":"r","status":"new",`+text+`}`))
		p, err := c.RefundsPage(t.Context(), ticketscloud.RefundQuery{})
		if want == "" {
			conformance.Failure(t, err, rutravel.ErrProtocol)
			assert.Empty(t, p.Refunds, text)
			continue
		}
		require.NoError(t, err, text)
		require.Len(t, p.Refunds, 1, text)
		assert.Equal(t, want, p.Refunds[0].Amount.String(), text)
	}
}
