package ticketscloud_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// TC-T12, TC-T13: times have several notations. A time without a zone is UTC.
func TestTimes(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "orders.list-dates"))
	p, err := c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
	require.NoError(t, err)
	require.Len(t, p.Orders, 12)
	whole := utc(2019, 7, 25, 14, 56, 16, 0)
	for i, o := range p.Orders {
		want := whole
		switch {
		case i == 11:
			want = whole.Add(717000123)
		case i == 10:
			want = whole.Add(700 * time.Millisecond)
		case i >= 7:
			want = whole.Add(717 * time.Millisecond)
		}
		assert.Equal(t, want, o.CreatedAt, i)
		assert.Equal(t, want, o.DoneAt, i)
		assert.Equal(t, want, o.ExpiredAfter, i)
	}
	c, _ = answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "orders.list-dates-empty"))
	p, err = c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
	require.NoError(t, err)
	assert.Zero(t, p.Orders[0].CreatedAt)
	for _, bad := range []string{"yesterday", "2019-07-25", "25.07.2019 14:56:16", "2019-07-25 14:56", "2019-02-30 00:00:00", "2019-07-25 14:56:16 MSK", "2019-07-25T14:56:16+3", "2019-07-25T14:56:16+99:00"} {
		text := strings.Replace(file(t, "orders.create.answer.json"), "2019-07-25 14:56:11", bad, 1)
		c, _ := answers(t, http.StatusOK, text)
		o, err := c.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: eventID})
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, bad)
		assert.ErrorContains(t, err, "expired_after", bad)
		assert.Equal(t, heldID, o.ID, bad)
	}
}

// Not every number is an age.
func TestAges(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{`"18+"`: true, "0": true, "999": true, "1000": false, "-1": false, "1e30": false, "16.5": false, `"old"`: false} {
		c, unread := warned(t, `[{"id":"1","age_rating":`+text+`}]`)
		events, err := c.EventsPage(t.Context(), ticketscloud.EventQuery{})
		require.NoError(t, err, text)
		require.Len(t, events, 1, text)
		if ok {
			assert.Empty(t, unread(), text)
			continue
		}
		assert.Equal(t, []string{"[0].age_rating 1"}, unread(), text)
		assert.Zero(t, events[0].AgeRating, text)
	}
}

// An incomplete offset cannot be read.
func TestOffsets(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"+03:", "+0:300", "+:0300", "+0300:", "+03:0", "+03:000", "+3", "+030", "+2400", "+0060", "+", "Z0", "+03:0:0"} {
		_, ok := ticketscloud.ParseOffset(text)
		assert.False(t, ok, text)
	}
	for text, want := range map[string]time.Duration{
		"": 0, "Z": 0, "+03": 3 * time.Hour, "+0300": 3 * time.Hour, "+03:00": 3 * time.Hour, "-11:30": -11*time.Hour - 30*time.Minute,
		"+23:59": 24*time.Hour - time.Minute, "-2359": time.Minute - 24*time.Hour,
	} {
		east, ok := ticketscloud.ParseOffset(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, east, text)
	}
}
