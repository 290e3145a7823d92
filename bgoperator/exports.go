package bgoperator

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// exportOperation is not in the table of operations, because the manual does not
// describe it.
var exportOperation = transport.Operation{Key: "export", Safety: transport.Safe, Timeout: 2 * time.Minute}

// Export gets a page of the supplier's export, such as a price list or the directory of
// countries. It uses the same session as other calls, because another login may end the
// session of this client. While a page arrives, other calls wait for the session.
//
// path is the page below [Config].ExportURL with its query, encoded:
// "/yandex?action=countries". The page is returned unpacked and otherwise unchanged. This
// library does not read it. An answer of more than 64 MiB is an error: fetch a price list
// in parts. A page in HTML is an error, because it may be the login.
//
// The manual says that offers come from the price list in XML (chapter 3). Its links to
// the export pages are lost. The supplier describes the pages at
// https://www.bgoperator.ru/texts/api/load-xml-prices-en.html. The description says that
// the pages accept the cookies of the same login. It is not known
//
//   - whether every page needs a session;
//   - how often a page may be fetched, and how long it may be kept;
//   - how large pages are.
func (c *Client) Export(ctx context.Context, path string, opts ...rutravel.CallOption) ([]byte, error) {
	var v valid.Check
	v.That(c.export != nil, "Config.ExportURL", "must be given together with BaseURL")
	v.That(strings.Trim(path, printable) == "" && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//"),
		"path", "must begin with one slash and be encoded")
	page, err := url.Parse(path)
	v.That(err == nil && page.Fragment == "", "path", "must be a path with a query")
	if err = v.Err(); err != nil {
		return nil, c.engine.Invalid(ctx, &exportOperation, err)
	}
	sent := transport.Request{Method: http.MethodGet, Path: page.EscapedPath(), Query: page.RawQuery}
	return inSession(ctx, c, c.export, &exportOperation, sent, readExport, opts)
}

// printable has the characters of an encoded address.
const printable = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?[]@!$&'()*+,;=%"

// readExport returns a page, or an error if the answer is not a page of data.
func readExport(a transport.Answer) (page []byte, denied bool, err error) {
	start := strings.ToLower(string(a.Body[:min(len(a.Body), 100)]))
	start = string(wire.TrimMarks([]byte(start)))
	switch {
	case a.Status == http.StatusUnauthorized:
		return nil, false, &transport.Refusal{Kind: rutravel.ErrAuth}
	case a.Status != http.StatusOK:
		return nil, false, &wire.Error{Problem: "the status is not 200"}
	case start == "", strings.HasPrefix(start, "<html"), strings.HasPrefix(start, "<!doctype html"):
		return nil, false, &wire.Error{Problem: "want a page of data, got HTML or nothing", Malformed: true}
	}
	return bytes.Clone(a.Body), false, nil
}
