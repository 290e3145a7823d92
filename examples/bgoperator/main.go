// The program prices and books a tour at Biblio-Globus, adds transfers to it and cancels
// it. By default it uses a fake supplier in its own memory; -h explains how to use a real
// account.
package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

const usage = `Prices and books a tour at Biblio-Globus, adds transfers to it and cancels it.

Without BGOPERATOR_URL it uses a fake supplier in its own memory.

Environment:
  BGOPERATOR_URL        the supplier's address, like ` + bgoperator.Production + `
  BGOPERATOR_LOGIN_URL  the address of the login, like ` + bgoperator.ProductionLogin + `
  BGOPERATOR_LOGIN      the agency's login
  BGOPERATOR_PASSWORD   the agency's password
  BGOPERATOR_CA         file with a certificate to trust, in PEM (optional)

Flags:
`

// sample has the price list's values for the tour of the manual's samples.
//
//go:embed tour.json
var sample []byte

func main() {
	switch err := run(os.Args[1:], os.Getenv, os.Stdout); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("bgoperator", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	file := flags.String("tour", "", "`file` with the price list's values for a tour, as JSON (default: the manual's sample)")
	live := flags.Bool("live", false, "allow the production address, where a tour is really booked")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not a flag; see -h", flags.Arg(0))
	}
	offer, err := readOffer(*file)
	if err != nil {
		return err
	}
	client, err := newClient(getenv, *live, out)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	var pause time.Duration
	if production(hostname(getenv("BGOPERATOR_URL"))) {
		pause = 10 * time.Second
	}
	return runFlow(ctx, client, offer, pause, out)
}

// readOffer reads an offer that an import of the price list has stored. Without a file, it
// returns the sample.
func readOffer(file string) (offer bgoperator.Offer, err error) {
	text := sample
	if file != "" {
		if text, err = os.ReadFile(file); err != nil {
			return offer, fmt.Errorf("-tour: %w", err)
		}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields() // otherwise a misspelt stay would be left out
	if err = d.Decode(&offer); err != nil {
		return offer, fmt.Errorf("-tour: %w", err)
	}
	return offer, nil
}

// newClient returns a client for the address of the environment or, without one, for a
// fake.
func newClient(getenv func(string) string, live bool, out io.Writer) (*bgoperator.Client, error) {
	address, login := getenv("BGOPERATOR_URL"), getenv("BGOPERATOR_LOGIN_URL")
	if address == "" {
		fake := bgoperatortest.New()
		fmt.Fprintln(out, "Using a fake supplier in memory; nothing is booked. (-h explains how to use a real account.)")
		return bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	}
	if (production(hostname(address)) || production(hostname(login))) && !live {
		return nil, errors.New("BGOPERATOR_URL or BGOPERATOR_LOGIN_URL is a production address: a tour would really be booked; add -live if you mean it")
	}
	if login == "" && !production(hostname(address)) {
		return nil, errors.New("BGOPERATOR_LOGIN_URL must be given together with BGOPERATOR_URL: the password would go to the supplier's own login")
	}
	trust, err := authority(getenv("BGOPERATOR_CA"))
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(out, "Talking to BGOPERATOR_URL.")
	return bgoperator.New(bgoperator.Config{
		Login:    getenv("BGOPERATOR_LOGIN"),
		Password: rutravel.Secret(getenv("BGOPERATOR_PASSWORD")),
		BaseURL:  address,
		LoginURL: login,
	}, trust...)
}

// authority returns the option to trust the certificate of a file in addition to those of
// the system. Without a file, it returns no option.
func authority(file string) ([]rutravel.Option, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("BGOPERATOR_CA: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates: %w", err)
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("BGOPERATOR_CA has no certificate in PEM")
	}
	return []rutravel.Option{rutravel.WithRootCAs(roots)}, nil
}

// hostname returns the host of an address. New refuses an address without a host.
func hostname(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// production reports whether a host is the supplier's.
func production(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "bgoperator.ru" || strings.HasSuffix(host, ".bgoperator.ru")
}

// printer writes a line for the user.
type printer func(format string, args ...any)

func (say printer) prices(all []bgoperator.Price) {
	for _, p := range all {
		say("  %s %s in full, %s for the agency, %s to pay", p.Full.StringFixed(2), p.Currency, p.Commission.StringFixed(2), p.Amount.StringFixed(2))
	}
}

// runFlow does all steps from the price to the cancellation. Each step uses the answers
// of the earlier ones. pause is the time between two look-ups.
func runFlow(ctx context.Context, c *bgoperator.Client, offer bgoperator.Offer, pause time.Duration, out io.Writer) error {
	var say printer = func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }

	// Price the tour.
	tour := bgoperator.Tour{
		ClientTourID: "example",
		Groups: []bgoperator.Group{{
			Offer: offer,
			Tourists: []bgoperator.Tourist{
				{
					BirthDate: civil.Date{Year: 1982, Month: time.June, Day: 11},
					FirstName: "IVAN", Surname: "IVANOV", Citizenship: "100410000050",
					PassportSeries: "62", PassportNumber: "12345678",
					PassportExpiry: civil.Date{Year: 2036, Month: time.November, Day: 11}, Sex: bgoperator.Male,
				},
				{
					BirthDate: civil.Date{Year: 1985, Month: time.July, Day: 24},
					FirstName: "JOHN", Surname: "DOE", Citizenship: "100410000050",
					PassportSeries: "71", PassportNumber: "87654321",
					PassportExpiry: civil.Date{Year: 2036, Month: time.May, Day: 17}, Sex: bgoperator.Male,
				},
			},
		}},
	}
	say("Pricing %d nights from %s for two.", offer.Before.Nights+offer.AfterBefore.Nights+offer.Main.Nights+
		offer.BeforeAfter.Nights+offer.After.Nights, offer.StartDate)
	quote, err := c.Quote(ctx, tour)
	if err != nil {
		return err
	}
	say.prices(quote.Prices)

	// Book exactly the tour that was priced.
	booking, err := c.Book(ctx, tour)
	switch {
	case errors.Is(err, rutravel.ErrNotConfirmed) && booking.ID != "" && booking.ClientTourID == tour.ClientTourID:
		say("It was booked, but not all of the answer could be read: %v.", err)
	case errors.Is(err, rutravel.ErrNotConfirmed):
		return fmt.Errorf("the tour may have been booked; look into the agency's account: %w", err)
	case err != nil:
		return err
	}
	say("Booked as %s, number %s.", booking.ID, cmp.Or(booking.Number, "unknown"))

	// From here on, every error must name the booking.
	if err = addTransfers(ctx, c, booking.ID, say); err != nil {
		return fmt.Errorf("booking %s still exists: %w", booking.ID, err)
	}
	return cancelBooking(ctx, c, booking.ID, pause, say)
}

// addTransfers adds transfers and contacts to a booking.
func addTransfers(ctx context.Context, c *bgoperator.Client, booking bgoperator.BookingID, say printer) error {
	// Choose transfers and their flights.
	tourists, err := c.TouristTransfers(ctx, booking)
	if err != nil {
		return err
	}
	chosen, err := choose(ctx, c, tourists, say)
	if err != nil {
		return err
	}
	if len(chosen) > 0 {
		var changed bgoperator.ChangedBooking
		if changed, err = c.SetTransfers(ctx, booking, chosen); err != nil {
			return err
		}
		say("Added transfers for %d tourists.", len(chosen))
		say.prices(changed.Prices)
	}

	// Set the contacts.
	var contacts []bgoperator.Contact
	for i, t := range tourists {
		contacts = append(contacts, bgoperator.Contact{
			Tourist: t.ID, Email: fmt.Sprintf("tourist%d@example.com", i+1), Phone: "+7 916 1234567",
		})
	}
	if len(contacts) > 0 {
		if err = c.SetContacts(ctx, booking, contacts); err != nil {
			return err
		}
		say("Set the contacts of %d tourists.", len(contacts))
	}
	return nil
}

// cancelBooking cancels a booking, and looks it up if the answer is lost.
func cancelBooking(ctx context.Context, c *bgoperator.Client, booking bgoperator.BookingID, pause time.Duration, say printer) error {
	costs, err := c.QuoteCancel(ctx, booking)
	if err == nil {
		for _, cost := range costs.Costs {
			say("Cancelling costs %s %s.", cost.Amount.StringFixed(2), cost.Currency)
		}
		err = c.Cancel(ctx, booking, costs.Ticket)
	}
	switch {
	case errors.Is(err, rutravel.ErrNotConfirmed):
		// The outcome is unknown. Look up what happened, and do not send it again.
		say("It may have been cancelled: %v.", err)
		if !cancelled(ctx, c, booking, pause) {
			return fmt.Errorf("booking %s may still exist; quote its cancellation again for %v, or look into the agency's account: %w",
				booking, bgoperator.CancelPatience, err)
		}
		say("The look-up shows that it was cancelled.")
	case errors.Is(err, bgoperator.CodeAlreadyCancelled):
		say("It was already cancelled.")
	case errors.Is(err, bgoperator.CodeCannotCancel):
		return fmt.Errorf("booking %s still exists; cancel it later: only confirmed bookings can be cancelled, and the supplier may not have confirmed it yet: %w", booking, err)
	case err != nil:
		return fmt.Errorf("booking %s still exists: %w", booking, err)
	}
	say("Cancelled %s.", booking)
	return nil
}

// cancelled reports whether a cancellation whose answer was lost was carried out. It looks
// several times, because the supplier may still be processing the call. It continues after
// ctx has ended, which may be the reason for the lost answer.
func cancelled(ctx context.Context, c *bgoperator.Client, booking bgoperator.BookingID, pause time.Duration) bool {
	const lookUps = 4
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer stop()
	for n := range lookUps {
		if n > 0 {
			select {
			case <-ctx.Done():
				return false
			case <-time.After(pause):
			}
		}
		if _, err := c.QuoteCancel(ctx, booking); errors.Is(err, bgoperator.CodeAlreadyCancelled) {
			return true
		}
	}
	return false
}

// choose chooses the first variant of every slot of every tourist, with its first flight.
func choose(ctx context.Context, c *bgoperator.Client, tourists []bgoperator.BookedTourist, say printer) ([]bgoperator.ChosenTransfers, error) {
	var all []bgoperator.ChosenTransfers
	for _, t := range tourists {
		say("Tourist %s %s %s, born %s, has %d occasions for transfers.", t.ID, t.FirstName, t.Surname, t.BirthDate, len(t.Slots))
		own := bgoperator.ChosenTransfers{Tourist: t.ID}
		for _, slot := range t.Slots {
			if len(slot.Variants) == 0 {
				continue
			}
			variant := slot.Variants[0]
			say("  %s: %s, %s %s", slot.Date, variant.Name, variant.Price.StringFixed(2), variant.Currency)
			transfer, ok := slot.Choose(variant.ID)
			if !ok {
				say("    left out: it cannot be distinguished from others")
				continue
			}
			transfer.Ref = strconv.Itoa(len(own.Transfers) + 1)
			if transfer.Airport != "" {
				flights, err := c.Flights(ctx, transfer)
				if err != nil {
					return nil, err
				}
				if len(flights) == 0 {
					say("    left out: no flights on that day")
					continue
				}
				transfer.Flight = flights[0]
				say("    flight %s", strings.TrimSpace(transfer.Flight.Text))
			}
			own.Transfers = append(own.Transfers, transfer)
		}
		if len(own.Transfers) > 0 {
			all = append(all, own)
		}
	}
	return all, nil
}
