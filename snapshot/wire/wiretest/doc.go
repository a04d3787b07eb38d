// Package wiretest proves that Freeze and Thaw of a struct forget no field. For tests only.
package wiretest
