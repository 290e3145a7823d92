package rutravelredis_test

import (
	"context"
	"fmt"
	"os"

	rutravel "github.com/rutravel/rutravel-go"
	rutravelredis "github.com/rutravel/rutravel-go/contrib/redis"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// All instances of the backend run this with the same Redis.
func Example() {
	redis := rutravelredis.Open("tcp", "localhost:6379")
	defer redis.Close()
	client, err := regionbilet.New(regionbilet.Config{
		User:      "agent",
		SecretKey: rutravel.Secret(os.Getenv("REGIONBILET_SKEY")),
	}, rutravel.WithLimiter(rutravelredis.NewLimiter(redis, "rutravel:limit:regionbilet:agency", 20, 5)))
	if err != nil {
		fmt.Println(err)
		return
	}
	departures := rutravelredis.NewDirectory(redis, "rutravel:directory:regionbilet:agency:from:1", rutravelredis.Day,
		func(ctx context.Context) ([]regionbilet.Settlement, error) { return client.Departures(ctx) })
	settlements, err := departures.Get(context.Background())
	fmt.Println(settlements, err)
}
