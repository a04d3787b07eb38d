// Package memfs is a file system in memory, tmpfs(5): an overlay over nothing.
//
// It serves /dev/shm, /run and other places whose content ends with the machine.
package memfs
