package smartway_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T66, SW-T67, SW-T87: a code needs a text and an expiry unless it is a super code,
// and employees unless Everyone is set.
func TestVerificationCodes(t *testing.T) {
	t.Parallel()
	end := time.Date(2020, 12, 31, 18, 44, 26, 999, time.FixedZone("MSK", 3*60*60))
	code := func(change func(*smartway.VerificationCode)) smartway.VerificationCode {
		c := smartway.VerificationCode{Code: "159305", Employees: []smartway.ExternalID{"e1"}, Expires: end}
		change(&c)
		return c
	}
	for _, test := range []struct {
		name string
		code smartway.VerificationCode
		want string
	}{
		{"an employee", code(func(*smartway.VerificationCode) {}), `{"verification_code":"159305","employees":["e1"],"expiration_date":"2020-12-31T15:44:26Z","auto_verification":false}`},
		{"everyone", code(func(c *smartway.VerificationCode) { c.Employees, c.Everyone = nil, true }), `{"verification_code":"159305","employees":[],"expiration_date":"2020-12-31T15:44:26Z","auto_verification":false}`},
		{"a super code", smartway.VerificationCode{Super: true, Employees: []smartway.ExternalID{"e1", "e2"}}, `{"employees":["e1","e2"],"auto_verification":true}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, queries := asked(t, `{"verification_code":`+strconv.Quote(test.code.Code)+`,"expiration_date":null}`)
			_, err := c.VerificationCodes.Add(t.Context(), test.code)
			require.NoError(t, err)
			assert.Equal(t, []string{test.want}, *queries)
		})
	}
	for field, c := range map[string]smartway.VerificationCode{
		"Code":         code(func(c *smartway.VerificationCode) { c.Code = "" }),
		"Expires":      code(func(c *smartway.VerificationCode) { c.Expires = time.Time{} }),
		"Employees":    code(func(c *smartway.VerificationCode) { c.Employees = nil }),
		"Employees[0]": code(func(c *smartway.VerificationCode) { c.Employees = []smartway.ExternalID{""} }),
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			_, err := with(t, "null").VerificationCodes.Add(t.Context(), c)
			conformance.Invalid(t, err, field)
		})
	}
	_, err := with(t, "null").VerificationCodes.Add(t.Context(), code(func(c *smartway.VerificationCode) { c.Code = strings.Repeat("я", 51) }))
	conformance.Invalid(t, err, "Code")
	longest := code(func(c *smartway.VerificationCode) { c.Code = strings.Repeat("я", 50) })
	_, err = with(t, `{"verification_code":"`+longest.Code+`"}`).VerificationCodes.Add(t.Context(), longest)
	require.NoError(t, err)
	west := time.FixedZone("", -3600) // it is written in UTC
	_, err = with(t, "null").VerificationCodes.Add(t.Context(), code(func(c *smartway.VerificationCode) { c.Expires = time.Date(9999, 12, 31, 23, 30, 0, 0, west) }))
	conformance.Invalid(t, err, "Expires")
	_, err = with(t, "null").VerificationCodes.Add(t.Context(), code(func(c *smartway.VerificationCode) { c.Everyone = true }))
	conformance.Invalid(t, err, "Employees")
}
