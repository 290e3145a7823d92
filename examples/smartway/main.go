// The program saves an employee at Smartway, buys a flight for this employee, downloads the
// voucher and reads the history of trips. Without environment variables it uses a fake
// supplier in the same process. The flag -h explains how to use the supplier's test account.
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
	"path/filepath"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
)

const usage = `Saves an employee at Smartway, buys a flight for this employee and downloads the
voucher.

Without SMARTWAY_URL it uses a fake supplier in the same process.

Environment:
  SMARTWAY_URL       the supplier's address: ` + smartway.Test + `
                     or ` + smartway.Production + `
  SMARTWAY_USERNAME  authorization.username: the user's e-mail address
  SMARTWAY_PASSWORD  authorization.password
  SMARTWAY_CA        file with the certificate of the test host's authority, in PEM
                     (optional)

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
	today := smartway.Today()

	flags := flag.NewFlagSet("smartway", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	depart := flags.String("depart", "LED", "IATA code of the airport or city of departure")
	arrive := flags.String("arrive", "MOW", "IATA code of the airport or city of arrival")
	day := flags.String("date", today.AddDays(30).String(), "day of departure, YYYY-MM-DD")
	inn := flags.String("inn", "7799555550", "taxpayer number of the company of the account that is billed")
	folder := flags.String("out", os.TempDir(), "folder for the voucher")
	live := flags.Bool("live", false, "allow the production address, where tickets cost money")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -h", flags.Arg(0))
	}
	date, err := civil.ParseDate(*day)
	if err != nil {
		return errors.New("-date must be a date: YYYY-MM-DD")
	}
	if info, statErr := os.Stat(*folder); statErr != nil || !info.IsDir() {
		return errors.New("-out must be a folder")
	}
	client, err := newClient(getenv, *live, out)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	route := smartway.RouteQuery{From: smartway.IATA(*depart), To: smartway.IATA(*arrive), Date: date}
	return buyFlight(ctx, client, route, smartway.INN(*inn), *folder, out)
}

// newClient returns a client for the address in the environment. Without an address it
// returns a client of a fake.
func newClient(getenv func(string) string, live bool, out io.Writer) (*smartway.Client, error) {
	address := getenv("SMARTWAY_URL")
	if address == "" {
		fake := smartwaytest.New()
		fmt.Fprintln(out, "Using a fake supplier in memory; nothing is bought. (-h explains how to use a real account.)")
		return smartway.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	}
	if u, err := url.Parse(address); err == nil && production(u.Hostname()) && !live {
		return nil, errors.New("SMARTWAY_URL is the production address, where tickets cost money; use -live to allow it")
	}
	trust, err := authority(getenv("SMARTWAY_CA"))
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(out, "Using the supplier at SMARTWAY_URL.")
	return smartway.New(smartway.Config{
		Username: rutravel.Secret(getenv("SMARTWAY_USERNAME")),
		Password: rutravel.Secret(getenv("SMARTWAY_PASSWORD")),
		BaseURL:  address,
	}, trust...)
}

// authority returns an option to trust the certificates of a file in addition to the
// system's. Without a file it returns no option.
func authority(file string) ([]rutravel.Option, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("SMARTWAY_CA: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates: %w", err)
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("SMARTWAY_CA has no certificate in PEM")
	}
	return []rutravel.Option{rutravel.WithRootCAs(roots)}, nil
}

// production reports whether a host belongs to the supplier and is not a test host.
func production(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	ours := host == "smartway.today" || strings.HasSuffix(host, ".smartway.today")
	return ours && !strings.HasSuffix(host, ".test.dev.smartway.today")
}

// buyFlight runs all steps from the employee to the history. Each step uses the answers of
// the steps before.
func buyFlight(ctx context.Context, c *smartway.Client, route smartway.RouteQuery, inn smartway.INN, folder string, out io.Writer) error {
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }

	if err := c.Ping(ctx); err != nil {
		return err
	}
	say("The supplier accepts the credentials.")

	// Save the employee.
	const id = smartway.ExternalID("rutravel-example-1")
	traveller := smartway.Passenger{
		ID: id, Phone: "+79990000000", Surname: "Илларионов", FirstName: "Петр", MiddleName: "Сергеевич",
		SurnameEng: "Illarionov", FirstNameEng: "Piotr", MiddleNameEng: "Sergeevich", Email: "illarionov@piotr.com",
		Citizenship: "RU", BirthDate: civil.Date{Year: 1981, Month: time.January, Day: 1}, Sex: smartway.Male,
		Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: "5608999999", Selected: true}},
		INN:       inn,
	}
	saved, err := c.Employees.Save(ctx, []smartway.EmployeeChange{{
		ID: id, Surname: traveller.Surname, FirstName: traveller.FirstName, MiddleName: traveller.MiddleName,
		SurnameEng: traveller.SurnameEng, FirstNameEng: traveller.FirstNameEng, MiddleNameEng: traveller.MiddleNameEng,
		Sex: traveller.Sex, BirthDate: traveller.BirthDate, Citizenship: traveller.Citizenship,
		Phone: traveller.Phone, Email: traveller.Email, INNs: []smartway.INN{inn},
		Documents: []smartway.Document{{Type: smartway.DomesticPassport, Number: traveller.Passports[0].Number}},
	}})
	if err != nil {
		return err
	}
	say("Saved employee %s.", saved[0].ID)

	// Look up the airports.
	for _, code := range []smartway.IATA{route.From, route.To} {
		airports, airportsErr := c.Airlines.Airports(ctx, string(code))
		if airportsErr != nil {
			return airportsErr
		}
		if len(airports) == 0 {
			return fmt.Errorf("the supplier does not know the airport %q", code)
		}
		say("%s is %s, %s.", code, airports[0].Name.Russian, airports[0].Country.Russian)
	}

	// Search, and choose the cheapest variant with its base fare.
	offers, err := c.Airlines.Search(ctx, smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1, Routes: []smartway.RouteQuery{route},
	})
	if err != nil {
		return err
	}
	if len(offers.Variants) == 0 {
		return fmt.Errorf("no flights on %s", route.Date)
	}
	request, cheapest := smartway.PurchaseRequest{Search: offers.Search, Passengers: []smartway.Passenger{traveller}}, offers.Variants[0]
	for _, v := range offers.Variants {
		if v.Price.LessThan(cheapest.Price) {
			cheapest = v
		}
	}
	request.Variant = cheapest.ID
	price := cheapest.Price
	for _, f := range cheapest.Fares {
		if f.Default {
			request.Fare, price = f.ID, f.Price
		}
	}
	say("%d variants; the cheapest costs %s RUB:", len(offers.Variants), cheapest.Price.StringFixed(2))
	for _, r := range cheapest.Routes {
		for _, s := range r.Segments {
			say("  %s %s, %s %s → %s %s (local times)", s.Airline.Name, s.FlightNumber,
				s.From.Airport.Name, clock(s.Departure), s.To.Airport.Name, clock(s.Arrival))
		}
	}

	// Buy. A server would use a context that does not end with the user's request.
	before := civil.DateOf(time.Now().UTC())
	purchase, err := c.Airlines.Buy(ctx, request)
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		// The tickets may have been bought: look the purchase up, and do not buy again. An
		// id that came with the error may belong to another purchase.
		say("It is not certain whether the tickets were bought: %v.", err)
		if purchase != "" {
			say("The id of the purchase may be %s.", purchase)
		}
		var trips []smartway.Trip
		trips, err = c.Trips.Lost(ctx, smartway.LostQuery{Passengers: request.Passengers, Day: before})
		for _, t := range trips {
			say("This may be the trip: %s «%s», %s RUB.", t.ID, t.Name, t.Amount.StringFixed(2))
		}
		if err != nil {
			return fmt.Errorf("the purchase is not confirmed, and the look-up failed: %w", err)
		}
		return fmt.Errorf("the purchase is not confirmed: look it up again until %v have passed", smartway.BuyPatience)
	}
	if err != nil {
		return err
	}
	say("Purchase %s is pending.", purchase)
	bought, err := c.Airlines.Wait(ctx, purchase)
	if err != nil {
		return err
	}
	trip, err := c.Trips.Info(ctx, bought)
	if err != nil {
		return err
	}
	say("Bought trip %s «%s»: %s RUB, %s.", trip.ID, trip.Name, trip.Amount.StringFixed(2), trip.Status)
	if !trip.Amount.Equal(price) {
		say("The price of the search was %s RUB.", price.StringFixed(2))
	}
	if len(trip.Items) == 0 {
		return fmt.Errorf("trip %s has no services", trip.ID)
	}
	item := trip.Items[0]
	pdf, err := c.Trips.ItemVoucher(ctx, item.ID)
	if err != nil {
		return err
	}
	file := filepath.Join(folder, "voucher-"+string(item.ID)+".pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		return err
	}
	say("Wrote the voucher of item %s to %s (%d bytes).", item.ID, file, len(pdf))

	// Read the history of all trips.
	history := c.Trips.AfterChange(ctx, 0)
	for t, err := range history.All() {
		if row, ok := errors.AsType[*rutravel.RowError](err); ok {
			say("Trip %s could not be read completely: %v.", t.ID, row)
			continue
		}
		if err != nil {
			return err
		}
		say("Trip %s «%s»: %s, %s RUB, from %s.", t.ID, t.Name, t.Status, t.Amount.StringFixed(2), clock(t.CheckIn))
	}
	if cursor, ok := history.Cursor(); ok {
		say("Cursor to store for the next time: %d.", cursor)
	}
	return nil
}

// clock writes a date and time without seconds.
func clock(t civil.DateTime) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.In(time.UTC).Format("02.01.2006 15:04")
}
