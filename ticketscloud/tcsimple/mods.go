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
	Promotion *Promotion // promotion; nil if the kind of modification is not known
}

// Promotion is a discount for all buyers. At most one of its discounts is set. None is set
// if its kind is not known, or if its time or the number from which it applies cannot be
// read.
type Promotion struct {
	Start  time.Time            // lifetime.start; zero if it is open
	Finish time.Time            // lifetime.finish; zero if it is open
	Sets   []ticketscloud.SetID // sets: the categories with the discount

	Discount ticketscloud.Discount // discount_percentage, discount_fix
	ByAmount []AmountLevel         // levels_percentage, levels_fix
	ByCount  []CountLevel          // levels_count_percentage, levels_count_fix
}

// AmountLevel is a discount that applies from an amount of the order.
type AmountLevel struct {
	From     decimal.Decimal       // level: in roubles
	Discount ticketscloud.Discount // value
}

// CountLevel is a discount that applies from a number of tickets.
type CountLevel struct {
	From     int                   // level
	Discount ticketscloud.Discount // value
}

// decodeMod recognizes a promotion by its settings, because v2 and v3 have different numbers
// for its type.
func decodeMod(r *reading, m *simple.Mod) Mod {
	mod := Mod{ID: optID[ModID](r, "id", m.GetId())}
	if p := m.GetPromotion(); p != nil {
		mod.Promotion = decodePromotion(r, p)
	}
	return mod
}

// decodePromotion reads amounts without a unit as kopecks, like prices.
func decodePromotion(r *reading, m *simple.ModPromotionType) *Promotion {
	start, finish, known := r.lifetime("promotion.lifetime", m.GetLifetime())
	none := Promotion{Start: start, Finish: finish, Sets: ids[ticketscloud.SetID](r, "promotion.sets", m.GetSets())}
	known = known && len(none.Sets) == len(m.GetSets())
	p := none
	from := func(level uint64) int {
		if level > math.MaxInt {
			known = false
			r.warn("promotion.levels", "want a number of tickets")
		}
		return int(min(level, math.MaxInt))
	}
	percentage := func(m *simple.Percentage) (d ticketscloud.Discount) {
		d.Percent = r.discount("promotion.percentage", m)
		known = known && d.Percent.Valid
		return d
	}
	amount := func(kopecks uint64) decimal.NullDecimal {
		v := r.amount("promotion.fix", kopecks)
		known = known && v.Valid
		return v
	}
	switch d := m.GetDiscount().(type) {
	case *simple.ModPromotionType_DiscountPercentage:
		p.Discount = percentage(d.DiscountPercentage)
	case *simple.ModPromotionType_DiscountFix:
		p.Discount.Amount = amount(d.DiscountFix)
	case *simple.ModPromotionType_LevelsPercentage_:
		for _, l := range d.LevelsPercentage.GetLevels() {
			p.ByAmount = append(p.ByAmount, AmountLevel{From: amount(l.GetLevel()).Decimal, Discount: percentage(l.GetValue())})
		}
	case *simple.ModPromotionType_LevelsFix_:
		for _, l := range d.LevelsFix.GetLevels() {
			p.ByAmount = append(p.ByAmount, AmountLevel{From: amount(l.GetLevel()).Decimal, Discount: ticketscloud.Discount{Amount: amount(l.GetValue())}})
		}
	case *simple.ModPromotionType_LevelsCountPercentage_:
		for _, l := range d.LevelsCountPercentage.GetLevels() {
			p.ByCount = append(p.ByCount, CountLevel{From: from(l.GetLevel()), Discount: percentage(l.GetValue())})
		}
	case *simple.ModPromotionType_LevelsCountFix_:
		for _, l := range d.LevelsCountFix.GetLevels() {
			p.ByCount = append(p.ByCount, CountLevel{From: from(l.GetLevel()), Discount: ticketscloud.Discount{Amount: amount(l.GetValue())}})
		}
	}
	if !known {
		return &none
	}
	return &p
}
