package smartway

import (
	"context"
	"encoding/json"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Rights are what an employee may do at Smartway. In a request, what is "" is
// not sent; whether it keeps its value then is not said, and no method reads
// rights, so compare what the answer says.
type Rights struct {
	CanLogin        *bool         // CanLogin: may log in; needed, for either value by default would do harm
	Approve         Access        // Approve: may approve the trips of others
	BuyTripAccount  Buying        // BuyTripAccount: buys trips for all employees of the account
	BuyTripPersonal Buying        // BuyTripPersonal: buys own trips
	EditEmployee    Scope         // EditEmployee: whose data may be edited
	EditRights      Access        // EditRights: may edit the rights of others
	Finance         Access        // Finance: sees financial documents
	Notifications   Notifications // Notifications: what is mailed
	ViewTrips       Scope         // ViewTrips: whose trips are shown
}

// Access is whether a right is given.
type Access string

// The accesses.
const (
	AccessUndefined   Access = "Undefined"
	AccessUnavailable Access = "Unavailable"
	AccessAvailable   Access = "Available"
)

// Buying is under which conditions trips may be bought.
type Buying string

// The conditions.
const (
	BuyUndefined        Buying = "Undefined"
	BuyUnavailable      Buying = "Unavailable"
	BuyOnlyAfterApprove Buying = "OnlyAfterApprove" // only after an approval
	BuyUnlimited        Buying = "Unlimited"
	BuyWithinPolicy     Buying = "TravelPolicy" // within the employees' travel policies
)

// Scope is on whose data a right is given. There is no "Unavailable" here.
type Scope string

// The scopes.
const (
	ScopeUndefined Scope = "Undefined"
	ScopePersonal  Scope = "Personal" // the employee's own
	ScopeAll       Scope = "All"      // everybody's
)

// Notifications are what an employee is mailed.
type Notifications string

// The notifications.
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

// RightsChange says what an employee shall be allowed to do.
type RightsChange struct {
	Employee EmployeeID // employeeId: at Smartway, [Employee].ID
	Rights   Rights     // rights
}

// The members stand in the order of the manual's sample.
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

// SetRights sets an employee's rights and returns them as they are then.
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
