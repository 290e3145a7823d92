// The program runs two instances of a backend that are one customer of their
// suppliers: a limiter and the directories are shared through Redis. It starts a
// redis-server of its own and talks to fakes of the suppliers in its own memory;
// for a real backend, take package shared.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/examples/instances/redisserver"
	"github.com/rutravel/rutravel-go/examples/instances/shared"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

const usage = `Runs two instances of a backend that share a limiter and directories in Redis.

It starts a redis-server of its own, which must be installed and keeps nothing, and
talks to fake suppliers in its own memory. It takes no flags and no environment.
`

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	switch err := start(ctx, os.Args[1:], os.Stdout); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // the deadline ends with the program
	}
}

// start runs the program, or explains it.
func start(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("instances", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage) }
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag; see -h", flags.Arg(0))
	}
	return run(ctx, out)
}

// perSecond is what all instances together may ask of a supplier. The manuals
// name no limit: it is what was agreed on.
const perSecond = 20

// account is what this backend calls its account at each supplier. Whoever sees
// Redis sees keys: a supplier's API key, token or login does not belong in them.
const account = "agency"

// run asks both instances, at the same time, what the suppliers list.
func run(ctx context.Context, out io.Writer) (err error) {
	socket, stop, err := redisserver.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	coaches, tours := regionbilettest.New(), multitourtest.New()

	var wait sync.WaitGroup
	reports, failures := make([]string, 2), make([]error, 2)
	for i := range reports {
		client := shared.Open("unix", socket)
		defer func() { err = errors.Join(err, client.Close()) }()
		shop, openErr := newInstance(client, coaches, tours)
		if openErr != nil {
			return openErr
		}
		wait.Go(func() { reports[i], failures[i] = shop.report(ctx) })
	}
	wait.Wait()
	if err = errors.Join(failures...); err != nil {
		return err
	}
	for i, report := range reports {
		fmt.Fprintf(out, "Instance %d: %s\n", i+1, report)
	}
	fmt.Fprintf(out, "Regionbilet got %d requests and Multitour %d, no more than %d in a second each.\n",
		len(coaches.Requests()), len(tours.Requests()), perSecond)
	return nil
}

// instance is one of the processes that a backend runs as.
type instance struct {
	departures    *shared.Directory[[]regionbilet.Settlement]
	arrivals      *shared.Directory[[]regionbilet.Settlement]
	nationalities *shared.Directory[[]regionbilet.Nationality]
	hotels        *shared.Directory[[]multitour.Hotel]
}

func newInstance(client *redis.Client, coaches *regionbilettest.Server, tours *multitourtest.Server) (*instance, error) {
	bus, err := regionbilet.New(coaches.Config(), rutravel.WithHTTPClient(coaches.HTTPClient()),
		rutravel.WithLimiter(shared.NewLimiter(client, "rutravel:limit:regionbilet:"+account, perSecond)))
	if err != nil {
		return nil, err
	}
	tour, err := multitour.New(tours.Config(), rutravel.WithHTTPClient(tours.HTTPClient()),
		rutravel.WithLimiter(shared.NewLimiter(client, "rutravel:limit:multitour:"+account, perSecond)))
	if err != nil {
		return nil, err
	}

	// Regionbilet's manual lets these be kept for a day; they are the account's own.
	prefix := "rutravel:directory:regionbilet:" + account + ":"
	return &instance{
		departures: shared.NewDirectory(client, prefix+"from:1", shared.Day,
			func(ctx context.Context) ([]regionbilet.Settlement, error) { return bus.Departures(ctx) }),
		arrivals: shared.NewDirectory(client, prefix+"to:1", shared.Day,
			func(ctx context.Context) ([]regionbilet.Settlement, error) { return bus.Arrivals(ctx) }),
		nationalities: shared.NewDirectory(client, prefix+"nationality:1", shared.Day,
			func(ctx context.Context) ([]regionbilet.Nationality, error) { return bus.Nationalities(ctx) }),
		// Multitour's does not say: the hour is this backend's own decision.
		hotels: shared.NewDirectory(client, "rutravel:directory:multitour:"+account+":map.hotel:6228:1", time.Hour,
			func(ctx context.Context) ([]multitour.Hotel, error) {
				return tour.Hotels(ctx, multitour.Area{Country: "6228"})
			}),
	}, nil
}

// report reads all directories.
func (i *instance) report(ctx context.Context) (string, error) {
	departures, err := i.departures.Get(ctx)
	if err != nil {
		return "", err
	}
	arrivals, err := i.arrivals.Get(ctx)
	if err != nil {
		return "", err
	}
	nationalities, err := i.nationalities.Get(ctx)
	if err != nil {
		return "", err
	}
	hotels, err := i.hotels.Get(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d settlements of departure, %d of arrival, %d nationalities, %d hotels.",
		len(departures), len(arrivals), len(nationalities), len(hotels)), nil
}
