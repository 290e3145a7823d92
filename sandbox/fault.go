package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault is something that goes wrong with one request. It is the same for all
// suppliers.
type Fault struct {
	ID       string `json:"id,omitempty"`       // set by [Run.Inject]
	Supplier string `json:"supplier,omitempty"` // one of [Suppliers]
	Op       string `json:"op,omitempty"`       // the operation, as errors name it: "pay"; "" means any

	// Reject: the supplier refuses the request in its documented shape.
	Reject bool `json:"reject,omitempty"`
	// Refuse: the connection is closed before anything is done.
	Refuse bool `json:"refuse,omitempty"`
	// Drop: the connection breaks instead of an answer.
	Drop bool `json:"drop,omitempty"`

	// Status, Header and Body replace the supplier's own answer.
	Status int         `json:"status,omitempty"`
	Header http.Header `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"`

	// Processed: with Drop, Status or Body, the request is carried out. Without it, a
	// fault with one of these does nothing at the supplier. With Cut or Delay alone, the
	// request is always carried out.
	Processed bool `json:"processed,omitempty"`

	// Cut: the connection breaks after this number of bytes of the answer. For the gRPC
	// catalogue, the answer ends without a status after this number of messages.
	Cut int `json:"cut,omitempty"`
	// Delay: the answer is delayed by this time. In JSON it is a text: "2s".
	Delay time.Duration `json:"-"`
	// Late: with Delay, the supplier carries the request out only after the delay, even
	// if the caller has stopped waiting.
	Late bool `json:"late,omitempty"`
}

// plainFault is a Fault without methods.
type plainFault Fault

// faultJSON is a Fault as it is written in JSON.
type faultJSON struct {
	plainFault
	Delay string `json:"delay,omitempty"`
}

// MarshalJSON writes the delay as a text.
func (f Fault) MarshalJSON() ([]byte, error) {
	to := faultJSON{plainFault: plainFault(f)}
	if f.Delay != 0 {
		to.Delay = f.Delay.String()
	}
	return json.Marshal(to)
}

// UnmarshalJSON reads the delay as a text and refuses unknown members.
func (f *Fault) UnmarshalJSON(text []byte) error {
	var from faultJSON
	if err := strict(text, &from); err != nil {
		return err
	}
	*f = Fault(from.plainFault)
	if from.Delay == "" {
		return nil
	}
	var err error
	f.Delay, err = duration(from.Delay)
	return err
}

// duration reads a duration that is not negative.
func duration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf(`%q is not a duration; write "2s", "500ms" or "1h30m"`, text)
	}
	return d, nil
}

// check returns what is wrong with a fault.
func (f Fault) check(operations []string) error {
	const (
		longest    = time.Hour
		mostBody   = 64 << 10
		leastCode  = 200
		highstCode = 599
	)
	effects := 0
	for _, has := range []bool{f.Reject, f.Refuse, f.Drop, f.Status != 0 || f.Body != ""} {
		if has {
			effects++
		}
	}
	switch {
	case f.Op != "" && !slices.Contains(operations, f.Op):
		return fmt.Errorf("%s has no operation %q; it has %s", f.Supplier, f.Op, strings.Join(operations, ", "))
	case !f.Reject && !f.Refuse && !f.Drop && f.Status == 0 && f.Body == "" && f.Cut == 0 && f.Delay == 0:
		return errors.New("the fault does nothing: set reject, refuse, drop, status, body, cut or delay")
	case effects > 1:
		return errors.New("a fault has one effect: reject, refuse, drop, or status and body")
	case f.Processed && !f.Drop && f.Status == 0 && f.Body == "":
		return errors.New("processed needs drop, status or body")
	case f.Status != 0 && (f.Status < leastCode || f.Status > highstCode):
		return errors.New("status must be 200 to 599")
	case f.Cut < 0:
		return errors.New("cut must not be negative")
	case f.Delay < 0 || f.Delay > longest:
		return errors.New("delay must be at most 1h")
	case len(f.Body) > mostBody:
		return errors.New("body must have at most 65536 bytes")
	case len(f.Header) > 0 && f.Status == 0 && f.Body == "":
		return errors.New("header needs status or body")
	case f.Late && f.Delay == 0:
		return errors.New("late needs delay")
	case f.Late && f.Supplier == Catalogue:
		return errors.New("the gRPC catalogue changes nothing, so that late has no meaning")
	}
	for name, values := range f.Header {
		if bad := strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c) }); bad || name == "" {
			return fmt.Errorf("%q is not the name of a header", name)
		}
		if slices.Contains([]string{"Content-Length", "Transfer-Encoding", "Connection", "Trailer"}, http.CanonicalHeaderKey(name)) {
			return fmt.Errorf("the header %s cannot be set", name)
		}
		if slices.ContainsFunc(values, func(v string) bool { return strings.ContainsAny(v, "\r\n\x00") }) {
			return fmt.Errorf("the value of the header %s has a line break", name)
		}
	}
	return nil
}
