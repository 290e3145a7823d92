package suppliers

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/redis/go-redis/v9"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	rutravelredis "github.com/rutravel/rutravel-go/contrib/redis"
	"github.com/rutravel/rutravel-go/examples/backend/shop"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// Config is what Connect needs.
type Config struct {
	Getenv   func(string) string // addresses and credentials
	Redis    *redis.Client       // shared limits and directories; nil means that each instance has its own
	Session  bgoperator.SessionStore
	Observer rutravel.Observer
	Journal  *journal.Journal
	Tuning   Tuning
	Tour     SeededTour
}

// Connect makes the clients of all suppliers. It sends nothing.
func Connect(c Config) (Set, error) {
	coaches, err1 := connect(c, "REGIONBILET", func(opts ...rutravel.Option) (*regionbilet.Client, error) {
		return regionbilet.New(regionbilet.Config{
			User: c.Getenv("REGIONBILET_USER"), SecretKey: rutravel.Secret(c.Getenv("REGIONBILET_SKEY")), BaseURL: c.Getenv("REGIONBILET_URL"),
		}, opts...)
	})
	events, err2 := connect(c, "TICKETSCLOUD", func(opts ...rutravel.Option) (*ticketscloud.Client, error) {
		return ticketscloud.New(ticketscloud.Config{Key: rutravel.Secret(c.Getenv("TICKETSCLOUD_KEY")), BaseURL: c.Getenv("TICKETSCLOUD_URL")}, opts...)
	})
	tours, err3 := connect(c, "MULTITOUR", func(opts ...rutravel.Option) (*multitour.Client, error) {
		return multitour.New(multitour.Config{
			Token: rutravel.Secret(c.Getenv("MULTITOUR_TOKEN")), UserKey: multitour.UserKey(c.Getenv("MULTITOUR_US_KEY")), BaseURL: c.Getenv("MULTITOUR_URL"),
		}, opts...)
	})
	packages, err4 := connect(c, "BGOPERATOR", func(opts ...rutravel.Option) (*bgoperator.Client, error) {
		return bgoperator.New(bgoperator.Config{
			Login: c.Getenv("BGOPERATOR_LOGIN"), Password: rutravel.Secret(c.Getenv("BGOPERATOR_PASSWORD")),
			BaseURL: c.Getenv("BGOPERATOR_URL"), LoginURL: c.Getenv("BGOPERATOR_LOGIN_URL"), SessionStore: c.Session,
		}, opts...)
	})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	keep := Keep{c.Redis}
	return Set{
		shop.Coach:   NewCoach(coaches, keep, c.Journal, c.Tuning),
		shop.Event:   NewEvent(events, c.Journal, c.Tuning),
		shop.Tour:    NewTour(tours, keep, c.Journal, c.Tuning),
		shop.Package: NewPackage(packages, c.Tour, c.Journal, c.Tuning),
	}, nil
}

// connect makes a client with the options that all suppliers share. The address must be
// given, so that nobody buys at a supplier by accident.
func connect[C any](c Config, name string, create func(...rutravel.Option) (C, error)) (client C, err error) {
	if c.Getenv(name+"_URL") == "" {
		return client, fmt.Errorf("%s_URL must be set", name)
	}
	perSecond := 20
	if text := c.Getenv("CALLS_PER_SECOND"); text != "" {
		if perSecond, err = strconv.Atoi(text); err != nil || perSecond < 1 {
			return client, errors.New("CALLS_PER_SECOND must be a number from 1")
		}
	}
	opts := []rutravel.Option{rutravel.WithObserver(c.Observer)}
	if c.Redis != nil {
		opts = append(opts, rutravel.WithLimiter(rutravelredis.NewLimiter(c.Redis, "backend:limit:"+name, perSecond, perSecond)))
	} else {
		opts = append(opts, rutravel.WithLimiter(rutravel.NewPriorityLimiter(perSecond, perSecond)))
	}
	if file := c.Getenv(name + "_CA"); file != "" {
		text, unread := os.ReadFile(file)
		roots, unknown := x509.SystemCertPool()
		if err = errors.Join(unread, unknown); err != nil {
			return client, err
		}
		if !roots.AppendCertsFromPEM(text) {
			return client, fmt.Errorf("%s_CA holds no certificate in PEM", name)
		}
		opts = append(opts, rutravel.WithRootCAs(roots))
	}
	client, err = create(opts...)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return client, err
}
