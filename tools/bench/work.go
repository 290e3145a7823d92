package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/bytedance/sonic"
	"github.com/go-faster/jx"
	"github.com/go-resty/resty/v2"
	gojson "github.com/goccy/go-json"
	"github.com/hashicorp/go-retryablehttp"
)

// The contestants are in the order of the table's columns. All except the library
// and the floor read into the same types.
const (
	byHand    = "by hand"
	library   = "rutravel"
	withResty = "resty"
	withRetry = "retryablehttp"
	withSonic = "sonic"
	withGoccy = "goccy"
	withV2    = "json/v2"
	plainJX   = "plain jx"
	floor     = "jx skipping"
)

var columns = []string{byHand, withV2, library, withResty, withRetry, withSonic, withGoccy, plainJX, floor}

// work is a task that all contestants do with the same answer.
type work struct {
	name        string
	length      int // bytes of the answer; 0 if there is none
	contestants []contestant

	// same converts a result of another contestant into the library's types. All
	// must have read the same values.
	same func(any) any

	measures []measure // one row of the table for each
}

type contestant struct {
	name string
	run  func() (any, error)
}

// find returns the contestant with a name.
func (w work) find(name string) contestant {
	for _, c := range w.contestants {
		if c.name == name {
			return c
		}
	}
	panic("no contestant " + name)
}

// exchange is one call as it is written by hand.
type exchange struct {
	method, url string
	header      http.Header
	request     any           // the value of the body; nil if there is none
	answer      func() answer // a new one to read into
}

// answer is the type that an answer is read into. finish checks the supplier's
// error, and reads what could not be read before.
type answer interface {
	finish(unmarshal func([]byte, any) error) error
	value() any
}

// others returns the alternatives, all over one transport.
func others(x exchange, transport http.RoundTripper) []contestant {
	client := &http.Client{Transport: transport}
	return append(v2(x, client), []contestant{
		{byHand, func() (any, error) { return x.do(client.Do, decode) }},
		{withResty, x.resty(resty.NewWithClient(&http.Client{Transport: transport}))},
		{withRetry, x.retryable(retryable(transport))},
		{withSonic, func() (any, error) { return x.do(client.Do, whole(sonic.Unmarshal)) }},
		{withGoccy, func() (any, error) { return x.do(client.Do, whole(gojson.Unmarshal)) }},
	}...)
}

// whole reads an answer from its whole body.
func whole(unmarshal func([]byte, any) error) func(*http.Response, answer) error {
	return func(resp *http.Response, a answer) error {
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		if err := unmarshal(text, a); err != nil {
			return err
		}
		return a.finish(unmarshal)
	}
}

const longest = 64 << 20 // in bytes; a client by hand also limits answers

func decode(resp *http.Response, a answer) error {
	if err := json.NewDecoder(io.LimitReader(resp.Body, longest)).Decode(a); err != nil {
		return err
	}
	return a.finish(json.Unmarshal)
}

func (x exchange) body() ([]byte, error) {
	if x.request == nil {
		return nil, nil
	}
	return json.Marshal(x.request)
}

// do makes the call with net/http.
func (x exchange) do(send func(*http.Request) (*http.Response, error), read func(*http.Response, answer) error) (any, error) {
	body, err := x.body()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(context.Background(), x.method, x.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range x.header {
		req.Header[name] = values
	}
	resp, err := send(req)
	if err != nil {
		return nil, err
	}
	return x.read(resp, read)
}

func (x exchange) read(resp *http.Response, read func(*http.Response, answer) error) (any, error) {
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	a := x.answer()
	if err := read(resp, a); err != nil {
		return nil, err
	}
	// The rest of the body must be read, even if it is empty, or the connection
	// is not kept.
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return nil, err
	}
	return a.value(), nil
}

// retryable returns a client without logs. If transport is nil, the client has
// its own.
func retryable(transport http.RoundTripper) *retryablehttp.Client {
	client := retryablehttp.NewClient()
	client.Logger = nil
	if transport != nil {
		client.HTTPClient.Transport = transport
	}
	return client
}

func (x exchange) retryable(client *retryablehttp.Client) func() (any, error) {
	return func() (any, error) {
		return x.do(func(req *http.Request) (*http.Response, error) {
			r, err := retryablehttp.FromRequest(req)
			if err != nil {
				return nil, err
			}
			return client.Do(r)
		}, decode)
	}
}

func (x exchange) resty(client *resty.Client) func() (any, error) {
	return func() (any, error) {
		r := client.R()
		if x.request != nil {
			r.SetBody(x.request)
		}
		for name, values := range x.header {
			r.Header[name] = values
		}
		a := x.answer()
		resp, err := r.SetResult(a).ForceContentType("application/json").Execute(x.method, x.url)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode() != http.StatusOK {
			return nil, errors.New(resp.Status())
		}
		if err := a.finish(json.Unmarshal); err != nil {
			return nil, err
		}
		return a.value(), nil
	}
}

// skipping returns the floor: the library's parser skips the answer and keeps
// nothing.
func skipping(text []byte) contestant {
	d := new(jx.Decoder)
	return contestant{floor, func() (any, error) {
		d.ResetBytes(text)
		return nil, d.Skip()
	}}
}

// canned answers every request with one text. It replaces %ID% with the request's
// id.
type canned struct{ before, after []byte }

const ownID = "%ID%"

func answering(text []byte) canned {
	before, after, found := bytes.Cut(text, []byte(ownID))
	if !found {
		return canned{after: text}
	}
	return canned{before, after}
}

// RoundTrip answers a request.
func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	var id string
	if r.Body != nil {
		if c.before != nil {
			sent, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			id = idOf(sent)
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		ContentLength: int64(len(c.before) + len(id) + len(c.after)),
		Body:          io.NopCloser(io.MultiReader(bytes.NewReader(c.before), strings.NewReader(id), bytes.NewReader(c.after))),
	}, nil
}

// idOf returns the id of a JSON-RPC request.
func idOf(request []byte) string {
	_, after, _ := bytes.Cut(request, []byte(`"id":`))
	end := bytes.IndexAny(after, ",}")
	if end < 0 {
		return ""
	}
	return string(after[:end])
}

// must returns v. It is for calls that the tests have checked.
func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("bench: %v", err))
	}
	return v
}
