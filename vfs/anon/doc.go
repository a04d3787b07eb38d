// Package anon is the open files that no file system holds: pipes and FIFOs,
// eventfd(2), timerfd(2), signalfd(2) and epoll(7).
//
// Each is a vfs.File with a wait queue. None blocks: a file that is not ready
// answers abi.EAGAIN, and its queue is woken whenever that may have changed. An epoll
// set is itself a waiter in the queues of the files it watches, so that sets
// nest. All state is plain fields in the order in which it came to be.
package anon
