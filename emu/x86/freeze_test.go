package x86_test

import (
	"testing"

	"emurun/emu/x86"
	"emurun/snapshot/wire/wiretest"
)

func TestRegsFreeze(t *testing.T) { wiretest.RoundTrip(t, new(x86.Regs), new(x86.Regs)) }
func TestFPUFreeze(t *testing.T)  { wiretest.RoundTrip(t, new(x86.FPU), new(x86.FPU)) }
