package rutravel

import "iter"

// Collect reads a sequence to its end and returns its values. If the sequence
// ends with an error, the values before it are returned together with it.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}
