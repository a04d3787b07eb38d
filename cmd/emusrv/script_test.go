package main

import (
	"os"
	"testing"
	"time"

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

// TestScript runs testdata/script/*.txtar, sessions with emusrv as a user has them.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(ts *testscript.TestScript, neg bool, args []string){"wait-for": waitFor},
	})
}

// waitFor waits until a file is there.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: wait-for FILE")
	}
	for range 1000 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not come", args[0])
}
