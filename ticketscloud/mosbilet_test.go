package ticketscloud_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// SetMosbiletBuyers is a change of the order and can be sent again.
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
			require.Error(t, c.SetMosbiletBuyers(t.Context(), ticketscloud.OrderKey{ID: orderID}, buyers), status)
			assert.Len(t, *requests, 3, status)
		}
	})
	c, requests := answers(t, http.StatusAccepted, "")
	for name, test := range map[string]struct {
		buyers         []ticketscloud.MosbiletBuyer
		field, problem string
	}{
		"nobody":            {nil, "buyers", "must not be empty"},
		"no user":           {[]ticketscloud.MosbiletBuyer{{FirstName: "a", Surname: "b"}}, "buyers[0].UserID", "must not be empty"},
		"no first name":     {[]ticketscloud.MosbiletBuyer{{UserID: "1", Surname: "b"}}, "buyers[0].FirstName", "must not be empty"},
		"no surname":        {[]ticketscloud.MosbiletBuyer{buyers[0], {UserID: "1", FirstName: "a"}}, "buyers[1].Surname", "must not be empty"},
		"two lines of name": {[]ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "a", Surname: "b", MiddleName: "c\n"}}, "buyers[0].MiddleName", "must not contain control characters"},
		"a ticket":          {[]ticketscloud.MosbiletBuyer{{Ticket: "a b", UserID: "1", FirstName: "a", Surname: "b"}}, "buyers[0].Ticket", "must not contain spaces or control characters"},
	} {
		assertInvalid(t, c.SetMosbiletBuyers(t.Context(), ticketscloud.OrderKey{ID: orderID}, test.buyers), test.field, test.problem, name)
	}
	assert.Empty(t, *requests)
}

// Spaces around personal data are not sent.
func TestTrimmedTexts(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `{}`)
	_ = c.SetMosbiletBuyers(t.Context(), ticketscloud.OrderKey{ID: orderID}, []ticketscloud.MosbiletBuyer{{UserID: " 1", FirstName: "Анна ", Surname: "\u00a0Ли", MiddleName: " Б "}})
	_, _ = c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: orderID}, ticketscloud.OrderChange{
		Customer: ticketscloud.Customer{Name: " Анна Ли ", Email: "a@b.example ", Phone: " +7 900"},
	})
	_ = c.ExportOrders(t.Context(), ticketscloud.OrderExport{Email: " a@b.example"})
	require.Len(t, *requests, 3)
	assert.Contains(t, (*requests)[0].body, `{"user_id":"1","name":"Анна","surname":"Ли","middle_name":"Б"}`)
	assert.Contains(t, (*requests)[1].body, `{"email":"a@b.example","name":"Анна Ли","phone":"+7 900"}`)
	assert.Contains(t, (*requests)[2].body, `"email":"a@b.example"`)
}
