package tcsimple

import (
	"math"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// ModID identifies a modification of prices.
type ModID string

// Mod is a modification of an event's prices.
type Mod struct {
	ID        ModID      // id
	Promotion *Promotion // promotion; nil if the modification is of a kind that is not known
}

// Promotion is a discount for all buyers. One of its discounts is set; none, if
// it is of a kind that is not known, or holds at a time or from a number that
// cannot be read.
type Promotion struct {
	Start  time.Time            // lifetime.start; zero if it is open
	Finish time.Time            // lifetime.finish; zero if it is open
	Sets   []ticketscloud.SetID // sets: the categories that it holds for

	Percentage decimal.NullDecimal // discount_percentage: per cent
	Fix        decimal.NullDecimal // discount_fix: roubles

	PercentageByAmount []AmountLevel // levels_percentage: per cent
	FixByAmount        []AmountLevel // levels_fix: roubles
	PercentageByCount  []CountLevel  // levels_count_percentage: per cent
	FixByCount         []CountLevel  // levels_count_fix: roubles
}

// AmountLevel is a discount that holds from an amount of the order on.
type AmountLevel struct {
	From  decimal.Decimal // level: roubles
	Value decimal.Decimal // value: per cent or roubles
}

// CountLevel is a discount that holds from a number of tickets on.
type CountLevel struct {
	From  int             // level
	Value decimal.Decimal // value: per cent or roubles
}

// readMod tells a promotion by its settings: what v2 and v3 call its type are
// different numbers.
func readMod(m *simple.Mod) Mod {
	mod := Mod{ID: ModID(m.GetId())}
	if p := m.GetPromotion(); p != nil {
		mod.Promotion = readPromotion(p)
	}
	return mod
}

// readPromotion takes amounts without a unit for kopecks, as prices are.
func readPromotion(m *simple.ModPromotionType) *Promotion {
	start, finish, known := lifetime(m.GetLifetime())
	none := Promotion{Start: start, Finish: finish, Sets: ids[ticketscloud.SetID](m.GetSets())}
	p := none
	from := func(level uint64) int {
		known = known && level <= math.MaxInt
		return int(min(level, math.MaxInt))
	}
	switch d := m.GetDiscount().(type) {
	case *simple.ModPromotionType_DiscountPercentage:
		p.Percentage = optPercent(d.DiscountPercentage)
	case *simple.ModPromotionType_DiscountFix:
		p.Fix = decimal.NewNullDecimal(roubles(d.DiscountFix))
	case *simple.ModPromotionType_LevelsPercentage_:
		for _, l := range d.LevelsPercentage.GetLevels() {
			p.PercentageByAmount = append(p.PercentageByAmount, AmountLevel{From: roubles(l.GetLevel()), Value: percent(l.GetValue())})
		}
	case *simple.ModPromotionType_LevelsFix_:
		for _, l := range d.LevelsFix.GetLevels() {
			p.FixByAmount = append(p.FixByAmount, AmountLevel{From: roubles(l.GetLevel()), Value: roubles(l.GetValue())})
		}
	case *simple.ModPromotionType_LevelsCountPercentage_:
		for _, l := range d.LevelsCountPercentage.GetLevels() {
			p.PercentageByCount = append(p.PercentageByCount, CountLevel{From: from(l.GetLevel()), Value: percent(l.GetValue())})
		}
	case *simple.ModPromotionType_LevelsCountFix_:
		for _, l := range d.LevelsCountFix.GetLevels() {
			p.FixByCount = append(p.FixByCount, CountLevel{From: from(l.GetLevel()), Value: roubles(l.GetValue())})
		}
	}
	if !known {
		return &none
	}
	return &p
}
