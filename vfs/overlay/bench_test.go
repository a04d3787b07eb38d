package overlay_test

import (
	"fmt"
	"testing"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
	"emurun/vfs/overlay"
)

// BenchmarkFreeze freezes an overlay of files of 16 pages, of which each time one page has
// changed in one of 100.
func BenchmarkFreeze(b *testing.B) {
	for _, files := range []int{100, 10_000} {
		b.Run(fmt.Sprint(files), func(b *testing.B) {
			fs := overlay.New(overlay.Options{RootMode: 0o755, Clock: now})
			var nodes []vfs.Node
			for i := range files {
				n, err := fs.Root().Create(fmt.Sprint(i), vfs.NewNode{Mode: abi.S_IFREG | 0o644})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := n.WriteAt(make([]byte, 16*4096), 0, 0); err != nil {
					b.Fatal(err)
				}
				nodes = append(nodes, n)
			}
			k := new(wire.Kinds)
			overlay.Kinds(k, func() *overlay.FS { return nil })
			var pages wiretest.Pages
			pages.Freeze(b, k, fs)
			for b.Loop() {
				for i := 0; i < files; i += 100 {
					if _, err := nodes[i].WriteAt([]byte("x"), 5000, 0); err != nil {
						b.Fatal(err)
					}
				}
				g, err := wire.FreezeGraph(k, fs)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				_, err = g.Contents[0].Store(&pages)
				b.StartTimer()
				g.Contents[0].Release(err == nil)
			}
		})
	}
}
