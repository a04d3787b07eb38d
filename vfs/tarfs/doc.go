// Package tarfs shows a tar archive as a read-only file system, the base of a
// machine whose root is an image.
//
// New reads all headers once and keeps an index; file content stays in the
// archive and is read from it by offset. Later entries replace earlier ones of the same
// name. Inode numbers count in the archive's order, directories that the archive only
// implies are made with mode 0755. Owners, modes, times, hard links, devices, FIFOs and
// the extended attributes of pax headers are kept.
package tarfs
