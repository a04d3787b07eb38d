package syscalls

import (
	"testing"

	"emurun/emu/mem"
	"emurun/snapshot/wire/wiretest"
)

func TestFreezeMemfd(t *testing.T) {
	s := bareStage(newPool(t))
	wiretest.RoundTripGraph(t, stageKinds(s.k), new(memfd),
		wiretest.Skip("k", "NodeDefaults.cache"), wiretest.Derived("memfd.k", "Object.pool", "tree.pool"),
		wiretest.Make("obj", func() any { return mem.NewObject(s.k.Config().Pool, nil, 0) }))
}
