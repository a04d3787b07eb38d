// cpuid: the level that the CPU must have (x86-64-v2) is reported.
#include <stdio.h>

int main(void) {
	__builtin_cpu_init();
	printf("v2 %d\n", !!__builtin_cpu_supports("x86-64-v2"));
	printf("sse4.2 %d popcnt %d cx16 by xchg: ", !!__builtin_cpu_supports("sse4.2"), !!__builtin_cpu_supports("popcnt"));
	unsigned long v[2] __attribute__((aligned(16))) = {1, 2}, a = 1, d = 2, b = 3, c = 4;
	unsigned char z;
	__asm__ volatile("lock cmpxchg16b %0; setz %1" : "+m"(v), "=q"(z), "+a"(a), "+d"(d) : "b"(b), "c"(c) : "cc");
	printf("%d %lu %lu\n", z, v[0], v[1]);
	return 0;
}
