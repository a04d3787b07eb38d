// cpu: integer instructions whose result a compiler would rarely let you see:
// flags, rotates through carry, bit strings, multi-word arithmetic, string moves.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t hash = 14695981039346656037u;
static void mix(uint64_t v) { hash = (hash ^ v) * 1099511628211u; }

#define FLAGS(f) __asm__ volatile("pushfq; popq %0" : "=r"(f))
#define OP2(name) \
	static void name##_all(uint64_t a, uint64_t b) { \
		uint64_t f, r = a; \
		__asm__ volatile(#name " %2, %0; pushfq; popq %1" : "+r"(r), "=r"(f) : "r"(b) : "cc"); \
		mix(r); \
		mix(f & 0x8d5 & ~0x10); \
	}
OP2(addq)
OP2(subq)
OP2(adcq)
OP2(sbbq)
OP2(xorq)
OP2(andq)
OP2(orq)
OP2(cmpq)

int main(void) {
	uint64_t v[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, ~0ull, 0x123456789abcdef0};
	int n = sizeof v / sizeof *v;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			addq_all(v[i], v[j]), subq_all(v[i], v[j]), adcq_all(v[i], v[j]), sbbq_all(v[i], v[j]);
			xorq_all(v[i], v[j]), andq_all(v[i], v[j]), orq_all(v[i], v[j]), cmpq_all(v[i], v[j]);
			unsigned __int128 p = (unsigned __int128)v[i] * v[j];
			mix(p), mix(p >> 64);
			if (v[j])
				mix(v[i] / v[j]), mix(v[i] % v[j]), mix((unsigned __int128)v[i] * 3 / v[j]);
		}
	printf("arithmetic %016lx\n", hash);
	for (int i = 0; i < n; i++)
		for (int s = 0; s < 70; s++) {
			uint64_t r = v[i], q = v[n - 1 - i], f;
			uint32_t w = v[i];
			uint16_t h = v[i];
			__asm__ volatile("movb %3,%%cl; rclq %%cl,%0; rorl %%cl,%1; rcrw %%cl,%2" : "+r"(r), "+r"(w), "+r"(h) : "q"((uint8_t)s) : "rcx", "cc");
			mix(r), mix(w), mix(h);
			__asm__ volatile("movb %2,%%cl; shldq %%cl,%3,%0; shrdl %%cl,%k3,%1" : "+r"(r), "+r"(w) : "q"((uint8_t)s), "r"(q) : "rcx", "cc");
			mix(r), mix(w);
			__asm__ volatile("btsq %2,%0; sbbq %1,%1" : "+r"(r), "=r"(f) : "r"((uint64_t)s) : "cc");
			mix(r), mix(f);
		}
	printf("shifts %016lx\n", hash);
	static uint8_t bits[64];
	for (long i = -100; i < 100; i += 7)
		__asm__ volatile("btcq %1,%0" : "+m"(bits[32]) : "r"(i) : "cc", "memory");
	for (int i = 0; i < 64; i++)
		mix(bits[i]);
	printf("bit strings %016lx\n", hash);
	char a[300], b[300];
	for (int i = 0; i < 300; i++)
		a[i] = i * 7;
	memset(b, 0, 300);
	void *s = a + 299, *d = b + 299;
	long c = 150;
	__asm__ volatile("std; rep movsb; cld" : "+S"(s), "+D"(d), "+c"(c)::"memory");
	for (int i = 0; i < 300; i++)
		mix((uint8_t)b[i]);
	s = a, d = b, c = 300;
	__asm__ volatile("repe cmpsb" : "+S"(s), "+D"(d), "+c"(c)::"cc", "memory");
	printf("strings %016lx rcx %ld\n", hash, c);
	uint32_t x = 0x01020304;
	__asm__("bswap %0" : "+r"(x));
	uint64_t bsf, bsr;
	__asm__("bsfq %1,%0" : "=r"(bsf) : "r"(0x00f0000000000000ul));
	__asm__("bsrq %1,%0" : "=r"(bsr) : "r"(0x00f0000000000000ul));
	printf("bswap %x bsf %lu bsr %lu popcnt %d\n", x, bsf, bsr, __builtin_popcountl(0xf0f0f0f0f0f0f0f0ul));
	return 0;
}
