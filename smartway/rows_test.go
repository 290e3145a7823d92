package smartway

import (
	"cmp"
	"context"
	"slices"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// within returns the paths of values in elements of a list.
func within(element string, paths ...string) (all []string) {
	for _, path := range paths {
		all = append(all, element+path)
	}
	return all
}

// Essential values of each type of row. A question mark means that the manual allows the
// value to be absent. Statuses and types of operations are texts.
var (
	essentialTransaction = []string{"type?~", "amount", "vats[].vat_amount?"}
	essentialVersion     = slices.Concat(
		[]string{"version_id", "item_id", "trip_id?", "status?~", "number?"},
		within("transaction_details[].", essentialTransaction...),
		within("travellers[].", "external_id?"),
	)
	essentialItem = slices.Concat(
		[]string{"id", "request_id?", "status?~", "number?", "amount", "vats[].vat_amount?"},
		within("travellers[].", "external_id?"),
		within("versions[].", essentialVersion...),
	)
	essentialTrip     = slices.Concat([]string{"id", "status?~", "amount"}, within("items[].", essentialItem...))
	essentialEmployee = []string{"Id", "ExternalId?", "Companies[].CompanyId", "Companies[].EmployeeId?", "Status?~"}
	essentialPackage  = []string{
		"number", "documents[].type", "documents[].items[].amount",
		"documents[].items[].ticket_numbers[]", "documents[].items[].operation.Booking?~",
		"documents[].items[].count?", "documents[].items[].price?", "documents[].items[].vat?",
	}
	// A fare that cannot be read is left out of the list of fares, unless it is the only
	// fare.
	essentialFare    = []string{"id?", "is_default?", "price"}
	essentialVariant = []string{
		"id", "price", "duration?", "routes[].duration?", "routes[].segments[].available_seats?", "routes[].segments[].change_duration?",
		"routes[].segments[].departure_time", "routes[].segments[].arrival_time",
	}
)

// goldenByFile returns the golden calls by file name.
func goldenByFile() map[string]golden {
	calls := map[string]golden{}
	for _, c := range goldenCalls() {
		calls[cmp.Or(c.File, c.Op)] = c
	}
	return calls
}

// goldenLists are the lists of the suite.
func goldenLists() (all []conformance.List[*Client]) {
	calls := goldenByFile()
	calls["trip.get_after_change+as-printed"] = as("trip.get_after_change+as-printed", calls["trip.get_after_change"])
	directory := func(op string, essential ...string) {
		all = append(all, conformance.List[*Client]{
			Call: calls[op], Rows: "result[]", ID: essential[0], Offered: true, Essential: essential,
		})
	}
	directory("airline.airport_autocomplete", "code")
	directory("train.station_autocomplete", "code")
	directory("hotel.autocomplete", "id", "is_region")
	directory("travel_policy.list", "Id")

	list := func(file, field, rows, id string, essential ...string) {
		all = append(all, conformance.List[*Client]{Call: calls[file], Field: field, Rows: rows, ID: id, Essential: essential})
	}
	for _, file := range []string{"employees.list+all", "employees.list+client-ids", "employees.list+company"} {
		list(file, "", "result[]", "Id", essentialEmployee...)
	}
	list("packages.get", "", "result[]", "number", essentialPackage...)
	list("packages.get+invoice", "", "result[]", "number", append(essentialPackage, "documents[].items[].operation.Penalty?~")...)
	for _, file := range []string{"trip.versions", "trip.versions+air", "trip.versions+train", "trip.versions+transfer", "trip.versions+cancelled"} {
		list(file, "", "result[]", "version_id", essentialVersion...)
	}
	for _, file := range []string{
		"trip.get_by_range", "trip.get_by_range+transfer", "trip.get_by_request",
		"trip.get_after_change", "trip.get_after_change+hotel", "trip.get_after_change+as-printed",
	} {
		list(file, "Trips", "result.trips[]", "id", essentialTrip...)
	}
	search := func(file string, essential ...string) {
		list(file, "Variants", "result.trips[]", "id", essential...)
		all[len(all)-1].Offered = true
	}
	search("airline.search", slices.Concat(essentialVariant, within("fares[].", essentialFare...))...) // each has one fare
	search("airline.search+round-trip", essentialVariant...)
	fares := conformance.Call1("airline.search", func(c *Client, ctx context.Context, q FlightQuery, opts ...rutravel.CallOption) (all []Fare, err error) {
		offers, err := c.Airlines.Search(ctx, q, opts...)
		for _, v := range offers.Variants {
			all = append(all, v.Fares...)
		}
		return all, err
	}, FlightQuery{
		Class: CabinBusiness, Baggage: BaggageIncluded, Travellers: 2,
		Routes: []RouteQuery{{"MOW", "LED", conformance.Date(14, 10, 2019)}, {"LED", "MOW", conformance.Date(18, 10, 2019)}},
	}, nil)
	all = append(all, conformance.List[*Client]{
		Call: as("airline.search+round-trip", fares), Rows: "result.trips[].fares[]", ID: "id", Offered: true,
		Essential: append(essentialFare, "refund_ticket_with_condition.*?~", "change_ticket_with_condition.*?~"),
	})
	return append(all, conformance.List[*Client]{Call: listedStatuses(), Rows: "result.*", ID: "*", Essential: []string{""}})
}

// listedStatuses is request.status with the statuses in the order of the answer.
func listedStatuses() golden {
	ids := []RequestID{
		"rq87761062_8ea0_11e9_b992_802bf9e8178c", "rq87761063_8ea0_11e9_b992_802bf9e8178c", "rq87761064_8ea0_11e9_b992_802bf9e8178c",
		"rqb1126017_8dc7_11e9_b991_802bf9e8178", "rqb1126017_8dc7_11e9_b991_802bf9e8178c",
	}
	return conformance.Call1("request.status", func(c *Client, ctx context.Context, ids []RequestID, opts ...rutravel.CallOption) (all []RequestStatus, err error) {
		statuses, err := c.Requests.Statuses(ctx, ids, opts...)
		for _, id := range ids {
			if status, ok := statuses[id]; ok {
				all = append(all, status)
			}
		}
		return all, err
	}, ids, nil)
}

// goldenLookUps are the look-ups of the suite.
func goldenLookUps() []conformance.LookUp[*Client] {
	passengers := []Passenger{{Surname: "Гордина", FirstName: "Елена", MiddleName: "Владимировна"}}
	inDays := conformance.Call1("trip.get_by_range", via(trips, Trips.Lost), LostQuery{Passengers: passengers, Day: conformance.Date(13, 6, 2019)}, nil)
	after := conformance.Call1("trip.get_by_range", via(trips, Trips.Lost), LostQuery{Passengers: passengers, After: new(Cursor(263425))}, nil)
	change := illarionov()
	change.ID, change.Surname, change.INNs, change.Companies = "", "Шишкин", nil, []CompanyID{"11525"}
	employee := as("employees.list+company", conformance.Call1("employees.list", via(employees, Employees.Lost), change, nil))
	return []conformance.LookUp[*Client]{
		{Call: inDays, Rows: "result.trips[]"},
		{Call: after, Rows: "result.trips[]"},
		{Call: employee, Rows: "result[]"},
	}
}
