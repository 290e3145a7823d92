package ticketscloud

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
)

func TestMain(m *testing.M) { conformance.Main(m) }

// docLines are the verbs and paths of the manual.
var docLines = map[string]string{
	"orders.create":            "POST /v2/resources/orders",
	"orders.change":            "PATCH /v2/resources/orders/:id",
	"orders.change+promocodes": "PATCH /v2/resources/orders/:id",
	"orders.change+done":       "PATCH /v2/resources/orders/:id",
	"orders.change+cancel":     "PATCH /v2/resources/orders/:id",
	"refunds.create":           "POST /v2/resources/refund_requests",
	"refunds.approve":          "PATCH /v2/resources/refund_requests/:refund_id",
	"refunds.reject":           "PATCH /v2/resources/refund_requests/:refund_id",
	"promocodes.check":         "POST /v2/services/promocodes/check",
	"orders.list":              "GET /v2/resources/orders",
	"orders.export":            "POST /v2/resources/orders/export",
	"orders.export+get":        "POST /v2/resources/orders/export",
	"refunds.list":             "GET /v2/resources/refund_requests",
	"simple.events":            "GET /v1/services/simple/events",
	"events.tickets":           "GET /v1/resources/events/:id/tickets",
	"mosbilet":                 "PUT /v2/services/orders/mosbilet/user_data",
}

func TestConformance(t *testing.T) { //nolint:paralleltest // the suite begins by measuring memory
	guarded := Config{Key: "s3cr3t/key+with=signs", BaseURL: Production}
	conformance.Suite[*Client]{
		Supplier:         "ticketscloud",
		Operations:       operations[:],
		SharedOperations: []string{"promocodes.check", "simple.events", "events.tickets"},
		Calls:            goldenCalls(),
		Lists:            brokenLists(),
		LookUps:          brokenLookUps(t),
		InjectionCalls:   furtherCalls(),
		ComparedFields:   []string{"Adjustment.Remove"},
		New: func(baseURL string, opts ...rutravel.Option) (*Client, error) {
			return New(Config{Key: "9bd8359943b545500278875r49c5b96d", BaseURL: baseURL}, opts...)
		},
		BaseURL:       Production,
		Config:        guarded,
		NewFromConfig: conformance.FromConfig(New),
		Secrets:       []string{string(guarded.Key)},
		GoldenDir:     "../testdata/ticketscloud",
		// point.type always has the same value.
		IgnoredPaths:  []string{"[].venue.point.type"},
		RefusalStatus: http.StatusBadRequest,
		Refusal: func(_, message string) string {
			text, err := json.Marshal(map[string]any{"errors": []string{message}})
			if err != nil {
				panic(err) // strings always have a JSON form
			}
			return string(text)
		},
		DocLine: func(op string) string { return "Ticketscloud: " + docLines[op] },
	}.Run(t)
}

// The table has exactly the operations of the manual, with the timeouts of the package
// comment.
func TestOperations(t *testing.T) {
	t.Parallel()
	var table []string
	for _, op := range operations {
		table = append(table, op.Key)
		want := time.Minute
		switch op.Key {
		case "promocodes.check":
			want = 30 * time.Second
		case "simple.events", "events.tickets":
			want = 90 * time.Second
		}
		assert.Equal(t, want, op.Timeout, op.Key)
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(docLines)), table)
}

type golden = conformance.Call[*Client]

func utc(year int, month time.Month, day, hour, minute, second int) time.Time {
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC)
}

func amounts(price, discount, nominal, extra, full string) Amounts {
	return Amounts{Price: conformance.Dec(price), Discount: conformance.Dec(discount), Nominal: conformance.Dec(nominal), Extra: conformance.Dec(extra), Full: conformance.Dec(full)}
}

// setValue is a category in the totals, without a promocode.
func setPrices(id SetID, price, discount, nominal string) SetPrices {
	return SetPrices{Set: id, Price: conformance.Dec(price), Discount: conformance.Dec(discount), Nominal: conformance.Dec(nominal)}
}

// with sets the file of a golden call that is not the first one of its operation.
func with(file string, c golden) golden {
	c.File = file
	return c
}

// furtherCalls are look-ups of golden objects and methods that send several requests.
func furtherCalls() []golden {
	order := OrderKey{ID: "5d39c3108cd381a4891e07e0", Event: "5d31fbdd27649b0dff076117"}
	export := OrderExport{Email: "hello@world.ru", Events: []EventID{order.Event, "5b23b53b9c9b19000c6c4180"}}
	byGet := export
	byGet.ByGet = true
	adjust := conformance.Call1("orders.change", func(c *Client, ctx context.Context, a Adjustment, opts ...rutravel.CallOption) (Order, error) {
		return c.AdjustTickets(ctx, order, a, opts...)
	}, Adjustment{
		Add: []TicketID{"5b0e8af09adc660001b0ab25"}, Remove: []TicketID{"5b0e8afa9adc660001b0ab6c"},
	}, Order{})
	adjust.Answer = `{"data":[{"id":"5d39c3108cd381a4891e07e0","status":"executed","tickets":[]}]}`
	return []golden{
		conformance.Call1("orders.list", (*Client).FindOrder, order, Order{}),
		conformance.Call1("orders.list", (*Client).LostOrders, LostOrder{
			Order: NewOrder{Event: order.Event}, Sent: utc(2019, 7, 25, 14, 56, 0),
		}, nil),
		conformance.Call1("refunds.list", (*Client).FindRefund, RefundKey{ID: "5b5728e886e7040069eb7f86", Event: "5b23b53b9c9b19000c6c4180"}, Refund{}),
		conformance.Call1("refunds.list", func(c *Client, ctx context.Context, k OrderKey, opts ...rutravel.CallOption) ([]Refund, error) {
			return c.LostRefunds(ctx, k, utc(2018, 7, 24, 13, 26, 0), opts...)
		}, order, nil),
		adjust,
		with("orders.list", conformance.Call1("orders.export", conformance.Done((*Client).ExportOrders), export, nil)),
		with("orders.list", conformance.Call1("orders.export+get", conformance.Done((*Client).ExportOrders), byGet, nil)),
	}
}

// change makes a golden call of ChangeOrder.
func change(op, file string, id OrderID, ch OrderChange, want Order) golden {
	c := with(file, conformance.Call2(op, (*Client).ChangeOrder, OrderKey{ID: id}, ch, want))
	for _, text := range []string{ch.Customer.Name, ch.Customer.Email, ch.Customer.Phone, ch.VendorData.OrderID} {
		if text != "" {
			c.Private = append(c.Private, text)
		}
	}
	if op != "orders.change" {
		c.IDs = orderIDs
	}
	return c
}

// orderIDs returns the ids that the caller needs after an order was created or paid.
func orderIDs(value any) []string {
	o := value.(Order)
	list := []string{string(o.ID)}
	for _, t := range o.Tickets {
		list = append(list, string(t.ID))
		if t.Barcode != "" {
			list = append(list, t.Barcode)
		}
	}
	return list
}

func refundIDs(value any) []string {
	f := value.(Refund)
	list := []string{string(f.ID), string(f.Order.ID)}
	for _, t := range f.Tickets {
		list = append(list, string(t.ID))
	}
	return list
}

// The orders of the manual's samples.
const (
	emptyOrder  OrderID = "5d39bf878cd381a4891e07b7"
	mixedOrder  OrderID = "5d8b924971a0bf323bd6a6ed"
	doneOrder   OrderID = "5d39c3108cd381a4891e07e0"
	namedOrder  OrderID = "5bacf64ea0eb2f000c45160a"
	seatless            = "5d7135113f18da51a186ad16"
	seated              = "5d7134962110d30a34e95cfe"
	soldOrder   OrderID = "5def7c43e3ed5ae2a8d6908b"
	soldTicket          = "5dd5469b05fe4df8940eb613"
	sampleEvent EventID = "5d31fbdd27649b0dff076117"
)

// goldenCalls sends the requests of the manual's samples and has the values of the
// recorded answers.
//
// The golden requests cover these traps: TC-T01 (key), T03 to T06 (PATCH with an id, POST
// with an event), T08 (random is an object), T24 (strings in raw), T25 (POST and GET), T27
// (no slash), T32 (required fields), T38 (a country's letters), T41 (lists with commas).
//
// The golden answers cover these traps: T14 and T39 (v1 and v2), T15 (a done order's
// tickets are reserved), T16 (no barcode), T17 (fields that are not documented), T18 (ids
// of promocodes), T26 (no body), T28 (the samples' misprints), T29 and T30 (sums and times
// of refunds), T35 (null), T36 (media), T37 (_id), T40 (longitude first), T43 (no pages),
// T44 (refs), T45 (no lifetime), T46 (per cent), T47 and T48 (totals), T54 (VEVENT), T59
// (org is four things), T60 (a category is a set), T63 (languages).
//
// The suite's secrets cover T62.
func goldenCalls() []golden {
	created := conformance.Call1("orders.create", (*Client).CreateOrder, NewOrder{Event: sampleEvent}, goldenCreated())
	created.IDs = orderIDs
	byRandom := conformance.Call1("orders.create", (*Client).CreateOrder, NewOrder{
		Event: "5d7134962110d30a34e95b96", Random: []SetCount{{Set: fanZone.ID, Count: 1}},
	}, goldenMixed(OrderHeld, amounts("5600.00", "0.00", "5600.00", "560.00", "6160.00"), seatlessTicket("")))
	byTickets := conformance.Call1("orders.create", (*Client).CreateOrder, NewOrder{
		Event: "5d7134962110d30a34e95b96", Tickets: []TicketID{seated},
	}, goldenMixed(OrderHeld, mixedAmounts, seatedTicket("")))

	both := []TicketID{seatless, seated}
	held := goldenMixed(OrderHeld, mixedAmounts, seatlessTicket(""), seatedTicket(""))
	exchanged := goldenMixed(OrderHeld, mixedAmounts, seatlessTicket(""), seatedTicket(""))
	exchanged.Tickets[1].ID, exchanged.Tickets[1].Number = "5d7134962110d30a34e95d01", 135833
	exchanged.Tickets[1].Seat = &Seat{Row: "3", Number: "17", Sector: "5a8dd58e6e55b2064c67c144"}
	paid := goldenMixed(OrderDone, mixedAmounts, seatlessTicket("67454655075047921"), seatedTicket("35348364979141729"))
	paid.Code, paid.DoneAt = "lw4bbl0o", utc(2019, 9, 25, 16, 20, 40)

	cancelled := goldenHeld()
	cancelled.Status, cancelled.Tickets = OrderCancelled, nil
	cancelled.Totals.Amounts = amounts("0.00", "0.00", "0.00", "0.00", "0.00")

	customer := Customer{Name: "Ivan Ivanov", Email: "hello@world.ru", Phone: "+79991234576", Lang: LanguageRussian}
	withCustomer := goldenNamed()
	withCustomer.Settings = Settings{Customer: customer, SendTickets: true}
	withData := goldenNamed()
	withData.Settings = Settings{Customer: customer, SendTickets: true, SubscribeAgree: true}
	withData.Settings.Customer.Lang = LanguageEnglish
	withData.VendorData = VendorData{OrderID: "5bacf64ea0eb2f000c45160a", Raw: []VendorField{
		{Name: "enable_call_to_customer", Value: "true"}, {Name: "call_counter", Value: "3"},
	}}
	mailed := withData
	mailed.Settings.Customer.Lang = LanguageRussian
	discounted := goldenDiscounted()
	promocodes := change("orders.change+promocodes", "", namedOrder, OrderChange{Promocodes: []string{"PROMO100"}}, discounted)
	promocodes.IDs = nil // the distributor's own fields may have any value
	several := goldenDiscounted()
	several.Settings = Settings{Customer: customer, SendTickets: true}
	several.VendorData.Raw = nil

	refunded := Refund{
		ID: "5dfa1fa437077b6b6ed0f6b3", Status: RefundNew, Culprit: CulpritUser, Policy: PolicyLaw193,
		CreatedAt: utc(2019, 12, 18, 12, 46, 28), RequestedAt: utc(2019, 12, 15, 13, 1, 2),
		Amount: conformance.Dec("1000.00"), Delta: conformance.NullDec("1000.00"), CustomerMoney: conformance.NullDec("1000.00"),
		Event: goldenMetal(), Org: funkyBox, Vendor: funkyBox, Order: goldenSold(), Tickets: []Ticket{soldTicketOf("")},
	}
	byOrg := refunded
	byOrg.ID, byOrg.Culprit, byOrg.Policy = "5dfb31a237077b6b6ed0f702", CulpritOrg, PolicyGeneral
	byOrg.CreatedAt, byOrg.RequestedAt = utc(2019, 12, 19, 8, 15, 30), time.Time{}
	approved, rejected := refunded, refunded
	approved.Status, approved.FinishedAt = RefundApproved, utc(2019, 12, 18, 13, 5, 47)
	rejected.Status, rejected.FinishedAt = RefundRejected, utc(2019, 12, 18, 14, 20, 9)
	refund := NewRefund{
		Order: OrderKey{ID: soldOrder}, Culprit: CulpritUser, Tickets: []TicketID{soldTicket}, RequestedAt: utc(2019, 12, 15, 13, 1, 2),
	}
	refundByOrg := NewRefund{Order: OrderKey{ID: soldOrder}, Culprit: CulpritOrg, Tickets: []TicketID{soldTicket}}
	create := conformance.Call1("refunds.create", (*Client).CreateRefund, refund, refunded)
	create.IDs = refundIDs
	approve := conformance.Call1("refunds.approve", (*Client).ApproveRefund, RefundKey{ID: refunded.ID}, approved)
	approve.IDs = refundIDs
	reject := conformance.Call1("refunds.reject", (*Client).RejectRefund, RefundKey{ID: refunded.ID}, rejected)
	reject.IDs = refundIDs

	export := OrderExport{
		Email: "hello@world.hello", Status: []OrderStatus{OrderDone, OrderCancelled},
		CreatedAt: Period{From: utc(2000, 7, 28, 13, 0, 0), To: utc(2020, 7, 28, 13, 0, 0)},
	}
	exportByGet := export
	exportByGet.ByGet = true
	buyers := []MosbiletBuyer{
		{Ticket: seated, UserID: "7000000001", FirstName: "Ivan", Surname: "Ivanov", MiddleName: "Ivan Ivanov"},
		{UserID: "7000000002", FirstName: "Ivanov", Surname: "Ivan"},
	}
	noBody := func(c golden, status int, private ...string) golden {
		c.Status, c.NoBody, c.Private = status, true, private
		return c
	}
	list := goldenLists()
	events := goldenEvents()
	event := func(file string, q EventQuery, want ...ListedEvent) golden {
		c := conformance.Call1("simple.events", (*Client).EventsPage, q, want)
		c.File, c.EmptyList = file, "[]"
		return c
	}
	tickets := func(file string, q SeatQuery, want ...SeatTicket) golden {
		c := conformance.Call2("events.tickets", (*Client).EventTickets, "5b0d157f445143000114e321", q, want)
		c.File, c.EmptyList = file, "[]"
		return c
	}
	check := func(file string, event EventID, code string, want PromocodeTerms) golden {
		return with(file, conformance.Call2("promocodes.check", (*Client).CheckPromocode, event, code, want))
	}

	return append([]golden{
		created,
		with("orders.create+random", byRandom),
		with("orders.create+tickets", byTickets),
		change("orders.change", "", "5b0eab671b2042000ea83850", OrderChange{
			Tickets: []TicketID{"5b0e8af09adc660001b0ab25", "5b0e8afa9adc660001b0ab6c"},
		}, goldenChanged()),
		change("orders.change", "orders.change+tickets", mixedOrder, OrderChange{Tickets: both}, held),
		change("orders.change", "orders.change+all_or_nothing", mixedOrder, OrderChange{Tickets: both, AllOrNothing: true}, held),
		change("orders.change", "orders.change+random", emptyOrder, OrderChange{
			Random: []SetCount{{Set: "5d31fbfa27649b0dff07611b", Count: 1}},
		}, goldenHeld()),
		change("orders.change", "orders.change+random_seats", mixedOrder, OrderChange{
			Random: []SetCount{{Set: a2.ID, Count: 1}, {Set: fanZone.ID, Count: 1}},
		}, exchanged),
		change("orders.change", "orders.change+customer", namedOrder, OrderChange{Customer: customer}, withCustomer),
		change("orders.change", "orders.change+send_tickets", namedOrder, OrderChange{SendTickets: new(true)}, mailed),
		change("orders.change", "orders.change+vendor_data_strings", namedOrder, OrderChange{VendorData: withData.VendorData}, withData),
		promocodes,
		change("orders.change+promocodes", "orders.change+several", namedOrder, OrderChange{
			Tickets: []TicketID{"5d664830b8a2cb5ce0576457"}, Customer: customer, SendTickets: new(true),
			VendorData: VendorData{OrderID: "5bacf64ea0eb2f000c45160a"}, Promocodes: []string{"PROMO100"},
		}, several),
		change("orders.change+done", "", doneOrder, OrderChange{Status: OrderDone}, goldenDone()),
		change("orders.change+done", "orders.change+done_mixed", mixedOrder, OrderChange{Status: OrderDone}, paid),
		change("orders.change+cancel", "", emptyOrder, OrderChange{Status: OrderCancelled}, cancelled),
		create,
		with("refunds.create+org", conformance.Call1("refunds.create", (*Client).CreateRefund, refundByOrg, byOrg)),
		approve,
		reject,
		check("", "5db2d8504d9134a8c7ec2cf5", "fix100", PromocodeTerms{Discount: Discount{Amount: conformance.NullDec("100.00")}}),
		check("promocodes.check+percentage", "5d765a4a221988d7da985875", "all", PromocodeTerms{
			Discount: Discount{Percent: conformance.NullDec("25")},
			Start:    utc(2019, 10, 30, 21, 0, 0), Finish: utc(2019, 11, 30, 20, 59, 0), MinTickets: 2,
			Sets: []Set{{ID: "5d765a59221988d7da985879", Name: "Билетище", Price: conformance.Dec("1099.00")}},
		}),
		noBody(conformance.Call1("orders.export", conformance.Done((*Client).ExportOrders), export, nil), http.StatusOK, export.Email),
		noBody(conformance.Call1("orders.export+get", conformance.Done((*Client).ExportOrders), exportByGet, nil), http.StatusOK, export.Email),
		noBody(conformance.Call2("mosbilet", conformance.Done2((*Client).SetMosbiletBuyers), OrderKey{ID: mixedOrder}, buyers, nil), http.StatusAccepted,
			"7000000001", "7000000002", "Ivan", "Ivanov", "Ivan Ivanov"),
		event("", EventQuery{}, events...),
		event("simple.events+page", EventQuery{Page: 2, PageSize: 3}, events[1]),
		event("simple.events+filters", EventQuery{
			Org: "5b04229196c055000d87c2b5", Status: []EventStatus{EventPublic},
			Tags: []string{"5b0286ce517565000d9cb101", "5b0286ce517565000d9cb102"}, Venue: "5540add49cb5385eeef17b4d",
			City: "524901", Country: "RU", Lifetime: Period{From: utc(2019, 8, 1, 0, 0, 0), To: utc(2019, 9, 1, 0, 0, 0)},
			Price: &PriceRange{From: conformance.Dec("100.00"), To: conformance.Dec("1500")}, ViewLimit: ViewSalespoint,
		}, events[0]),
		tickets("", SeatQuery{Status: []TicketStatus{TicketVacant}, Sectors: []SectorID{"55abfa669cb5382abebd9fad"}},
			SeatTicket{
				ID: "5b0d157f445143000114e4ef", Serial: "OPT", Number: 110581, Set: "5b0d1580445143000114e92d",
				Seat: Seat{Row: "1", Number: "1", Sector: "55abfa669cb5382abebd9fad"}, Status: TicketVacant,
			},
			SeatTicket{
				ID: "5b0d157f445143000114e4f0", Serial: "OPT", Number: 110582, Set: "5b0d1580445143000114e92d",
				Seat: Seat{Row: "1", Number: "2", Sector: "55abfa669cb5382abebd9fad"}, Status: TicketVacant,
			}),
		tickets("events.tickets+filters", SeatQuery{
			Status:  []TicketStatus{TicketVacant, TicketReserved, TicketSold, TicketPending},
			Sectors: []SectorID{"55abfa669cb5382abebd9fad", "55abfa669cb5382abebd9fae"},
		},
			SeatTicket{
				ID: "5b0d157f445143000114e511", Serial: "OPT", Number: 110615, Set: "5b0d1580445143000114e92d",
				Seat: Seat{Row: "3", Number: "8", Sector: "55abfa669cb5382abebd9fad"}, Status: TicketReserved,
				ReservedTill: utc(2018, 5, 30, 12, 45, 10),
			},
			SeatTicket{
				ID: "5b0d157f445143000114e602", Serial: "OPU", Number: 120044, Set: "5b0d1580445143000114e92e",
				Seat: Seat{Row: "11", Number: "15", Sector: "55abfa669cb5382abebd9fae"}, Status: TicketSold,
			}),
	}, list...)
}
