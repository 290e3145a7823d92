package bgoperator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// BG-T18: the answer to SetTransfers has a price, an id and number, both, or OK.
func TestAnswersToSetTransfers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		id     bgoperator.BookingID
		prices int
	}{
		"addtransfers-id-number": {transfersBooking, 0}, "addtransfers-both": {transfersBooking, 1}, "addtransfers-status": {"", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, awkward(t, name))
			changed, err := c.SetTransfers(t.Context(), transfersBooking, chosen(t))
			require.NoError(t, err)
			assert.Equal(t, want.id, changed.ID)
			assert.Len(t, changed.Prices, want.prices)
		})
	}
	t.Run("two tours", func(t *testing.T) {
		t.Parallel()
		c, _ := answering(t, "<tours><tour><id>1</id></tour><tour><id>2</id></tour></tours>")
		_, err := c.SetTransfers(t.Context(), transfersBooking, chosen(t))
		conformance.Failure(t, err, rutravel.ErrProtocol)
	})
}

// BG-T43: without slots, variants or flights the lists are empty. An empty answer
// to SetTransfers is an error.
func TestEmptyTransfers(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "createtour-empty"))
	_, err := c.SetTransfers(t.Context(), transfersBooking, chosen(t))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	assert.Empty(t, tourists)
	flights, err := c.Flights(t.Context(), arrivalTransfer)
	require.NoError(t, err)
	assert.Empty(t, flights)

	c, _ = answering(t, awkward(t, "showflightdata-empty"))
	flights, err = c.Flights(t.Context(), arrivalTransfer)
	require.NoError(t, err)
	assert.Empty(t, flights)
	c, _ = answering(t, awkward(t, "showtransfers-no-slots"))
	tourists, err = c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	require.Len(t, tourists, 2)
	assert.Empty(t, tourists[0].Slots)
	assert.Empty(t, tourists[1].Slots[0].Variants)
}

// BG-T10, BG-T11, BG-T39: spaces around values, line breaks in attributes and dots
// between elements are ignored.
func TestSpacesInTransfers(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "showtransfers-spaces"))
	tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	slot := tourists[0].Slots[0]
	assert.Equal(t, bgoperator.TransferDate("14.03.2015"), slot.Date)
	assert.Equal(t, bgoperator.DirectionTo, slot.Direction)
	assert.Equal(t, bgoperator.PointID("102640012614"), slot.Point)
	assert.Equal(t, bgoperator.VariantID("103825996892"), slot.Variants[0].ID)
	assert.Equal(t, bgoperator.USD, slot.Variants[0].Currency)
	assert.Equal(t, int32(-2), slot.Variants[0].Price.Exponent())
	assert.Equal(t, "DOE", tourists[0].Surname)
}

// An answer to SetTransfers that names another booking is an error.
func TestSetTransfersOfAnotherBooking(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, "<tours><tour><id>104400000842366804</id><number>1</number></tour></tours>")
	changed, err := c.SetTransfers(t.Context(), transfersBooking, chosen(t))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Equal(t, bookingID, changed.ID)
}

// BG-T28, BG-T29, BG-T30: the points and the direction of the flights follow from
// the slot and the variant. BG-T44: the date is not changed.
func TestChoose(t *testing.T) {
	t.Parallel()
	const slotPoint, variantPoint = bgoperator.PointID("1"), bgoperator.PointID("2")
	for name, test := range map[string]struct {
		direction     bgoperator.Direction
		slot, variant bgoperator.PointType
		from, to      bgoperator.PointID
		airport       bgoperator.PointID
		flight        bgoperator.FlightDirection
	}{
		"airport to hotel":         {bgoperator.DirectionTo, bgoperator.PointHotel, bgoperator.PointAirport, variantPoint, slotPoint, variantPoint, bgoperator.FlightArrival},
		"hotel to airport":         {bgoperator.DirectionFrom, bgoperator.PointHotel, bgoperator.PointAirport, slotPoint, variantPoint, variantPoint, bgoperator.FlightDeparture},
		"hotel to airport of slot": {bgoperator.DirectionTo, bgoperator.PointAirport, bgoperator.PointHotel, variantPoint, slotPoint, slotPoint, bgoperator.FlightDeparture},
		"airport of slot to city":  {bgoperator.DirectionFrom, bgoperator.PointAirport, bgoperator.PointCity, slotPoint, variantPoint, slotPoint, bgoperator.FlightArrival},
		"city to hotel":            {bgoperator.DirectionTo, bgoperator.PointHotel, bgoperator.PointCity, variantPoint, slotPoint, "", ""},
		"city of slot to hotel":    {bgoperator.DirectionFrom, bgoperator.PointCity, bgoperator.PointHotel, slotPoint, variantPoint, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
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
		})
	}
}

// Choose returns false for a variant that the slot does not have, and for a variant
// whose points are unknown.
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
	assert.False(t, ok, "a variant of another slot")
	_, ok = bgoperator.TransferSlot{}.Choose("3")
	assert.False(t, ok, "an empty slot")
	for name, change := range map[string]func(*bgoperator.TransferSlot){
		"no direction":               func(s *bgoperator.TransferSlot) { s.Direction = "" },
		"no date":                    func(s *bgoperator.TransferSlot) { s.Date = "" },
		"no point":                   func(s *bgoperator.TransferSlot) { s.Point = "" },
		"no point type":              func(s *bgoperator.TransferSlot) { s.PointType = "" },
		"no point of the variant":    func(s *bgoperator.TransferSlot) { s.Variants[0].Point = "" },
		"no type of variant's point": func(s *bgoperator.TransferSlot) { s.Variants[0].PointType = "" },
		"the variant twice":          func(s *bgoperator.TransferSlot) { s.Variants = append(s.Variants, s.Variants[0]) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slot := good()
			change(&slot)
			got, ok := slot.Choose("3")
			assert.False(t, ok)
			assert.Empty(t, got)
		})
	}
	slot := good()
	slot.Variants[0].ID = ""
	_, ok = slot.Choose("")
	assert.False(t, ok, "a variant without an id")

	// A slot whose point has no type is left out. Its variants cannot be chosen. Variants
	// of other slots can.
	c, warnings := warned(t, strings.Replace(goldenAnswer(t, "showtransfers"), ` ptype="h" date`, ` date`, 1))
	tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	assert.Equal(t, []warning{{"tours/persons/person/transferSlot@ptype", "102300000817246001", "missing"}}, warnings())
	require.Len(t, tourists[0].Slots, 1)
	_, ok = tourists[0].Slots[0].Choose("103825996892")
	assert.False(t, ok)
	_, ok = tourists[0].Slots[0].Choose("103825996895")
	assert.True(t, ok)
}

// BG-T33: pid is sent back unchanged, with its spaces. A blank pid is left out.
func TestPIDIsVerbatim(t *testing.T) {
	t.Parallel()
	for name, pid := range map[string]struct{ received, sent string }{
		"spaces":            {" 1 2 ", " 1 2 "},
		"escaped":           {"1&amp;&quot;2", "1&amp;&quot;2"},
		"line break, tab":   {"&#10;1\t", "&#10;1&#9;"},
		"only a space":      {" ", ""},
		"only a line break": {"\n", ""},
		"empty":             {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, strings.Replace(goldenAnswer(t, "showtransfers"), "103840005273", pid.received, 1))
			tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
			require.NoError(t, err)
			bus, ok := tourists[0].Slots[0].Choose("103825997003")
			require.True(t, ok)
			c, asked := answering(t, goldenAnswer(t, "addtransfers"))
			_, err = c.SetTransfers(t.Context(), transfersBooking, []bgoperator.ChosenTransfers{{Tourist: "1", Transfers: []bgoperator.Transfer{bus}}})
			require.NoError(t, err)
			if pid.sent == "" {
				assert.NotContains(t, (*asked)[0].body, "pid=")
			} else {
				assert.Contains(t, (*asked)[0].body, ` pid="`+pid.sent+`"`)
			}
		})
	}
}

// BG-T33: a variant without pid is sent without it.
func TestNoPID(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "showtransfers-no-pid"))
	tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	slot := tourists[0].Slots[0]
	flight := chosen(t)[0].Transfers[0].Flight
	for _, v := range slot.Variants {
		t.Run(string(v.ID), func(t *testing.T) {
			t.Parallel()
			transfer, ok := slot.Choose(v.ID)
			require.True(t, ok)
			if transfer.Airport != "" {
				transfer.Flight = flight
			}
			c, asked := answering(t, goldenAnswer(t, "addtransfers"))
			_, err := c.SetTransfers(t.Context(), transfersBooking, []bgoperator.ChosenTransfers{{Tourist: "1", Transfers: []bgoperator.Transfer{transfer}}})
			require.NoError(t, err)
			assert.NotContains(t, (*asked)[0].body, "pid=")
			assert.NotContains(t, (*asked)[0].body, ` id=""`)
			assert.Equal(t, transfer.Airport != "", strings.Contains((*asked)[0].body, "<flight "))
		})
	}
}

// A value that is sent back byte for byte must be UTF-8. Other values may be
// repaired.
func TestRepairedValues(t *testing.T) {
	t.Parallel()
	c, warnings := warned(t, strings.Replace(goldenAnswer(t, "showtransfers"), "103840005273", "1\xff", 1))
	tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	assert.Equal(t, []warning{
		{"tours/persons/person/transferSlot/variant@pid", "103825997003", "is not UTF-8, so it could not be sent back unchanged"},
	}, warnings())
	assert.Len(t, tourists[0].Slots[0].Variants, 1, "the variant is left out")
	c, _ = answering(t, strings.Replace(goldenAnswer(t, "showtransfers"), "bus 45", "bus\xff45", 1))
	_, err = c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err, "a name is only shown")

	c, warnings = warned(t, strings.Replace(goldenAnswer(t, "showflightdata"), "UN 651", "UN\xff651", 1))
	flights, err := c.Flights(t.Context(), arrivalTransfer)
	require.NoError(t, err)
	require.Len(t, flights, 1, "the flight is left out")
	assert.Equal(t, bgoperator.FlightID("103162448793"), flights[0].ID)
	assert.Equal(t, []warning{
		{"tours/flights/flight", "103162337682", "is not UTF-8, so it could not be sent back unchanged"},
	}, warnings())
	c, _ = answering(t, strings.NewReplacer("UN 651", "UN\xff651", "SU 417", "SU\xff417").Replace(goldenAnswer(t, "showflightdata")))
	flights, err = c.Flights(t.Context(), arrivalTransfer)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Empty(t, flights, "no flight can be read")
	c, _ = answering(t, strings.Replace(goldenAnswer(t, "showflightdata"), "UN 651", "UN\ufffd651", 1))
	flights, err = c.Flights(t.Context(), arrivalTransfer)
	assert.Len(t, flights, 2)
	require.NoError(t, err, "the answer itself has U+FFFD")
	c, _ = answering(t, strings.Replace(goldenAnswer(t, "showflightdata"), "<flights", "\xff<flights", 1))
	_, err = c.Flights(t.Context(), arrivalTransfer)
	require.NoError(t, err, "the flights themselves are UTF-8")
}

// BG-T32: a flight is sent back byte for byte, also after it was stored as JSON.
func TestFlightsAreVerbatim(t *testing.T) {
	t.Parallel()
	text := awkward(t, "showflightdata-attributes")
	c, _ := answering(t, text)
	flights, err := c.Flights(t.Context(), arrivalTransfer)
	require.NoError(t, err)
	require.Len(t, flights, 4)
	assert.Equal(t, bgoperator.FlightID("103162559804"), flights[3].ID)
	assert.Equal(t, "B&G\u00a0417 (C)##22:50-03:10#\n", flights[2].Text)
	for _, f := range flights {
		t.Run(string(f.ID), func(t *testing.T) {
			t.Parallel()
			stored, err := json.Marshal(f)
			require.NoError(t, err)
			var restored bgoperator.Flight
			require.NoError(t, json.Unmarshal(stored, &restored))
			set := chosen(t)
			set[0].Transfers[0].Flight = restored
			c, asked := answering(t, goldenAnswer(t, "addtransfers"))
			_, err = c.SetTransfers(t.Context(), transfersBooking, set)
			require.NoError(t, err)
			_, sent, _ := strings.Cut((*asked)[0].body, "<flight")
			sent, _, _ = strings.Cut(sent, "</flight>")
			assert.Contains(t, text, "<flight"+sent+"</flight>")
		})
	}
}

// BG-T32: SetTransfers refuses a flight that Flights has not returned.
func TestInvalidFlights(t *testing.T) {
	t.Parallel()
	var calls []invalidCall
	for name, f := range map[string]bgoperator.Flight{
		"empty":               {},
		"no XML":              {ID: "1", Text: "x"},
		"XML without a tag":   {ID: "1", Text: "x", XML: "x"},
		"cut off":             {ID: "1", Text: "x", XML: `<flight id="1">x</flight`},
		"two elements":        {ID: "1", Text: "x", XML: `<flight id="1">x</flight><flight id="1">x</flight>`},
		"comment behind":      {ID: "1", Text: "x", XML: `<flight id="1">x</flight><!-- -->`},
		"space before":        {ID: "1", Text: "x", XML: ` <flight id="1">x</flight>`},
		"another element":     {ID: "1", Text: "x", XML: `<flights id="1">x</flights>`},
		"element inside":      {ID: "1", Text: "x", XML: `<flight id="1">x<x/></flight>`},
		"another id in XML":   {ID: "2", Text: "x", XML: `<flight id="1">x</flight>`},
		"another text in XML": {ID: "1", Text: "y", XML: `<flight id="1">x</flight>`},
		"no id":               {Text: "x", XML: `<flight>x</flight>`},
	} {
		calls = append(calls, invalidCall{name, "tourists[0].Transfers[0].Flight", setTransfer(t, func(v *bgoperator.Transfer) { v.Flight = f })})
	}
	checkInvalid(t, calls...)
}

// setTransfer returns a call of SetTransfers with a changed transfer.
func setTransfer(t *testing.T, change func(*bgoperator.Transfer)) func(*bgoperator.Client) error {
	t.Helper()
	set := chosen(t)
	change(&set[0].Transfers[0])
	return func(c *bgoperator.Client) error {
		_, err := c.SetTransfers(t.Context(), transfersBooking, set)
		return err
	}
}

// BG-T34: a tourist may be in the request once, with all transfers.
func TestInvalidTransfers(t *testing.T) {
	t.Parallel()
	set := func(all ...bgoperator.ChosenTransfers) func(*bgoperator.Client) error {
		return func(c *bgoperator.Client) error {
			_, err := c.SetTransfers(t.Context(), transfersBooking, all)
			return err
		}
	}
	flights := func(transfer bgoperator.Transfer) func(*bgoperator.Client) error {
		return func(c *bgoperator.Client) error { _, err := c.Flights(t.Context(), transfer); return err }
	}
	const transfer = "tourists[0].Transfers[0]."
	checkInvalid(
		t,
		invalidCall{"no booking", "booking", func(c *bgoperator.Client) error { _, err := c.TouristTransfers(t.Context(), ""); return err }},
		invalidCall{"flights without an airport", "t.Airport", flights(bgoperator.Transfer{})},
		invalidCall{"flights without a direction", "t.FlightDirection", flights(bgoperator.Transfer{Airport: "1", Date: "2"})},
		invalidCall{"flights without a date", "t.Date", flights(bgoperator.Transfer{Airport: "1", FlightDirection: bgoperator.FlightArrival})},
		invalidCall{"no tourists", "tourists", set()},
		invalidCall{"no transfers", "tourists[0].Transfers", set(bgoperator.ChosenTransfers{Tourist: "1"})},
		invalidCall{"the same tourist", "tourists[1].Tourist", set(slices.Concat(chosen(t), chosen(t))...)},
		invalidCall{"no variant", transfer + "Variant", setTransfer(t, func(v *bgoperator.Transfer) { v.Variant = "" })},
		invalidCall{"no date", transfer + "Date", setTransfer(t, func(v *bgoperator.Transfer) { v.Date = "" })},
		invalidCall{"no start", transfer + "From", setTransfer(t, func(v *bgoperator.Transfer) { v.From = "" })},
		invalidCall{"no end", transfer + "To", setTransfer(t, func(v *bgoperator.Transfer) { v.To = "" })},
		invalidCall{"unknown direction", transfer + "Direction", setTransfer(t, func(v *bgoperator.Transfer) { v.Direction = "a" })},
		invalidCall{"wrong flight direction", transfer + "Airport", setTransfer(t, func(v *bgoperator.Transfer) { v.FlightDirection = bgoperator.FlightDeparture })},
		invalidCall{"another airport", transfer + "Airport", setTransfer(t, func(v *bgoperator.Transfer) { v.Airport = "1" })},
		invalidCall{"flight without an airport", transfer + "Flight", setTransfer(t, func(v *bgoperator.Transfer) { v.Airport, v.FlightDirection = "", "" })},
		invalidCall{"flight direction without an airport", transfer + "Airport", setTransfer(t, func(v *bgoperator.Transfer) { v.Airport, v.Flight = "", bgoperator.Flight{} })},
		invalidCall{"control character in pid", transfer + "PID", setTransfer(t, func(v *bgoperator.Transfer) { v.PID = "1\x00" })},
		invalidCall{"pid not UTF-8", transfer + "PID", setTransfer(t, func(v *bgoperator.Transfer) { v.PID = "1\xff" })},
		invalidCall{"line break in ref", transfer + "Ref", setTransfer(t, func(v *bgoperator.Transfer) { v.Ref = "1\n2" })},
		invalidCall{"airport without a flight", transfer + "Flight", setTransfer(t, func(v *bgoperator.Transfer) { v.Flight = bgoperator.Flight{} })},
	)
}

// An answer that names another booking, airport, date or direction than the
// request is an error.
func TestAnswersToOtherRequests(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, goldenAnswer(t, "showtransfers"))
	_, err := c.TouristTransfers(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	for name, change := range map[string]func(*bgoperator.Transfer){
		"airport":   func(v *bgoperator.Transfer) { v.Airport = "1" },
		"date":      func(v *bgoperator.Transfer) { v.Date = "15.03.2015" },
		"direction": func(v *bgoperator.Transfer) { v.FlightDirection = bgoperator.FlightDeparture },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := arrivalTransfer
			change(&other)
			c, _ := answering(t, goldenAnswer(t, "showflightdata"))
			_, err := c.Flights(t.Context(), other)
			conformance.Failure(t, err, rutravel.ErrProtocol)
		})
	}
}

// A variant without an id, a point or a price is an error. A missing price does not mean
// that a transfer is free of charge.
func TestIncompleteTransfers(t *testing.T) {
	t.Parallel()
	for _, attr := range []string{"id", "price", "currency", "point", "ptype"} {
		t.Run(attr, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, regexp.MustCompile(`(<variant.*?) `+attr+`="[^"]*"`).ReplaceAllString(goldenAnswer(t, "showtransfers"), "$1"))
			tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
			conformance.Failure(t, err, rutravel.ErrProtocol)
			assert.Len(t, tourists, 2)
		})
	}
	t.Run("unknown direction", func(t *testing.T) {
		t.Parallel()
		c, warnings := warned(t, strings.Replace(goldenAnswer(t, "showtransfers"), `dir="to"`, `dir="TO"`, 1))
		tourists, err := c.TouristTransfers(t.Context(), transfersBooking)
		require.NoError(t, err)
		assert.Len(t, tourists[0].Slots, 1, "the slot is left out")
		assert.Equal(t, []warning{{"tours/persons/person/transferSlot@dir", "102300000817246001", "want to or from"}}, warnings())
	})
}

// One value that cannot be read hides nothing else. A minor value is empty, an offer is
// left out, and the error names a tourist without an id.
func TestOneBadValueInTransfers(t *testing.T) {
	t.Parallel()
	golden := goldenAnswer(t, "showtransfers")
	c, _ := answering(t, golden)
	good, err := c.TouristTransfers(t.Context(), transfersBooking)
	require.NoError(t, err)
	const (
		person  = "tours/persons/person"
		variant = person + "/transferSlot/variant"
		john    = "102300000817246001"
		first   = "103825996892"
	)
	for name, test := range map[string]struct {
		old, bad string
		change   func([]bgoperator.BookedTourist) // of the good ones
		warning  warning
	}{
		"birthday":        {"11.06.1982", "31.06.1982", func(v []bgoperator.BookedTourist) { v[0].BirthDate = civil.Date{} }, warning{person + "/birthday", john, "want a date"}},
		"no birthday":     {"11.06.1982", "", func(v []bgoperator.BookedTourist) { v[0].BirthDate = civil.Date{} }, warning{person + "/birthday", john, "want a date"}},
		"first name":      {"JOHN", "<b>J</b>", func(v []bgoperator.BookedTourist) { v[0].FirstName = "" }, warning{person + "/firstName", john, "want a text"}},
		"name":            {"Каир(город)", "<b/>", func(v []bgoperator.BookedTourist) { v[0].Slots[0].Variants[1].Name = "" }, warning{variant, "103825997003", "want a text"}},
		"price in words":  {`price="80.00"`, `price="по запросу"`, withoutFirst, warning{variant + "@price", first, "want a decimal number that is not negative"}},
		"negative price":  {`price="80.00"`, `price="-80.00"`, withoutFirst, warning{variant + "@price", first, "want a decimal number that is not negative"}},
		"no price":        {`price="80.00"`, "", withoutFirst, warning{variant + "@price", first, "missing"}},
		"no id":           {`id="103825996892"`, `id=""`, withoutFirst, warning{variant + "@id", john, "want an id"}},
		"id with U+FFFD":  {`id="103825996892"`, "id=\"10382599689\ufffd\"", withoutFirst, warning{variant + "@id", john, "want an id"}},
		"id not UTF-8":    {`id="103825996892"`, "id=\"10382599689\xcf\"", withoutFirst, warning{variant + "@id", john, "want an id"}},
		"point of spaces": {`point="103940001962"`, `point=" "`, withoutFirst, warning{variant + "@point", first, "want an id"}},
		"slot's date": {`date="14.03.2015"`, `date=""`, func(v []bgoperator.BookedTourist) { v[0].Slots = v[0].Slots[1:] }, warning{
			person + "/transferSlot@date", john, "want an id",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, golden, test.old)
			c, warnings := warned(t, strings.Replace(golden, test.old, test.bad, 1))
			got, err := c.TouristTransfers(t.Context(), transfersBooking)
			require.NoError(t, err)
			assert.Equal(t, []warning{test.warning}, warnings())
			c, _ = answering(t, golden)
			want, err := c.TouristTransfers(t.Context(), transfersBooking)
			require.NoError(t, err)
			test.change(want)
			assert.Equal(t, want, got)
		})
	}

	for name, bad := range map[string]string{"empty": ` id=""`, "missing": "", "0": ` id="0"`, "two words": ` id="1 2"`, "not UTF-8": " id=\"\xff\""} {
		t.Run("tourist's id, "+name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, strings.Replace(golden, `<person id="102300000817246112"`, "<person"+bad, 1))
			got, err := c.TouristTransfers(t.Context(), transfersBooking)
			conformance.Failure(t, err, rutravel.ErrProtocol)
			rows, ok := errors.AsType[*rutravel.RowsError](err)
			require.True(t, ok)
			require.Len(t, rows.Rows, 1)
			assert.Equal(t, 1, rows.Rows[0].Index)
			assert.Empty(t, rows.Rows[0].ID)
			assert.Contains(t, rows.Rows[0].Problem, person+"@id: ")
			assert.Equal(t, good[:1], got[:1])
			assert.Equal(t, good[1].Slots, got[1].Slots, "as far as it could be read")
			assert.Empty(t, got[1].ID)
		})
	}
}

// withoutFirst removes the first variant of the first slot.
func withoutFirst(v []bgoperator.BookedTourist) { v[0].Slots[0].Variants = v[0].Slots[0].Variants[1:] }

// BG-T34: SetTransfers sets all transfers of a tourist, so it is retried after a lost
// answer.
func TestSetTransfersIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t, nil)
		booking, err := c.Book(t.Context(), fakeTour(fake, "1"))
		require.NoError(t, err)
		tourists, err := c.TouristTransfers(t.Context(), booking.ID)
		require.NoError(t, err)
		fake.Inject(bgoperatortest.Fault{Op: "addtransfers", Status: http.StatusBadGateway, Processed: true})
		slot := tourists[0].Slots[0]
		bus, ok := slot.Choose(slot.Variants[1].ID) // does not begin at the airport
		require.True(t, ok)
		changed, err := c.SetTransfers(t.Context(), booking.ID, []bgoperator.ChosenTransfers{{Tourist: tourists[0].ID, Transfers: []bgoperator.Transfer{bus}}})
		require.NoError(t, err)
		assert.Equal(t, "1218.5", changed.Prices[0].Full.String())
		assert.Equal(t, map[bgoperator.TouristID][]bgoperator.VariantID{tourists[0].ID: {bus.Variant}}, fake.Bookings()[0].Chosen)
		assert.Zero(t, fake.Pending())
	})
}

// Enumerations print as English words and marshal as the wire value.
func TestTransferEnumerations(t *testing.T) {
	t.Parallel()
	for value, word := range map[fmt.Stringer]string{
		bgoperator.PointHotel: "hotel", bgoperator.PointAirport: "airport", bgoperator.PointCity: "city", bgoperator.PointType("x"): "x",
		bgoperator.IndividualTransfer: "individual", bgoperator.GroupTransfer: "group", bgoperator.TransferType("x"): "x",
		bgoperator.FlightArrival: "arrival", bgoperator.FlightDeparture: "departure", bgoperator.FlightDirection("x"): "x",
	} {
		assert.Equal(t, word, value.String())
	}
	text, err := json.Marshal(bgoperator.TransferSlot{PointType: bgoperator.PointHotel})
	require.NoError(t, err)
	assert.Contains(t, string(text), `"PointType":"h"`)
}
