package tcsimple

import (
	"context"
	"iter"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// CategoryID identifies a kind of events. The ids of ticket categories are
// [ticketscloud.SetID].
type CategoryID string

// TagID identifies a tag of events.
type TagID string

// ArtistID identifies an artist.
type ArtistID string

// Category is a kind of events.
type Category struct {
	ID   CategoryID // id
	Name string     // name
}

// CategoryQuery filters the list of categories. Only the fields that are set are sent.
type CategoryQuery struct {
	IDs []CategoryID // ids
}

// Categories iterates over kinds of events.
//
// Ticketscloud: gRPC Categories
func (c *Client) Categories(ctx context.Context, q CategoryQuery, opts ...rutravel.CallOption) iter.Seq2[Category, error] {
	r := &request[simple.CategoriesRequest]{op: opCategories}
	r.message = &simple.CategoriesRequest{Ids: texts(&r.Check, "IDs", q.IDs)}
	return stream(ctx, c, r, decodeCategory, opts)
}

func decodeCategory(r *reading, m *simple.Category) Category {
	return Category{ID: essentialID[CategoryID](r, "id", m.GetId()), Name: m.GetName()}
}

// Tag is a subdivision of a category.
type Tag struct {
	ID       TagID      // id
	Category CategoryID // category
	Name     string     // name
	Generic  bool       // generic
}

// TagQuery filters the list of tags. Only the fields that are set are sent.
type TagQuery struct {
	IDs []TagID // ids
}

// Tags iterates over tags.
//
// Ticketscloud: gRPC Tags
func (c *Client) Tags(ctx context.Context, q TagQuery, opts ...rutravel.CallOption) iter.Seq2[Tag, error] {
	r := &request[simple.TagsRequest]{op: opTags}
	r.message = &simple.TagsRequest{Ids: texts(&r.Check, "IDs", q.IDs)}
	return stream(ctx, c, r, decodeTag, opts)
}

func decodeTag(r *reading, m *simple.Tag) Tag {
	return Tag{
		ID: essentialID[TagID](r, "id", m.GetId()), Category: optID[CategoryID](r, "category", m.GetCategory()),
		Name: m.GetName(), Generic: m.GetGeneric(),
	}
}

// Artist is an artist.
type Artist struct {
	ID   ArtistID // id
	Name string   // name
}

// ArtistQuery filters the list of artists. Only the fields that are set are sent.
type ArtistQuery struct {
	IDs []ArtistID // ids
}

// Artists iterates over artists.
//
// Ticketscloud: gRPC Artists
func (c *Client) Artists(ctx context.Context, q ArtistQuery, opts ...rutravel.CallOption) iter.Seq2[Artist, error] {
	r := &request[simple.ArtistsRequest]{op: opArtists}
	r.message = &simple.ArtistsRequest{Ids: texts(&r.Check, "IDs", q.IDs)}
	return stream(ctx, c, r, decodeArtist, opts)
}

func decodeArtist(r *reading, m *simple.Artist) Artist {
	return Artist{ID: essentialID[ArtistID](r, "id", m.GetId()), Name: m.GetName()}
}
