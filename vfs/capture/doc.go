// Package capture stands between an overlay and its lower tree, which belongs to the host, and
// remembers every answer that the lower tree ever gave: which names there are and which there
// are not, attributes, lists of names, targets of links, extended attributes, holes, whether a
// file could be opened, and the content of every regular file that was opened or read. So the
// answers stay what they were, and a frozen machine has all of the host's files that it has seen.
//
// An FS that was thawed answers from what it remembers. What was never asked it asks the
// backing tree of the machine that goes on; the names of files it finds again by their
// paths. Without a backing tree such a question gets EIO, and is not remembered:
// ENOENT would say that there is no such file, which nobody knows, and a program would act on it.
//
// A record of a run is the FS frozen at its end: thawed, without a backing tree of its own,
// it is the backing tree of the FS of a replay, which asks it what was asked in the run.
// A first answer is an input from outside; Options.Observe hears of each.
//
// Content is not kept in memory. It is read from the backing tree until it is stored with
// a checkpoint, behind the running guest, all files one behind the other in one Contents
// called "host", each from the page on that was the next when it was first opened. A
// backing file that has another size, modification time or identity than when it was first
// seen cannot be captured any more: storing gives an error with its name. A file without
// content by its size (/sys) is read whole when it is first read, and frozen beside its
// attributes. Devices, FIFOs and sockets are attributes only. A file that the host does not let
// us open stays one: its error is the answer.
//
// Numbers of inodes are those of the backing tree, which counts them by first sight; a thawed FS
// goes on counting where it was. What the host's own numbers are is in no frozen state.
package capture
