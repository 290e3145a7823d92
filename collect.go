package rutravel

import (
	"errors"
	"iter"
	"slices"
)

// Collect reads a sequence to its end and returns its values. A row that could
// not be read completely is among the values with the fields that could be
// read. The errors of all such rows are joined: [errors.AsType] finds the first
// [*RowError].
//
// Any other error ends the sequence, and more rows may be missing. The values
// before it are returned with it. Such an error comes first in the joined
// error, so that [KindOf] returns its kind.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	var failed []error
	for v, err := range seq {
		if err != nil {
			if _, ok := errors.AsType[*RowError](err); !ok {
				failed = slices.Insert(failed, 0, err)
				break
			}
			failed = append(failed, err)
		}
		all = append(all, v)
	}
	if len(failed) == 1 {
		return all, failed[0]
	}
	return all, errors.Join(failed...)
}
