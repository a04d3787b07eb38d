// Package pack puts chunks together into files of at most 4 MiB.
//
// A guest of 1 GiB has 262,144 pages: as many files would cost more in names, inodes and
// system calls than in bytes, and every page its own fsync. A pack has about a thousand
// pages, compressed in frames of 64 KiB, because zstd finds little in 4 KiB alone, and
// because reading one page should not decompress much more than it. An index at the end
// finds a chunk without the frames.
//
//	magic "EMURPACK", version u32
//	frames, zstd, one behind the other
//	index:  count u32, frames: size u32, raw size u32, CRC-32C u32 of the compressed bytes
//	        count u32, chunks in ascending order: hash, frame u32, offset in it u32, size u32
//	footer: size of the index u32, SHA-256 of magic, version and index
//
// A pack's name is the SHA-256 of all of it. The name depends on the version of the
// compressor; the names of chunks do not. Nothing here touches files.
package pack
