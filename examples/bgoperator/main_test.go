package main

import (
	"context"
	"encoding/pem"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// operations lists the operations of the program in their order.
var operations = []string{
	"login", "createtour", "createtour+confirm", "showtransfers", "showflightdata", "showflightdata", "showflightdata",
	"showflightdata", "addtransfers", "addContactInfo", "canceltour", "canceltour+confirm",
}

func TestFake(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(nil, env(nil), &out))
	first, rest, _ := strings.Cut(out.String(), "\n")
	assert.Contains(t, first, "fake")
	for _, step := range []string{
		"9 nights from 01.03.2014", "2386.00 USD in full", "Booked as 104400000842366804, number 214150198", "born 1982-06-11",
		"flight UN 651 (Y)#01.03.2014#10:45-14:25", "2706.00 USD in full", "contacts of 2", "costs 20.00 EUR", "Cancelled 104400000842366804",
	} {
		assert.Contains(t, rest, step)
	}
}

// The program sends the same requests to a real address.
func TestAddress(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]bgoperatortest.Quirks{
		"as documented": {},
		"otherwise":     {RoomMeal: true, TransfersDone: "status", TicketInTour: true, OldCookies: true, Spaces: true},
	} {
		fake := bgoperatortest.New()
		fake.SetQuirks(quirks)
		srv := httptest.NewServer(fake)
		t.Cleanup(srv.Close)
		var out strings.Builder
		vars := map[string]string{
			"BGOPERATOR_URL": srv.URL + "/zayavkaapi", "BGOPERATOR_LOGIN_URL": srv.URL + "/auth",
			"BGOPERATOR_LOGIN": bgoperatortest.Login, "BGOPERATOR_PASSWORD": bgoperatortest.Password,
		}
		require.NoError(t, run([]string{"-tour", "tour.json"}, env(vars), &out), name)
		var got []string
		for _, r := range fake.Requests() {
			got = append(got, r.Op)
		}
		assert.Equal(t, operations, got, name)
		assert.NotContains(t, out.String(), bgoperatortest.Password, name)
		assert.Equal(t, bgoperatortest.StatusCancelled, fake.Bookings()[0].Status, name)
	}
}

const bookingID = "104400000842366804" // the fake's first

// A cancellation whose answer is lost is looked up. Every error after the booking names the
// booking.
func TestFaults(t *testing.T) {
	t.Parallel()
	half := len(`<tours><tour clientTourId="example"><id>` + bookingID + `</id><num`)
	for name, test := range map[string]struct {
		fault  bgoperatortest.Fault
		quirks bgoperatortest.Quirks
		says   string
		errs   []string
		quotes int // requests for the cost of the cancellation
	}{
		"cancelled, answer lost":     {fault: bgoperatortest.Fault{Op: "canceltour+confirm", Drop: true, Processed: true}, says: "look-up shows", quotes: 2},
		"not cancelled, answer lost": {fault: bgoperatortest.Fault{Op: "canceltour+confirm", Drop: true}, errs: []string{bookingID + " may still exist"}, quotes: 5},
		"not cancelled":              {fault: bgoperatortest.Fault{Op: "canceltour+confirm", Body: "<errors><error>999</error></errors>"}, errs: []string{bookingID + " still exists", "999"}, quotes: 1},
		"booked, answer lost":        {fault: bgoperatortest.Fault{Op: "createtour+confirm", Drop: true, Processed: true}, errs: []string{"may have been booked"}},
		"booked, answer cut": {
			fault: bgoperatortest.Fault{Op: "createtour+confirm", Cut: half}, quirks: bgoperatortest.Quirks{Unpacked: true},
			says: "Booked as " + bookingID + ", number unknown", quotes: 1,
		},
		"booked, another's answer": {
			fault: bgoperatortest.Fault{Op: "createtour+confirm", Body: `<tours><tour clientTourId="9"><id>5</id><number>6</number></tour></tours>`},
			errs:  []string{"may have been booked"},
		},
		"cancelled by another": {
			fault: bgoperatortest.Fault{Op: "canceltour+confirm", Processed: true, Body: "<errors><error>158</error></errors>"},
			says:  "already cancelled", quotes: 1,
		},
		"no transfers":  {fault: bgoperatortest.Fault{Op: "showtransfers", Body: "<html>"}, errs: []string{bookingID + " still exists"}},
		"no flights":    {fault: bgoperatortest.Fault{Op: "showflightdata", Body: "<html>"}, errs: []string{bookingID + " still exists"}},
		"transfers":     {fault: bgoperatortest.Fault{Op: "addtransfers", Body: "<html>"}, errs: []string{bookingID + " still exists"}},
		"contacts":      {fault: bgoperatortest.Fault{Op: "addContactInfo", Body: "<html>"}, errs: []string{bookingID + " still exists"}},
		"no quote":      {fault: bgoperatortest.Fault{Op: "canceltour", Body: "<html>"}, errs: []string{bookingID + " still exists"}, quotes: 1},
		"not confirmed": {quirks: bgoperatortest.Quirks{Unconfirmed: true}, errs: []string{bookingID + " still exists", "may not have confirmed it yet", "157"}, quotes: 1},
	} {
		fake := bgoperatortest.New()
		fake.SetQuirks(test.quirks)
		fake.Inject(test.fault)
		srv := httptest.NewServer(fake)
		t.Cleanup(srv.Close)
		var out strings.Builder
		err := run(nil, env(map[string]string{
			"BGOPERATOR_URL": srv.URL, "BGOPERATOR_LOGIN_URL": srv.URL + "/auth",
			"BGOPERATOR_LOGIN": bgoperatortest.Login, "BGOPERATOR_PASSWORD": bgoperatortest.Password,
		}), &out)
		if len(test.errs) == 0 {
			require.NoError(t, err, name)
			assert.Equal(t, bgoperatortest.StatusCancelled, fake.Bookings()[0].Status, name)
		}
		for _, want := range test.errs {
			require.ErrorContains(t, err, want, name)
		}
		assert.Contains(t, out.String(), test.says, name)
		quotes := 0
		for _, r := range fake.Requests() {
			if r.Op == "canceltour" {
				quotes++
			}
		}
		assert.Equal(t, test.quotes, quotes, name)
	}
}

// A cancellation is looked up even if the context of the call has ended.
func TestCancelledWhileCancelling(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	ctx, cancel := context.WithCancel(t.Context())
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("confirm") == "" {
			fake.ServeHTTP(w, r)
			return
		}
		fake.ServeHTTP(httptest.NewRecorder(), r)
		cancel()
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL, cfg.LoginURL = srv.URL, srv.URL+"/auth"
	c, err := bgoperator.New(cfg)
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, runFlow(ctx, c, fake.Offers()[0], 0, &out))
	assert.Contains(t, out.String(), "look-up shows")
}

func TestErrors(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	broken := filepath.Join(t.TempDir(), "tour.json")
	require.NoError(t, os.WriteFile(broken, []byte(`{"Prx": "1", "Mian": {}}`), 0o600))
	at := func(address, login string) map[string]string {
		return map[string]string{
			"BGOPERATOR_URL": address, "BGOPERATOR_LOGIN_URL": login, "BGOPERATOR_LOGIN": "l", "BGOPERATOR_PASSWORD": "p-secret",
		}
	}
	for _, test := range []struct {
		args []string
		vars map[string]string
		want string
	}{
		{[]string{"-tour", "no-such-file.json"}, nil, "-tour"},
		{[]string{"-tour", broken}, nil, "Mian"},
		{nil, at(bgoperator.Production, ""), "-live"},
		{nil, at(bgoperator.Production, srv.URL), "-live"},
		{nil, at(srv.URL, bgoperator.ProductionLogin), "-live"},
		{nil, at("https://BGOPERATOR.ru./zayavkaapi", srv.URL), "-live"},
		{nil, at(srv.URL, ""), "BGOPERATOR_LOGIN_URL"},
		{nil, map[string]string{"BGOPERATOR_URL": srv.URL, "BGOPERATOR_LOGIN_URL": srv.URL}, "Login"},
		{nil, at("http://192.0.2.1/", srv.URL), "https"},
		{nil, at(srv.URL, "http://192.0.2.1/"), "https"},
		{nil, at(srv.URL, srv.URL+"/auth"), "authentication failed"},
	} {
		var out strings.Builder
		err := run(test.args, env(test.vars), &out)
		require.ErrorContains(t, err, test.want, "%v %v", test.args, test.vars)
		assert.NotContains(t, err.Error()+out.String(), "p-secret", "%v %v", test.args, test.vars)
		assert.NotContains(t, err.Error(), "\n", "%v %v", test.args, test.vars)
	}
	for _, r := range fake.Requests() {
		assert.Equal(t, "login", r.Op, "only the login with the wrong password arrived")
	}
}

// authority reads a file of certificates, and refuses other files.
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
		require.ErrorContains(t, err, "BGOPERATOR_CA")
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run([]string{"-h"}, env(nil), &out)
	require.ErrorIs(t, err, flag.ErrHelp)
	for _, word := range []string{"BGOPERATOR_URL", "BGOPERATOR_LOGIN_URL", "BGOPERATOR_LOGIN", "BGOPERATOR_PASSWORD", "-tour", "BGOPERATOR_CA", "-live"} {
		assert.Contains(t, out.String(), word)
	}
}
