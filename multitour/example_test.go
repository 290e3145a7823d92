package multitour_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// tourists has the tourist of the examples.
var tourists = []multitour.Tourist{{
	Sex: multitour.Male, Surname: "Иванов", FirstName: "Петр", MiddleName: "Сергеевич",
	BirthDate: civil.Date{Year: 1976, Month: 3, Day: 15},
}}

// bookCheapest books the cheapest offer of a hotel that has meals and needs no confirmation.
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

// The answer to the second booking is lost. LostBookings lists the bookings that it may have
// made.
func ExampleClient_Book() {
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

// offer returns an offer of the fake.
func offer(ctx context.Context, client *multitour.Client) (multitour.Offer, error) {
	offers, err := client.Offers(ctx, multitour.OfferQuery{Hotel: "9044", Stay: multitour.Stay{
		Dates: []civil.Date{multitour.Today().AddDays(30)}, Nights: []int{7}, Adults: 1,
	}})
	if err != nil {
		return multitour.Offer{}, err
	}
	if len(offers) == 0 {
		return multitour.Offer{}, errors.New("no offers")
	}
	return offers[0], nil
}

// Offers has no filters: compare the fields of an offer.
func ExampleClient_Offers() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	offers, err := client.Offers(context.Background(), multitour.OfferQuery{Hotel: "6596", Stay: multitour.Stay{
		Dates: []civil.Date{multitour.Today().AddDays(30)}, Nights: []int{7}, Adults: 2,
	}})
	if err != nil {
		panic(err)
	}
	for _, o := range offers {
		fmt.Println(o.Room.Name, o.Price, "roubles; guaranteed:", o.Guaranteed, "meals:", o.MealType.ID != multitour.NoMeals)
	}
	// Output:
	// 4-х местный 11445 roubles; guaranteed: true meals: false
	// 2-х местный 15260 roubles; guaranteed: false meals: false
}

// BookFull returns the booking with all its parts.
func ExampleClient_BookFull() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	chosen, err := offer(ctx, client)
	if err != nil {
		panic(err)
	}
	booking, err := client.BookFull(ctx, multitour.BookRequest{
		Offer: chosen.ID, BookingDate: multitour.Today(), Tourists: tourists,
	})
	if err != nil {
		panic(err)
	}
	for _, t := range booking.Transfers {
		fmt.Println("transfer:", t.Route)
	}
	// Output: transfer: Аэропорт Витязево - Анапа, Пионерский пр-т
}

// A journal stores the booking before it is sent. The answer is lost, and a look-up finds the
// booking.
func ExampleClient_BookOperation() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	j := journal.New(journal.NewMemory())
	book := journal.Add(j, client.BookOperation())

	ctx := context.Background()
	chosen, err := offer(ctx, client)
	if err != nil {
		panic(err)
	}
	request := multitour.OfferBooking{
		Request: multitour.BookRequest{Offer: chosen.ID, BookingDate: multitour.Today(), Tourists: tourists},
		CheckIn: chosen.CheckIn, Price: chosen.Price,
	}
	fake.Inject(multitourtest.Fault{Op: "booking_set", Drop: true, Processed: true})
	_, err = book.Do(ctx, "order 17", request)
	if open, ok := errors.AsType[*journal.Error](err); ok {
		fmt.Println(open.Outcome)
	}
	if _, err = j.Resolve(ctx, "order 17"); err != nil { // in a backend: Journal.ResolveDue, from a timer
		panic(err)
	}
	code, err := book.Do(ctx, "order 17", request) // sends nothing: returns the stored result
	if err != nil {
		panic(err)
	}
	fmt.Println("booked:", code != "")
	// Output:
	// open
	// booked: true
}

// The answer to Book is lost. LostBookings lists the bookings that it may have made.
func ExampleClient_LostBookings() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	chosen, err := offer(ctx, client)
	if err != nil {
		panic(err)
	}
	stored := multitour.OfferBooking{ // store it before the call
		Request: multitour.BookRequest{Offer: chosen.ID, BookingDate: multitour.Today(), Tourists: tourists},
		CheckIn: chosen.CheckIn, Price: chosen.Price,
	}
	fake.Inject(multitourtest.Fault{Op: "booking_set", Status: 504, Processed: true})
	_, err = client.Book(ctx, stored.Request)
	fmt.Println(errors.Is(err, rutravel.ErrNotConfirmed))
	candidates, err := client.LostBookings(ctx, stored)
	if err != nil {
		panic(err)
	}
	for _, b := range candidates {
		fmt.Println(b.TourName, b.MainTourist)
	}
	// Output:
	// true
	// Beton Brut Иванов Петр Сергеевич
}

func ExampleClient_BookingInfo() {
	fake := multitourtest.New()
	client, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	chosen, err := offer(ctx, client)
	if err != nil {
		panic(err)
	}
	code, err := client.Book(ctx, multitour.BookRequest{Offer: chosen.ID, BookingDate: multitour.Today(), Tourists: tourists})
	if err != nil {
		panic(err)
	}
	booking, err := client.BookingInfo(ctx, code)
	if err != nil {
		panic(err)
	}
	for _, a := range booking.Accommodations {
		fmt.Println(a.HotelName, a.MealsName)
	}
	// Output: Beton Brut (Бетон Брют)**** Отель Все включено
}

// A search with more than three dates needs several requests.
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

// A booking on request is not paid yet.
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
