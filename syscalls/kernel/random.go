package kernel

import "encoding/binary"

// rand64 returns the next number of the machine's random stream: SplitMix64, a
// counter through a mixing function, so its state is one word. It is a function of
// the seed; programs that need secrets must not run on a fixed one.
func (k *Kernel) rand64() uint64 {
	k.random += 0x9e3779b97f4a7c15
	z := k.random
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Random fills p with random bytes, random(4).
func (k *Kernel) Random(p []byte) {
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, k.rand64())
		p = p[8:]
	}
	if len(p) > 0 {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], k.rand64())
		copy(p, b[:])
	}
}
