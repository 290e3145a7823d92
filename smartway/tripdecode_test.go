package smartway_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T47, SW-T48, SW-T49, SW-T50: the type of the service, which comes after the details,
// decides how they are decoded. Details of unknown types are kept.
func TestVersionDetails(t *testing.T) {
	t.Parallel()
	versions := func(name string) []smartway.ItemVersion {
		got, err := awkwardly(t, name).Trips.Versions(t.Context(), smartway.VersionQuery{})
		require.NoError(t, err, name)
		return got
	}
	air := versions("trip.versions-air-info-object")[0].Details.Air
	require.Len(t, air, 1)
	assert.Equal(t, "Домодедово", air[0].Segments[0].From.Place)
	unknown := versions("trip.versions-service-unknown")
	require.NotEmpty(t, unknown)
	assert.NotEmpty(t, unknown[0].Details.Raw)
	assert.True(t, json.Valid(unknown[0].Details.Raw))
	assert.Nil(t, unknown[0].Details.Hotel)
	for _, v := range versions("trip.versions-transactions") {
		for _, tr := range v.Transactions { // SW-T86: unchanged
			assert.NotEmpty(t, tr.Type, v.ID)
		}
	}
	var rates []string
	for _, v := range versions("trip.versions-vats") {
		for _, tr := range v.Transactions {
			for _, vat := range tr.VATs {
				rates = append(rates, vat.Rate)
			}
		}
	}
	assert.Contains(t, rates, "Без НДС")
	assert.Empty(t, versions("trip.versions-traveller-short")[0].Travellers[0].Email)
	for _, body := range []string{
		`[{"version_id":1,"item_id":2,"info":{"hotel_name":"A","stars":5},"service_type":"Hotel"}]`,
		`[{"service_type":"Hotel","version_id":1,"item_id":2,"info":{"hotel_name":"A","stars":"5"}}]`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			got, err := with(t, body).Trips.Versions(t.Context(), smartway.VersionQuery{})
			require.NoError(t, err)
			assert.Equal(t, &smartway.HotelStay{Name: "A", Stars: "5"}, got[0].Details.Hotel)
		})
	}
	_, err := with(t, "[]").Trips.Versions(t.Context(), smartway.VersionQuery{Start: -1})
	conformance.Invalid(t, err, "Start")
}
