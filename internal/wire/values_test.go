package wire_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/wire"
)

// readOne reads a document that consists of one value.
func readOne[T any](text string, read func(*wire.Decoder, *T) error) (v T, err error) {
	err = wire.Decode([]byte(text), nil, func(d *wire.Decoder) error { return read(d, &v) })
	return v, err
}

func TestString(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"a"`:                      "a",
		`" a "`:                    " a ",
		`"\u0000\b\f\n\r\t\/\"\\"`: "\x00\b\f\n\r\t/\"\\",
		`0`:                        "0",
		`-1.50e+3`:                 "-1.50e+3",
		`null`:                     "",
	} {
		got, err := readOne(text, wire.String[string])
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

// TestStringsAreCopies shows that values do not change with the buffer from which
// they were read.
func TestStringsAreCopies(t *testing.T) {
	t.Parallel()
	text := []byte(sample)
	var got answer
	require.NoError(t, wire.Decode(text, nil, got.decode))
	clear(text)
	assert.Equal(t, sampleAnswer(), got)
}

func TestID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]tripID{
		`"a"`:                    "a",
		`" a b "`:                "a b",
		"\"\u00a07\u2003\"":      "7",
		`17`:                     "17",
		`1234567890123456789012`: "1234567890123456789012",
		`"007"`:                  "007",
	} {
		for name, read := range map[string]func(*wire.Decoder, *tripID) error{"ID": wire.ID[tripID], "OptID": wire.OptID[tripID]} {
			got, err := readOne(text, read)
			require.NoError(t, err, "%s of %s", name, text)
			assert.Equal(t, want, got, "%s of %s", name, text)
		}
	}
	for _, text := range []string{`1.0`, `1.234567e+06`, `1e3`, `-1`, "\"1\xff\"", `"1\ufffd"`, `"\ud800"`, `true`, `{"a":1}`, `[1]`} {
		for name, read := range map[string]func(*wire.Decoder, *tripID) error{"ID": wire.ID[tripID], "OptID": wire.OptID[tripID]} {
			got, err := readOne(text, read)
			assert.Error(t, err, "%s of %s", name, text)
			assert.Empty(t, got, "%s of %s", name, text)
		}
	}
	for _, nothing := range []string{`null`, `""`, `" "`, `false`, `{}`, `[]`} {
		_, err := readOne(nothing, wire.ID[tripID])
		assert.Error(t, err, nothing)
		got, err := readOne(nothing, wire.OptID[tripID])
		assert.NoError(t, err, nothing)
		assert.Empty(t, got, nothing)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	amount := func(d *wire.Decoder, p *decimal.Decimal) error { return d.Amount(p) }
	percent := func(d *wire.Decoder, p *decimal.Decimal) error { return d.Percent(p) }
	for _, test := range []struct {
		text            string
		amount, percent bool
	}{
		{`0`, true, true}, {`"0.00"`, true, true}, {`100`, true, true}, {`"100.00"`, true, true},
		{`100.01`, true, false}, {`491.66`, true, false}, {`-0.01`, false, false}, {`"-491.66"`, false, false},
		{`null`, false, false}, {`"x"`, false, false},
	} {
		_, err := readOne(test.text, amount)
		assert.Equal(t, test.amount, err == nil, "amount %s", test.text)
		_, err = readOne(test.text, percent)
		assert.Equal(t, test.percent, err == nil, "percent %s", test.text)
		if test.text == `null` {
			test.amount, test.percent = true, true
		}
		_, err = readOne(test.text, (*wire.Decoder).OptAmount)
		assert.Equal(t, test.amount, err == nil, "optional amount %s", test.text)
		_, err = readOne(test.text, (*wire.Decoder).OptPercent)
		assert.Equal(t, test.percent, err == nil, "optional percent %s", test.text)
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`0`:           0,
		`-0`:          0,
		`-12`:         -12,
		`"12"`:        12,
		`" 12 "`:      12,
		`"007"`:       7,
		`2147483647`:  2147483647,
		`-2147483648`: -2147483648,
	} {
		got, err := readOne(text, (*wire.Decoder).Int)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`1.0`, `1e3`, `"1_000"`, `"1 000"`, `"0x1"`, `"-"`, `"1-"`, `9223372036854775808`, `" "`} {
		_, err := readOne(text, (*wire.Decoder).Int)
		assert.Empty(t, soft(t, err).Path, text)
	}
}

// exact returns the coefficient and exponent of a decimal.
func exact(v decimal.Decimal) string { return fmt.Sprintf("%ve%d", v.Coefficient(), v.Exponent()) }

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	nines := func(n int) string { return strings.Repeat("9", n) }
	tests := []struct{ text, want string }{ // want is "" if the text must be refused
		{"0", "0e0"},
		{"-0", "0e0"},
		{"-0.00", "0e-2"},
		{"500", "500e0"},
		{"500.00", "50000e-2"},
		{"-500.10", "-50010e-2"},
		{"0.05", "5e-2"},
		{"007.50", "750e-2"},
		{"1e2", "1e2"},
		{"1E2", "1e2"},
		{"1e+2", "1e2"},
		{"1.50e-2", "150e-4"},
		{"-1.5e-02", "-15e-3"},
		{"1e999", "1e999"},
		{"1e-99", "1e-99"},
		{"0e99", "0e99"},
		{nines(18), nines(18) + "e0"},
		{nines(16) + ".99", nines(18) + "e-2"},
		{"-" + nines(18), "-" + nines(18) + "e0"},
		{nines(19), nines(19) + "e0"},
		{"-" + nines(17) + ".99", "-" + nines(19) + "e-2"},
		{"9223372036854775808", "9223372036854775808e0"},
		{"-" + strings.Repeat("0", 30), "0e0"},
		{strings.Repeat("0", 30) + ".10", "10e-2"},
		{nines(64), nines(64) + "e0"},
		{"-" + nines(63), "-" + nines(63) + "e0"},
		{"0." + nines(62), nines(62) + "e-62"},

		{nines(65), ""},
		{"-" + nines(64), ""},
		{"1e1000", ""},
		{"1e+100", ""},
		{"1e-100", ""},
		{"", ""},
		{"-", ""},
		{"--1", ""},
		{"+1", ""},
		{"\u22121", ""},
		{".5", ""},
		{"-.5", ""},
		{"5.", ""},
		{".", ""},
		{"1.2.3", ""},
		{"1..2", ""},
		{"1,5", ""},
		{"1 000", ""},
		{"1_000", ""},
		{"1\u00a0000", ""},
		{" 1", ""},
		{"1 ", ""},
		{"e5", ""},
		{"1e", ""},
		{"1e+", ""},
		{"1e1e", ""},
		{"1e.1", ""},
		{"1.e1", ""},
		{"1e1.", ""},
		{"1e-+", ""},
		{"1-2", ""},
		{"0x1F", ""},
		{"NaN", ""},
		{"Inf", ""},
		{"Infinity", ""},
		{"null", ""},
		{"١٢", ""},
		{"1\x00", ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			v, ok := wire.ParseDecimal(tt.text)
			require.Equal(t, tt.want != "", ok)
			if !ok {
				assert.Equal(t, decimal.Decimal{}, v)
				return
			}
			assert.Equal(t, tt.want, exact(v))
			library, err := decimal.NewFromString(tt.text)
			require.NoError(t, err)
			assert.Equal(t, exact(library), exact(v))
		})
	}
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`500.00`:      "50000e-2",
		`"500.00"`:    "50000e-2",
		`" -500.00 "`: "-50000e-2",
		`-0.0`:        "0e-1",
		`1E+2`:        "1e2",
	} {
		v, err := readOne(text, (*wire.Decoder).Decimal)
		require.NoError(t, err, text)
		assert.Equal(t, want, exact(v), text)

		null, err := readOne(text, (*wire.Decoder).OptDecimal)
		require.NoError(t, err, text)
		assert.True(t, null.Valid, text)
		assert.Equal(t, want, exact(null.Decimal), text)
	}
}

func TestOptDigits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]price{
		`500.00`:           "500.00",
		`"500.00"`:         "500.00",
		`" 500.00 "`:       "500.00",
		`-0`:               "-0",
		`1.50e+1`:          "1.50e+1",
		`"00500"`:          "00500",
		`"\u0035\u002e00"`: "5.00",
		`"  "`:             "",
	} {
		got, err := readOne(text, wire.OptDigits[price])
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

// TestDecimalSwitches parses in a separate process, in which decimal's
// process-wide switches are set.
func TestDecimalSwitches(t *testing.T) {
	t.Parallel()
	const turned = "RUTRAVEL_WIRE_DECIMAL_SWITCHES"
	if os.Getenv(turned) == "" {
		self, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestDecimalSwitches$")
		// With the race detector, a process waits a second before it exits.
		cmd.Env = append(os.Environ(), turned+"=1", "GORACE=atexit_sleep_ms=0")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return
	}
	decimal.MaxDecodeExponent = 1
	decimal.UseScientificNotation = true
	decimal.TrimTrailingZeros = false
	decimal.DivisionPrecision = 1
	for text, want := range map[string]string{
		"500.00":                 "50000e-2",
		"12345678901234567890.5": "123456789012345678905e-1",
		"1234567890123456789.00": "123456789012345678900e-2",
		"5e2":                    "5e2",
	} {
		v, ok := wire.ParseDecimal(text)
		require.True(t, ok, text)
		assert.Equal(t, want, exact(v), text)
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		layout, text string
		want         civil.Date // zero if the text must be refused
	}{
		{wire.DMY, `"29.02.2024"`, civil.Date{Year: 2024, Month: 2, Day: 29}},
		{wire.DMY, `" 01.12.1999\t"`, civil.Date{Year: 1999, Month: 12, Day: 1}},
		{time.DateOnly, `"2024-02-29"`, civil.Date{Year: 2024, Month: 2, Day: 29}},
		{"20060102", `20240229`, civil.Date{Year: 2024, Month: 2, Day: 29}},
		{time.RFC3339, `"2024-03-01T01:00:00+03:00"`, civil.Date{Year: 2024, Month: 3, Day: 1}},
		{wire.DMY, `"29.02.2023"`, civil.Date{}},
		{wire.DMY, `"00.01.0000"`, civil.Date{}},
		{wire.DMY, `"1.12.1999"`, civil.Date{}},
		{wire.DMY, `"01.12.99"`, civil.Date{}},
		{wire.DMY, `"12/01/1999"`, civil.Date{}},
		{wire.DMY, `"01.12.1999 10:00"`, civil.Date{}},
		{wire.DMY, `"2024-02-29"`, civil.Date{}},
		{time.DateOnly, `"29.02.2024"`, civil.Date{}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			for name, read := range map[string]func(*wire.Decoder, string, *civil.Date) error{
				"Date": (*wire.Decoder).Date, "OptDate": (*wire.Decoder).OptDate,
			} {
				got, err := readOne(tt.text, func(d *wire.Decoder, p *civil.Date) error { return read(d, tt.layout, p) })
				assert.Equal(t, tt.want, got, name)
				if tt.want.IsZero() {
					soft(t, err)
				} else {
					assert.NoError(t, err, name)
				}
			}
		})
	}
}

// A date of zeros is missing where a date may be missing.
func TestZeroDate(t *testing.T) {
	t.Parallel()
	got, err := readOne(`"00.00.0000"`, func(d *wire.Decoder, p *civil.Date) error { return d.OptDate(wire.DMY, p) })
	require.NoError(t, err)
	assert.Zero(t, got)
	_, err = readOne(`"00.00.0000"`, func(d *wire.Decoder, p *civil.Date) error { return d.Date(wire.DMY, p) })
	soft(t, err)
}

// optTime reads with OptTime a value that the tests have.
func optTime(d *wire.Decoder, layout string, p *civil.Time) error {
	clock := new(*p)
	err := d.OptTime(layout, &clock)
	*p = civil.Time{}
	if clock != nil {
		*p = *clock
	}
	return err
}

func TestTime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		layout, text string
		want         civil.Time
		ok           bool
	}{
		{wire.HM, `"00:00"`, civil.Time{}, true},
		{wire.HM, `"23:59"`, civil.Time{Hour: 23, Minute: 59}, true},
		{wire.HM, `" 09:05 "`, civil.Time{Hour: 9, Minute: 5}, true},
		{wire.HM, `"9:05"`, civil.Time{Hour: 9, Minute: 5}, true},
		{time.TimeOnly, `"09:05:07"`, civil.Time{Hour: 9, Minute: 5, Second: 7}, true},
		{time.TimeOnly, `"09:05:07.25"`, civil.Time{Hour: 9, Minute: 5, Second: 7, Nanosecond: 250_000_000}, true},
		{wire.HM, `"24:00"`, civil.Time{}, false},
		{wire.HM, `"12:60"`, civil.Time{}, false},
		{wire.HM, `"12:5"`, civil.Time{}, false},
		{wire.HM, `"12"`, civil.Time{}, false},
		{wire.HM, `"12.30"`, civil.Time{}, false},
		{wire.HM, `"12:30:07"`, civil.Time{Hour: 12, Minute: 30, Second: 7}, true},
		{wire.HM, `"12:30:7"`, civil.Time{}, false},
		{time.TimeOnly, `"12:30"`, civil.Time{}, false},
		{wire.HM, `"-1:30"`, civil.Time{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			for name, read := range map[string]func(*wire.Decoder, string, *civil.Time) error{"Time": (*wire.Decoder).Time, "OptTime": optTime} {
				got, err := readOne(tt.text, func(d *wire.Decoder, p *civil.Time) error { return read(d, tt.layout, p) })
				assert.Equal(t, tt.want, got, name)
				if tt.ok {
					assert.NoError(t, err, name)
				} else {
					soft(t, err)
				}
			}
		})
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "05.03.2026", wire.FormatDate(wire.DMY, civil.Date{Year: 2026, Month: 3, Day: 5}))
	assert.Equal(t, "29.02.2024", wire.FormatDate(wire.DMY, civil.Date{Year: 2024, Month: 2, Day: 29}))
	assert.Equal(t, "01.01.0001", wire.FormatDate(wire.DMY, civil.Date{Year: 1, Month: 1, Day: 1}))
	assert.Equal(t, "2026-12-31", wire.FormatDate(time.DateOnly, civil.Date{Year: 2026, Month: 12, Day: 31}))

	assert.Equal(t, "00:00", wire.FormatTime(wire.HM, civil.Time{}))
	assert.Equal(t, "09:05", wire.FormatTime(wire.HM, civil.Time{Hour: 9, Minute: 5, Second: 59, Nanosecond: 999_999_999}))
	assert.Equal(t, "23:59:58", wire.FormatTime(time.TimeOnly, civil.Time{Hour: 23, Minute: 59, Second: 58}))
}

// TestFormatAndRead writes and reads every day of a leap year and every minute of
// a day.
func TestFormatAndRead(t *testing.T) {
	t.Parallel()
	for day := (civil.Date{Year: 2024, Month: 1, Day: 1}); day.Year == 2024; day = day.AddDays(1) {
		got, err := readOne(`"`+wire.FormatDate(wire.DMY, day)+`"`, func(d *wire.Decoder, p *civil.Date) error { return d.Date(wire.DMY, p) })
		require.NoError(t, err)
		require.Equal(t, day, got)
	}
	for minute := range 24 * 60 {
		want := civil.Time{Hour: minute / 60, Minute: minute % 60}
		got, err := readOne(`"`+wire.FormatTime(wire.HM, want)+`"`, func(d *wire.Decoder, p *civil.Time) error { return d.Time(wire.HM, p) })
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestOptInt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]*int{
		`7`: new(7), `" 0 "`: new(0), `"-3"`: new(-3), `null`: nil, `""`: nil, `false`: nil, `[]`: nil, `{}`: nil,
	} {
		got, err := readOne(text, (*wire.Decoder).OptInt)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`"7.0"`, `true`, `"x"`, `[1]`, `{"a":1}`, `99999999999999999999`} {
		got, err := readOne(text, (*wire.Decoder).OptInt)
		soft(t, err)
		assert.Nil(t, got, text)
	}
}

func TestFlag(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`1`: true, `"1"`: true, `true`: true, `" true "`: true, `0`: false, `"0"`: false, `false`: false, `"false"`: false,
		`"True"`: true, `"FALSE"`: false,
	} {
		got := !want
		err := wire.Decode([]byte(text), nil, func(d *wire.Decoder) error { return d.Flag(&got) })
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`null`, `""`, `2`, `"yes"`, `[]`, `{}`, `[1]`, `"22890"`} {
		_, err := readOne(text, (*wire.Decoder).Flag)
		soft(t, err)
	}
	_, err := readOne(`[1`, (*wire.Decoder).Flag)
	malformed(t, err)

	for text, want := range map[string]bool{`0`: false, `"1"`: true, `null`: true, `""`: true, `" "`: true, `[]`: true, `{}`: true, `false`: false} {
		got := true
		require.NoError(t, wire.Decode([]byte(text), nil, func(d *wire.Decoder) error { return d.OptFlag(&got) }), text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`"maybe"`, `[1]`, `{"a":[]}`} {
		_, err = readOne(text, (*wire.Decoder).OptFlag)
		soft(t, err)
	}
}

// Midnight in Moscow is the evening before in UTC.
func TestMoscowDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]civil.Date{
		`1532725200`:   {Year: 2018, Month: 7, Day: 28},
		`"1533243600"`: {Year: 2018, Month: 8, Day: 3},
		`1532811599`:   {Year: 2018, Month: 7, Day: 28}, // one second before the next date
		`1`:            {Year: 1970, Month: 1, Day: 1},
	} {
		got, err := readOne(text, (*wire.Decoder).MoscowDate)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`0`, `-1`, `""`, `null`, `"28.07.2018"`, `1.5`, `9223372036854775807`, `99999999999999999999`} {
		got, err := readOne(text, (*wire.Decoder).MoscowDate)
		soft(t, err)
		assert.Zero(t, got, text)
	}
}

func TestMoscowToday(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the fake clock begins at midnight of 2000-01-01 UTC
		assert.Equal(t, civil.Date{Year: 2000, Month: 1, Day: 1}, wire.MoscowToday())
		time.Sleep(21*time.Hour - time.Nanosecond)
		assert.Equal(t, 1, wire.MoscowToday().Day)
		time.Sleep(time.Nanosecond)
		assert.Equal(t, 2, wire.MoscowToday().Day)
	})
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	d, ok := wire.ParseDate(wire.DMY, "29.02.2016")
	assert.True(t, ok)
	assert.Equal(t, civil.Date{Year: 2016, Month: 2, Day: 29}, d)
	for _, text := range []string{"", "29.02.2015", "2016-02-29", " 29.02.2016", "1.3.2016"} {
		_, ok = wire.ParseDate(wire.DMY, text)
		assert.False(t, ok, text)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`" a "`: {"a"}, `5`: {"5"}, `null`: nil, `""`: nil, `[]`: nil, `{}`: nil, `false`: nil,
		`["a",{"code":12,"text":["b",null,""]},[[3]]]`: {"a", "12", "b", "3"},
	} {
		got, err := readOne(text, (*wire.Decoder).Texts)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	_, err := readOne(`["a",true]`, (*wire.Decoder).Texts)
	assert.Equal(t, "[1]", soft(t, err).Path)
	_, err = readOne(`["a"`, (*wire.Decoder).Texts)
	malformed(t, err)
}

func TestFold(t *testing.T) {
	t.Parallel()
	assert.Equal(t, wire.Fold("Семёнов-Тян Шанский"), wire.Fold("СЕМЕНОВ–ТЯН-ШАНСКИЙ"))
	assert.Equal(t, "oneill", wire.Fold("O'Neill 2"))
	assert.Empty(t, wire.Fold(" -1"))
}
