package rutravelotel_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// The customer of all purchases. These texts occur nowhere else.
const (
	surname  = "QXZTOV"
	first    = "WQJAN"
	passport = "90817200042"
	phone    = "+79081720042"
	email    = "qxz42@example.com"
)

var born = civil.Date{Year: 1931, Month: time.March, Day: 27}

// people are parts of the customer's data that must not be shown.
var people = []string{"qxz", "wqj", "908172", "1931-03-27", "27.03.1931"}

// shop is a supplier and a purchase.
type shop struct {
	fake    http.RoundTripper
	secrets []string
	refusal func(words string) (status int, body string)
	// buy searches, makes a purchase, and cancels or refunds it.
	buy func(ctx context.Context, opts ...rutravel.Option) error
}

// shops make new suppliers, by their packages.
var shops = map[string]func() *shop{
	"regionbilet": coaches, "multitour": tours, "bgoperator": holidays, "ticketscloud": concerts, "smartway": flights,
}

func coaches() *shop {
	fake := regionbilettest.New()
	return &shop{
		fake: fake, secrets: []string{regionbilettest.SecretKey},
		refusal: func(words string) (int, string) {
			return http.StatusOK, `{"error": "1", "error_description": ` + strconv.Quote(words) + `}`
		},
		buy: func(ctx context.Context, opts ...rutravel.Option) error {
			c, err := regionbilet.New(fake.Config(), opts...)
			if err != nil {
				return err
			}
			trips, err := c.Trips(ctx, regionbilet.TripQuery{From: "124", To: "463", Date: regionbilet.Today().AddDays(2)})
			if err != nil || len(trips) == 0 {
				return err
			}
			seats, err := c.FreeSeats(ctx, trips[0].Key())
			if err != nil || len(seats) == 0 {
				return err
			}
			hold, err := c.Book(ctx, regionbilet.BookRequest{Trip: trips[0].Key(), Phone: phone, Passengers: []regionbilet.Passenger{{
				Surname: surname, FirstName: first, Sex: regionbilet.Male, Category: regionbilet.Adult, BirthDate: born,
				Nationality: "643", DocumentType: "1", Document: passport, Seat: seats[0], Price: trips[0].Adult.Price,
			}}})
			if err != nil {
				return err
			}
			_, err = c.Pay(ctx, hold)
			_, look := c.BookingTickets(ctx, hold.Booking)
			return errors.Join(err, look)
		},
	}
}

func tours() *shop {
	fake := multitourtest.New()
	return &shop{
		fake: fake, secrets: []string{multitourtest.Token},
		refusal: func(words string) (int, string) {
			return http.StatusOK, `{"response": null, "error": [` + strconv.Quote(words) + `]}`
		},
		buy: func(ctx context.Context, opts ...rutravel.Option) error {
			c, err := multitour.New(fake.Config(), opts...)
			if err != nil {
				return err
			}
			offers, err := c.Offers(ctx, multitour.OfferQuery{Hotel: "6596", Stay: multitour.Stay{
				Dates: []civil.Date{multitour.Today().AddDays(30)}, Nights: []int{7}, Adults: 1,
			}})
			if err != nil || len(offers) == 0 {
				return err
			}
			code, err := c.Book(ctx, multitour.BookRequest{Offer: offers[0].ID, BookingDate: multitour.Today(), Tourists: []multitour.Tourist{{
				Sex: multitour.Male, Surname: surname, FirstName: first, BirthDate: born,
				PassportSeries: "62", PassportNumber: passport, Citizenship: "Россия", Phone: phone,
			}}})
			if err != nil {
				return err
			}
			_, err = c.BookingInfo(ctx, code)
			return err
		},
	}
}

func holidays() *shop {
	fake := bgoperatortest.New()
	cfg := fake.Config()
	return &shop{
		fake: fake, secrets: []string{cfg.Login, string(cfg.Password)},
		refusal: func(words string) (int, string) {
			return http.StatusOK, "<errors><error>113</error><info>" + html.EscapeString(words) + "</info></errors>"
		},
		buy: func(ctx context.Context, opts ...rutravel.Option) error {
			c, err := bgoperator.New(cfg, opts...)
			if err != nil {
				return err
			}
			tour := bgoperator.Tour{ClientTourID: strconv.Itoa(len(fake.Bookings()) + 1), Groups: []bgoperator.Group{{
				Offer: fake.Offers()[0],
				Tourists: []bgoperator.Tourist{{
					BirthDate: born, FirstName: first, Surname: surname, Citizenship: "100410000050", Sex: bgoperator.Male,
					PassportSeries: "62", PassportNumber: fmt.Sprint(passport, len(fake.Bookings())), PassportExpiry: civil.Date{Year: 2040, Month: 1, Day: 1},
				}},
			}}}
			if _, err = c.Quote(ctx, tour); err != nil {
				return err
			}
			booking, err := c.Book(ctx, tour)
			if err != nil {
				return err
			}
			booked, err := c.TouristTransfers(ctx, booking.ID)
			if err != nil {
				return err
			}
			err = c.SetContacts(ctx, booking.ID, []bgoperator.Contact{{Tourist: booked[0].ID, Email: email, Phone: phone}})
			permit, look := c.QuoteCancel(ctx, booking.ID)
			if look != nil {
				return errors.Join(err, look)
			}
			return errors.Join(err, c.Cancel(ctx, booking.ID, permit.Ticket))
		},
	}
}

func concerts() *shop {
	fake := ticketscloudtest.New()
	cfg := fake.Config()
	return &shop{
		fake: fake, secrets: []string{string(cfg.Key)},
		refusal: func(words string) (int, string) {
			return http.StatusBadRequest, `{"errors": [` + strconv.Quote(words) + `]}`
		},
		buy: func(ctx context.Context, opts ...rutravel.Option) error {
			c, err := ticketscloud.New(cfg, opts...)
			if err != nil {
				return err
			}
			if _, err = rutravel.Collect(c.Events(ctx, ticketscloud.EventQuery{})); err != nil {
				return err
			}
			order, err := c.CreateOrder(ctx, ticketscloud.NewOrder{
				Event: ticketscloudtest.Play, Random: []ticketscloud.SetCount{{Set: ticketscloudtest.Gallery, Count: 1}},
			})
			if err != nil {
				return err
			}
			_, change := c.ChangeOrder(ctx, order.Key(), ticketscloud.OrderChange{
				Customer: ticketscloud.Customer{Name: surname, Email: email, Phone: phone},
			})
			buyers := c.SetMosbiletBuyers(ctx, order.Key(), []ticketscloud.MosbiletBuyer{{UserID: "1", FirstName: first, Surname: surname}})
			_, pay := c.PayOrder(ctx, order.Key())
			_, look := c.FindOrder(ctx, order.Key())
			return errors.Join(change, buyers, pay, look)
		},
	}
}

func flights() *shop {
	fake := smartwaytest.New()
	cfg := fake.Config()
	return &shop{
		fake: fake, secrets: []string{string(cfg.Username), string(cfg.Password)},
		refusal: func(words string) (int, string) {
			return http.StatusOK, `{"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": ` + strconv.Quote(words) + `, "data": null, "name": "Error"}}`
		},
		buy: func(ctx context.Context, opts ...rutravel.Option) error {
			c, err := smartway.New(cfg, opts...)
			if err != nil {
				return err
			}
			offers, err := c.Airlines.Search(ctx, smartway.FlightQuery{Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1, Routes: []smartway.RouteQuery{
				{From: "LED", To: "MOW", Date: regionbilet.Today().AddDays(30)},
			}})
			if err != nil || len(offers.Variants) == 0 {
				return err
			}
			variant := offers.Variants[0]
			id, err := c.Airlines.Buy(ctx, smartway.PurchaseRequest{Search: offers.Search, Variant: variant.ID, Fare: variant.Fares[0].ID, Passengers: []smartway.Passenger{{
				ID: "42", Phone: phone, Surname: surname, FirstName: first, SurnameEng: surname, FirstNameEng: first,
				Email: email, Citizenship: "RU", BirthDate: born, Sex: smartway.Male, INN: "7799555550",
				Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: passport, Selected: true}},
			}}})
			if err != nil {
				return err
			}
			trip, err := c.Airlines.Wait(ctx, id)
			if err != nil {
				return err
			}
			_, err = c.Trips.Info(ctx, trip)
			for _, row := range c.Trips.AfterChange(ctx, 0).All() {
				err = errors.Join(err, row)
			}
			return err
		},
	}
}
