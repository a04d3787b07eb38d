// Package record is recordings: files that hold all that entered one machine from outside, from
// which the run can be done again, on any host.
//
// A recording is a row of frames, each covered by a chain of hashes, so that a flipped bit
// is found and its frame named. A recording whose writer was killed is readable up to its
// last whole frame.
//
//	magic "EMURRUN\n", version u32
//	frames, one behind the other:
//		kind u8, size of the body u32, body, hash: SHA-256 of the hash before (of the magic and
//		version for the first frame), kind, size and body
//
// The kinds of frames, in the order in which they may come first:
//
//	1  header   how the machine begins: a Header
//	2  log      zstd of inputs, as machine.AppendInput encodes them; the first of a frame
//	            follows an input of all zeros
//	3  chunks   zstd of: count u32, then per chunk its length u32 and its bytes; their names are
//	            their SHA-256
//	4  files    zstd of what the guest has seen of its files so far: a Files. The last counts.
//	5  end      how the run ended: an End. A recording without one was cut off.
//	6  mark     nothing: what is before is enough for a replay up to here. Of a recording that was cut
//	            off, what is behind the last mark is not used.
//
// A body is at most 256 MiB. All other encodings are those of package wire.
package record
