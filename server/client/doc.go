// Package client talks to emusrv.
//
// Client says one thing at a time and says it again until it is answered: every call may
// be repeated, so a lost answer, a server that restarts or is overloaded, costs time only.
// Between two attempts it waits a random time up to a growing limit, so that a thousand
// clients of a server that comes back do not come back at once.
//
// Store is a snapshot.Store on a server: chunks are gathered in packs, which are sent
// while the caller goes on, up to four at a time, and Commit sends the rest together with
// the manifest. A checkpoint names the one before, whose packs have what did not change.
package client
