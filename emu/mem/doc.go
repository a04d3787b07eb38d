// Package mem is guest memory: a sparse 47-bit address space of 4 KiB pages with
// read, write and execute permission, copy-on-write frames, and the software TLB
// through which engines reach it.
//
// Frames are reference-counted and live outside the Go heap in an arena (Pool).
// A Space is the address space of one guest process. An Object is the page cache
// of a file or of shared anonymous memory; mappings of it share its frames.
// Snapshots and fork copy nothing: they share frames, and the first write to a
// shared frame copies it. It is the only room with unsafe views of guest memory.
package mem
