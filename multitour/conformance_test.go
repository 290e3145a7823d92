package multitour

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

func TestMain(m *testing.M) { conformance.Main(m) }

func TestConformance(t *testing.T) { //nolint:paralleltest // the suite begins by measuring memory
	guarded := Config{Token: "t0ken/with+signs=", UserKey: "111"}
	conformance.Suite[*Client]{
		Supplier:   "multitour",
		Operations: operations[:],
		SharedOperations: []string{
			"map.country", "map.resort", "map.city", "map.hotel", "map.category", "map.treatment", "map.pansion",
			"map.highway", "map.beach.type", "map.sea.distance", "map.options", "map.tour.type", "list.price", "hotel.price",
		},
		Calls:          goldenCalls(),
		Lists:          goldenLists(),
		LookUps:        goldenLookUps(),
		InjectionCalls: []conformance.Call[*Client]{conformance.Call1("booking_list", (*Client).LostBookings, OfferBooking{Request: goldenBookRequest()}, nil)},
		New: func(baseURL string, opts ...rutravel.Option) (*Client, error) {
			return New(Config{Token: PublicToken, UserKey: "111", BaseURL: baseURL}, opts...)
		},
		BaseURL:         Production,
		Config:          guarded,
		NewFromConfig:   conformance.FromConfig(New),
		Secrets:         []string{string(guarded.Token)},
		GoldenDir:       "../testdata/multitour",
		IgnoredPaths:    []string{"header.", "request."}, // what was sent
		ReferencedLists: []string{"response.list_price.map.", "response.hotel_price.map."},
		Refusal: func(op, message string) string {
			method, _, _ := strings.Cut(op, "+")
			text, err := json.Marshal(map[string]any{
				"header": map[string]string{"token": "t", "method": method}, "request": nil, "response": nil, "error": []string{message},
			})
			if err != nil {
				panic(err) // strings always have a JSON form
			}
			return string(text)
		},
		DocLine: func(op string) string {
			method, _, _ := strings.Cut(op, "+")
			return "Multitour: POST " + method
		},
	}.Run(t)
}

// The table has every method of the manual's contents, and no other.
func TestMethods(t *testing.T) {
	t.Parallel()
	manual := []string{
		"map.country", "map.resort", "map.city", "map.hotel", "map.category", "map.treatment", "map.pansion", "map.highway",
		"map.beach.type", "map.sea.distance", "map.options", "map.tour.type", "list.price", "hotel.price",
		"booking_set", "booking_list", "booking_info",
	}
	var table []string
	for _, op := range operations {
		method, _, _ := strings.Cut(op.Key, "+")
		table = append(table, method)
	}
	assert.Equal(t, manual, slices.Compact(table))
	// As the package's documentation says.
	slow := map[int]time.Duration{
		opHotel: time.Minute, opListPrice: 90 * time.Second, opHotelPrice: 90 * time.Second,
		opBookingSet: 90 * time.Second, opBookingSetFull: 90 * time.Second, opBookingList: time.Minute,
	}
	for op, o := range operations {
		assert.Equal(t, cmp.Or(slow[op], 30*time.Second), o.Timeout, o.Key)
	}
}

var (
	july28   = conformance.Date(28, 7, 2018)
	august3  = conformance.Date(3, 8, 2018)
	august10 = conformance.Date(10, 8, 2018)
)

// goldenCalls makes the requests of the manual's samples and says what the
// recorded answers mean.
//
// Traps that the golden requests hold:
//
//   - MT-T04: methods as listed
//   - MT-T05, MT-T28: ids as numbers
//   - MT-T06: meal 0, age 0
//   - MT-T07, MT-T46: dates as DD.MM.YYYY
//   - MT-T09: quote as 1
//   - MT-T11: misspelled names
//   - MT-T21, MT-T22, MT-T49: names of filters
//   - MT-T30: a surname is a text
//   - MT-T31: no persons in booking_list
//   - MT-T36: ok
//   - MT-T42: the body is JSON, the slash stays
//   - MT-T45: no telephone
//
// Traps that the golden answers hold:
//
//   - MT-T01: category
//   - MT-T02: tourtype
//   - MT-T03: booking_info
//   - MT-T05: ids of both kinds
//   - MT-T07, MT-T08: three notations of dates
//   - MT-T09, MT-T10: quote and request
//   - MT-T12: x is the latitude
//   - MT-T13: null
//   - MT-T14: no error section
//   - MT-T24, MT-T25: ids that are alike
//   - MT-T26: nights called days
//   - MT-T27: where map is
//   - MT-T32: swapped names
//   - MT-T34: the whole booking
//   - MT-T38: amounts as texts and numbers
//   - MT-T39: an object among lists
//   - MT-T41: a name that ends with a line break
//   - MT-T43: a region is a country
func goldenCalls() []conformance.Call[*Client] {
	type golden = conformance.Call[*Client]
	area := Area{Country: "6228", Resorts: []ResortID{"201", "204"}, Cities: []CityID{"1435", "1133"}}
	first := []HotelID{"4888", "5528", "5555", "5004", "5014"}
	second := []HotelID{"5556", "7578", "8079", "8080", "8075"}
	stay := Stay{Dates: []civil.Date{august3, july28}, Nights: []int{7, 10}, Adults: 2, ChildAges: []int{2, 10}}

	named := func(file string, c golden) golden {
		c.File = file
		return c
	}
	private := func(c golden) golden {
		c.Private = []string{
			"Иванов", "Петр", "Сергеевич", "15.03.1976", "1976-03-15", "1122333444", "333444", "01.06.2020", "+7 123 345 67 89",
			"Иванова", "Татьяна", "Сергеевна", "13.05.1978", "9876555444", "555444", "12.02.2019",
		}
		return c
	}
	booking := goldenBookRequest()
	full := private(conformance.Call1("booking_set+full", (*Client).BookFull, booking, goldenBooked()))
	full.IDs = func(value any) []string { return []string{string(value.(Booking).Code)} }

	return []golden{
		conformance.Call1("map.country", (*Client).Countries, ExcursionTours, []Entry[CountryID]{
			{ID: "6276", Name: "Абхазия Экскурсии"}, {ID: "6282", Name: "Азербайджан Экскурсии"},
		}),
		conformance.Call1("map.resort", (*Client).Resorts, CountryID("6228"), []Resort{
			{ID: "201", Name: "Анапа", Country: "6228"}, {ID: "202", Name: "Геленджик", Country: "6228"},
		}),
		conformance.Call2("map.city", (*Client).Cities, "6228", []ResortID{"201", "204"}, []City{
			{ID: "1446", Name: "Адлер", Country: "6228", Resort: "204"},
			{ID: "1435", Name: "Анапа, Пионерский пр-т", Country: "6228", Resort: "201"},
		}),
		conformance.Call1("map.hotel", (*Client).Hotels, area, []Hotel{betonBrut(new(0)), delMare()}),
		conformance.Call1("map.category", (*Client).Categories, CountryID("6228"), []Feature[CategoryID]{
			{ID: "2", Name: "средний", Hotels: first}, {ID: "1", Name: "экономичный", Hotels: second},
		}),
		conformance.Call1("map.treatment", (*Client).Treatments, CountryID("6228"), []Feature[TreatmentID]{
			{ID: "158", Name: "Нервная система", Hotels: first}, {ID: "164", Name: "Гинекология", Hotels: second},
		}),
		conformance.Call1("map.pansion", (*Client).MealTypes, CountryID("6228"), []Feature[MealTypeID]{
			{ID: "4", Name: "все включено", Hotels: first}, {ID: "0", Name: "без питания", Hotels: second},
		}),
		conformance.Call1("map.highway", (*Client).Highways, CountryID("6243"), []Feature[HighwayID]{
			{ID: "5", Name: "Киевское", Hotels: first}, {ID: "13", Name: "Ярославское", Hotels: second},
		}),
		conformance.Call1("map.beach.type", (*Client).BeachTypes, CountryID("6228"), []Feature[BeachTypeID]{
			{ID: "3", Name: "песчаный", Hotels: first}, {ID: "1", Name: "песчано-галечный", Hotels: second},
		}),
		conformance.Call1("map.sea.distance", (*Client).SeaDistances, CountryID("6228"), []Feature[SeaDistanceID]{
			{ID: "100", Name: "до 100 м", Hotels: first}, {ID: "1000", Name: "больше 700 м", Hotels: second},
		}),
		conformance.Call1("map.options", (*Client).Amenities, area, []Feature[AmenityID]{
			{ID: "180", Name: "Анимация", Hotels: second}, {ID: "3", Name: "Бассейн", Hotels: second},
		}),
		conformance.Call1("map.tour.type", (*Client).TourTypes, area, []Entry[TourTypeID]{
			{ID: "17", Name: "Отдых"}, {ID: "19", Name: "Автобусные туры из Москвы"}, {ID: "28", Name: "Праздничные туры"},
			{ID: "32", Name: "Лечение"}, {ID: "34", Name: "Спецпредложение"},
		}),
		conformance.Call1("list.price", (*Client).HotelPrices, HotelQuery{
			Area: Area{Country: "6228", Resorts: []ResortID{"201"}, Cities: []CityID{"1435", "1436", "1549"}},
			Stay: stay, BeachTypes: []BeachTypeID{"3"}, SeaDistances: []SeaDistanceID{"100"}, MealTypes: []MealTypeID{"0", "2"},
		}, []HotelPrices{goldenHotelPrices()}),
		named("list.price+filters", conformance.Call1("list.price", (*Client).HotelPrices, HotelQuery{
			Area:   Area{Country: "6228", Resorts: []ResortID{"201", "204"}, Cities: []CityID{"1435", "1446"}},
			Hotels: []HotelID{"9044", "8562"},
			Stay:   Stay{Dates: []civil.Date{august3, july28, august10}, Nights: []int{7, 10, 14}, Adults: 2, ChildAges: []int{0, 5}},

			Highways: []HighwayID{"5", "13"}, Categories: []CategoryID{"2", "1"}, BeachTypes: []BeachTypeID{"3", "1"},
			SeaDistances: []SeaDistanceID{"100", "1000"}, Treatments: []TreatmentID{"158", "164"}, MealTypes: []MealTypeID{"4", "0"},
			Amenities: []AmenityID{"180", "3"}, TourTypes: []TourTypeID{"17", "32"},
			PriceMin: 20000, PriceMax: 60000, OnlyGuaranteed: true,
		}, goldenFiltered())),
		conformance.Call1("hotel.price", (*Client).Offers, OfferQuery{Hotel: "4952", Stay: stay}, []Offer{
			goldenOffer("1233161591", july28), goldenOffer("1233165179", august3),
		}),
		private(conformance.Call1("booking_set", (*Client).Book, booking, BookingCode("X1800001"))),
		full,
		conformance.Call1("booking_list", (*Client).BookingsPage, BookingQuery{Status: StatusOK}, BookingPage{
			Bookings: []BookingSummary{
				{
					Code: "X1800001", Created: conformance.Date(28, 6, 2018), Tour: "1123", TourDate: conformance.Date(12, 7, 2018), TourName: "Золотой колос",
					TouristCount: new(2), MainTourist: "Иванов Петр Сергеевич", Price: conformance.NullDec("54618"), Paid: conformance.NullDec("25787"), Days: new(7),
					StatusID: "1", StatusName: "OK",
				},
				{
					Code: "X1800017", Created: conformance.Date(2, 7, 2018), Tour: "2045", TourDate: august3, TourName: "Антарес",
					TouristCount: new(3), MainTourist: "Иванова Татьяна Сергеевна", Price: conformance.NullDec("30520.40"), Paid: conformance.NullDec("15260.90"), Days: new(10),
					StatusID: "4", StatusName: "Не оплачено",
				},
			},
			BookingCount: new(99), TouristCount: new(215), TotalPrice: conformance.NullDec("5465164"), TotalPaid: conformance.NullDec("5316787"),
		}),
		named("booking_list+filters", conformance.Call1("booking_list", (*Client).BookingsPage, BookingQuery{
			Code: "X1800032", Year: 2018, CreatedFrom: conformance.Date(1, 6, 2018), CreatedTo: conformance.Date(30, 6, 2018),
			TourFrom: conformance.Date(10, 7, 2018), TourTo: conformance.Date(20, 7, 2018), TourDate: conformance.Date(12, 7, 2018),
			TourName: "Золотой колос", TouristName: "Иванов", Status: StatusNotPaid, PageSize: 30, Page: 2,
		}, BookingPage{
			Bookings: []BookingSummary{{
				Code: "X1800032", Created: conformance.Date(29, 6, 2018), Tour: "1124", TourDate: conformance.Date(12, 7, 2018), TourName: "Золотой колос",
				TouristCount: new(3), MainTourist: "Иванов Петр Сергеевич", Price: conformance.NullDec("61240.40"), Paid: conformance.NullDec("0"), Days: new(8),
				StatusID: "4", StatusName: "Не оплачено",
			}},
			BookingCount: new(31), TouristCount: new(64), TotalPrice: conformance.NullDec("1698420.4"), TotalPaid: conformance.NullDec("12500.75"),
		})),
		conformance.Call1("booking_info", (*Client).BookingInfo, BookingCode("X1800001"), goldenBooking()),
	}
}

func betonBrut(minAge *int) Hotel {
	return Hotel{
		ID: "9044", Name: "Beton Brut (Бетон Брют)**** Отель", Country: "6228", Resort: "201", City: "1435", MinAge: minAge,
		Image:    "https://www.multitour.ru/files/imgs/hotel_9044_93602_territory31024x512.jpg",
		Latitude: conformance.NullDec("44.97709274291992"), Longitude: conformance.NullDec("37.27494812011719"),
	}
}

func delMare() Hotel {
	return Hotel{
		ID: "8562", Name: "Del Mare Отель", Country: "6228", Resort: "201", City: "1435",
		Image:    "https://www.multitour.ru/files/imgs/hotel_8562_86883_IMG_1199.jpg",
		Latitude: conformance.NullDec("44.954524993896484"), Longitude: conformance.NullDec("37.29935836791992"),
	}
}

func goldenHotelPrices() HotelPrices {
	h := HotelPrices{
		Hotel: Hotel{
			ID: "6596", Name: "Антарес  Гостиница", Country: "6228", Resort: "201", City: "1435", MinAge: new(0),
			Image:    "https://multitour.ru/files/imgs/hotel_6596_29165_IMG_8705.jpg",
			Latitude: conformance.NullDec("44.975101470947266"), Longitude: conformance.NullDec("37.26350021362305"),
		},
		CountryName: "Россия Краснодарский край", ResortName: "Анапа", CityName: "Анапа, Пионерский пр-т",
		Type:      Entry[HotelTypeID]{"90", "гостиница"},
		MealTypes: []Entry[MealTypeID]{{"0", "без питания"}},
		Cheapest: CheapestStay{
			Price: conformance.Dec("22890"), CheckIn: july28, Nights: 7,
			Accommodation: Entry[AccommodationID]{"972", "3 взр+1 реб (0-3) без места и пит."},
			TourType:      Entry[TourTypeID]{"17", "Отдых"},
			MealType:      Entry[MealTypeID]{"0", "без питания"},
		},
		HasGuaranteed: true,
	}
	for _, day := range []civil.Date{july28, august3} {
		h.Prices = append(h.Prices,
			StayPrice{CheckIn: day, Nights: 7, GuaranteedPrice: conformance.NullDec("22890"), OnRequestPrice: conformance.NullDec("30520")},
			StayPrice{CheckIn: day, Nights: 10, GuaranteedPrice: conformance.NullDec("32700"), OnRequestPrice: conformance.NullDec("43600")})
	}
	return h
}

func goldenFiltered() []HotelPrices {
	none, all := Entry[MealTypeID]{"0", "без питания"}, Entry[MealTypeID]{"4", "все включено"}
	return []HotelPrices{
		{
			Hotel: betonBrut(new(2)), CountryName: "Россия Краснодарский край", ResortName: "Анапа", CityName: "Анапа, Пионерский пр-т",
			Type: Entry[HotelTypeID]{"91", "отель"}, MealTypes: []Entry[MealTypeID]{all, none},
			Cheapest: CheapestStay{
				Price: conformance.Dec("31150.50"), CheckIn: august3, Nights: 7,
				Accommodation: Entry[AccommodationID]{"1089", "2 взр+2 доп (0-99)"},
				TourType:      Entry[TourTypeID]{"17", "Отдых"}, MealType: all,
			},
			HasGuaranteed: true,
			Prices: []StayPrice{
				{CheckIn: august3, Nights: 7, GuaranteedPrice: conformance.NullDec("31150.50"), OnRequestPrice: conformance.NullDec("33480")},
				{CheckIn: august3, Nights: 10, GuaranteedPrice: conformance.NullDec("44500.75"), OnRequestPrice: conformance.NullDec("47825.50")},
				{CheckIn: august10, Nights: 7, GuaranteedPrice: conformance.NullDec("32900"), OnRequestPrice: conformance.NullDec("35210.40")},
				{CheckIn: august10, Nights: 14, GuaranteedPrice: conformance.NullDec("57300"), OnRequestPrice: conformance.NullDec("59990")},
			},
		},
		{
			Hotel: delMare(), CountryName: "Россия Краснодарский край", ResortName: "Анапа", CityName: "Анапа, Пионерский пр-т",
			Type: Entry[HotelTypeID]{"90", "гостиница"}, MealTypes: []Entry[MealTypeID]{none},
			Cheapest: CheapestStay{
				Price: conformance.Dec("26340"), CheckIn: july28, Nights: 10,
				Accommodation: Entry[AccommodationID]{"1324", "2 взр+1 доп (0-99)+1 реб (0-3) без места и пит."},
				TourType:      Entry[TourTypeID]{"32", "Лечение"}, MealType: none,
			},
			HasGuaranteed: true,
			Prices:        []StayPrice{{CheckIn: july28, Nights: 10, GuaranteedPrice: conformance.NullDec("26340"), OnRequestPrice: conformance.NullDec("28150.20")}},
		},
	}
}

func goldenOffer(id OfferID, day civil.Date) Offer {
	return Offer{
		ID: id, Hotel: "4952", CheckIn: day, Nights: 7, Price: conformance.Dec("59520"),
		TourType:      Entry[TourTypeID]{"32", "Лечение"},
		Tariff:        Entry[TariffID]{"111479", "С лечением питание «заказное меню» 23.02-25.02/08.03-11.03/01.05-02.05/09.05/01.06-31.08"},
		Room:          Entry[RoomID]{"548", "4-х местный"},
		RoomCategory:  Entry[RoomCategoryID]{"1020", "эконом"},
		MealPlan:      Entry[MealPlanID]{"52", "4-х разовое питание"},
		MealType:      Entry[MealTypeID]{"3", "3-х разовое и более"},
		Accommodation: Entry[AccommodationID]{"648", "4 взр"},
	}
}

func goldenBookRequest() BookRequest {
	return BookRequest{
		Offer: "1438172603", BookingDate: conformance.Date(28, 6, 2018),
		Tourists: []Tourist{
			{
				Sex: Male, Surname: "Иванов", FirstName: "Петр", MiddleName: "Сергеевич", BirthDate: conformance.Date(15, 3, 1976),
				PassportSeries: "1122", PassportNumber: "333444", PassportExpiry: conformance.Date(1, 6, 2020),
				Citizenship: "Россия", Phone: "+7 123 345 67 89",
			},
			{
				Sex: Female, Surname: "Иванова", FirstName: "Татьяна", MiddleName: "Сергеевна", BirthDate: conformance.Date(13, 5, 1978),
				PassportSeries: "9876", PassportNumber: "555444", PassportExpiry: conformance.Date(12, 2, 2019), Citizenship: "Россия",
			},
		},
	}
}

func bookedTourists(first, second TouristID) []BookedTourist {
	return []BookedTourist{
		{
			ID: first, Surname: "Иванов", FirstName: "Петр", MiddleName: "Сергеевич", Sex: "1", BirthDate: conformance.Date(15, 3, 1976),
			PassportSeries: "1122", PassportNumber: "333444", PassportExpiry: conformance.Date(1, 6, 2020), Phone: "+7 123 345 67 89", Citizenship: "Россия",
		},
		{
			ID: second, Surname: "Иванова", FirstName: "Татьяна", MiddleName: "Сергеевна", Sex: "2", BirthDate: conformance.Date(13, 5, 1978),
			PassportSeries: "9876", PassportNumber: "555444", PassportExpiry: conformance.Date(12, 2, 2019), Citizenship: "Россия",
		},
	}
}

func goldenBooking() Booking {
	return Booking{
		Code: "X1800001", TourDate: conformance.Date(12, 7, 2018), Days: new(7), Nights: new(6), Price: conformance.NullDec("54618"), Paid: conformance.NullDec("25787.50"),
		Accommodations: []Accommodation{{
			ID: "60211", Name: "Проживание в отеле", Hotel: "4952", HotelName: "Золотой колос Санаторий",
			CheckIn: conformance.Date(12, 7, 2018), CheckOut: conformance.Date(18, 7, 2018), Room: "1302", RoomName: "2-х местный, семейный, 2 взр",
			MealsID: "52", MealsName: "4-х разовое питание",
		}},
		Transfers: []Transfer{
			{ID: "70311", Route: "Аэропорт Витязево - Анапа, Пионерский пр-т", Type: "групповой", Place: "зал прилета, у справочного бюро", Phone: "+7 (000) 000-00-01"},
			{ID: "70312", Route: "Анапа, Пионерский пр-т - аэропорт Витязево", Type: "индивидуальный", Place: "у главного входа отеля", Phone: "+7 (000) 000-00-02"},
		},
		Insurances: []Insurance{
			{ID: "80411", Type: "от несчастного случая", Name: "Страхование туриста от несчастного случая, 100000 руб.", Days: new(7)},
			{ID: "80412", Type: "от невыезда", Name: "Страхование на случай отмены поездки, 50000 руб.", Days: new(14)},
		},
		Tickets: []Ticket{
			{ID: "90511", Name: "Авиабилет Москва - Анапа, туда", Flight: "XX 1101", Route: "Москва - Анапа", Class: "эконом", Date: conformance.Date(12, 7, 2018), Departure: "08:15", Arrival: "10:40", Airport: "Внуково"},
			{ID: "90512", Name: "Авиабилет Анапа - Москва, обратно", Flight: "XX 1102", Route: "Анапа - Москва", Class: "бизнес", Date: conformance.Date(18, 7, 2018), Departure: "22:50", Arrival: "01:05", Airport: "Витязево"},
		},
		Tourists: bookedTourists("50611", "50612"),
	}
}

func goldenBooked() Booking {
	return Booking{
		Code: "X1800002", TourDate: july28, Days: new(8), Nights: new(7), Price: conformance.NullDec("30520.40"), Paid: conformance.NullDec("3052"),
		Accommodations: []Accommodation{{
			ID: "60213", Name: "Размещение в гостинице", Hotel: "6596", HotelName: "Антарес  Гостиница",
			CheckIn: july28, CheckOut: conformance.Date(4, 8, 2018), Room: "1415", RoomName: "2-х местный, эконом, 2 взр",
			MealsID: "38", MealsName: "Без питания",
		}},
		Transfers: []Transfer{
			{ID: "70313", Route: "Вокзал Анапы - гостиница", Type: "автобус", Place: "платформа 1, у первого вагона", Phone: "+7 (000) 000-00-03"},
			{ID: "70314", Route: "Гостиница - вокзал Анапы", Type: "микроавтобус", Place: "холл гостиницы", Phone: "+7 (000) 000-00-04"},
		},
		Insurances: []Insurance{
			{ID: "80413", Type: "медицинская", Name: "Медицинские расходы, 200000 руб.", Days: new(8)},
			{ID: "80414", Type: "багаж", Name: "Страхование багажа, 30000 руб.", Days: new(9)},
		},
		Tickets: []Ticket{
			{ID: "90513", Name: "Авиабилет туда, без багажа", Flight: "XX 2203", Route: "Санкт-Петербург - Анапа", Class: "комфорт", Date: conformance.Date(27, 7, 2018), Departure: "23:35", Arrival: "02:50", Airport: "Пулково"},
			{ID: "90514", Name: "Авиабилет обратно, с багажом", Flight: "XX 2204", Route: "Анапа - Санкт-Петербург", Class: "эконом", Date: conformance.Date(4, 8, 2018), Departure: "06:05", Arrival: "09:20", Airport: "Витязево"},
		},
		Tourists: bookedTourists("50613", "50614"),
	}
}
