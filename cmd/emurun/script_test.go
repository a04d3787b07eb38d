package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"emurun/internal/crashpoint"
)

// TestMain lets the scripts run this test binary as emurun.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"emurun": func() {
		if err := crashpoint.FromEnv(); err != nil {
			panic(err)
		}
		main()
	}})
}

// TestScript runs testdata/script/*.txtar, sessions with emurun as a user has
// them. $GUESTS is the folder of the test guests.
func TestScript(t *testing.T) {
	guests, err := filepath.Abs("../../testbins/bin")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GUESTS", guests)
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			e.Setenv("LC_ALL", "C")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status": status,
		},
		Condition: func(cond string) (bool, error) {
			if prog, ok := strings.CutPrefix(cond, "has:"); ok {
				_, err := exec.LookPath(prog)
				return err == nil, nil
			}
			if cond == "full" { // a file on which there is never room
				_, err := os.Stat("/dev/full")
				return err == nil, nil
			}
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, nil
		},
	})
}

// status runs a command and checks its exit status as a shell would see it, leaving its
// output in the files out and err:
//
//	status 127 emurun ./missing
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND ARGS…")
	}
	ts.Check(ts.Exec("sh", append([]string{"-c", `want=$1; shift; "$@" >out 2>err; got=$?; cat out err; test $got -eq $want || { echo "status $got, want $want"; exit 1; }`, "sh"}, args...)...))
}
