package hostfiles

import (
	"fmt"
	"testing"
	"time"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/hostfs"
	"emurun/vfs/overlay"
)

// BenchmarkUpdate commits 64 MiB in new files, of 64 KiB and in one, and tells how long each phase takes. Only
// take stops the guest. It does not count what the disk needs to sync.
func BenchmarkUpdate(b *testing.B) {
	defer hostfs.Quick()()
	const total = 64 << 20
	for _, size := range []int{64 << 10, total} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(total)
			var took [3]time.Duration
			for range b.N {
				b.StopTimer()
				dir := b.TempDir()
				view, err := hostfs.Open(dir, 1)
				if err != nil {
					b.Fatal(err)
				}
				upper := overlay.New(overlay.Options{Lower: view})
				data := make([]byte, size)
				for i := range total / size {
					n, err := upper.Root().Create(fmt.Sprint(i), vfs.NewNode{Mode: abi.S_IFREG | 0o644})
					if err == nil {
						_, err = n.WriteAt(data, 0, 0)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				f := &Files{State: b.TempDir(), Trees: []Tree{{dir, upper, view}}}
				b.StartTimer()
				start := time.Now()
				u, err := f.Take()
				if err != nil {
					b.Fatal(err)
				}
				took[0] += time.Since(start)
				start = time.Now()
				if err := u.Prepare(""); err != nil {
					b.Fatal(err)
				}
				took[1] += time.Since(start)
				start = time.Now()
				if err := u.Apply(); err != nil {
					b.Fatal(err)
				}
				took[2] += time.Since(start)
				u.Release(true)
				view.Close()
			}
			for i, name := range []string{"take", "prepare", "apply"} {
				b.ReportMetric(float64(took[i].Microseconds())/float64(b.N), name+"-us/op")
			}
		})
	}
}
