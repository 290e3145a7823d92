package tcsimple_test

import (
	"testing"

	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

// Filters apply to the lists of categories, tags and artists.
func TestTagFilters(t *testing.T) {
	t.Parallel()
	c := newClient(t, tcsimpletest.New(nil))
	assertNumber(t, map[string]filtered{
		"Categories.IDs":      {one(c.Categories(t.Context(), tcsimple.CategoryQuery{IDs: []tcsimple.CategoryID{tcsimpletest.Theatre}})), 1},
		"Categories.IDs, not": {one(c.Categories(t.Context(), tcsimple.CategoryQuery{IDs: []tcsimple.CategoryID{"another"}})), 0},
		"Tags.IDs, not":       {one(c.Tags(t.Context(), tcsimple.TagQuery{IDs: []tcsimple.TagID{"another"}})), 0},
		"Artists.IDs, not":    {one(c.Artists(t.Context(), tcsimple.ArtistQuery{IDs: []tcsimple.ArtistID{"another"}})), 0},
	})
}

// Invalid queries are refused before they are sent.
func TestInvalidTagQueries(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake)
	assertInvalid(t, fake, map[string]invalid{
		"a category": {one(c.Categories(t.Context(), tcsimple.CategoryQuery{IDs: []tcsimple.CategoryID{"a b"}})), "IDs[0]", "must not contain spaces or control characters"},
		"a tag":      {one(c.Tags(t.Context(), tcsimple.TagQuery{IDs: []tcsimple.TagID{"a", ""}})), "IDs[1]", "must not be empty"},
		"no artists": {one(c.Artists(t.Context(), tcsimple.ArtistQuery{IDs: []tcsimple.ArtistID{}})), "IDs", "must not be empty; nil is no filter"},
	})
}
