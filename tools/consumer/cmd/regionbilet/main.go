// Regionbilet is a shop with one department. It imports one supplier.
package main

import (
	"example.com/shop"
	"example.com/shop/coaches"
)

func main() { shop.Open(map[string]shop.Opener{"/coaches": coaches.Open}) }
