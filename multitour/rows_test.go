package multitour

import (
	"cmp"

	"cloud.google.com/go/civil"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

const (
	secondPage = `{"header":{"method":"booking_list"},"response":{"booking_list":{"data":[{"code":"X1800099"}],"count":3}}}`
	lastPage   = `{"header":{"method":"booking_list"},"response":{"booking_list":{"data":[]}}}`
)

// goldenByFile returns the golden calls by the names of their files.
func goldenByFile() map[string]conformance.Call[*Client] {
	calls := map[string]conformance.Call[*Client]{}
	for _, c := range goldenCalls() {
		calls[cmp.Or(c.File, c.Op)] = c
	}
	return calls
}

// goldenLists are the lists of the suite, with the essential values of each type of
// row.
func goldenLists() []conformance.List[*Client] {
	calls := goldenByFile()
	directory := func(op, list string) conformance.List[*Client] {
		return conformance.List[*Client]{Call: calls[op], Rows: "response." + list + "[]", ID: "id", Offered: true, Essential: []string{"id"}}
	}
	var (
		// The price of a stay that cannot be read is left out of the prices of its
		// hotel.
		hotel   = []string{"price_min", "date_min", "days_min", "quote"}
		offer   = []string{"price_id", "hotel_id", "date", "night", "price", "quote"}
		booking = []string{"code", "price?", "payed?", "status_key?", "status_name?~"}
	)
	offers := conformance.Call1("hotel.price", conformance.Collected((*Client).AllOffers), OfferQuery{
		Hotel: "4952",
		Stay:  Stay{Dates: []civil.Date{august3, july28}, Nights: []int{7, 10}, Adults: 2, ChildAges: []int{2, 10}},
	}, nil)
	bookings := conformance.Call1("booking_list", conformance.Collected((*Client).Bookings), BookingQuery{Status: StatusOK, PageSize: 2}, nil)
	prices := conformance.Parts(calls["list.price+filters"], func(h HotelPrices) []StayPrice { return h.Prices })
	hotels := conformance.Parts(calls["map.category"], func(f Feature[CategoryID]) []HotelID { return f.Hotels })
	return []conformance.List[*Client]{
		{Call: prices, Rows: "response.list_price.data.*.price.*.*", Offered: true, Essential: []string{"quote?", "request?"}},
		{Call: hotels, Rows: "response.category[].hotel_id[]", Offered: true, Essential: []string{""}},
		directory("map.country", "country"),
		directory("map.resort", "resort"),
		directory("map.city", "city"),
		directory("map.hotel", "hotel"),
		directory("map.category", "category"),
		directory("map.treatment", "category"),
		directory("map.pansion", "category"),
		directory("map.highway", "category"),
		directory("map.beach.type", "category"),
		directory("map.sea.distance", "category"),
		directory("map.options", "options"),
		directory("map.tour.type", "tourtype"),
		{
			Call: calls["list.price+filters"], Rows: "response.list_price.data.*", ID: "*", Offered: true, Essential: hotel,
			Around: []string{"response.list_price.map."},
		},
		{
			Call: calls["hotel.price"], Rows: "response.hotel_price.data[]", ID: "price_id", Offered: true, Essential: offer,
			Around: []string{"response.hotel_price.map."},
		},
		{Call: offers, Rows: "response.hotel_price.data[]", ID: "price_id", Offered: true, Essential: offer},
		{
			Call: calls["booking_list"], Field: "Bookings", Rows: "response.booking_list.data[]", ID: "code", Essential: booking,
			Around: []string{
				"response.booking_list.count", "response.booking_list.persons", "response.booking_list.price", "response.booking_list.payed",
			},
		},
		{
			Call: bookings, Further: []string{secondPage, lastPage},
			Rows: "response.booking_list.data[]", ID: "code", Essential: booking,
		},
	}
}

// goldenLookUps are the look-ups of the suite.
func goldenLookUps() []conformance.LookUp[*Client] {
	lost := conformance.Call1("booking_list", (*Client).LostBookings, OfferBooking{
		Request: goldenBookRequest(), CheckIn: conformance.Date(12, 7, 2018), Price: conformance.Dec("54618"),
	}, nil)
	return []conformance.LookUp[*Client]{
		{Call: lost, Further: []string{lastPage}, Rows: "response.booking_list.data[]"},
		{Call: goldenByFile()["booking_info"], Rows: "response.booking_info.info"},
	}
}
