package regionbilet

import (
	"slices"
	"testing"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// goldenLists returns the lists of the suite, with the essential values of each type of
// row.
func goldenLists(t *testing.T) []conformance.List[*Client] {
	t.Helper()
	calls := map[string]golden{}
	for _, c := range goldenCalls(t) {
		calls[c.Op] = c
	}
	directory := func(op string, essential ...string) conformance.List[*Client] {
		return conformance.List[*Client]{Call: calls[op], Rows: "result[]", ID: essential[0], Offered: true, Essential: essential}
	}
	var (
		// A price that cannot be read is a warning if the other price can be read.
		trip = []string{"id_trip", "id_from_point", "id_to_point", "date_trip", "time_trip", "count_available_seats_trip"}
		// A ticket that is not paid has no number. A ticket that is not refunded has no
		// amounts of a refund.
		ticket = []string{
			"status", "number_ticket?", "seat?", "ticket_price?", "markup_ticket_price?", "proc_refund?", "sum_refund_ticket?",
		}
		record = []string{"id_booking", "number_ticket", "seat?", "category"}
		sale   = slices.Concat(record, []string{"ticket_price", "markup_price"})
		refund = slices.Concat(record, []string{"ticket_refund_price", "ticket_refund_percent"})
	)
	days := func(from, to int) DateRange {
		return DateRange{From: conformance.Date(from, 2, 2021), To: conformance.Date(to, 2, 2021)}
	}
	allSales := conformance.Call1("report_sale", conformance.Collected((*Client).AllSales), days(1, 20), nil)
	allRefunds := conformance.Call1("report_refund", conformance.Collected((*Client).AllRefunds), days(1, 20), nil)
	seats := calls["trip_free_seats"]
	seats.Answer = `{"error":"0","result":[{"seats_trip":"1^2^10"},{"seats_trip":"27^38"}]}`
	return []conformance.List[*Client]{
		directory("from", "id_from"),
		directory("to", "id_to"),
		directory("nationality", "id_nationality"),
		directory("type_doc", "id_doc"),
		directory("segment", "id_from", "id_to"),
		directory("trip", trip...),
		{Call: calls["trip_info"], Rows: "result[]", Offered: true, Essential: []string{"name?~"}},
		{Call: seats, Rows: "result[]", Offered: true, Joined: true, Essential: []string{"seats_trip?"}},
		{Call: calls["status_ticket+order"], Rows: "result[]", ID: "number_ticket", Essential: ticket},
		{Call: calls["report_sale"], Rows: "result[]", ID: "number_ticket", Essential: sale},
		{Call: allSales, Rows: "result[]", ID: "number_ticket", Essential: sale},
		{Call: calls["report_refund"], Rows: "result[]", ID: "number_ticket", Essential: refund},
		{Call: allRefunds, Rows: "result[]", ID: "number_ticket", Essential: refund},
	}
}

// goldenLookUps returns the look-ups of the suite.
func goldenLookUps(t *testing.T) (all []conformance.LookUp[*Client]) {
	t.Helper()
	for _, c := range goldenCalls(t) {
		if c.Op == "status_ticket" || c.Op == "status_ticket+order" {
			all = append(all, conformance.LookUp[*Client]{Call: c, Rows: "result[]"})
		}
	}
	return all
}
