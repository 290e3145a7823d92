// The program searches, books, pays, refunds and cancels coach tickets at Regionbilet.
// Without environment variables it uses a fake in its own memory. -h explains how to use the
// supplier's test account.
package main

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

const usage = `Searches, books, pays, refunds and cancels coach tickets at Regionbilet.

Without REGIONBILET_URL it uses a fake supplier in its own memory.

Environment:
  REGIONBILET_URL   the supplier's address, such as ` + regionbilet.Production + `
  REGIONBILET_USER  user: the agent's name
  REGIONBILET_SKEY  skey: the agent's secret key
  REGIONBILET_CA    file with a certificate to trust, in PEM (optional)

Flags:
`

func main() {
	switch err := run(os.Args[1:], os.Getenv, os.Stdout); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, getenv func(string) string, out io.Writer) error {
	tomorrow := regionbilet.Today().AddDays(1)

	flags := flag.NewFlagSet("regionbilet", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	day := flags.String("date", tomorrow.String(), "day of departure, YYYY-MM-DD")
	from := flags.String("from", "", "id of the settlement of departure (default: the one of the first listed pair)")
	to := flags.String("to", "", "id of the settlement of arrival (default: the one of the first listed pair)")
	live := flags.Bool("live", false, "allow the supplier's production address, where a sales account really buys tickets")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not a flag; see -h", flags.Arg(0))
	}
	date, err := civil.ParseDate(*day)
	if err != nil {
		return errors.New("-date must be a date: YYYY-MM-DD")
	}
	if (*from == "") != (*to == "") {
		return errors.New("-from and -to must be given together")
	}
	client, err := newClient(getenv, *live, out)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return runFlow(ctx, client, regionbilet.TripQuery{
		From: regionbilet.SettlementID(*from),
		To:   regionbilet.SettlementID(*to),
		Date: date,
	}, out)
}

// newClient returns a client for the address of the environment or, without one, for a fake.
func newClient(getenv func(string) string, live bool, out io.Writer) (*regionbilet.Client, error) {
	address := getenv("REGIONBILET_URL")
	if address == "" {
		fake := regionbilettest.New()
		fmt.Fprintln(out, "Using a fake supplier in memory; nothing is bought. (-h explains how to use a real account.)")
		return regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	}
	if u, err := url.Parse(address); err == nil && production(u.Hostname()) && !live {
		return nil, errors.New("REGIONBILET_URL is the production address: tickets would really be bought; add -live if you mean it")
	}
	trust, err := authority(getenv("REGIONBILET_CA"))
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(out, "Talking to REGIONBILET_URL.")
	return regionbilet.New(regionbilet.Config{
		User:      getenv("REGIONBILET_USER"),
		SecretKey: rutravel.Secret(getenv("REGIONBILET_SKEY")),
		BaseURL:   address,
	}, trust...)
}

// authority makes the client trust the certificate of a file, if there is one, in addition to
// the system's.
func authority(file string) ([]rutravel.Option, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("REGIONBILET_CA: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates: %w", err)
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("REGIONBILET_CA has no certificate in PEM")
	}
	return []rutravel.Option{rutravel.WithRootCAs(roots)}, nil
}

// production reports whether a host is the supplier's.
func production(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "regionbilet.ru" || strings.HasSuffix(host, ".regionbilet.ru")
}

// runFlow runs all steps from search to refund. Each step uses the answers of the steps before
// it.
func runFlow(ctx context.Context, c *regionbilet.Client, query regionbilet.TripQuery, out io.Writer) error {
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }

	// List the settlements.
	segments, err := c.Segments(ctx)
	if err != nil {
		return err
	}
	departures, err := c.Departures(ctx)
	if err != nil {
		return err
	}
	arrivals, err := c.Arrivals(ctx)
	if err != nil {
		return err
	}
	if query.From == "" {
		if len(segments) == 0 {
			return errors.New("the supplier has no connected settlements")
		}
		query.From, query.To = segments[0].From, segments[0].To
	}
	say("%d settlements of departure, %d of arrival, %d connected pairs.", len(departures), len(arrivals), len(segments))
	say("Searching %s → %s on %s.", name(departures, query.From), name(arrivals, query.To), query.Date)

	// Find a trip and two seats.
	trips, err := c.Trips(ctx, query)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(trips, func(t regionbilet.Trip) bool {
		return t.AvailableSeats >= 3 && t.Adult.Price != "" && t.Child.Price != ""
	})
	if i < 0 {
		return fmt.Errorf("no trips with seats for an adult and a child on %s", query.Date)
	}
	trip := trips[i]
	say("Trip %s «%s»: %s %s → %s %s, %d seats; adult %s RUB, child %s RUB.",
		trip.ID, trip.Name, trip.From.Name, clock(trip.Departure), trip.To.Name, clock(trip.Arrival.DateTime()),
		trip.AvailableSeats, trip.Adult.Total.StringFixed(2), trip.Child.Total.StringFixed(2))
	stops, err := c.TripStops(ctx, trip.Key())
	if err != nil {
		return err
	}
	for _, s := range stops {
		if s.Departure == nil {
			say("  stops at %s", s.Name)
		} else {
			say("  stops at %s, leaves %02d:%02d", s.Name, s.Departure.Hour, s.Departure.Minute)
		}
	}
	free, err := c.FreeSeats(ctx, trip.Key())
	if err != nil {
		return err
	}
	seats, adjacent, err := regionbilet.ChooseSeats(free, 2)
	if err != nil {
		return err
	}
	say("%d seats are free; taking %s and %s.", len(free), seats[0], seats[1])
	if !adjacent {
		say("No two free seats have consecutive numbers.")
	}

	// Book for an adult and a child.
	nationalities, err := c.Nationalities(ctx)
	if err != nil {
		return err
	}
	documents, err := c.DocumentTypes(ctx)
	if err != nil {
		return err
	}
	if len(nationalities) == 0 || len(documents) == 0 {
		return errors.New("the supplier has no nationalities or no types of documents")
	}
	adult := regionbilet.Passenger{
		Surname: "ИВАНОВ", FirstName: "ИВАН", MiddleName: "ИВАНОВИЧ",
		Sex: regionbilet.Male, Category: regionbilet.Adult, BirthDate: civil.Date{Year: 1977, Month: 1, Day: 1},
		Nationality: nationalities[0].ID, DocumentType: documents[0].ID, Document: "0701 755756",
		Seat: seats[0], Price: trip.Adult.Price,
	}
	child := regionbilet.Passenger{
		Surname: "ПЕТРОВ", FirstName: "ПЕТР", // no patronymic
		Sex: regionbilet.Male, Category: regionbilet.Child, BirthDate: query.Date.AddYears(-8),
		Nationality: nationalities[0].ID, DocumentType: documents[0].ID, Document: "0701755756",
		Seat: seats[1], Price: trip.Child.Price,
	}
	hold, err := c.Book(ctx, regionbilet.BookRequest{
		Trip: trip.Key(), Phone: "9187557788", Passengers: []regionbilet.Passenger{adult, child},
	})
	if err != nil {
		return err
	}
	say("Booked as %s for two. Pay before %s.", hold.Booking, hold.PayBefore.UTC().Format("15:04:05 UTC"))

	// Pay, show the tickets, and refund one of them.
	tickets, err := c.Pay(ctx, hold)
	if unsure(err) {
		tickets, err = lookUp(ctx, c, hold, regionbilet.TicketPaid, err)
	}
	if err != nil {
		return err
	}
	for _, t := range tickets {
		say("Paid: seat %s, ticket %s.", t.Seat, t.Number)
	}
	if err = show(ctx, c, hold.Booking, say); err != nil {
		return err
	}
	ticket := regionbilet.TicketRef{Booking: hold.Booking, Ticket: tickets[0].Number}
	refund, err := c.Refund(ctx, ticket)
	if unsure(err) {
		refund, err = lookUpRefund(ctx, c, ticket, err)
	}
	if err != nil {
		return err
	}
	say("Refunded ticket %s: %s %% withheld, %s RUB back to the passenger.",
		refund.Ticket, refund.WithheldPercent, refund.Amount.StringFixed(2))
	state, err := c.Ticket(ctx, ticket)
	if err != nil {
		return err
	}
	say("Ticket %s is now %s.", ticket.Ticket, state.Status)

	// Book another seat, and cancel it before it is paid.
	if free, err = c.FreeSeats(ctx, trip.Key()); err != nil {
		return err
	}
	if seats, _, err = regionbilet.ChooseSeats(free, 1); err != nil {
		return err
	}
	adult.Seat = seats[0]
	hold, err = c.Book(ctx, regionbilet.BookRequest{
		Trip: trip.Key(), Phone: "9187557788", Passengers: []regionbilet.Passenger{adult},
	})
	if err != nil {
		return err
	}
	say("Booked seat %s as %s.", adult.Seat, hold.Booking)
	err = c.Cancel(ctx, hold)
	if unsure(err) {
		_, err = lookUp(ctx, c, hold, regionbilet.TicketExpired, err)
	}
	if err != nil {
		return err
	}
	say("Cancelled %s.", hold.Booking)
	return nil
}

// unsure reports whether a call that failed may have been carried out. A refusal proves
// nothing, because the manual lists no codes.
func unsure(err error) bool {
	return errors.Is(err, rutravel.ErrNotConfirmed) || errors.Is(err, rutravel.ErrRejected)
}

// lookUp returns the tickets of a booking if all of them have the status that the failed call
// should have set. Another status proves nothing yet. A backend would ask again; this program
// ends with an error.
func lookUp(ctx context.Context, c *regionbilet.Client, hold regionbilet.Hold, want regionbilet.TicketStatus, failed error) ([]regionbilet.IssuedTicket, error) {
	id := hold.Booking
	tickets, err := c.BookingTickets(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("%w; the look-up of booking %s failed: %w", failed, id, err)
	}
	if len(tickets) != hold.Tickets {
		return nil, fmt.Errorf("the look-up of booking %s found %d of %d tickets: %w", id, len(tickets), hold.Tickets, failed)
	}
	var issued []regionbilet.IssuedTicket
	for _, t := range tickets {
		if t.Status != want {
			return nil, fmt.Errorf("booking %s is %s and not %s: %w", id, t.Status, want, failed)
		}
		issued = append(issued, regionbilet.IssuedTicket{Seat: t.Seat, Number: t.Number})
	}
	return issued, nil
}

// lookUpRefund returns the refund of a ticket if the failed call has made it.
func lookUpRefund(ctx context.Context, c *regionbilet.Client, ticket regionbilet.TicketRef, failed error) (regionbilet.Refund, error) {
	refund, err := c.RefundOperation().Look(ctx, rutravel.Intent[regionbilet.TicketRef, regionbilet.Refund]{Request: ticket})
	switch {
	case err != nil:
		return regionbilet.Refund{}, fmt.Errorf("%w; the look-up of ticket %s failed: %w", failed, ticket.Ticket, err)
	case refund.Outcome != rutravel.OutcomeDone:
		return regionbilet.Refund{}, fmt.Errorf("ticket %s is not refunded: %w", ticket.Ticket, failed)
	}
	return refund.Value, nil
}

// show prints the states of the tickets of a booking.
func show(ctx context.Context, c *regionbilet.Client, id regionbilet.BookingID, say func(string, ...any)) error {
	tickets, err := c.BookingTickets(ctx, id)
	if err != nil {
		return err
	}
	for _, t := range tickets {
		say("  seat %s, ticket %s: %s, %s RUB + %s RUB fee", t.Seat, t.Number, t.Status,
			t.Base.Decimal.StringFixed(2), t.Fee.Decimal.StringFixed(2))
	}
	return nil
}

// name returns the name of a settlement.
func name(settlements []regionbilet.Settlement, id regionbilet.SettlementID) string {
	for _, s := range settlements {
		if s.ID == id {
			return s.Name
		}
	}
	return "settlement " + string(id)
}

// clock formats a date and time without seconds.
func clock(t civil.DateTime) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	return t.In(time.UTC).Format("02.01.2006 15:04")
}
