package rutravel

import (
	"fmt"
	"strconv"
	"strings"
)

// RowsError names the rows of a list that could not be read. It is in the chain of an
// [*Error] of kind [ErrProtocol]. The list is returned with the error and has all other
// rows.
//
//	orders, err := client.Sales(ctx, query)
//	if rows, ok := errors.AsType[*rutravel.RowsError](err); ok {
//		log.Print(rows) // orders has the other rows
//	} else if err != nil {
//		return err
//	}
type RowsError struct {
	Rows []RowError // at least one, in the order of the list
}

// Error names the first rows.
func (e *RowsError) Error() string {
	const most = 3
	var texts []string
	for _, row := range e.Rows[:min(most, len(e.Rows))] {
		texts = append(texts, row.Error())
	}
	if more := len(e.Rows) - most; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the rows, each a [*RowError].
func (e *RowsError) Unwrap() []error {
	all := make([]error, len(e.Rows))
	for i := range e.Rows {
		all[i] = &e.Rows[i]
	}
	return all
}

// RowError is a row of a list that could not be read. An iterator yields it
// together with the row as far as it was read, in an [*Error] of the kind
// [ErrProtocol], and goes on:
//
//	for order, err := range client.Orders(ctx, query) {
//		if row, ok := errors.AsType[*rutravel.RowError](err); ok {
//			log.Print(row) // order has what could be read
//			continue
//		}
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// After any other error an iterator ends.
type RowError struct {
	Index   int    // its place in the answer, from 0
	ID      string // the supplier's id of it; "" if it could not be read
	Problem string // the field and what is wrong with it, without the value
}

// Error returns the place, the id and the problem.
func (e *RowError) Error() string {
	text := "row " + strconv.Itoa(e.Index)
	if e.ID != "" {
		text += " (id " + e.ID + ")"
	}
	return text + ": " + e.Problem
}

// Warning is a value in an answer that could not be read and that callers can do
// without. The field is empty in the returned answer. In a search, the value may be a
// whole row, which was left out.
type Warning struct {
	Supplier string // the supplier's package
	Op       string // the operation, as in [Error]
	Path     string // where: "result[0].phone"
	ID       string // the supplier's id of the row; "" if there is none or it could not be read
	Problem  string // what is wrong, without the value
}
