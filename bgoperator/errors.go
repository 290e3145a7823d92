package bgoperator

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Code is one of the supplier's error codes. It is an error, so that [errors.Is] can match
// it: errors.Is(err, bgoperator.CodeDuplicate). Codes that the manual does not list are
// kept, and have the kind [rutravel.ErrRejected].
type Code string

// The codes of the manual's chapter 7. 151 to 153 are not defined. The manual calls the id
// of a [Stay] roommealId. Requests have no currency and no end date, in spite of 109, 110
// and 112.
const (
	CodeGeneral             Code = "101" // the booking cannot be created, general error; as the answer to a booking, not a refusal
	CodeNoTemplate          Code = "102" // neither templateId nor comissionId is given
	CodeAccessDenied        Code = "103" // wrong login or password
	CodeTwoTemplates        Code = "104" // both templateId and comissionId are given
	CodeTemplateNotFound    Code = "105" // templateId does not exist
	CodeCommissionNotFound  Code = "106" // comissionId does not exist
	CodeNoCountry           Code = "107" // countryId is missing
	CodeBadCountry          Code = "108" // countryId is wrong
	CodeNoCurrency          Code = "109" // the currency is missing
	CodeBadCurrency         Code = "110" // the currency is wrong
	CodeBadStartDate        Code = "111" // startDate of the group is wrong
	CodeBadEndDate          Code = "112" // the end date of the group is wrong
	CodeBadBirthday         Code = "113" // birthday is wrong
	CodeNoRoomMeal          Code = "114" // the room and meal of a stay are missing
	CodeBadRoomMeal         Code = "115" // the room and meal of a stay are wrong
	CodeNoDuration          Code = "116" // the duration of a stay is missing
	CodeBadDuration         Code = "117" // the duration of a stay is wrong
	CodeNoSR                Code = "118" // sr is missing
	CodeBadSR               Code = "119" // sr is wrong
	CodeNoFlights           Code = "120" // no flights can be found
	CodeNoAccommodation     Code = "121" // no accommodation can be found
	CodeNoCitizenship       Code = "122" // citizenship is missing
	CodeBadCitizenship      Code = "123" // citizenship is wrong
	CodeBadPassportTill     Code = "124" // passportTill is wrong
	CodeNoPrice             Code = "125" // the tour's price cannot be calculated
	CodeDuplicate           Code = "126" // a duplicate: see RefusalError.DuplicateOf
	CodeNoStay              Code = "127" // no stay is given
	CodeLimitExceeded       Code = "128" // the limit of bookings is exceeded; none can be made at the moment
	CodeBookingNotFound     Code = "129" // the booking is not found
	CodeTransfersGeneral    Code = "130" // transfers cannot be read or created, general error
	CodeBadRoute            Code = "131" // wrong combination of date, pointTo and pointFrom
	CodeBadVariant          Code = "132" // variantId is wrong
	CodeBadTouristRoute     Code = "133" // wrong combination of date, pointTo and pointFrom for the tourist whose id is in Info
	CodeNoVariant           Code = "134" // variantId is missing
	CodeNoBookingID         Code = "135" // the booking's id is missing
	CodeNoTouristID         Code = "136" // the tourist's id is missing
	CodeTouristNotFound     Code = "137" // the tourist is not found
	CodeNoPointTo           Code = "138" // pointTo is missing
	CodePointToNotFound     Code = "139" // pointTo does not exist
	CodeNoPointFrom         Code = "140" // pointFrom is missing
	CodePointFromNotFound   Code = "141" // pointFrom does not exist
	CodeNoFlightID          Code = "142" // the flight's id is missing
	CodeFlightNotFound      Code = "143" // the flight is not found
	CodeBadTransferDate     Code = "144" // the date of a transfer has a wrong format
	CodeBadDirection        Code = "145" // the direction (dir) of a transfer has a wrong format
	CodeBadFlightDate       Code = "146" // the date in the flight data has a wrong format
	CodeBadFlight           Code = "147" // the flight data have a wrong format
	CodeTooLateForTransfers Code = "148" // the transfer can no longer be changed (time limit)
	CodeNoPID               Code = "149" // pid is missing
	CodeBadPID              Code = "150" // pid is wrong
	CodeBadGender           Code = "154" // gender has a wrong format
	CodeNoContact           Code = "155" // no contact is given at all
	CodeBadEmail            Code = "156" // the e-mail address has a wrong format
	CodeCannotCancel        Code = "157" // cancellation is impossible
	CodeAlreadyCancelled    Code = "158" // the booking is cancelled already
	CodeNoFirstName         Code = "159" // firstName is empty
	CodeNoLastName          Code = "160" // lastName is empty
	CodeNoPassport          Code = "161" // passportSeries or passportNumber is empty
)

// codes has the kind and the meaning of each code.
var codes = map[Code]struct {
	kind    rutravel.Kind
	meaning string
}{
	CodeGeneral:             {rutravel.ErrRejected, "the booking cannot be created (general error)"},
	CodeNoTemplate:          {rutravel.ErrInvalid, "neither templateId nor comissionId is given"},
	CodeAccessDenied:        {rutravel.ErrAuth, "access denied: wrong login or password"},
	CodeTwoTemplates:        {rutravel.ErrInvalid, "both templateId and comissionId are given"},
	CodeTemplateNotFound:    {rutravel.ErrNotFound, "templateId does not exist"},
	CodeCommissionNotFound:  {rutravel.ErrNotFound, "comissionId does not exist"},
	CodeNoCountry:           {rutravel.ErrInvalid, "the country is missing"},
	CodeBadCountry:          {rutravel.ErrInvalid, "the country is wrong"},
	CodeNoCurrency:          {rutravel.ErrInvalid, "the currency is missing"},
	CodeBadCurrency:         {rutravel.ErrInvalid, "the currency is wrong"},
	CodeBadStartDate:        {rutravel.ErrInvalid, "the start date of the group is wrong"},
	CodeBadEndDate:          {rutravel.ErrInvalid, "the end date of the group is wrong"},
	CodeBadBirthday:         {rutravel.ErrInvalid, "the birthday is wrong"},
	CodeNoRoomMeal:          {rutravel.ErrInvalid, "the room and meal of a stay are missing"},
	CodeBadRoomMeal:         {rutravel.ErrInvalid, "the room and meal of a stay are wrong"},
	CodeNoDuration:          {rutravel.ErrInvalid, "the duration of a stay is missing"},
	CodeBadDuration:         {rutravel.ErrInvalid, "the duration of a stay is wrong"},
	CodeNoSR:                {rutravel.ErrInvalid, "sr is missing"},
	CodeBadSR:               {rutravel.ErrInvalid, "sr is wrong"},
	CodeNoFlights:           {rutravel.ErrSoldOut, "no flights can be found"},
	CodeNoAccommodation:     {rutravel.ErrSoldOut, "no accommodation can be found"},
	CodeNoCitizenship:       {rutravel.ErrInvalid, "the citizenship is missing"},
	CodeBadCitizenship:      {rutravel.ErrInvalid, "the citizenship is wrong"},
	CodeBadPassportTill:     {rutravel.ErrInvalid, "the passport's date of expiry is wrong"},
	CodeNoPrice:             {rutravel.ErrRejected, "the price cannot be calculated"},
	CodeDuplicate:           {rutravel.ErrConflict, "such a booking exists already"},
	CodeNoStay:              {rutravel.ErrInvalid, "no stay is given"},
	CodeLimitExceeded:       {rutravel.ErrRateLimited, "the limit of bookings is exceeded"},
	CodeBookingNotFound:     {rutravel.ErrNotFound, "the booking is not found"},
	CodeTransfersGeneral:    {rutravel.ErrRejected, "transfers cannot be read or created (general error)"},
	CodeBadRoute:            {rutravel.ErrInvalid, "wrong combination of date and points"},
	CodeBadVariant:          {rutravel.ErrInvalid, "the variant is wrong"},
	CodeBadTouristRoute:     {rutravel.ErrInvalid, "wrong combination of date and points for a tourist"},
	CodeNoVariant:           {rutravel.ErrInvalid, "the variant is missing"},
	CodeNoBookingID:         {rutravel.ErrInvalid, "the booking's id is missing"},
	CodeNoTouristID:         {rutravel.ErrInvalid, "the tourist's id is missing"},
	CodeTouristNotFound:     {rutravel.ErrNotFound, "the tourist is not found"},
	CodeNoPointTo:           {rutravel.ErrInvalid, "the point of arrival is missing"},
	CodePointToNotFound:     {rutravel.ErrNotFound, "the point of arrival does not exist"},
	CodeNoPointFrom:         {rutravel.ErrInvalid, "the point of departure is missing"},
	CodePointFromNotFound:   {rutravel.ErrNotFound, "the point of departure does not exist"},
	CodeNoFlightID:          {rutravel.ErrInvalid, "the flight's id is missing"},
	CodeFlightNotFound:      {rutravel.ErrNotFound, "the flight is not found"},
	CodeBadTransferDate:     {rutravel.ErrInvalid, "the date of a transfer has a wrong format"},
	CodeBadDirection:        {rutravel.ErrInvalid, "the direction of a transfer has a wrong format"},
	CodeBadFlightDate:       {rutravel.ErrInvalid, "the date in the flight data has a wrong format"},
	CodeBadFlight:           {rutravel.ErrInvalid, "the flight data have a wrong format"},
	CodeTooLateForTransfers: {rutravel.ErrConflict, "the transfer can no longer be changed"},
	CodeNoPID:               {rutravel.ErrInvalid, "pid is missing"},
	CodeBadPID:              {rutravel.ErrInvalid, "pid is wrong"},
	CodeBadGender:           {rutravel.ErrInvalid, "the gender has a wrong format"},
	CodeNoContact:           {rutravel.ErrInvalid, "no contact is given"},
	CodeBadEmail:            {rutravel.ErrInvalid, "the e-mail address has a wrong format"},
	CodeCannotCancel:        {rutravel.ErrConflict, "cancellation is impossible"},
	CodeAlreadyCancelled:    {rutravel.ErrConflict, "the booking is cancelled already"},
	CodeNoFirstName:         {rutravel.ErrInvalid, "the first name is empty"},
	CodeNoLastName:          {rutravel.ErrInvalid, "the last name is empty"},
	CodeNoPassport:          {rutravel.ErrInvalid, "the passport's series or number is empty"},
}

// Error returns the code and, if the manual lists it, its meaning.
func (c Code) Error() string {
	if m := c.Meaning(); m != "" {
		return string(c) + ": " + m
	}
	return string(c)
}

// Meaning returns the meaning of the code in English, or "" if the manual does not list
// the code.
func (c Code) Meaning() string { return codes[c].meaning }

// kind returns the kind of an error with the code.
func (c Code) kind() rutravel.Kind {
	if known, ok := codes[c]; ok {
		return known.kind
	}
	return rutravel.ErrRejected
}

// RefusalError has all problems of a request that the supplier refused. It is in the chain
// of the [*rutravel.Error], whose Code and Message are those of the first problem:
//
//	if refusal, ok := errors.AsType[*bgoperator.RefusalError](err); ok { … }
type RefusalError struct {
	ClientTourID string    // of the refused tour; "" if the supplier named none
	Problems     []Problem // at least one

	// DuplicateOf is the booking that already exists, if [CodeDuplicate] is one of the
	// problems and the supplier named the booking. It is "" if the refusal is about a
	// tour that was not sent.
	DuplicateOf BookingID
}

// Problem is one of the errors of a request.
type Problem struct {
	Code Code
	Info string // the supplier's addition: a booking's id (126), a tourist's id (133)
}

// Error returns the problems and the ClientTourID of the tour.
func (e *RefusalError) Error() string {
	var texts []string
	for _, p := range e.Problems {
		text := p.Code.Error()
		if p.Info != "" {
			text += fmt.Sprintf(" (%s)", p.Info)
		}
		texts = append(texts, text)
	}
	text := strings.Join(texts, "; ")
	if e.ClientTourID != "" {
		text = fmt.Sprintf("tour %q: %s", e.ClientTourID, text)
	}
	return text
}

// Is reports whether target is the [Code] of one of the problems.
func (e *RefusalError) Is(target error) bool {
	c, ok := target.(Code)
	return ok && slices.ContainsFunc(e.Problems, func(p Problem) bool { return p.Code == c })
}

// reply is the envelope of every answer: <errors>, or one of the request's roots.
type reply struct {
	reader
	root   *element
	denied bool // CodeAccessDenied is among the errors
}

// read reads the envelope. If it returns nil, root is set. root may be incomplete: if the
// document is cut off or contains an error, this is the first failure of the reader.
func (r *reply) read(a transport.Answer, req *request) error {
	root, err := parse(a.Body)
	unauthorized := a.Status == http.StatusUnauthorized
	switch {
	case unauthorized && !slices.ContainsFunc([]string{"<tour", "<status", "<errors"}, func(s string) bool {
		return bytes.Contains(a.Body, []byte(s))
	}):
		// The supplier's sign that a session has ended, whatever the body is. But the
		// body must not look like an answer to the request.
		return &transport.Refusal{Kind: rutravel.ErrAuth}
	case err == nil && root.name == "errors":
		return r.refusal(root, req, unauthorized)
	case err != nil && (root == nil || !slices.Contains(req.roots, root.name)):
		return err
	case !slices.Contains(req.roots, root.name):
		supplierRoot := root.name == "tours" || root.name == "status"
		return &wire.Error{Problem: "want <" + strings.Join(req.roots, "> or <") + ">, got another element", Malformed: !supplierRoot}
	}
	r.root = root
	r.bad, _ = errors.AsType[*wire.Error](err)
	if e := root.find("error", "errors"); e != nil {
		r.fail(e.path(), "an error inside a success")
	}
	return nil
}

// refusal returns the error of an <errors> element. The element has codes, and there may
// be an info after each.
func (r *reply) refusal(root *element, req *request, unauthorized bool) error {
	var (
		texts      reader
		all        []Problem
		unexpected bool // an element or attribute that the manual does not show
		empty      bool // an error without a code
		tour       = root.attr("clientTourId")
	)
	for _, c := range root.children {
		last := len(all) - 1
		unexpected = unexpected || len(c.attrs) > 0 // it may name another tour
		switch {
		case c.name == "error":
			all = append(all, Problem{Code: Code(texts.text(value{c, ""}))})
			empty = empty || all[last+1].Code == ""
		case c.name == "info" && last >= 0 && all[last].Info == "":
			all[last].Info = texts.text(value{c, ""})
		default:
			unexpected = true
		}
	}
	if len(all) == 0 || empty {
		return &wire.Error{Path: "errors", Problem: "no code"}
	}
	has := func(codes ...Code) bool {
		return slices.ContainsFunc(all, func(p Problem) bool { return slices.Contains(codes, p.Code) })
	}
	r.denied = has(CodeAccessDenied)
	refusal := &transport.Refusal{
		Kind: all[0].Code.kind(), Code: string(all[0].Code), Message: all[0].Info, Undocumented: unexpected || texts.bad != nil,
	}
	if tour != "" && !req.has(tour) {
		// A refusal of a tour that was never sent says nothing about the request.
		refusal.Kind, refusal.Unsettled = rutravel.ErrProtocol, true
		refusal.Detail = func(conceal func(string) string) error {
			return foreignRefusal{refusalDetail(tour, req, all, conceal)}
		}
		return refusal
	}
	// The supplier refused the session and did not look at the request. Another code, or
	// the name of one of several tours, shows that it looked at the request.
	sessionOnly := len(all) == 1 && r.denied && (len(req.tours) < 2 || tour == "")
	// A "general error" may come after something was done. If there are several tours,
	// the others may have been booked.
	refusal.Unsettled = has(CodeGeneral, CodeTransfersGeneral) || !sessionOnly && (len(req.tours) > 1 || unauthorized || r.denied)
	refusal.Detail = func(conceal func(string) string) error { return refusalDetail(tour, req, all, conceal) }
	return refusal
}

// has reports whether a tour of the request has a ClientTourID.
func (r *request) has(clientTourID string) bool {
	return slices.ContainsFunc(r.tours, func(t Tour) bool { return t.ClientTourID == clientTourID })
}

// foreignRefusal is a refusal of a tour that the request does not have. Its codes do not
// match, because [CodeAlreadyCancelled] would prove a cancellation.
type foreignRefusal struct{ refusal *RefusalError }

func (f foreignRefusal) Error() string {
	return "the answer is about a tour that was not sent: " + f.refusal.Error()
}

// As finds the RefusalError. With Unwrap, its codes would match as well.
func (f foreignRefusal) As(target any) bool {
	p, ok := target.(**RefusalError)
	if ok {
		*p = f.refusal
	}
	return ok
}

// refusalDetail returns a RefusalError. It keeps the codes that the manual lists, the
// request's ids of a tour and of tourists, and the id of a duplicate. Everything else is
// concealed, because it may contain personal data of the request.
func refusalDetail(tour string, req *request, problems []Problem, conceal func(string) string) *RefusalError {
	e := &RefusalError{ClientTourID: tour}
	ours := tour == "" || req.has(tour)
	if !ours {
		e.ClientTourID = conceal(tour)
	}
	for _, p := range problems {
		switch {
		case p.Code == CodeDuplicate && isNumber(p.Info) && ours:
			e.DuplicateOf = BookingID(p.Info)
		case p.Code == CodeBadTouristRoute && slices.Contains(req.tourists, TouristID(p.Info)):
		default:
			p.Info = conceal(p.Info)
		}
		if _, ok := codes[p.Code]; !ok {
			p.Code = Code(conceal(string(p.Code)))
		}
		e.Problems = append(e.Problems, p)
	}
	return e
}

// isNumber reports whether a text has only digits and is not zero.
func isNumber(s string) bool {
	return strings.Trim(s, "0123456789") == "" && strings.Trim(s, "0") != ""
}
