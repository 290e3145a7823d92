package rutravel

import (
	"errors"
	"iter"
	"slices"
)

// Collect reads a sequence to its end and returns its values. Rows that could
// not be read are among the values as far as they were read, and their errors
// are joined: [errors.AsType] finds the first [*RowError]. If the sequence ends
// with another error, the values before it are returned together with it. It is
// joined before those of rows, so that [KindOf] returns its kind: more rows may be
// missing then.
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
