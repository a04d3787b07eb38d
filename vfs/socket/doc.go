// Package socket is sockets inside the machine: unix(7) streams, datagrams and
// sequenced packets with descriptor passing, and tcp(7) and udp(7) over the loopback
// interface. Nothing here reaches another machine.
//
// A Socket is node and file at once. What was sent to it waits in its own queue of
// messages; sending puts a message there at once. Nothing blocks: a call that would
// answers abi.EAGAIN. A Net is the addresses of one machine.
package socket
