#pragma once

#include "../parallel/pack.h"

// What elementary functions need beyond arithmetic: bits, comparisons, `smaller(a, b)` and
// `larger(a, b)` that return b where either is NaN, `quotient()` to an ulp or two,
// `residual(c, a, b)` = c - a b from the exact product, and `scale(x, k)` = 2^k x, rounded
// once.

namespace glmpp {

namespace pack::baseline {

using Bits = unsigned long long __attribute__((vector_size(16)));
using Mask = long long __attribute__((vector_size(16)));

GLMPP_INLINE Mask less(Pack a, Pack b) { return (Mask)(a < b); }
GLMPP_INLINE Mask equal(Pack a, Pack b) { return (Mask)(a == b); }
GLMPP_INLINE Pack select(Mask where, Pack a, Pack b) {
  return (Pack)(((Bits)where & (Bits)a) | (~(Bits)where & (Bits)b));
}
GLMPP_INLINE Pack smaller(Pack a, Pack b) { return select(less(a, b), a, b); }
GLMPP_INLINE Pack larger(Pack a, Pack b) { return select(less(b, a), a, b); }
// Adding 1.5 2^52 leaves no bits for a fraction.
GLMPP_INLINE Pack nearest(Pack x) { return (x + broadcast(0x1.8p52)) - broadcast(0x1.8p52); }
GLMPP_INLINE Pack quotient(Pack a, Pack b) { return a / b; }
// Without a fused operation: halves of 26 and 27 bits have exact products.
GLMPP_INLINE Pack residual(Pack c, Pack a, Pack b) {
  const Pack a_high = (Pack)((Bits)a & 0xfffffffff8000000), a_low = a - a_high;
  const Pack b_high = (Pack)((Bits)b & 0xfffffffff8000000), b_low = b - b_high;
  return ((c - a_high * b_high) - (a_high * b_low + a_low * b_high)) - a_low * b_low;
}
// 2^power, -1023 < power < 1024, whose biased exponent the sum leaves in the low bits.
GLMPP_INLINE Pack two_to(Pack power) {
  return (Pack)((Bits)(power + broadcast(0x1p52 + 1023.0)) << 52);
}
// In two steps, since 2^power may overflow or lose the bits of a denormal result.
GLMPP_INLINE Pack scale(Pack x, Pack power) {
  const Pack half = nearest(power * broadcast(0.5));
  return x * two_to(half) * two_to(power - half);
}

}  // namespace pack::baseline

#ifdef GLMPP_X86_PACKS

namespace pack::avx2 {

using Bits = unsigned long long __attribute__((vector_size(32)));

GLMPP_INLINE GLMPP_AVX2 Pack less(Pack a, Pack b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
GLMPP_INLINE GLMPP_AVX2 Pack equal(Pack a, Pack b) { return _mm256_cmp_pd(a, b, _CMP_EQ_OQ); }
GLMPP_INLINE GLMPP_AVX2 Pack select(Pack where, Pack a, Pack b) {
  return _mm256_blendv_pd(b, a, where);
}
GLMPP_INLINE GLMPP_AVX2 Pack smaller(Pack a, Pack b) { return _mm256_min_pd(a, b); }
GLMPP_INLINE GLMPP_AVX2 Pack larger(Pack a, Pack b) { return _mm256_max_pd(a, b); }
GLMPP_INLINE GLMPP_AVX2 Pack nearest(Pack x) {
  return _mm256_round_pd(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
GLMPP_INLINE GLMPP_AVX2 Pack quotient(Pack a, Pack b) { return a / b; }
GLMPP_INLINE GLMPP_AVX2 Pack residual(Pack c, Pack a, Pack b) { return multiply_add(-a, b, c); }
GLMPP_INLINE GLMPP_AVX2 Pack two_to(Pack power) {
  return (Pack)((Bits)(power + broadcast(0x1p52 + 1023.0)) << 52);
}
GLMPP_INLINE GLMPP_AVX2 Pack scale(Pack x, Pack power) {
  const Pack half = nearest(power * broadcast(0.5));
  return x * two_to(half) * two_to(power - half);
}

}  // namespace pack::avx2

namespace pack::avx512 {

using Bits = unsigned long long __attribute__((vector_size(64)));

GLMPP_INLINE GLMPP_AVX512 __mmask8 less(Pack a, Pack b) {
  return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
}
GLMPP_INLINE GLMPP_AVX512 __mmask8 equal(Pack a, Pack b) {
  return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ);
}
GLMPP_INLINE GLMPP_AVX512 Pack select(__mmask8 where, Pack a, Pack b) {
  return _mm512_mask_mov_pd(b, where, a);
}
GLMPP_INLINE GLMPP_AVX512 Pack smaller(Pack a, Pack b) { return _mm512_maskz_min_pd(0xff, a, b); }
GLMPP_INLINE GLMPP_AVX512 Pack larger(Pack a, Pack b) { return _mm512_maskz_max_pd(0xff, a, b); }
GLMPP_INLINE GLMPP_AVX512 Pack nearest(Pack x) {
  return _mm512_maskz_roundscale_pd(0xff, x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
// Two Newton steps from 14 bits are faster than a division.
GLMPP_INLINE GLMPP_AVX512 Pack quotient(Pack a, Pack b) {
  const Pack one = broadcast(1.0);
  Pack inverse = _mm512_maskz_rcp14_pd(0xff, b);
  inverse = multiply_add(inverse, multiply_add(-b, inverse, one), inverse);
  inverse = multiply_add(inverse, multiply_add(-b, inverse, one), inverse);
  return a * inverse;
}
GLMPP_INLINE GLMPP_AVX512 Pack residual(Pack c, Pack a, Pack b) { return multiply_add(-a, b, c); }
GLMPP_INLINE GLMPP_AVX512 Pack scale(Pack x, Pack power) {
  return _mm512_maskz_scalef_pd(0xff, x, power);
}

}  // namespace pack::avx512

#endif

}  // namespace glmpp
