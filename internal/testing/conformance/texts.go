package conformance

import (
	"reflect"
	"strings"
)

// text is a string or raw JSON in the arguments of a call.
type text struct {
	raw   bool   // whether it is raw JSON
	path  string // in the arguments: ".Passengers[0].Surname"
	field string // type and name: "Passenger.Surname"
	get   func() string
	set   func(string)
}

var rawJSON = reflect.TypeFor[[]byte]()

// walk calls visit for each text in a value.
func walk(v reflect.Value, path, field string, visit func(text)) {
	switch {
	case v.Kind() == reflect.String:
		visit(text{false, path, field, v.String, v.SetString})
	case v.Type().ConvertibleTo(rawJSON) && v.Kind() == reflect.Slice:
		visit(text{true, path, field, func() string { return string(v.Bytes()) }, func(s string) { v.SetBytes([]byte(s)) }})
	case v.Kind() == reflect.Pointer && !v.IsNil():
		walk(v.Elem(), path, field, visit)
	case v.Kind() == reflect.Slice && v.Len() > 0:
		for i := range v.Len() {
			walk(v.Index(i), path+"["+string(rune('0'+i))+"]", field, visit)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch {
			case !f.IsExported():
			case isPair(v.Type()):
				walk(v.Field(i), path, nameOf(f.Type), visit)
			case f.Anonymous:
				walk(v.Field(i), path, nameOf(f.Type), visit)
			default:
				walk(v.Field(i), path+"."+f.Name, v.Type().Name()+"."+f.Name, visit)
			}
		}
	}
}

// nameOf returns the name of a type, or of the elements of a list.
func nameOf(t reflect.Type) string {
	if t.Kind() == reflect.Slice {
		return t.Elem().Name()
	}
	return t.Name()
}

// isPair reports whether a type is a [pair].
func isPair(t reflect.Type) bool { return strings.HasPrefix(t.Name(), "pair[") }

// fieldsOf adds the fields of a type that hold texts to all, named as in text.field.
func fieldsOf(t reflect.Type, field string, all map[string]bool) {
	switch {
	case t.Kind() == reflect.String, t.ConvertibleTo(rawJSON) && t.Kind() == reflect.Slice:
		all[field] = true
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice:
		fieldsOf(t.Elem(), field, all)
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() {
				fieldsOf(f.Type, t.Name()+"."+f.Name, all)
			}
		}
	}
}

// arguments returns the types of the arguments of all methods of a client and of
// its fields, without the contexts.
func arguments(client reflect.Type) (all []reflect.Type) {
	holders := []reflect.Type{client}
	for f := range client.Elem().Fields() {
		if f.IsExported() {
			holders = append(holders, f.Type)
		}
	}
	for _, h := range holders {
		for m := range h.Methods() {
			for i := 2; i < m.Type.NumIn()-1; i++ {
				all = append(all, m.Type.In(i))
			}
		}
	}
	return all
}

// clone returns a deep copy of a value.
func clone(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		c.Set(reflect.New(v.Type().Elem()))
		c.Elem().Set(clone(v.Elem()))
	case v.Kind() == reflect.Slice && !v.IsNil():
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(clone(v.Index(i)))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				c.Field(i).Set(clone(v.Field(i)))
			}
		}
	}
	return c
}
