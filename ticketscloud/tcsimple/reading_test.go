package tcsimple_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

// streaming returns a client that gets frames and a trailer for each call. The function
// returns the paths and ids of the values that the client warned about.
func streaming(t *testing.T, frames string, trailer http.Header) (*tcsimple.Client, func() []string) {
	t.Helper()
	var log bytes.Buffer
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/grpc"}},
			Body: io.NopCloser(strings.NewReader(frames)), Trailer: trailer.Clone(),
		}, nil
	})
	c, err := tcsimple.New(tcsimpletest.New(nil).Config(), rutravel.WithHTTPClient(&http.Client{Transport: m}), rutravel.WithMaxAttempts(1),
		rutravel.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	require.NoError(t, err)
	return c, func() (values []string) {
		for _, found := range regexp.MustCompile(`msg="unreadable value" .* path=(\S+) id=(\S+)`).FindAllStringSubmatch(log.String(), -1) {
			values = append(values, found[1]+" "+found[2])
		}
		return values
	}
}

var good = http.Header{"Grpc-Status": {"0"}}

func framed(t *testing.T, messages ...proto.Message) string {
	t.Helper()
	var frames strings.Builder
	for _, m := range messages {
		text, err := proto.MarshalOptions{}.Marshal(m)
		require.NoError(t, err)
		frames.WriteString(frame(0, string(text)))
	}
	return frames.String()
}

// Bytes that are not UTF-8 do not end a stream. The rest of a name is kept. A message whose
// id has lost bytes is left out with a warning.
func TestInvalidUTF8(t *testing.T) {
	t.Parallel()
	frames := frame(0, "\x0a\x01a\x12\x02\xd0A") + frame(0, "\x0a\x01\xff\x12\x01B") + frame(0, "\x0a\x01c")
	c, unread := streaming(t, frames, good)
	all, err := collect(c.Artists(t.Context(), tcsimple.ArtistQuery{}))
	require.NoError(t, err)
	assert.Equal(t, []tcsimple.Artist{{ID: "a", Name: "\ufffdA"}, {ID: "c"}}, all)
	assert.Equal(t, []string{`[1].id ""`}, unread())

	c, _ = streaming(t, frame(0, "\x0a\x01\xff"), good)
	_, err = collect(c.Artists(t.Context(), tcsimple.ArtistQuery{}))
	require.ErrorIs(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "id: want an id")

	// The same applies inside of messages and maps.
	text := framed(t, &simple.Map{Id: "m", Svg: map[string]string{"main": "Zvg"}, Sectors: []*simple.Map_Sector{{Id: "s", Name: "Zector"}, {Id: "Z"}}})
	c, unread = streaming(t, strings.ReplaceAll(text, "Z", "\xff"), good)
	maps, err := collect(c.Maps(t.Context(), tcsimple.MapQuery{}))
	require.NoError(t, err)
	require.Len(t, maps, 1)
	assert.Equal(t, map[string]string{"main": "\ufffdvg"}, maps[0].SVG)
	assert.Equal(t, []tcsimple.Sector{{ID: "s", Name: "\ufffdector"}}, maps[0].Sectors)
	assert.Equal(t, []string{"[0].sectors[1].id m"}, unread())
}

// Values of an event that cannot be read are not set, and there is a warning. Events and
// elements that are useless without them are left out.
func TestUnreadableValues(t *testing.T) {
	t.Parallel()
	bad, lost, soon := &timestamppb.Timestamp{Nanos: -1}, "a\ufffd", timestamppb.New(time.Unix(1, 0))
	negative := int64(-100)
	rule := func(lifetime *simple.Lifetime, price uint64) *simple.Event_TicketSet_Rule {
		return &simple.Event_TicketSet_Rule{Lifetime: lifetime, Types: &simple.Event_TicketSet_Rule_Simple{Simple: &simple.Event_TicketSet_Rule_SimpleType{Price: price}}}
	}
	c, unread := streaming(t, framed(t,
		&simple.Event{Id: "e", Lifetime: &simple.Lifetime{Start: bad, Finish: soon}, Org: lost, Venue: "v", Tags: []string{lost, "t"}, UpdatedAt: bad,
			Commissions: &simple.Event_OrgExtra{OrgExtra: &simple.Percentage{Units: 1, Nanos: minus(1)}},
			Sets: []*simple.Event_TicketSet{
				{Id: "s", Sector: lost, Rules: []*simple.Event_TicketSet_Rule{
					rule(nil, 100), rule(&simple.Lifetime{Start: bad}, 100), rule(&simple.Lifetime{Start: soon}, uint64(negative)),
				}},
				{Id: lost}, {Id: "u", AmountVacant: minus(3)},
			},
			Mods: []*simple.Mod{
				{Id: "m", Settings: &simple.Mod_Promotion{Promotion: &simple.ModPromotionType{Sets: []string{lost}, Discount: &simple.ModPromotionType_DiscountFix{DiscountFix: 100}}}},
				{Id: "n", Settings: &simple.Mod_Promotion{Promotion: &simple.ModPromotionType{Discount: &simple.ModPromotionType_DiscountPercentage{DiscountPercentage: &simple.Percentage{Units: 101}}}}},
				{Id: "o", Settings: &simple.Mod_Promotion{Promotion: &simple.ModPromotionType{Discount: &simple.ModPromotionType_DiscountFix{DiscountFix: uint64(negative)}}}},
			}},
		&simple.Event{Id: lost}, &simple.Event{Id: "f", TicketsAmountVacant: minus(1)}, &simple.Event{Id: "g"}), good)
	all, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	require.Len(t, all, 2)
	e := all[0]
	assert.Equal(t, ticketscloud.EventID("g"), all[1].ID)
	assert.Zero(t, e.Start)
	assert.Equal(t, time.Unix(1, 0).UTC(), e.Finish)
	assert.Zero(t, e.UpdatedAt)
	assert.Empty(t, e.Org)
	assert.Equal(t, []tcsimple.TagID{"t"}, e.Tags)
	assert.False(t, e.OrgExtraPercent.Valid)
	require.Len(t, e.Sets, 1)
	assert.Empty(t, e.Sets[0].Sector)
	require.Len(t, e.Sets[0].Rules, 3)
	for i, r := range e.Sets[0].Rules {
		assert.Equal(t, i == 0, r.Price.Valid, i)
	}
	assert.False(t, e.Sets[0].Price(time.Unix(2, 0)).Valid, "the price of the last rule is not known")
	require.Len(t, e.Mods, 3)
	for _, m := range e.Mods {
		assert.Zero(t, m.Promotion.Discount, m.ID)
	}
	assert.Equal(t, []string{
		"[0].org e", "[0].lifetime.start e", "[0].tags[0] e", "[0].org_extra e",
		"[0].sets[0].sector e", "[0].sets[0].rules[1].lifetime.start e", "[0].sets[0].rules[2].simple.price e", "[0].sets[1].id e", "[0].sets[2].amount_vacant e",
		"[0].mods[0].promotion.sets[0] e", "[0].mods[1].promotion.percentage e", "[0].mods[2].promotion.fix e", "[0].updated_at e",
		`[1].id ""`, "[2].tickets_amount_vacant f",
	}, unread())
}

// minus is a negative number in an unsigned field.
func minus(n int32) uint32 { return uint32(-n) }

// A seat that has lost a part would be another seat, so it is left out.
func TestUnreadableSeats(t *testing.T) {
	t.Parallel()
	c, unread := streaming(t, framed(t,
		&simple.Seat{Ticket: "1", Row: "\ufffd", Number: "1"}, &simple.Seat{Ticket: "2", Row: "Б", Number: "2"}, &simple.Seat{Ticket: "3", Set: "\ufffd"}), good)
	all, err := collect(c.Seats(t.Context(), "e", tcsimple.SeatQuery{}))
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, ticketscloud.TicketID("2"), all[0].Ticket)
	assert.Equal(t, []string{"[0].row 1", "[2].set 3"}, unread())
}
