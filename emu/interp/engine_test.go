package interp

import (
	"testing"

	"emurun/emu/enginetest"
)

func TestEngine(t *testing.T) { enginetest.Run(t, New) }

func BenchmarkEngine(b *testing.B) { enginetest.Bench(b, New) }
