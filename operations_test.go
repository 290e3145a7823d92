package rutravel_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// manuals are the operations that the suppliers' manuals describe: the key under
// which the library has each, and the line of documentation that names it.
var manuals = map[string]map[string]string{
	"regionbilet": lines("Regionbilet: GET ", `segment from to trip trip_info trip_free_seats nationality type_doc booking cancel
		pay refund status_ticket report_sale report_refund`),
	"multitour": lines("Multitour: POST ", `map.country map.resort map.city map.hotel map.category map.treatment map.pansion
		map.highway map.beach.type map.sea.distance map.options map.tour.type list.price hotel.price booking_set booking_list booking_info`),
	"bgoperator": {
		"createtour":     "Bgoperator: POST createtour",
		"canceltour":     "Bgoperator: GET canceltour",
		"addContactInfo": "Bgoperator: POST addContactInfo",
		"showtransfers":  "Bgoperator: GET showtransfers",
		"showflightdata": "Bgoperator: GET showflightdata",
		"addtransfers":   "Bgoperator: POST addtransfers",
	},
	"ticketscloud": {
		"orders.create":    "Ticketscloud: POST /v2/resources/orders",
		"orders.change":    "Ticketscloud: PATCH /v2/resources/orders/:id",
		"orders.list":      "Ticketscloud: GET /v2/resources/orders",
		"orders.export":    "Ticketscloud: POST /v2/resources/orders/export",
		"refunds.create":   "Ticketscloud: POST /v2/resources/refund_requests",
		"refunds.approve":  "Ticketscloud: PATCH /v2/resources/refund_requests/:refund_id",
		"refunds.reject":   "Ticketscloud: PATCH /v2/resources/refund_requests/:refund_id",
		"refunds.list":     "Ticketscloud: GET /v2/resources/refund_requests",
		"promocodes.check": "Ticketscloud: POST /v2/services/promocodes/check",
		"mosbilet":         "Ticketscloud: PUT /v2/services/orders/mosbilet/user_data",
		"simple.events":    "Ticketscloud: GET /v1/services/simple/events",
		"events.tickets":   "Ticketscloud: GET /v1/resources/events/:id/tickets",
	},
	"smartway": lines("Smartway: POST ", `ping employees.save employees.list employees.setRights airline.airport_autocomplete
		airline.search airline.book airline.result train.station_autocomplete hotel.autocomplete request.save request.cancel
		request.status trip.info trip.versions trip.get_by_range trip.get_after_change trip.get_by_request trip.item_voucher
		trip.version_voucher packages.get travel_policy.list travel_policy.apply auth.guid verification_code.add`),
}

func lines(prefix, names string) map[string]string {
	all := map[string]string{}
	for _, name := range strings.Fields(names) {
		all[name] = prefix + name
	}
	return all
}

// Those of the gRPC catalogue have no golden files; testdata/tcsimple has their
// messages.
func TestCatalogueOperations(t *testing.T) {
	t.Parallel()
	const folder = "ticketscloud/tcsimple/"
	code := source(t, folder+"*.go", false)
	tests := source(t, folder+"*_test.go", true) + source(t, folder+"interop/*_test.go", true)
	fake := source(t, folder+"tcsimpletest/*.go", false)
	messages := source(t, "testdata/tcsimple/messages.md", false)
	for op, line := range lines("Ticketscloud: gRPC ", "Events MetaEvents Categories Tags Venues Maps Seats Countries Cities Artists") {
		assert.True(t, matches("(?m)^// "+line+"$", code), "%s: no method", op)
		assert.True(t, matches(`Key: +"`+op+`"`, code), "%s: no row", op)
		assert.True(t, matches(`\b`+op+`\(`, tests), "%s: no test", op)
		assert.True(t, matches(`"`+op+`"`, fake), "%s: not in the fake", op)
		assert.True(t, matches(`\b`+op+`\b`, messages), "%s: no messages", op)
	}
}

// Each operation of the manuals has a method that says so, a row in the table of
// operations, a golden request and answer, a call in the conformance suite and
// a place in the fake.
func TestOperations(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for supplier, operations := range manuals {
		row := fmt.Sprintf("(?m)^\\| \\[`%s`\\].*\\| %[2]d of %[2]d", supplier, len(operations))
		assert.True(t, matches(row, string(readme)), "%s: %d operations are not what the README says", supplier, len(operations))
		code := source(t, supplier+"/*.go", false)
		suite := source(t, supplier+"/*_test.go", true)
		fake := source(t, supplier+"/"+supplier+"test/*.go", false)
		for op, line := range operations {
			about := supplier + " " + op
			assert.True(t, matches("(?m)^// "+regexp.QuoteMeta(line)+"$", code), "%s: no method", about)
			name := regexp.QuoteMeta(op) + `["+]` // or a form of it
			assert.True(t, matches(`Key: +"`+name, code), "%s: no row", about)
			assert.True(t, matches(`"`+name, suite), "%s: no call in the suite", about)
			assert.True(t, matches(`"`+name, fake), "%s: not in the fake", about)
			for _, kind := range []string{"request", "answer"} {
				golden, err := filepath.Glob(filepath.Join("testdata", supplier, op+"[.+]*"+kind+".*"))
				require.NoError(t, err, "%v, %v, %v", supplier, op, kind)
				assert.NotEmpty(t, golden, "%s: no golden %s", about, kind)
			}
		}
	}
}

// source returns the files that match, tests or all others.
func source(t *testing.T, pattern string, tests bool) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var all strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") == tests {
			text, err := os.ReadFile(name)
			require.NoError(t, err, name)
			all.Write(text)
		}
	}
	require.Positive(t, all.Len(), pattern)
	return all.String()
}

// matches is for failures that do not print whole packages.
func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }
