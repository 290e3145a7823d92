package rutravel

import (
	"errors"
	"iter"
)

// Collect reads a sequence to its end and returns its values. Rows that could
// not be read are among the values as far as they were read, and their errors
// are joined: [errors.AsType] finds the first [*RowError]. If the sequence ends
// with another error, the values before it are returned together with it.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	var failed []error
	for v, err := range seq {
		if err != nil {
			failed = append(failed, err)
			if _, ok := errors.AsType[*RowError](err); !ok {
				break
			}
		}
		all = append(all, v)
	}
	if len(failed) == 1 {
		return all, failed[0]
	}
	return all, errors.Join(failed...)
}
