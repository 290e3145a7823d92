package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// golden returns a golden answer of the tests without its indentation, because
// suppliers send none.
func golden(supplier, name string) []byte {
	text := must(os.ReadFile(filepath.Join("..", "..", "testdata", supplier, name)))
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// object has the members of a JSON object.
type object map[string]json.RawMessage

func parse[T any](text []byte) (v T) {
	if err := json.Unmarshal(text, &v); err != nil {
		panic(err)
	}
	return v
}

var (
	longNumber = regexp.MustCompile(`[0-9]{5,}`)
	hexID      = regexp.MustCompile(`"[0-9a-f]{24}"`)
	givenName  = regexp.MustCompile(`("(?:surname|name|patronymic|hotel_name|name_trip|fio|email)":")([^"\\]*)"`)
)

// varied makes another element from a golden one. It changes all names and all
// long numbers, which are ids, phones and documents. Equal texts of the element
// stay equal.
func varied(text string, i int) string {
	text = longNumber.ReplaceAllStringFunc(text, func(n string) string {
		const most = 9 // how many digits are changed
		head, tail := n[:max(0, len(n)-most)], n[max(0, len(n)-most):]
		limit := 1
		for range tail {
			limit *= 10
		}
		v, _ := strconv.Atoi(tail)
		if v += i; v >= limit {
			v -= limit - limit/10 // no leading zero
		}
		return fmt.Sprintf("%s%0*d", head, len(tail), v)
	})
	return givenName.ReplaceAllString(text, "${1}${2} "+word(i)+`"`)
}

// variedIDs changes ids of 24 hexadecimal digits.
func variedIDs(text string, i int) string {
	return hexID.ReplaceAllStringFunc(text, func(id string) string {
		const last = 6
		v, _ := strconv.ParseUint(id[25-last:25], 16, 32)
		return fmt.Sprintf(`%s%06x"`, id[:25-last], (v+uint64(i)*257)&0xffffff)
	})
}

// word returns a number as letters.
func word(i int) string {
	letters := []rune("абвгдежзиклмнопрстуфхцчшэюя")
	var b strings.Builder
	for n := i + len(letters); n > 0; n /= len(letters) {
		b.WriteRune(letters[n%len(letters)])
	}
	return b.String()
}

// digits returns a number that can be put before another, so that short ids
// differ.
func digits(i int) string { return strconv.Itoa(1 + i) }
