package main

import (
	"encoding/pem"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// The commands of the program's flow.
var commands = []string{
	"segment", "from", "to", "trip", "trip_info", "trip_free_seats", "nationality", "type_doc",
	"booking", "pay", "status_ticket+order", "refund", "status_ticket", "trip_free_seats", "booking", "cancel",
}

func TestFake(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(nil, env(nil), &out))
	first, rest, _ := strings.Cut(out.String(), "\n")
	assert.Contains(t, first, "fake")
	for _, step := range []string{"517.54 RUB", "269.57 RUB", "Booked as stv-", "Paid: seat 1", "472.66 RUB back", "is now refunded", "Cancelled stv-"} {
		assert.Contains(t, rest, step)
	}
	tomorrow := time.Now().UTC().Add(27 * time.Hour).Format(time.DateOnly) // in Moscow
	assert.Contains(t, rest, " on "+tomorrow)
}

// The program works in the same way with an address.
func TestAddress(t *testing.T) {
	t.Parallel()
	for name, success := range map[string]string{"as documented": "", "empty code": `""`} {
		fake := regionbilettest.New()
		fake.SetQuirks(regionbilettest.Quirks{Success: success})
		srv := httptest.NewServer(fake)
		t.Cleanup(srv.Close)
		var out strings.Builder
		vars := map[string]string{
			"REGIONBILET_URL": srv.URL, "REGIONBILET_USER": regionbilettest.User, "REGIONBILET_SKEY": regionbilettest.SecretKey,
		}
		require.NoError(t, run([]string{"-from", "463", "-to", "124"}, env(vars), &out), name)
		assert.Contains(t, out.String(), "Пятигорск → Ставрополь", name)
		var got []string
		for _, r := range fake.Requests() {
			got = append(got, r.Op)
		}
		want := slices.Clone(commands)
		if success != "" {
			want = append(want, "status_ticket+order")
		}
		assert.Equal(t, want, got, name)
		assert.NotContains(t, out.String(), regionbilettest.SecretKey, name)
	}
}

// After a lost answer the program looks the booking up. If the call was carried out, it
// continues. Otherwise it fails with one line that has the status.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		op        string
		processed bool
		want      string // in the error
	}{
		{"booking", true, "outcome not confirmed"},
		{"pay", true, ""},
		{"pay", false, "is booked and not paid: regionbilet: pay: outcome not confirmed, look up with Client.BookingTickets"},
		{"refund", true, ""},
		{"refund", false, "is not refunded: regionbilet: refund: outcome not confirmed, look up with Client.BookingTickets"},
		{"cancel", true, ""},
		{"cancel", false, "is booked and not expired: regionbilet: cancel: outcome not confirmed, look up with Client.BookingTickets"},
	} {
		t.Run(fmt.Sprint(test.op, " processed ", test.processed), func(t *testing.T) {
			t.Parallel()
			fake := regionbilettest.New()
			fake.Inject(regionbilettest.Fault{Op: test.op, Drop: true, Processed: test.processed})
			srv := httptest.NewServer(fake)
			t.Cleanup(srv.Close)
			var out strings.Builder
			err := run(nil, env(map[string]string{
				"REGIONBILET_URL": srv.URL, "REGIONBILET_USER": regionbilettest.User, "REGIONBILET_SKEY": regionbilettest.SecretKey,
			}), &out)
			if test.want == "" {
				require.NoError(t, err)
				assert.Contains(t, out.String(), "Cancelled stv-")
				return
			}
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "\n")
			assert.NotContains(t, out.String(), "Cancelled stv-")
		})
	}
}

// A refusal does not prove that nothing was done, so the program looks the booking up. If one
// of two tickets is returned, the look-up fails.
func TestRefusalsAndPartialLookUps(t *testing.T) {
	t.Parallel()
	const refused = `{"error":"1","error_description":"Внутренняя ошибка"}`
	oneTicket := regionbilettest.Fault{
		Op: "status_ticket+order", Status: 200, Body: `{"error":"0","result":[{"status":"3","seat":"1","number_ticket":"T1"}]}`,
	}
	for name, test := range map[string]struct {
		faults []regionbilettest.Fault
		want   string // in the error
	}{
		"pay processed":     {[]regionbilettest.Fault{{Op: "pay", Status: 200, Body: refused, Processed: true}}, ""},
		"pay":               {[]regionbilettest.Fault{{Op: "pay", Status: 200, Body: refused}}, "is booked and not paid: regionbilet: pay: rejected"},
		"refund processed":  {[]regionbilettest.Fault{{Op: "refund", Status: 200, Body: refused, Processed: true}}, ""},
		"refund":            {[]regionbilettest.Fault{{Op: "refund", Status: 200, Body: refused}}, "is not refunded: regionbilet: refund: rejected"},
		"no look-up":        {[]regionbilettest.Fault{{Op: "refund", Drop: true, Processed: true}, {Op: "status_ticket", Status: 400, Body: "{}"}}, "; the look-up of ticket"},
		"cancel processed":  {[]regionbilettest.Fault{{Op: "cancel", Status: 200, Body: refused, Processed: true}}, ""},
		"cancel":            {[]regionbilettest.Fault{{Op: "cancel", Status: 200, Body: refused}}, "is booked and not expired: regionbilet: cancel: rejected"},
		"one ticket of two": {[]regionbilettest.Fault{{Op: "pay", Drop: true, Processed: true}, oneTicket}, "found 1 of 2 tickets: regionbilet: pay: outcome not confirmed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := regionbilettest.New()
			fake.Inject(test.faults...)
			srv := httptest.NewServer(fake)
			t.Cleanup(srv.Close)
			var out strings.Builder
			err := run(nil, env(map[string]string{
				"REGIONBILET_URL": srv.URL, "REGIONBILET_USER": regionbilettest.User, "REGIONBILET_SKEY": regionbilettest.SecretKey,
			}), &out)
			if test.want == "" {
				require.NoError(t, err)
				assert.Contains(t, out.String(), "Cancelled stv-")
				return
			}
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	fake := regionbilettest.New()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	for _, test := range []struct {
		args []string
		vars map[string]string
		want string
	}{
		{[]string{"-date", "25.02.2021"}, nil, "-date"},
		{[]string{"-from", "124"}, nil, "-to"},
		{[]string{"tomorrow"}, nil, "not a flag"},
		{nil, map[string]string{"REGIONBILET_URL": regionbilet.Production}, "-live"},
		{nil, map[string]string{"REGIONBILET_URL": "https://www.regionbilet.ru/apicrm/api_v2"}, "-live"},
		{nil, map[string]string{"REGIONBILET_URL": "https://REGIONBILET.ru./apicrm/api_v2"}, "-live"},
		{nil, map[string]string{"REGIONBILET_URL": srv.URL}, "User"},
		{nil, map[string]string{"REGIONBILET_URL": "http://192.0.2.1/", "REGIONBILET_USER": "u", "REGIONBILET_SKEY": "k-secret"}, "https"},
		{nil, map[string]string{"REGIONBILET_URL": srv.URL, "REGIONBILET_USER": "u", "REGIONBILET_SKEY": "k-secret"}, "Неверное имя"},
		{[]string{"-date", "2000-01-01"}, nil, "no trips"},
	} {
		var out strings.Builder
		err := run(test.args, env(test.vars), &out)
		require.ErrorContains(t, err, test.want)
		assert.NotContains(t, err.Error()+out.String(), "k-secret", test.want)
		assert.NotContains(t, err.Error(), "\n", test.want)
	}
}

// A file without a certificate is refused.
func TestAuthority(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(nil)
	t.Cleanup(srv.Close)
	folder := t.TempDir()
	good, bad := filepath.Join(folder, "ca.pem"), filepath.Join(folder, "ca.txt")
	require.NoError(t, os.WriteFile(good, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600))
	require.NoError(t, os.WriteFile(bad, []byte("no certificate"), 0o600))
	for file, options := range map[string]int{"": 0, good: 1} {
		got, err := authority(file)
		require.NoError(t, err)
		assert.Len(t, got, options)
	}
	for _, file := range []string{bad, filepath.Join(folder, "missing.pem"), folder} {
		_, err := authority(file)
		require.ErrorContains(t, err, "REGIONBILET_CA")
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run([]string{"-h"}, env(nil), &out)
	require.ErrorIs(t, err, flag.ErrHelp)
	for _, word := range []string{"REGIONBILET_URL", "REGIONBILET_USER", "REGIONBILET_SKEY", "-date", "-from", "-to", "REGIONBILET_CA", "-live"} {
		assert.Contains(t, out.String(), word)
	}
}
