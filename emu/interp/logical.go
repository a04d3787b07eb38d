package interp

// and implements AND. It sets SF, ZF and PF and clears OF and CF; AF, undefined, is 0.
func and[T word](c *CPU, x, y T) T {
	r := x & y
	flagsLogic(c, r)
	return r
}

// or implements OR. It sets SF, ZF and PF and clears OF and CF; AF, undefined, is 0.
func or[T word](c *CPU, x, y T) T {
	r := x | y
	flagsLogic(c, r)
	return r
}

// xor implements XOR. It sets SF, ZF and PF and clears OF and CF; AF, undefined, is 0.
func xor[T word](c *CPU, x, y T) T {
	r := x ^ y
	flagsLogic(c, r)
	return r
}

// not implements NOT. It affects no flags.
func not[T word](x T) T { return ^x }

// test implements TEST, AND without a result. Its flags are those of AND.
func test[T word](c *CPU, x, y T) {
	flagsLogic(c, x&y)
}
