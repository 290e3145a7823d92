package smartway_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T71: codes are texts and keep their leading zeros.
func TestStations(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, `[{"code":"0044000","name":"Новосибирск"}]`)
	got, err := c.Trains.Stations(t.Context(), "новосиб")
	require.NoError(t, err)
	assert.Equal(t, []smartway.Station{{Code: "0044000", Name: "Новосибирск"}}, got)
	assert.Equal(t, []string{`"новосиб"`}, *queries)
	_, err = c.Trains.Stations(t.Context(), " ")
	conformance.Invalid(t, err, "prefix")
}

// SW-T73: Cyrillic text is sent as UTF-8.
func TestHotels(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, `[{"id":7,"is_region":true,"name":"Новосибирск","location":"Россия"}]`)
	got, err := c.Hotels.Find(t.Context(), "сибир")
	require.NoError(t, err)
	assert.Equal(t, []smartway.HotelPlace{{ID: "7", Region: true, Name: "Новосибирск", Location: "Россия"}}, got)
	assert.Equal(t, []string{`"сибир"`}, *queries)
	_, err = c.Hotels.Find(t.Context(), "")
	conformance.Invalid(t, err, "text")
}
