package smartway_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T60: items are decoded by the document's type. Items of other types are kept.
func TestClosingDocumentShapes(t *testing.T) {
	t.Parallel()
	packages := func(name string) smartway.ClosingDocument {
		got, err := awkwardly(t, name).ClosingDocuments.List(t.Context(), smartway.ClosingQuery{INN: "7799555550"})
		require.NoError(t, err, name)
		return got[0].Documents[0]
	}
	unknown := packages("packages.get-type-unknown")
	assert.NotEmpty(t, unknown.Raw)
	assert.Empty(t, unknown.Acts)
	operations := packages("packages.get-ticket-string").Tickets
	assert.Equal(t, []string{"421-2888857716"}, operations[0].TicketNumbers)
	assert.Equal(t, []string{"4212888857716"}, operations[1].TicketNumbers)
	negative := packages("packages.get-negative")
	assert.True(t, negative.Tickets[0].Amount.IsNegative(), "SW-T86")
	fraction := packages("packages.get-count-fraction")
	assert.Equal(t, "1.5", fraction.Acts[0].Count.String())
	assert.False(t, packages("packages.get-nulls").Tickets[0].VAT.Valid)
}

// If an object has a member twice, the second one replaces the first.
func TestRepeatedMembers(t *testing.T) {
	t.Parallel()
	got, err := with(t, `[{"number":"1/1","documents":[{"type":"registry","items":[{"amount":1,
		"operation":{"Booking":"Air"},"operation":{"Return":"Train"},
		"ticket_numbers":["1","2"],"ticket_numbers":""}]}]}]`).ClosingDocuments.List(t.Context(), smartway.ClosingQuery{INN: "7799555550"})
	require.NoError(t, err)
	item := got[0].Documents[0].Tickets[0]
	assert.Equal(t, map[smartway.TransactionType]smartway.ServiceType{smartway.TransactionRefund: smartway.ServiceTrain}, item.Operations)
	assert.Empty(t, item.TicketNumbers)

	offers, err := with(t, `{"search_id":"s","trips":[{"id":1,"price":1,"fares":[{"price":1,
		"additional_services":{"a":"Included"},"additional_services":{"b":"Charge"}}]}]}`).Airlines.Search(t.Context(), flights())
	require.NoError(t, err)
	assert.Equal(t, map[string]smartway.Availability{"b": smartway.FareCharged}, offers.Variants[0].Fares[0].Services)
}
