// Package abi holds the user-space interface of x86-64 Linux: numbers, flags,
// error codes and structure layouts, each under its man page's name.
//
// It has no behaviour and imports nothing of the project, so every room may
// stand on it. Constants keep their C spelling here and only here. A structure
// that crosses to the guest has its exact layout in little-endian bytes, written
// by an Encode or Put method and read by a Decode method beside it; no host
// structure is ever copied.
package abi
