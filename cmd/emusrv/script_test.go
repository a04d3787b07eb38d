package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts, and TestKill, run this test binary as emusrv.
func TestMain(m *testing.M) {
	if os.Getenv("EMUSRV_TEST_MAIN") != "" {
		setCrash()
		main()
		os.Exit(0)
	}
	testscript.Main(m, map[string]func(){"emusrv": main})
}
