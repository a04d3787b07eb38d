// Package procfs is /proc, proc(5), and the little of /sys that programs look at.
//
// A directory is a function that lists its entries, a file a function that writes
// its content. Content is made when a file is read from its beginning and stays for
// that description, so that a reader sees one state. Everything shown is the
// machine's own: the virtual CPU, the kernel's clock, the memory pool; nothing is the
// host's.
package procfs
