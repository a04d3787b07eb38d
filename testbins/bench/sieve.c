// sieve: primes below 8 million, five times: byte stores and loads.
#include <stdio.h>
#include <string.h>

static char composite[8000000];

int main(void) {
	int count = 0;
	for (int round = 0; round < 5; round++) {
		memset(composite, 0, sizeof composite);
		count = 0;
		for (int i = 2; i < 8000000; i++) {
			if (composite[i])
				continue;
			count++;
			for (long j = (long)i * i; j < 8000000; j += i)
				composite[j] = 1;
		}
	}
	printf("%d\n", count);
	return 0;
}
