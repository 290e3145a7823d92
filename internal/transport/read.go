package transport

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/rutravel/rutravel-go/internal/options"
)

const (
	maxAnswer      = 64 << 20 // bytes of an unpacked answer, unless an option says less
	maxErrorAnswer = 64 << 10 // bytes of an answer with an error status; the rest is not read
	presized       = 1 << 20  // bytes that are allocated because the server announces them
	piece          = 4 << 20  // bytes of a large answer that are read at a time
	maxPooled      = 16 << 20 // a larger buffer is not kept for the next answer
)

var (
	errTooLong = errors.New("the answer is too long")
	errPacked  = errors.New("the answer cannot be unpacked")
)

// answerBody is the complete body of one answer.
type answerBody struct {
	client *Client
	limit  int64
	raw    *[]byte // where the caller wants a copy, or nil
	buf    *bytes.Buffer
	size   int64 // how much was read; bytes has less if the answer is too long
}

// body returns a body to read an answer into. The caller must release it.
func (c *Client) body(settings options.Call) *answerBody {
	b := &answerBody{client: c, limit: bound(settings, maxAnswer), raw: settings.RawAnswer}
	var pooled bool
	if b.buf, pooled = c.buffers.Get().(*bytes.Buffer); !pooled {
		b.buf = new(bytes.Buffer)
	}
	return b
}

// bound returns the caller's limit of an answer or element, or the library's
// limit most.
func bound(settings options.Call, most int64) int64 {
	if settings.MaxAnswer == 0 {
		return most
	}
	return min(settings.MaxAnswer, most)
}

// bytes returns what was read. It is valid until release.
func (b *answerBody) bytes() []byte { return b.buf.Bytes() }

func (b *answerBody) release() {
	if b.buf.Cap() <= maxPooled {
		b.buf.Reset()
		b.client.buffers.Put(b.buf)
	}
}

// read reads an answer within its limit and unpacks it. Anything beyond the limit
// of an answer with an error status is ignored.
func (b *answerBody) read(resp *http.Response) error {
	limit, truncate := b.limit, resp.StatusCode >= http.StatusBadRequest
	if truncate {
		limit = min(limit, maxErrorAnswer)
	}
	u := unpack(resp.Body)
	u.keep = b.raw != nil
	rest, err := b.fill(u, min(resp.ContentLength, limit), limit)
	if !errors.Is(err, errTooLong) || b.raw != nil {
		b.buf.Grow(int(b.size) - b.buf.Len())
		for i, p := range rest {
			b.buf.Write(p)
			rest[i] = nil
		}
	}
	if truncate && errors.Is(err, errTooLong) {
		err = nil
	}
	switch {
	case b.raw == nil:
	case err != nil && u.packed.Len() > 0: // packed, as it arrived
		if errors.Is(err, errPacked) { // also keep the rest
			_, _ = io.CopyN(io.Discard, u.from, limit)
		}
		*b.raw = u.packed.Bytes()
	default:
		*b.raw = bytes.Clone(b.bytes())
	}
	return err
}

// fill reads up to limit bytes. announced is how many bytes the server announces,
// or negative. Bytes that do not fit into the buffer are read in pieces and
// copied once. A large answer takes at most twice its size, and an answer that is
// too long takes no more than the limit.
func (b *answerBody) fill(from io.Reader, announced, limit int64) (rest [][]byte, err error) {
	grow(b.buf, min(announced, presized))
	room := func(least int64) int64 {
		return max(0, min(limit-int64(b.buf.Len()), max(least, int64(b.buf.Available()))))
	}
	if _, err = io.CopyN(b.buf, from, room(presized)); err == nil {
		grow(b.buf, announced-int64(b.buf.Len()))
		_, err = io.CopyN(b.buf, from, room(0))
	}
	b.size = int64(b.buf.Len())
	for err == nil {
		p := make([]byte, min(limit+1-b.size, piece))
		var n int
		for err == nil && n < len(p) {
			var m int
			m, err = from.Read(p[n:])
			n += m
		}
		rest = append(rest, p[:n])
		if b.size += int64(n); b.size > limit {
			return rest, errTooLong
		}
	}
	if err == io.EOF { //nolint:errorlint // itself: there is no more
		return rest, nil
	}
	return rest, err
}

// grow makes room for n bytes, and for reading the end without growing again.
func grow(buf *bytes.Buffer, n int64) {
	if n > 0 {
		buf.Grow(int(n) + bytes.MinRead)
	}
}

// unpacker reads a body and unpacks it if it begins like gzip. It ignores the
// labels of an answer, because some are wrong.
type unpacker struct {
	from *bufio.Reader
	next io.Reader // from or zip; nil before the first byte
	zip  *gzip.Reader

	keep   bool
	packed bytes.Buffer // with keep, the bytes of a packed body as they arrived
}

func unpack(from io.Reader) *unpacker {
	const least = 16 // longer reads bypass the buffer
	return &unpacker{from: bufio.NewReaderSize(from, least)}
}

func (u *unpacker) Read(p []byte) (int, error) {
	if u.next == nil {
		if err := u.begin(); err != nil {
			return 0, err
		}
	}
	n, err := u.next.Read(p)
	if err == io.EOF && u.next == u.zip { //nolint:errorlint // itself: this member ended well
		err = u.nextMember()
	}
	return n, corrupt(err)
}

// corrupt marks the errors of a body that arrived but cannot be unpacked.
func corrupt(err error) error {
	_, flawed := errors.AsType[flate.CorruptInputError](err)
	if flawed || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		return fmt.Errorf("%w: %w", errPacked, err)
	}
	return err
}

// begin checks whether the body is packed.
func (u *unpacker) begin() error {
	u.next = u.from
	if member, _ := u.member(); !member {
		return nil // the next read returns an error of the connection again
	}
	if u.keep {
		u.from = bufio.NewReader(io.TeeReader(u.from, &u.packed))
	} else {
		u.from = bufio.NewReader(u.from)
	}
	zip, err := gzip.NewReader(u.from)
	if err != nil {
		return corrupt(err)
	}
	zip.Multistream(false)
	u.next, u.zip = zip, zip
	return nil
}

// nextMember begins the next member of a packed body. Other bytes after the last
// member are ignored.
func (u *unpacker) nextMember() error {
	member, err := u.member()
	if member {
		err = u.zip.Reset(u.from)
		u.zip.Multistream(false)
	}
	if err == nil && member {
		return nil
	}
	u.next = http.NoBody
	if err == nil || errors.Is(err, gzip.ErrHeader) {
		return io.EOF
	}
	return err
}

// member reports whether a member of gzip follows.
func (u *unpacker) member() (bool, error) {
	magic, err := u.from.Peek(2)
	return len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b, err
}
