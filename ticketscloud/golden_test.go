package ticketscloud

import (
	"time"

	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

// The values of the golden answers.

var (
	raspNew   = Partner{ID: "5b02d6e9517565000d9cb1ce", Name: "Rasp new"}
	myBestOrg = Partner{ID: "5b04229196c055000d87c2b5", Name: "My best org"}
	testVK    = Partner{ID: "5ba10ea90c43fc000b0fc786", Name: "Тест VK Pay"}
	bigOrg    = Partner{ID: "5b0286ce517565000d9cb1ca", Name: "Big Evening"}
	funkyBox  = Partner{ID: "5b2d06ac5c3eb3000c475e36", Name: "Funky Box"}
	newbie    = Partner{ID: "5bb333389049ea000d2ba9c7", Name: "Newbie"}

	fanZone = Set{ID: "5d7135112110d30a34e97e2d", Name: "Фан зона", Price: conformance.Dec("5600.00")}
	a2      = Set{ID: "5d71353b2110d30a34e97e31", Name: "A2", Price: conformance.Dec("990.00"), WithSeats: true}

	mixedAmounts = amounts("6590.00", "0.00", "6590.00", "659.00", "7249.00")
)

// goldenSample is the event of the manual's first samples.
func goldenSample() Event {
	return Event{
		ID: sampleEvent, Status: EventPublic, Title: "1234567890", Description: "1",
		Start: utc(2019, 8, 15, 21, 20, 0), Finish: utc(2019, 8, 28, 21, 50, 0), Timezone: "Europe/Moscow", Org: myBestOrg,
	}
}

func goldenMetal() Event {
	return Event{
		ID: "5dd5468f05fe4df8940eb602", Status: EventPublic, Title: "MetalGrid", Description: "Metal music for all",
		Start: utc(2020, 1, 1, 17, 0, 0), Finish: utc(2020, 1, 1, 20, 0, 0), Timezone: "Europe/Moscow",
		Org: funkyBox, Venue: Venue{ID: "583d9307515e350019da3ef6"},
	}
}

func goldenEvening() Event {
	return Event{
		ID: "5b23b53b9c9b19000c6c4180", Status: EventPublic, Title: "Большой вечер", Description: "Осенняя программа",
		Start: utc(2018, 11, 16, 16, 0, 0), Finish: utc(2018, 11, 16, 20, 30, 0), Timezone: "Europe/Samara", AgeRating: 18,
		Org: bigOrg, Venue: Venue{ID: "5b23b5019c9b19000c6c4101"},
	}
}

func goldenKorn() Event {
	return Event{
		ID: "5c13b5b1867efb000be1ebd7", Status: EventPublic, Title: "KoЯn", Description: "ауц",
		Start: utc(2019, 8, 31, 15, 0, 0), Finish: utc(2019, 8, 31, 16, 0, 0), Timezone: "Europe/Moscow", Org: testVK,
	}
}

func sampleSets() []SetPrices {
	return []SetPrices{
		setPrices("5d31fbfa27649b0dff07611b", "150.00", "0.00", "150.00"),
		setPrices("5d31fbfa8a75c12c9d64de13", "1050.00", "0.00", "1050.00"),
	}
}

func goldenCreated() Order {
	event := goldenSample()
	event.AgeRating = 16
	event.Venue = Venue{
		ID: "552322649cb5384154e028b2", Name: "MILO Concert Hall", Address: "ул. Родионова, 4",
		Description: "MILO Concert Hall - новая большая профессиональная площадка в Нижнем Новгороде",
		City: City{
			ID: "520555", Timezone: "Europe/Moscow",
			Name: Names{"default": "Nizhniy Novgorod", "en": "Nizhny Novgorod", "ru": "Нижний Новгород"},
		},
		Country: Country{ID: "RU", Name: Names{"default": "Russia", "en": "Russia", "ru": "Россия"}},
	}
	return Order{
		ID: emptyOrder, Number: 54877, Status: OrderHeld, Origin: OriginAPI,
		CreatedAt: utc(2019, 7, 25, 14, 41, 11), ExpiredAfter: utc(2019, 7, 25, 14, 56, 11),
		Event: event, Org: myBestOrg, Vendor: raspNew,
		Totals: Totals{Amounts: amounts("0.00", "0.00", "0.00", "0.00", "0.00"), Sets: sampleSets()},
	}
}

// ordinary is the ticket of a category without seats.
func ordinary(barcode string) Ticket {
	return Ticket{
		ID: "5d31fbfb306fdcc187b91179", Serial: "OOX", Number: 157495, Barcode: barcode, Status: TicketReserved,
		Set:     Set{ID: "5d31fbfa27649b0dff07611b", Name: "обычные", Price: conformance.Dec("150.00")},
		Amounts: amounts("150.00", "0.00", "150.00", "6.00", "156.00"),
	}
}

// goldenHeld is the order with one ticket of a category.
func goldenHeld() Order {
	o := goldenCreated()
	o.Event = goldenSample()
	o.Tickets = []Ticket{ordinary("")}
	o.Totals.Amounts = amounts("150.00", "0.00", "150.00", "6.00", "156.00")
	return o
}

func goldenDone() Order {
	promocode := Promocode{ID: "5b0eab2d1b2042000db2438f", Code: "100", Discount: Discount{Percent: conformance.NullDec("0")}}
	o := goldenHeld()
	o.ID, o.Number, o.Code, o.Status = doneOrder, 54881, "97elgi8j", OrderDone
	o.CreatedAt, o.DoneAt, o.ExpiredAfter = utc(2019, 7, 25, 14, 56, 16), utc(2019, 7, 25, 14, 57, 47), utc(2019, 7, 25, 15, 11, 16)
	o.Promocodes = []Promocode{promocode}
	for i := range o.Totals.Sets {
		o.Totals.Sets[i].Promocode = promocode
	}
	return o
}

func seatlessTicket(barcode string) Ticket {
	return Ticket{
		ID: seatless, Serial: "PYX", Number: 168475, Barcode: barcode, Status: TicketReserved, Set: fanZone,
		Amounts: amounts("5600.00", "0.00", "5600.00", "560.00", "6160.00"),
	}
}

func seatedTicket(barcode string) Ticket {
	return Ticket{
		ID: seated, Serial: "EOY", Number: 135830, Barcode: barcode, Status: TicketReserved, Set: a2,
		Seat:    &Seat{Row: "2", Number: "14", Sector: "5a8dd58e6e55b2064c67c144"},
		Amounts: amounts("990.00", "0.00", "990.00", "99.00", "1089.00"),
	}
}

// goldenMixed is the order of the manual's walkthrough.
func goldenMixed(status OrderStatus, total Amounts, tickets ...Ticket) Order {
	return Order{
		ID: mixedOrder, Number: 59743, Status: status, Origin: OriginAPI,
		CreatedAt: utc(2019, 9, 25, 16, 14, 1), ExpiredAfter: utc(2019, 9, 25, 16, 29, 1),
		Event: Event{
			ID: "5d7134962110d30a34e95b96", Status: EventPublic, Title: "Slipknot", Description: "ref",
			Start: utc(2020, 6, 12, 15, 0, 0), Finish: utc(2020, 6, 12, 18, 0, 0), Timezone: "Europe/Moscow", Org: testVK,
		},
		Org: testVK, Vendor: testVK, Tickets: tickets,
		Totals: Totals{Amounts: total, Sets: []SetPrices{
			setPrices("5d713505255895db3c30b0c5", "6666.00", "0.00", "6666.00"),
			setPrices(fanZone.ID, "5600.00", "0.00", "5600.00"),
			setPrices(a2.ID, "990.00", "0.00", "990.00"),
		}},
	}
}

func goldenChanged() Order {
	loge := Set{ID: "5b0e8aee9adc660001b0ab21", Name: "Ложа", Price: conformance.Dec("1200.00"), WithSeats: true}
	entry := Set{ID: "5b0e8af89adc660001b0ab6a", Name: "Входной", Price: conformance.Dec("355.00")}
	return Order{
		ID: "5b0eab671b2042000ea83850", Number: 31207, Status: OrderHeld, Origin: OriginAPI,
		CreatedAt: utc(2018, 5, 30, 13, 47, 19), ExpiredAfter: utc(2018, 5, 30, 14, 2, 19),
		Event: Event{
			ID: "5b0e8ae89adc660001b0ab1f", Status: EventPublic, Title: "Летний концерт", Description: "Вечер камерной музыки",
			Start: utc(2018, 7, 14, 16, 0, 0), Finish: utc(2018, 7, 14, 19, 30, 0), Timezone: "Asia/Yekaterinburg", AgeRating: 12,
			Org: myBestOrg,
			Venue: Venue{
				ID: "5b0e8ac19adc660001b0aaf1", Name: "Зелёный театр", Address: "ул. Летняя, 9", Description: "Летняя сцена",
				City: City{
					ID: "1486209", Timezone: "Asia/Yekaterinburg",
					Name: Names{"default": "Yekaterinburg", "en": "Ekaterinburg", "ru": "Екатеринбург"},
				},
				Country: Country{ID: "RU", Name: Names{"default": "Russia", "en": "Russian Federation", "ru": "Россия"}},
			},
		},
		Org: myBestOrg, Vendor: raspNew, Settings: Settings{SendTickets: true},
		Tickets: []Ticket{
			{
				ID: "5b0e8af09adc660001b0ab25", Serial: "QWE", Number: 40117, Status: TicketReserved, Set: loge,
				Seat:    &Seat{Row: "А", Number: "7", Sector: "5b0e8ad49adc660001b0ab11"},
				Amounts: amounts("1200.00", "120.00", "1080.00", "43.20", "1123.20"),
			},
			{
				ID: "5b0e8afa9adc660001b0ab6c", Serial: "RTY", Number: 40188, Status: TicketReserved, Set: entry,
				Amounts: amounts("355.00", "35.50", "319.50", "12.78", "332.28"),
			},
		},
		Totals: Totals{Amounts: amounts("1555.00", "155.50", "1399.50", "55.98", "1455.48"), Sets: []SetPrices{
			setPrices(loge.ID, "1200.00", "120.00", "1080.00"), setPrices(entry.ID, "355.00", "35.50", "319.50"),
		}},
	}
}

// goldenNamed is the order that the samples of settings change.
func goldenNamed() Order {
	stalls := Set{ID: "5d6648306b23e8a5f90ef047", Name: "Партер", Price: conformance.Dec("1000.00")}
	balcony := Set{ID: "5d664830e4c685ae48bd2d3d", Name: "Балкон", Price: conformance.Dec("500.00"), WithSeats: true}
	return Order{
		ID: namedOrder, Number: 41564, Status: OrderHeld, Origin: OriginAPI,
		CreatedAt: utc(2018, 9, 27, 15, 25, 2), ExpiredAfter: utc(2018, 11, 16, 0, 0, 0),
		Event: goldenEvening(), Org: bigOrg, Vendor: bigOrg,
		Tickets: []Ticket{
			{
				ID: "5d664830b8a2cb5ce0576457", Serial: "BKC", Number: 142278, Status: TicketReserved, Set: stalls,
				Amounts: amounts("1000.00", "50.00", "950.00", "48.69", "998.69"),
			},
			{
				ID: "5d664830b8a2cb5ce0576459", Serial: "BKD", Number: 142280, Status: TicketReserved, Set: balcony,
				Seat:    &Seat{Row: "5", Number: "21", Sector: "5d66481d6b23e8a5f90ef031"},
				Amounts: amounts("500.00", "25.00", "475.00", "24.34", "499.34"),
			},
		},
		Totals: Totals{Amounts: amounts("1500.00", "75.00", "1425.00", "73.03", "1498.03"), Sets: []SetPrices{
			setPrices(stalls.ID, "1000.00", "50.00", "950.00"), setPrices(balcony.ID, "500.00", "25.00", "475.00"),
		}},
	}
}

// goldenDiscounted is the same order with a promocode.
func goldenDiscounted() Order {
	promocode := Promocode{ID: "5d664d392a4191909a568b40", Code: "promo100", Discount: Discount{Amount: conformance.NullDec("100.00")}}
	o := goldenNamed()
	o.Promocodes = []Promocode{promocode}
	o.Tickets = o.Tickets[:1]
	o.Tickets[0].Amounts = amounts("1000.00", "100.00", "900.00", "46.12", "946.12")
	o.Totals = Totals{Amounts: amounts("1000.00", "100.00", "900.00", "46.12", "946.12"), Sets: []SetPrices{
		setPrices("5d6648306b23e8a5f90ef047", "1000.00", "100.00", "900.00"),
		setPrices("5d664830e4c685ae48bd2d3d", "500.00", "100.00", "400.00"),
	}}
	for i := range o.Totals.Sets {
		o.Totals.Sets[i].Promocode = promocode
	}
	o.VendorData = VendorData{OrderID: "5bacf64ea0eb2f000c45160a", Raw: []VendorField{
		{Name: "enable_call_to_customer", Value: "true"}, {Name: "call_counter", Value: "3"},
	}}
	return o
}

func soldTicketOf(barcode string) Ticket {
	return Ticket{
		ID: soldTicket, Serial: "APP", Number: 324762, Barcode: barcode, Status: TicketReserved,
		Set: Set{ID: "5dd5469b05fe4df8940eb606"}, Amounts: amounts("1000.00", "0.00", "1000.00", "0.00", "1000.00"),
	}
}

// goldenSold is the order of the manual's refund.
func goldenSold() Order {
	return Order{
		ID: soldOrder, Number: 121, Code: "k0xvxvel", Status: OrderDone, Origin: OriginAPI,
		CreatedAt: utc(2019, 12, 10, 11, 6, 43), DoneAt: utc(2019, 12, 10, 11, 11, 54), ExpiredAfter: utc(2019, 12, 10, 11, 21, 43),
		Event: goldenMetal(), Org: funkyBox, Vendor: funkyBox, Tickets: []Ticket{soldTicketOf("61534165115017991")},
		Totals: Totals{
			Amounts: amounts("1000.00", "0.00", "1000.00", "0.00", "1000.00"),
			Sets:    []SetPrices{setPrices("5dd5469b05fe4df8940eb606", "1000.00", "0.00", "1000.00")},
		},
	}
}

// goldenLists are the lists of orders and refund requests.
func goldenLists() []golden {
	customer := Customer{Name: "Ivan Ivanov", Email: "hello@world.ru", Phone: "+79991234576", Lang: LanguageRussian}
	done := goldenDone()
	done.Promocodes, done.Totals.Sets = nil, sampleSets()
	done.Tickets = []Ticket{ordinary("17174251182011730")}
	done.Tickets[0].Set = Set{ID: "5d31fbfa27649b0dff07611b"}
	promocode := Promocode{ID: "5d664d392a4191909a568b40"}
	cancelled := Order{
		ID: "5d5bbda7a0eb2f000c451777", Number: 57310, Status: OrderCancelled, Origin: OriginWidget,
		CreatedAt: utc(2019, 8, 20, 9, 30, 15), ExpiredAfter: utc(2019, 8, 20, 9, 45, 15),
		Event: goldenKorn(), Org: testVK, Vendor: newbie,
		Settings:   Settings{Customer: customer, SendTickets: true, SubscribeAgree: true},
		Promocodes: []Promocode{promocode},
		Tickets: []Ticket{{
			ID: "5c13b5c2867efb000be1ec01", Serial: "KRN", Number: 88231, Status: TicketVacant,
			Set:     Set{ID: "5c13b5be867efb000be1ebf0"},
			Seat:    &Seat{Row: "4", Number: "12", Sector: "5c13b5b9867efb000be1ebe3"},
			Amounts: amounts("2000.00", "200.00", "1800.00", "72.00", "1872.00"),
		}},
		Totals: Totals{
			Amounts: amounts("2000.00", "200.00", "1800.00", "72.00", "1872.00"),
			Sets:    []SetPrices{{Set: "5c13b5be867efb000be1ebf0", Price: conformance.Dec("2000.00"), Discount: conformance.Dec("200.00"), Nominal: conformance.Dec("1800.00"), Promocode: promocode}},
		},
		VendorData: VendorData{OrderID: "A-1024"},
	}
	cancelled.Settings.Customer.Lang = LanguageEnglish

	sold := goldenNamed()
	sold.Code, sold.Status, sold.DoneAt = "b7k2m9xq", OrderDone, utc(2018, 9, 27, 15, 31, 44)
	sold.Settings = Settings{Customer: customer, SendTickets: true}
	sold.Tickets[0].Barcode, sold.Tickets[1].Barcode = "51740282653119046", "08830174426501935"
	for i := range sold.Tickets {
		sold.Tickets[i].Set = Set{ID: sold.Tickets[i].Set.ID}
	}

	first, second := goldenRefunds()
	period := Period{From: utc(2018, 1, 1, 0, 0, 0), To: utc(2019, 7, 1, 0, 0, 0)}
	events := []EventID{"5b23b53b9c9b19000c6c4180", "5c13b5b1867efb000be1ebd7"}
	return []golden{
		conformance.Call1("orders.list", (*Client).OrdersPage, OrderQuery{
			Status:    []OrderStatus{OrderDone, OrderCancelled},
			CreatedAt: Period{From: utc(2000, 7, 28, 13, 0, 0), To: utc(2020, 7, 28, 13, 0, 0)},
		}, OrderPage{Orders: []Order{done, cancelled}, Pagination: Pagination{Page: 1, PageSize: 50, Total: 1}}),
		with("orders.list+filters", conformance.Call1("orders.list", (*Client).OrdersPage, OrderQuery{
			Status: []OrderStatus{OrderHeld, OrderDone}, CreatedAt: period, Events: events, OnlyWithCustomer: true,
			Page: 2, PageSize: 3,
		}, OrderPage{Orders: []Order{sold}, Pagination: Pagination{Page: 2, PageSize: 3, Total: 4}})),
		conformance.Call1("refunds.list", (*Client).RefundsPage, RefundQuery{CreatedAt: period, Events: events[:1]},
			RefundPage{Refunds: []Refund{first, second}, Pagination: Pagination{Page: 1, PageSize: 50, Total: 1}}),
		with("refunds.list+filters", conformance.Call1("refunds.list", (*Client).RefundsPage, RefundQuery{
			CreatedAt: period, FinishedAt: Period{From: utc(2018, 2, 1, 0, 0, 0), To: utc(2019, 8, 1, 0, 0, 0)}, Events: events,
			Status: []RefundStatus{RefundApproved, RefundRejected}, Page: 2, PageSize: 4,
		}, RefundPage{Refunds: []Refund{second}, Pagination: Pagination{Page: 2, PageSize: 4, Total: 5}})),
	}
}

func goldenRefunds() (first, second Refund) {
	ticket := func(id TicketID, number int, seat *Seat, a Amounts) Ticket {
		return Ticket{ID: id, Serial: "LPA", Number: number, Status: TicketReserved, Set: Set{ID: "5b5720a186e704000b4240f1"}, Seat: seat, Amounts: a}
	}
	sector := SectorID("5b57209086e704000b4240e0")
	one := ticket("5b5720b086e704000b424101", 70201, &Seat{Row: "1", Number: "3", Sector: sector}, amounts("7000.00", "500.00", "6500.00", "260.00", "6760.00"))
	two := ticket("5b5720b086e704000b424102", 70202, &Seat{Row: "1", Number: "4", Sector: sector}, amounts("7500.00", "500.00", "7000.00", "280.00", "7280.00"))
	three := ticket("5c7cce0186e704000b424a11", 70915, nil, amounts("2600.00", "200.00", "2400.00", "96.00", "2496.00"))
	three.Serial, three.Set.ID = "LPB", "5c7cc0a186e704000b4240f2"
	with := func(t Ticket, barcode string) Ticket {
		t.Barcode = barcode
		return t
	}
	order := func(id OrderID, number int, code string, created, done, expired time.Time, vendor Partner, total Amounts, set SetPrices, tickets ...Ticket) Order {
		return Order{
			ID: id, Number: number, Code: code, Status: OrderDone, Origin: OriginAPI,
			CreatedAt: created, DoneAt: done, ExpiredAfter: expired, Event: goldenEvening(), Org: bigOrg, Vendor: vendor,
			Settings: Settings{SendTickets: true}, Tickets: tickets, Totals: Totals{Amounts: total, Sets: []SetPrices{set}},
		}
	}
	first = Refund{
		ID: "5b5728e886e7040069eb7f86", Status: RefundApproved, Culprit: CulpritUser, Policy: PolicyGeneral,
		CreatedAt: utc(2018, 7, 24, 13, 26, 0), FinishedAt: utc(2018, 7, 24, 13, 26, 14),
		Amount: conformance.Dec("13500.00"), Delta: conformance.NullDec("13500.00"), Event: goldenEvening(), Org: bigOrg, Vendor: bigOrg,
		Order: order("5b57281886e704000b424741", 38104, "q3w8zt1c",
			utc(2018, 7, 24, 13, 22, 32), utc(2018, 7, 24, 13, 24, 50), utc(2018, 7, 24, 13, 37, 32), bigOrg,
			amounts("14500.00", "1000.00", "13500.00", "540.00", "14040.00"),
			setPrices("5b5720a186e704000b4240f1", "7500.00", "500.00", "7000.00"),
			with(one, "30518846620174459"), with(two, "30518846620174460")),
		Tickets: []Ticket{one, two},
	}
	second = Refund{
		ID: "5c7e2ea686e7040069eb8001", Status: RefundRejected, Culprit: CulpritOrg, Policy: PolicyLaw193,
		CreatedAt: utc(2019, 3, 5, 8, 9, 10), RequestedAt: utc(2019, 3, 4, 21, 0, 0), FinishedAt: utc(2019, 3, 6, 10, 11, 12),
		Amount: conformance.Dec("2400.00"), Delta: conformance.NullDec("2400.00"), CustomerMoney: conformance.NullDec("2496.00"),
		Event: goldenEvening(), Org: bigOrg, Vendor: raspNew,
		Order: order("5c7cced986e704000b424b02", 49950, "m5n4v7ye",
			utc(2019, 3, 4, 7, 8, 9), utc(2019, 3, 4, 7, 12, 13), utc(2019, 3, 4, 7, 23, 9), raspNew,
			amounts("2600.00", "200.00", "2400.00", "96.00", "2496.00"),
			setPrices("5c7cc0a186e704000b4240f2", "2600.00", "200.00", "2400.00"),
			with(three, "77120093518264407")),
		Tickets: []Ticket{three},
	}
	return first, second
}

// goldenEvents are the two events of the older catalogue.
func goldenEvents() []ListedEvent {
	const stage = "https://ticketscloud.com/s3/media.ticketscloud/stage/"
	prices := func(face, fee, total string) ListedPrices {
		return ListedPrices{Face: conformance.Dec(face), Fee: conformance.Dec(fee), Total: conformance.Dec(total)}
	}
	lorem := "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. " +
		"Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat."
	start, finish := utc(2019, 8, 15, 21, 20, 0), utc(2019, 8, 28, 21, 50, 0)
	first := ListedEvent{
		ID: sampleEvent, Status: EventPublic, Title: "1234567890", Description: "1", Start: start, Finish: finish, AgeRating: 21,
		Tags: []string{"Балет"}, Tickets: 60, VacantTickets: 60,
		Deal: Deal{OrgPercent: conformance.NullDec("95"), AgentPercent: conformance.NullDec("5"), ExtraPercent: conformance.NullDec("4")},
		Org: Organisation{
			ID: "5b04229196c055000d87c2b5", Name: "My best org", Description: lorem,
			Contact: Contact{Address: "Greek", Email: "mail_org@ticketscloud.org", Phones: []string{"79666666666"}, Site: "www.google.gr"},
			Tags:    []string{"Театры", "Выставки", "Здоровье", "Детям", "Вечеринки", "Музеи", "Экскурсии", "Бизнес", "Спорт", "Балет"},
			Media: map[string]Media{
				"logo": {
					ID: "5b04229196c055000c6688c6", Author: "5b04229196c055000d87c2b5", ContentType: "image/jpeg", Length: 15715,
					MD5: "d71dfeeb9fae5391903c7f9e05431b9e", URL: stage + "image/2018-05/5b04229196c055000c6688c6.jpg",
				},
				"logo_original": {
					ID: "5b04229196c055000d87c2b7", Author: "5b04229196c055000d87c2b5", ContentType: "image/jpeg", Length: 10626,
					MD5: "75dd76e10455d79f14591dc677d8e334", URL: stage + "image/2018-05/5b04229196c055000d87c2b7.jpg",
				},
				"logo_small": {
					ID: "5b04229196c055000c6688c7", Author: "5b04229196c055000d87c2b5", ContentType: "image/jpeg", Length: 23865,
					MD5: "7aaf9478b8104da351586514097b09f9", URL: stage + "image/2018-05/5b04229196c055000c6688c7.jpg",
				},
			},
		},
		Partner: Organisation{
			ID: "5b02d6e9517565000d9cb1ce", Name: "Rasp new",
			Contact: Contact{
				Address: "г. Москва, Графский переулок, дом 14, строение 2, 4 этаж", Email: "mail_partner@ticketscloud.org",
				Phones: []string{"+79123456789"}, Site: "funkyfunky.ru",
			},
		},
		Venue: ListedVenue{
			Venue: Venue{
				ID: "5540add49cb5385eeef17b4d", Name: "Государственный Кремлевский Дворец", Address: "ул. Воздвиженка, д.1",
				City: City{ID: "524901", Country: "RU", Timezone: "Europe/Moscow", Name: Names{
					"af": "Moskou", "als": "Moskau", "am": "ሞስኮ", "an": "Moscú", "yi": "מאָסקװע", "zh": "莫斯科",
				}},
				Country: Country{ID: "RU", Name: Names{
					"be": "Расійская Федэрацыя", "default": "Russia", "en": "Russia", "fr": "Russie", "ru": "Россия", "zh": "俄罗斯",
				}},
			},
			Point: &Point{Longitude: conformance.Dec("37.615342140197754"), Latitude: conformance.Dec("55.75146296066621")},
		},
		Sets: []ListedSet{
			{
				ID: "5d31fbfa27649b0dff07611b", Name: "обычные", Tickets: 50, Vacant: 50, ListedPrices: prices("100.00", "4.00", "104.00"),
				Rules: []Rule{
					{ID: "5d31fc1a306fdcc187b911b4", Start: utc(2019, 7, 22, 21, 0, 0), Finish: finish, ListedPrices: prices("150.00", "6.00", "156.00")},
					{ID: "5d31fc1a306fdcc187b911b5", Start: utc(2019, 7, 17, 21, 0, 0), Finish: utc(2019, 7, 22, 20, 59, 0), Current: true, ListedPrices: prices("100.00", "4.00", "104.00")},
				},
			},
			{
				ID: "5d31fbfa8a75c12c9d64de13", Name: "VIP", Tickets: 10, Vacant: 10, ListedPrices: prices("1050.00", "42.00", "1092.00"),
				Rules: []Rule{
					{ID: "5d31fc26306fdcc187b911b8", Start: utc(2019, 7, 17, 21, 0, 0), Finish: utc(2019, 7, 26, 20, 59, 0), Current: true, ListedPrices: prices("1050.00", "42.00", "1092.00")},
					{ID: "5d31fc26306fdcc187b911b9", Start: utc(2019, 7, 26, 21, 0, 0), Finish: finish, ListedPrices: prices("1500.00", "60.00", "1560.00")},
				},
			},
		},
		CreatedAt: time.Date(2019, 7, 19, 17, 20, 29, 717_000_000, time.UTC),
		UpdatedAt: time.Date(2019, 7, 19, 17, 21, 42, 409_000_000, time.UTC),
	}
	second := ListedEvent{
		ID: "5c13b5b1867efb000be1ebd7", Status: EventPublic, Title: "KoЯn", Description: "ауц",
		Start: utc(2019, 8, 31, 15, 0, 0), Finish: utc(2019, 8, 31, 16, 0, 0), AgeRating: 16, AllowOtherPS: true,
		Tags: []string{"Концерты", "Вечеринки"}, Tickets: 420, VacantTickets: 37,
		Deal: Deal{OrgPercent: conformance.NullDec("93"), AgentPercent: conformance.NullDec("7"), ExtraPercent: conformance.NullDec("12.5"), Media: []string{stage + "doc/2018-12/5c13b5d1867efb000be1ec20.pdf"}},
		Org: Organisation{
			ID: "5ba10ea90c43fc000b0fc786", Name: "Тест VK Pay", Description: "Концерты", Tags: []string{"Концерты"},
			Contact: Contact{
				Name: "Ivan Ivanov", Address: "г. Москва, ул. Сценическая, д. 5", Email: "mail_org@ticketscloud.org",
				Phones: []string{"74950000001", "74950000002"}, Site: "org.example",
			},
		},
		Partner: Organisation{
			ID: "5bb333389049ea000d2ba9c7", Name: "Newbie", Description: "Билеты", Tags: []string{"Спорт", "Музеи"},
			Contact: Contact{
				Name: "Ivan Ivanov", Address: "г. Тверь, пер. Новый, д. 1", Email: "mail_partner@ticketscloud.org",
				Phones: []string{"+74820000003"}, Site: "newbie.example",
			},
			Media: map[string]Media{"logo": {
				ID: "5bb3334a9049ea000d2ba9d0", Author: "5bb333389049ea000d2ba9c7", ContentType: "image/gif", Length: 3310,
				MD5: "3f343b0931126a20f133d67c2b018a3e", URL: stage + "image/2018-10/5bb3334a9049ea000d2ba9d0.gif",
			}},
		},
		LegalDetail: LegalDetail{Name: "ООО Тестовый зал", INN: "7700000016", OGRN: "1187700000018", Address: "г. Москва, ул. Тестовая, д. 3"},
		Venue: ListedVenue{
			Venue: Venue{
				ID: "5540add49cb5385eeef17c01", Name: "Тестовый зал", Description: "Ледовый зал", Address: "ул. Ледовая, 24",
				City: City{
					ID: "480060", Country: "RU", Timezone: "Europe/Moscow",
					Name: Names{"en": "Tver", "default": "Tver", "ru": "Тверь"},
				},
				Country: Country{ID: "RU", Name: Names{"default": "Russia", "ru": "Россия"}},
			},
			Point: &Point{Longitude: conformance.Dec("35.911896"), Latitude: conformance.Dec("56.859611")},
		},
		Sets: []ListedSet{
			{
				ID: "5c13b5be867efb000be1ebf0", Name: "Партер", Description: "Вид на сцену", Position: 1, Tickets: 120, Vacant: 37,
				ListedPrices: prices("2000.00", "250.00", "2250.00"), WithSeats: true, Sector: "5c13b5b9867efb000be1ebe3",
				Seats: []Row{{Row: "1", Numbers: []string{"1", "2", "3"}}, {Row: "4", Numbers: []string{"11", "12"}}},
				Rules: []Rule{{
					ID: "5c13b5c8867efb000be1ec10", Start: utc(2018, 12, 14, 21, 0, 0), Finish: utc(2019, 8, 31, 16, 0, 0),
					Current: true, ListedPrices: prices("2000.00", "250.00", "2250.00"),
				}},
			},
			{
				ID: "5c13b5be867efb000be1ebf1", Name: "Танцпол", Description: "Стоя", Position: 2, Tickets: 300,
				ListedPrices: prices("1000.00", "125.00", "1125.00"),
				Rules: []Rule{{
					ID: "5c13b5c8867efb000be1ec11", Start: utc(2018, 12, 15, 21, 0, 0), Finish: utc(2019, 8, 31, 15, 0, 0),
					Current: true, ListedPrices: prices("1000.00", "125.00", "1125.00"),
				}},
			},
		},
		Media: map[string]Media{
			"cover": {
				ID: "5c13b5e0867efb000be1ec31", Author: "5ba10ea90c43fc000b0fc786", ContentType: "image/jpeg", Length: 40961,
				MD5: "0f343b0931126a20f133d67c2b018a3b", URL: stage + "image/2018-12/5c13b5e0867efb000be1ec31.jpg",
			},
			"cover_original": {
				ID: "5c13b5e0867efb000be1ec32", Author: "5ba10ea90c43fc000b0fc787", ContentType: "image/png", Length: 182044,
				MD5: "1f343b0931126a20f133d67c2b018a3c", URL: stage + "image/2018-12/5c13b5e0867efb000be1ec32.png",
			},
			"cover_small": {
				ID: "5c13b5e0867efb000be1ec33", Author: "5ba10ea90c43fc000b0fc788", ContentType: "image/webp", Length: 9120,
				MD5: "2f343b0931126a20f133d67c2b018a3d", URL: stage + "image/2018-12/5c13b5e0867efb000be1ec33.webp",
			},
		},
		TicketTemplate: TicketTemplate{
			Name: "fan", TextColor: "112233", FanCoverURL: stage + "image/2018-12/5c13b5e0867efb000be1ec40.jpg",
		},
		CreatedAt: time.Date(2018, 12, 14, 13, 52, 49, 305_000_000, time.UTC),
		UpdatedAt: time.Date(2019, 2, 3, 4, 5, 6, 70_000_000, time.UTC),
	}
	return []ListedEvent{first, second}
}
