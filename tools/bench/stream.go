package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/go-faster/jx"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/smartway"
)

const megabyte = 1 << 20

// flow is a history that is generated while it is read. It repeats some trips
// until it is long enough.
type flow struct {
	parts []io.Reader
	read  int
}

func newFlow(trips []byte, length int) *flow {
	f := &flow{parts: []io.Reader{strings.NewReader(`{"id":1,"jsonrpc":"2.0","result":{"trips":[`)}}
	for n := 0; n < length; n += len(trips) {
		if n > 0 {
			f.parts = append(f.parts, strings.NewReader(","))
		}
		f.parts = append(f.parts, bytes.NewReader(trips))
	}
	f.parts = append(f.parts, strings.NewReader(`],"last_version_id":263427}}`))
	return f
}

func (f *flow) Read(p []byte) (int, error) {
	for len(f.parts) > 0 {
		n, err := f.parts[0].Read(p)
		if f.read += n; err == io.EOF {
			f.parts, err = f.parts[1:], nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.EOF
}

// RoundTrip answers with the history.
func (f *flow) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Body.Close(); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		ContentLength: -1, Body: io.NopCloser(f)}, nil
}

// streamer reads a history and calls trip for each trip.
type streamer = func(transport http.RoundTripper, trip func(any)) error

// streamers are the contestants. The floor skips all trips.
var streamers = withStreamV2(map[string]streamer{
	library: func(transport http.RoundTripper, trip func(any)) error {
		c, err := smartway.New(account(), rutravel.WithHTTPClient(&http.Client{Transport: transport}))
		if err != nil {
			return err
		}
		history := c.Trips.AfterChange(context.Background(), 0)
		for t, err := range history.All() {
			if err != nil {
				return err
			}
			trip(t)
		}
		if _, ok := history.Cursor(); !ok {
			return errors.New("no cursor")
		}
		return nil
	},
	byHand: func(transport http.RoundTripper, trip func(any)) error {
		return received(transport, func(body io.Reader) error { return handStream(body, trip) })
	},
	floor: func(transport http.RoundTripper, _ func(any)) error {
		return received(transport, func(body io.Reader) error { return jx.Decode(body, 16<<10).Skip() })
	},
})

// withStreamV2 adds json/v2 if this Go release has it.
func withStreamV2(all map[string]streamer) map[string]streamer {
	if streamV2 != nil {
		all[withV2] = streamV2
	}
	return all
}

// received asks for the history with net/http.
func received(transport http.RoundTripper, read func(io.Reader) error) error {
	body, err := json.Marshal(rpc("trip.get_after_change", 0))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, smartway.Test, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return read(resp.Body)
}

// tokens reads a text element by element.
type tokens interface {
	Decode(v any) error
	More() bool
	Token() (any, error)
}

// tokensV1 is a json.Decoder.
type tokensV1 struct{ *json.Decoder }

func (t tokensV1) Token() (any, error) { return t.Decoder.Token() }

// handStream reads a history element by element with encoding/json.
func handStream(body io.Reader, trip func(any)) error {
	return streamWith(tokensV1{json.NewDecoder(body)}, json.Unmarshal, trip)
}

// streamWith reads a history element by element.
func streamWith(d tokens, unmarshal func([]byte, any) error, trip func(any)) error {
	var (
		id     looseID
		fault  *handFault
		cursor int
	)
	err := members(d, func(name string) error {
		switch name {
		case "id":
			return d.Decode(&id)
		case "error":
			return d.Decode(&fault)
		case "result":
			return members(d, func(name string) error {
				switch name {
				case "last_version_id":
					return d.Decode(&cursor)
				case "trips":
					return elements(d, func() error {
						var t handTrip
						if err := d.Decode(&t); err != nil {
							return err
						}
						if err := t.finish(unmarshal); err != nil {
							return err
						}
						trip(t)
						return nil
					})
				default:
					return d.Decode(new(json.RawMessage))
				}
			})
		default:
			return d.Decode(new(json.RawMessage))
		}
	})
	switch {
	case err != nil:
		return err
	case fault != nil:
		return errors.New(fault.Message)
	case id != "1" || cursor == 0:
		return errors.New("another's answer")
	}
	return nil
}

// members reads an object. member must read each value.
func members(d tokens, member func(name string) error) error {
	return elements(d, func() error {
		name, err := d.Token()
		if err != nil {
			return err
		}
		return member(fmt.Sprint(name))
	})
}

// elements reads an array or object. element must read each element.
func elements(d tokens, element func() error) error {
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// streamed is the cost of reading a history in a separate process.
type streamed struct {
	Seconds float64 // of processor time
	Bytes   float64 // allocated
	Peak    int     // bytes resident above the idle process
	First   int     // how many bytes were read when the first trip was yielded
	Trips   int
}

const templateTrips = 500

// stream reads a history of some length and measures it. The whole process does
// nothing else.
func stream(name string, length int) (s streamed, err error) {
	f := newFlow([]byte(strings.Join(trips(templateTrips), ",")), length)
	debug.FreeOSMemory()
	if err = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // reset the peak
		return s, err
	}
	idle, err := resident("VmRSS:")
	if err != nil {
		return s, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := used()
	err = streamers[name](f, func(any) {
		if s.Trips++; s.Trips == 1 {
			s.First = f.read
		}
	})
	s.Seconds = (used() - start).Seconds()
	if err != nil {
		return s, err
	}
	runtime.ReadMemStats(&after)
	s.Bytes = float64(after.TotalAlloc - before.TotalAlloc)
	peak, err := resident("VmHWM:")
	s.Peak = peak - idle
	return s, err
}

// resident returns a value of the kernel about this process's memory, in bytes.
func resident(name string) (int, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(text), name)
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(after), " kB")
	n, err := strconv.Atoi(kilobytes)
	return n << 10, err
}

// streamApart runs stream in another process.
func streamApart(name string, length int) streamed {
	cmd := exec.Command(must(os.Executable()), "stream", name, strconv.Itoa(length))
	cmd.Stderr = os.Stderr
	return parse[streamed](must(cmd.Output()))
}
