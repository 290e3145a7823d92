package shop_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/examples/backend/shop"
)

func roubles(n int64) shop.Money { return shop.Rubles(decimal.NewFromInt(n)) }

// paid returns a paid order of two tickets.
func paid() shop.Order {
	return shop.Order{ID: "a", State: shop.Paid, Total: roubles(900), Lines: []shop.Line{
		{Price: roubles(500), State: shop.Issued}, {Price: roubles(400), State: shop.Issued},
	}}
}

// A ticket that needs a person goes on to need one after another ticket of the order has
// been given back.
func TestTwoRefunds(t *testing.T) {
	t.Parallel()
	o, now := paid(), time.Now()
	require.NoError(t, o.StartRefund(0, shop.RefundQuote{}, now))
	first := o.Pending()[0]
	o.Settle(first, shop.Settlement{Outcome: rutravel.OutcomeUndecidable}, now)
	assert.Empty(t, o.Due())
	require.NoError(t, o.StartRefund(1, shop.RefundQuote{}, now))
	require.Len(t, o.Due(), 1, "the second ticket needs no person")
	o.Settle(o.Due()[0], shop.Settlement{Outcome: rutravel.OutcomeDone, Result: shop.Result{Back: roubles(400)}}, now)
	assert.True(t, o.Human)
	assert.Equal(t, []shop.Step{first}, o.Cases)
	entries := o.Settle(first, shop.Settlement{Outcome: rutravel.OutcomeDone, Result: shop.Result{Back: roubles(450)}}, now)
	require.Len(t, entries, 1)
	assert.Equal(t, "-450", entries[0].Money.Amount.String())
	assert.False(t, o.Human)
	assert.Equal(t, shop.Refunded, o.State)
}

// A refund is never more than what was paid, and never a payment.
func TestRefundLimits(t *testing.T) {
	t.Parallel()
	for back, want := range map[int64]string{900: "-500", -100: "0", 300: "-300"} {
		o, now := paid(), time.Now()
		require.NoError(t, o.StartRefund(0, shop.RefundQuote{Back: roubles(back)}, now))
		entries := o.Settle(o.Pending()[0], shop.Settlement{Outcome: rutravel.OutcomeDone}, now)
		require.Len(t, entries, 1)
		assert.Equal(t, want, entries[0].Money.Amount.String())
	}
}
