// Package loader makes an address space out of an executable file, as execve(2)
// and the binfmt_elf and binfmt_script of Linux do: ELF64 programs, static and
// dynamic, position-independent or not, and "#!" scripts.
//
// Load fills an empty mem.Space: segments, interpreter, heap start, stack with
// arguments, environment and auxiliary vector. Everything has a fixed place, the one
// that Linux uses without address space randomisation. What is wrong with a file is
// an Error: the error number that execve gives, and the reason in words.
package loader
