// sha256: scalar SHA-256 over 64 MiB: rotates, adds and xors in registers.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t k[64], h[8];
static uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void constants(void) {
	// The fractional parts of the cube and square roots of the first primes, by integer search.
	int n = 0;
	for (int p = 2; n < 64; p++) {
		int prime = 1;
		for (int d = 2; d * d <= p; d++)
			if (p % d == 0)
				prime = 0;
		if (!prime)
			continue;
		unsigned __int128 lo = 0, hi = (unsigned __int128)8 << 32;
		while (hi - lo > 1) { // floor(cbrt(p) * 2^32)
			unsigned __int128 m = (lo + hi) / 2, q = m * m >> 32;
			if (q * m >> 32 < (unsigned __int128)p << 32)
				lo = m;
			else
				hi = m;
		}
		k[n] = (uint32_t)lo;
		if (n < 8) {
			lo = 0, hi = (unsigned __int128)8 << 32;
			while (hi - lo > 1) {
				unsigned __int128 m = (lo + hi) / 2;
				if (m * m < (unsigned __int128)p << 64)
					lo = m;
				else
					hi = m;
			}
			h[n] = (uint32_t)lo;
		}
		n++;
	}
}

static void block(const uint8_t *p) {
	uint32_t w[64], v[8];
	for (int i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
	for (int i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] + (rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3) + (rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(v, h, 32);
	for (int i = 0; i < 64; i++) {
		uint32_t t1 = v[7] + (rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
		uint32_t t2 = (rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		memmove(v + 1, v, 28);
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		h[i] += v[i];
}

int main(void) {
	uint8_t buf[64];
	constants();
	for (int i = 0; i < 64; i++)
		buf[i] = i;
	for (int i = 0; i < 1000000; i++)
		block(buf);
	for (int i = 0; i < 8; i++)
		printf("%08x", h[i]);
	puts("");
	return 0;
}
