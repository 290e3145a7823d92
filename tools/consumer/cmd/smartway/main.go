// Smartway is a shop with one department. It imports one supplier.
package main

import (
	"example.com/shop"
	"example.com/shop/flights"
)

func main() { shop.Open(map[string]shop.Opener{"/flights": flights.Open}) }
