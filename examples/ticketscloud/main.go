// The program buys event tickets at Ticketscloud, with and without seats, and
// gives one back. Without any environment it does so against a fake in its own
// memory; see -h for how to point it at the supplier's stage.
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
	_ "time/tzdata" // events show their times where a system has no zones, too

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

const usage = `Buys event tickets at Ticketscloud, with and without seats, and gives one back.

Without TICKETSCLOUD_URL it talks to a fake supplier in its own memory.

Environment:
  TICKETSCLOUD_URL  the supplier's address, as ` + ticketscloud.Stage + `
  TICKETSCLOUD_KEY  the API key
  TICKETSCLOUD_GRPC the address of the gRPC catalogue, as ` + tcsimple.Stage + `;
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
	email := flags.String("email", "hello@world.ru", "the buyer's address")
	live := flags.Bool("live", false, "allow the supplier's production address, where tickets are really bought")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag; see -h", flags.Arg(0))
	}
	if !strings.Contains(*email, "@") {
		return errors.New("-email must be an address")
	}
	client, programme, err := newClient(getenv, *live, out)
	if err != nil {
		return err
	}
	return wholeWay(context.Background(), client, programme, *email, out)
}

// newClient talks to the address of the environment or, without one, to a
// fake. The programme is that of the gRPC catalogue, if its address is given.
func newClient(getenv func(string) string, live bool, out io.Writer) (*ticketscloud.Client, programme, error) {
	address, catalogue := getenv("TICKETSCLOUD_URL"), getenv("TICKETSCLOUD_GRPC")
	if address == "" {
		if catalogue != "" {
			return nil, nil, errors.New("TICKETSCLOUD_GRPC needs TICKETSCLOUD_URL, where its events are sold")
		}
		fake := ticketscloudtest.New()
		fmt.Fprintln(out, "Using a fake supplier in memory; nothing is bought. (-h tells how to use a real account.)")
		client, err := ticketscloud.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		return client, older{client}, err
	}
	catalogue = withScheme(catalogue)
	for _, a := range []struct{ name, value string }{{"TICKETSCLOUD_URL", address}, {"TICKETSCLOUD_GRPC", catalogue}} {
		if production(hostname(a.value)) && !live {
			return nil, nil, errors.New(a.name + " is the production address: tickets would really be bought; add -live if you mean it")
		}
	}
	if catalogue != "" && production(hostname(address)) != production(hostname(catalogue)) {
		return nil, nil, errors.New("TICKETSCLOUD_URL and TICKETSCLOUD_GRPC must both be the production or neither: what the one shows the other does not sell")
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
		return client, older{client}, nil
	}
	fmt.Fprintln(out, "Talking to TICKETSCLOUD_URL, and to TICKETSCLOUD_GRPC about events and seats.")
	simple, err := tcsimple.New(tcsimple.Config{Key: key, BaseURL: catalogue, Language: ticketscloud.LanguageEnglish}, trust...)
	return client, newer{simple}, err
}

// authority makes the client trust the certificate of a file, if one is given, next
// to the system's.
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
		return nil, errors.New("TICKETSCLOUD_CA holds no certificate in PEM")
	}
	return []rutravel.Option{rutravel.WithRootCAs(roots)}, nil
}

// withScheme turns an address as gRPC writes it, host and port, into one with a
// scheme: in the clear on this machine, TLS elsewhere.
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

// hostname is the host of an address; New refuses one that has none.
func hostname(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// production reports whether a host is the supplier's, its stage apart.
func production(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "ticketscloud.com" || strings.HasSuffix(host, ".ticketscloud.com")
}

// How long it may take to read the catalogue and, after that, to buy: a slow
// catalogue must not use up the time in which the order is paid for.
const (
	timeToChoose = 5 * time.Minute
	timeToBuy    = 5 * time.Minute
	timeForSeats = time.Minute // of timeToBuy
)

// wholeWay is the whole way from the programme to a refund, each step with the
// answers of the ones before it.
func wholeWay(ctx context.Context, c *ticketscloud.Client, p programme, email string, out io.Writer) error {
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }

	// What is on?
	choosing, cancel := context.WithTimeout(ctx, timeToChoose)
	defer cancel()
	event, err := p.choose(choosing)
	if err != nil {
		return err
	}
	say("«%s», %s, at %s, %s: %d of %d tickets are left.", event.title, event.when(), event.venue, event.city, event.vacant, event.tickets)
	ctx, cancel = context.WithTimeout(ctx, timeToBuy)
	defer cancel()

	// One ticket without a seat, and one with.
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
	key := order.Key() // what the order is found by, should an answer be lost
	say("Order %s (№ %d) holds a ticket of «%s» until %s.", order.ID, order.Number, event.standingName, order.ExpiredAfter.Format("15:04:05 UTC"))
	if order, err = addSeat(ctx, c, p, event, order, say); err != nil {
		return err
	}
	for _, t := range order.Tickets {
		say("  %s: %s RUB + %s RUB fee = %s RUB", place(t), t.Nominal.StringFixed(2), t.Extra.StringFixed(2), t.Full.StringFixed(2))
	}

	// For whom, and for how much?
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
		// The venue wants to know who comes before anything is paid.
		err = c.SetMosbiletBuyers(ctx, order.Key(), []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: "Ivan", Surname: "Ivanov"}})
		if err != nil {
			return err
		}
		say("The venue was told who the buyer is.")
	}

	// Pay, and wait for what is printed on the tickets.
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
	return giveBack(ctx, c, order, say)
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
	// The list is all that the order is to hold: the first ticket stays.
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

// giveBack refunds the order's first ticket.
func giveBack(ctx context.Context, c *ticketscloud.Client, order ticketscloud.Order, say func(string, ...any)) error {
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

// looking is for what to do after a call whose outcome is not known: not to make
// it again, but to look. The call's context may be what has ended.
func looking(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
}

// unknown is the error of a call whose outcome could not be looked up either.
func unknown(lost, look error) error { return fmt.Errorf("%w; the look-up failed: %w", lost, look) }

// lookForOrder says which orders may be the one whose creation was lost. It will
// expire if it is left alone.
func lookForOrder(ctx context.Context, c *ticketscloud.Client, call ticketscloud.LostOrder, lost error, say func(string, ...any)) error {
	say("Whether the order was made is not certain.")
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
		say("No such order is there yet; look again for %v.", ticketscloud.CreateOrderPatience)
	}
	return lost
}

// lookWhetherPaid returns the order if it is paid for, and the error that was had
// if it is not.
func lookWhetherPaid(ctx context.Context, c *ticketscloud.Client, key ticketscloud.OrderKey, lost error, say func(string, ...any)) (ticketscloud.Order, error) {
	say("Whether it was paid is not certain: %v.", lost)
	ctx, cancel := looking(ctx)
	defer cancel()
	order, err := c.FindOrder(ctx, key)
	switch {
	case order.Status == ticketscloud.OrderDone:
		return order, nil
	case err != nil:
		return order, unknown(lost, err)
	case order.Status == ticketscloud.OrderCancelled, order.Status == ticketscloud.OrderExpired:
		say("It is not paid for: it is %s.", order.Status)
	default:
		say("It is not paid for, or not yet: it is %s. Look again for %v.", order.Status, ticketscloud.PayOrderPatience)
	}
	return order, lost
}

// lookForRefund says which refund requests may be the one that was lost.
func lookForRefund(ctx context.Context, c *ticketscloud.Client, order ticketscloud.OrderKey, sent time.Time, lost error, say func(string, ...any)) error {
	say("Whether the refund request was made is not certain.")
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
		say("No such refund request is there yet; look again for %v.", ticketscloud.CreateRefundPatience)
	}
	return lost
}

// lookWhetherApproved returns the refund request if it is approved, and the error
// that was had if it is not.
func lookWhetherApproved(ctx context.Context, c *ticketscloud.Client, key ticketscloud.RefundKey, lost error, say func(string, ...any)) (ticketscloud.Refund, error) {
	say("Whether it was approved is not certain: %v.", lost)
	ctx, cancel := looking(ctx)
	defer cancel()
	refund, err := c.FindRefund(ctx, key)
	switch {
	case refund.Status == ticketscloud.RefundApproved:
		return refund, nil
	case err != nil:
		return refund, unknown(lost, err)
	}
	say("It is %s: look again for %v.", refund.Status, ticketscloud.ApproveRefundPatience)
	return refund, lost
}

// place says where a ticket is for.
func place(t ticketscloud.Ticket) string {
	if t.Seat == nil {
		return "«" + t.Set.Name + "»"
	}
	return fmt.Sprintf("«%s», row %s, seat %s", t.Set.Name, t.Seat.Row, t.Seat.Number)
}

// programme is where events and seats are looked up.
type programme interface {
	// choose picks the first event with tickets on sale that have no seats.
	choose(ctx context.Context) (event, error)
	// vacant lists the seats of an event that can be had.
	vacant(ctx context.Context, id ticketscloud.EventID) ([]seat, error)
}

// event is what is to be known of an event before ordering.
type event struct {
	id              ticketscloud.EventID
	title           string
	start           time.Time // by the clocks at the venue; zero if it is not known
	openDate        bool      // there is no start
	venue, city     string
	vacant, tickets int
	standing        ticketscloud.SetID // a category without seats
	standingName    string
	seats           bool // there are seats as well
	mosbilet        bool // the buyers must be named
}

// when is what a buyer is told of the start.
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

// newer is the gRPC catalogue.
type newer struct{ *tcsimple.Client }

func (c newer) choose(ctx context.Context) (event, error) {
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

// place adds where the event is, and when by the clocks there.
func (c newer) place(ctx context.Context, e tcsimple.Event, found event) (event, error) {
	found.start = e.Start // in UTC, if the city is not known
	venues, err := rutravel.Collect(c.Venues(ctx, tcsimple.VenueQuery{IDs: []ticketscloud.VenueID{e.Venue}}))
	if err != nil {
		return found, err
	}
	if len(venues) == 0 { // whether the buyers must be named is not known
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

func (c newer) vacant(ctx context.Context, id ticketscloud.EventID) ([]seat, error) {
	var all []seat
	for s, err := range c.Seats(ctx, id, tcsimple.SeatQuery{Status: ticketscloud.TicketVacant}) {
		if err != nil {
			return nil, err
		}
		all = append(all, seat{s.Ticket, s.Seat})
	}
	return all, nil
}

// older is the REST catalogue.
type older struct{ *ticketscloud.Client }

func (c older) choose(ctx context.Context) (event, error) {
	for e, err := range c.Events(ctx, ticketscloud.EventQuery{}) {
		if err != nil {
			return event{}, err
		}
		if e.Status != ticketscloud.EventPublic || e.VacantTickets == 0 {
			continue
		}
		found := event{
			id: e.ID, title: e.Title, vacant: e.VacantTickets, tickets: e.Tickets,
			start: e.Start, // in UTC: the supplier may name no zone, or one that nobody knows
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

func (c older) vacant(ctx context.Context, id ticketscloud.EventID) ([]seat, error) {
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
