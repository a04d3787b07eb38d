// interp: a small bytecode interpreter: an indirect jump per operation.
#include <stdio.h>

enum { PUSH, ADD, DEC, DUP, JNZ, SWAP, MUL, HALT };

int main(void) {
	static const unsigned char code[] = {PUSH, 1, PUSH, 200, PUSH, 250, MUL, PUSH, 100, MUL, SWAP, PUSH, 3, MUL, PUSH, 7, ADD, SWAP, DEC, DUP, JNZ, 10, HALT};
	static void *op[] = {&&push, &&add, &&dec, &&dup, &&jnz, &&swap, &&mul, &&halt};
	unsigned long st[16], *sp = st;
	const unsigned char *pc = code;
#define NEXT goto *op[*pc++]
	NEXT;
push:
	*sp++ = *pc++;
	NEXT;
add:
	sp--, sp[-1] += sp[0];
	NEXT;
dec:
	sp[-1]--;
	NEXT;
dup:
	sp[0] = sp[-1], sp++;
	NEXT;
jnz:
	pc = *--sp ? code + *pc : pc + 1;
	NEXT;
swap:;
	unsigned long t = sp[-1];
	sp[-1] = sp[-2], sp[-2] = t;
	NEXT;
mul:
	sp--, sp[-1] *= sp[0];
	NEXT;
halt:
	printf("%lu\n", sp[-2]);
	return 0;
}
