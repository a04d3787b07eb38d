//go:build bugs

package core

// planted is the bug that a test plants.
var planted = bugNone

// Plant plants a bug, for the test that proves that the simulation finds it.
func Plant(b string) { planted = bug(b) }
