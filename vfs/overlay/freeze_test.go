package overlay_test

import (
	"testing"

	"emurun/snapshot/wire"
	"emurun/vfs"
	"emurun/vfs/capture"
	"emurun/vfs/overlay"
	"emurun/vfs/vfstest"
)

func now() vfs.Time { return 2_000_000_000 }

// once returns fs the first time, then nil.
func once[T any](fs *T) func() *T {
	return func() *T {
		x := fs
		fs = nil
		return x
	}
}

// captured makes overlays over what is captured of a lower tree, with so little memory that most
// pages are in the scratch file.
var captured = vfstest.Freezer{
	Make: func(lower vfs.FileSystem) vfs.FileSystem {
		o := overlay.Options{RootMode: 0o755, Clock: now, Scratch: new(scratch), MemoryLimit: 2 * 4096}
		if lower != nil {
			o.Lower = capture.New(lower, capture.Options{})
		}
		return overlay.New(o)
	},
	Kinds: func(k *wire.Kinds, fs vfs.FileSystem) {
		f := fs.(*overlay.FS)
		lower, _ := f.Lower().(*capture.FS)
		overlay.Kinds(k, once(f))
		capture.Kinds(k, once(lower))
	},
}

func TestFrozen(t *testing.T)      { vfstest.RunFrozen(t, captured, true) }
func TestFrozenAlone(t *testing.T) { vfstest.RunFrozen(t, captured, false) }
