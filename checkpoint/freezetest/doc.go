// Package freezetest freezes and thaws machines while they run, and compares them with ones
// that are left alone. For tests only.
package freezetest
