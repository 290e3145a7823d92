package bgoperator_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// BG-T18: changed transfers are answered with a price, with id and number, with
// both or with the word of other changes.
func TestAnswersToTransfers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		id     bgoperator.BookingID
		prices int
	}{
		"addtransfers-id-number": {transfers, 0}, "addtransfers-both": {transfers, 1}, "addtransfers-status": {"", 0},
	} {
		c, _ := answering(t, conformance.Awkward(t, "bgoperator", name))
		changed, err := c.SetTransfers(t.Context(), transfers, chosen(t))
		require.NoError(t, err, name)
		assert.Equal(t, want.id, changed.ID, name)
		assert.Len(t, changed.Prices, want.prices, name)
	}
	c, _ := answering(t, "<tours><tour><id>1</id></tour><tour><id>2</id></tour></tours>")
	_, err := c.SetTransfers(t.Context(), transfers, chosen(t))
	conformance.Failure(t, err, rutravel.ErrProtocol)
}

// Changed transfers of another booking are not what was asked for.
func TestTransfersOfAnotherBooking(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, "<tours><tour><id>104400000842366804</id><number>1</number></tour></tours>")
	changed, err := c.SetTransfers(t.Context(), transfers, chosen(t))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Equal(t, bookingID, changed.ID)
}

// BG-T28, T29, T30: direction, points and the letter of the flight query follow
// from the slot and the variant.
func TestChoose(t *testing.T) {
	t.Parallel()
	const slotPoint, variantPoint = bgoperator.PointID("1"), bgoperator.PointID("2")
	for _, test := range []struct {
		direction     bgoperator.Direction
		slot, variant bgoperator.PointType
		from, to      bgoperator.PointID
		airport       bgoperator.PointID
		flight        bgoperator.FlightDirection
	}{
		{bgoperator.DirectionTo, bgoperator.PointHotel, bgoperator.PointAirport, variantPoint, slotPoint, variantPoint, bgoperator.FlightArrival},
		{bgoperator.DirectionFrom, bgoperator.PointHotel, bgoperator.PointAirport, slotPoint, variantPoint, variantPoint, bgoperator.FlightDeparture},
		{bgoperator.DirectionTo, bgoperator.PointAirport, bgoperator.PointHotel, variantPoint, slotPoint, slotPoint, bgoperator.FlightDeparture},
		{bgoperator.DirectionFrom, bgoperator.PointAirport, bgoperator.PointCity, slotPoint, variantPoint, slotPoint, bgoperator.FlightArrival},
		{bgoperator.DirectionTo, bgoperator.PointHotel, bgoperator.PointCity, variantPoint, slotPoint, "", ""},
		{bgoperator.DirectionFrom, bgoperator.PointCity, bgoperator.PointHotel, slotPoint, variantPoint, "", ""},
	} {
		slot := bgoperator.TransferSlot{
			Direction: test.direction, Point: slotPoint, PointType: test.slot, Date: "14.03.2015",
			Variants: []bgoperator.Variant{{ID: "30"}, {ID: "3", Point: variantPoint, PointType: test.variant, PID: "4"}},
		}
		got, ok := slot.Choose("3")
		assert.True(t, ok)
		assert.Equal(t, bgoperator.Transfer{
			Variant: "3", Date: "14.03.2015", Direction: test.direction, From: test.from, To: test.to, PID: "4",
			Airport: test.airport, FlightDirection: test.flight,
		}, got)
	}
}

// What is no variant of a slot, or stands nobody knows where, cannot be chosen.
func TestChooseRefuses(t *testing.T) {
	t.Parallel()
	good := func() bgoperator.TransferSlot {
		return bgoperator.TransferSlot{
			Direction: bgoperator.DirectionTo, Point: "1", PointType: bgoperator.PointHotel, Date: "14.03.2015",
			Variants: []bgoperator.Variant{{ID: "3", Point: "2", PointType: bgoperator.PointCity}},
		}
	}
	_, ok := good().Choose("3")
	assert.True(t, ok)
	_, ok = good().Choose("4")
	assert.False(t, ok, "of another slot")
	_, ok = bgoperator.TransferSlot{}.Choose("3")
	assert.False(t, ok)
	for i, change := range []func(*bgoperator.TransferSlot){
		func(s *bgoperator.TransferSlot) { s.Direction = "" },
		func(s *bgoperator.TransferSlot) { s.Date = "" },
		func(s *bgoperator.TransferSlot) { s.Point = "" },
		func(s *bgoperator.TransferSlot) { s.PointType = "" },
		func(s *bgoperator.TransferSlot) { s.Variants[0].Point = "" },
		func(s *bgoperator.TransferSlot) { s.Variants[0].PointType = "" },
		func(s *bgoperator.TransferSlot) { s.Variants = append(s.Variants, s.Variants[0]) },
	} {
		slot := good()
		change(&slot)
		got, ok := slot.Choose("3")
		assert.False(t, ok, i)
		assert.Empty(t, got)
	}
	slot := good()
	slot.Variants[0].ID = ""
	_, ok = slot.Choose("")
	assert.False(t, ok, "a variant without an id")

	// A slot that does not say what its point is, is a failure.
	c, _ := answering(t, strings.Replace(golden(t, "showtransfers"), ` ptype="h" date`, ` date`, 1))
	tourists, err := c.TouristTransfers(t.Context(), transfers)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	_, ok = tourists[0].Slots[0].Choose("103825996892")
	assert.False(t, ok)
	_, ok = tourists[0].Slots[1].Choose("103825996895")
	assert.True(t, ok)
}

// BG-T33: pid goes back as it came, spaces included.
func TestPIDIsVerbatim(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" 1 2 ": " 1 2 ", "1&amp;&quot;2": "1&amp;&quot;2", "&#10;1\t": "&#10;1&#9;", " ": "", "\n": "", "": "",
	} {
		c, _ := answering(t, strings.Replace(golden(t, "showtransfers"), "103840005273", text, 1))
		tourists, err := c.TouristTransfers(t.Context(), transfers)
		require.NoError(t, err)
		bus, ok := tourists[0].Slots[0].Choose("103825997003")
		require.True(t, ok)
		c, asked := answering(t, golden(t, "addtransfers"))
		_, err = c.SetTransfers(t.Context(), transfers, []bgoperator.ChosenTransfers{{Tourist: "1", Transfers: []bgoperator.Transfer{bus}}})
		require.NoError(t, err)
		if want == "" {
			assert.NotContains(t, (*asked)[0].body, "pid=", text)
		} else {
			assert.Contains(t, (*asked)[0].body, ` pid="`+want+`"`)
		}
	}
}

// BG-T33: pid goes back if it was there, and is left out if it was not.
func TestPID(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "bgoperator", "showtransfers-no-pid"))
	tourists, err := c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err)
	slot := tourists[0].Slots[0]
	set := chosen(t)
	for _, v := range slot.Variants {
		transfer, ok := slot.Choose(v.ID)
		require.True(t, ok)
		transfer.Flight = bgoperator.Flight{}
		if transfer.Airport != "" {
			transfer.Flight = set[0].Transfers[0].Flight
		}
		c, asked := answering(t, golden(t, "addtransfers"))
		_, err = c.SetTransfers(t.Context(), transfers, []bgoperator.ChosenTransfers{{Tourist: "1", Transfers: []bgoperator.Transfer{transfer}}})
		require.NoError(t, err)
		assert.NotContains(t, (*asked)[0].body, "pid=")
		assert.NotContains(t, (*asked)[0].body, ` id=""`)
		assert.Equal(t, transfer.Airport != "", strings.Contains((*asked)[0].body, "<flight "))
	}
}

// What has to go back byte for byte and had to be repaired to be read cannot.
func TestRepairedValues(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, strings.Replace(golden(t, "showtransfers"), "103840005273", "1\xff", 1))
	_, err := c.TouristTransfers(t.Context(), transfers)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	c, _ = answering(t, strings.Replace(golden(t, "showtransfers"), "bus 45", "bus\xff45", 1))
	_, err = c.TouristTransfers(t.Context(), transfers)
	require.NoError(t, err, "a name is only shown")

	for _, broken := range []string{"UN\xff651", "UN\ufffd651"} {
		c, _ = answering(t, strings.Replace(golden(t, "showflightdata"), "UN 651", broken, 1))
		flights, err := c.Flights(t.Context(), arrival)
		assert.Len(t, flights, 2)
		if broken == "UN\ufffd651" {
			require.NoError(t, err, "as it came")
			continue
		}
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
	c, _ = answering(t, strings.Replace(golden(t, "showflightdata"), "<flights", "\xff<flights", 1))
	_, err = c.Flights(t.Context(), arrival)
	require.NoError(t, err, "the flights are whole")
}

// BG-T32: a flight goes back to the letter, also after it was stored, and
// nothing else can be sent in its place.
func TestFlightsAreVerbatim(t *testing.T) {
	t.Parallel()
	text := conformance.Awkward(t, "bgoperator", "showflightdata-attributes")
	c, _ := answering(t, text)
	flights, err := c.Flights(t.Context(), arrival)
	require.NoError(t, err)
	require.Len(t, flights, 4)
	assert.Equal(t, bgoperator.FlightID("103162559804"), flights[3].ID)
	assert.Equal(t, "B&G\u00a0417 (C)##22:50-03:10#\n", flights[2].Text)
	set := chosen(t)
	for _, f := range flights {
		stored, err := json.Marshal(f)
		require.NoError(t, err)
		var back bgoperator.Flight
		require.NoError(t, json.Unmarshal(stored, &back))
		set[0].Transfers[0].Flight = back
		c, asked := answering(t, golden(t, "addtransfers"))
		_, err = c.SetTransfers(t.Context(), transfers, set)
		require.NoError(t, err)
		_, sent, _ := strings.Cut((*asked)[0].body, "<flight")
		sent, _, _ = strings.Cut(sent, "</flight>")
		assert.Contains(t, text, "<flight"+sent+"</flight>")
	}
	for _, f := range []bgoperator.Flight{
		{},
		{ID: "1", Text: "x"},
		{ID: "1", Text: "x", XML: "x"},
		{ID: "1", Text: "x", XML: `<flight id="1">x</flight`},
		{ID: "1", Text: "x", XML: `<flight id="1">x</flight><flight id="1">x</flight>`},
		{ID: "1", Text: "x", XML: `<flight id="1">x</flight><!-- -->`},
		{ID: "1", Text: "x", XML: ` <flight id="1">x</flight>`},
		{ID: "1", Text: "x", XML: `<flights id="1">x</flights>`},
		{ID: "1", Text: "x", XML: `<flight id="1">x<x/></flight>`},
		{ID: "2", Text: "x", XML: `<flight id="1">x</flight>`},
		{ID: "1", Text: "y", XML: `<flight id="1">x</flight>`},
		{Text: "x", XML: `<flight>x</flight>`},
	} {
		set[0].Transfers[0].Flight = f
		c, asked := answering(t, golden(t, "addtransfers"))
		_, err = c.SetTransfers(t.Context(), transfers, set)
		conformance.Failure(t, err, rutravel.ErrInvalid)
		assert.Empty(t, *asked)
	}
}

// Answers that speak of something else are not taken for what was asked for.
func TestAnswersToOtherQuestions(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, golden(t, "showtransfers"))
	_, err := c.TouristTransfers(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	c, _ = answering(t, golden(t, "showflightdata"))
	for _, change := range []func(*bgoperator.Transfer){
		func(v *bgoperator.Transfer) { v.Airport = "1" },
		func(v *bgoperator.Transfer) { v.Date = "15.03.2015" },
		func(v *bgoperator.Transfer) { v.FlightDirection = bgoperator.FlightDeparture },
	} {
		other := arrival
		change(&other)
		_, err = c.Flights(t.Context(), other)
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
	c, _ = answering(t, strings.Replace(golden(t, "showtransfers"), `dir="to"`, `dir="TO"`, 1))
	_, err = c.TouristTransfers(t.Context(), transfers)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	for _, attr := range []string{"id", "price", "currency", "point", "ptype"} {
		c, _ = answering(t, regexp.MustCompile(`(<variant.*?) `+attr+`="[^"]*"`).ReplaceAllString(golden(t, "showtransfers"), "$1"))
		tourists, err := c.TouristTransfers(t.Context(), transfers)
		conformance.Failure(t, err, rutravel.ErrProtocol)
		assert.Len(t, tourists, 2, "a transfer without a price is not free of charge")
	}
}
