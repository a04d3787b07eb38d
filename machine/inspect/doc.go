// Package inspect tells what a machine is: for people, for scripts, and as a core file for a
// debugger. It changes nothing.
package inspect
