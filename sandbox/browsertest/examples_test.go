package browsertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/sandbox"
	"github.com/rutravel/rutravel-go/sandbox/record"
)

// example runs an example program with an environment.
func example(t *testing.T, name string, env []string) string {
	t.Helper()
	cmd := exec.Command(program(t, name))
	if name == "bgoperator" {
		cmd.Dir = filepath.Join(repository, "examples", name) // its tour.json
	}
	if name == "smartway" {
		cmd.Args = append(cmd.Args, "-out", t.TempDir())
	}
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "%s: %s", name, out)
	return string(out)
}

// Given all example programs at the same time over HTTP and TLS against one process,
// expect each to succeed and the books to agree with what it printed.
func TestExamples(t *testing.T) {
	t.Parallel()
	b := start(t, "-listen", "127.0.0.1:0", "-tls", "127.0.0.1:0")
	// The programs take the first free seat, so those over TLS have another run.
	// The catalogue of Ticketscloud belongs to the default run.
	ways := map[string]func(supplier string) (run string, env []string){
		"http": func(string) (string, []string) { return "http", sandbox.Environment(b.HTTP, "http", "") },
		"tls": func(supplier string) (string, []string) {
			if supplier == sandbox.Ticketscloud {
				return "", sandbox.Environment(b.HTTPS, "", b.CA)
			}
			return "tls", sandbox.Environment(b.HTTPS, "tls", b.CA)
		},
	}
	var wg sync.WaitGroup
	for way, of := range ways {
		for _, supplier := range suppliers {
			wg.Go(func() {
				run, env := of(supplier)
				out := example(t, supplier, env)
				agree(t, way+" "+supplier, supplier, out, b.state(t, run)[supplier])
			})
		}
	}
	wg.Wait()

	// Once more over HTTP with the catalogue, next to what is there already.
	out := example(t, sandbox.Ticketscloud, sandbox.Environment(b.HTTP, "", ""))
	state := b.state(t, "")[sandbox.Ticketscloud]
	require.Len(t, state.Bookings, 2)
	state.Bookings = state.Bookings[1:]
	agree(t, "gRPC over HTTP", sandbox.Ticketscloud, out, state)
	var calls []record.Call
	b.api(t, "", "GET", "calls?supplier=tcsimple", nil, &calls)
	assert.NotEmpty(t, calls)
	assert.Empty(t, b.state(t, "other")[sandbox.Ticketscloud].Bookings)
}

// agree compares what a program printed with what the supplier has.
func agree(t *testing.T, name, supplier, out string, state record.State) {
	t.Helper()
	printed := func(pattern string) (all []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(out, -1) {
			all = append(all, match[1])
		}
		assert.NotEmpty(t, all, "%s: %s in %s", name, pattern, out)
		return all
	}
	sum := func(amounts []string) decimal.Decimal {
		total := decimal.Zero
		for _, a := range amounts {
			total = total.Add(decimal.RequireFromString(a))
		}
		return total
	}
	same := func(want, got decimal.Decimal, what string) {
		assert.True(t, want.Equal(got), "%s: %s: printed %s, booked %s", name, what, want, got)
	}
	if !assert.NotEmpty(t, state.Bookings, name) {
		return
	}
	var ids []string
	for _, booking := range state.Bookings {
		ids = append(ids, booking.ID)
	}
	first := state.Bookings[0]
	switch supplier {
	case sandbox.Regionbilet:
		assert.Equal(t, printed(`Booked (?:seat \S+ )?as (stv-\w+-\w+)`), ids, name)
		var paid []string
		for _, k := range first.Tickets {
			paid = append(paid, k.ID)
		}
		assert.Equal(t, printed(`Paid: seat \S+, ticket (\S+)\.`), paid, name)
		assert.Equal(t, printed(`Refunded ticket (\S+):`)[0], first.Tickets[0].ID, name)
		assert.Equal(t, []record.Status{record.Refunded, record.Paid}, []record.Status{first.Tickets[0].Status, first.Tickets[1].Status}, name)
		same(sum(printed(`([\d.]+) RUB back`)), first.Refunded, "refund")
		same(sum(printed(`paid, ([\d.]+) RUB`)).Add(sum(printed(`([\d.]+) RUB fee`))), first.Paid, "payment")
		assert.Equal(t, record.Cancelled, state.Bookings[1].Status, name)
		assert.Equal(t, printed(`Cancelled (\S+)\.`)[0], ids[1], name)
	case sandbox.Multitour:
		assert.Equal(t, printed(`Booked as (\S+)\.`), ids, name)
		same(sum(printed(`([\d.]+) RUB, of which`)), first.Price, "price")
		assert.Equal(t, record.Confirmed, first.Status, name)
		assert.Len(t, first.Personal, 3, name)
	case sandbox.Bgoperator:
		assert.Equal(t, printed(`Booked as (\d+), number`), ids, name)
		assert.Equal(t, printed(`number (\d+)\.`)[0], first.Number, name)
		totals := printed(`([\d.]+) USD in full`)
		same(sum(totals[len(totals)-1:]), first.Price, "price")
		assert.Equal(t, record.Cancelled, first.Status, name)
	case sandbox.Ticketscloud:
		assert.Equal(t, printed(`Order (\w+) \(`), ids, name)
		same(sum(printed(`To pay: ([\d.]+) RUB`)), first.Paid, "payment")
		same(sum(printed(`for one ticket: ([\d.]+) RUB`)), first.Refunded, "refund")
		var barcodes []string
		for _, k := range first.Tickets {
			barcodes = append(barcodes, k.ID)
		}
		assert.Equal(t, printed(`barcode (\d+)`), barcodes, name)
		assert.Equal(t, printed(`Refund request (\w+) is approved`)[0], first.Refunds[0].ID, name)
	case sandbox.Smartway:
		assert.Equal(t, printed(`Bought trip (\d+) `), ids, name)
		same(sum(printed(`Bought trip .*?: ([\d.]+) RUB`)), first.Paid, "payment")
		same(decimal.NewFromInt(1_000_000).Sub(first.Paid), state.Money[0].Balance.Decimal, "balance")
	}
	for _, secret := range []string{"fake-secret-key", "fake-token", "fake-password", "fake-api-key"} {
		assert.NotContains(t, out, secret, name)
	}
}
