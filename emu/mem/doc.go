// Package mem is guest memory: a sparse 47-bit address space of 4 KiB pages with
// read, write and execute permission, copy-on-write frames, and the software TLB
// through which engines reach it.
//
// A Pool holds page frames: reference-counted, in an arena outside the Go heap,
// up to a limit. A Space is the address space of one process: its Mappings say
// what may be accessed, its tree holds the private pages. An Object is the page
// cache of a file or of shared anonymous memory; every mapping of it, shared or
// private and in any Space, reads its frames.
//
//	Space ── Mappings (sorted) ──> Object ── tree: page index -> frame
//	  │                                            │
//	  └── tree: page number -> private frame ──────┴──> Pool
//
// A page of a private mapping is in the Space's tree once it was written; until
// then it is the Object's page, or zero. Trees are persistent: fork and freeze share
// the root in O(1), and whoever writes first copies the path and the page.
// Every node and every frame carries the epoch of its last change, which names its
// content: a View, the contents of a frozen Space or Object, hashes and stores only
// what changed since the last one, on any goroutine while the guest goes on. Thawed
// trees are loaded from a wire.Source when they are touched.
//
// A page that holds translated code is watched: it never enters the write TLB, and
// what is stored there is announced to the Watcher first. It is the only room with
// unsafe views of guest memory.
package mem
