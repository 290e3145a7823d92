package rutravel_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
)

// Dashboards and clients of a backend depend on these.
func TestKindSlugs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind   rutravel.Kind
		slug   string
		status int
		party  rutravel.Party
	}{
		{rutravel.ErrInvalid, "invalid", 422, rutravel.PartyUser},
		{rutravel.ErrAuth, "auth", 502, rutravel.PartyOperator},
		{rutravel.ErrForbidden, "forbidden", 502, rutravel.PartyOperator},
		{rutravel.ErrNotFound, "not_found", 404, rutravel.PartyUser},
		{rutravel.ErrSoldOut, "sold_out", 409, rutravel.PartyUser},
		{rutravel.ErrExpired, "expired", 410, rutravel.PartyUser},
		{rutravel.ErrConflict, "conflict", 409, rutravel.PartyUser},
		{rutravel.ErrFunds, "funds", 503, rutravel.PartyOperator},
		{rutravel.ErrRejected, "rejected", 422, rutravel.PartySupplier},
		{rutravel.ErrRateLimited, "rate_limited", 503, rutravel.PartyOperator},
		{rutravel.ErrUnavailable, "unavailable", 503, rutravel.PartySupplier},
		{rutravel.ErrCanceled, "canceled", 504, rutravel.PartyUser},
		{rutravel.ErrProtocol, "protocol", 502, rutravel.PartySupplier},
		{rutravel.ErrNotConfirmed, "not_confirmed", 202, rutravel.PartySupplier},
		{"something else", "unknown", 500, rutravel.PartySupplier},
	} {
		assert.Equal(t, test.slug, test.kind.Slug())
		assert.Equal(t, test.status, test.kind.HTTPStatus(), test.slug)
		assert.Equal(t, test.party, test.kind.Party(), test.slug)
	}
	for _, kind := range kinds {
		assert.NotEqual(t, "unknown", kind.Slug(), "%s", kind)
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("shop: %w", &rutravel.Error{Kind: rutravel.ErrSoldOut})
	assert.Equal(t, rutravel.ErrSoldOut, rutravel.KindOf(err))
	assert.Empty(t, rutravel.KindOf(errors.New("other")))
	assert.Empty(t, rutravel.KindOf(nil))
}
