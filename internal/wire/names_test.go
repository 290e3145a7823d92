package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rutravel/rutravel-go/internal/wire"
)

// A missed booking is made twice, so every pair of names of one person must
// match.
func TestSamePerson(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"ИВАНОВ", "Иванов"},
		{"Семёнов", "СЕМЕНОВ"},
		{"Майоров", "Маи\u0306оров"},
		{"Маи\u0306оров", "МАЙОРОВ"},
		{"Андрей", "Андреи\u0306"},
		{"Семёнов", "Семе\u0308нов"},
		{"Анна-Мария", "АННА МАРИЯ"},
		{"Анна Мария", "Мария Анна"},
		{"АннаМария", "Анна-Мария"},
		{"МАРИЯ", "АННА МАРИЯ"},
		{"Анна-Мария", "Мария"},
		{"JOHN", "MR JOHN"},
		{"John", "MRS. JOHN"},
		{"JOHN", "JOHN MR"},
		{"SMITH", "SMITH JR"},
		{"SMITH", "Smith Jr."},
		{"SMITH III", "Smith"},
		{"John Smith", "SMITH/JOHN MR"},
		{"Müller", "MULLER"},
		{"Mu\u0308ller", "Müller"},
		{"Mu\u0308ller", "MULLER"},
		{"José", "JOSE"},
		{"Jose\u0301", "JOSE"},
		{"Łukasz", "Lukasz"},
		{"Straße", "STRASSE"},
		{"Ørsted", "Orsted"},
		{"Nguyễn", "NGUYEN"},
		{"Çelik", "Celik"},
		{"O'Neil", "ONEIL"},
		{"O’Neil", "O'NEIL"},
		{"Иванов Пётр", "Петр Иванов"},
		{"Иванов Пётр Сергеевич", "ИВАНОВ ПЕТР"},
		{"Иванов П.С.", "Иванов Пётр Сергеевич"},
		{"И. Иванов", "Иванов Игорь"},
		{"", ""},
		{"", "Иванов"},
		{"Иванов", ""},
		{"  Иванов ", "иванов"},
		{"Петров-Водкин", "ПЕТРОВ ВОДКИН"},
		{"Водкин", "Петров-Водкин"},
		{"Салтыков Щедрин", "Салтыков-Щедрин"},
		{"Ив\ufffdнов", "Иванов"},
		{"Иванов", "???"},
		{"ван дер Берг", "ВАН ДЕР БЕРГ"},
		{"de la Cruz", "DELACRUZ"},
		{"Ли", "ЛИ"},
		{"Ли Иван", "Иван Ли"},
		{"Г-жа Иванова", "Иванова"},
		{"Mstr Tom", "TOM"},
		{"Dr", "DR"},
		{"Ст", "СТ"},
		{"Кузнецов мл.", "Кузнецов"},
		{"Єва", "ЄВА"},
		{"Їжак", "Іжак"},
		{"Ўладзімір", "Уладзімір"},
	} {
		assert.True(t, wire.SamePerson(pair[0], pair[1]), "%q and %q", pair[0], pair[1])
		assert.True(t, wire.SamePerson(pair[1], pair[0]), "%q and %q", pair[1], pair[0])
	}
}

func TestOtherPerson(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"Ли", "Иванов Филипп"},
		{"Ким", "Якимова"},
		{"Иванов", "Иванова"},
		{"Иванов", "Петров"},
		{"Иванов Пётр", "Иванов Павел"},
		{"Иванов Пётр", "Петров Иван"},
		{"Smith John", "Smith Jane"},
		{"Анна", "Мария"},
		{"Анна Мария", "Анна Ольга"},
		{"Иван Иван", "Иван Пётр"},
		{"Иванов И.", "Иванов Пётр"},
		{"Li", "Oliver"},
		{"Mr Smith", "Mr Jones"},
		{"Пак", "Пакин"},
		{"Андреев", "Андрей"},
		{"Müller", "Miller"},
		{"Ан", "Анна"},
		{"Иванов Пётр Сергеевич", "Иванов Пётр Ильич"},
		{"Цой", "Цойская"},
		{"O'Neil", "Neil"},
	} {
		assert.False(t, wire.SamePerson(pair[0], pair[1]), "%q and %q", pair[0], pair[1])
		assert.False(t, wire.SamePerson(pair[1], pair[0]), "%q and %q", pair[1], pair[0])
	}
}
