// Bgoperator is a shop with one department. It imports one supplier.
package main

import (
	"example.com/shop"
	"example.com/shop/tours"
)

func main() { shop.Open(map[string]shop.Opener{"/tours": tours.Open}) }
