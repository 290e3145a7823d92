// The program kills processes that book and pay, and compares in the end what the
// suppliers have done with the journal.
//
// Two instances of a shop use a PostgreSQL, and one uses an SQLite. The suppliers'
// fakes run in another process and lose requests and answers. The program kills
// instances and starts them again. It also stops one for longer than a call may take.
// The exit status is not 0 if something was made twice, lost or left open, or if a
// person must decide something that the library could have decided.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	rutravelriver "github.com/rutravel/rutravel-go/contrib/river"
	"github.com/rutravel/rutravel-go/contrib/river/internal/postgresserver"
	"github.com/rutravel/rutravel-go/journal"
)

// environment is the variable that tells a process what it is.
const environment = "KILLTEST"

const suppliersProcess = "suppliers"

func main() {
	log.SetFlags(log.Ltime)
	var err error
	switch os.Getenv(environment) {
	case "":
		err = run(os.Args[1:], os.Stdout)
	case suppliersProcess:
		go endWithParent()
		err = runSuppliers()
	default:
		go endWithParent()
		err = runWorker()
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// endWithParent ends this process when its input ends.
func endWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// The lengths of a run. In a calm, River chooses a leader, which makes the look-ups.
const (
	rounds = 4
	calm   = 12 * time.Second
	pause  = 900 * time.Millisecond // between two kills
	stop   = 18 * time.Second       // of a stopped process: longer than timeout, patience and River's pauses
	finish = 100 * time.Second      // at most, to the end of all orders
)

// test is one run.
type test struct {
	out     io.Writer
	self    string
	all     addresses
	bug     string
	workers []*worker
	shops   map[string]*database
	stores  map[string]journal.Store
	orders  int
	kills   int
}

// worker is a process of a shop.
type worker struct {
	settings
	process *exec.Cmd
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("killtest", flag.ContinueOnError)
	kills := flags.Int("kills", 64, "how many processes are killed")
	orders := flags.Int("orders", 480, "how many orders there are")
	bug := flags.String("bug", "", "a bug to plant: send, fence or claim")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || !slices.Contains([]string{"", bugSend, bugFence, bugClaim}, *bug) {
		return errors.New("killtest: wrong arguments; see -h")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	dir, err := os.MkdirTemp("", "killtest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	dsn, stopServer, err := postgresserver.Start(ctx, "max_connections=300")
	if err != nil {
		return err
	}
	defer func() { _ = stopServer() }()
	t := &test{out: out, self: self, bug: *bug, shops: map[string]*database{}, stores: map[string]journal.Store{}}
	if err = t.startSuppliers(ctx); err != nil {
		return err
	}
	file := "file:" + filepath.Join(dir, "shop.db") + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"
	for _, d := range []*database{{Kind: postgres, DSN: dsn}, {Kind: sqlite, DSN: file}} {
		if err = t.openShop(ctx, d); err != nil {
			return err
		}
	}
	for _, kind := range []string{postgres, postgres, sqlite} {
		w := &worker{settings: settings{*t.shops[kind], t.all.Suppliers[kind], t.bug}}
		if err = t.start(ctx, w); err != nil {
			return err
		}
		t.workers = append(t.workers, w)
	}
	defer func() {
		for _, w := range t.workers {
			_ = w.process.Process.Kill()
			_ = w.process.Wait() // it was killed
		}
	}()
	if err = t.kill(ctx, *kills, *orders); err != nil {
		return err
	}
	ended := t.end(ctx)
	report, err := t.audit(ctx)
	if err != nil {
		return err
	}
	report.print(out, t)
	if ended != nil {
		return ended
	}
	if len(report.problems) > 0 {
		return errors.New("killtest: the books and the journal disagree")
	}
	return nil
}

// command is another process of this program, which ends with this one.
func (t *test) command(ctx context.Context, what string) (*exec.Cmd, error) {
	c := exec.CommandContext(ctx, t.self)
	c.Env = append(os.Environ(), environment+"="+what)
	c.Stderr = os.Stderr
	_, err := c.StdinPipe()
	return c, err
}

func (t *test) startSuppliers(ctx context.Context) error {
	c, err := t.command(ctx, suppliersProcess)
	if err != nil {
		return err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err = c.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, &t.all)
}

// control asks the suppliers' process for something.
func (t *test) control(ctx context.Context, path string, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.all.Control+path, nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: &http.Transport{}}).Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if answer == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}

// openShop makes the tables of a shop.
func (t *test) openShop(ctx context.Context, d *database) error {
	if err := d.open(); err != nil {
		return err
	}
	var migrate func(context.Context) error
	if d.Kind == postgres {
		pool, err := pgxpool.New(ctx, d.DSN)
		if err != nil {
			return err
		}
		store, err := rutravelriver.NewPostgres(pool, rutravelriver.Config[pgx.Tx]{Logger: quiet()})
		if err != nil {
			return err
		}
		t.stores[d.Kind], migrate = store, store.Migrate
	} else {
		store, err := rutravelriver.NewSQLite(d.db, rutravelriver.Config[*sql.Tx]{Logger: quiet()})
		if err != nil {
			return err
		}
		t.stores[d.Kind], migrate = store, store.Migrate
	}
	if err := migrate(ctx); err != nil {
		return err
	}
	t.shops[d.Kind] = d
	_, err := d.db.ExecContext(ctx, tables)
	return err
}

func (t *test) start(ctx context.Context, w *worker) error {
	text, err := json.Marshal(w.settings)
	if err != nil {
		return err
	}
	if w.process, err = t.command(ctx, string(text)); err != nil {
		return err
	}
	return w.process.Start()
}

// order adds orders to both shops.
func (t *test) order(ctx context.Context, n int, suppliers ...string) error {
	var rows []string
	for range n {
		t.orders++
		rows = append(rows, fmt.Sprintf("(%d, '%s')", t.orders, suppliers[t.orders%len(suppliers)]))
	}
	for _, d := range t.shops {
		if _, err := d.db.ExecContext(ctx, "INSERT INTO orders (id, supplier) VALUES "+strings.Join(rows, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// kill kills workers in rounds while orders arrive. In the second round, an instance is
// stopped.
func (t *test) kill(ctx context.Context, kills, orders int) error {
	steps := rounds * kills / rounds
	for step := range steps {
		if err := t.order(ctx, orders/steps, "regionbilet", "multitour", "ticketscloud", "smartway"); err != nil {
			return err
		}
		victim := t.workers[rand.IntN(len(t.workers))]
		if step == steps/2 {
			if err := t.stop(ctx, t.workers[0].process.Process); err != nil {
				return err
			}
		}
		time.Sleep(pause/2 + rand.N(pause))
		if err := victim.process.Process.Kill(); err != nil {
			return err
		}
		_ = victim.process.Wait() // it was killed
		t.kills++
		if err := t.start(ctx, victim); err != nil {
			return err
		}
		if (step+1)%(steps/rounds) == 0 {
			time.Sleep(calm)
		}
	}
	// No instance is killed during the race, so that calls run in both at the same time.
	return t.order(ctx, raceCalls, "race")
}

// stop stops an instance while it begins many calls. When it goes on, the other
// instance has looked for their results.
func (t *test) stop(ctx context.Context, instance *os.Process) error {
	const many = 60
	if err := t.order(ctx, many, "ticketscloud", "smartway"); err != nil {
		return err
	}
	time.Sleep(pollOrders + maxDelay)
	if err := instance.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	time.Sleep(stop)
	if err := instance.Signal(syscall.SIGCONT); err != nil {
		return err
	}
	time.Sleep(timeout)
	return nil
}

// end waits until all orders are finished and no call is open. It moves
// the suppliers' clocks on for calls that wait until a hold expires.
func (t *test) end(ctx context.Context) error {
	deadline := time.Now().Add(finish)
	const creates = 15 * time.Second // until no order is looked for any more
	time.Sleep(creates)
	for _, d := range t.shops {
		if _, err := d.db.ExecContext(ctx, "UPDATE orders SET closing = TRUE"); err != nil {
			return err
		}
	}
	time.Sleep(time.Second)
	for kind := range t.shops {
		if err := t.control(ctx, "/expire/"+kind, nil); err != nil {
			return err
		}
	}
	for {
		left := 0
		for kind, d := range t.shops {
			orders, err := d.unfinished(ctx)
			if err != nil {
				return err
			}
			open, err := t.stores[kind].List(ctx, journal.Query{Outcome: "open"})
			if err != nil {
				return err
			}
			left += len(orders) + len(open)
		}
		switch {
		case left == 0:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("killtest: %d orders and calls have not ended", left)
		}
		time.Sleep(time.Second)
	}
}
