// Together is the whole shop. It imports all suppliers and the gRPC catalogue.
package main

import (
	"example.com/shop"
	"example.com/shop/coaches"
	"example.com/shop/events"
	"example.com/shop/flights"
	"example.com/shop/seats"
	"example.com/shop/stays"
	"example.com/shop/tours"
)

func main() {
	shop.Open(map[string]shop.Opener{
		"/coaches": coaches.Open,
		"/events":  events.Open,
		"/flights": flights.Open,
		"/seats":   seats.Open,
		"/stays":   stays.Open,
		"/tours":   tours.Open,
	})
}
