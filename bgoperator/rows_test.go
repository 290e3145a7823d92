package bgoperator

import "github.com/rutravel/rutravel-go/internal/testing/conformance"

// goldenLists are the lists of the suite, with the essential values of each type of
// row.
func goldenLists() []conformance.List[*Client] {
	calls := map[string]golden{}
	for _, c := range goldenCalls() {
		calls[c.Op] = c
	}
	return []conformance.List[*Client]{
		// A slot or a variant that cannot be read is left out of its own list.
		{Call: calls["showtransfers"], Rows: "tours.persons.person", ID: "@id", Essential: []string{"@id"}},
		// A flight goes back as it came: no part of it is minor.
		{Call: calls["showflightdata"], Rows: "tours.flights.flight", ID: "@id", Offered: true, Essential: []string{"@id", "?"}},
	}
}
