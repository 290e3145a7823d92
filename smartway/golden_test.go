package smartway

import (
	"context"
	"encoding/base64"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

const (
	konfetprom = `Общество с ограниченной ответственностью "Конфетпром"`
	beta       = `Общество с ограниченностью ответственностью "Бета"`
)

// zeroVAT is the VAT of both parts of a train ticket.
func zeroVAT() []VAT {
	return []VAT{{"0%", conformance.NullDec("0")}, {"0%", conformance.NullDec("0")}}
}

func vat(rate, amount string) []VAT { return []VAT{{rate, conformance.NullDec(amount)}} }

func abramov() []TripTraveller {
	return []TripTraveller{{
		Surname: "Абрамов", FirstName: "Геннадий", MiddleName: "Сергеевич", BirthDate: conformance.Date(1, 1, 1960), Sex: Male,
		Phone: "+79165555555", Email: "example@smartway.today", Documents: []TripDocument{{DomesticPassport, "4500000000"}},
	}}
}

func semenov() []TripTraveller {
	return []TripTraveller{{
		Surname: "Семенов", FirstName: "Олег", MiddleName: "Евгеньевич", BirthDate: conformance.Date(10, 1, 1991), Sex: Male,
		Phone: "+73568743674", Email: "demo_sw@smartway.today", Documents: []TripDocument{{DomesticPassport, "2058437587"}},
	}}
}

func gordina() []TripTraveller {
	return []TripTraveller{{
		ExternalID: "bcbb0cbc-2d55-11e6-9b29-5404a6b49dba",
		Surname:    "Гордина", FirstName: "Елена", MiddleName: "Владимировна", BirthDate: conformance.Date(15, 4, 1990), Sex: Female,
		Phone: "+79256666666", Email: "gordina@smartway.today", Documents: []TripDocument{{DomesticPassport, "1134111133"}},
	}}
}

func gabrovskaya() []TripTraveller {
	return []TripTraveller{{
		ExternalID: "333da0bd-7bff-11e2-9362-001b11b25590",
		Surname:    "Габровская", FirstName: "Светлана", MiddleName: "Марковна", BirthDate: conformance.Date(1, 1, 1978), Sex: Female,
		Phone: "+79165555555", Email: "grab@mail.ru", Documents: []TripDocument{{DomesticPassport, "1234111109"}},
	}}
}

func ivanov() []TripTraveller {
	return []TripTraveller{{
		ExternalID: "123e4567-e89b-12d3-a456-426655440000",
		Surname:    "Иванов", FirstName: "Андрей", MiddleName: "Петрович", BirthDate: conformance.Date(17, 2, 1986), Sex: Male,
		Phone: "+79999999999", Email: "ivanov@andrei.com",
		Documents: []TripDocument{{ForeignPassport, "711234567"}, {DomesticPassport, "5607123456"}},
	}}
}

func domodedovo() TripPlace { return TripPlace{"Россия", "Москва", "Домодедово"} }
func pulkovo() TripPlace {
	return TripPlace{"Россия", "Санкт-Петербург", "Пулково. Санкт-Петербург"}
}

func flight(from, to TripPlace, departure, arrival string, minutes int) AirRoute {
	return AirRoute{time.Duration(minutes) * time.Minute, []AirSegment{{from, at(departure), to, at(arrival)}}}
}

func sapsan() ItemDetails {
	return ItemDetails{Train: &TrainRide{"Москва Октябрьская (ленинградский Вокзал)", "Санкт-Петербург-Главн. (московский Вокзал)"}}
}

func donPlaza() ItemDetails {
	return ItemDetails{Hotel: &HotelStay{"ДОН ПЛАЗА КОНГРЕСС ОТЕЛЬ", "4", "Ростов-на-Дону", "Стандартный одноместный номер"}}
}

func fromLappeenranta() ItemDetails {
	return ItemDetails{Transfer: &TransferRide{
		TripPlace{"Финляндия", "Лаппеенранта", "Аэропорт Лаппеенранта"}, TripPlace{"Россия", "Санкт-Петербург", "ул. Дыбенко, 11"}, CarBusinessComfort,
	}}
}

// bought returns the item of a single version.
func bought(i TripItem, v ItemVersion) TripItem {
	i.ID, i.Type, i.Status, i.CheckIn, i.CheckOut = v.Item, v.Type, v.Status, v.CheckIn, v.CheckOut
	i.TravelTime, i.Number, i.Details, i.Travellers = v.TravelTime, v.Number, v.Details, v.Travellers
	i.Company = Company{Name: v.Company.Name, INN: v.Company.INN}
	i.Versions = append(i.Versions, v)
	return i
}

func trainVersion(id VersionID, item ItemID, trip TripID, number, amount, created, checkIn, checkOut string) ItemVersion {
	return ItemVersion{
		ID: id, Item: item, Trip: trip, Type: ServiceTrain, Status: ItemCreated,
		Transactions: []Transaction{{TransactionPurchase, conformance.Dec(amount), zeroVAT()}},
		Created:      at(created), CheckIn: at(checkIn), CheckOut: at(checkOut), TravelTime: 519 * time.Minute, Number: number,
		Details: sapsan(), Travellers: abramov(), Company: Company{"7133", konfetprom, "7799555550"},
	}
}

func gordinaVersion() ItemVersion {
	return ItemVersion{
		ID: 263426, Item: "246215", Trip: "189703", Type: ServiceAir, Status: ItemCreated,
		Transactions: []Transaction{{TransactionPurchase, conformance.Dec("7038"), vat("10%", "617.09")}},
		Created:      at("2019-06-13T13:43:59"), CheckIn: at("2019-06-17T14:40:00"), CheckOut: at("2019-06-19T16:50:00"),
		TravelTime: 185 * time.Minute, Number: "421-2888857716",
		Details: ItemDetails{Air: []AirRoute{
			flight(domodedovo(), pulkovo(), "2019-06-17T14:40:00", "2019-06-17T16:15:00", 95),
			flight(pulkovo(), domodedovo(), "2019-06-19T15:20:00", "2019-06-19T16:50:00", 90),
		}},
		Travellers: gordina(), Company: Company{"7133", konfetprom, "7799555550"},
	}
}

func gordinaTrip(tax string) Trip {
	return Trip{
		ID: "189703", Name: "Санкт-Петербург", Status: TripAwaitingConfirmation, Amount: conformance.Dec("7038"),
		Booked: at("2019-06-13T13:43:59.063"), LastChange: at("2019-06-13T13:43:59"),
		CheckIn: at("2019-06-17T14:40:00"), CheckOut: at("2019-06-19T16:50:00"),
		Items: []TripItem{bought(TripItem{
			Request: "rqb1126017_8dc7_11e9_b991_802bf9e8178c", Booked: at("2019-06-13T13:43:59"), LastChange: at("2019-06-13T13:43:59"),
			Amount: conformance.Dec("7038"), VATs: vat("10%", tax),
		}, gordinaVersion())},
	}
}

func gabrovskayaTrip() Trip {
	return Trip{
		ID: "189704", Name: "Санкт-Петербург", Status: TripCompleted, Amount: conformance.Dec("7513"),
		Booked: at("2019-06-14T17:11:28.687"), LastChange: at("2019-06-14T17:11:28"),
		CheckIn: at("2019-06-14T19:25:00"), CheckOut: at("2019-06-15T01:25:00"),
		Items: []TripItem{bought(TripItem{
			Booked: at("2019-06-14T17:11:28"), LastChange: at("2019-06-14T17:11:28"), Amount: conformance.Dec("7513"), VATs: vat("10%", "683"),
		}, ItemVersion{
			ID: 263427, Item: "246216", Trip: "189704", Type: ServiceAir, Status: ItemCreated,
			Transactions: []Transaction{{TransactionPurchase, conformance.Dec("7513"), vat("10%", "660.27")}},
			Created:      at("2019-06-14T17:11:28"), CheckIn: at("2019-06-14T19:25:00"), CheckOut: at("2019-06-15T01:25:00"),
			TravelTime: 185 * time.Minute, Number: "421-2888857748",
			Details: ItemDetails{Air: []AirRoute{
				flight(domodedovo(), pulkovo(), "2019-06-14T19:25:00", "2019-06-14T21:00:00", 95),
				flight(pulkovo(), domodedovo(), "2019-06-14T23:55:00", "2019-06-15T01:25:00", 90),
			}},
			Travellers: gabrovskaya(), Company: Company{"7133", konfetprom, "7799555550"},
		})},
	}
}

func abramovTrips() []Trip {
	return []Trip{
		{
			ID: "189686", Name: "Санкт-петербург", Status: TripCompleted, Amount: conformance.Dec("2916.6"),
			Booked: at("2019-05-13T19:45:26.067"), LastChange: at("2019-05-13T19:45:26"),
			CheckIn: at("2019-05-14T00:20:00"), CheckOut: at("2019-05-14T08:59:00"),
			Items: []TripItem{bought(TripItem{
				Booked: at("2019-05-13T19:45:26"), LastChange: at("2019-05-13T19:45:26"), Amount: conformance.Dec("2916.6"), VATs: zeroVAT(),
			}, trainVersion(263393, "246194", "189686", "70000416557990", "2916.6", "2019-05-13T19:45:26", "2019-05-14T00:20:00", "2019-05-14T08:59:00"))},
		},
		{
			ID: "189687", Name: "Санкт-Петербург", Status: TripAwaitingConfirmation, Amount: conformance.Dec("3319"),
			Booked: at("2019-05-14T12:45:01.44"), LastChange: at("2019-05-14T12:45:01"),
			CheckIn: at("2019-05-14T14:40:00"), CheckOut: at("2019-05-14T16:15:00"),
			Items: []TripItem{bought(TripItem{
				Booked: at("2019-05-14T12:45:01"), LastChange: at("2019-05-14T12:45:01"), Amount: conformance.Dec("3319"), VATs: vat("10%", "279"),
			}, ItemVersion{
				ID: 263394, Item: "246195", Trip: "189687", Type: ServiceAir, Status: ItemCreated,
				Transactions: []Transaction{{TransactionPurchase, conformance.Dec("3319"), vat("10%", "279")}},
				Created:      at("2019-05-14T12:45:01"), CheckIn: at("2019-05-14T14:40:00"), CheckOut: at("2019-05-14T16:15:00"),
				TravelTime: 95 * time.Minute, Number: "421-2888854844",
				Details:    ItemDetails{Air: []AirRoute{flight(domodedovo(), pulkovo(), "2019-05-14T14:40:00", "2019-05-14T16:15:00", 95)}},
				Travellers: abramov(), Company: Company{"7133", konfetprom, "7799555550"},
			})},
		},
	}
}

func hotelVersion(id VersionID, trip TripID, company CompanyID, status ItemStatus, number, created, checkIn, checkOut string, paid ...Transaction) ItemVersion {
	return ItemVersion{
		ID: id, Item: "186583", Trip: trip, Type: ServiceHotel, Status: status, Transactions: paid,
		Created: at(created), CheckIn: at(checkIn), CheckOut: at(checkOut), Number: number,
		Details: donPlaza(), Travellers: semenov(), Company: Company{company, beta, "1111111111"},
	}
}

func hotelBought() Transaction {
	return Transaction{TransactionPurchase, conformance.Dec("7413"), vat("18%", "1130.80")}
}

func hotelCancelled() []Transaction {
	return []Transaction{{TransactionRefund, conformance.Dec("7413"), vat("18%", "1130.80")}, {TransactionPenalty, conformance.Dec("3706.50"), []VAT{{Rate: "Без НДС"}}}}
}

func hotelTrip() Trip {
	cancelled := hotelVersion(263431, "152310", "7134", ItemCancelled, "123322", "2019-06-18T08:15:30", "2019-07-18T00:00:00", "2019-07-20T00:00:00", hotelCancelled()...)
	item := bought(TripItem{
		Booked: at("2019-05-31T11:48:48"), LastChange: at("2019-06-18T08:15:31"), Project: "Выставка",
		Amount: conformance.Dec("3706.50"), VATs: []VAT{{Rate: "Без НДС"}},
		Versions: []ItemVersion{
			hotelVersion(263399, "152310", "7134", ItemCreated, "123321", "2019-05-31T11:48:49", "2019-07-18T00:00:00", "2019-07-20T00:00:00", hotelBought()),
		},
	}, cancelled)
	return Trip{
		ID: "152310", Name: "Ростов-на-Дону", Status: TripCancelled, Amount: conformance.Dec("3706.50"),
		Booked: at("2019-05-31T11:48:47.5"), LastChange: at("2019-06-18T08:15:32"),
		CheckIn: at("2019-07-18T00:00:00"), CheckOut: at("2019-07-20T00:00:00"), Items: []TripItem{item},
	}
}

func transferVersion(trip TripID, company CompanyID) ItemVersion {
	return ItemVersion{
		ID: 263440, Item: "246230", Trip: trip, Type: ServiceTransfer, Status: ItemCreated,
		Transactions: []Transaction{{TransactionPurchase, conformance.Dec("1500.45"), vat("20%", "250.08")}},
		Created:      at("2019-06-20T09:05:08"), CheckIn: at("2019-06-24T09:30:00"), CheckOut: at("2019-06-24T13:15:00"),
		TravelTime: 225 * time.Minute, Number: "TR-0003481", Details: fromLappeenranta(), Travellers: ivanov(),
		Company: Company{company, beta, "1111111111"},
	}
}

func transferTrip() Trip {
	return Trip{
		ID: "189720", Name: "Санкт-Петербург и обратно", Status: TripBooked, Amount: conformance.Dec("4417.05"),
		Booked: at("2019-06-20T09:05:06.120"), LastChange: at("2019-06-20T09:05:10"),
		CheckIn: at("2019-06-24T00:20:00"), CheckOut: at("2019-06-24T13:15:00"),
		Items: []TripItem{
			bought(TripItem{
				Request: "rq87761062_8ea0_11e9_b992_802bf9e8178c", Booked: at("2019-06-20T09:05:07"), LastChange: at("2019-06-20T09:05:09"),
				Project: "Филиал", Amount: conformance.Dec("1500.45"), VATs: vat("20%", "250.08"),
			}, transferVersion("189720", "7134")),
			bought(TripItem{
				Booked: at("2019-06-20T09:05:03"), LastChange: at("2019-06-20T09:05:04"), Amount: conformance.Dec("2916.60"), VATs: zeroVAT(),
			}, trainVersion(263439, "246231", "189720", "70000416557992", "2916.60", "2019-06-20T09:05:05", "2019-06-24T00:20:00", "2019-06-24T08:59:00")),
		},
	}
}

func goldenTrips() []golden {
	surcharged := trainVersion(263401, "246194", "189686", "70000416557991", "0", "2019-05-13T21:02:44", "2019-05-14T01:50:00", "2019-05-14T09:30:00")
	surcharged.Status, surcharged.TravelTime = ItemChanged, 460*time.Minute
	surcharged.Transactions = []Transaction{{TransactionSurcharge, conformance.Dec("350.40"), vat("20%", "58.40")}}
	unpriced := hotelBought()
	unpriced.VATs = nil
	was := func(id VersionID, status ItemStatus, number, created string, paid ...Transaction) ItemVersion {
		return hotelVersion(id, "", "", status, number, created, "2018-07-18T00:00:00", "2018-07-20T00:00:00", paid...)
	}
	versions := func(file string, q VersionQuery, want ...ItemVersion) golden {
		return as(file, conformance.Call1("trip.versions", via(trips, Trips.Versions), q, want))
	}
	between := func(file string, r DateRange, want TripList) golden {
		return as(file, conformance.Call1("trip.get_by_range", via(trips, Trips.Between), r, want))
	}
	after := func(file string, c Cursor, want read) golden {
		g := as(file, conformance.Call1("trip.get_after_change", via(trips, history), c, want))
		g.Streamed = len(want.Trips) > 1
		return g
	}
	return []golden{
		conformance.Call1("trip.info", via(trips, Trips.Info), TripID("7949"), TripInfo{
			ID: "7949", Name: "Москва", Status: TripAwaitingConfirmation, Amount: conformance.Dec("24963"), Booked: at("2017-05-08T20:15:18.95"),
			Items: []TripInfoItem{
				{"13026", ServiceAir, conformance.Dec("4449"), at("2017-05-14T17:00:00"), at("2017-05-14T18:35:00")},
				{"13027", ServiceAir, conformance.Dec("4452"), at("2017-05-14T17:00:00"), at("2017-05-14T18:35:00")},
				{"13028", ServiceAir, conformance.Dec("4452"), at("2017-05-16T00:40:00"), at("2017-05-16T02:10:00")},
				{"13029", ServiceAir, conformance.Dec("4450"), at("2017-05-16T00:40:00"), at("2017-05-16T02:10:00")},
				{"13030", ServiceHotel, conformance.Dec("7160"), at("2017-05-14T00:00:00"), at("2017-05-16T00:00:00")},
			},
		}),
		as("trip.info+train-transfer", conformance.Call1("trip.info", via(trips, Trips.Info), TripID("7950"), TripInfo{
			ID: "7950", Name: "Санкт-Петербург", Status: TripBooked, Amount: conformance.Dec("4417.05"), Booked: at("2019-06-20T09:05:07"),
			Items: []TripInfoItem{
				{"13041", ServiceTrain, conformance.Dec("2916.60"), at("2019-06-24T00:20:00"), at("2019-06-24T08:59:00")},
				{"13042", ServiceTransfer, conformance.Dec("1500.45"), at("2019-06-24T09:30:00"), at("2019-06-24T13:15:00")},
			},
		})),
		hiding(versions("", VersionQuery{Documents: []string{"2058437587"}, From: conformance.Date(1, 1, 2018)},
			was(196711, ItemCreated, "123321", "2018-05-31T11:48:49", unpriced)), "2058437587"),
		versions("trip.versions+air", VersionQuery{
			INNs: []INN{"7799555550"}, Documents: []string{"1134111133"}, From: conformance.Date(1, 6, 2019), To: conformance.Date(15, 6, 2019),
		}, gordinaVersion()),
		versions("trip.versions+train", VersionQuery{Start: 263393}, trainVersion(263393, "246194", "189686", "70000416557990", "2916.6",
			"2019-05-13T19:45:26", "2019-05-14T00:20:00", "2019-05-14T08:59:00"), surcharged),
		versions("trip.versions+transfer", VersionQuery{INNs: []INN{"1111111111", "7799555550"}, To: conformance.Date(30, 6, 2019)}, transferVersion("", "")),
		versions("trip.versions+cancelled", VersionQuery{
			Documents: []string{"2058437587"}, From: conformance.Date(1, 1, 2018), To: conformance.Date(31, 12, 2018), Start: 196711,
		}, was(196711, ItemCreated, "123321", "2018-05-31T11:48:49", hotelBought()),
			was(197045, ItemCancelled, "123322", "2018-06-04T08:15:30", hotelCancelled()...)),
		between("", DateRange{conformance.Date(1, 6, 2019), conformance.Date(15, 6, 2019)}, TripList{[]Trip{gordinaTrip("639.82"), gabrovskayaTrip()}, 263427}),
		between("trip.get_by_range+transfer", DateRange{conformance.Date(16, 6, 2019), conformance.Date(30, 6, 2019)}, TripList{[]Trip{transferTrip()}, 263440}),
		after("", 0, read{abramovTrips(), 263427}),
		after("trip.get_after_change+hotel", 263427, read{[]Trip{hotelTrip()}, 263431}),
		conformance.Call1("trip.get_by_request", via(trips, Trips.OfRequest), RequestID("rqb1126017_8dc7_11e9_b991_802bf9e8178c"),
			TripList{[]Trip{gordinaTrip("617.09")}, 263426}),
		conformance.Call1("trip.item_voucher", via(trips, Trips.ItemVoucher), ItemID("1234"), goldenPDF("trip.item_voucher")),
		conformance.Call1("trip.version_voucher", via(trips, Trips.VersionVoucher), VersionID(263426), goldenPDF("trip.version_voucher")),
	}
}

var content = regexp.MustCompile(`"content": "([^"]*)"`)

// goldenPDF is the voucher of a golden answer.
func goldenPDF(file string) []byte {
	text, err := os.ReadFile("../testdata/smartway/" + file + ".answer.json")
	if err != nil {
		panic(err)
	}
	pdf, err := base64.StdEncoding.DecodeString(content.FindStringSubmatch(string(text))[1])
	if err != nil {
		panic(err)
	}
	return pdf
}

func TestGoldenVouchers(t *testing.T) {
	t.Parallel()
	assert.Contains(t, string(goldenPDF("trip.item_voucher")), "(Voucher of item 1234)")
	assert.Contains(t, string(goldenPDF("trip.version_voucher")), "(Voucher of version 263426)")
}

func ticket(carrier, event, number, route, traveller, checkIn, checkOut, amount, tax string) TicketItem {
	return TicketItem{
		Event: at(event), Operations: map[TransactionType]ServiceType{TransactionPurchase: ServiceAir}, TicketNumbers: []string{number},
		Carrier: carrier, Route: route, Traveller: traveller, CheckIn: at(checkIn), CheckOut: at(checkOut), Amount: conformance.Dec(amount), VAT: conformance.NullDec(tax),
	}
}

func goldenRest() []golden {
	const route = "Москва-Санкт-Петербург-Москва"
	pack := func(number, created, service string, t TicketItem) ClosingPackage {
		return ClosingPackage{Number: number, Created: at(created), Documents: []ClosingDocument{
			{Type: ClosingAct, Acts: []ActItem{{service, conformance.Dec("1"), "pc", t.Amount, t.Amount, t.VAT}}},
			{Type: ClosingRegistry, Tickets: []TicketItem{t}},
		}}
	}
	train := ticket("FPK", "2019-05-13T19:45:26.067", "70000416557990", "Москва-Санкт-Петербург", "Абрамов Геннадий",
		"2019-05-14T00:20:00", "2019-05-14T08:59:00", "2916.60", "0")
	train.Operations = map[TransactionType]ServiceType{TransactionPurchase: ServiceTrain}
	train.TicketNumbers = append(train.TicketNumbers, "70000416557991")
	penalty := ticket("S7", "2019-05-14T12:45:01.440", "421-2888854844", "Москва-Сочи", "Иванов Андрей",
		"2019-05-14T14:40:00", "2019-05-14T16:15:00", "1204.50", "109.50")
	penalty.Operations = map[TransactionType]ServiceType{TransactionPenalty: ServiceAir}

	packages := func(c *Client) ClosingDocuments { return c.ClosingDocuments }
	codes := func(c *Client) VerificationCodes { return c.VerificationCodes }
	add := func(op, file string, c VerificationCode, want AddedCode) golden {
		return as(file, conformance.Call1(op, via(codes, VerificationCodes.Add), c, want))
	}
	newYear := time.Date(2020, 12, 31, 15, 44, 26, 0, time.UTC)
	summer := time.Date(2020, 6, 30, 20, 59, 59, 0, time.UTC)
	return []golden{
		conformance.Call1("train.station_autocomplete", via(func(c *Client) Trains { return c.Trains }, Trains.Stations), "новосиб", []Station{
			{"2044000", "новосибирск"}, {"2044002", "новосибирск-восточный"}, {"2044001", "новосибирск-главный"},
			{"2044003", "новосибирск-западный"}, {"2044004", "новосибирск-южный"},
		}),
		conformance.Call1("hotel.autocomplete", via(func(c *Client) Hotels { return c.Hotels }, Hotels.Find), "новосиб", []HotelPlace{
			{"2721", true, "Новосибирск", "Россия"}, {"154922", false, "Domina Hotel Novosibirsk (Домина отель Новосибирск)", "Новосибирск"},
			{"311842", false, "Отель DoubleTree by Hilton Novosibirsk", "Новосибирск"},
		}),
		conformance.Call1("packages.get", via(packages, ClosingDocuments.List), ClosingQuery{INN: "7799555550", From: conformance.Date(1, 6, 2019)}, []ClosingPackage{
			pack("7133/8", "2019-06-13T23:59:59", "А/б Москва-Санкт-Петербург-Москва #421-2888857716, Гордина Е. В., 17.06-19.06.2019",
				ticket("S7", "2019-06-13T13:43:59.05", "421-2888857716", route, "Гордина Елена", "2019-06-17T14:40:00", "2019-06-19T16:50:00", "7038", "617.09")),
			pack("7133/9", "2019-06-14T23:59:59", "А/б Москва-Санкт-Петербург-Москва #421-2888857748, Габровская С. М., 14.06-15.06.2019",
				ticket("S7", "2019-06-14T17:11:28.687", "421-2888857748", route, "Габровская Светлана", "2019-06-14T19:25:00", "2019-06-15T01:25:00", "7513", "660.27")),
		}),
		as("packages.get+invoice", conformance.Call1("packages.get", via(packages, ClosingDocuments.List),
			ClosingQuery{INN: "1111111111", From: conformance.Date(1, 5, 2019), To: conformance.Date(31, 5, 2019)}, []ClosingPackage{
				{Number: "7134/1", Created: at("2019-05-31T23:59:59"), Documents: []ClosingDocument{
					{Type: ClosingAct, Acts: []ActItem{{"Сервисный сбор", conformance.Dec("2"), "service", conformance.Dec("250.20"), conformance.Dec("500.40"), conformance.NullDec("83.40")}}},
					{Type: ClosingInvoice, Tickets: []TicketItem{train, penalty}},
				}},
			})),
		conformance.Call0("travel_policy.list", func(c *Client, ctx context.Context, opts ...rutravel.CallOption) ([]TravelPolicy, error) {
			return c.TravelPolicies.List(ctx, opts...)
		}, []TravelPolicy{{"5d4c002af915aa000701e436", "ТОП", "для топ менеджеров"}}),
		conformance.Call1("travel_policy.apply", via(func(c *Client) TravelPolicies { return c.TravelPolicies }, conformance.Done(TravelPolicies.Apply)),
			PolicyAssignment{Employee: "159305", Policy: "5d4c002af915aa000701e436"}, any(nil)),
		hiding(conformance.Call1("auth.guid", via(func(c *Client) Logins { return c.Logins }, Logins.Issue), "example@email.address", Login{
			GUID: "84f85401-5a4c-4f7e-9b20-4db51a5122d2", Expires: time.Date(2019, 8, 6, 15, 44, 26, 409591000, time.UTC),
			URL: "https://smartway.today/auth?guid=84f85401-5a4c-4f7e-9b20-4db51a5122d2",
		}), "example@email.address"),
		hiding(add("verification_code.add", "", VerificationCode{Code: "159305", Employees: []ExternalID{"e1", "e2"}, Expires: newYear, Super: true},
			AddedCode{"159305", newYear}), "159305"),
		hiding(add("verification_code.add", "verification_code.add+ordinary", VerificationCode{Code: "КМ-2020/017", Employees: []ExternalID{"8754"}, Expires: summer},
			AddedCode{"КМ-2020/017", summer}), "КМ-2020/017"),
		add("verification_code.add+super", "", VerificationCode{Employees: []ExternalID{"e1", "e2"}, Super: true}, AddedCode{}),
	}
}
