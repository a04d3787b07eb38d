package mem

import (
	"bytes"
	"encoding/binary"
	"unsafe"

	"emurun/abi"
)

// reading returns the page of a for reading by the kernel.
func (s *Space) reading(a uint64) (unsafe.Pointer, error) {
	if e := &s.TLB.Read[slot(a)]; e.Tag == a&^PageMask {
		return e.Page, nil
	}
	p, cause := s.readPage(a, anyProt)
	if cause != CauseNone {
		return nil, cause.errno()
	}
	return p, nil
}

// writing returns the page of a for writing n bytes there by the kernel.
func (s *Space) writing(a uint64, n int) (unsafe.Pointer, error) {
	if e := &s.TLB.Write[slot(a)]; e.Tag == a&^PageMask {
		return e.Page, nil
	}
	p, m, cause := s.writePage(a)
	if cause != CauseNone {
		return nil, cause.errno()
	}
	s.codeWritten(a, n, m)
	s.observe(a, n, p)
	return p, nil
}

// ReadAt copies guest memory at a into p. It returns abi.EFAULT if a byte is not
// readable; the number of bytes copied before that is returned too.
func (s *Space) ReadAt(p []byte, a uint64) (int, error) {
	for done := 0; done < len(p); {
		at := a + uint64(done)
		page, err := s.reading(at)
		if err != nil {
			return done, err
		}
		n := min(len(p)-done, int(PageSize-at&PageMask))
		copy(p[done:done+n], bytesAt(page, at, n))
		done += n
	}
	return len(p), nil
}

// WriteAt copies p into guest memory at a, as ReadAt.
func (s *Space) WriteAt(p []byte, a uint64) (int, error) {
	for done := 0; done < len(p); {
		at := a + uint64(done)
		n := min(len(p)-done, int(PageSize-at&PageMask))
		page, err := s.writing(at, n)
		if err != nil {
			return done, err
		}
		copy(bytesAt(page, at, n), p[done:])
		done += n
	}
	return len(p), nil
}

// Zero clears n bytes at a.
func (s *Space) Zero(a, n uint64) error {
	for n > 0 {
		k := min(n, PageSize-a&PageMask)
		if _, err := s.WriteAt(zeroPage[:k], a); err != nil {
			return err
		}
		a, n = a+k, n-k
	}
	return nil
}

// ReadString returns the bytes at a before the first zero. It returns
// abi.ENAMETOOLONG if there are more than limit.
func (s *Space) ReadString(a uint64, limit int) (string, error) {
	var out []byte
	for {
		page, err := s.reading(a)
		if err != nil {
			return "", err
		}
		b := bytesAt(page, a, int(PageSize-a&PageMask))
		if i := bytes.IndexByte(b, 0); i >= 0 {
			b = b[:i]
			if out = append(out, b...); len(out) > limit {
				return "", abi.ENAMETOOLONG
			}
			return string(out), nil
		}
		if out = append(out, b...); len(out) > limit {
			return "", abi.ENAMETOOLONG
		}
		a += uint64(len(b))
	}
}

// Uint8 reads the byte at a.
func (s *Space) Uint8(a uint64) (uint8, error) {
	var b [1]byte
	_, err := s.ReadAt(b[:], a)
	return b[0], err
}

// Uint16 reads the little-endian 16-bit word at a.
func (s *Space) Uint16(a uint64) (uint16, error) {
	var b [2]byte
	_, err := s.ReadAt(b[:], a)
	return binary.LittleEndian.Uint16(b[:]), err
}

// Uint32 reads the little-endian 32-bit word at a.
func (s *Space) Uint32(a uint64) (uint32, error) {
	var b [4]byte
	_, err := s.ReadAt(b[:], a)
	return binary.LittleEndian.Uint32(b[:]), err
}

// Uint64 reads the little-endian 64-bit word at a.
func (s *Space) Uint64(a uint64) (uint64, error) {
	var b [8]byte
	_, err := s.ReadAt(b[:], a)
	return binary.LittleEndian.Uint64(b[:]), err
}

// PutUint8 writes the byte v to a.
func (s *Space) PutUint8(a uint64, v uint8) error {
	_, err := s.WriteAt([]byte{v}, a)
	return err
}

// PutUint16 writes v to a, little-endian.
func (s *Space) PutUint16(a uint64, v uint16) error {
	_, err := s.WriteAt(binary.LittleEndian.AppendUint16(nil, v), a)
	return err
}

// PutUint32 writes v to a, little-endian.
func (s *Space) PutUint32(a uint64, v uint32) error {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], v)
	_, err := s.WriteAt(b[:], a)
	return err
}

// PutUint64 writes v to a, little-endian.
func (s *Space) PutUint64(a uint64, v uint64) error {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	_, err := s.WriteAt(b[:], a)
	return err
}
