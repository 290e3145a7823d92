package valid_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
)

const (
	empty    = "must not be empty"
	notUTF8  = "must be UTF-8"
	spaces   = "must not contain spaces or control characters"
	controls = "must not contain control characters"
	unset    = "must be set"
	noDate   = "must be a date of the calendar"
)

// check returns the problem that a check of the field "F" finds, or "".
func check(t *testing.T, f func(*valid.Check)) string {
	t.Helper()
	var c valid.Check
	f(&c)
	err := c.Err()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*rutravel.FieldError](err)
	require.True(t, ok)
	assert.Equal(t, "F", e.Field)
	assert.Equal(t, "F "+e.Problem, err.Error())
	return e.Problem
}

func TestTexts(t *testing.T) {
	t.Parallel()
	tests := []struct{ value, id, text, optText string }{
		{"", empty, empty, ""},
		{" ", spaces, empty, ""},
		{"\u00a0\u2003", spaces, empty, ""},
		{"\t", spaces, empty, controls},
		{"a-1", "", "", ""},
		{"Ёж-2", "", "", ""},
		{"🚌", "", "", ""},
		{"0", "", "", ""},
		{"0701 755756", spaces, "", ""},
		{" a", spaces, "", ""},
		{"a\u00a0b", spaces, "", ""},
		{"a\nb", spaces, controls, controls},
		{"a\x00", spaces, controls, controls},
		{"a\x7f", spaces, controls, controls},
		{"a\u0085", spaces, controls, controls},
		{"a\ufffe", spaces, controls, controls},
		{"\uffff", spaces, controls, controls},
		{"&=#%/?+", "", "", ""},
		{"\ufffd", "", "", ""},
		{"a\xff", notUTF8, notUTF8, notUTF8},
		{"\xcf\xf0", notUTF8, notUTF8, notUTF8},
		{"\xff\n", notUTF8, notUTF8, notUTF8},
		{strings.Repeat("a", 1<<16), "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.value[:min(len(tt.value), 20)], func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.id, check(t, func(c *valid.Check) { c.ID("F", tt.value) }))
			assert.Equal(t, tt.text, check(t, func(c *valid.Check) { c.Text("F", tt.value) }))
			assert.Equal(t, tt.optText, check(t, func(c *valid.Check) { c.OptText("F", tt.value) }))
		})
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		date civil.Date
		want string
	}{
		{civil.Date{}, unset},
		{civil.Date{Year: 2024, Month: 2, Day: 29}, ""},
		{civil.Date{Year: 1, Month: 1, Day: 1}, ""},
		{civil.Date{Year: 9999, Month: 12, Day: 31}, ""},
		{civil.Date{Year: 2023, Month: 2, Day: 29}, noDate},
		{civil.Date{Year: 2024, Month: 13, Day: 1}, noDate},
		{civil.Date{Year: 2024, Month: 4, Day: 31}, noDate},
		{civil.Date{Year: 2024, Month: 1}, noDate},
		{civil.Date{Year: 2024, Day: 1}, noDate},
		{civil.Date{Month: 1, Day: 1}, noDate},
		{civil.Date{Year: -1, Month: 1, Day: 1}, noDate},
		{civil.Date{Year: 10_000, Month: 1, Day: 1}, noDate},
	}
	for _, tt := range tests {
		t.Run(tt.date.String(), func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, check(t, func(c *valid.Check) { c.Date("F", tt.date) }))
		})
	}
}

func TestDateTime(t *testing.T) {
	t.Parallel()
	day := civil.Date{Year: 2026, Month: 1, Day: 31}
	tests := []struct {
		name string
		at   civil.DateTime
		want string
	}{
		{"midnight", civil.DateTime{Date: day}, ""},
		{"last", civil.DateTime{Date: day, Time: civil.Time{Hour: 23, Minute: 59, Second: 59, Nanosecond: 999_999_999}}, ""},
		{"zero", civil.DateTime{}, "F.Date " + unset},
		{"no date", civil.DateTime{Date: civil.Date{Year: 2026, Month: 2, Day: 30}, Time: civil.Time{Hour: 24}}, "F.Date " + noDate},
		{"hour", civil.DateTime{Date: day, Time: civil.Time{Hour: 24}}, "F.Time must be a time of day"},
		{"minute", civil.DateTime{Date: day, Time: civil.Time{Minute: -1}}, "F.Time must be a time of day"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var c valid.Check
			c.DateTime("F", tt.at)
			if tt.want == "" {
				assert.NoError(t, c.Err())
			} else {
				assert.EqualError(t, c.Err(), tt.want)
			}
		})
	}
}

func TestFirstWrongField(t *testing.T) {
	t.Parallel()
	var c valid.Check
	require.NoError(t, c.Err())
	c.That(true, "A", "fine")
	require.NoError(t, c.Err())
	c.That(false, "Passengers[1].Seat", "must not be another passenger's")
	c.That(false, "C", "wrong")
	c.ID("D", "")
	c.That(true, "E", "fine")
	require.EqualError(t, c.Err(), "Passengers[1].Seat must not be another passenger's")
	assert.Equal(t, &rutravel.FieldError{Field: "Passengers[1].Seat", Problem: "must not be another passenger's"}, c.Err())
}

func TestErrorsContainNoValues(t *testing.T) {
	t.Parallel()
	for i, f := range []func(*valid.Check){
		func(c *valid.Check) { c.ID("F", "4509 123456") },
		func(c *valid.Check) { c.Text("F", "4509\n123456") },
		func(c *valid.Check) { c.OptText("F", "4509123456\xff") },
		func(c *valid.Check) { c.Date("F", civil.Date{Year: 1985, Month: 2, Day: 31}) },
	} {
		problem := check(t, f)
		require.NotEmpty(t, problem, "check %d", i)
		for _, part := range []string{"4509", "123456", "1985", "31"} {
			assert.NotContains(t, problem, part, "check %d", i)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for value, ok := range map[string]bool{
		"0": true, "6228": true, "1438172603": true,
		"": false, "007": false, "00": false, "-1": false, "+1": false, "1.0": false, "1e3": false, "x": false, "١": false,
	} {
		var v valid.Check
		v.Number("ID", value)
		assert.Equal(t, ok, v.Err() == nil, value)
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	const tooFar = "F must be in the years 1 to 9999"
	west, east := time.FixedZone("", -3600), time.FixedZone("", 3600)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "F must be set"},
		{time.Date(1, 1, 1, 0, 30, 0, 0, time.UTC), ""},
		{time.Date(1, 1, 1, 0, 30, 0, 0, east), tooFar},
		{time.Date(9999, 12, 31, 23, 30, 0, 0, time.UTC), ""},
		{time.Date(9999, 12, 31, 23, 30, 0, 0, west), tooFar},
	} {
		var v valid.Check
		v.Instant("F", tt.at)
		if tt.want == "" {
			assert.NoError(t, v.Err(), tt.at)
		} else {
			assert.EqualError(t, v.Err(), tt.want, tt.at)
		}
	}
}

func TestTrim(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", " ": "", " ИВАНОВ\u00a0": "ИВАНОВ", "0701 755756": "0701 755756", "\r\nX": "\r\nX", " X\t": "X\t",
	} {
		assert.Equal(t, want, valid.Trim(text), "%q", text)
	}
}
