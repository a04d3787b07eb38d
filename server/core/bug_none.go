//go:build !bugs

package core

// planted is the bug that a test plants; none but with the build tag bugs.
const planted = bugNone
