package tcsimple

import (
	"math"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"

	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// Each kind of discount is read as per cent or kopecks.
func TestPromotion(t *testing.T) {
	t.Parallel()
	five := &simple.Percentage{Units: 5}
	percent := ticketscloud.Discount{Percent: decimal.NewNullDecimal(decimal.NewFromInt(5))}
	amount := ticketscloud.Discount{Amount: decimal.NewNullDecimal(decimal.New(12345, -2))}
	assert.Equal(t, "5", percent.Percent.Decimal.String())
	assert.False(t, percent.Amount.Valid)
	assert.Equal(t, "123.45", amount.Amount.Decimal.String())
	assert.False(t, amount.Percent.Valid)
	for name, test := range map[string]struct {
		message *simple.ModPromotionType
		want    Promotion
	}{
		"none":    {&simple.ModPromotionType{}, Promotion{}},
		"percent": {&simple.ModPromotionType{Discount: &simple.ModPromotionType_DiscountPercentage{DiscountPercentage: five}}, Promotion{Discount: percent}},
		"amount":  {&simple.ModPromotionType{Discount: &simple.ModPromotionType_DiscountFix{DiscountFix: 12345}}, Promotion{Discount: amount}},
		"percent by amount": {
			&simple.ModPromotionType{Discount: &simple.ModPromotionType_LevelsPercentage_{LevelsPercentage: &simple.ModPromotionType_LevelsPercentage{
				Levels: []*simple.ModPromotionType_LevelsPercentage_Level{{Level: 200_000, Value: five}},
			}}},
			Promotion{ByAmount: []AmountLevel{{From: roubles(200_000), Discount: percent}}},
		},
		"amount by amount": {
			&simple.ModPromotionType{Discount: &simple.ModPromotionType_LevelsFix_{LevelsFix: &simple.ModPromotionType_LevelsFix{
				Levels: []*simple.ModPromotionType_LevelsFix_Level{{Level: 200_000, Value: 12345}},
			}}},
			Promotion{ByAmount: []AmountLevel{{From: roubles(200_000), Discount: amount}}},
		},
		"percent by count": {byCount(4, five), Promotion{ByCount: []CountLevel{{From: 4, Discount: percent}}}},
		"the largest int":  {byCount(math.MaxInt, five), Promotion{ByCount: []CountLevel{{From: math.MaxInt, Discount: percent}}}},
		"no int":           {byCount(math.MaxInt+1, five), Promotion{}},
		"amount by count": {
			&simple.ModPromotionType{Discount: &simple.ModPromotionType_LevelsCountFix_{LevelsCountFix: &simple.ModPromotionType_LevelsCountFix{
				Levels: []*simple.ModPromotionType_LevelsCountFix_Level{{Level: 4, Value: 12345}},
			}}},
			Promotion{ByCount: []CountLevel{{From: 4, Discount: amount}}},
		},
	} {
		test.message.Sets = []string{"s"}
		test.want.Sets = []ticketscloud.SetID{"s"}
		assert.Equal(t, &test.want, decodePromotion(new(reading), test.message), name)
	}
	assert.Nil(t, decodeMod(new(reading), &simple.Mod{Id: "m"}).Promotion)
}

func byCount(level uint64, value *simple.Percentage) *simple.ModPromotionType {
	return &simple.ModPromotionType{Discount: &simple.ModPromotionType_LevelsCountPercentage_{LevelsCountPercentage: &simple.ModPromotionType_LevelsCountPercentage{
		Levels: []*simple.ModPromotionType_LevelsCountPercentage_Level{{Level: level, Value: value}},
	}}}
}
