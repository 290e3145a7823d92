package ticketscloud_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// For a change of an order, any 409 is a refusal. For other operations, a 409 is a refusal
// only in the documented shape.
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

// A problem next to an order is a refusal if it is not about promocodes.
func TestProblemsNextToAnOrder(t *testing.T) {
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
		t.Run(problem, func(t *testing.T) {
			t.Parallel()
			c, _ := answers(t, http.StatusOK, beside(problem))
			o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: heldID}, ticketscloud.OrderChange{SendTickets: new(true)})
			created, lost := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
			if kind == "" {
				require.NoError(t, err, problem)
				require.NoError(t, lost, problem)
				assert.Len(t, o.Problems, 1)
				assert.Len(t, created.Problems, 1)
				return
			}
			conformance.Failure(t, err, kind)
			conformance.Failure(t, lost, rutravel.ErrNotConfirmed)
			assert.Equal(t, heldID, created.ID, problem)
		})
	}
}

// TC-T18, TC-T19: problems of promocodes come with a good order.
func TestPromocodeProblems(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]ticketscloud.Problems{
		"not-found":    {{Code: ticketscloud.CodePromocodeNotFound, Message: "Promocode not found"}},
		"already-used": {{Code: ticketscloud.CodePromocodeAlreadyUsed, Message: "Promocode already used"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "error-200-promocodes-"+name))
			o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: namedID}, ticketscloud.OrderChange{Promocodes: []string{"PROMO100"}})
			require.NoError(t, err, name)
			assert.Equal(t, namedID, o.ID)
			assert.Equal(t, want, o.Problems, name)
		})
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

	// A value that is not a list of errors is not a problem of promocodes.
	text := file(t, "orders.change+promocodes.answer.json")
	for extra, open := range map[string]bool{`"error":"HTTPTimeout",`: true, `"error":"x","reason":"y",`: true, `"message":"OK",`: false} {
		t.Run(extra, func(t *testing.T) {
			t.Parallel()
			c, _ := answers(t, http.StatusOK, strings.Replace(text, "{", "{"+extra, 1))
			o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: namedID}, ticketscloud.OrderChange{Promocodes: []string{"PROMO100"}})
			assert.Equal(t, open, errors.Is(err, rutravel.ErrNotConfirmed), extra)
			assert.Equal(t, namedID, o.ID)
		})
	}

	// Errors without an order are a refusal.
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
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, requests := answers(t, test.status, conformance.Awkward(t, "ticketscloud", test.name))
			key := ticketscloud.OrderKey{ID: orderID}
			if strings.Contains(test.words, string(soldID)) {
				key.ID = soldID
			}
			_, err := c.PayOrder(t.Context(), key)
			e := conformance.Failure(t, err, test.kind)
			assert.Equal(t, test.code, e.Code, test.name)
			assert.Equal(t, test.words, e.Message, test.name)
			assert.Len(t, *requests, 1, test.name)
		})
	}
	// A refusal with a code has the code in its chain. A message is a refusal if there is no
	// data, or if the status is a refusal.
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
	// An undocumented answer may be a gateway's. For a safe call it is a refusal; for an
	// unsafe call the outcome is unknown.
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

// TC-T52, TC-T53: all texts of the manual's tables are refusals, except two texts for a
// refund request that exists nevertheless.
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
		require.NotEmpty(t, table.Errors, name)
		for _, text := range table.Errors {
			c, requests := answers(t, http.StatusBadRequest, `{"errors":[`+quote(t, text)+`]}`)
			err := call(c)
			e, ok := errors.AsType[*rutravel.Error](err)
			require.True(t, ok, text)
			open := name == "refunds.create" && (text == "Unexpected situation" || strings.HasPrefix(text, "RefundRequest in wrong status"))
			assert.Equal(t, open, e.Kind == rutravel.ErrNotConfirmed, text)
			assert.Equal(t, text, e.Message, name)
			assert.NotEqual(t, rutravel.ErrProtocol, e.Kind, text)
			assert.Len(t, *requests, 1, text)
		}
	}
}

// The manual writes its texts in several ways, so only their beginnings count.
func TestUnsettledRefund(t *testing.T) {
	t.Parallel()
	text := `{"errors":["RefundRequest in wrong status rejected for create of refund payments."]}`
	c, _ := answers(t, http.StatusBadRequest, text)
	conformance.Failure(t, createRefund(t, c), rutravel.ErrNotConfirmed)
	_, err := c.ApproveRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
	conformance.Failure(t, err, rutravel.ErrConflict)
}

// Each problem of a list can be read and matched by its code.
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

	// Personal data of the request does not appear in problems either.
	c, _ = answers(t, http.StatusBadRequest, `{"errors":["bad email hello@world.ru","bad name Ivan Ivanov"]}`)
	_, err = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, ticketscloud.OrderChange{Customer: ticketscloud.Customer{Email: "hello@world.ru", Name: "Ivan Ivanov"}})
	problems, ok = errors.AsType[ticketscloud.Problems](err)
	require.True(t, ok)
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, problems, err), "hello@world.ru")
	assert.Equal(t, "bad name […]", problems[1].Message)
}

// An order next to a refusal contradicts it, so the outcome is unknown.
func TestRefusalNextToAnOrder(t *testing.T) {
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

// A refusal that names another object than the request says nothing about the request.
func TestRefusalOfAnother(t *testing.T) {
	t.Parallel()
	const other = "5e00000000000000000000ff"
	for words, kind := range map[string]rutravel.Kind{
		"Order " + string(orderID) + " not found":                rutravel.ErrNotFound,
		"Order " + other + " not found":                          rutravel.ErrNotConfirmed,
		"Order " + string(orderID) + " is not cancellable":       rutravel.ErrConflict,
		"Order " + other + " is not cancellable":                 rutravel.ErrNotConfirmed,
		"wrong order (id: " + string(orderID) + ") status: done": rutravel.ErrConflict,
		"wrong order (id: " + other + ") status: done":           rutravel.ErrNotConfirmed,
		"Event " + other + " not found":                          rutravel.ErrNotConfirmed,
		"Order <order_id> is not cancellable":                    rutravel.ErrConflict,
	} {
		c, _ := answers(t, http.StatusBadRequest, `{"errors":[`+quote(t, words)+`]}`)
		_, err := c.CancelOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
		assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind, words)
	}
	for words, kind := range map[string]rutravel.Kind{
		"Cant reject refund request " + string(refundID) + ", one of payments in status done": rutravel.ErrConflict,
		"Cant reject refund request " + other + ", one of payments in status in_progress":     rutravel.ErrNotConfirmed,
		"Failed to reject refund request " + string(refundID):                                 rutravel.ErrConflict,
		"Failed to reject refund request " + other:                                            rutravel.ErrNotConfirmed,
	} {
		c, _ := answers(t, http.StatusBadRequest, `{"errors":[`+quote(t, words)+`]}`)
		_, err := c.RejectRefund(t.Context(), ticketscloud.RefundKey{ID: refundID})
		assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind, words)
	}
}

// The manual does not say how the supplier asks for Mosbilet's buyers. The error of a
// payment that is refused with an unknown text names the call that may be missing.
func TestMosbiletHint(t *testing.T) {
	t.Parallel()
	for words, hint := range map[string]bool{
		`{"errors":["user data is required"]}`: true, `{"error":"HTTPBadRequest","reason":"user data is required"}`: true,
		`{"errors":["a","b"]}`: true, `{"errors":["there is no tickets in order"]}`: false, `{"errors":["Not enough money"]}`: false,
		`{"errors":["Incorrect status done for this operation"]}`: false,
	} {
		c, _ := answers(t, http.StatusBadRequest, words)
		_, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
		assert.Equal(t, hint, strings.Contains(err.Error(), "Client.SetMosbiletBuyers"), "%v", err)
		_, err = c.CancelOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
		assert.NotContains(t, err.Error(), "Mosbilet")
	}
	c, _ := answers(t, http.StatusBadRequest, `{"errors":[{"code":"x","msg":"y"}]}`)
	_, err := c.PayOrder(t.Context(), ticketscloud.OrderKey{ID: orderID})
	assert.ErrorIs(t, err, ticketscloud.Code("x"), "the chain also has the problems")
}
