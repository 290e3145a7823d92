package bgoperator

import "github.com/rutravel/rutravel-go/internal/testing/conformance"

// goldenLists returns the lists of the suite with the essential values of each type of
// row.
func goldenLists() []conformance.List[*Client] {
	calls := map[string]golden{}
	for _, c := range goldenCalls() {
		calls[c.Op] = c
	}
	slots := conformance.Parts(calls["showtransfers"], func(t BookedTourist) []TransferSlot { return t.Slots })
	variants := conformance.Parts(calls["showtransfers"], func(t BookedTourist) (all []Variant) {
		for _, s := range t.Slots {
			all = append(all, s.Variants...)
		}
		return all
	})
	return []conformance.List[*Client]{
		// A slot that cannot be read is left out of the slots, a variant of the variants.
		{Call: calls["showtransfers"], Rows: "tours.persons.person", ID: "@id", Essential: []string{"@id"}},
		{
			Call: slots, Rows: "tours.persons.person.transferSlot", Offered: true,
			Essential: []string{"@dir", "@point", "@ptype", "@date"},
		},
		{
			Call: variants, Rows: "tours.persons.person.transferSlot.variant", ID: "@id", Offered: true,
			Essential: []string{"@id", "@price", "@currency", "@point", "@ptype", "@pid?"},
		},
		// A flight goes back unchanged, so no part of it is minor.
		{Call: calls["showflightdata"], Rows: "tours.flights.flight", ID: "@id", Offered: true, Essential: []string{"@id", "?"}},
	}
}
