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
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Cursor is a place in the history of all trips; the zero value is before the
// first. It comes from [History.Cursor] alone, and can be stored.
type Cursor int

// History is the trips that were created or changed after a cursor: of the
// whole account, from the first on, it may be hundreds of megabytes. It is read
// while it arrives, one trip at a time.
//
// It is for one goroutine.
type History struct {
	trips  iter.Seq2[Trip, error]
	cursor Cursor
	whole  bool
}

// All asks the supplier and returns the trips as they arrive; an error ends
// them. Nothing is sent before the first is asked for, and every range asks
// anew. Once a trip was returned, the call is not repeated if the line breaks:
// range again.
//
// A trip that cannot be read ends the sequence, for a history with a hole is
// none: one without its ids and amounts, or with any documented field that is
// not what it should be, as a date that is none; [TripService.Between] gets at
// the others.
//
// Trips come again: compare the IDs of their versions with those that are
// stored. A trip without a new version is news all the same if its status,
// amount or LastChange is another.
func (h *History) All() iter.Seq2[Trip, error] { return h.trips }

// Cursor returns the place from which to ask the next time, if the last range
// over [History.All] came to its end without an error. Store it after all its
// trips were dealt with: what was lost on the way then comes again.
//
// It is the old one if there was nothing new, and is never less.
func (h *History) Cursor() (c Cursor, ok bool) {
	if !h.whole {
		return 0, false
	}
	return h.cursor, true
}

// AfterChange returns the trips that were created or changed after a cursor; 0
// is all that there are. The silence of the supplier is bounded
// ([rutravel.WithAttemptTimeout]); how long the whole takes is not.
//
//	history := client.Trips.AfterChange(ctx, stored)
//	for trip, err := range history.All() {
//		if err != nil {
//			return err
//		}
//		… // deal with the trip
//	}
//	if cursor, ok := history.Cursor(); ok {
//		… // store the cursor
//	}
//
// Smartway: POST trip.get_after_change
func (s TripService) AfterChange(ctx context.Context, after Cursor, opts ...rutravel.CallOption) *History {
	h := new(History)
	h.trips = func(yield func(Trip, error) bool) {
		h.cursor, h.whole = 0, false
		var v valid.Check
		v.That(after >= 0, "after", "must not be negative")
		req, id := s.e.request(opTripGetAfterChange, json.Number(strconv.Itoa(int(after))), nil, v)
		var last Cursor // of the attempt under way
		read := func(body io.Reader, yield func(Trip) bool) (err error) {
			last, err = readHistory(body, id, after, yield)
			return err
		}
		for trip, err := range transport.Stream(ctx, s.e.line, &operations[opTripGetAfterChange], req, read, opts...) {
			if !yield(trip, err) || err != nil {
				return
			}
		}
		h.cursor, h.whole = last, true
	}
	return h
}

var (
	errEnough        = errors.New("the caller has enough")
	errBesideFailure = &wire.Error{Path: "result.trips", Problem: besideFailure}
)

// readHistory reads an answer while it arrives. The members of the envelope and
// of the result may stand in any order, so the cursor counts only at the end.
func readHistory(body io.Reader, id string, after Cursor, yield func(Trip) bool) (Cursor, error) {
	r := reply{op: opTripGetAfterChange, asked: id}
	var (
		trips, last int
		other       failure
	)
	err := wire.DecodeStream(body, func(d *wire.Decoder) error {
		return r.decode(d, func(d *wire.Decoder) error {
			err := d.Object(func(name []byte) error {
				switch string(name) {
				case "last_version_id": // null and 0: no trips
					return optInt(d, &last)
				case "trips":
					if r.id != r.asked && (r.id != "" || r.null) { // it stood before the result
						return errOtherID
					}
					if other.there() {
						return errBesideFailure
					}
					return d.Map(func([]byte) error {
						var t Trip
						if err := d.Whole(t.decode); err != nil {
							return err
						}
						if err := d.Err(); err != nil {
							return err
						}
						trips++
						if !yield(t) {
							return errEnough
						}
						return nil
					})
				default:
					return other.member(d, name)
				}
			}, "trips")
			if other.there() {
				d.Fail("trips", besideFailure)
			}
			return err
		})
	})
	if err = r.verdict(err, nil); err != nil && other.no && !malformed(err) && !r.failed {
		err = other.refusal(false)
	}
	if trips == 0 {
		last = 0
	}
	return max(after, Cursor(last)), err
}
