package fp

// order is x compared with y, neither of them a NaN: negative, 0 or positive.
func (f *format) order(x, y uint64) int {
	a, b := f.key(x), f.key(y)
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// key maps numbers to integers in the same order; both zeros are 0.
func (f *format) key(x uint64) int64 {
	k := int64(f.abs(x))
	if x&f.sign != 0 {
		return -k
	}
	return k
}

// minmax is MINSD (want -1) or MAXSD (want 1): the second operand if either is a
// NaN or both are equal.
func (f *format) minmax(x, y uint64, want int, mxcsr uint32) (uint64, uint32) {
	x, y = f.daz(x, mxcsr), f.daz(y, mxcsr)
	if f.isNaN(x) || f.isNaN(y) {
		return y, IE
	}
	de := f.denormal(x, y)
	if f.order(x, y) == want {
		return x, de
	}
	return y, de
}

// Relation is the outcome of a comparison.
type Relation uint8

// The four relations; a NaN is unordered with everything.
const (
	Less Relation = 1 << iota
	Equal
	Greater
	Unordered
)

// compare compares x and y; IE also for a quiet NaN if signalling.
func (f *format) compare(x, y uint64, signalling bool, mxcsr uint32) (Relation, uint32) {
	x, y = f.daz(x, mxcsr), f.daz(y, mxcsr)
	if f.isNaN(x) || f.isNaN(y) {
		if signalling {
			return Unordered, IE
		}
		return Unordered, f.invalidNaN(x, y)
	}
	return relations[f.order(x, y)+1], f.denormal(x, y)
}

var relations = [3]Relation{Less, Equal, Greater}

// predicates are the relations for which each predicate of CMPSD is true (SDM
// Vol. 2A, CMPPD): EQ LT LE UNORD, EQ_UQ NGE NGT FALSE and their negations.
var predicates = [16]Relation{
	Equal, Less, Less | Equal, Unordered,
	Less | Greater | Unordered, Equal | Greater | Unordered, Greater | Unordered, Less | Equal | Greater,
	Equal | Unordered, Less | Unordered, Less | Equal | Unordered, 0,
	Less | Greater, Equal | Greater, Greater, Less | Equal | Greater | Unordered,
}

// predicate evaluates predicate p of 32. Bit 4 swaps which of them signal on quiet NaNs.
func (f *format) predicate(x, y uint64, p uint8, mxcsr uint32) (bool, uint32) {
	low := p&3 == 1 || p&3 == 2
	r, flags := f.compare(x, y, low != (p&16 != 0), mxcsr)
	return predicates[p&15]&r != 0, flags
}
