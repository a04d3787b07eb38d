package interp

import (
	"testing"

	"emurun/emu/enginetest"
)

func TestEngine(t *testing.T) { enginetest.Run(t, New) }
