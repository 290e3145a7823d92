package web

// translate returns the words of a key. A key without words is shown as it is, so
// that a missing one is noticed.
func translate(lang, key string) string {
	w, ok := words[key]
	switch {
	case !ok:
		return key
	case lang == "ru":
		return w[1]
	default:
		return w[0]
	}
}

// words are all texts of the pages, in English and in Russian.
var words = map[string][2]string{
	"shop":          {"Far Shore", "Дальний берег"},
	"foot":          {"An example shop. Nothing is really sold in the sandbox.", "Пример магазина. В песочнице ничего не продаётся на самом деле."},
	"home":          {"Home", "Главная"},
	"home.back":     {"To the home page", "На главную"},
	"home.title":    {"Where shall we go?", "Куда поедем?"},
	"home.text":     {"Coaches, concerts and tours. One order, one payment, and an honest answer at every step.", "Автобусы, концерты и туры. Один заказ, одна оплата и честный ответ на каждом шаге."},
	"menu.sandbox":  {"Sandbox", "Песочница"},
	"menu.operator": {"Operator", "Оператор"},
	"back":          {"Back", "Назад"},

	"kind.coach": {"Coach tickets", "Автобусы"}, "kind.event": {"Events", "События"}, "kind.tour": {"Tours in Russia", "Туры по России"}, "kind.package": {"Week by the sea", "Неделя у моря"},
	"title.home": {"Travel", "Путешествия"}, "title.coach": {"Coach tickets", "Автобусы"}, "title.event": {"Events", "События"}, "title.tour": {"Tours", "Туры"}, "title.package": {"Week by the sea", "Неделя у моря"},
	"title.operator": {"Operator", "Оператор"}, "title.sandbox": {"Sandbox", "Песочница"},
	"package.text": {"Seven nights in Side, Turkey, all inclusive, for two. Flights included.", "Семь ночей в Сиде, Турция, «всё включено», на двоих. С перелётом."},
	"package.more": {"See the tour", "Посмотреть тур"},
	"find.coach":   {"Find coaches", "Найти рейсы"}, "find.event": {"Find events", "Найти события"}, "find.tour": {"Find tours", "Найти туры"},
	"any.event": {"A name or a place, or nothing", "Название или место, можно пусто"},
	"nothing":   {"Nothing was found. Try another day.", "Ничего не нашлось. Попробуйте другой день."},
	"from":      {"from", "от"}, "left": {"left", "осталось"}, "sold_out": {"sold out", "распродано"}, "nights": {"nights", "ночей"}, "adults": {"adults", "взрослых"},

	"field.from": {"From", "Откуда"}, "field.to": {"To", "Куда"}, "field.date": {"Date", "Дата"}, "field.text": {"What", "Что"}, "field.country": {"Country", "Страна"},
	"field.nights": {"Nights", "Ночей"}, "field.adults": {"Adults", "Взрослых"}, "field.surname": {"Surname", "Фамилия"}, "field.first_name": {"First name", "Имя"},
	"field.patronymic": {"Patronymic, if any", "Отчество, если есть"}, "field.sex": {"Sex", "Пол"}, "field.birth": {"Date of birth", "Дата рождения"},
	"field.document": {"Passport", "Паспорт"}, "field.name": {"Your name", "Ваше имя"}, "field.email": {"E-mail", "Эл. почта"}, "field.phone": {"Phone", "Телефон"},
	"field.choices": {"Choose one to four.", "Выберите от одного до четырёх."}, "field.people": {"Four people at most.", "Не больше четырёх человек."},
	"field.travellers": {"Each ticket needs a traveller.", "К каждому билету нужен пассажир."}, "field.seen": {"The total", "Сумма"}, "field.number": {"The number in the supplier's cabinet", "Номер в кабинете поставщика"}, "field.line": {"The ticket", "Билет"},
	"field.mixed": {"Seats and tickets without seats need two orders.", "Билеты с местами и без мест оформляются двумя заказами."}, "field.idempotency_key": {"The key of the order", "Ключ заказа"},
	"field.search": {"The search", "Запрос"}, "field.form": {"The form", "Форма"}, "field.fault": {"The fault", "Ошибка"}, "field.done": {"The decision", "Решение"}, "field.body": {"The request", "Запрос"},
	"male": {"male", "мужской"}, "female": {"female", "женский"},

	"fact.when": {"When", "Когда"}, "fact.arrives": {"Arrives", "Прибытие"}, "fact.nights": {"Nights", "Ночей"},
	"fact.venue.coach": {"Carrier", "Перевозчик"}, "fact.venue.event": {"Where", "Где"}, "fact.venue.tour": {"Where", "Где"}, "fact.venue.package": {"Where", "Где"},
	"fact.detail.coach": {"Coach", "Автобус"}, "fact.detail.event": {"What", "Что"}, "fact.detail.tour": {"Room", "Номер"}, "fact.detail.package": {"Included", "Включено"},
	"choose": {"Choose your places", "Выберите места"}, "choose.most": {"Up to four in one order.", "До четырёх в одном заказе."}, "taken": {"taken", "занято"},
	"continue": {"Continue", "Далее"}, "price.for": {"for", "за человек:"}, "seat": {"Seat", "Место"}, "total": {"Total", "Итого"},
	"people.title": {"Who is travelling?", "Кто едет?"}, "traveller": {"Traveller", "Пассажир"}, "buyer": {"How can we reach you?", "Как с вами связаться?"},
	"book": {"Book", "Забронировать"}, "book.note": {"Nothing is charged yet.", "Деньги пока не списываются."},

	"order": {"Order", "Заказ"}, "number": {"Booking number", "Номер брони"}, "pay": {"Pay", "Оплатить"}, "pay.before": {"Time left to pay:", "Осталось на оплату:"}, "refund": {"Give back", "Вернуть"},
	"history": {"History", "История"}, "line.returned": {"given back:", "возвращено:"}, "line.refunding": {"being given back", "возвращается"},

	"status.busy.book":         {"Booking your places…", "Бронируем места…"},
	"status.busy.book.text":    {"This takes a few seconds. You can leave this page open.", "Это займёт несколько секунд. Страницу можно не закрывать."},
	"status.busy.pay":          {"Paying…", "Оплачиваем…"},
	"status.busy.pay.text":     {"The payment is on its way. There is no need to pay again.", "Платёж в пути. Повторно платить не нужно."},
	"status.busy.refund":       {"Giving back…", "Возвращаем…"},
	"status.busy.refund.text":  {"The carrier or organiser has been asked.", "Мы обратились к перевозчику или организатору."},
	"status.busy.approve":      {"Giving back…", "Возвращаем…"},
	"status.busy.approve.text": {"The organiser has the request and must confirm it.", "Заявка у организатора, он должен её подтвердить."},

	"status.unsure.book":         {"We are finding out whether your places were booked", "Выясняем, забронированы ли места"},
	"status.unsure.book.text":    {"The answer to the booking was lost on its way. Nothing has been charged. This page will show the result.", "Ответ на бронирование потерялся в пути. Деньги не списаны. Результат появится на этой странице."},
	"status.unsure.pay":          {"We are finding out whether your payment went through", "Выясняем, прошла ли оплата"},
	"status.unsure.pay.text":     {"The answer to the payment was lost on its way. Please do not pay again: we ask until we know. This page will show the result.", "Ответ об оплате потерялся в пути. Пожалуйста, не платите ещё раз: мы спрашиваем, пока не узнаем. Результат появится на этой странице."},
	"status.unsure.refund":       {"We are finding out whether your ticket was given back", "Выясняем, возвращён ли билет"},
	"status.unsure.refund.text":  {"The answer was lost on its way. We ask until we know.", "Ответ потерялся в пути. Мы спрашиваем, пока не узнаем."},
	"status.unsure.approve":      {"We are finding out whether the refund was confirmed", "Выясняем, подтверждён ли возврат"},
	"status.unsure.approve.text": {"The answer was lost on its way. We ask until we know.", "Ответ потерялся в пути. Мы спрашиваем, пока не узнаем."},

	"status.human.book":         {"Our staff are checking your booking", "Наши сотрудники проверяют бронь"},
	"status.human.book.text":    {"The supplier could not tell us by itself. We are asking in person and will write to you.", "Автоматически узнать не удалось. Мы выясняем у поставщика лично и напишем вам."},
	"status.human.pay":          {"Our staff are checking your payment", "Наши сотрудники проверяют оплату"},
	"status.human.pay.text":     {"Please do not pay again. We are asking in person and will write to you.", "Пожалуйста, не платите ещё раз. Мы выясняем лично и напишем вам."},
	"status.human.refund":       {"Our staff are checking your refund", "Наши сотрудники проверяют возврат"},
	"status.human.refund.text":  {"We are asking in person and will write to you.", "Мы выясняем лично и напишем вам."},
	"status.human.approve":      {"Our staff are checking your refund", "Наши сотрудники проверяют возврат"},
	"status.human.approve.text": {"We are asking in person and will write to you.", "Мы выясняем лично и напишем вам."},

	"status.held": {"Your places are held", "Места забронированы"}, "status.held.text": {"Pay to keep them.", "Оплатите, чтобы сохранить их."},
	"status.paid": {"Paid", "Оплачено"}, "status.paid.text": {"Your order is complete. Have a good trip!", "Заказ оформлен. Хорошей поездки!"},
	"status.refunded": {"Given back", "Возвращено"}, "status.refunded.text": {"The money is on its way to you.", "Деньги скоро вернутся к вам."},
	"status.kept": {"Given back", "Возвращено"}, "status.kept.text": {"The supplier keeps the whole price. No money comes back.", "Поставщик удерживает всю стоимость. Деньги не возвращаются."},
	"status.failed": {"Not booked", "Не забронировано"}, "status.failed.text": {"Nothing was charged. You can order again.", "Деньги не списаны. Можно оформить новый заказ."},
	"status.expired": {"The time to pay is over", "Время на оплату истекло"}, "status.expired.text": {"Nothing was charged. The places are on sale again.", "Деньги не списаны. Места снова в продаже."},
	"state.booking": {"being booked", "бронируется"}, "state.held": {"held", "забронирован"}, "state.paying": {"being paid", "оплачивается"}, "state.paid": {"paid", "оплачен"},
	"state.refunded": {"given back", "возвращён"}, "state.failed": {"not booked", "не забронирован"}, "state.expired": {"expired", "истёк"}, "unsure": {"outcome unknown", "исход неизвестен"},

	"error.invalid": {"Please check what you have entered", "Проверьте введённые данные"}, "error.invalid.text": {"Something is missing or cannot be right.", "Чего-то не хватает, или что-то указано неверно."},
	"error.gone": {"This offer is not on sale any more", "Это предложение больше не продаётся"}, "error.gone.text": {"Please search again.", "Пожалуйста, поищите ещё раз."},
	"error.sold_out": {"Somebody was faster: these places are taken", "Кто-то успел раньше: эти места уже заняты"}, "error.sold_out.text": {"Nothing was booked or charged. Please choose other places.", "Ничего не забронировано и не списано. Выберите другие места."},
	"error.price_changed": {"The price has changed", "Цена изменилась"}, "error.price_changed.text": {"Nothing was booked. Above is the price as it is now. Please go back and decide.", "Ничего не забронировано. Выше указана нынешняя цена. Вернитесь и решите."},
	"error.hold_expired": {"The time to pay is over", "Время на оплату истекло"}, "error.hold_expired.text": {"Nothing was charged. Please order again.", "Деньги не списаны. Оформите новый заказ."},
	"error.not_payable": {"This order cannot be paid", "Этот заказ нельзя оплатить"}, "error.not_payable.text": {"Its places are not held. Please look at the order.", "Места по нему не забронированы. Посмотрите заказ."},
	"error.not_refunded": {"This ticket cannot be given back now", "Этот билет сейчас нельзя вернуть"}, "error.not_refunded.text": {"Please look at the order.", "Посмотрите заказ."},
	"error.ask_us": {"Please ask us for the refund of a tour", "Для возврата тура свяжитесь с нами"}, "error.ask_us.text": {"The supplier handles it in person.", "Поставщик оформляет его лично."},
	"error.key_reused": {"This form was sent already with other data", "Эта форма уже отправлена с другими данными"}, "error.key_reused.text": {"Your first order is unchanged. For another one, please start from the search.", "Первый заказ не изменился. Для нового начните с поиска."},
	"error.busy": {"The supplier does not answer at the moment", "Поставщик сейчас не отвечает"}, "error.busy.text": {"Nothing was charged. Please try again in a minute.", "Деньги не списаны. Попробуйте через минуту."},
	"error.internal": {"Something went wrong on our side", "Что-то сломалось у нас"}, "error.internal.text": {"We have been told. What you ordered before is safe.", "Мы уже знаем. То, что вы заказали раньше, в порядке."},
	"error.not_found": {"There is no such page", "Такой страницы нет"}, "error.not_found.text": {"Please check the address.", "Проверьте адрес."},
	"error.book_refused": {"The supplier did not accept the booking.", "Поставщик не принял бронь."}, "error.book_presumed": {"The supplier has no such booking. If one turns up, it expires by itself.", "У поставщика нет такой брони. Если она найдётся, она истечёт сама."},
	"error.duplicate":   {"The supplier has a booking for these travellers already. Nothing was booked again.", "У поставщика уже есть бронь на этих туристов. Повторно ничего не забронировано."},
	"error.pay_refused": {"The payment was not made, and nothing was charged. You can try again.", "Оплата не прошла, деньги не списаны. Можно попробовать ещё раз."}, "error.refund_refused": {"The refund was not made. You can try again.", "Возврат не выполнен. Можно попробовать ещё раз."},

	"note.ordered": {"Ordered", "Заказано"}, "note.held": {"Places held", "Места забронированы"}, "note.failed": {"Not booked", "Не забронировано"}, "note.pay": {"Payment wanted", "Начата оплата"},
	"note.paid": {"Paid", "Оплачено"}, "note.not_paid": {"Not paid", "Не оплачено"}, "note.expired": {"Hold expired", "Бронь истекла"}, "note.refund": {"Refund wanted", "Начат возврат"},
	"note.refund_requested": {"Refund requested", "Заявка на возврат создана"}, "note.refunded": {"Given back", "Возвращено"}, "note.not_refunded": {"Not given back", "Не возвращено"}, "note.human": {"Handed to our staff", "Передано сотрудникам"},

	"operator.human": {"Needs a human", "Нужен человек"}, "operator.none": {"Nothing needs a decision.", "Решать нечего."}, "operator.check": {"What to check:", "Что проверить:"},
	"operator.number": {"The number in the supplier's cabinet", "Номер в кабинете поставщика"}, "operator.done": {"It was done", "Выполнено"}, "operator.not_done": {"It was not done", "Не выполнено"},
	"operator.books": {"Books", "Касса"}, "operator.received": {"received", "получено"}, "operator.returned": {"returned", "возвращено"}, "operator.orders": {"Latest orders", "Последние заказы"},
	"operator.no_orders": {"No orders yet.", "Заказов пока нет."}, "operator.jobs": {"Look-ups and jobs (River)", "Проверки и задачи (River)"},

	"sandbox.text":    {"All suppliers are simulated. Choose what goes wrong with the next coach or event order.", "Все поставщики имитируются. Выберите, что пойдёт не так со следующим заказом автобуса или события."},
	"sandbox.console": {"The suppliers' side", "Сторона поставщиков"}, "fault.done": {"Done. Go on and order.", "Готово. Теперь оформите заказ."},
	"fault.lose_payment": {"Lose the answer to a payment", "Потерять ответ об оплате"}, "fault.lose_payment.text": {"The payment succeeds, but nobody says so.", "Оплата проходит, но об этом никто не сообщает."},
	"fault.fail_payment": {"Lose a payment", "Потерять платёж"}, "fault.fail_payment.text": {"The connection breaks before anything is done.", "Связь рвётся до того, как что-то сделано."},
	"fault.lose_booking": {"Lose the answer to a booking", "Потерять ответ о брони"}, "fault.lose_booking.text": {"The places are held, but nobody says so.", "Места удержаны, но об этом никто не сообщает."},
	"fault.lose_refund": {"Lose the answer to a refund", "Потерять ответ о возврате"}, "fault.lose_refund.text": {"The ticket is given back, but nobody says so.", "Билет возвращён, но об этом никто не сообщает."},
	"fault.sell_out": {"Sell everything out", "Распродать всё"}, "fault.sell_out.text": {"All places that are left are taken.", "Все оставшиеся места заняты."},
	"fault.restock": {"Put places on sale again", "Вернуть места в продажу"}, "fault.restock.text": {"Undoes the sell-out.", "Отменяет распродажу."},
	"fault.end_holds": {"End all holds", "Завершить все брони"}, "fault.end_holds.text": {"Unpaid places go back on sale at the supplier.", "Неоплаченные места возвращаются в продажу у поставщика."},

	"month.1": {"January", "января"}, "month.2": {"February", "февраля"}, "month.3": {"March", "марта"}, "month.4": {"April", "апреля"}, "month.5": {"May", "мая"}, "month.6": {"June", "июня"},
	"month.7": {"July", "июля"}, "month.8": {"August", "августа"}, "month.9": {"September", "сентября"}, "month.10": {"October", "октября"}, "month.11": {"November", "ноября"}, "month.12": {"December", "декабря"},
}
