package tcsimple_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// Filters apply to the lists of venues and maps.
func TestVenueFilters(t *testing.T) {
	t.Parallel()
	c := newClient(t, tcsimpletest.New(nil))
	events, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	concert := events[1]
	require.Equal(t, ticketscloud.EventID(ticketscloudtest.Concert), concert.ID)
	assertNumber(t, map[string]filtered{
		"Maps.IDs, not":   {one(c.Maps(t.Context(), tcsimple.MapQuery{IDs: []tcsimple.MapID{"another"}})), 0},
		"Maps.Venue":      {one(c.Maps(t.Context(), tcsimple.MapQuery{Venue: concert.Venue})), 1},
		"Maps.Venue, not": {one(c.Maps(t.Context(), tcsimple.MapQuery{Venue: events[0].Venue})), 0},
		"Venues.IDs":      {one(c.Venues(t.Context(), tcsimple.VenueQuery{IDs: []ticketscloud.VenueID{concert.Venue}})), 1},
	})
}

// Invalid queries are refused before they are sent.
func TestInvalidVenueQueries(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake)
	assertInvalid(t, fake, map[string]invalid{
		"a venue":     {one(c.Maps(t.Context(), tcsimple.MapQuery{Venue: "a b"})), "Venue", "must not contain spaces or control characters"},
		"a map":       {one(c.Maps(t.Context(), tcsimple.MapQuery{IDs: []tcsimple.MapID{""}})), "IDs[0]", "must not be empty"},
		"an empty id": {one(c.Venues(t.Context(), tcsimple.VenueQuery{IDs: []ticketscloud.VenueID{"a", ""}})), "IDs[1]", "must not be empty"},
		"no maps":     {one(c.Maps(t.Context(), tcsimple.MapQuery{IDs: []tcsimple.MapID{}})), "IDs", "must not be empty; nil is no filter"},
		"no venues":   {one(c.Venues(t.Context(), tcsimple.VenueQuery{IDs: []ticketscloud.VenueID{}})), "IDs", "must not be empty; nil is no filter"},
	})
}
