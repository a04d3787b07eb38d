// Package wire is the canonical byte encoding of frozen state.
//
// Every value has exactly one encoding: integers are little-endian and of fixed
// width, a bool is a byte 0 or 1, byte strings and counts carry a 32-bit length, and
// there are no maps; a caller with a map writes its keys in ascending order. Two
// machines in the same state therefore freeze to the same bytes on every host.
// Nothing is found out by reflection: what freezes has two methods beside its struct,
// and the bytes are what they write, in their order, without tags or padding.
//
//	bool             u8, 0 or 1
//	u8 u16 u32 u64   little-endian
//	i32 i64          two's complement, as the unsigned integer of that width
//	bytes, string    length u32, then the bytes
//	fixed bytes      the bytes
//	list             count u32, then the elements
//
// An Encoder appends. A Decoder is sticky: after the first error it gives zeros, so
// that Thaw is read straight down and checked once at the end. It never panics, never
// allocates more than its input and the caller's limits justify, and its error says
// what is wrong and where. wiretest.RoundTrip proves that Freeze and Thaw forget no
// field.
package wire
