package main

import (
	"encoding/pem"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// The methods of the program's flow.
var methods = []string{
	"map.country", "map.resort", "map.hotel", "map.pansion", "list.price", "hotel.price", "booking_set", "booking_info", "booking_list",
}

func TestFake(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(nil, env(nil), &out))
	first, rest, _ := strings.Cut(out.String(), "\n")
	assert.Contains(t, first, "fake")
	for _, step := range []string{"a stay of 7 nights from " + multitour.Today().AddDays(30).String(), "19880.00 RUB", "Booked as X", "for Иванов Петр Сергеевич, OK"} {
		assert.Contains(t, rest, step)
	}
}

// The program works in the same way with an address, and with each shape of answers.
func TestAddress(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]multitourtest.Quirks{
		"as documented": {}, "numbers": {Numbers: true}, "strings": {Strings: true}, "a newer edition": {NewEdition: true},
	} {
		fake := multitourtest.New()
		fake.SetQuirks(quirks)
		srv := httptest.NewServer(fake)
		t.Cleanup(srv.Close)
		var out strings.Builder
		vars := map[string]string{
			"MULTITOUR_URL": srv.URL, "MULTITOUR_TOKEN": multitourtest.Token, "MULTITOUR_US_KEY": multitourtest.UserKey,
		}
		require.NoError(t, run([]string{"-country", "6243", "-nights", "3"}, env(vars), &out), name)
		assert.Contains(t, out.String(), "Россия: resorts: ", name)
		assert.Contains(t, out.String(), "3 nights from", name)
		var got []string
		for _, r := range fake.Requests() {
			got = append(got, r.Op)
		}
		assert.Equal(t, methods, got, name)
		assert.NotContains(t, out.String(), multitourtest.Token, name)
	}
}

// After a lost answer the program looks the booking up. It does not book again.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	for processed, want := range map[bool]string{true: "It may be X", false: "No such booking"} {
		fake := multitourtest.New()
		fake.Inject(multitourtest.Fault{Op: "booking_set", Drop: true, Processed: processed})
		srv := httptest.NewServer(fake)
		t.Cleanup(srv.Close)
		var out strings.Builder
		err := run([]string{"-date", multitour.Today().AddDays(299).String()}, env(map[string]string{
			"MULTITOUR_URL": srv.URL, "MULTITOUR_TOKEN": multitourtest.Token, "MULTITOUR_US_KEY": multitourtest.UserKey,
		}), &out)
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed, want)
		assert.Contains(t, out.String(), want)
		var got []string
		for _, r := range fake.Requests()[len(methods)-3:] {
			got = append(got, r.Op)
		}
		assert.Equal(t, "booking_set", got[0], want)
		assert.Subset(t, []string{"booking_list"}, got[1:], want)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	fake := multitourtest.New()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	with := func(url, token, user string) map[string]string {
		return map[string]string{"MULTITOUR_URL": url, "MULTITOUR_TOKEN": token, "MULTITOUR_US_KEY": user}
	}
	for _, test := range []struct {
		args []string
		vars map[string]string
		want string
	}{
		{[]string{"-date", "25.02.2021"}, nil, "-date"},
		{[]string{"-nights", "week"}, nil, "-nights"},
		{[]string{"extra", "words"}, nil, "not a flag"},
		{[]string{"-nights", "-1"}, nil, "Nights"},
		{[]string{"-country", "Россия"}, nil, "country"},
		{[]string{"-date", "2000-01-01"}, nil, "no hotel has places"},
		{nil, with(multitour.Production, "k-secret", "1"), "-live"},
		{nil, with("https://www.multitour.ru/mtapi/", "k-secret", "1"), "-live"},
		{nil, with("https://MULTITOUR.ru./mtapi/", "k-secret", "1"), "-live"},
		{nil, with(srv.URL, "", "1"), "Token"},
		{nil, with(srv.URL, "k-secret", "agent"), "UserKey"},
		{nil, with(srv.URL, multitourtest.Token, ""), "UserKey"},
		{nil, with("http://192.0.2.1/", "k-secret", "1"), "https"},
		{nil, with(srv.URL, "k-secret", "1"), "токен"},
	} {
		var out strings.Builder
		err := run(test.args, env(test.vars), &out)
		require.ErrorContains(t, err, test.want, "%q %v", test.args, test.vars)
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
		require.ErrorContains(t, err, "MULTITOUR_CA")
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run([]string{"-h"}, env(nil), &out)
	require.ErrorIs(t, err, flag.ErrHelp)
	for _, word := range []string{"MULTITOUR_URL", "MULTITOUR_TOKEN", "MULTITOUR_US_KEY", "-date", "-nights", "-country", "MULTITOUR_CA", "-live"} {
		assert.Contains(t, out.String(), word)
	}
}
