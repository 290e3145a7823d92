package regionbilet

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// The table of operations has all commands in the manual's table of contents and no other.
func TestCommands(t *testing.T) {
	t.Parallel()
	manual := []string{
		"from", "to", "trip", "trip_info", "nationality", "type_doc", "trip_free_seats", "booking", "pay",
		"cancel", "status_ticket", "refund", "report_sale", "report_refund", "segment",
	}
	var table []string
	for _, op := range operations {
		command, _, _ := strings.Cut(op.Key, "+")
		table = append(table, command)
	}
	assert.Equal(t, manual, slices.Compact(table))
}

// The timeouts are those in the package comment.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	for op, timeout := range map[int]time.Duration{
		opFrom: 30 * time.Second, opTrip: time.Minute, opBooking: time.Minute, opPay: time.Minute, opCancel: time.Minute,
		opStatusOrder: 30 * time.Second, opRefund: time.Minute, opReportSale: 2 * time.Minute, opReportRefund: 2 * time.Minute,
	} {
		assert.Equal(t, timeout, operations[op].Timeout, operations[op].Key)
	}
}

func TestInvalidConfig(t *testing.T) {
	t.Parallel()
	for field, cfg := range map[string]Config{
		"User":      {SecretKey: "key"},
		"SecretKey": {User: "user"},
		"BaseURL":   {User: "user", SecretKey: "key", BaseURL: "http://regionbilet.ru/apicrm/api_v2"},
	} {
		_, err := New(cfg)
		require.ErrorIs(t, err, rutravel.ErrInvalid, field)
		assert.ErrorContains(t, err, field)
	}
	_, err := New(Config{User: "user", SecretKey: "[secret]"})
	require.ErrorIs(t, err, rutravel.ErrInvalid, "the placeholder of a Config that was stored and read back")
}

// The zero Client panics, as its documentation says.
func TestZeroClient(t *testing.T) {
	t.Parallel()
	assert.Panics(t, func() { _, _ = new(Client).Departures(t.Context()) })
}
