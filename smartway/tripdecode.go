package smartway

import (
	"strconv"
	"time"

	"github.com/rutravel/rutravel-go/internal/wire"
)

func (t *Trip) id() string { return string(t.ID) }

func (t *Trip) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &t.ID)
		case "name":
			return wire.String(d, &t.Name)
		case "status":
			return wire.String(d, &t.Status)
		case "amount":
			return d.Decimal(&t.Amount)
		case "book_date":
			return d.OptDateTime(&t.Booked)
		case "last_change_date":
			return d.OptDateTime(&t.LastChange)
		case "checkin_date":
			return d.OptDateTime(&t.CheckIn)
		case "checkout_date":
			return d.OptDateTime(&t.CheckOut)
		case "items":
			return wire.List(d, &t.Items, (*TripItem).decode)
		default:
			return d.Skip()
		}
	}, "id", "status?", "amount", "items?")
}

func (i *TripItem) decode(d *wire.Decoder) error {
	var info []byte
	err := d.Fields(func(name []byte) (err error) {
		switch string(name) {
		case "id":
			return wire.ID(d, &i.ID)
		case "request_id":
			return wire.OptID(d, &i.Request)
		case "service_type":
			return wire.String(d, &i.Type)
		case "status":
			return wire.String(d, &i.Status)
		case "book_date":
			return d.OptDateTime(&i.Booked)
		case "last_change_date":
			return d.OptDateTime(&i.LastChange)
		case "checkin_date":
			return d.OptDateTime(&i.CheckIn)
		case "checkout_date":
			return d.OptDateTime(&i.CheckOut)
		case "travel_time":
			return decodeDuration(d, time.Minute, &i.TravelTime)
		case "number":
			return wire.OptID(d, &i.Number)
		case "info":
			info, err = d.Postpone()
			return err
		case "company":
			return wire.Part(d, &i.Company, (*Company).decode)
		case "project":
			return wire.String(d, &i.Project)
		case "travellers":
			return wire.List(d, &i.Travellers, (*TripTraveller).decode)
		case "amount":
			return d.Decimal(&i.Amount)
		case "vats":
			return wire.List(d, &i.VATs, (*VAT).decode)
		case "versions":
			return wire.List(d, &i.Versions, (*ItemVersion).decode)
		default:
			return d.Skip()
		}
	}, "id", "request_id?", "status?", "number?", "amount", "travellers?", "vats?", "versions?")
	if err != nil {
		return err
	}
	return wire.Part(d, &i.Details, func(details *ItemDetails, d *wire.Decoder) error {
		return details.decode(d, i.Type, info)
	})
}

func (v *ItemVersion) id() string {
	if v.ID == 0 {
		return ""
	}
	return strconv.Itoa(int(v.ID))
}

func (v *ItemVersion) decode(d *wire.Decoder) error {
	var info []byte
	err := d.Fields(func(name []byte) (err error) {
		switch string(name) {
		case "version_id":
			var n int
			err = d.Int(&n)
			v.ID = VersionID(n)
			return err
		case "item_id":
			return wire.ID(d, &v.Item)
		case "trip_id":
			return wire.OptID(d, &v.Trip)
		case "service_type":
			return wire.String(d, &v.Type)
		case "status":
			return wire.String(d, &v.Status)
		case "transaction_details":
			return wire.List(d, &v.Transactions, (*Transaction).decode)
		case "event_date":
			return d.OptDateTime(&v.Created)
		case "checkin_date":
			return d.OptDateTime(&v.CheckIn)
		case "checkout_date":
			return d.OptDateTime(&v.CheckOut)
		case "travel_time":
			return decodeDuration(d, time.Minute, &v.TravelTime)
		case "number":
			return wire.OptID(d, &v.Number)
		case "info":
			info, err = d.Postpone()
			return err
		case "travellers":
			return wire.List(d, &v.Travellers, (*TripTraveller).decode)
		case "company":
			return wire.Part(d, &v.Company, (*Company).decode)
		default:
			return d.Skip()
		}
	}, "version_id", "item_id", "trip_id?", "status?", "transaction_details?", "number?", "travellers?")
	if err != nil {
		return err
	}
	return wire.Part(d, &v.Details, func(details *ItemDetails, d *wire.Decoder) error {
		return details.decode(d, v.Type, info)
	})
}

// decode reads info. The type of the service, which comes after info, decides its shape.
func (i *ItemDetails) decode(d *wire.Decoder, of ServiceType, info []byte) error {
	*i = ItemDetails{}
	return d.Later("info", info, func(d *wire.Decoder) error {
		if d.Null() {
			return d.Skip()
		}
		switch of {
		case ServiceAir: // a list; an object in the manual's table
			return wire.List(d, &i.Air, (*AirRoute).decode)
		case ServiceHotel:
			i.Hotel = new(HotelStay)
			return i.Hotel.decode(d)
		case ServiceTrain:
			i.Train = new(TrainRide)
			return i.Train.decode(d)
		case ServiceTransfer:
			i.Transfer = new(TransferRide)
			return i.Transfer.decode(d)
		default:
			return d.Raw(&i.Raw)
		}
	})
}

func (r *AirRoute) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "travel_time":
			return decodeDuration(d, time.Minute, &r.TravelTime)
		case "segments":
			return wire.List(d, &r.Segments, (*AirSegment).decode)
		default:
			return d.Skip()
		}
	})
}

func (s *AirSegment) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "place_depart":
			return wire.Part(d, &s.From, (*TripPlace).decode)
		case "date_depart":
			return d.OptDateTime(&s.Departure)
		case "place_arrive":
			return wire.Part(d, &s.To, (*TripPlace).decode)
		case "date_arrive":
			return d.OptDateTime(&s.Arrival)
		default:
			return d.Skip()
		}
	})
}

func (a *TripPlace) decode(d *wire.Decoder) error {
	if !d.Nested() {
		return wire.String(d, &a.Place)
	}
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "country":
			return wire.String(d, &a.Country)
		case "city":
			return wire.String(d, &a.City)
		case "place":
			return wire.String(d, &a.Place)
		default:
			return d.Skip()
		}
	})
}

func (h *HotelStay) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "hotel_name":
			return wire.String(d, &h.Name)
		case "stars":
			return wire.String(d, &h.Stars)
		case "city":
			return wire.String(d, &h.City)
		case "room_category":
			return wire.String(d, &h.Room)
		default:
			return d.Skip()
		}
	})
}

func (t *TrainRide) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "station_depart":
			return wire.String(d, &t.From)
		case "station_arrive":
			return wire.String(d, &t.To)
		default:
			return d.Skip()
		}
	})
}

func (t *TransferRide) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "place_depart":
			return wire.Part(d, &t.From, (*TripPlace).decode)
		case "place_arrive":
			return wire.Part(d, &t.To, (*TripPlace).decode)
		case "car_class":
			return wire.String(d, &t.Class)
		default:
			return d.Skip()
		}
	})
}

func (t *Transaction) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "type":
			return wire.String(d, &t.Type)
		case "amount":
			return d.Decimal(&t.Amount)
		case "vats":
			return wire.List(d, &t.VATs, (*VAT).decode)
		default:
			return d.Skip()
		}
	}, "type", "amount", "vats?")
}

func (v *VAT) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "vat_rate":
			return wire.String(d, &v.Rate)
		case "vat_amount":
			return d.OptDecimal(&v.Amount)
		default:
			return d.Skip()
		}
	}, "vat_amount?")
}

func (t *TripTraveller) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "external_id":
			return wire.OptID(d, &t.ExternalID)
		case "surname":
			return wire.String(d, &t.Surname)
		case "name":
			return wire.String(d, &t.FirstName)
		case "patronymic":
			return wire.String(d, &t.MiddleName)
		case "birthday": // a date and time
			return d.OptDay(&t.BirthDate)
		case "sex":
			return decodeSex(d, &t.Sex)
		case "phone":
			return wire.String(d, &t.Phone)
		case "email":
			return wire.String(d, &t.Email)
		case "documents":
			return wire.List(d, &t.Documents, (*TripDocument).decode)
		default:
			return d.Skip()
		}
	}, "external_id?")
}

func (t *TripDocument) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "type":
			return decodeDocumentType(d, &t.Type)
		case "number":
			return wire.OptID(d, &t.Number)
		default:
			return d.Skip()
		}
	}, "number?")
}

// decode reads a company, which may be missing.
func (c *Company) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.OptID(d, &c.ID)
		case "name":
			return wire.String(d, &c.Name)
		case "inn":
			return wire.OptID(d, &c.INN)
		default:
			return d.Skip()
		}
	})
}
