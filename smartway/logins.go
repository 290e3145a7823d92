package smartway

import (
	"context"
	"net/url"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Logins lets users of the caller's system enter Smartway without a password. It is the
// manual's chapter "Автовход".
type Logins struct{ core *core }

// Login is a secret with which anyone can enter Smartway as a user.
type Login struct {
	GUID    rutravel.Secret // uuid
	Expires time.Time       // expiration_date
	// URL is the address to open in the user's browser. It leads to the start page. It
	// is "" if Config.BaseURL is not a documented address and Config.LoginURL is not set.
	URL rutravel.Secret
}

// Issue returns a new login for an active user of the same account. For others the error
// is [rutravel.ErrNotFound]. The manual does not say whether a second login ends the first.
//
// Smartway: POST auth.guid
func (s Logins) Issue(ctx context.Context, email string, opts ...rutravel.CallOption) (Login, error) {
	email = valid.Trim(email)
	r := &request{op: opAuthGUID, query: email, private: []string{email}}
	r.Text("email", email)
	return call(ctx, s.core, r, func(d *wire.Decoder, l *Login) error {
		err := l.decode(d)
		if l.GUID != "" && s.core.loginURL != "" {
			l.URL = rutravel.Secret(s.core.loginURL + "?" + url.Values{"guid": {string(l.GUID)}}.Encode())
		}
		return err
	}, nil, opts)
}

func (l *Login) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "uuid":
			return decodeToken(d, &l.GUID, "a guid")
		case "expiration_date":
			return d.OptInstant(&l.Expires)
		default:
			return decodeSuccess(d, name)
		}
	}, "uuid")
}
