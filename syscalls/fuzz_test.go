package syscalls

import (
	"encoding/binary"
	"testing"

	"emurun/emu/x86"
)

// fuzzValues are arguments that mean something to some call.
var fuzzValues = [...]uint64{
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 24, 32, 64, 100, 128, 255, 256, 512, 1024, 4096, 65536, 1 << 20, 1 << 31, 1 << 32, 1 << 47,
	1<<63 - 1, 1 << 63, ^uint64(0), ^uint64(0) - 99, 0x80000, 0x800, 0x241, 0x400, 0x410002, 0x5401, 0x5413, 0x541b, 0o10644, 0o14666,
	sessionBase, sessionBase + sessionSlot, sessionBase + 2*sessionSlot, sessionBase + 3*sessionSlot, sessionBase + sessionSize - 8, 0x400000,
}

// FuzzCalls makes sequences of system calls with any arguments. Whatever they
// are, they end in a result, a wait, a signal or the end of the program.
func FuzzCalls(f *testing.F) {
	f.Add([]byte{22, 41, 0, 0, 0, 0, 0, 1, 4, 42, 3, 0, 0, 0})
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	f.Fuzz(func(t *testing.T, in []byte) {
		g := newGuest(t)
		for i := range sessionSize / 8 {
			var b [8]byte
			if len(in) > 0 {
				binary.LittleEndian.PutUint64(b[:], fuzzValues[int(in[i%len(in)])%len(fuzzValues)])
			}
			if i%4 == 0 {
				copy(b[:], "a/b\x00")
			}
			if _, err := g.WriteAt(b[:], sessionBase+uint64(8*i)); err != nil {
				t.Fatal(err)
			}
		}
		for n := 0; len(in) >= 8 && n < 64; n++ {
			nr := (uint64(in[0]) | uint64(in[1])<<8) % uint64(len(Table))
			r := &g.t.CPU.R
			r[x86.RAX] = nr
			for i, reg := range []int{x86.RDI, x86.RSI, x86.RDX, x86.R10, x86.R8, x86.R9} {
				r[reg] = fuzzValues[int(in[2+i])%len(fuzzValues)]
			}
			in = in[8:]
			if err := Dispatch(g.t); err != nil {
				t.Fatalf("%s: %v", Table[nr].Name, err)
			}
			if g.t.InCall() || g.t.StateLetter() != 'R' || !g.t.ReturnToUser() {
				return
			}
		}
	})
}
