package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrCorrupt is what Decode wraps when the bytes are no record.
var ErrCorrupt = errors.New("corrupt journal record")

// ErrVersion is what Decode wraps when a newer emurun wrote the record.
var ErrVersion = errors.New("unknown journal version")

// encoder appends fields.
type encoder struct{ p []byte }

func (e *encoder) u32(v *uint32) { e.p = binary.LittleEndian.AppendUint32(e.p, *v) }
func (e *encoder) u64(v *uint64) { e.p = binary.LittleEndian.AppendUint64(e.p, *v) }
func (e *encoder) i64(v *int64)  { e.p = binary.LittleEndian.AppendUint64(e.p, uint64(*v)) }

func (e *encoder) str(v *string, _ int) {
	e.p = binary.LittleEndian.AppendUint32(e.p, uint32(len(*v)))
	e.p = append(e.p, *v...)
}

func (e *encoder) bytes(v *[]byte, _ int) {
	e.p = binary.LittleEndian.AppendUint32(e.p, uint32(len(*v)))
	e.p = append(e.p, *v...)
}

// Append appends the encoding of r to p.
func (r *Record) Append(p []byte) []byte {
	e := encoder{append(p, Version, byte(r.Type))}
	if !r.fields(&e) {
		panic(fmt.Sprintf("journal: record type %d", r.Type))
	}
	return e.p
}

// decoder takes fields off; after the first error it gives zeros.
type decoder struct {
	p   []byte
	err error
}

func (d *decoder) take(n int) []byte {
	if d.err == nil && n > len(d.p) {
		d.err = fmt.Errorf("%w: cut short", ErrCorrupt)
	}
	if d.err != nil {
		return make([]byte, min(n, 8))
	}
	p := d.p[:n]
	d.p = d.p[n:]
	return p
}

func (d *decoder) u32(v *uint32) { *v = binary.LittleEndian.Uint32(d.take(4)) }
func (d *decoder) u64(v *uint64) { *v = binary.LittleEndian.Uint64(d.take(8)) }
func (d *decoder) i64(v *int64)  { *v = int64(binary.LittleEndian.Uint64(d.take(8))) }

// sized takes a byte string of at most limit bytes.
func (d *decoder) sized(limit int) []byte {
	var n uint32
	d.u32(&n)
	if d.err == nil && uint64(n) > uint64(limit) {
		d.err = fmt.Errorf("%w: string of %d bytes", ErrCorrupt, n)
	}
	if d.err != nil || n == 0 {
		return nil
	}
	return d.take(int(n))
}

func (d *decoder) str(v *string, limit int) { *v = string(d.sized(limit)) }

// bytes leaves a slice of the input.
func (d *decoder) bytes(v *[]byte, limit int) {
	p := d.sized(limit)
	if d.err == nil {
		*v = p
	}
}

// Decode reads the record at the beginning of p and returns how many bytes it
// takes. The record's Data points into p.
func Decode(p []byte) (r Record, n int, err error) {
	d := decoder{p: p}
	head := d.take(2)
	if d.err != nil {
		return r, 0, d.err
	}
	if head[0] != Version {
		return r, 0, fmt.Errorf("%w %d", ErrVersion, head[0])
	}
	r.Type = Type(head[1])
	if !r.fields(&d) {
		return Record{}, 0, fmt.Errorf("%w: type %d", ErrCorrupt, head[1])
	}
	if d.err != nil {
		return Record{}, 0, d.err
	}
	return r, len(p) - len(d.p), nil
}
