package main

import (
	"time"

	"cloud.google.com/go/civil"
)

func tomorrow() civil.Date { return civil.DateOf(time.Now().UTC()).AddDays(1) }
