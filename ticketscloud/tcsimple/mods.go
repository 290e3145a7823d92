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

	Discount ticketscloud.Discount // discount_percentage, discount_fix
	ByAmount []AmountLevel         // levels_percentage, levels_fix
	ByCount  []CountLevel          // levels_count_percentage, levels_count_fix
}

// AmountLevel is a discount that holds from an amount of the order on.
type AmountLevel struct {
	From     decimal.Decimal       // level: roubles
	Discount ticketscloud.Discount // value
}

// CountLevel is a discount that holds from a number of tickets on.
type CountLevel struct {
	From     int                   // level
	Discount ticketscloud.Discount // value
}

// decodeMod tells a promotion by its settings: what v2 and v3 call its type are
// different numbers.
func decodeMod(m *simple.Mod) Mod {
	mod := Mod{ID: ModID(m.GetId())}
	if p := m.GetPromotion(); p != nil {
		mod.Promotion = decodePromotion(p)
	}
	return mod
}

// decodePromotion takes amounts without a unit for kopecks, as prices are.
func decodePromotion(m *simple.ModPromotionType) *Promotion {
	start, finish, known := lifetime(m.GetLifetime())
	none := Promotion{Start: start, Finish: finish, Sets: ids[ticketscloud.SetID](m.GetSets())}
	p := none
	from := func(level uint64) int {
		known = known && level <= math.MaxInt
		return int(min(level, math.MaxInt))
	}
	switch d := m.GetDiscount().(type) {
	case *simple.ModPromotionType_DiscountPercentage:
		p.Discount.Percent = optPercent(d.DiscountPercentage)
	case *simple.ModPromotionType_DiscountFix:
		p.Discount = amountDiscount(d.DiscountFix)
	case *simple.ModPromotionType_LevelsPercentage_:
		for _, l := range d.LevelsPercentage.GetLevels() {
			p.ByAmount = append(p.ByAmount, AmountLevel{From: roubles(l.GetLevel()), Discount: percentDiscount(l.GetValue())})
		}
	case *simple.ModPromotionType_LevelsFix_:
		for _, l := range d.LevelsFix.GetLevels() {
			p.ByAmount = append(p.ByAmount, AmountLevel{From: roubles(l.GetLevel()), Discount: amountDiscount(l.GetValue())})
		}
	case *simple.ModPromotionType_LevelsCountPercentage_:
		for _, l := range d.LevelsCountPercentage.GetLevels() {
			p.ByCount = append(p.ByCount, CountLevel{From: from(l.GetLevel()), Discount: percentDiscount(l.GetValue())})
		}
	case *simple.ModPromotionType_LevelsCountFix_:
		for _, l := range d.LevelsCountFix.GetLevels() {
			p.ByCount = append(p.ByCount, CountLevel{From: from(l.GetLevel()), Discount: amountDiscount(l.GetValue())})
		}
	}
	if !known {
		return &none
	}
	return &p
}

func percentDiscount(m *simple.Percentage) ticketscloud.Discount {
	return ticketscloud.Discount{Percent: decimal.NewNullDecimal(percent(m))}
}

func amountDiscount(kopecks uint64) ticketscloud.Discount {
	return ticketscloud.Discount{Amount: decimal.NewNullDecimal(roubles(kopecks))}
}
