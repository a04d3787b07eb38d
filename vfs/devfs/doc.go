// Package devfs is /dev: a directory of device nodes, links and mount points.
//
// New brings the memory devices of mem(4), null(4), full(4) and random(4). Others
// register with Add, Symlink and Mkdir before the machine starts; the tree does not
// change afterwards. A device has a number (Open finds it by that too, for nodes
// made by mknod(2) elsewhere) and a function that opens it.
package devfs
