package transport

import (
	"crypto/x509"
	"net/http"
	"os"

	"github.com/rutravel/rutravel-go/internal/valid"
)

// authorities reads the certificates of a file, in PEM or a single one in DER,
// and adds them to the system's. They are for the library's own transport: a
// caller's has roots of its own, and would leave the file unused.
func authorities(v *valid.Check, file string, given *http.Client) *x509.CertPool {
	const field = "CAFile"
	if file == "" {
		return nil
	}
	v.That(given == nil || given.Transport == nil, field,
		"must not be set beside WithHTTPClient with a Transport: give the certificates to that")
	text, err := os.ReadFile(file) //nolint:gosec // the caller's own configuration names it
	v.That(err == nil, field, "cannot be read")
	roots, err := x509.SystemCertPool()
	v.That(err == nil, field, "cannot be added: the system's certificates cannot be read")
	if v.Err() != nil {
		return nil
	}
	if !roots.AppendCertsFromPEM(text) {
		certificate, err := x509.ParseCertificate(text)
		v.That(err == nil, field, "must hold certificates")
		if err == nil {
			roots.AddCert(certificate)
		}
	}
	return roots
}
