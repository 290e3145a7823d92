// Package rutravelriver keeps a journal.
package rutravelriver
