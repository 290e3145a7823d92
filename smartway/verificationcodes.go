package smartway

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// VerificationCodes is the manual's chapter "Контрольные коды": codes that prove that a
// trip was approved in the caller's system. Smartway switches them on at the
// client's request; they take the place of its own approval.
type VerificationCodes struct{ core *core }

// VerificationCode lets employees buy.
type VerificationCode struct {
	// Code is what they enter: verification_code, up to 50 characters. Only a super
	// code may have none.
	Code string
	// Employees are those for whom the code is: employees. Who travels together
	// needs one code for all of them: one call, not one each.
	Employees []ExternalID
	// Everyone, in place of Employees: the code is for everybody of the account.
	Everyone bool
	// Expires is when the code ends: expiration_date. Only a super code may have
	// none.
	Expires time.Time
	// Super: auto_verification: the employees need no approval, ever. With Everyone,
	// nobody does.
	Super bool
}

// AddedCode is a code as it was stored.
type AddedCode struct {
	Code    string    // verification_code
	Expires time.Time // expiration_date; zero: none
}

type verificationCode struct {
	VerificationCode string   `json:"verification_code,omitempty"`
	Employees        []string `json:"employees"`
	ExpirationDate   string   `json:"expiration_date,omitempty"`
	AutoVerification bool     `json:"auto_verification"`
}

// Add stores a control code, or changes it: the manual does not say by what it
// finds the one to change, so a code that is sent anew with an earlier end or for
// fewer employees may shorten or narrow it. An employee who is not found is
// [rutravel.ErrNotFound].
//
// A code with a text may be sent again at will, and is. One without is sent once,
// for there is nothing to find the first by; no method lists codes. With
// [rutravel.ErrNotConfirmed], see in the cabinet whether the employees need an
// approval.
//
// Smartway: POST verification_code.add
func (s VerificationCodes) Add(ctx context.Context, c VerificationCode, opts ...rutravel.CallOption) (AddedCode, error) {
	query := verificationCode{
		VerificationCode: c.Code, Employees: append([]string{}, strs(c.Employees)...), AutoVerification: c.Super,
	}
	if !c.Expires.IsZero() {
		query.ExpirationDate = c.Expires.UTC().Format(time.RFC3339)
	}
	r := &request{op: opVerificationCodeAdd, query: query, private: []string{c.Code}}
	if c.Code == "" {
		r.op = opVerificationCodeAddSuper
	}
	c.check(&r.Check)
	return call(ctx, s.core, r, func(d *wire.Decoder, a *AddedCode) error {
		err := a.decode(d)
		if a.Code != c.Code && c.Code != "" {
			d.Fail("verification_code", "another code's")
		}
		return err
	}, nil, opts)
}

func (c VerificationCode) check(v *valid.Check) {
	const longest = 50
	if c.Code != "" || !c.Super {
		v.Text("Code", c.Code)
	}
	v.That(utf8.RuneCountInString(c.Code) <= longest, "Code", "must not be longer than 50 characters")
	v.That(c.Everyone || len(c.Employees) > 0, "Employees", "must not be empty, unless Everyone is set")
	v.That(!c.Everyone || len(c.Employees) == 0, "Employees", "must not be set beside Everyone")
	for i, id := range c.Employees {
		v.Text(fmt.Sprintf("Employees[%d]", i), string(id))
	}
	v.That(c.Super || !c.Expires.IsZero(), "Expires", "must be set, unless Super is")
	if !c.Expires.IsZero() {
		v.Instant("Expires", c.Expires)
	}
}

func (a *AddedCode) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "verification_code":
			return wire.String(d, &a.Code)
		case "expiration_date":
			return d.OptInstant(&a.Expires)
		default:
			return decodeSuccess(d, name)
		}
	}, "verification_code")
}
