package transport

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
)

const (
	maxAnswer      = 64 << 20 // bytes of an answer, unpacked
	maxErrorAnswer = 64 << 10 // bytes of an answer with an error status; the rest is not read
	maxPresized    = 1 << 20  // bytes that are made room for on a server's word alone
	maxPooled      = 16 << 20 // a larger buffer is not kept for the next answer
)

var errTooLong = errors.New("the answer is too long")

// fill reads an answer's body within its limit.
func fill(buf *bytes.Buffer, resp *http.Response) error {
	limit := int64(maxAnswer)
	if resp.StatusCode >= 400 {
		limit = maxErrorAnswer
	}
	body, err := unpacked(resp, resp.Body)
	if err != nil {
		return err
	}
	body = io.LimitReader(body, limit+1)
	announced := min(resp.ContentLength, limit)
	grow(buf, min(announced, maxPresized))
	_, err = io.CopyN(buf, body, maxPresized)
	if err == nil {
		grow(buf, announced-int64(buf.Len()))
		_, err = io.Copy(buf, body)
	}
	switch {
	case err == io.EOF: //nolint:errorlint // itself: there is no more
		return nil
	case err == nil && int64(buf.Len()) > limit && limit == maxAnswer:
		return errTooLong
	default:
		return err
	}
}

// grow makes room for n bytes and the end, which is found without growing again.
func grow(buf *bytes.Buffer, n int64) {
	if n > 0 {
		buf.Grow(int(n) + bytes.MinRead)
	}
}

// unpacked returns what body holds. net/http unpacks only what it has asked for
// itself.
func unpacked(resp *http.Response, body io.Reader) (io.Reader, error) {
	if coding := resp.Header.Get("Content-Encoding"); !strings.EqualFold(coding, "gzip") && !strings.EqualFold(coding, "x-gzip") {
		return body, nil
	}
	z, err := gzip.NewReader(body)
	if err == io.EOF { //nolint:errorlint // itself: there is no body, packed or not
		return http.NoBody, nil
	}
	return z, err
}

// buffer returns a buffer for one answer, which release takes back.
func (c *Client) buffer() *bytes.Buffer {
	if buf, ok := c.buffers.Get().(*bytes.Buffer); ok {
		return buf
	}
	return new(bytes.Buffer)
}

func (c *Client) release(buf *bytes.Buffer) {
	if buf.Cap() <= maxPooled {
		buf.Reset()
		c.buffers.Put(buf)
	}
}
