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

// Cursor is a position in the history of all trips. The zero value is before the first
// trip. Other values come only from [History.Cursor] and can be stored.
type Cursor int

// History has the trips of the account that were created or changed after a cursor. All
// trips together may be hundreds of megabytes. They are decoded one at a time, while the
// answer arrives.
//
// A History must be used by one goroutine.
type History struct {
	trips    iter.Seq2[Trip, error]
	cursor   Cursor
	complete bool // the last range reached the end
}

// All sends the request and yields the trips as they arrive. Nothing is sent before the
// first trip is requested, and each range sends a new request.
//
// A trip with an id, amount, status or ticket that cannot be read is yielded as far as it
// was read. Its error has a [*rutravel.RowError] in its chain, with the ID of the trip if
// that could be read. The sequence continues. Any other error ends it. After the first
// trip, a broken connection ends the sequence without a retry: range again.
//
// A trip may come more than once. [Trip.HasNews] compares the IDs of its versions with
// those that are stored.
func (h *History) All() iter.Seq2[Trip, error] { return h.trips }

// Cursor returns the position for the next request. ok is false unless the last range over
// [History.All] reached the end. Store the cursor after all trips of the range were
// processed, so that a crash loses none of them.
//
// ok is also true if the only errors were about individual trips. If you store the
// cursor, these trips do not come again before their next change. So store it only if
// they were read in another way, for example with [Trips.Info], or if they are not
// needed.
//
// If there was nothing new, the cursor is that of the request. It is never lower.
func (h *History) Cursor() (c Cursor, ok bool) {
	if !h.complete {
		return 0, false
	}
	return h.cursor, true
}

// AfterChange returns the trips that were created or changed after a cursor. The cursor 0
// returns all trips. [rutravel.WithAttemptTimeout] limits the time without a trip. Only
// the deadline of ctx limits the time of the whole answer.
//
//	history := client.Trips.AfterChange(ctx, stored)
//	for trip, err := range history.All() {
//		if row, ok := errors.AsType[*rutravel.RowError](err); ok {
//			log.Print(row) // trip has the values that could be read
//			continue
//		}
//		if err != nil {
//			return err
//		}
//		… // process the trip
//	}
//	if cursor, ok := history.Cursor(); ok {
//		… // store the cursor
//	}
//
// The manual prints an answer of this method whose id differs from the request's. So an
// answer with an id that this client gave to no call is accepted, with a
// [rutravel.Warning].
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
		decode := func(body io.Reader, warn func(rutravel.Warning), yield func(tripRow) bool) (err error) {
			d := historyDecoder{
				answer: reply{op: r.op, sentID: id, stream: body, warn: warn, accepts: func(id string) bool { return !s.core.issued(id) }},
				yield:  yield,
			}
			last, err = d.decode(after)
			return err
		}
		for row, err := range transport.Stream(ctx, s.core.engine, &operations[r.op], sent, decode, opts...) {
			if err != nil {
				yield(Trip{}, err)
				return
			}
			if row.bad != nil {
				err = s.core.engine.RowError(&operations[r.op], *row.bad)
			}
			if !yield(row.trip, err) {
				return
			}
		}
		h.cursor, h.complete = last, true
	}
	return h
}

// tripRow is a trip, and what could not be read of it.
type tripRow struct {
	trip Trip
	bad  *rutravel.RowError
}

// historyDecoder decodes an answer while it arrives and yields its trips.
type historyDecoder struct {
	answer  reply
	yield   func(tripRow) bool
	trips   int // yielded so far
	last    int // last_version_id
	failure failure
}

var (
	errStopped    = errors.New("the caller stopped")
	errIncomplete = &wire.Error{Path: "result.trips", Problem: incomplete}
)

// decode decodes the answer and returns the next cursor. The members of the envelope and
// of the result may have any order, so the cursor is known only at the end.
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

// decodeTrips yields the trips, unless the members before them show that the answer must
// not be used.
func (h *historyDecoder) decodeTrips(d *wire.Decoder) error {
	if (h.answer.id != "" || h.answer.nullID) && h.answer.hasOtherID() {
		return errOtherID
	}
	if h.failure.found() {
		return errIncomplete
	}
	return d.Map(func([]byte) error { return h.decodeTrip(d) })
}

func (h *historyDecoder) decodeTrip(d *wire.Decoder) error {
	var row tripRow
	err := d.Whole(func(d *wire.Decoder) error {
		bad, err := wire.Row(d, &row.trip, (*Trip).decode, (*Trip).id)
		if bad != nil {
			row.bad = &rutravel.RowError{Index: h.trips, ID: row.trip.id(), Problem: bad.Error()}
		}
		return err
	})
	if err != nil {
		return err
	}
	h.trips++
	if !h.yield(row) {
		return errStopped
	}
	return nil
}
