package browsertest

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
	"github.com/rutravel/rutravel-go/sandbox"
)

var screenshots = flag.String("screenshots", "", "folder for the screenshots of the documentation")

// browser is a page of a browser, and what went wrong in it.
type browser struct {
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// open opens a page in a browser with a new profile.
func open(t *testing.T, address string, width, height int64, dark bool) *browser {
	t.Helper()
	chromium := need(t, "chromium", "chromium", "chromium-browser", "google-chrome")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath(chromium), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-dev-shm-usage", true),
	)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *page.EventJavascriptDialogOpening:
			b.problems = append(b.problems, "dialog: "+e.Message)
		case *cdplog.EventEntryAdded:
			b.problems = append(b.problems, e.Entry.Text)
		case *cdpruntime.EventExceptionThrown:
			b.problems = append(b.problems, e.ExceptionDetails.Text)
		}
	}))
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	require.NoError(t, err)
	b.do(t, chromedp.EmulateViewport(width, height), chromedp.Navigate(address), chromedp.WaitVisible(chromedp.CSS("#live.on")))
	return b
}

func (b *browser) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	require.NoError(t, chromedp.Do(ctx, steps...))
}

func (b *browser) click(t *testing.T, selector string) {
	t.Helper()
	b.do(t, chromedp.Click(chromedp.CSS(selector)))
}

// eval returns the value of an expression.
func eval[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	require.NoError(t, err, expression)
	return value
}

// until waits until all expressions are true. The page's policy allows no polling
// function in the page itself.
func (b *browser) until(t *testing.T, expressions ...string) {
	t.Helper()
	for _, expression := range expressions {
		if !assert.Eventually(t, func() bool { return eval[bool](t, b, "Boolean("+expression+")") }, 30*time.Second, 50*time.Millisecond, expression) {
			t.Fatal(eval[string](t, b, "document.body.innerText"))
		}
	}
}

// screenshot takes a picture and keeps it if the flag says so.
func (b *browser) screenshot(t *testing.T, name string) {
	t.Helper()
	eval[any](t, b, "scrollTo(0, 0)")
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	require.NoError(t, err)
	assert.Greater(t, len(picture), 10_000, name)
	if *screenshots != "" {
		picture, err = smaller(picture)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(*screenshots, name), picture, 0o644))
	}
}

// clean checks that nothing was reported and that the page loaded nothing from
// elsewhere.
func (b *browser) clean(t *testing.T) {
	t.Helper()
	foreign := eval[[]string](t, b, `performance.getEntriesByType("resource").map(e => e.name).filter(n => new URL(n).origin !== location.origin)`)
	assert.Empty(t, foreign)
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Empty(t, b.problems)
}

// named checks that a screen reader finds a name of each control.
func (b *browser) named(t *testing.T) {
	t.Helper()
	tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	require.NoError(t, err)
	controls := 0
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		role := strings.Trim(string(n.Role.Value), `"`)
		switch role {
		case "button", "link", "combobox", "navigation", "region", "complementary", "log":
			controls++
			if assert.NotNil(t, n.Name, role) {
				assert.NotEmpty(t, strings.Trim(string(n.Name.Value), `"`), "a %s without a name", role)
			}
		}
	}
	assert.Greater(t, controls, 15)
}

// Given a browser at the console, expect a booking, a payment whose answer is lost by a
// button, the look-up of it, and a hold that expires by the clock to appear without
// reloading.
func TestConsole(t *testing.T) {
	t.Parallel()
	need(t, "chromium", "chromium", "chromium-browser", "google-chrome")
	b := start(t, "-listen", "127.0.0.1:0")
	client, err := regionbilet.New(regionbilet.Config{
		User: regionbilettest.User, SecretKey: regionbilettest.SecretKey, BaseURL: b.HTTP + "/regionbilet",
	})
	require.NoError(t, err)
	console := open(t, b.HTTP+"/?lang=en", 1320, 990, false)
	console.until(t, `document.querySelector("#no-calls").hidden === false`)
	eval[any](t, console, `window.sameDocument = true`)

	// Other suppliers also sell something.
	example(t, "multitour", sandbox.Environment(b.HTTP, "", ""))
	example(t, "smartway", sandbox.Environment(b.HTTP, "", ""))
	example(t, "ticketscloud", sandbox.Environment(b.HTTP, "", ""))

	// A booking appears live, with its countdown and its seat.
	hold := book(t, client, "ИВАНОВ")
	console.until(t,
		`document.querySelectorAll(".booking .chip.held").length > 0`,
		`/^(19|20):/.test(document.querySelector(".countdown").textContent)`,
		`document.querySelectorAll(".seat.held").length === 1`,
		`[...document.querySelectorAll("#calls code")].some(e => e.textContent === "booking")`,
	)
	assert.Contains(t, eval[string](t, console, `document.querySelector("#books").textContent`), "ИВАНОВ ИВАН")

	// The next payment is lost by a button, which the keyboard reaches.
	console.do(t, chromedp.Focus(chromedp.CSS("#lose")), chromedp.KeyEvent("\r"))
	console.until(t, `document.querySelector(".queue li")?.textContent.includes("pay")`)
	_, err = client.Pay(t.Context(), hold)
	require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
	console.until(t,
		`document.querySelectorAll(".call.o-lost").length === 1`,
		`document.querySelectorAll(".queue li").length === 0`,
		`document.querySelectorAll(".booking .chip.paid").length > 0`,
	)

	// The client looks the payment up and does not send it again.
	tickets, err := client.BookingTickets(t.Context(), hold.Booking)
	require.NoError(t, err)
	require.Equal(t, regionbilet.TicketPaid, tickets[0].Status)
	console.until(t, `document.querySelector("#calls code").textContent === "status_ticket+order"`)
	assert.Equal(t, 1, eval[int](t, console, `[...document.querySelectorAll("#calls code")].filter(e => e.textContent === "pay").length`))

	// A call opens: its request has no credentials, and personal data is marked.
	console.click(t, `#calls li:nth-child(3) summary`)
	console.do(t, chromedp.WaitVisible(chromedp.CSS(`#calls li:nth-child(3) .personal`)))
	text := eval[string](t, console, `document.querySelector("#calls li:nth-child(3)").textContent`)
	assert.Contains(t, text, "surname1 = ИВАНОВ")
	assert.NotContains(t, text, regionbilettest.SecretKey)
	console.click(t, `#calls li:nth-child(3) summary`)

	second := book(t, client, "СИДОРОВА")
	b.api(t, "", http.MethodPost, "faults", map[string]any{"supplier": "smartway", "op": "airline.book", "delay": "5s"}, nil)
	console.until(t,
		`document.querySelectorAll(".booking").length === 2`,
		`document.querySelectorAll(".queue li").length === 1`,
		`document.querySelector("#tile-smartway").textContent.includes("995")`,
	)
	console.named(t)
	console.screenshot(t, "sandbox-console.png")

	// A name that is a script is only text.
	script(t, b)
	console.until(t, `document.querySelector("#books").textContent.includes("<script>")`, `document.querySelectorAll(".booking").length === 3`)

	// The clock moves on until the holds expire.
	console.click(t, `button[value="20m"]`)
	console.until(t,
		`document.querySelectorAll(".booking .where .chip.expired").length === 2`,
		`document.querySelectorAll(".countdown").length === 0`,
	)
	tickets, err = client.BookingTickets(t.Context(), second.Booking)
	require.NoError(t, err)
	assert.Equal(t, regionbilet.TicketExpired, tickets[0].Status)
	assert.True(t, eval[bool](t, console, `window.sameDocument === true`), "the page was reloaded")
	console.clean(t)

	// The other pages: another supplier in Russian and in the dark, a phone.
	dark := open(t, b.HTTP+"/?lang=ru&supplier=ticketscloud", 1320, 1000, true)
	dark.until(t, `document.documentElement.lang === "ru"`, `document.querySelectorAll(".booking .chip.paid").length > 0`)
	dark.named(t)
	dark.screenshot(t, "sandbox-console-dark.png")
	dark.clean(t)
	phone := open(t, b.HTTP+"/?lang=en&supplier=smartway", 390, 844, false)
	assert.LessOrEqual(t, eval[int](t, phone, `document.documentElement.scrollWidth`), 390, "the page is wider than the phone")
	phone.click(t, `button[name="sold_out"][value="true"]`)
	phone.until(t, `document.querySelector("#tile-smartway .chip.failed") !== null`)
	phone.clean(t)
}

// book books the first free seat of a trip tomorrow.
func book(t *testing.T, c *regionbilet.Client, surname string) regionbilet.Hold {
	t.Helper()
	trips, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: regionbilet.Today().AddDays(1)})
	require.NoError(t, err)
	require.NotEmpty(t, trips)
	free, err := c.FreeSeats(t.Context(), trips[0].Key())
	require.NoError(t, err)
	hold, err := c.Book(t.Context(), regionbilet.BookRequest{
		Trip: trips[0].Key(), Phone: "9187557788",
		Passengers: []regionbilet.Passenger{{
			Surname: surname, FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
			BirthDate: civil.Date{Year: 1977, Month: time.January, Day: 1}, Nationality: "643", DocumentType: "1",
			Document: "0701 755756", Seat: free[0], Price: trips[0].Adult.Price,
		}},
	})
	require.NoError(t, err)
	return hold
}

// script books a seat for a passenger whose name is a script. The library would
// refuse that name.
func script(t *testing.T, b *box) {
	t.Helper()
	var query []string
	for _, p := range [][2]string{
		{"user", "agent"}, {"skey", regionbilettest.SecretKey}, {"command", "booking"},
		{"date_trip", regionbilet.Today().AddDays(1).In(time.UTC).Format("02.01.2006")}, {"time_trip", "08:30"}, {"id_trip", "1956"},
		{"id_from_point", "stv815"}, {"id_to_point", "stv408"}, {"user_phone", "9187557788"},
		{"surname1", `<script>alert(1)</script>`}, {"first_name1", `"><img src=x onerror=alert(2)>`}, {"middle_name1", ""}, {"sex1", "1"},
		{"category1", "1"}, {"dob1", "01.01.1977"}, {"nationality1", "643"}, {"type_doc1", "1"}, {"value_doc1", "0701 755756"},
		{"seat1", "20"}, {"total_ticket_price1", "517.54"},
	} {
		query = append(query, p[0]+"="+strings.ReplaceAll(url.QueryEscape(p[1]), "+", "%20"))
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.HTTP+"/regionbilet?"+strings.Join(query, "&"), nil)
	require.NoError(t, err)
	resp, err := new(http.Client).Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

// Given a run that is removed and made again, and one that a program resets, expect the
// open console to show the calls of the run as it is.
func TestConsoleFollowsItsRun(t *testing.T) {
	t.Parallel()
	need(t, "chromium", "chromium", "chromium-browser", "google-chrome")
	server := httptest.NewServer(newBox(t))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections) // the event stream of the console
	send := func(method, path string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		require.NoError(t, err)
		resp, err := server.Client().Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Less(t, resp.StatusCode, 400, path)
	}
	const call, list = "/run/a/regionbilet?command=type_doc", `document.querySelectorAll("#calls > li").length === `
	console := open(t, server.URL+"/run/a/?lang=en", 1320, 990, false)
	send(http.MethodGet, call)
	send(http.MethodGet, call)
	console.until(t, list+"2")
	send(http.MethodDelete, "/sandbox/v1/runs/a")
	send(http.MethodGet, call)
	console.until(t, list+"1", `document.querySelector("#call-1")`)
	send(http.MethodPost, "/run/a/sandbox/v1/reset")
	console.until(t, list+"0", `!document.querySelector("#no-calls").hidden`)
	send(http.MethodGet, call)
	console.until(t, list+"1", `document.querySelector("#call-2")`)
}

func newBox(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.New(sandbox.Config{})
	require.NoError(t, err)
	return box
}
