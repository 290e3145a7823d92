package multitourtest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// entry is an entry of a directory.
type entry struct {
	id   int
	name string
}

type identified interface{ key() int }

func (e entry) key() int { return e.id }

type country struct {
	entry
	excursions bool
}

type resort struct {
	entry
	country int
}

type city struct {
	entry
	country, resort int
}

// mealPlan is a meal tariff. Its kind is the meal type.
type mealPlan struct {
	entry
	kind entry
}

type hotel struct {
	entry
	city       city
	kind       entry
	minAge     string // "" and "0" mean any; otherwise infantAge
	image      string
	x, y       string
	category   entry
	highway    entry // zero means none, as in beach and sea
	beach, sea entry
	treatments []entry
	amenities  []entry
	tour       entry // the tour's id and name in bookings
	rates      []rate
	transfers  []object
	tickets    []ticket
}

// room has places for all tourists except infants. Its quota may be 0.
type room struct {
	entry
	category entry
	places   int
	quota    int // rooms for each night
}

// rate is a room with meals by a tariff. Its prices are for a night. Infants cost nothing.
type rate struct {
	room         room
	tariff       entry
	tourType     entry
	meals        mealPlan
	adult, child decimal.Decimal
}

// ticket is a flight at the begin or at the end of a tour.
type ticket struct {
	back                     bool
	name, flight, route      string
	class, from, to, airport string
}

func kopecks(n int64) decimal.Decimal { return decimal.New(n, -2) }

// money formats an amount as in the samples, which have kopecks only if they are not 0.
func money(d decimal.Decimal) string {
	if d.IsInteger() {
		return d.StringFixed(0)
	}
	return d.StringFixed(2)
}

var (
	krasnodar = country{entry{6228, "Россия Краснодарский край"}, false}
	russia    = country{entry{6243, "Россия"}, false}
	abkhazia  = country{entry{6276, "Абхазия Экскурсии"}, true}
	countries = []country{krasnodar, russia, abkhazia}

	resorts = []resort{
		{entry{201, "Анапа"}, 6228},
		{entry{202, "Геленджик"}, 6228},
		{entry{204, "Сочи"}, 6228},
		{entry{310, "Подмосковье"}, 6243},
		{entry{320, "Гагра"}, 6276},
	}

	adler     = city{entry{1446, "Адлер"}, 6228, 204}
	pioneer   = city{entry{1435, "Анапа, Пионерский пр-т"}, 6228, 201}
	gelendjik = city{entry{1440, "Геленджик, центр"}, 6228, 202}
	istra     = city{entry{1610, "Истринский район"}, 6243, 310}
	gagra     = city{entry{1620, "Гагра"}, 6276, 320}
	cities    = []city{adler, pioneer, gelendjik, istra, gagra}

	guestHouse = entry{90, "гостиница"}
	grandHotel = entry{91, "отель"}
	sanatorium = entry{92, "санаторий"}
	pension    = entry{93, "пансионат"}

	middle     = entry{2, "средний"}
	economy    = entry{1, "экономичный"}
	categories = []entry{middle, economy}

	nerves      = entry{158, "Нервная система"}
	gynaecology = entry{164, "Гинекология"}
	treatments  = []entry{nerves, gynaecology}

	allInclusive = entry{4, "все включено"}
	threeMeals   = entry{3, "3-х разовое и более"}
	breakfast    = entry{2, "завтрак"}
	noMeals      = entry{0, "без питания"}
	mealTypes    = []entry{allInclusive, threeMeals, breakfast, noMeals}

	ordered   = mealPlan{entry{52, "4-х разовое питание"}, threeMeals}
	buffet    = mealPlan{entry{82, "4-х разовое питание швед. стол"}, threeMeals}
	mornings  = mealPlan{entry{40, "Завтрак"}, breakfast}
	everyMeal = mealPlan{entry{61, "Все включено"}, allInclusive}
	unfed     = mealPlan{entry{38, "Без питания"}, noMeals}

	kiev      = entry{5, "Киевское"}
	yaroslavl = entry{13, "Ярославское"}
	highways  = []entry{kiev, yaroslavl}

	sand       = entry{3, "песчаный"}
	pebbles    = entry{1, "песчано-галечный"}
	beachTypes = []entry{sand, pebbles}

	near         = entry{100, "до 100 м"}
	far          = entry{1000, "больше 700 м"}
	seaDistances = []entry{near, far}

	entertainment = entry{180, "Анимация"}
	pool          = entry{3, "Бассейн"}
	amenities     = []entry{entertainment, pool}

	leisure   = entry{17, "Отдых"}
	byCoach   = entry{19, "Автобусные туры из Москвы"}
	medical   = entry{32, "Лечение"}
	special   = entry{34, "Спецпредложение"}
	tourTypes = []entry{leisure, byCoach, medical, special}

	cheap    = entry{1020, "эконом\r\n"} // as in the manual
	standard = entry{1030, "стандарт"}
	family   = entry{1082, "семейный"}
	luxury   = entry{1090, "люкс"}
)

// defaultHotels is the stock of [New]. An offer's id has one digit for the rate, so a hotel
// has at most ten.
var defaultHotels = []hotel{
	{
		entry: entry{6596, "Антарес  Гостиница"}, city: pioneer, kind: guestHouse, minAge: "0",
		image: "https://multitour.ru/files/imgs/hotel_6596_29165_IMG_8705.jpg", x: "44.975101470947266", y: "37.26350021362305",
		category: economy, beach: sand, sea: near, tour: entry{2045, "Антарес"},
		rates: []rate{
			{
				room: room{entry{548, "4-х местный"}, family, 4, 2}, tariff: entry{111601, "Без питания, гарантированные места"},
				tourType: leisure, meals: unfed, adult: kopecks(817_50), child: kopecks(408_75),
			},
			{
				room: room{entry{547, "2-х местный"}, cheap, 2, 0}, tariff: entry{111602, "Без питания, под запрос"},
				tourType: leisure, meals: unfed, adult: kopecks(1090_00), child: kopecks(1090_00),
			},
		},
	},
	{
		entry: entry{9044, "Beton Brut (Бетон Брют)**** Отель"}, city: pioneer, kind: grandHotel, minAge: "0",
		image: "https://www.multitour.ru/files/imgs/hotel_9044_93602_territory31024x512.jpg", x: "44.97709274291992", y: "37.27494812011719",
		category: middle, beach: sand, sea: near, amenities: []entry{entertainment, pool}, tour: entry{2046, "Beton Brut"},
		rates: []rate{
			{
				room: room{entry{540, "2-х местный с доп. местом"}, standard, 3, 2}, tariff: entry{111610, "Все включено"},
				tourType: leisure, meals: everyMeal, adult: kopecks(2890_50), child: kopecks(1445_25),
			},
			{
				room: room{entry{540, "2-х местный с доп. местом"}, standard, 3, 2}, tariff: entry{111611, "Завтрак"},
				tourType: special, meals: mornings, adult: kopecks(2190_00), child: kopecks(1095_00),
			},
			{
				room: room{entry{1267, "3-х местный 2-х комн. люкс"}, luxury, 4, 1}, tariff: entry{111610, "Все включено"},
				tourType: leisure, meals: everyMeal, adult: kopecks(4100_00), child: kopecks(2050_00),
			},
		},
		transfers: []object{{
			{"route", "Аэропорт Витязево - Анапа, Пионерский пр-т"}, {"type", "групповой"},
			{"place", "зал прилета, у справочного бюро"}, {"phone", "+7 (000) 000-00-01"},
		}},
		tickets: []ticket{
			{false, "Авиабилет Москва - Анапа, туда", "XX 1101", "Москва - Анапа", "эконом", "08:15", "10:40", "Внуково"},
			{true, "Авиабилет Анапа - Москва, обратно", "XX 1102", "Анапа - Москва", "эконом", "22:50", "01:05", "Витязево"},
		},
	},
	{
		entry: entry{8562, "Del Mare Отель"}, city: pioneer, kind: grandHotel,
		image: "https://www.multitour.ru/files/imgs/hotel_8562_86883_IMG_1199.jpg", x: "44.954524993896484", y: "37.29935836791992",
		category: middle, beach: sand, sea: far, tour: entry{2047, "Del Mare"},
		rates: []rate{
			{
				room: room{entry{547, "2-х местный"}, standard, 2, 3}, tariff: entry{111620, "Завтрак"},
				tourType: leisure, meals: mornings, adult: kopecks(1980_00), child: kopecks(990_00),
			},
			{
				room: room{entry{547, "2-х местный"}, standard, 2, 3}, tariff: entry{111621, "Без питания"},
				tourType: leisure, meals: unfed, adult: kopecks(1650_00), child: kopecks(825_00),
			},
		},
	},
	{
		entry: entry{4952, "Золотой колос Санаторий"}, city: adler, kind: sanatorium, minAge: "3",
		image: "https://www.multitour.ru/files/imgs/hotel_4952.jpg", x: "43.43028", y: "39.92306",
		category: middle, beach: pebbles, sea: near, treatments: []entry{nerves, gynaecology}, amenities: []entry{entertainment},
		tour: entry{1123, "Золотой колос"},
		rates: []rate{
			{
				room: room{entry{548, "4-х местный"}, cheap, 4, 0}, tariff: entry{111479, "С лечением питание «заказное меню»"},
				tourType: medical, meals: ordered, adult: kopecks(2125_00), child: kopecks(1700_00),
			},
			{
				room: room{entry{548, "4-х местный"}, cheap, 4, 0}, tariff: entry{111480, "Без лечения и питания"},
				tourType: leisure, meals: unfed, adult: kopecks(1275_00), child: kopecks(1020_00),
			},
			{
				room: room{entry{645, "4-х местный эконом"}, family, 4, 2}, tariff: entry{111498, "С лечением питание «шведский стол»"},
				tourType: medical, meals: buffet, adult: kopecks(2310_40), child: kopecks(1848_30),
			},
			{
				room: room{entry{645, "4-х местный эконом"}, family, 4, 2}, tariff: entry{111507, "Без лечения питание «шведский стол»"},
				tourType: leisure, meals: buffet, adult: kopecks(1890_00), child: kopecks(1512_00),
			},
		},
	},
	{
		entry: entry{5556, "Приморье Пансионат"}, city: gelendjik, kind: pension, minAge: "0",
		image: "https://www.multitour.ru/files/imgs/hotel_5556.jpg", x: "44.56222", y: "38.07667",
		category: economy, beach: pebbles, sea: far, amenities: []entry{pool}, tour: entry{1130, "Приморье"},
		rates: []rate{{
			room: room{entry{547, "2-х местный"}, standard, 2, 2}, tariff: entry{111630, "С питанием"},
			tourType: leisure, meals: ordered, adult: kopecks(1420_00), child: kopecks(994_00),
		}},
	},
	{
		entry: entry{7578, "Сосновый бор Пансионат"}, city: istra, kind: pension,
		image: "https://www.multitour.ru/files/imgs/hotel_7578.jpg", x: "55.91667", y: "36.86667",
		category: middle, highway: yaroslavl, amenities: []entry{pool}, tour: entry{3101, "Сосновый бор"},
		rates: []rate{{
			room: room{entry{547, "2-х местный"}, standard, 2, 2}, tariff: entry{111640, "С питанием"},
			tourType: leisure, meals: buffet, adult: kopecks(2600_00), child: kopecks(1300_00),
		}},
	},
	{
		entry: entry{8079, "Снегири Дом отдыха"}, city: istra, kind: pension, minAge: "0",
		image: "https://www.multitour.ru/files/imgs/hotel_8079.jpg", x: "55.87500", y: "37.04500",
		category: economy, highway: kiev, tour: entry{3102, "Снегири"},
	},
	{
		entry: entry{8080, "Гагра Гостиница"}, city: gagra, kind: guestHouse,
		image: "https://www.multitour.ru/files/imgs/hotel_8080.jpg", x: "43.28333", y: "40.26667",
		category: economy, beach: pebbles, sea: near, tour: entry{4001, "Вся Абхазия"},
		rates: []rate{{
			room: room{entry{540, "2-х местный с доп. местом"}, cheap, 3, 2}, tariff: entry{111650, "Экскурсии и завтрак"},
			tourType: byCoach, meals: mornings, adult: kopecks(1750_00), child: kopecks(1400_00),
		}},
		transfers: []object{
			{{"route", "Москва - Гагра"}, {"type", "автобус"}, {"place", "Москва, автовокзал"}, {"phone", "+7 (000) 000-00-02"}},
			{{"route", "Гагра - Москва"}, {"type", "автобус"}, {"place", "у гостиницы"}, {"phone", "+7 (000) 000-00-02"}},
		},
	},
}

// accommodations has the names by the number of tourists without a place and the number of
// tourists with one.
var accommodations = [...][4]entry{
	{{645, "1 взр"}, {646, "2 взр"}, {647, "3 взр"}, {648, "4 взр"}},
	{
		{969, "1 взр+1 реб (0-2) без места и пит."}, {970, "2 взр+1 реб (0-2) без места и пит."},
		{971, "3 взр+1 реб (0-2) без места и пит."}, {973, "4 взр+1 реб (0-2) без места и пит."},
	},
	{
		{1325, "1 взр+2 реб (0-2) без места и пит."}, {1326, "2 взр+2 реб (0-2) без места и пит."},
		{1327, "3 взр+2 реб (0-2) без места и пит."}, {1328, "4 взр+2 реб (0-2) без места и пит."},
	},
}

// mealTypes lists the meal types of a hotel's rates, each once.
func (h *hotel) mealTypes() (all []entry) {
	for _, r := range h.rates {
		all = add(all, r.meals.kind)
	}
	return all
}

func (h *hotel) tourTypes() (all []entry) {
	for _, r := range h.rates {
		all = add(all, r.tourType)
	}
	return all
}

// add adds an entry to a list if the list does not have it.
func add(list []entry, e entry) []entry {
	if slices.Contains(list, e) {
		return list
	}
	return append(list, e)
}
