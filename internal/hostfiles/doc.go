// Package hostfiles brings what a machine wrote to the host's files, in the middle of a run and
// at its end.
//
// Files are the trees of a machine that the host keeps: an overlay over a view of a host
// directory. Take takes what has changed since the last update, on the machine's goroutine,
// in time proportional to the number of changed files and pages. Prepare makes it durable
// beside the host's files, and Apply applies it to them, both on any goroutine, while the machine goes on:
// it never sees the host's files change. Release, on the machine's goroutine again, ends the
// update.
//
// The order that makes a checkpoint one with its files is: Take when the machine is frozen,
// Prepare under the name of the checkpoint's manifest, commit the manifest, Apply. A crash
// before the manifest is there leaves the files of the checkpoint before; after it,
// hostfs.Recover makes them those of the new one. The names of the points between are
// those of crashpoint.Reach in package hostfs.
package hostfiles
