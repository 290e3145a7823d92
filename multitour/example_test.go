package multitour_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// tourists are who travels in the examples.
var tourists = []multitour.Tourist{{
	Sex: multitour.Male, Surname: "Иванов", FirstName: "Петр", MiddleName: "Сергеевич",
	BirthDate: civil.Date{Year: 1976, Month: 3, Day: 15},
}}

// bookCheapest books the cheapest offer of a hotel that needs no confirmation and has
// meals.
func bookCheapest(ctx context.Context, client *multitour.Client, query multitour.OfferQuery, tourists []multitour.Tourist) error {
	offers, err := client.Offers(ctx, query)
	if err != nil {
		return err
	}
	// Offers has no filters: leave out those on request and those without meals.
	offers = slices.DeleteFunc(offers, func(o multitour.Offer) bool {
		return !o.Guaranteed || o.MealType.ID == multitour.NoMeals
	})
	if len(offers) == 0 {
		return errors.New("no offers")
	}
	offer := slices.MinFunc(offers, func(a, b multitour.Offer) int { return a.Price.Cmp(b.Price) })
	wanted := multitour.OfferBooking{
		Request: multitour.BookRequest{Offer: offer.ID, BookingDate: multitour.Today(), Tourists: tourists},
		CheckIn: offer.CheckIn, Price: offer.Price,
	}
	code, err := client.Book(ctx, wanted.Request) // store wanted before this line
	if errors.Is(err, rutravel.ErrNotConfirmed) {
		ctx := context.WithoutCancel(ctx)
		candidates, err := client.LostBookings(ctx, wanted)
		if err != nil {
			return err
		}
		for _, b := range candidates {
			fmt.Println("the answer was lost; it may be", b.TourName, "for", b.Price.Decimal.StringFixed(2), "roubles")
		}
		return nil
	}
	if err != nil {
		return err
	}
	booking, err := client.BookingInfo(ctx, code)
	if err != nil {
		return err
	}
	for _, a := range booking.Accommodations {
		fmt.Println("booked:", a.HotelName, "for", booking.Price.Decimal.StringFixed(2), "roubles")
	}
	return nil
}

// Example tests a program that books tours, against the fake.
func Example() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	query := multitour.OfferQuery{Hotel: "9044", Stay: multitour.Stay{
		Dates: []civil.Date{multitour.Today().AddDays(30)}, Nights: []int{7}, Adults: 1,
	}}
	if err := bookCheapest(context.Background(), client, query, tourists); err != nil {
		panic(err)
	}

	fake = multitourtest.New()
	client, err = multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	fake.Inject(multitourtest.Fault{Op: "booking_set", Drop: true, Processed: true})
	if err := bookCheapest(context.Background(), client, query, tourists); err != nil {
		panic(err)
	}
	// Output:
	// booked: Beton Brut (Бетон Брют)**** Отель for 15330.00 roubles
	// the answer was lost; it may be Beton Brut for 15330.00 roubles
}

// A fortnight of dates takes more than one request.
func ExampleClient_AllHotelPrices() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	search := multitour.HotelQuery{
		Area: multitour.Area{Country: "6228"},
		Stay: multitour.Stay{Nights: []int{7, 10, 14}, Adults: 2},
	}
	for i := range 14 {
		search.Dates = append(search.Dates, multitour.Today().AddDays(30+i))
	}
	hotels, err := client.AllHotelPrices(context.Background(), search)
	if err != nil {
		panic(err)
	}
	for _, h := range hotels {
		fmt.Printf("%s, %s: %d prices from %v roubles\n", h.Hotel.Name, h.ResortName, len(h.Prices), h.Cheapest.Price)
	}
	fmt.Println(len(fake.Requests()), "requests")
	// Output:
	// Антарес  Гостиница, Анапа: 42 prices from 11445 roubles
	// Beton Brut (Бетон Брют)**** Отель, Анапа: 42 prices from 30660 roubles
	// Del Mare Отель, Анапа: 42 prices from 23100 roubles
	// Золотой колос Санаторий, Сочи: 42 prices from 17850 roubles
	// Приморье Пансионат, Геленджик: 42 prices from 19880 roubles
	// 5 requests
}

// A booking of places on request is not paid for yet.
func ExampleClient_Bookings() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	query := multitour.OfferQuery{Hotel: "6596", Stay: multitour.Stay{
		Dates: []civil.Date{multitour.Today().AddDays(30)}, Nights: []int{7}, Adults: 1,
	}}
	offers, err := client.Offers(ctx, query)
	if err != nil {
		panic(err)
	}
	onRequest := slices.IndexFunc(offers, func(o multitour.Offer) bool { return !o.Guaranteed })
	_, err = client.Book(ctx, multitour.BookRequest{Offer: offers[onRequest].ID, BookingDate: multitour.Today(), Tourists: tourists})
	if err != nil {
		panic(err)
	}
	for b, err := range client.Bookings(ctx, multitour.BookingQuery{Status: multitour.StatusNotPaid}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(b.TourName+":", b.Price.Decimal.Sub(b.Paid.Decimal).StringFixed(2), "roubles to be paid")
	}
	// Output:
	// Антарес: 7630.00 roubles to be paid
}

func Example_errors() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	_, err = client.Hotels(context.Background(), multitour.Area{Country: "1", Resorts: []multitour.ResortID{"2"}})
	fmt.Println(errors.Is(err, rutravel.ErrInvalid))
	fmt.Println(err)
	if all, ok := errors.AsType[multitour.Messages](err); ok {
		fmt.Println(len(all), "messages")
	}

	_, err = client.Hotels(context.Background(), multitour.Area{Country: "Россия"})
	fmt.Println(err)
	// Output:
	// true
	// multitour: map.hotel: invalid request: "Некорректный идентификатор страны \"country_id\"; Некорректное значение \"resort_id\"" (HTTP 200): 2 messages
	// 2 messages
	// multitour: map.hotel: invalid request: Country must be a whole number
}
