package wire

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SamePerson reports whether two names may belong to one person. It is for
// look-ups after a lost answer, so in doubt it reports true: a caller that
// overlooks a booking makes a second one. One name may be a part of the other, in
// any order, with or without titles.
//
// Letters are compared without case and marks: ё is е, and Müller is Muller.
// Words are compared whole: Ли is not in Филипп. An initial matches every word
// that begins with it. A missing name matches every name, and so does a name with
// a letter that could not be read.
func SamePerson(a, b string) bool {
	if strings.ContainsRune(a, unicode.ReplacementChar) || strings.ContainsRune(b, unicode.ReplacementChar) {
		return true
	}
	x, y := nameWords(a), nameWords(b)
	return len(x) == 0 || len(y) == 0 || contains(x, y) || contains(y, x) ||
		strings.Join(x, "") == strings.Join(y, "")
}

// contains reports whether each word of part is one of the words of whole. Each
// word of whole matches once. Whole words are compared before initials.
func contains(whole, part []string) bool {
	rest := slices.Clone(whole)
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, initial} {
		part = slices.DeleteFunc(slices.Clone(part), func(word string) bool {
			i := slices.IndexFunc(rest, func(w string) bool { return same(w, word) })
			if i >= 0 {
				rest = slices.Delete(rest, i, i+1)
			}
			return i >= 0
		})
	}
	return len(part) == 0
}

// initial reports whether one of two words is the initial of the other.
func initial(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return utf8.RuneCountInString(a) == 1 && strings.HasPrefix(b, a)
}

// titles are words that do not belong to a name.
var titles = []string{
	"mr", "mrs", "ms", "miss", "mstr", "master", "dr", "prof", "sir", "chd", "inf", "jr", "sr", "junior", "senior", "ii", "iii", "iv",
	"г", "гн", "гжа", "госпожа", "господин", "мл", "ст", "младший", "старшии",
}

// nameWords splits a name into comparable words, without titles.
func nameWords(name string) []string {
	words := strings.FieldsFunc(foldName(name), func(r rune) bool { return !unicode.IsLetter(r) })
	named := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(titles, w) })
	if len(named) == 0 {
		return words // a surname may be one, such as Ст or Dr
	}
	return named
}

// foldName removes case and marks, composed or not. Apostrophes join: O'Neil is
// Oneil.
func foldName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case unicode.Is(unicode.Mn, r), strings.ContainsRune("'’`ʼ", r):
		case plainLetters[r] != "":
			b.WriteString(plainLetters[r])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plainLetters are the letters without marks for those with marks.
var plainLetters = func() map[rune]string {
	plain := map[rune]string{
		'ё': "е", 'й': "и", 'ї': "і", 'ў': "у", 'ґ': "г", 'ѓ': "г", 'ќ': "к",
		'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i", 'ŧ': "t", 'ŋ': "n",
	}
	for letter, marked := range map[string]string{
		"a": "àáâãäåāăąǎạảấầẩẫậắằẳẵặ", "c": "çćĉċč", "d": "ď", "e": "èéêëēĕėęěẹẻẽếềểễệ", "g": "ĝğġģ", "h": "ĥ",
		"i": "ìíîïĩīĭįǐịỉ", "j": "ĵ", "k": "ķ", "l": "ĺļľŀ", "n": "ñńņňŉ", "o": "òóôõöōŏőǒọỏốồổỗộớờởỡợơ", "r": "ŕŗř",
		"s": "śŝşšș", "t": "ţťț", "u": "ùúûüũūŭůűųǔụủứừửữựư", "w": "ŵ", "y": "ýÿŷỳỵỷỹ", "z": "źżž",
	} {
		for _, r := range marked {
			plain[r] = letter
		}
	}
	return plain
}()
