package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// newCertificate makes an authority and a certificate for this machine and the given
// names. The keys stay in memory.
func newCertificate(hosts []string) (authority *x509.Certificate, certificate tls.Certificate, err error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, certificate, err
	}
	const day = 24 * time.Hour
	start := time.Now().Add(-day)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "rutravel sandbox"}, NotBefore: start, NotAfter: start.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	text, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		return nil, certificate, err
	}
	if authority, err = x509.ParseCertificate(text); err != nil {
		return nil, certificate, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, certificate, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: start, NotAfter: ca.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: append([]string{"localhost"}, hosts...), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	text, err = x509.CreateCertificate(rand.Reader, leaf, authority, &key.PublicKey, caKey)
	return authority, tls.Certificate{Certificate: [][]byte{text}, PrivateKey: key}, err
}

// writeAuthority writes the authority's certificate, which is no secret, and returns
// the name of the file.
func writeAuthority(folder string, authority *x509.Certificate) (string, error) {
	var err error
	if folder == "" {
		folder, err = os.MkdirTemp("", "rutravel-sandbox-")
	}
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, "ca.pem")
	temporary := file + ".new" // so that nobody reads half of it
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw})
	if err = os.WriteFile(temporary, text, 0o644); err != nil { //nolint:gosec // others must be able to read it
		return "", fmt.Errorf("-tls-dir: %w", err)
	}
	return file, os.Rename(temporary, file)
}
