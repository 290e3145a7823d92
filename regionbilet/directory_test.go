package regionbilet_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
)

func directories(t *testing.T) map[string]func(*regionbilet.Client) error {
	t.Helper()
	return map[string]func(*regionbilet.Client) error{
		"id_from":        func(c *regionbilet.Client) error { _, err := c.Departures(t.Context()); return err },
		"id_to":          func(c *regionbilet.Client) error { _, err := c.Arrivals(t.Context()); return err },
		"id_nationality": func(c *regionbilet.Client) error { _, err := c.Nationalities(t.Context()); return err },
		"id_doc":         func(c *regionbilet.Client) error { _, err := c.DocumentTypes(t.Context()); return err },
	}
}

// RB-T40: the id of a row may be a number, and its name may be missing. A row
// without its id is ErrProtocol.
func TestDirectoryRows(t *testing.T) {
	t.Parallel()
	for id, ask := range directories(t) {
		c, _ := answering(t, `{"error":"0","result":[{"`+id+`":124}]}`)
		assert.NoError(t, ask(c), id)
		c, _ = answering(t, `{"error":"0","result":[{"name":"Ставрополь"}]}`)
		err := ask(c)
		assert.ErrorIs(t, err, rutravel.ErrProtocol, id)
		assert.ErrorContains(t, err, "result[0]."+id, id)
	}
}

// A row without an id is left out, and the others are returned.
func TestUnreadableDirectoryRows(t *testing.T) {
	t.Parallel()
	for id, ask := range directories(t) {
		for _, bad := range []string{`"name":"x"`, `"` + id + `":null`, `"` + id + `":true`, `"` + id + `":1e3`, `"` + id + `":"\ufffd"`} {
			c, paths := warned(t, `{"error":"0","result":[{"`+id+`":"1","name":[1]},{`+bad+`}]}`)
			require.NoError(t, ask(c), "%s: %s", id, bad)
			assert.Equal(t, []string{"result[0].name", "result[1]." + id}, paths(), "%s: %s", id, bad)
		}
	}
	c, _ := answering(t, `{"error":"0","result":[{"id_from":"1"},{"id_from":"1","id_to":"2"}]}`)
	segments, err := c.Segments(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.Segment{{From: "1", To: "2"}}, segments)
}

// RB-T14: Departures reads id_from and Arrivals reads id_to, also from a row with both.
func TestSettlementIDs(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"0","result":[{"id_from":"124","id_to":"463"}]}`)
	departures, err := c.Departures(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.Settlement{{ID: "124"}}, departures)
	arrivals, err := c.Arrivals(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.Settlement{{ID: "463"}}, arrivals)
}

// A pair of settlements without one of its ids is ErrProtocol.
func TestSegmentWithoutID(t *testing.T) {
	t.Parallel()
	for _, row := range []string{`{"id_from":"124"}`, `{"id_to":"463"}`, `{"id_from":"124","id_to":""}`} {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, `{"error":"0","result":[`+row+`]}`)
			_, err := c.Segments(t.Context())
			conformance.Failure(t, err, rutravel.ErrProtocol)
		})
	}
}

// RB-T35: the client does not cache directories.
func TestDirectoriesAreNotCached(t *testing.T) {
	t.Parallel()
	for id, ask := range directories(t) {
		c, asked := answering(t, `{"error":"0","result":[]}`)
		require.NoError(t, ask(c), id)
		require.NoError(t, ask(c), id)
		assert.Len(t, *asked, 2, id)
	}
}
