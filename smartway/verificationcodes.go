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
// trip was approved in the caller's system. Smartway enables them at the client's
// request. They replace its own approval.
type VerificationCodes struct{ core *core }

// VerificationCode proves that trips of employees were approved.
type VerificationCode struct {
	// Code is the text that the employees enter: verification_code, up to 50
	// characters. Only a super code may have none.
	Code string
	// Employees may use the code: employees. Employees who travel together need one
	// code for all of them, in one call.
	Employees []ExternalID
	// Everyone, in place of Employees: the code is for all employees of the account.
	Everyone bool
	// Expires is when the code expires: expiration_date. Only a super code may have
	// none.
	Expires time.Time
	// Super: auto_verification: the employees never need an approval. With Everyone,
	// nobody needs one.
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

// Add stores a code or changes one. The manual does not say by what it finds the
// code to change: the same text with an earlier expiry or with fewer employees may
// shorten or narrow the stored code. An employee who is not found is
// [rutravel.ErrNotFound].
//
// A code with a text can be retried and is. A code without one is sent once,
// because the stored code cannot be found by anything: no method lists codes.
// After [rutravel.ErrNotConfirmed], check in the cabinet whether the employees
// need an approval. See [VerificationCodes.AddOperation].
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
		checkID(v, "Code", c.Code)
	}
	v.That(utf8.RuneCountInString(c.Code) <= longest, "Code", "must not be longer than 50 characters")
	v.That(c.Everyone || len(c.Employees) > 0, "Employees", "must not be empty, unless Everyone is set")
	v.That(!c.Everyone || len(c.Employees) == 0, "Employees", "must not be set beside Everyone")
	for i, id := range c.Employees {
		checkID(v, fmt.Sprintf("Employees[%d]", i), string(id))
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
