#include "kernel.h"
#ifndef ROUNDS
#define ROUNDS 8
#endif
static u8 composite[1 << 20];
static u64 kernel(void) {
	u64 sum = 0;
	for (int round = 0; round < ROUNDS; round++) {
		for (u64 i = 0; i < sizeof composite; i++) composite[i] = 0;
		for (u64 i = 2; i < sizeof composite; i++) {
			if (composite[i]) continue;
			sum += i;
			for (u64 j = i * i; j < sizeof composite; j += i) composite[j] = 1;
		}
	}
	return sum;
}
