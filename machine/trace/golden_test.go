package trace_test

import (
	"flag"
	"testing"

	"emurun/machine/trace/tracetest"
)

var update = flag.Bool("update", false, "write the golden traces anew")

// TestGolden holds the interpreter to the golden traces.
func TestGolden(t *testing.T) {
	tracetest.Run(t, tracetest.Config{Root: "../..", Update: *update})
}
