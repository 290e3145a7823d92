package ticketscloud_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// TC-T33 to TC-T36, TC-T39, TC-T54: the older catalogue in the shapes that the manual does
// not exclude.
func TestAwkwardCatalogue(t *testing.T) {
	t.Parallel()
	events := func(name string) []ticketscloud.ListedEvent {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "simple.events-"+name))
		list, err := c.EventsPage(t.Context(), ticketscloud.EventQuery{})
		require.NoError(t, err, name)
		return list
	}
	assert.Empty(t, events("empty"))
	assert.Empty(t, events("in-events-empty"))
	assert.NotEmpty(t, events("in-events"))
	assert.NotEmpty(t, events("in-data"))
	assert.Equal(t, "5c13b5b1867efb000be1ebd7", string(events("bare")[0].ID))
	kinds := events("kinds")[0]
	assert.Equal(t, []string{"+74820000003"}, kinds.Partner.Contact.Phones)
	assert.Empty(t, kinds.Org.Contact.Phones)
	assert.Nil(t, kinds.Venue.Point)
	assert.Equal(t, "Тверь", kinds.Venue.City.Name.In())
	assert.NotEmpty(t, events("legal_detail-in-org")[0].LegalDetail.OGRNIP)
	numbers := events("numbers")[0]
	assert.Equal(t, ticketscloud.SectorID("5c13b5b9867efb000be1ebe3"), numbers.Sets[0].Sector)
	assert.Equal(t, []ticketscloud.Row{{Row: "А", Numbers: []string{"1", "2"}}, {Row: "2", Numbers: []string{"3"}}}, numbers.Sets[0].Seats)
	assert.Contains(t, string(numbers.Map), "5c13b5ab867efb000be1ebd0")
	object := events("lifetime-object")[0]
	assert.Equal(t, utc(2019, 8, 15, 21, 20, 0, 0), object.Start)

	start, finish := utc(2019, 8, 15, 21, 20, 0, 0), utc(2019, 8, 28, 21, 50, 0, 0)
	for i, e := range events("lifetimes") {
		from, to := start, finish
		switch i + 1 {
		case 2, 3:
			from, to = utc(2016, 1, 24, 16, 0, 0, 0), utc(2016, 1, 24, 17, 30, 0, 0)
		case 11:
			to = time.Time{}
		case 12, 13, 14:
			from, to = time.Time{}, time.Time{}
		}
		assert.Equal(t, from, e.Start, e.Title)
		assert.Equal(t, to, e.Finish, e.Title)
	}
	for _, bad := range []string{"soon", "BEGIN:VEVENT", `BEGIN:VEVENT\r\nDTSTART:2019\r\nEND:VEVENT`, `BEGIN:VEVENT\r\nDTSTART:20190815T212000\r\nEND:VEVENT`} {
		c, unread := warned(t, `[{"id":"1","lifetime":"`+bad+`"}]`)
		events, err := c.EventsPage(t.Context(), ticketscloud.EventQuery{})
		require.NoError(t, err, bad)
		require.Len(t, events, 1, bad)
		assert.Zero(t, events[0].Start, bad)
		assert.Equal(t, []string{"[0].lifetime 1"}, unread(), bad)
	}

	for name, want := range map[string]int{"empty": 0, "in-data": 2, "seat-strings": 2, "status-unknown": 3} {
		c, _ := answers(t, http.StatusOK, conformance.Awkward(t, "ticketscloud", "events.tickets-"+name))
		list, err := c.EventTickets(t.Context(), eventID, ticketscloud.SeatQuery{})
		require.NoError(t, err, name)
		require.Len(t, list, want, name)
		if name == "seat-strings" {
			assert.Equal(t, "А", list[0].Seat.Row, name)
			assert.Equal(t, "2а", list[1].Seat.Number, name)
		}
	}
}

// A price is sent with the caller's digits.
func TestFormatDecimal(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"100.00", "1500", "0.5", "0", "0.10"} {
		assert.Equal(t, text, ticketscloud.FormatDecimal(conformance.Dec(text)))
	}
	assert.Equal(t, "1500", ticketscloud.FormatDecimal(conformance.Dec("15e2")))
}

// Queries that the manual does not allow are refused before they are sent.
func TestInvalidEventQueries(t *testing.T) {
	t.Parallel()
	c, requests := answers(t, http.StatusOK, `[]`)
	price := func(from, to string) *ticketscloud.PriceRange {
		return &ticketscloud.PriceRange{From: conformance.Dec(from), To: conformance.Dec(to)}
	}
	for name, test := range map[string]struct {
		query          ticketscloud.EventQuery
		field, problem string
	}{
		"backwards":      {ticketscloud.EventQuery{Price: price("2", "1")}, "Price.To", "must not be less than From"},
		"negative":       {ticketscloud.EventQuery{Price: price("-1", "1")}, "Price.From", "must not be negative"},
		"org":            {ticketscloud.EventQuery{Org: "a b"}, "Org", "must not contain spaces or control characters"},
		"venue":          {ticketscloud.EventQuery{Venue: ".."}, "Venue", "must be an id"},
		"city":           {ticketscloud.EventQuery{City: "a b"}, "City", "must not contain spaces or control characters"},
		"country":        {ticketscloud.EventQuery{Country: "."}, "Country", "must be an id"},
		"view":           {ticketscloud.EventQuery{ViewLimit: "a b"}, "ViewLimit", "must not contain spaces or control characters"},
		"tags":           {ticketscloud.EventQuery{Tags: []string{"a", "b,c"}}, "Tags[1]", "must not contain a comma"},
		"status":         {ticketscloud.EventQuery{Status: []ticketscloud.EventStatus{""}}, "Status[0]", "must not be empty"},
		"lifetime":       {ticketscloud.EventQuery{Lifetime: ticketscloud.Period{To: time.Now()}}, "Lifetime.From", "must be set"},
		"page before":    {ticketscloud.EventQuery{Page: -1}, "Page", "must not be negative"},
		"size below one": {ticketscloud.EventQuery{PageSize: -1}, "PageSize", "must not be negative"},
	} {
		_, err := c.EventsPage(t.Context(), test.query)
		assertInvalid(t, err, test.field, test.problem, name)
	}
	_, err := c.EventTickets(t.Context(), eventID, ticketscloud.SeatQuery{Status: []ticketscloud.TicketStatus{"a,b"}})
	assertInvalid(t, err, "Status[0]", "must not contain a comma", "status of seats")
	_, err = c.EventTickets(t.Context(), eventID, ticketscloud.SeatQuery{Sectors: []ticketscloud.SectorID{"a", ""}})
	assertInvalid(t, err, "Sectors[1]", "must not be empty", "sectors of seats")
	assert.Empty(t, *requests)

	// A price of zero, a range of one price and any page size are allowed.
	_, err = c.EventsPage(t.Context(), ticketscloud.EventQuery{Price: price("0", "0"), PageSize: 1000})
	require.NoError(t, err)
	assert.Equal(t, "/v1/services/simple/events?price=0%2C0&page_size=1000", (*requests)[0].uri)
}

// An event that cannot be read is left out with a warning. It does not hide other events
// or later pages. Minor fields stay empty.
func TestUnreadableEvents(t *testing.T) {
	t.Parallel()
	const page = `[{"id":"1","tickets_amount":null,"tickets_amount_vacant":3,"org":{"media":["https://example.org/logo.png"]}},
		{"id":"2","tickets_amount_vacant":null},
		{"id":"3","sets":[{"id":"a","price":"1.00"},{"id":"b"},{"id":"c","price":"2.00","rules":[{"price":"1"},{"price":"1","cal":"soon"}]}]}]`
	c, unread := warned(t, page)
	events, err := c.EventsPage(t.Context(), ticketscloud.EventQuery{})
	require.NoError(t, err)
	require.Len(t, events, 2)
	assert.Equal(t, 3, events[0].VacantTickets)
	assert.Equal(t, map[string]ticketscloud.Media{"0": {URL: "https://example.org/logo.png"}}, events[0].Org.Media)
	require.Len(t, events[1].Sets, 2)
	assert.Equal(t, ticketscloud.SetID("c"), events[1].Sets[1].ID)
	assert.Len(t, events[1].Sets[1].Rules, 1)
	assert.ElementsMatch(t, []string{"[0].tickets_amount 1", `"" 2`, "[2].sets[1].price 3", "[2].sets[2].rules[1].cal 3"}, unread())

	c, _ = answers(t, http.StatusOK, `[{"title":{"text":"no id"}}]`, page, `[]`)
	all, err := rutravel.Collect(c.Events(t.Context(), ticketscloud.EventQuery{}))
	require.NoError(t, err)
	assert.Len(t, all, 2)
	c, _ = answers(t, http.StatusOK, `[{"title":{"text":"no id"}}]`, `[]`)
	_, err = rutravel.Collect(c.Events(t.Context(), ticketscloud.EventQuery{}))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	_, err = c.EventsPage(t.Context(), ticketscloud.EventQuery{})
	require.NoError(t, err)

	c, unread = warned(t, `[{"id":"1","status":"vacant","seat":{"row":1,"number":2}},{"id":"2","status":"vacant","seat":{"row":"\ufffd"}},{"id":"3"}]`)
	seats, err := c.EventTickets(t.Context(), eventID, ticketscloud.SeatQuery{})
	require.NoError(t, err)
	assert.Len(t, seats, 1)
	assert.Equal(t, []string{"[1].seat.row 2", "[2].status 3"}, unread())
	c, _ = answers(t, http.StatusOK, `[{"id":"3"}]`)
	_, err = c.EventTickets(t.Context(), eventID, ticketscloud.SeatQuery{})
	conformance.Failure(t, err, rutravel.ErrProtocol)
}
