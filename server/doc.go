// Package server is emusrv's HTTP side: who may ask what, limits, and the handlers that
// turn requests into calls of a store.
//
// Handler has the one list of routes. A handler is a method named after what it does, in
// the file of its noun; it returns an error, and errors.go says once which error is which
// code. Everything that a request may take is bounded before it is taken: header and body
// by size and by a least rate, bytes in flight by a semaphore, connections by the listener.
//
// Who asks is a principal: the holder of a bearer token, of a job token, or whoever can open
// the Unix socket. Authority comes from there alone; to know the hash of a pack is not to
// have it.
package server
