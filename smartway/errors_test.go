package smartway_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T05, SW-T06, SW-T07: a failure in place of a result under HTTP 200 is a
// refusal. The data of an error is returned under any status.
func TestFailuresInResult(t *testing.T) {
	t.Parallel()
	for file, words := range map[string]string{
		"travel_policy.apply+not-found":   "Employee with id = 159",
		"auth.guid+not-found":             "employee with email example@smartway.today not found",
		"verification_code.add+not-found": "employee with id=”e2” not found",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("../testdata/smartway/" + file + ".answer.json")
			require.NoError(t, err)
			c, _ := answering(t, http.StatusOK, string(text))
			method, _, _ := strings.Cut(file, "+")
			_, err = methods[method](t.Context(), c)
			e := conformance.Failure(t, err, rutravel.ErrNotFound)
			assert.Equal(t, words, e.Message)
			assert.Equal(t, http.StatusOK, e.HTTPStatus)
		})
	}
	c, _ := answering(t, http.StatusInternalServerError, conformance.Awkward(t, "smartway", "error-http-500-data-object"))
	e := conformance.Failure(t, c.Ping(t.Context()), rutravel.ErrUnavailable)
	assert.Equal(t, "500", e.Code)
	details, ok := errors.AsType[smartway.ErrorDetails](e)
	require.True(t, ok)
	assert.Equal(t, smartway.ErrorDetails{"birthday", "a", "b"}, details)
}

// SW-T29: a documented refusal has its kind. Every other error is ErrNotConfirmed.
func TestBuyRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		kind   rutravel.Kind
	}{
		{401, `{"jsonrpc":"2.0","id":1,"error":{"code":401,"data":null,"message":"Error: Unauthorized","name":"Error"}}`, rutravel.ErrAuth},
		{401, `{"jsonrpc":"2.0","id":null,"error":{"code":401,"data":null,"message":"Error: Unauthorized","name":"Error"}}`, rutravel.ErrAuth},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params"}}`, rutravel.ErrInvalid},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"no"}}`, rutravel.ErrForbidden},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":451,"message":"no"},"result":null}`, rutravel.ErrRejected},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":429,"message":"slow"}}`, rutravel.ErrRateLimited},
		// Errors of the server, and errors of unknown programs.
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Internal error"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"Server error"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":500,"message":"oops"}}`, rutravel.ErrNotConfirmed},
		{500, `{"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"oops"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":2,"error":{"code":403,"message":"no"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","error":{"code":403,"message":"no"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"message":"no"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":"no"}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":""}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"no"},"result":"ebb84671"}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"no"}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"result":{"error":"no","success":false}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"result":"Бронирование невозможно"}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1,"result":"not_found"}`, rutravel.ErrNotConfirmed},
		// Only an answer to a request that was not read may have no id.
		{200, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}}`, rutravel.ErrInvalid},
		{200, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`, rutravel.ErrInvalid},
		{200, `{"jsonrpc":"2.0","id":null,"error":{"code":403,"message":"no"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"Invalid params"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":2,"error":{"code":401,"message":"no"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":2,"error":{"code":-32600,"message":"Invalid Request"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"}}`, rutravel.ErrNotConfirmed},
		{200, `{"jsonrpc":"2.0","id":1}`, rutravel.ErrNotConfirmed},
	} {
		t.Run(strconv.Itoa(test.status)+" "+test.body, func(t *testing.T) {
			t.Parallel()
			c, line := answering(t, test.status, test.body)
			_, err := c.Airlines.Buy(t.Context(), booking())
			assert.Equal(t, test.kind, conformance.Failure(t, err, test.kind).Kind, test.body)
			assert.Equal(t, 1, line.GetTotalCallCount(), test.body)
		})
	}
}

// An error whose outcome is unknown names the look-up.
func TestNotConfirmedNamesLookUp(t *testing.T) {
	t.Parallel()
	for lookUp, call := range map[string]func(*smartway.Client) error{
		"Airlines.Wait or Trips.Lost": func(c *smartway.Client) error {
			_, err := c.Airlines.Buy(t.Context(), booking())
			return err
		},
		"Employees.Lost": func(c *smartway.Client) error {
			_, err := c.Employees.Save(t.Context(), []smartway.EmployeeChange{{
				Surname: "a", FirstName: "b", BirthDate: civil.Date{Year: 1991, Month: 5, Day: 4}, Citizenship: "RU", Companies: []smartway.CompanyID{"1"},
			}})
			return err
		},
		"Requests.Statuses": func(c *smartway.Client) error {
			_, err := c.Requests.Save(t.Context(), travelRequest())
			return err
		},
		" Requests.Statuses": func(c *smartway.Client) error { return c.Requests.Cancel(t.Context(), "rq1") },
	} {
		t.Run(lookUp, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, http.StatusBadGateway, "bad gateway")
			err := call(c)
			e := conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Equal(t, strings.TrimSpace(lookUp), e.LookUp)
			assert.ErrorContains(t, err, "look up with "+e.LookUp)
		})
	}
}

// Only codes for errors of the caller prove that nothing was bought.
func TestBuyRefusalCodes(t *testing.T) {
	t.Parallel()
	for code, kind := range map[string]rutravel.Kind{
		`" 401 "`: rutravel.ErrAuth, `401.0`: rutravel.ErrAuth, `4.04e2`: rutravel.ErrNotFound, `400`: rutravel.ErrInvalid,
		`422`: rutravel.ErrInvalid, `499`: rutravel.ErrRejected, `-32600`: rutravel.ErrInvalid, `-32601`: rutravel.ErrRejected,
		`-32700`: rutravel.ErrInvalid,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":1,"error":{"code":`+code+`,"message":"no"}}`)
			_, err := c.Airlines.Buy(t.Context(), booking())
			assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind, code)
		})
	}
	for _, code := range []string{
		`0`, `1`, `200`, `399`, `408`, `409`, `500`, `599`, `600`, `1234`, `-1`, `-401`, `-32000`, `-32099`, `-32603`, `-32768`,
		`401.5`, `"failed"`, `"40x"`, `" "`, `true`, `1e99`, `18446744073709552017`,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":1,"error":{"code":`+code+`,"message":"no"}}`)
			_, err := c.Airlines.Buy(t.Context(), booking())
			assert.Equal(t, rutravel.ErrNotConfirmed, conformance.Failure(t, err, rutravel.ErrNotConfirmed).Kind, code)
		})
	}
}

// SW-T06: a failure in place of a result is a refusal only of methods for which the manual
// shows it, and only with the request's id.
func TestRefusalInResult(t *testing.T) {
	t.Parallel()
	for id, kind := range map[string]rutravel.Kind{"1": rutravel.ErrNotFound, "2": rutravel.ErrNotConfirmed, "null": rutravel.ErrNotConfirmed} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":`+id+`,"result":{"error":"Employee with id = 159 not found"}}`)
			_, err := c.VerificationCodes.Add(t.Context(), smartway.VerificationCode{Super: true, Employees: []smartway.ExternalID{"159"}})
			assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind, id)
		})
	}
}

// refusedAnswers are the awkward answers that are not a success, by kind.
var refusedAnswers = map[rutravel.Kind]string{
	rutravel.ErrNotConfirmed: `
		airline.book-empty airline.book-error-and-result airline.book-error-inside airline.book-id-absent
		airline.book-id-fraction airline.book-id-null airline.book-id-object airline.book-id-other
		airline.book-id-string-777 airline.book-not-uuid airline.book-null airline.book-number airline.book-object
		request.cancel-cancelled request.cancel-empty
		request.cancel-null request.cancel-other request.cancel-true request.save-empty request.save-error-inside
		request.save-not-found request.save-null request.save-object request.save-unknown`,
	rutravel.ErrProtocol: `
		airline.result-done-trip-absent airline.result-done-trip-null airline.result-failed-trip airline.result-null
		airline.result-status-absent airline.result-string airline.search-fractions airline.search-milliseconds
		airline.search-null airline.search-trips-absent auth.guid-date-no-zone
		auth.guid-date-seconds auth.guid-empty-object auth.guid-guid auth.guid-null auth.guid-string auth.guid-uuid-absent
		auth.guid-uuid-empty auth.guid-uuid-null batch employees.list-as-saved employees.save-empty employees.save-null
		employees.save-success-absent employees.setRights-bare employees.setRights-can-login-null
		employees.setRights-lower-case employees.setRights-null employees.setRights-rights-null empty-object
		neither-error-nor-result null packages.get-act-nulls packages.get-operations packages.get-type-null ping-object
		ping-string ping-true request.status-empty-array request.status-empty request.status-list request.status-missing
		request.status-null request.status-other-id request.status-value-null travel_policy.apply-empty-object
		travel_policy.apply-null travel_policy.apply-success-absent travel_policy.apply-success-null
		travel_policy.apply-true travel_policy.list-lower-case trip.get_after_change-amount trip.get_after_change-array
		trip.get_after_change-empty-array trip.get_after_change-null trip.get_after_change-trips-absent
		trip.get_by_request-not-found-null trip.info-amount-null trip.info-list trip.info-null
		trip.item_voucher-alphabet-url trip.item_voucher-as-printed trip.item_voucher-content-absent
		trip.item_voucher-content-null trip.item_voucher-data-uri trip.item_voucher-empty trip.item_voucher-html
		trip.item_voucher-not-base64 trip.item_voucher-null trip.item_voucher-pdf-bom trip.item_voucher-string
		trip.versions-object trip.versions-wrapped verification_code.add-code-null
		verification_code.add-code-other verification_code.add-date-no-zone verification_code.add-empty-object
		verification_code.add-null verification_code.add-true`,
	rutravel.ErrRejected: `
		airline.result-error-inside airline.search-error-inside auth.guid-failure-alone employees.list-error-inside
		employees.save-error-inside employees.save-failed-error employees.save-failed-id-null employees.save-failed
		employees.save-order employees.save-success-string error-code-absent error-code-zero error-empty-object
		error-empty-string error-http-200-method error-string packages.get-error-inside travel_policy.apply-error-alone
		travel_policy.apply-error-object travel_policy.apply-failure-alone travel_policy.apply-failure-error-empty
		travel_policy.apply-failure-error-null trip.get_after_change-error-inside trip.info-error-inside
		trip.item_voucher-error-inside verification_code.add-failure-alone verification_code.add-no-code`,
	rutravel.ErrNotFound: `
		airline.result-not-found auth.guid-error-alone auth.guid-error-and-uuid employees.setRights-error-inside
		request.status-not-found travel_policy.apply-failure-string travel_policy.apply-success-with-error
		trip.get_by_request-not-found-string trip.info-not-found trip.item_voucher-not-found
		verification_code.add-error-alone verification_code.add-quotes`,
	rutravel.ErrAuth: `
		error-code-string error-http-200 error-http-401-id-null error-http-401-result-null error-http-401 error-id-other
		error-message-null`,
	rutravel.ErrInvalid: `
		error-http-200-start_date error-http-400-parse`,
	rutravel.ErrUnavailable: `
		error-and-result error-http-500-data-array error-http-500-data-object error-http-500-data-string
		error-http-500-jsonrpc-absent error-http-503-result`,
}

// Every awkward answer is a success or an error of one kind.
func TestAwkwardAnswers(t *testing.T) {
	t.Parallel()
	want := map[string]rutravel.Kind{}
	for kind, names := range refusedAnswers {
		for name := range strings.FieldsSeq(names) {
			want[name] = kind
		}
	}
	var seen int
	files, err := filepath.Glob("../testdata/smartway/awkward/*.json")
	require.NoError(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strconv.IntSize == 32 && strings.HasSuffix(name, "-cursor-large") {
				t.Skip("a Cursor is an int")
			}
			method, _, _ := strings.Cut(name, "-")
			call := methods[method]
			if call == nil { // any method
				call = methods["train.station_autocomplete"]
			}
			status := http.StatusOK
			if _, code, ok := strings.Cut(name, "-http-"); ok {
				n, err := strconv.Atoi(code[:len("200")])
				require.NoError(t, err)
				status = n
			}
			c, _ := answering(t, status, conformance.Awkward(t, "smartway", name))
			_, err := call(t.Context(), c)
			if joined, ok := err.(interface{ Unwrap() []error }); ok { // errors of rows of an iteration
				err = joined.Unwrap()[0]
			}
			if kind, refused := want[name]; refused {
				assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind)
				return
			}
			require.NoError(t, err)
		})
		if want[name] != "" {
			seen++
		}
	}
	assert.Len(t, want, seen, "some answers have no file")
}
