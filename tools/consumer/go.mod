module example.com/shop

go 1.26.0

require (
	cloud.google.com/go v0.123.0
	github.com/rutravel/rutravel-go v0.0.0
	github.com/shopspring/decimal v1.6.0
)

require (
	connectrpc.com/connect v1.21.1 // indirect
	github.com/go-faster/errors v0.7.1 // indirect
	github.com/go-faster/jx v1.2.0 // indirect
	github.com/google/go-querystring v1.2.0 // indirect
	github.com/segmentio/asm v1.2.1 // indirect
	golang.org/x/sys v0.35.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

replace github.com/rutravel/rutravel-go => ../..
