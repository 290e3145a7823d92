// The program is a shop of one department: it imports one supplier.
package main

import (
	"example.com/shop"
	"example.com/shop/stays"
)

func main() { shop.Open(map[string]shop.Opener{"/stays": stays.Open}) }
