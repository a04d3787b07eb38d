// Package snapshot is what a frozen machine is made of, apart from any place to keep
// it: chunks, page tables, manifests, and the interface of a store.
//
// A chunk is up to 32 KiB named by its SHA-256. A section is one component's bytes, as
// a sparse array of 4 KiB pages: guest memory, a file's content, or the encoding of the
// kernel's state. Its page table is a Merkle tree of four levels of 512 whose nodes are
// chunks themselves, named by the very hash that stands in the level above:
//
//	Manifest ── Section (name, version, size, root)
//	                                          │
//	               node ── node ── node ── node ── page
//
// So the root proves each page, identical pages and subtrees are stored once, zero
// pages cost nothing, one page can be fetched without the others, and a checkpoint writes
// only the pages that changed and the nodes above them. A Manifest is the list of
// sections with its step, parent and label; it names everything else, so a snapshot
// needs no other snapshot.
//
// The package is deterministic: equal states have equal bytes, and so equal hashes, on
// every host. docs/snapshot-format.md is the format in full.
package snapshot
