#include "kernel.h"
#ifndef N
#define N 32
#endif
__attribute__((noinline, optimize("no-optimize-sibling-calls", "no-inline"))) static u64 fib(u64 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static u64 kernel(void) { return fib(N); }
