package main

import (
	"bytes"
	"encoding/pem"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// account returns the environment for a server that is a fake.
func account(address string) map[string]string {
	return map[string]string{
		"SMARTWAY_URL": address, "SMARTWAY_USERNAME": smartwaytest.Username, "SMARTWAY_PASSWORD": smartwaytest.Password,
	}
}

// Operations of the program, in their order.
var commands = []string{
	"ping", "employees.save", "airline.airport_autocomplete", "airline.airport_autocomplete", "airline.search", "airline.book",
	"airline.result", "trip.info", "trip.item_voucher", "trip.get_after_change",
}

func TestFake(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var out strings.Builder
	synctest.Test(t, func(t *testing.T) { // the purchase takes some time
		require.NoError(t, run([]string{"-out", folder}, env(nil), &out))
	})
	first, rest, _ := strings.Cut(out.String(), "\n")
	assert.Contains(t, first, "fake")
	for _, step := range []string{
		"Saved employee rutravel-example-1", "LED is Пулково. Санкт-Петербург", "costs 4890.50 RUB", "31.01.2000 07:00",
		"Bought trip 189700 «Москва»: 4890.50 RUB, Booked", "Trip 189700 «Москва»: Booked, 4890.50 RUB", "next time: 263401",
	} {
		assert.Contains(t, rest, step)
	}
	pdf, err := os.ReadFile(filepath.Join(folder, "voucher-246200.pdf"))
	require.NoError(t, err)
	assert.Contains(t, string(pdf), "Voucher of item 246200")
}

// The program does the same at an address, and trusts the authority in SMARTWAY_CA.
func TestAddress(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]smartwaytest.Quirks{
		"as documented": {AtOnce: true},
		"with quirks":   {AtOnce: true, TextID: true, ErrorNull: true, CursorBehind: true, CityText: true, AirObject: true, Empty: "[]", NoExternalID: true},
	} {
		fake := smartwaytest.New()
		fake.SetQuirks(quirks)
		srv := httptest.NewTLSServer(fake)
		t.Cleanup(srv.Close)
		ca := filepath.Join(t.TempDir(), "ca.pem")
		require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600), name)
		vars := account(srv.URL)
		vars["SMARTWAY_CA"] = ca
		var out strings.Builder
		require.NoError(t, run([]string{"-out", t.TempDir(), "-depart", "PEZ", "-arrive", "LED"}, env(vars), &out), name)
		assert.Contains(t, out.String(), "«Санкт-Петербург»", name)
		var got []string
		for _, r := range fake.Requests() {
			got = append(got, r.Op)
		}
		assert.Equal(t, commands, got, name)
		assert.NotContains(t, out.String(), smartwaytest.Password, name)
	}
}

// A purchase with a lost answer is looked up and not sent again.
func TestLostPurchase(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	fake.Inject(smartwaytest.Fault{Op: "airline.book", Drop: true, Processed: true})
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	var out strings.Builder
	err := run([]string{"-out", t.TempDir()}, env(account(srv.URL)), &out)
	require.ErrorContains(t, err, "not confirmed")
	assert.Contains(t, out.String(), "not certain")
	var books int
	for _, r := range fake.Requests() {
		if r.Op == "airline.book" {
			books++
		}
	}
	assert.Equal(t, 1, books)
	assert.Equal(t, "trip.get_by_range", fake.Requests()[len(fake.Requests())-1].Op)
}

// If the look-up fails, the error still says that the purchase is not confirmed.
func TestLookFails(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	fake.Inject(smartwaytest.Fault{Op: "airline.book", Drop: true}, smartwaytest.Fault{Op: "trip.get_by_range", Status: http.StatusOK, Body: "{}"})
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	err := run([]string{"-out", t.TempDir()}, env(account(srv.URL)), io.Discard)
	require.ErrorIs(t, err, rutravel.ErrProtocol)
	require.ErrorContains(t, err, "the purchase is not confirmed")
	assert.NotContains(t, err.Error(), "\n")
}

// changed returns the address of a fake. In answers to a method, the first match of pattern
// is replaced.
func changed(t *testing.T, fake *smartwaytest.Server, method, pattern, by string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		fake.ServeHTTP(answer, r)
		out := answer.Body.String()
		if strings.Contains(string(body), `"`+method+`"`) {
			found := regexp.MustCompile(pattern).FindString(out)
			assert.NotEmpty(t, found)
			out = strings.Replace(out, found, by, 1)
		}
		_, _ = io.WriteString(w, out)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// The program does not wait for a purchase whose id came with an error.
func TestUnconfirmedID(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	var out strings.Builder
	err := run([]string{"-out", t.TempDir()}, env(account(changed(t, fake, "airline.book", `"id":\d+`, `"id":777`))), &out)
	require.ErrorContains(t, err, "not confirmed")
	assert.Contains(t, out.String(), "The id of the purchase may be 5a4c4f7e-")
	assert.Equal(t, "trip.get_by_range", fake.Requests()[len(fake.Requests())-1].Op)
}

// If the trip has another price than the search, the program prints both.
func TestOtherPrice(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	fake.SetQuirks(smartwaytest.Quirks{AtOnce: true})
	var out strings.Builder
	err := run([]string{"-out", t.TempDir()}, env(account(changed(t, fake, "trip.info", `"amount":4890.5`, `"amount":5890.5`))), &out)
	require.NoError(t, err)
	assert.Contains(t, out.String(), "The price of the search was 4890.50 RUB")
}

func TestErrors(t *testing.T) {
	t.Parallel()
	fake := smartwaytest.New()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	wrong := map[string]string{"SMARTWAY_URL": srv.URL, "SMARTWAY_USERNAME": "u@example.com", "SMARTWAY_PASSWORD": "p-secret"}
	with := func(vars map[string]string, name, value string) map[string]string {
		all := map[string]string{name: value}
		for k, v := range vars {
			if k != name {
				all[k] = v
			}
		}
		return all
	}
	for _, test := range []struct {
		args []string
		vars map[string]string
		want string
	}{
		{[]string{"-date", "25.02.2021"}, nil, "-date"},
		{[]string{"-out", filepath.Join(t.TempDir(), "missing")}, nil, "-out"},
		{nil, map[string]string{"SMARTWAY_URL": smartway.Production}, "-live"},
		{nil, map[string]string{"SMARTWAY_URL": "https://www.smartway.today/v2"}, "-live"},
		{nil, map[string]string{"SMARTWAY_URL": "https://API.Smartway.TODAY./v2"}, "-live"},
		{nil, map[string]string{"SMARTWAY_URL": smartway.Test}, "Username"},
		{nil, map[string]string{"SMARTWAY_URL": srv.URL}, "Username"},
		{nil, with(wrong, "SMARTWAY_URL", "http://192.0.2.1/"), "https"},
		{nil, with(wrong, "SMARTWAY_CA", "missing.pem"), "SMARTWAY_CA"},
		{nil, wrong, "Unauthorized"},
		{[]string{"-depart", "XXX"}, nil, "XXX"},
		{[]string{"-date", "2000-01-01"}, nil, "no flights"},
	} {
		var out strings.Builder
		err := run(test.args, env(test.vars), &out)
		require.ErrorContains(t, err, test.want)
		assert.NotContains(t, err.Error()+out.String(), "p-secret", test.want)
		assert.NotContains(t, err.Error(), "u@example.com", test.want)
		assert.NotContains(t, err.Error(), "\n", test.want)
	}
}

// A file with certificates is read. Another file is refused.
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
		require.ErrorContains(t, err, "SMARTWAY_CA")
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run([]string{"-h"}, env(nil), &out)
	require.ErrorIs(t, err, flag.ErrHelp)
	for _, word := range []string{
		"SMARTWAY_URL", "SMARTWAY_USERNAME", "SMARTWAY_PASSWORD", "SMARTWAY_CA", "-depart", "-arrive", "-date", "-out", "-live",
	} {
		assert.Contains(t, out.String(), word)
	}
}
