package ticketscloud_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// TC-T25: only the caller chooses between POST and GET, so that no mail is sent twice.
// TC-T26: an answer with a body is not a success.
func TestExport(t *testing.T) {
	t.Parallel()
	for _, status := range []int{404, 405, 501} {
		c, requests := answers(t, status, "")
		err := c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru"})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, status)
		assert.Len(t, *requests, 1, status)
		assert.NotContains(t, err.Error(), "a@b.ru", status)
	}
	c, requests := answers(t, http.StatusOK, "")
	require.NoError(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru", ByGet: true, OnlyWithCustomer: true, Events: []ticketscloud.EventID{"e", "f"}}))
	assert.Equal(t, sent{"GET", "/v2/resources/orders/export?events=e%2Cf&only_with_customer=true&email=a%40b.ru", ""}, (*requests)[0])
	require.NoError(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru", OnlyWithCustomer: true, Events: []ticketscloud.EventID{"e", "f"}}))
	assert.Equal(t, `{"email":"a@b.ru","events":["e","f"],"only_with_customer":true}`, (*requests)[1].body)
	c, _ = answers(t, http.StatusOK, "<html>Sign in</html>")
	assert.ErrorIs(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru"}), rutravel.ErrNotConfirmed)
}

// An export without an address or with an invalid list is not sent.
func TestInvalidExports(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, "")
	for _, byGet := range []bool{false, true} {
		name := fmt.Sprintf("by GET: %t", byGet)
		assertInvalid(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{ByGet: byGet}), "Email", "must not be empty", name)
		assertInvalid(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{
			ByGet: byGet, Email: "a@b.ru", Events: []ticketscloud.EventID{"a,b"},
		}), "Events[0]", "must not contain a comma", name)
		assertInvalid(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{
			ByGet: byGet, Email: "a@b.ru", CreatedAt: ticketscloud.Period{From: utc(2019, 1, 1, 0, 0, 0, 0)},
		}), "CreatedAt.To", "must be set", name)
	}
	assert.Empty(t, *requests)
}

// Only HTTP 200 without a body is a success. An answer in the documented shape of errors is
// a refusal. After any other answer it is unknown whether a mail was sent.
func TestExportAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		kind   rutravel.Kind
	}{
		"accepted":     {http.StatusAccepted, "", rutravel.ErrNotConfirmed},
		"no content":   {http.StatusNoContent, "", rutravel.ErrNotConfirmed},
		"an object":    {http.StatusOK, "{}", rutravel.ErrNotConfirmed},
		"refused":      {http.StatusBadRequest, `{"errors":["email is required"]}`, rutravel.ErrRejected},
		"data":         {http.StatusBadRequest, `{"data":{}}`, rutravel.ErrNotConfirmed},
		"empty object": {http.StatusBadRequest, `{}`, rutravel.ErrNotConfirmed},
	} {
		c, _ := answers(t, test.status, test.body)
		assert.ErrorIs(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru"}), test.kind, name)
	}
	c, _ := answers(t, http.StatusOK, " \n")
	assert.NoError(t, c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: "a@b.ru"}))
}
