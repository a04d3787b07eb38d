package kernel

// Scratch returns n bytes for the handler that runs now. They are not part of
// the machine's state: the next call gets the same ones.
func (k *Kernel) Scratch(n int) []byte {
	if n > cap(k.scratch) {
		k.scratch = make([]byte, n)
	}
	return k.scratch[:n]
}
