package smartway

import (
	"context"
	"net/url"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// AuthService is the manual's chapter "Автовход": a user of the caller's system
// enters Smartway without a password.
type AuthService struct{ e *core }

// Login lets whoever has it enter Smartway as a user.
type Login struct {
	GUID    rutravel.Secret // uuid
	Expires time.Time       // expiration_date
	// URL is what to open in the user's browser: it leads to the start page. It is
	// "" if neither Config.BaseURL is a documented address nor Config.LoginURL set.
	URL rutravel.Secret
}

// GUID issues a login for an active user of the same account. Others are
// [rutravel.ErrNotFound]. Whether a second one ends the first is not documented.
//
// Smartway: POST auth.guid
func (s AuthService) GUID(ctx context.Context, email string, opts ...rutravel.CallOption) (Login, error) {
	var v valid.Check
	v.Text("email", email)
	return call(ctx, s.e, opAuthGUID, email, []string{email}, v, func(d *wire.Decoder, l *Login) error {
		err := l.decode(d)
		if l.GUID != "" && s.e.entry != "" {
			l.URL = rutravel.Secret(s.e.entry + "?" + url.Values{"guid": {string(l.GUID)}}.Encode())
		}
		return err
	}, opts)
}

func (l *Login) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "uuid":
			return token(d, &l.GUID, "a guid")
		case "expiration_date":
			return d.OptInstant(&l.Expires)
		default:
			return succeeded(d, name)
		}
	}, "uuid")
}
