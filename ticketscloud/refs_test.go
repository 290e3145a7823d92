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

// Local returns the local time of the event.
func TestLocalTime(t *testing.T) {
	t.Parallel()
	start := utc(2018, 11, 16, 16, 0, 0, 0)
	e := ticketscloud.Event{Timezone: "Europe/Samara", Start: start}
	local, err := e.Local(e.Start)
	require.NoError(t, err)
	assert.Equal(t, "2018-11-16 20:00", local.Format("2006-01-02 15:04"))
	e = ticketscloud.Event{Venue: ticketscloud.Venue{City: ticketscloud.City{Timezone: "Asia/Yekaterinburg"}}}
	local, err = e.Local(start)
	require.NoError(t, err)
	assert.Equal(t, 21, local.Hour())
	for _, zone := range []string{"Mars/Olympus", "../etc/passwd"} {
		_, err = ticketscloud.Event{Timezone: zone}.Local(start)
		assert.ErrorContains(t, err, "time/tzdata", zone)
	}
	for _, zone := range []string{"", "Local"} {
		_, err = ticketscloud.Event{Timezone: zone}.Local(start)
		assert.ErrorContains(t, err, "not a time zone", zone)
	}
	_, err = ticketscloud.ListedEvent{}.Local(start)
	require.Error(t, err)
	_, err = ticketscloud.Event{Timezone: "Europe/Samara"}.Local(time.Time{})
	assert.ErrorContains(t, err, "not known")
}

// An object of refs that cannot be read matters only to objects that name it.
func TestUnusedRefs(t *testing.T) {
	t.Parallel()
	text := file(t, "orders.change+random.answer.json")
	for _, more := range []string{
		`"partners":{"x":{"id":"y"}`, `"partners":{"x":7`, `"events":{"x":{"id":"x","age_rating":"old"}`, `"events":{"x":{"org":"y"}`,
	} {
		t.Run(more, func(t *testing.T) {
			t.Parallel()
			kind, _, _ := strings.Cut(more, "{")
			bad := strings.Replace(text, strings.Replace(kind, ":", ": ", 1)+"{", more+",", 1)
			require.NotEqual(t, text, bad)
			o, err := changed(t, heldID, bad)
			require.NoError(t, err, more)
			assert.Equal(t, "My best org", o.Org.Name)
			assert.NotEmpty(t, o.Event.Title)
		})
	}
	// An order does not need the description of its event.
	for path, bad := range map[string]string{
		"refs.events.e.age_rating": `{"data":{"id":"a","status":"done","event":"e","tickets":[],"values":{"full":"1"}},"refs":{"events":{"e":{"age_rating":"old","title":{"text":"T"}}}}}`,
		"refs.partners.p.name":     `{"data":{"id":"a","status":"done","event":"e","tickets":[],"values":{"full":"1"}},"refs":{"events":{"e":{"org":"p","title":{"text":"T"}}},"partners":{"p":{"name":[1]}}}}`,
		"refs.partners":            `{"data":{"id":"a","status":"done","event":"e","tickets":[],"values":{"full":"1"}},"refs":{"events":{"e":{"title":{"text":"T"}}},"partners":7}}`,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			c, unread := warned(t, bad)
			o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: "a"}, ticketscloud.OrderChange{SendTickets: new(true)})
			require.NoError(t, err)
			assert.Equal(t, "T", o.Event.Title)
			assert.Equal(t, []string{path + ` ""`}, unread())
		})
	}
	for path, bad := range map[string]string{
		"refs.sets.?.price": `{"data":{"id":"a","status":"done","event":"e","tickets":[{"id":"t","set":"Ivan Ivanov","full":"1"}],"values":{"full":"1"}},"refs":{"events":{"e":{"title":{"text":"T"}}},"sets":{"Ivan Ivanov":{"price":"x"}}}}`,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			o, err := changed(t, "a", bad)
			conformance.Failure(t, err, rutravel.ErrProtocol)
			assert.ErrorContains(t, err, path)
			assert.Equal(t, ticketscloud.EventID("e"), o.Event.ID, "the id is the key of the object")
			assert.Equal(t, "T", o.Event.Title)
			var list ticketscloud.OrderPage
			c, _ := answers(t, http.StatusOK, bad)
			list, err = c.OrdersPage(t.Context(), ticketscloud.OrderQuery{})
			conformance.Failure(t, err, rutravel.ErrProtocol)
			assert.Empty(t, list.Orders)
		})
	}
	// The order and tickets of a refund request need no ids inside refs.
	c, _ := answers(t, http.StatusOK, `{"data":{"id":"r","status":"new","delta":"1","culprit":"user","order":"a","tickets":["t"]},"refs":{
		"orders":{"a":{"status":"done","number":7},"b":{}},"tickets":{"t":{"full":"1.00","serial":"S"},"u":{}}}}`)
	f, err := c.CreateRefund(t.Context(), ticketscloud.NewRefund{Order: ticketscloud.OrderKey{ID: "a"}, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{"t"}})
	require.NoError(t, err)
	assert.Equal(t, 7, f.Order.Number)
	assert.Equal(t, ticketscloud.TicketID("t"), f.Tickets[0].ID)
	assert.Equal(t, "S", f.Tickets[0].Serial)
}

// A partner with an id that differs from its key is not shown under that key.
func TestRefUnderAnotherID(t *testing.T) {
	t.Parallel()
	text := strings.Replace(file(t, "orders.change+random.answer.json"), `"id": "5b04229196c055000d87c2b5"`, `"id": "5b04229196c055000d87c2b6"`, 1)
	c, unread := warned(t, text)
	o, err := c.ChangeOrder(t.Context(), ticketscloud.OrderKey{ID: heldID}, ticketscloud.OrderChange{SendTickets: new(true)})
	require.NoError(t, err)
	assert.Equal(t, []string{`refs.partners.5b04229196c055000d87c2b5.id ""`}, unread())
	assert.Equal(t, heldID, o.ID)
	for _, p := range []ticketscloud.Partner{o.Org, o.Vendor} {
		if p.ID == "5b04229196c055000d87c2b5" {
			assert.Empty(t, p.Name)
		}
	}

	// The category's price is the price of the tickets.
	text = strings.Replace(file(t, "orders.change+random.answer.json"), `"id": "5d31fbfa27649b0dff07611b",
        "name"`, `"id": "5d31fbfa27649b0dff07611c",
        "name"`, 1)
	require.NotEqual(t, file(t, "orders.change+random.answer.json"), text)
	o, err = changed(t, heldID, text)
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "refs.sets.5d31fbfa27649b0dff07611b.id")
	assert.Equal(t, heldID, o.ID)
}

// In returns a name in a language that Names has.
func TestNames(t *testing.T) {
	t.Parallel()
	n := ticketscloud.Names{"be": "Масква", "en": "Moscow", "default": "Moskva"}
	assert.Equal(t, "Moscow", n.In())
	assert.Equal(t, "Масква", n.In("fr", "be"))
	assert.Equal(t, "Moskau", ticketscloud.Names{"als": "Moskau", "zh": "莫斯科", "aa": ""}.In("ru"))
	assert.Empty(t, ticketscloud.Names(nil).In())
}
