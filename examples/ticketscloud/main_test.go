package main

import (
	"context"
	"encoding/binary"
	"encoding/pem"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// The operations of the flow in the order in which the program shows them.
var operations = []string{
	"simple.events", "orders.create", "events.tickets", "orders.change", "orders.change", "promocodes.check",
	"orders.change+done", "orders.list", "refunds.create", "refunds.approve", "refunds.list", "refunds.list",
}

func TestFake(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(nil, env(nil), &out))
	first, rest, _ := strings.Cut(out.String(), "\n")
	assert.Contains(t, first, "fake")
	for _, step := range []string{
		"«Летний концерт», ", "19:00 +05", "holds a ticket of «Фан-зона»", "row 1, seat 1", "1000.00 RUB + 100.00 RUB fee", "To pay: 3850.00 RUB",
		"Promocode not found", "Paid at", "barcode 1717", "1000.00 RUB, new", "is approved", "1 refund request(s)",
	} {
		assert.Contains(t, rest, step)
	}
}

// The program works with a real address and with all shapes of answers.
func TestAddress(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]ticketscloudtest.Quirks{
		"as documented": {}, "others": {Rows: true, Listed: true, Sold: true, NoSettings: true, Barcodes: true},
		"no refs": {EmptyRefs: "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := ticketscloudtest.New()
			fake.SetQuirks(q)
			srv := httptest.NewServer(fake)
			t.Cleanup(srv.Close)
			var out strings.Builder
			vars := map[string]string{"TICKETSCLOUD_URL": srv.URL, "TICKETSCLOUD_KEY": ticketscloudtest.Key}
			require.NoError(t, run([]string{"-email", "buyer@example.org"}, env(vars), &out))
			var got []string
			for _, r := range fake.Requests() {
				got = append(got, r.Op)
				if r.Op == "orders.change" && strings.Contains(r.Body, "customer") {
					assert.Contains(t, r.Body, "buyer@example.org")
				}
			}
			assert.Equal(t, operations, got)
			assert.NotContains(t, out.String(), ticketscloudtest.Key)
		})
	}
}

// Events and seats come from the gRPC catalogue if its address is set, in both notations.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http://", ""} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			shop := ticketscloudtest.New()
			srv := httptest.NewServer(shop)
			t.Cleanup(srv.Close)
			catalogue := tcsimpletest.New(shop)
			grpc := catalogue.Start()
			t.Cleanup(grpc.Close)
			var out strings.Builder
			vars := map[string]string{
				"TICKETSCLOUD_URL": srv.URL, "TICKETSCLOUD_KEY": ticketscloudtest.Key,
				"TICKETSCLOUD_GRPC": scheme + strings.TrimPrefix(grpc.URL, "http://"),
			}
			require.NoError(t, run(nil, env(vars), &out))
			var asked []string
			for _, r := range catalogue.Requests() {
				asked = append(asked, r.Op)
			}
			assert.Equal(t, []string{"Events", "Venues", "Cities", "Seats"}, asked)
			var sold []string
			for _, r := range shop.Requests() {
				sold = append(sold, r.Op)
			}
			want := slices.DeleteFunc(slices.Clone(operations), func(op string) bool { return op == "simple.events" || op == "events.tickets" })
			assert.Equal(t, want, sold)
			for _, step := range []string{"«Летний концерт», ", "19:00 +05", "Yekaterinburg", "row 1, seat 1", "To pay: 3850.00 RUB", "barcode 1717"} {
				assert.Contains(t, out.String(), step)
			}
		})
	}
}

// Venues that sell through Mosbilet get the buyer before the payment.
func TestMosbilet(t *testing.T) {
	t.Parallel()
	shop := ticketscloudtest.New()
	client, err := ticketscloud.New(shop.Config(), rutravel.WithHTTPClient(shop.HTTPClient()))
	require.NoError(t, err)
	_, err = client.CreateOrder(t.Context(), ticketscloud.NewOrder{ // the whole concert
		Event: ticketscloudtest.Concert, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.FanZone, Count: 100}},
	})
	require.NoError(t, err)
	fake := tcsimpletest.New(shop)
	catalogue, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, runFlow(t.Context(), client, grpcCatalogue{catalogue}, "buyer@example.org", &out))
	assert.Contains(t, out.String(), "«Чайка», ")
	var sold []string
	for _, r := range shop.Requests() {
		sold = append(sold, r.Op)
	}
	named := slices.Index(sold, "mosbilet")
	require.Positive(t, named)
	assert.Greater(t, slices.Index(sold, "orders.change+done"), named)
}

// catalogue returns a catalogue of the fake. other replaces some of its answers.
func catalogue(t *testing.T, shop *ticketscloudtest.Server, other func(r *http.Request) (*http.Response, error)) grpcCatalogue {
	t.Helper()
	fake := tcsimpletest.New(shop)
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		if resp, err := other(r); resp != nil || err != nil {
			return resp, err
		}
		return fake.RoundTrip(r)
	})
	c, err := tcsimple.New(fake.Config(), rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	return grpcCatalogue{c}
}

// A venue that is not known may sell through Mosbilet, so nothing is ordered.
func TestUnknownVenue(t *testing.T) {
	t.Parallel()
	shop := ticketscloudtest.New()
	client, err := ticketscloud.New(shop.Config(), rutravel.WithHTTPClient(shop.HTTPClient()))
	require.NoError(t, err)
	c := catalogue(t, shop, func(r *http.Request) (*http.Response, error) {
		if !strings.HasSuffix(r.URL.Path, "/Venues") {
			return nil, nil
		}
		empty := http.Header{"Content-Type": {"application/grpc"}, "Grpc-Status": {"0"}}
		return &http.Response{StatusCode: http.StatusOK, Header: empty, Body: http.NoBody}, nil
	})
	err = runFlow(t.Context(), client, c, "buyer@example.org", new(strings.Builder))
	require.ErrorContains(t, err, "the catalogue does not know the venue 5e00")
	assert.Empty(t, shop.Requests())
}

// A slow catalogue does not reduce the time for the payment.
func TestSlowCatalogue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := ticketscloudtest.New()
		shop.SetQuirks(ticketscloudtest.Quirks{BarcodeDelay: 3 * time.Minute})
		client, err := ticketscloud.New(shop.Config(), rutravel.WithHTTPClient(shop.HTTPClient()))
		require.NoError(t, err)
		c := catalogue(t, shop, func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/Seats") {
				time.Sleep(90 * time.Second) // three times
			}
			return nil, nil
		})
		var out strings.Builder
		require.NoError(t, runFlow(t.Context(), client, c, "buyer@example.org", &out))
		assert.Contains(t, out.String(), "barcode 1717")

		endless := catalogue(t, shop, func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/Seats") {
				return nil, nil
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		begun := time.Now()
		err = runFlow(t.Context(), client, endless, "buyer@example.org", new(strings.Builder))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, timeForSeats, time.Since(begun))
	})
}

func TestWhen(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 5, 1, 19, 0, 0, 0, time.UTC)
	assert.Equal(t, "1 May 2026 19:00 UTC", event{start: start}.when())
	assert.Equal(t, "open date", event{start: start, openDate: true}.when())
	assert.Equal(t, "date not known", event{}.when())

	// An event of the catalogue with tickets on sale.
	field := func(number protowire.Number, bytes string) string {
		return string(protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), bytes))
	}
	number := func(number protowire.Number, value int64) string {
		return string(protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), uint64(value)))
	}
	lifetime := field(9, field(1, number(1, start.Unix())))
	shop := ticketscloudtest.New()
	venue := string(shop.Programme()[1].Venue.ID)
	for want, rest := range map[string]string{
		"open date": number(15, 1) + lifetime, "date not known": "", "2 May 2026 00:00 +05": lifetime,
	} {
		message := field(1, "e1") + field(7, venue) + rest + field(30, field(1, "s1")+number(8, 1)) + number(32, 1)
		frame := string(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))) + message
		c := catalogue(t, shop, func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/Events") {
				return nil, nil
			}
			return &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/grpc"}}, Trailer: http.Header{"Grpc-Status": {"0"}},
				Body: io.NopCloser(strings.NewReader(frame)),
			}, nil
		})
		chosen, err := c.choose(t.Context())
		require.NoError(t, err, want)
		assert.Equal(t, want, chosen.when(), want)
	}
}

// The program waits for barcodes that come later than the payment.
func TestLateBarcodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := ticketscloudtest.New()
		fake.SetQuirks(ticketscloudtest.Quirks{BarcodeDelay: time.Minute})
		client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		var out strings.Builder
		start := time.Now()
		require.NoError(t, runFlow(t.Context(), client, restCatalogue{client}, "buyer@example.org", &out))
		assert.Contains(t, out.String(), "barcode 1717")
		assert.GreaterOrEqual(t, time.Since(start), time.Minute)
	})
}

// After a lost answer the program looks the call up once and does not make it again. It
// continues if the look-up proves success.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		op        string
		processed bool
		look      string
		fails     bool
		words     []string
	}{
		{"orders.create", true, "orders.list", true, []string{"not certain whether the order was made", "It may be", "1 ticket(s)"}},
		{"orders.create", false, "orders.list", true, []string{"not certain whether the order was made", "There is no such order yet"}},
		{"orders.change+done", true, "orders.list", false, []string{"not certain whether the order was paid", "Paid at", "barcode 1717", "1 refund request(s)"}},
		{"orders.change+done", false, "orders.list", true, []string{"not certain whether the order was paid", "It is not paid yet"}},
		{"refunds.create", true, "refunds.list", true, []string{"not certain whether the refund request was made", "It may be", "1000.00 RUB for 1 ticket(s), new"}},
		{"refunds.create", false, "refunds.list", true, []string{"not certain whether the refund request was made", "There is no such refund request yet"}},
		{"refunds.approve", true, "refunds.list", false, []string{"not certain whether the refund request was approved", "is approved", "1 refund request(s)"}},
		{"refunds.approve", false, "refunds.list", true, []string{"not certain whether the refund request was approved", "It is new"}},
	} {
		t.Run(test.op+" "+strconv.FormatBool(test.processed), func(t *testing.T) {
			t.Parallel()
			fake := ticketscloudtest.New()
			srv := httptest.NewServer(fake)
			t.Cleanup(srv.Close)
			fake.Inject(ticketscloudtest.Fault{Op: test.op, Drop: true, Processed: test.processed})
			var out strings.Builder
			vars := map[string]string{"TICKETSCLOUD_URL": srv.URL, "TICKETSCLOUD_KEY": ticketscloudtest.Key}
			err := run(nil, env(vars), &out)
			if test.fails {
				require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
				assert.ErrorContains(t, err, test.op)
			} else {
				require.NoError(t, err)
			}
			for _, words := range test.words {
				assert.Contains(t, out.String(), words)
			}
			var calls int
			requests := fake.Requests()
			for i, r := range requests {
				if r.Op == test.op {
					calls++
					assert.Equal(t, test.look, requests[i+1].Op, r.Op)
				}
			}
			assert.Equal(t, 1, calls)
		})
	}
}

// The program looks the call up also if its own time has run out.
func TestLostInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := ticketscloudtest.New()
		client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		fake.Inject(ticketscloudtest.Fault{Op: "orders.create", Delay: 2 * time.Second})
		var out strings.Builder
		err = runFlow(ctx, client, restCatalogue{client}, "buyer@example.org", &out)
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, out.String(), "It may be")
	})
}

// If the look-up fails, the program returns both errors.
func TestLookFails(t *testing.T) {
	t.Parallel()
	for op, look := range map[string]string{
		"orders.create": "orders.list", "orders.change+done": "orders.list", "refunds.create": "refunds.list", "refunds.approve": "refunds.list",
	} {
		fake := ticketscloudtest.New()
		client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err, op)
		fake.Inject(ticketscloudtest.Fault{Op: op, Drop: true}, ticketscloudtest.Fault{Op: look, Status: http.StatusOK, Body: "{}"})
		err = runFlow(t.Context(), client, restCatalogue{client}, "buyer@example.org", new(strings.Builder))
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed, op)
		require.ErrorIs(t, err, rutravel.ErrProtocol, op)
		assert.NotContains(t, err.Error(), "\n", op)
	}
}

// A refund request that cannot be read does not end the program.
func TestUnreadableRefund(t *testing.T) {
	t.Parallel()
	fake := ticketscloudtest.New()
	client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	fake.Inject(ticketscloudtest.Fault{Op: "refunds.list", Status: http.StatusOK, Body: `{"data":[{"id":"5d3000000000000000000000"}]}`})
	var out strings.Builder
	require.NoError(t, runFlow(t.Context(), client, restCatalogue{client}, "buyer@example.org", &out))
	assert.Contains(t, out.String(), "Refund request 5d3000000000000000000000 could not be read completely")
}

func TestErrors(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(ticketscloudtest.New())
	t.Cleanup(srv.Close)
	for _, test := range []struct {
		args []string
		vars map[string]string
		want string
	}{
		{[]string{"-email", "nobody"}, nil, "-email"},
		{nil, map[string]string{"TICKETSCLOUD_URL": ticketscloud.Production}, "-live"},
		{nil, map[string]string{"TICKETSCLOUD_URL": "https://www.ticketscloud.com/"}, "-live"},
		{nil, map[string]string{"TICKETSCLOUD_URL": "https://TICKETSCLOUD.COM."}, "-live"},
		{nil, map[string]string{"TICKETSCLOUD_URL": srv.URL}, "Key"},
		{nil, map[string]string{"TICKETSCLOUD_URL": srv.URL, "TICKETSCLOUD_GRPC": "simple.ticketscloud.com:443"}, "-live"},
		{nil, map[string]string{"TICKETSCLOUD_URL": srv.URL, "TICKETSCLOUD_GRPC": tcsimple.Production}, "-live"},
		{nil, map[string]string{"TICKETSCLOUD_GRPC": tcsimple.Stage}, "TICKETSCLOUD_URL"},
		{[]string{"-live"}, map[string]string{"TICKETSCLOUD_URL": ticketscloud.Stage, "TICKETSCLOUD_KEY": "k-secret", "TICKETSCLOUD_GRPC": "simple.ticketscloud.com:443"}, "both"},
		{[]string{"-live"}, map[string]string{"TICKETSCLOUD_URL": ticketscloud.Production, "TICKETSCLOUD_KEY": "k-secret", "TICKETSCLOUD_GRPC": tcsimple.Stage}, "both"},
		{nil, map[string]string{"TICKETSCLOUD_URL": srv.URL, "TICKETSCLOUD_KEY": "k-secret", "TICKETSCLOUD_GRPC": "http://192.0.2.1:80"}, "https"},
		{nil, map[string]string{"TICKETSCLOUD_URL": "http://192.0.2.1/", "TICKETSCLOUD_KEY": "k-secret"}, "https"},
		{nil, map[string]string{"TICKETSCLOUD_URL": srv.URL, "TICKETSCLOUD_KEY": "k-secret"}, "Bad key"},
	} {
		var out strings.Builder
		err := run(test.args, env(test.vars), &out)
		require.ErrorContains(t, err, test.want)
		assert.NotContains(t, err.Error()+out.String(), "k-secret", test.want)
		assert.NotContains(t, err.Error(), "\n", test.want)
	}
}

// authority reads a file of certificates and refuses other files.
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
		require.ErrorContains(t, err, "TICKETSCLOUD_CA")
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run([]string{"-h"}, env(nil), &out)
	require.ErrorIs(t, err, flag.ErrHelp)
	for _, word := range []string{"TICKETSCLOUD_URL", "TICKETSCLOUD_KEY", "TICKETSCLOUD_GRPC", "-email", "TICKETSCLOUD_CA", "-live"} {
		assert.Contains(t, out.String(), word)
	}
}
