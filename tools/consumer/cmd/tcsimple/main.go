// Tcsimple is a shop with one department. It imports one supplier and its gRPC
// catalogue.
package main

import (
	"example.com/shop"
	"example.com/shop/seats"
)

func main() { shop.Open(map[string]shop.Opener{"/seats": seats.Open}) }
