// Package api is what emusrv and its clients say to each other: paths, JSON types, and
// errors with a stable code (RFC 9457). docs/server-protocol.md is the protocol in words.
//
// Control is JSON of at most MaxJSON bytes, in which a field that is not known is an
// error. Packs travel raw, named by their SHA-256, and can be asked for in ranges. Every
// call may be repeated: after any failure a client simply says it again.
package api
