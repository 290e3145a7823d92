package transport

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
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
	certificates, ok := parse(text)
	v.That(ok, field, "must hold certificates, and none that cannot be read")
	if !ok {
		return nil
	}
	for _, c := range certificates {
		roots.AddCert(c)
	}
	return roots
}

// parse reads certificates. One that cannot be read is not passed over: its host
// would be refused later, and nobody would know why.
func parse(text []byte) (all []*x509.Certificate, ok bool) {
	blocks, rest := 0, text
	for {
		block, behind := pem.Decode(rest)
		if block == nil {
			break
		}
		blocks, rest = blocks+1, behind
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, false
		}
		all = append(all, certificate)
	}
	if blocks == 0 {
		certificate, err := x509.ParseCertificate(text)
		return []*x509.Certificate{certificate}, err == nil
	}
	// Blocks that are no PEM are passed over in silence.
	whole := bytes.Count(text, []byte("-----BEGIN")) == blocks && len(bytes.TrimSpace(rest)) == 0
	return all, whole && len(all) > 0
}
