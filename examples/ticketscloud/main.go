// The program buys event tickets at Ticketscloud, with and without a seat, and refunds one.
// Without environment variables it uses a fake in its own memory. -h explains how to use the
// supplier's stage.
package main

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // for local times of events on systems without time zones

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

const usage = `Buys event tickets at Ticketscloud, with and without a seat, and refunds one.

Without TICKETSCLOUD_URL it uses a fake supplier in its own memory.

Environment:
  TICKETSCLOUD_URL  the supplier's address, such as ` + ticketscloud.Stage + `
  TICKETSCLOUD_KEY  the API key
  TICKETSCLOUD_GRPC the address of the gRPC catalogue, such as ` + tcsimple.Stage + `;
                    then events and seats come from there
  TICKETSCLOUD_CA   file with a certificate to trust, in PEM (optional)

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
	flags := flag.NewFlagSet("ticketscloud", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	email := flags.String("email", "hello@world.ru", "the buyer's e-mail address")
	live := flags.Bool("live", false, "allow the supplier's production address, where tickets are really bought")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not a flag; see -h", flags.Arg(0))
	}
	if !strings.Contains(*email, "@") {
		return errors.New("-email must be an e-mail address")
	}
	client, programme, err := newClient(getenv, *live, out)
	if err != nil {
		return err
	}
	return runFlow(context.Background(), client, programme, *email, out)
}

// newClient returns a client for the address of the environment or, without one, for a fake.
// The programme is the gRPC catalogue if its address is set.
func newClient(getenv func(string) string, live bool, out io.Writer) (*ticketscloud.Client, programme, error) {
	address, catalogue := getenv("TICKETSCLOUD_URL"), getenv("TICKETSCLOUD_GRPC")
	if address == "" {
		if catalogue != "" {
			return nil, nil, errors.New("TICKETSCLOUD_GRPC needs TICKETSCLOUD_URL, where its events are sold")
		}
		fake := ticketscloudtest.New()
		fmt.Fprintln(out, "Using a fake supplier in memory; nothing is bought. (-h explains how to use a real account.)")
		client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		return client, restCatalogue{client}, err
	}
	catalogue = withScheme(catalogue)
	for _, a := range []struct{ name, value string }{{"TICKETSCLOUD_URL", address}, {"TICKETSCLOUD_GRPC", catalogue}} {
		if production(hostname(a.value)) && !live {
			return nil, nil, errors.New(a.name + " is the production address: tickets would really be bought; add -live if you mean it")
		}
	}
	if catalogue != "" && production(hostname(address)) != production(hostname(catalogue)) {
		return nil, nil, errors.New("TICKETSCLOUD_URL and TICKETSCLOUD_GRPC must both be production or both not: the first does not sell the events of the second")
	}
	trust, err := authority(getenv("TICKETSCLOUD_CA"))
	if err != nil {
		return nil, nil, err
	}
	key := rutravel.Secret(getenv("TICKETSCLOUD_KEY"))
	client, err := ticketscloud.New(ticketscloud.Config{Key: key, BaseURL: address}, trust...)
	if err != nil {
		return nil, nil, err
	}
	if catalogue == "" {
		fmt.Fprintln(out, "Talking to TICKETSCLOUD_URL.")
		return client, restCatalogue{client}, nil
	}
	fmt.Fprintln(out, "Talking to TICKETSCLOUD_URL, and to TICKETSCLOUD_GRPC about events and seats.")
	simple, err := tcsimple.New(tcsimple.Config{Key: key, BaseURL: catalogue, Language: ticketscloud.LanguageEnglish}, trust...)
	return client, grpcCatalogue{simple}, err
}

// authority makes the client trust the certificate of a file, if there is one, in addition to
// the system's.
func authority(file string) ([]rutravel.Option, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("TICKETSCLOUD_CA: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates: %w", err)
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("TICKETSCLOUD_CA has no certificate in PEM")
	}
	return []rutravel.Option{rutravel.WithRootCAs(roots)}, nil
}

// withScheme adds a scheme to an address of host and port, as gRPC writes it: http on this
// machine, https elsewhere.
func withScheme(address string) string {
	if address == "" || strings.Contains(address, "://") {
		return address
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return "http://" + address
	}
	return "https://" + address
}

// hostname returns the host of an address. New refuses an address without a host.
func hostname(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// production reports whether a host is the supplier's production.
func production(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "ticketscloud.com" || strings.HasSuffix(host, ".ticketscloud.com")
}

// How long it may take to read the catalogue, and then to buy. They are separate, so that a
// slow catalogue does not use up the time for the payment.
const (
	timeToChoose = 5 * time.Minute
	timeToBuy    = 5 * time.Minute
	timeForSeats = time.Minute // a part of timeToBuy
)

// runFlow makes all steps from the programme to a refund. Each step uses the answers of the
// steps before it.
func runFlow(ctx context.Context, c *ticketscloud.Client, p programme, email string, out io.Writer) error {
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }

	// Choose an event.
	choosing, cancel := context.WithTimeout(ctx, timeToChoose)
	defer cancel()
	event, err := p.choose(choosing)
	if err != nil {
		return err
	}
	say("«%s», %s, at %s, %s: %d of %d tickets are left.", event.title, event.when(), event.venue, event.city, event.vacant, event.tickets)
	ctx, cancel = context.WithTimeout(ctx, timeToBuy)
	defer cancel()

	// Reserve a ticket without a seat, and one with a seat.
	sent := time.Now()
	request := ticketscloud.NewOrder{Event: event.id, Random: []ticketscloud.SetCount{{Set: event.standing, Count: 1}}}
	order, err := c.CreateOrder(ctx, request)
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		return lookForOrder(ctx, c, ticketscloud.LostOrder{Order: request, Sent: sent}, err, say)
	}
	if err != nil {
		return err
	}
	if order.Missing.Any() {
		return fmt.Errorf("the last ticket of «%s» has just been taken", event.standingName)
	}
	key := order.Key() // for the look-up after a lost answer
	say("Order %s (№ %d) holds a ticket of «%s» until %s.", order.ID, order.Number, event.standingName, order.ExpiredAfter.Format("15:04:05 UTC"))
	if order, err = addSeat(ctx, c, p, event, order, say); err != nil {
		return err
	}
	for _, t := range order.Tickets {
		say("  %s: %s RUB + %s RUB fee = %s RUB", place(t), t.Nominal.StringFixed(2), t.Extra.StringFixed(2), t.Full.StringFixed(2))
	}

	// Set the buyer and check the price.
	order, err = c.ChangeOrder(ctx, order.Key(), ticketscloud.OrderChange{
		Customer: ticketscloud.Customer{Name: "Ivan Ivanov", Email: email, Phone: "+79991234576", Lang: ticketscloud.LanguageRussian},
	})
	if err != nil {
		return err
	}
	say("The buyer is %s. To pay: %s RUB.", order.Settings.Customer.Name, order.Totals.Full.StringFixed(2))
	terms, err := c.CheckPromocode(ctx, event.id, "no-such-code")
	switch refusal, ok := errors.AsType[*rutravel.Error](err); {
	case err == nil:
		say("There is a promocode no-such-code, with %d categories.", len(terms.Sets))
	case ok && refusal.HTTPStatus != 0 && refusal.Message != "":
		say("The promocode no-such-code cannot be used: %s.", refusal.Message)
	default:
		return err
	}

	if event.mosbilet {
		// The venue requires the buyer before the payment.
		err = c.SetMosbiletBuyers(ctx, order.Key(), []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "Ivan", Surname: "Ivanov"}})
		if err != nil {
			return err
		}
		say("The venue knows the buyer.")
	}

	// Pay, and wait for the barcodes.
	order, err = c.PayOrder(ctx, order.Key())
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		order, err = lookWhetherPaid(ctx, c, key, err, say)
	}
	if err != nil {
		return err
	}
	say("Paid at %s, code %s.", order.DoneAt.Format("15:04:05 UTC"), order.Code)
	if order, err = c.WaitForBarcodes(ctx, key); err != nil {
		return err
	}
	for _, t := range order.Tickets {
		say("  %s %06d, %s: barcode %s", t.Serial, t.Number, place(t), t.Barcode)
	}
	return refundTicket(ctx, c, order, say)
}

// addSeat adds the first vacant seat of the event to the order, if it has any.
func addSeat(ctx context.Context, c *ticketscloud.Client, p programme, event event, order ticketscloud.Order, say func(string, ...any)) (ticketscloud.Order, error) {
	if !event.seats {
		return order, nil
	}
	looking, cancel := context.WithTimeout(ctx, timeForSeats)
	defer cancel()
	vacant, err := p.vacant(looking, event.id)
	if err != nil {
		return order, err
	}
	if len(vacant) == 0 {
		say("No seats are left.")
		return order, nil
	}
	say("%d seats are vacant; adding row %s, seat %s.", len(vacant), vacant[0].Row, vacant[0].Number)
	// The list is complete: it also has the ticket that the order already holds.
	var tickets []ticketscloud.TicketID
	for _, t := range order.Tickets {
		tickets = append(tickets, t.ID)
	}
	tickets = append(tickets, vacant[0].ticket)
	changed, err := c.ChangeOrder(ctx, order.Key(), ticketscloud.OrderChange{Tickets: tickets, AllOrNothing: true})
	if err == nil && changed.Missing.Any() {
		say("The seat has just been taken.")
	}
	return changed, err
}

// refundTicket refunds the order's first ticket.
func refundTicket(ctx context.Context, c *ticketscloud.Client, order ticketscloud.Order, say func(string, ...any)) error {
	sent := time.Now()
	refund, err := c.CreateRefund(ctx, ticketscloud.NewRefund{
		Order: order.Key(), Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{order.Tickets[0].ID},
	})
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		return lookForRefund(ctx, c, order.Key(), sent, err, say)
	}
	if err != nil {
		return err
	}
	key := refund.Key()
	say("Refund request %s for one ticket: %s RUB, %s.", refund.ID, refund.Amount.StringFixed(2), refund.Status)
	refund, err = c.ApproveRefund(ctx, key)
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		refund, err = lookWhetherApproved(ctx, c, key, err, say)
	}
	if err != nil {
		return err
	}
	say("Refund request %s is %s.", refund.ID, refund.Status)
	var n int
	for r, err := range c.Refunds(ctx, ticketscloud.RefundQuery{Events: []ticketscloud.EventID{order.Event.ID}}) {
		if row, ok := errors.AsType[*rutravel.RowError](err); ok {
			say("Refund request %s could not be read completely: %v.", r.ID, row)
			continue
		}
		if err != nil {
			return err
		}
		n++
		if r.ID == refund.ID {
			say("The list of refund requests has it: %s RUB of order № %d, %s.", r.Amount.StringFixed(2), r.Order.Number, r.Status)
		}
	}
	say("%d refund request(s) for this event.", n)
	return nil
}

// looking returns the context of a look-up after a call with an unknown outcome. The context
// of the call may have ended.
func looking(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
}

// unknown is the error of a call if the look-up failed as well.
func unknown(lost, look error) error { return fmt.Errorf("%w; the look-up failed: %w", lost, look) }

// lookForOrder prints the orders that may be the lost one. An order that nobody pays for
// expires.
func lookForOrder(ctx context.Context, c *ticketscloud.Client, call ticketscloud.LostOrder, lost error, say func(string, ...any)) error {
	say("It is not certain whether the order was made.")
	ctx, cancel := looking(ctx)
	defer cancel()
	orders, err := c.LostOrders(ctx, call)
	for _, o := range orders {
		say("It may be %s (№ %d): %d ticket(s), until %s.", o.ID, o.Number, len(o.Tickets), o.ExpiredAfter.Format("15:04:05 UTC"))
	}
	if err != nil {
		return unknown(lost, err)
	}
	if len(orders) == 0 {
		say("There is no such order yet. Look again for %v.", ticketscloud.CreateOrderPatience)
	}
	return lost
}

// lookWhetherPaid returns the order, and an error unless the order is paid.
func lookWhetherPaid(ctx context.Context, c *ticketscloud.Client, key ticketscloud.OrderKey, lost error, say func(string, ...any)) (ticketscloud.Order, error) {
	say("It is not certain whether the order was paid: %v.", lost)
	ctx, cancel := looking(ctx)
	defer cancel()
	order, err := c.FindOrder(ctx, key)
	switch {
	case order.Status == ticketscloud.OrderDone:
		return order, nil
	case err != nil:
		return order, unknown(lost, err)
	case order.Status == ticketscloud.OrderCancelled, order.Status == ticketscloud.OrderExpired:
		say("It is not paid: it is %s.", order.Status)
	default:
		say("It is not paid yet: it is %s. Look again for %v.", order.Status, ticketscloud.PayOrderPatience)
	}
	return order, lost
}

// lookForRefund prints the refund requests that may be the lost one.
func lookForRefund(ctx context.Context, c *ticketscloud.Client, order ticketscloud.OrderKey, sent time.Time, lost error, say func(string, ...any)) error {
	say("It is not certain whether the refund request was made.")
	ctx, cancel := looking(ctx)
	defer cancel()
	refunds, err := c.LostRefunds(ctx, order, sent)
	for _, r := range refunds {
		say("It may be %s: %s RUB for %d ticket(s), %s.", r.ID, r.Amount.StringFixed(2), len(r.Tickets), r.Status)
	}
	if err != nil {
		return unknown(lost, err)
	}
	if len(refunds) == 0 {
		say("There is no such refund request yet. Look again for %v.", ticketscloud.CreateRefundPatience)
	}
	return lost
}

// lookWhetherApproved returns the refund request, and an error unless it is approved.
func lookWhetherApproved(ctx context.Context, c *ticketscloud.Client, key ticketscloud.RefundKey, lost error, say func(string, ...any)) (ticketscloud.Refund, error) {
	say("It is not certain whether the refund request was approved: %v.", lost)
	ctx, cancel := looking(ctx)
	defer cancel()
	refund, err := c.FindRefund(ctx, key)
	switch {
	case refund.Status == ticketscloud.RefundApproved:
		return refund, nil
	case err != nil:
		return refund, unknown(lost, err)
	}
	say("It is %s. Look again for %v.", refund.Status, ticketscloud.ApproveRefundPatience)
	return refund, lost
}

// place returns the category and the seat of a ticket.
func place(t ticketscloud.Ticket) string {
	if t.Seat == nil {
		return "«" + t.Set.Name + "»"
	}
	return fmt.Sprintf("«%s», row %s, seat %s", t.Set.Name, t.Seat.Row, t.Seat.Number)
}

// programme is a catalogue of events and seats.
type programme interface {
	// choose returns the first event that has vacant tickets without seats.
	choose(ctx context.Context) (event, error)
	// vacant lists the vacant seats of an event.
	vacant(ctx context.Context, id ticketscloud.EventID) ([]seat, error)
}

// event is what the program needs to know about an event before the order.
type event struct {
	id              ticketscloud.EventID
	title           string
	start           time.Time // local time of the venue; zero if it is not known
	openDate        bool      // the event has no fixed start
	venue, city     string
	vacant, tickets int
	standing        ticketscloud.SetID // a category without seats
	standingName    string
	seats           bool // the event also has seats
	mosbilet        bool // the buyers must be set before the payment
}

// when returns the start as text.
func (e event) when() string {
	switch {
	case e.openDate:
		return "open date"
	case e.start.IsZero():
		return "date not known"
	default:
		return e.start.Format("2 January 2006 15:04 MST")
	}
}

type seat struct {
	ticket ticketscloud.TicketID
	ticketscloud.Seat
}

var errNothing = errors.New("no public event has vacant tickets without seats")

// grpcCatalogue is the gRPC catalogue.
type grpcCatalogue struct{ *tcsimple.Client }

func (c grpcCatalogue) choose(ctx context.Context) (event, error) {
	for e, err := range c.Events(ctx, tcsimple.EventQuery{Status: ticketscloud.EventPublic}) {
		if err != nil {
			return event{}, err
		}
		found := event{id: e.ID, title: e.Name, openDate: e.OpenDate, vacant: e.VacantTickets, tickets: e.Tickets}
		for _, set := range e.Sets {
			found.seats = found.seats || set.WithSeats
			if found.standing == "" && !set.WithSeats && set.Vacant > 0 {
				found.standing, found.standingName = set.ID, set.Name
			}
		}
		if found.standing != "" && found.vacant > 0 {
			return c.place(ctx, e, found)
		}
	}
	return event{}, errNothing
}

// place adds the venue of the event and its local time.
func (c grpcCatalogue) place(ctx context.Context, e tcsimple.Event, found event) (event, error) {
	found.start = e.Start // in UTC, if the city is not known
	venues, err := rutravel.Collect(c.Venues(ctx, tcsimple.VenueQuery{IDs: []ticketscloud.VenueID{e.Venue}}))
	if err != nil {
		return found, err
	}
	if len(venues) == 0 { // the venue may sell through Mosbilet
		return found, fmt.Errorf("the catalogue does not know the venue %s", e.Venue)
	}
	found.venue, found.mosbilet = venues[0].Name, venues[0].WithMosbilet
	if venues[0].City == "" {
		return found, nil
	}
	cities, err := rutravel.Collect(c.Cities(ctx, tcsimple.CityQuery{IDs: []ticketscloud.CityID{venues[0].City}}))
	if err != nil || len(cities) == 0 {
		return found, err
	}
	found.city = cities[0].Name
	if start, err := cities[0].Local(e.Start); err == nil {
		found.start = start
	}
	return found, nil
}

func (c grpcCatalogue) vacant(ctx context.Context, id ticketscloud.EventID) ([]seat, error) {
	var all []seat
	for s, err := range c.Seats(ctx, id, tcsimple.SeatQuery{Status: ticketscloud.TicketVacant}) {
		if err != nil {
			return nil, err
		}
		all = append(all, seat{s.Ticket, s.Seat})
	}
	return all, nil
}

// restCatalogue is the REST catalogue.
type restCatalogue struct{ *ticketscloud.Client }

func (c restCatalogue) choose(ctx context.Context) (event, error) {
	for e, err := range c.Events(ctx, ticketscloud.EventQuery{}) {
		if err != nil {
			return event{}, err
		}
		if e.Status != ticketscloud.EventPublic || e.VacantTickets == 0 {
			continue
		}
		found := event{
			id: e.ID, title: e.Title, vacant: e.VacantTickets, tickets: e.Tickets,
			start: e.Start, // in UTC: the supplier may name no zone or an unknown one
			venue: e.Venue.Name, city: e.Venue.City.Name.In("en"),
		}
		if start, err := e.Local(e.Start); err == nil {
			found.start = start
		}
		for _, set := range e.Sets {
			found.seats = found.seats || set.WithSeats
			if found.standing == "" && !set.WithSeats && set.Vacant > 0 {
				found.standing, found.standingName = set.ID, set.Name
			}
		}
		if found.standing != "" {
			return found, nil
		}
	}
	return event{}, errNothing
}

func (c restCatalogue) vacant(ctx context.Context, id ticketscloud.EventID) ([]seat, error) {
	listed, err := c.EventTickets(ctx, id, ticketscloud.SeatQuery{Status: []ticketscloud.TicketStatus{ticketscloud.TicketVacant}})
	if err != nil {
		return nil, err
	}
	var all []seat
	for _, t := range listed {
		all = append(all, seat{t.ID, t.Seat})
	}
	return all, nil
}
