package ticketscloud_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// TC-T45, TC-T46: the terms of promocodes in the shapes that the manual does not exclude.
func TestAwkwardPromocodes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]ticketscloud.PromocodeTerms{
		"max": {
			Discount: ticketscloud.Discount{Percent: conformance.NullDec("12.5")}, Finish: utc(2019, 11, 30, 20, 59, 0, 0), MinTickets: 2, MaxTickets: 5,
		},
		"arrays":  {Discount: ticketscloud.Discount{Amount: conformance.NullDec("100.00")}},
		"nulls":   {Discount: ticketscloud.Discount{Amount: conformance.NullDec("100.00")}},
		"numbers": {Discount: ticketscloud.Discount{Percent: conformance.NullDec("25")}, MinTickets: 2, MaxTickets: 5},
	} {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "promocodes.check-"+name))
		terms, err := c.CheckPromocode(t.Context(), eventID, "code")
		require.NoError(t, err, name)
		assert.Equal(t, want, terms, name)
	}
	// The manual says that exactly one of percentage and fix is set.
	for _, name := range []string{"both", "discount-empty"} {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "promocodes.check-"+name))
		_, err := c.CheckPromocode(t.Context(), eventID, "code")
		assert.ErrorIs(t, err, rutravel.ErrProtocol, name)
		assert.ErrorContains(t, err, "data.discount: want either percentage or fix", name)
	}
}

// Terms that cannot be read do not count as terms without limits.
func TestUnreadableTerms(t *testing.T) {
	t.Parallel()
	for _, terms := range []string{
		`"discount":{"percentage":"-5%"}`, `"discount":{"percentage":"150%"}`, `"discount":{"fix":"-1.00"}`, `"discount":{"fix":"1"},"sets":[{}]`,
		`"discount":{"fix":"1"},"lifetime":{"finish":"soon"}`, `"discount":{"fix":"1"},"tickets_count":{"max":"?"}`,
	} {
		c, _ := answers(t, http.StatusOK, `{"data":{`+terms+`}}`)
		_, err := c.CheckPromocode(t.Context(), eventID, "code")
		assert.ErrorIs(t, err, rutravel.ErrProtocol, terms)
	}
}

// A check without an event or a code is not sent.
func TestInvalidPromocodeChecks(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `{}`)
	_, err := c.CheckPromocode(t.Context(), eventID, "")
	assertInvalid(t, err, "code", "must not be empty", "no code")
	_, err = c.CheckPromocode(t.Context(), "", "a")
	assertInvalid(t, err, "event", "must not be empty", "no event")
	assert.Empty(t, *requests)
}
