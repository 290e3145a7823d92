package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/examples/backend/demo"
)

// browser starts Chromium, or skips the test if there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("Chromium is not installed (Debian: apt-get install chromium)")
		}
		t.Skip("Chromium is not installed (Debian: apt-get install chromium)")
	}
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1180, 900), chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-features", "BackForwardCache"), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true),
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx), "Chromium does not start")
	return ctx
}

// shopFor starts the backend with its own sandbox.
func shopFor(t *testing.T, environment map[string]string) (address, sandbox string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	sandbox, err := demo.Start(ctx, time.Now())
	require.NoError(t, err)
	all := map[string]string{"ADDR": "127.0.0.1:0", "SANDBOX_URL": sandbox, "CALLS_PER_SECOND": "1000"}
	for name, value := range environment {
		all[name] = value
	}
	ready, ended := make(chan string, 1), make(chan error, 1)
	serving, end := context.WithCancel(ctx)
	go func() {
		ended <- run(serving, func(name string) string { return all[name] }, t.Output(), func(address string) { ready <- address })
	}()
	t.Cleanup(func() {
		end()
		assert.NoError(t, <-ended)
		stop()
	})
	select {
	case address = <-ready:
	case err := <-ended:
		ended <- nil
		require.NoError(t, err)
	}
	return address, sandbox
}

// visitor is somebody with a browser.
type visitor struct {
	t    *testing.T
	ctx  context.Context
	shop string
}

func (v visitor) do(steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ask(v, chromedp.Steps(steps...))
}

// ask runs a step that returns something.
func ask[T any](v visitor, step chromedp.Action[T]) T {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 30*time.Second)
	defer cancel()
	value, err := chromedp.Run(ctx, step)
	if err != nil {
		where, _ := chromedp.Run(v.ctx, chromedp.Location())
		text, _ := chromedp.Run(v.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		require.NoError(v.t, err, "%s\n%s", where, text)
	}
	return value
}

func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector))
}
func see(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(selector))
}

func (v visitor) open(path string)   { v.t.Helper(); v.do(chromedp.Navigate(v.shop + path)) }
func (v visitor) script(text string) { v.t.Helper(); ask(v, chromedp.Evaluate[any](text+"; null")) }
func (v visitor) location() string   { v.t.Helper(); return ask(v, chromedp.Location()) }

// newTab opens another tab of the same browser.
func (v visitor) newTab() (visitor, context.CancelFunc) {
	v.t.Helper()
	tab, closeTab := chromedp.NewContext(v.ctx)
	require.NoError(v.t, chromedp.Do(tab))
	return visitor{v.t, tab, v.shop}, closeTab
}

// shot writes a screenshot if SCREENSHOTS names a folder.
func (v visitor) shot(name string) {
	v.t.Helper()
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		require.NoError(v.t, os.WriteFile(filepath.Join(folder, name+".png"), ask(v, chromedp.FullScreenshot(100)), 0o600))
	}
}

// state waits until the page of the order shows a state.
func (v visitor) state(state string) {
	v.t.Helper()
	v.do(see(fmt.Sprintf("[data-state=%q]", state)))
}

func (v visitor) text(selector string) string {
	v.t.Helper()
	return ask(v, chromedp.Text(chromedp.CSS(selector)))
}

// book books coach tickets from the home page on.
func (v visitor) book(seats ...string) {
	v.t.Helper()
	v.open("/")
	v.do(click("form[action='/search/coach'] button"), see(".result"))
	v.do(click(".result"), see(".plan"))
	for _, seat := range seats {
		v.do(click(fmt.Sprintf("input[value^='%s|']", seat)))
	}
	v.shotOnce("seats")
	v.do(click(".bar button"), see("input[name=surname]"))
	v.fill(len(seats))
	v.shotOnce("people")
	v.do(click(".bar button"))
	v.state("held")
}

// shotOnce writes a screenshot during the test of a purchase only.
func (v visitor) shotOnce(name string) {
	v.t.Helper()
	if strings.HasSuffix(v.t.Name(), "Purchase") {
		v.shot(name)
	}
}

// fill types travellers and the buyer.
func (v visitor) fill(travellers int) {
	v.t.Helper()
	set := func(name string, n int, value string) string {
		return fmt.Sprintf("document.getElementsByName(%q)[%d].value = %q;", name, n, value)
	}
	script := set("buyer", 0, "Анна Смирнова") + set("email", 0, "anna@example.com") + set("phone", 0, "+7 918 755-77-88")
	for n := range travellers {
		script += set("surname", n, []string{"Смирнова", "Смирнов"}[n%2]) + set("first_name", n, []string{"Анна", "Илья"}[n%2]) +
			set("birth", n, fmt.Sprintf("198%d-05-17", n)) + set("document", n, fmt.Sprintf("0701 75575%d", n))
	}
	v.script(script)
}

func TestBrowser(t *testing.T) { //nolint:tparallel // one browser
	t.Parallel()
	ctx := browser(t)
	address, sandbox := shopFor(t, nil)
	at := func(t *testing.T) visitor { t.Helper(); return visitor{t, ctx, address} }

	t.Run("Purchase", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.open("/?lang=en")
		v.shot("home")
		v.book("5", "6")
		v.shot("held")
		v.do(click(".pay"))
		v.state("paid")
		assert.Contains(t, v.text(".state"), "Paid")
		assert.Regexp(t, `T\d+-\d+`, v.text(".lines"))
		v.shot("paid")
	})

	t.Run("Refund", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.book("9")
		v.do(click(".pay"))
		v.state("paid")
		v.do(click("button.quiet"))
		v.state("refunded")
		assert.Contains(t, v.text(".lines"), "given back")
		v.shot("refunded")
	})

	t.Run("PaymentsAnswerIsLost", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.open("/sandbox")
		v.shot("sandbox")
		v.do(click("button[value=lose_payment]"), see(".fault.done"))
		v.book("11")
		v.do(click(".pay"), see(".unsure"))
		assert.Contains(t, v.text(".state"), "We are finding out whether your payment went through")
		v.shot("unsure")
		v.state("paid")
		assert.Regexp(t, `T\d+-\d+`, v.text(".lines"))
		require.NoError(t, demo.EndHolds.Order(t.Context(), sandbox)) // removes nothing that is paid
	})

	t.Run("DoubleClick", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.book("13")
		v.script("setTimeout(() => { const b = document.querySelector('.pay'); b.click(); b.click() }, 50)")
		v.state("paid")
		count := ask(v, chromedp.Evaluate[int]("[...document.querySelectorAll('.history li')].filter((l) => l.textContent.includes('Payment wanted')).length"))
		assert.Equal(t, 1, count)
	})

	t.Run("TwoTabsAndBack", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.book("15")
		first := v.location()
		v.script("setTimeout(() => history.back(), 50)")
		v.do(see("input[name=surname]"))
		v.fill(1)
		v.do(click(".bar button"))
		v.state("held")
		assert.Equal(t, first, v.location(), "the same form makes the same order")
		other, closeTab := v.newTab()
		other.open(strings.TrimPrefix(first, address))
		other.do(click(".pay"))
		other.state("paid")
		closeTab()
		v.state("paid") // the first tab also shows it
	})

	t.Run("SoldOut", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.open("/")
		v.do(click("form[action='/search/coach'] button"), click(".result"), see(".plan"))
		v.do(click("input[value^='21|']"), click(".bar button"), see("input[name=surname]"))
		v.fill(1)
		require.NoError(t, demo.SellOut.Order(t.Context(), sandbox))
		v.do(click(".bar button"), see(".failed"))
		assert.Regexp(t, "Somebody was faster|not on sale", v.text("h1"))
		require.NoError(t, demo.Restock.Order(t.Context(), sandbox))
	})

	t.Run("PriceChanged", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.open("/")
		v.do(click("form[action='/search/coach'] button"), click(".result"), see(".plan"))
		v.do(click("input[value^='22|']"), click(".bar button"), see("input[name=surname]"))
		v.fill(1)
		v.script("document.querySelector('input[name=seen]').value = '1.00'")
		v.do(click(".bar button"), see(".failed"))
		assert.Contains(t, v.text("h1"), "The price has changed")
		v.shot("price")
	})

	t.Run("HoldExpired", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.book("23")
		require.NoError(t, demo.EndHolds.Order(t.Context(), sandbox))
		v.do(click(".pay"))
		v.state("expired")
		assert.Contains(t, v.text(".state"), "Nothing was charged")
	})

	t.Run("Event", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.open("/search/event?text=" + url.QueryEscape("вишн"))
		v.do(see(".result"))
		v.do(click(".result"), see(".seats"))
		v.do(click(".seat input"), click(".bar button"), see("input[name=buyer]"))
		v.fill(0)
		v.do(click(".bar button"))
		v.state("held")
		v.do(click(".pay"))
		v.state("paid")
		v.do(click("button.quiet"))
		v.state("refunded")
	})

	t.Run("Tours", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.open("/search/tour?to=6228")
		v.do(see(".result"))
		v.shot("tours")
		v.do(click(".result"), see(".bar button"), click(".bar button"),
			see("input[name=surname]"))
		v.fill(2)
		v.do(click(".bar button"))
		v.state("held")
		v.do(click(".pay"))
		v.state("paid")

		v.open("/offers/package/seeded")
		v.do(click(".bar button"), see("input[name=surname]"))
		v.fill(2)
		v.script(`for (const [n, v] of [["surname", "SMIRNOVA"], ["first_name", "ANNA"]]) for (const i of document.getElementsByName(n)) i.value = v`)
		v.do(click(".bar button"))
		v.state("held")
		v.do(click(".pay"))
		v.state("paid")
		v.do(click("button.quiet"))
		v.state("refunded")
		assert.Contains(t, v.text(".lines .right"), "167\u00a0000", "the cancellation costs 20 euros")
	})

	t.Run("Phone", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.do(chromedp.EmulateViewport(375, 740, chromedp.EmulateMobile))
		v.open("/?lang=ru")
		v.shot("phone-home")
		for _, path := range []string{"/", "/sandbox", "/search/event", "/search/tour?to=6228", "/offers/package/seeded"} {
			v.open(path)
			v.fits()
		}
		v.book("31")
		v.fits()
		require.NoError(t, demo.LosePayment.Order(t.Context(), sandbox))
		v.do(click(".pay"), see(".unsure"))
		assert.Contains(t, v.text(".state"), "Выясняем, прошла ли оплата")
		v.shot("phone-unsure")
		v.state("paid")
		v.do(chromedp.EmulateViewport(1180, 900))
	})

	t.Run("Operator", func(t *testing.T) { //nolint:paralleltest // one browser
		v := at(t)
		v.shop = strings.Replace(address, "http://", "http://operator:sandbox@", 1)
		v.open("/operator?lang=en")
		v.do(see("table"))
		assert.Contains(t, v.text("main"), "Nothing needs a decision")
		v.shot("operator")
		v.shop = address // the browser knows the password now, and River's page refuses one in the address
		v.open("/operator/jobs/jobs?state=completed")
		v.do(see("main a"))
		v.shot("jobs")
	})
}

// fits checks that a page is not wider than the phone.
func (v visitor) fits() {
	v.t.Helper()
	assert.False(v.t, ask(v, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > document.documentElement.clientWidth")))
}
