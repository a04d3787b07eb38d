// x87: 80-bit arithmetic shows all its digits, in every rounding mode.
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void show(const char *what, long double v) {
	unsigned char b[16] = {0};
	memcpy(b, &v, 10);
	printf("%s %.21Lg ", what, v);
	for (int i = 9; i >= 0; i--)
		printf("%02x", b[i]);
	puts("");
}

int main(void) {
	int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
	for (int m = 0; m < 4; m++) {
		fesetround(modes[m]);
		volatile long double a = 1, b = 3, c = 1e-4000L, d = 1e4000L;
		show("third", a / b);
		show("sum", a + c);
		show("product", d * 1e900L);
		show("sqrt", sqrtl(b));
		show("denormal", c * 1e-940L);
		show("double", (double)(a / b));
		printf("rint %Lg %ld\n", rintl(2.5L), lrintl(-2.5L));
	}
	fesetround(FE_TONEAREST);
	volatile long double x = 0.5L;
	long double r;
	__asm__("fsin" : "=t"(r) : "0"(x));
	show("fsin", r);
	__asm__("fcos" : "=t"(r) : "0"(x));
	show("fcos", r);
	show("fmod", fmodl(1e20L, 7));
	show("remainder", remainderl(10, 7));
	printf("flags %x\n", fetestexcept(FE_ALL_EXCEPT) & FE_INEXACT);
	printf("%La %.30Lf\n", 0.1L, 0.1L);
	return 0;
}
