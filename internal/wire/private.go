package wire

import "strings"

// PhoneForms returns other forms in which a phone may appear in texts and must be
// hidden: its last ten digits, because +7 may be written as 8 or left out.
func PhoneForms(phone string) []string {
	const subscriber = 10 // digits
	digits := strings.Join(digitGroups(phone), "")
	if len(digits) <= subscriber {
		return nil
	}
	return []string{digits[len(digits)-subscriber:]}
}

// DocumentForms returns other forms in which a document may appear in texts and
// must be hidden: its groups of digits, because words may stand between series
// and number. Groups of fewer than four digits are left out, because too many
// other texts contain them.
func DocumentForms(document string) (forms []string) {
	const shortest = 4
	for _, group := range digitGroups(document) {
		if len(group) >= shortest {
			forms = append(forms, group)
		}
	}
	return forms
}

func digitGroups(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}
