//go:build !linux

package main

import "os"

func exitStatus(n int) { os.Exit(n) }

// dieBySignal exits with what a shell reports for a death by signal.
func dieBySignal(sig int) { os.Exit(128 + sig) }
