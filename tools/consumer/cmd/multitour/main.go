// Multitour is a shop with one department. It imports one supplier.
package main

import (
	"example.com/shop"
	"example.com/shop/stays"
)

func main() { shop.Open(map[string]shop.Opener{"/stays": stays.Open}) }
