package bgoperatortest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

// BG-T34: the manual does not say whether tourists who are not in a request keep
// their transfers. OthersKeep makes the fake keep them.
func TestTransfersOfOtherTourists(t *testing.T) {
	t.Parallel()
	for name, keep := range map[string]bool{"lost": false, "kept": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, c := start(t)
			fake.SetQuirks(bgoperatortest.Quirks{OthersKeep: keep})
			booking, err := c.Book(t.Context(), tour(fake.Offers()[0], "1", "2"))
			require.NoError(t, err)
			tourists, err := c.TouristTransfers(t.Context(), booking.ID)
			require.NoError(t, err)
			set := func(p bgoperator.BookedTourist, slot int) bgoperator.VariantID {
				bus, ok := p.Slots[slot].Choose(p.Slots[slot].Variants[1].ID)
				require.True(t, ok)
				changed, err := c.SetTransfers(t.Context(), booking.ID, []bgoperator.ChosenTransfers{{Tourist: p.ID, Transfers: []bgoperator.Transfer{bus}}})
				require.NoError(t, err)
				want := map[int]string{0: "2411.5", 1: "2405"}[slot]
				if p.ID == tourists[1].ID && keep {
					want = "2430.5"
				}
				assert.Equal(t, want, changed.Prices[0].Full.String())
				return bus.Variant
			}
			set(tourists[0], 1)
			first := set(tourists[0], 0)
			assert.Equal(t, map[bgoperator.TouristID][]bgoperator.VariantID{tourists[0].ID: {first}}, fake.Bookings()[0].Chosen, "replaced")
			second := set(tourists[1], 1)
			want := map[bgoperator.TouristID][]bgoperator.VariantID{tourists[1].ID: {second}}
			if keep {
				want[tourists[0].ID] = []bgoperator.VariantID{first}
			}
			assert.Equal(t, want, fake.Bookings()[0].Chosen)
		})
	}
}

// The fake compares transfers with its offers. Refused transfers change nothing.
func TestRefusedTransfers(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	booking, err := c.Book(t.Context(), tour(fake.Offers()[0], "1"))
	require.NoError(t, err)
	tourists, err := c.TouristTransfers(t.Context(), booking.ID)
	require.NoError(t, err)
	slot := tourists[0].Slots[0]
	transfer, _ := slot.Choose(slot.Variants[0].ID)
	flights, err := c.Flights(t.Context(), transfer)
	require.NoError(t, err)
	transfer.Flight = flights[0]
	for code, f := range map[bgoperator.Code]func(*bgoperator.Transfer){
		"131": func(v *bgoperator.Transfer) { v.From, v.Airport = "102540003719", "102540003719" },
		"132": func(v *bgoperator.Transfer) { v.Variant = "1" },
		"133": func(v *bgoperator.Transfer) { v.Date = "01.04.2014" },
		"139": func(v *bgoperator.Transfer) { v.To = "1" },
		"143": func(v *bgoperator.Transfer) {
			v.Flight = bgoperator.Flight{ID: "1", Text: "x", XML: `<flight id="1">x</flight>`}
		},
		"144": func(v *bgoperator.Transfer) { v.Date = "2014-03-01" },
		"147": func(v *bgoperator.Transfer) {
			v.Flight.XML = strings.Replace(v.Flight.XML, ` seats="12"`, "", 1)
		},
		"149": func(v *bgoperator.Transfer) { v.PID = "" },
		"150": func(v *bgoperator.Transfer) { v.PID = "1" },
	} {
		wrong := transfer
		f(&wrong)
		_, err = c.SetTransfers(t.Context(), booking.ID, []bgoperator.ChosenTransfers{{Tourist: tourists[0].ID, Transfers: []bgoperator.Transfer{wrong}}})
		assert.ErrorIs(t, err, code)
	}
	assert.Empty(t, fake.Bookings()[0].Chosen)
	set := func(id bgoperator.BookingID, tourist bgoperator.TouristID) error {
		_, err := c.SetTransfers(t.Context(), id, []bgoperator.ChosenTransfers{{Tourist: tourist, Transfers: []bgoperator.Transfer{transfer}}})
		return err
	}
	assert.ErrorIs(t, set("1", tourists[0].ID), bgoperator.CodeBookingNotFound)
	assert.ErrorIs(t, set(booking.ID, "1"), bgoperator.CodeTouristNotFound)
	require.NoError(t, set(booking.ID, tourists[0].ID))
	fake.CloseTransfers()
	assert.ErrorIs(t, set(booking.ID, tourists[0].ID), bgoperator.CodeTooLateForTransfers)
}

// Transfers change the price in all currencies.
func TestTransfersChangeAllPrices(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	for i, want := range map[int][]string{0: {"1218.5", "76156.75"}, 3: {"1923.65"}, 4: {"20583.75"}} {
		booking, err := c.Book(t.Context(), tour(fake.Offers()[i], "1"))
		require.NoError(t, err)
		tourists, err := c.TouristTransfers(t.Context(), booking.ID)
		require.NoError(t, err)
		bus, ok := tourists[0].Slots[0].Choose(tourists[0].Slots[0].Variants[1].ID)
		require.True(t, ok)
		changed, err := c.SetTransfers(t.Context(), booking.ID, []bgoperator.ChosenTransfers{{Tourist: tourists[0].ID, Transfers: []bgoperator.Transfer{bus}}})
		require.NoError(t, err)
		var got []string
		for _, p := range changed.Prices {
			got = append(got, p.Full.String())
			assert.Equal(t, p.Full.String(), p.Amount.Add(p.Commission).String())
		}
		assert.Equal(t, want, got, i)
	}
}
