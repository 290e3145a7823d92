package smartway

import (
	"context"
	"encoding/json"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Rights has the rights of an employee at Smartway. In a request, an empty field is not
// sent. The manual does not say whether the right then keeps its value, and no method
// reads rights, so compare the rights that [Employees.SetRights] returns.
type Rights struct {
	CanLogin        *bool         // CanLogin: may log in; required, because a default of false would lock a user out and a default of true would let one in
	Approve         Access        // Approve: may approve the trips of others
	BuyTripAccount  Buying        // BuyTripAccount: may buy trips for all employees of the account
	BuyTripPersonal Buying        // BuyTripPersonal: may buy own trips
	EditEmployee    Scope         // EditEmployee: may edit the data of these employees
	EditRights      Access        // EditRights: may edit the rights of others
	Finance         Access        // Finance: may see financial documents
	Notifications   Notifications // Notifications: receives these mails
	ViewTrips       Scope         // ViewTrips: may see the trips of these employees
}

// Access says whether an employee has a right.
type Access string

// Values of Access.
const (
	AccessUndefined   Access = "Undefined"
	AccessUnavailable Access = "Unavailable"
	AccessAvailable   Access = "Available"
)

// Buying is the condition under which an employee may buy trips.
type Buying string

// Conditions for buying trips.
const (
	BuyUndefined        Buying = "Undefined"
	BuyUnavailable      Buying = "Unavailable"
	BuyOnlyAfterApprove Buying = "OnlyAfterApprove" // only after an approval
	BuyUnlimited        Buying = "Unlimited"
	BuyWithinPolicy     Buying = "TravelPolicy" // within the employees' travel policies
)

// Scope says to whose data a right applies. It has no "Unavailable".
type Scope string

// Values of Scope.
const (
	ScopeUndefined Scope = "Undefined"
	ScopePersonal  Scope = "Personal" // the employee's own data
	ScopeAll       Scope = "All"      // the data of all employees
)

// Notifications says which mails an employee receives.
type Notifications string

// Values of Notifications.
const (
	NotifyUndefined                   Notifications = "Undefined"
	NotifyUnavailable                 Notifications = "Unavailable"
	NotifyPersonalVouchers            Notifications = "PersonalVouchers"
	NotifyPersonalVouchersAndInvoices Notifications = "PersonalVouchersAndInvoices"
	NotifyAccountVouchers             Notifications = "AccountVouchers"
	NotifyAccountVouchersAndInvoices  Notifications = "AccountVouchersAndInvoices"
	NotifyPersonalInvoices            Notifications = "PersonalInvoices"
	NotifyAccountInvoices             Notifications = "AccountInvoices"
)

// RightsChange has the new rights of an employee.
type RightsChange struct {
	Employee EmployeeID // employeeId: [Employee].ID
	Rights   Rights     // rights
}

// rights has the order of the manual's sample.
type rights struct {
	Approve         string `json:"Approve,omitempty"`
	BuyTripAccount  string `json:"BuyTripAccount,omitempty"`
	BuyTripPersonal string `json:"BuyTripPersonal,omitempty"`
	EditEmployee    string `json:"EditEmployee,omitempty"`
	EditRights      string `json:"EditRights,omitempty"`
	Finance         string `json:"Finance,omitempty"`
	Notifications   string `json:"Notifications,omitempty"`
	ViewTrips       string `json:"ViewTrips,omitempty"`
	CanLogin        bool   `json:"CanLogin"`
}

// SetRights sets the rights of an employee. It returns all rights after the change.
//
// Smartway: POST employees.setRights
func (s Employees) SetRights(ctx context.Context, c RightsChange, opts ...rutravel.CallOption) (Rights, error) {
	query := struct {
		EmployeeID json.Number `json:"employeeId"`
		Rights     rights      `json:"rights"`
	}{json.Number(c.Employee), c.Rights.encode()}
	r := &request{op: opEmployeesSetRights, query: query}
	r.Number("Employee", string(c.Employee))
	c.Rights.check(&r.Check)
	return call(ctx, s.core, r, func(d *wire.Decoder, now *Rights) error {
		return d.Object(func(name []byte) error {
			if string(name) != "Rights" {
				return d.Skip()
			}
			return now.decode(d)
		}, "Rights")
	}, nil, opts)
}

func (r Rights) check(v *valid.Check) {
	v.That(r.CanLogin != nil, "Rights.CanLogin", "must be set")
	for _, f := range []struct{ name, value string }{
		{"Approve", string(r.Approve)}, {"BuyTripAccount", string(r.BuyTripAccount)}, {"BuyTripPersonal", string(r.BuyTripPersonal)},
		{"EditEmployee", string(r.EditEmployee)}, {"EditRights", string(r.EditRights)}, {"Finance", string(r.Finance)},
		{"Notifications", string(r.Notifications)}, {"ViewTrips", string(r.ViewTrips)},
	} {
		v.OptText("Rights."+f.name, f.value)
	}
}

func (r Rights) encode() rights {
	return rights{
		Approve: string(r.Approve), BuyTripAccount: string(r.BuyTripAccount), BuyTripPersonal: string(r.BuyTripPersonal),
		EditEmployee: string(r.EditEmployee), EditRights: string(r.EditRights), Finance: string(r.Finance),
		Notifications: string(r.Notifications), ViewTrips: string(r.ViewTrips),
		CanLogin: r.CanLogin != nil && *r.CanLogin,
	}
}

func (r *Rights) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "CanLogin":
			var can bool
			err := d.Flag(&can)
			r.CanLogin = &can
			return err
		case "Approve":
			return wire.String(d, &r.Approve)
		case "BuyTripAccount":
			return wire.String(d, &r.BuyTripAccount)
		case "BuyTripPersonal":
			return wire.String(d, &r.BuyTripPersonal)
		case "EditEmployee":
			return wire.String(d, &r.EditEmployee)
		case "EditRights":
			return wire.String(d, &r.EditRights)
		case "Finance":
			return wire.String(d, &r.Finance)
		case "Notifications":
			return wire.String(d, &r.Notifications)
		case "ViewTrips":
			return wire.String(d, &r.ViewTrips)
		default:
			return d.Skip()
		}
	}, "CanLogin")
}
