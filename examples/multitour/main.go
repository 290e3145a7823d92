// The program searches and books a package tour at Multitour. Without any
// environment it does so against a fake in its own memory; see -h for how to
// point it at the supplier's account.
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
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

const usage = `Searches and books a package tour at Multitour.

Without MULTITOUR_URL it talks to a fake supplier in its own memory.

Environment:
  MULTITOUR_URL     the supplier's address, as ` + multitour.Production + `
  MULTITOUR_TOKEN   token: the agency's own
  MULTITOUR_US_KEY  us_key: the user who books
  MULTITOUR_CA      file with a certificate to trust, in PEM (optional)

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
	flags := flag.NewFlagSet("multitour", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	day := flags.String("date", multitour.Today().AddDays(30).String(), "day of check-in, YYYY-MM-DD")
	nights := flags.Int("nights", 7, "nights to stay")
	country := flags.String("country", "", "id of the country (default: the first listed)")
	live := flags.Bool("live", false, "allow the supplier's own address, where tours are really booked")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag; see -h", flags.Arg(0))
	}
	date, err := civil.ParseDate(*day)
	if err != nil {
		return errors.New("-date must be a date: YYYY-MM-DD")
	}
	client, err := newClient(getenv, *live, out)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	stay := multitour.Stay{Dates: []civil.Date{date}, Nights: []int{*nights}, Adults: 2, ChildAges: []int{0}}
	return wholeWay(ctx, client, multitour.CountryID(*country), stay, out)
}

// newClient talks to the address of the environment or, without one, to a
// fake.
func newClient(getenv func(string) string, live bool, out io.Writer) (*multitour.Client, error) {
	address := getenv("MULTITOUR_URL")
	if address == "" {
		fake := multitourtest.New()
		fmt.Fprintln(out, "Using a fake supplier in memory; nothing is booked. (-h tells how to use a real account.)")
		return multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	}
	if u, err := url.Parse(address); err == nil && production(u.Hostname()) && !live {
		return nil, errors.New("MULTITOUR_URL is the production address: a tour would really be booked; add -live if you mean it")
	}
	trust, err := authority(getenv("MULTITOUR_CA"))
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(out, "Talking to MULTITOUR_URL.")
	return multitour.New(multitour.Config{
		Token:   rutravel.Secret(getenv("MULTITOUR_TOKEN")),
		UserKey: multitour.UserKey(getenv("MULTITOUR_US_KEY")),
		BaseURL: address,
	}, trust...)
}

// authority makes the client trust the certificate of a file, if one is given, next
// to the system's.
func authority(file string) ([]rutravel.Option, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("MULTITOUR_CA: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates: %w", err)
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("MULTITOUR_CA holds no certificate in PEM")
	}
	return []rutravel.Option{rutravel.WithRootCAs(roots)}, nil
}

// production reports whether a host is the supplier's.
func production(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "multitour.ru" || strings.HasSuffix(host, ".multitour.ru")
}

// wholeWay is the whole way from search to booking, each step with the answers of
// the ones before it.
func wholeWay(ctx context.Context, c *multitour.Client, country multitour.CountryID, stay multitour.Stay, out io.Writer) error {
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }

	// Where can one go?
	countries, err := c.Countries(ctx, "")
	if err != nil {
		return err
	}
	if country == "" {
		if len(countries) == 0 {
			return errors.New("the supplier lists no countries")
		}
		country = countries[0].ID
	}
	resorts, err := c.Resorts(ctx, country)
	if err != nil {
		return err
	}
	area := multitour.Area{Country: country}
	for _, r := range resorts {
		area.Resorts = append(area.Resorts, r.ID)
	}
	hotels, err := c.Hotels(ctx, area)
	if err != nil {
		return err
	}
	say("Countries: %d. %s: resorts: %d, hotels: %d.", len(countries), name(countries, country), len(resorts), len(hotels))

	// What does it cost?
	say("Searching a stay of %d nights from %s for two adults and an infant, with meals.", stay.Nights[0], stay.Dates[0])
	meals, err := c.MealTypes(ctx, country)
	if err != nil {
		return err
	}
	search := multitour.HotelQuery{Area: area, Stay: stay, OnlyGuaranteed: true}
	for _, m := range meals {
		if m.ID != multitour.NoMeals {
			search.MealTypes = append(search.MealTypes, m.ID)
		}
	}
	found, err := c.HotelPrices(ctx, search)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("no hotel has places on %s", stay.Dates[0])
	}
	hotel := slices.MinFunc(found, func(a, b multitour.HotelPrices) int { return a.Cheapest.Price.Cmp(b.Cheapest.Price) })
	say("Hotels with places: %d; the cheapest is «%s» in %s, from %s RUB.",
		len(found), hotel.Hotel.Name, hotel.CityName, hotel.Cheapest.Price.StringFixed(2))
	offers, err := c.Offers(ctx, multitour.OfferQuery{Hotel: hotel.Hotel.ID, Stay: stay})
	if err != nil {
		return err
	}
	say("Offers: %d.", len(offers))
	// Offers has no filters: leave out those that the search would have left out.
	offers = slices.DeleteFunc(offers, func(o multitour.Offer) bool {
		return !o.Guaranteed || o.MealType.ID == multitour.NoMeals
	})
	if len(offers) == 0 {
		return fmt.Errorf("«%s» has no guaranteed offers with meals any more", hotel.Hotel.Name)
	}
	offer := slices.MinFunc(offers, func(a, b multitour.Offer) int { return a.Price.Cmp(b.Price) })
	say("Taking %s: %s, %s, %s, %s RUB for all three, guaranteed.", offer.ID,
		offer.Room.Name, offer.Accommodation.Name, offer.MealType.Name, offer.Price.StringFixed(2))

	// Book it. An infant is no older than a year when the tour begins.
	born := stay.Dates[0].AddMonths(-6)
	if today := multitour.Today(); born.After(today) {
		born = today
	}
	// A backend stores wanted before it calls Book.
	wanted := multitour.OfferBooking{CheckIn: offer.CheckIn, Price: offer.Price}
	wanted.Request = multitour.BookRequest{Offer: offer.ID, BookingDate: multitour.Today(), Tourists: []multitour.Tourist{
		{
			Sex: multitour.Male, Surname: "Иванов", FirstName: "Петр", MiddleName: "Сергеевич",
			BirthDate: civil.Date{Year: 1976, Month: 3, Day: 15}, PassportSeries: "1122", PassportNumber: "333444",
			Citizenship: "Россия", Phone: "+7 123 345 67 89",
		},
		{
			Sex: multitour.Female, Surname: "Иванова", FirstName: "Татьяна", MiddleName: "Сергеевна",
			BirthDate: civil.Date{Year: 1978, Month: 5, Day: 13}, PassportSeries: "9876", PassportNumber: "555444",
			Citizenship: "Россия",
		},
		{
			Sex: multitour.MaleInfant, Surname: "Иванов", FirstName: "Петр",
			BirthDate: born, Citizenship: "Россия",
		},
	}}
	code, err := c.Book(ctx, wanted.Request)
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		return look(ctx, c, wanted, err, say)
	}
	if err != nil {
		return err
	}
	say("Booked as %s.", code)

	// Look at it.
	booking, err := c.BookingInfo(ctx, code)
	if err != nil {
		return err
	}
	for _, a := range booking.Accommodations {
		say("  %s: %s, %s to %s", a.HotelName, a.RoomName, a.CheckIn, a.CheckOut)
	}
	for _, t := range booking.Tourists {
		say("  for %s %s", t.FirstName, t.Surname)
	}
	if booking.Price.Valid && booking.Paid.Valid {
		say("  %s RUB, of which %s RUB are paid", booking.Price.Decimal.StringFixed(2), booking.Paid.Decimal.StringFixed(2))
	}
	page, err := c.BookingsPage(ctx, multitour.BookingQuery{})
	if rows, ok := errors.AsType[*rutravel.RowsError](err); ok {
		say("Some bookings cannot be read: %v", rows)
	} else if err != nil {
		return err
	}
	say("The first page of bookings:")
	for _, b := range page.Bookings {
		say("  %s of %s: %s from %s, for %s, %s", b.Code, b.Created, b.TourName, b.TourDate, b.MainTourist, b.StatusName)
	}
	return nil
}

// look lists the bookings that a call whose outcome is not known may have made. It
// does not book again. ctx may have ended.
func look(ctx context.Context, c *multitour.Client, wanted multitour.OfferBooking, cause error, say func(string, ...any)) error {
	say("Whether it was booked is not certain.")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	found, err := c.LostBookings(ctx, wanted)
	for _, b := range found {
		say("It may be %s: %s on %s, %s RUB.", b.Code, b.TourName, b.TourDate, b.Price.Decimal.StringFixed(2))
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w; the look-up failed: %w", cause, err)
	case len(found) == 0:
		say("No such booking is there yet; look again for %v.", multitour.BookPatience)
	}
	return cause
}

// name finds the name of a country.
func name(countries []multitour.Entry[multitour.CountryID], id multitour.CountryID) string {
	for _, c := range countries {
		if c.ID == id {
			return c.Name
		}
	}
	return "country " + string(id)
}
