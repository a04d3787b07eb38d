package tarfs

// Pages implements vfs.Background: neither the index nor the archive changes.
func (n *node) Pages() func(yield func(int64, *[4096]byte) bool) error {
	return func(yield func(int64, *[4096]byte) bool) error {
		var page [4096]byte
		for off := int64(0); off < n.attr.Size; off += int64(len(page)) {
			k, err := n.ReadAt(page[:], off)
			if err != nil {
				return err
			}
			clear(page[k:])
			if !yield(off/int64(len(page)), &page) {
				return nil
			}
		}
		return nil
	}
}
