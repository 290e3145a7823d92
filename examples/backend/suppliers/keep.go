package suppliers

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	rutravelredis "github.com/rutravel/rutravel-go/contrib/redis"
)

// Keep is where directories are kept for a day: in Redis for all instances, or in
// memory if there is none.
type Keep struct{ Redis *redis.Client }

// kept keeps a directory.
func kept[T any](k Keep, key string, fetch func(context.Context) (T, error)) directory[T] {
	if k.Redis != nil {
		return rutravelredis.NewDirectory(k.Redis, "backend:directory:"+key, rutravelredis.Day, fetch).Get
	}
	var mu sync.Mutex
	var until time.Time
	var v T
	return func(ctx context.Context) (T, error) {
		mu.Lock()
		defer mu.Unlock()
		if time.Now().Before(until) {
			return v, nil
		}
		fetched, err := fetch(ctx)
		if err == nil {
			v, until = fetched, time.Now().Add(rutravelredis.Day)
		}
		return fetched, err
	}
}

// variadic removes the options from a method of a client.
func variadic[T, O any](f func(context.Context, ...O) (T, error)) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) { return f(ctx) }
}
