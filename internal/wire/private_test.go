package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rutravel/rutravel-go/internal/wire"
)

func TestPrivateForms(t *testing.T) {
	t.Parallel()
	for phone, want := range map[string][]string{
		"+7 (918) 755-77-88": {"9187557788"}, "89187557788": {"9187557788"}, "9187557788": nil, "": nil,
	} {
		assert.Equal(t, want, wire.PhoneForms(phone), phone)
	}
	for document, want := range map[string][]string{
		"0701 755756": {"0701", "755756"}, "0701755756": {"0701755756"}, "07 01 755756": {"755756"}, "II-МЮ № 123456": {"123456"}, "": nil,
	} {
		assert.Equal(t, want, wire.DocumentForms(document), document)
	}
}
