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

// VerificationCodes adds codes that prove that a trip was approved in the caller's system.
// They replace Smartway's approval. Smartway enables them at the customer's request. It is
// the manual's chapter "Контрольные коды".
type VerificationCodes struct{ core *core }

// VerificationCode proves that trips of employees were approved.
type VerificationCode struct {
	// Code is the text that the employees enter: verification_code, at most 50
	// characters. It may be empty only for a super code.
	Code string
	// Employees may use the code: employees. Employees who travel together need one
	// code for all of them, added by one call.
	Employees []ExternalID
	// Everyone makes the code valid for all employees of the account. Employees must
	// then be empty.
	Everyone bool
	// Expires is the time when the code expires: expiration_date. It may be zero only
	// for a super code.
	Expires time.Time
	// Super means that the employees never need an approval: auto_verification. With
	// Everyone, no employee needs one.
	Super bool
}

// AddedCode is a code that was stored.
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

// Add adds or changes a code. The manual does not say how the supplier finds the code to
// change. A call with the same text may give the stored code an earlier expiry or fewer
// employees. If the supplier does not know an employee, the error is
// [rutravel.ErrNotFound].
//
// The client retries a failed call for a code with a text. For a code without a text, Add
// is an unsafe call: see "Unsafe calls" in the package comment. Such a code cannot be
// looked up, because no method lists codes. After [rutravel.ErrNotConfirmed], check in the
// cabinet whether the employees need an approval. See [VerificationCodes.AddOperation].
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
			d.Fail("verification_code", "belongs to another request")
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
	v.That(!c.Everyone || len(c.Employees) == 0, "Employees", "must not be set together with Everyone")
	for i, id := range c.Employees {
		checkID(v, fmt.Sprintf("Employees[%d]", i), string(id))
	}
	v.That(c.Super || !c.Expires.IsZero(), "Expires", "must be set, unless Super is set")
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
