// sse: scalar and packed float arithmetic, conversions, rounding modes, flags.
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <xmmintrin.h>

static uint64_t bits(double d) {
	uint64_t u;
	memcpy(&u, &d, 8);
	return u;
}

int main(void) {
	volatile double v[] = {0, -0.0, 1, -1, 0.1, 1e308, DBL_MIN, 5e-324, NAN, INFINITY, 2.5, -2.5, 4503599627370497.5};
	int n = sizeof v / sizeof *v, modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
	for (int m = 0; m < 4; m++) {
		uint64_t h = 1469598103934665603u;
		int flags = 0;
		fesetround(modes[m]);
		for (int i = 0; i < n; i++)
			for (int j = 0; j < n; j++) {
				feclearexcept(FE_ALL_EXCEPT);
				volatile double r[] = {v[i] + v[j], v[i] - v[j], v[i] * v[j], v[i] / v[j], (float)v[i], sqrt(fabs(v[i]))};
				for (int k = 0; k < 6; k++)
					h = (h ^ bits(r[k])) * 1099511628211u;
				flags = flags * 31 + fetestexcept(FE_ALL_EXCEPT);
				h = h * 31 + (v[i] < v[j]) * 2 + (v[i] == v[j]);
			}
		printf("mode %d %016lx %08x %ld %g\n", m, h, flags, lrint(v[10]), nearbyint(v[4]));
	}
	fesetround(FE_TONEAREST);
	_mm_setcsr(_mm_getcsr() | 0x8040); // FTZ and DAZ
	volatile double tiny = 5e-324, small = DBL_MIN;
	printf("daz %g ftz %g\n", tiny + 1e-320, small / 2);
	_mm_setcsr(0x1f80);
	__m128 a = _mm_set_ps(1, 2, 3, 4), b = _mm_set_ps(0.5f, -2, NAN, 1e38f);
	float f[4];
	_mm_storeu_ps(f, _mm_add_ps(_mm_mul_ps(a, b), _mm_max_ps(a, b)));
	printf("%g %g %g %g mask %x\n", f[0], f[1], f[2], f[3], _mm_movemask_ps(_mm_cmplt_ps(a, b)));
	printf("%d %ld %d\n", _mm_cvttss_si32(_mm_set_ss(1e20f)), (long)v[4], _mm_cvtss_si32(_mm_set_ss(2.5f)));
	printf("%.17g %.17g %a\n", 0.1 + 0.2, exp(1), pow(2, 0.5));
	return 0;
}
