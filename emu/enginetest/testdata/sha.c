#include "kernel.h"
#ifndef ROUNDS
#define ROUNDS 12000
#endif
static u32 k[64], h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
#define ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))
static void block(const u32 *p) {
	u32 w[64], s[8];
	for (int i = 0; i < 16; i++) w[i] = __builtin_bswap32(p[i]);
	for (int i = 16; i < 64; i++) {
		u32 a = w[i - 15], b = w[i - 2];
		w[i] = w[i - 16] + (ROR(a, 7) ^ ROR(a, 18) ^ a >> 3) + w[i - 7] + (ROR(b, 17) ^ ROR(b, 19) ^ b >> 10);
	}
	for (int i = 0; i < 8; i++) s[i] = h[i];
	for (int i = 0; i < 64; i++) {
		u32 e = s[4], a = s[0];
		u32 t1 = s[7] + (ROR(e, 6) ^ ROR(e, 11) ^ ROR(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];
		u32 t2 = (ROR(a, 2) ^ ROR(a, 13) ^ ROR(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
		s[7] = s[6]; s[6] = s[5]; s[5] = s[4]; s[4] = s[3] + t1;
		s[3] = s[2]; s[2] = s[1]; s[1] = s[0]; s[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++) h[i] += s[i];
}
static u64 kernel(void) {
	u32 msg[16];
	for (int i = 0; i < 64; i++) k[i] = i * 0x9e3779b9u;
	for (int i = 0; i < 16; i++) msg[i] = i;
	for (int r = 0; r < ROUNDS; r++) { msg[0] = r; block(msg); }
	return (u64)h[0] << 32 | h[1];
}
