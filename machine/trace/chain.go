package trace

import (
	"crypto/sha256"
	"encoding/binary"
)

// chainSize is what is hashed at each stop of a trace of Hash: the chain before, the step,
// the thread, RIP and the registers.
const chainSize = 32 + 8 + 8 + 8 + 8*NumRegs

// regChain is the hash of all registers at all stops so far.
type regChain struct {
	sum [32]byte
	buf [chainSize]byte
}

// add takes in a stop and returns the first 8 bytes of the chain.
func (c *regChain) add(step uint64, tid int32, s *ThreadState) uint64 {
	b := c.buf[:]
	copy(b, c.sum[:])
	binary.LittleEndian.PutUint64(b[32:], step)
	binary.LittleEndian.PutUint64(b[40:], uint64(uint32(tid)))
	binary.LittleEndian.PutUint64(b[48:], s.RIP)
	for i, v := range s.Regs {
		binary.LittleEndian.PutUint64(b[56+8*i:], v)
	}
	c.sum = sha256.Sum256(b)
	return binary.LittleEndian.Uint64(c.sum[:])
}
