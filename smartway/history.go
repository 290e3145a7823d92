package smartway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strconv"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Cursor is a position in the history of all trips; the zero value is before the
// first trip. It comes from [History.Cursor] alone and can be stored.
type Cursor int

// History is the trips of the account that were created or changed after a
// cursor. All trips together may be hundreds of megabytes. They are decoded one
// at a time, while the answer arrives.
//
// It is for one goroutine.
type History struct {
	trips    iter.Seq2[Trip, error]
	cursor   Cursor
	complete bool // the last range ended without an error
}

// All sends the request and returns the trips as they arrive. An error ends the
// sequence. Nothing is sent before the first trip is requested, and each range
// sends a new request. After the first trip was returned, a broken connection
// ends the sequence without a retry: range again.
//
// A trip that cannot be decoded ends the sequence: one without its ids or
// amounts, or with a documented field of the wrong form, such as a date that is
// not a date. [Trips.Between] returns the other trips.
//
// Trips are repeated: compare the IDs of their versions with those that are
// stored. A trip without a new version is news too if its status, amount or
// LastChange differs.
func (h *History) All() iter.Seq2[Trip, error] { return h.trips }

// Cursor returns the position for the next request, if the last range over
// [History.All] ended without an error. Store it after all its trips were
// processed: then trips that were lost on the way are returned again.
//
// If there was nothing new, it is the cursor of this request. It is never lower.
func (h *History) Cursor() (c Cursor, ok bool) {
	if !h.complete {
		return 0, false
	}
	return h.cursor, true
}

// AfterChange returns the trips that were created or changed after a cursor; 0
// returns all trips. [rutravel.WithAttemptTimeout] limits how long the supplier
// may send nothing. The whole answer may take longer.
//
//	history := client.Trips.AfterChange(ctx, stored)
//	for trip, err := range history.All() {
//		if err != nil {
//			return err
//		}
//		… // process the trip
//	}
//	if cursor, ok := history.Cursor(); ok {
//		… // store the cursor
//	}
//
// Smartway: POST trip.get_after_change
func (s Trips) AfterChange(ctx context.Context, after Cursor, opts ...rutravel.CallOption) *History {
	h := new(History)
	h.trips = func(yield func(Trip, error) bool) {
		h.cursor, h.complete = 0, false
		r := &request{op: opTripGetAfterChange, query: json.Number(strconv.Itoa(int(after)))}
		r.That(after >= 0, "after", "must not be negative")
		sent, id := s.core.encode(r)
		var last Cursor // of the current attempt
		decode := func(body io.Reader, _ func(rutravel.Warning), yield func(Trip) bool) (err error) {
			d := historyDecoder{answer: reply{op: r.op, sentID: id, stream: body}, yield: yield}
			last, err = d.decode(after)
			return err
		}
		for trip, err := range transport.Stream(ctx, s.core.engine, &operations[r.op], sent, decode, opts...) {
			if !yield(trip, err) || err != nil {
				return
			}
		}
		h.cursor, h.complete = last, true
	}
	return h
}

// historyDecoder decodes an answer while it arrives and yields its trips.
type historyDecoder struct {
	answer  reply
	yield   func(Trip) bool
	trips   int // yielded so far
	last    int // last_version_id
	failure failure
}

var (
	errStopped    = errors.New("the caller stopped")
	errIncomplete = &wire.Error{Path: "result.trips", Problem: incomplete}
)

// decode decodes the answer and returns the next cursor. The members of the
// envelope and of the result may stand in any order, so the cursor is known only
// at the end.
func (h *historyDecoder) decode(after Cursor) (Cursor, error) {
	err := h.answer.read(h.decodeResult)
	if err != nil && h.failure.unsuccessful && !malformed(err) && !h.answer.hasError {
		err = h.failure.refusal(false)
	}
	if h.trips == 0 {
		return after, err
	}
	return max(after, Cursor(h.last)), err
}

func (h *historyDecoder) decodeResult(d *wire.Decoder) error {
	err := d.Object(func(name []byte) error {
		switch string(name) {
		case "last_version_id": // null and 0: no trips
			return decodeOptInt(d, &h.last)
		case "trips":
			return h.decodeTrips(d)
		default:
			return h.failure.member(d, name)
		}
	}, "trips")
	if h.failure.found() {
		d.Fail("trips", incomplete)
	}
	return err
}

// decodeTrips yields the trips, unless what stood before them shows that the
// answer must not be used.
func (h *historyDecoder) decodeTrips(d *wire.Decoder) error {
	if h.answer.id != h.answer.sentID && (h.answer.id != "" || h.answer.nullID) {
		return errOtherID
	}
	if h.failure.found() {
		return errIncomplete
	}
	return d.Map(func([]byte) error { return h.decodeTrip(d) })
}

func (h *historyDecoder) decodeTrip(d *wire.Decoder) error {
	var t Trip
	if err := d.Whole(t.decode); err != nil {
		return err
	}
	if err := d.Err(); err != nil {
		return err
	}
	h.trips++
	if !h.yield(t) {
		return errStopped
	}
	return nil
}
