package wire

import "fmt"

// Locate says in words to which object of a graph the byte at offset belongs.
func Locate(p []byte, offset int) string {
	d := NewDecoder(p)
	var names []string
	for range d.Count(1<<16-2, 4) {
		names = append(names, d.String(255))
	}
	var kinds []int
	for range d.Count(MaxLen, 2) {
		kinds = append(kinds, int(d.Uint16()))
	}
	for i, kind := range kinds {
		if kind == 0 || kind > len(names) {
			continue
		}
		n := d.Count(MaxLen, 1)
		start := d.off
		d.take(n)
		if d.err != nil {
			break
		}
		if offset < d.off {
			return fmt.Sprintf("%s %d, byte %d of %d", names[kind-1], i+1, offset-start, n)
		}
	}
	return "the list of objects"
}
