#pragma once

#include <cmath>
#include <cstddef>

// GCC for Windows spills 32- and 64-byte registers to a stack it aligns to 16
// bytes only (GCC bug 54412), so wide packs are left to clang there.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(GLMPP_PLAIN) && \
    (!defined(_WIN32) || defined(__clang__))
#define GLMPP_X86_PACKS
#include <immintrin.h>
#define GLMPP_AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")))
#define GLMPP_AVX2 __attribute__((target("avx2,fma")))
#endif

#define GLMPP_INLINE inline __attribute__((always_inline))

// A `Pack` is one register of `lanes` doubles with the operators of double. Every
// instruction set has its own namespace with the same vocabulary, so that a kernel
// is written once and included once per set. `lanes` divides 8. GLMPP_PLAIN leaves only
// the baseline.

namespace glmpp {

namespace pack::baseline {

// Compilers lower 16 bytes to whatever the processor has.
constexpr std::size_t lanes = 2;
using Pack = double __attribute__((vector_size(16)));
GLMPP_INLINE Pack broadcast(double value) { return Pack{value, value}; }
// By copies, which need no alignment; clang takes that of a vector type for granted, whatever its attributes say.
GLMPP_INLINE Pack load(const double* from) {
  Pack value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
GLMPP_INLINE void store(double* to, Pack value) { __builtin_memcpy(to, &value, sizeof value); }
GLMPP_INLINE double sum(Pack value) { return value[0] + value[1]; }
GLMPP_INLINE Pack square_root(Pack value) { return Pack{std::sqrt(value[0]), std::sqrt(value[1])}; }
GLMPP_INLINE void transpose(Pack* block) {
  const Pack first = block[0];
  block[0] = Pack{first[0], block[1][0]};
  block[1] = Pack{first[1], block[1][1]};
}
GLMPP_INLINE Pack multiply_add(Pack a, Pack b, Pack c) { return a * b + c; }
// What rounding took of a product.
GLMPP_INLINE Pack product_error(Pack a, Pack b, Pack product) {
  return Pack{std::fma(a[0], b[0], -product[0]), std::fma(a[1], b[1], -product[1])};
}

}  // namespace pack::baseline

#ifdef GLMPP_X86_PACKS

namespace pack::avx2 {

constexpr std::size_t lanes = 4;
using Pack = __m256d;
GLMPP_INLINE GLMPP_AVX2 Pack broadcast(double value) { return _mm256_set1_pd(value); }
GLMPP_INLINE GLMPP_AVX2 Pack load(const double* from) { return _mm256_loadu_pd(from); }
GLMPP_INLINE GLMPP_AVX2 void store(double* to, Pack value) { _mm256_storeu_pd(to, value); }
GLMPP_INLINE GLMPP_AVX2 Pack multiply_add(Pack a, Pack b, Pack c) {
  return _mm256_fmadd_pd(a, b, c);
}
GLMPP_INLINE GLMPP_AVX2 Pack product_error(Pack a, Pack b, Pack product) {
  return _mm256_fmsub_pd(a, b, product);
}
GLMPP_INLINE GLMPP_AVX2 double sum(Pack value) {
  const __m128d half = _mm256_castpd256_pd128(value) + _mm256_extractf128_pd(value, 1);
  return half[0] + half[1];
}
GLMPP_INLINE GLMPP_AVX2 Pack square_root(Pack value) { return _mm256_sqrt_pd(value); }
GLMPP_INLINE GLMPP_AVX2 void transpose(Pack* block) {
  const Pack even_low = _mm256_unpacklo_pd(block[0], block[1]);
  const Pack odd_low = _mm256_unpackhi_pd(block[0], block[1]);
  const Pack even_high = _mm256_unpacklo_pd(block[2], block[3]);
  const Pack odd_high = _mm256_unpackhi_pd(block[2], block[3]);
  block[0] = _mm256_permute2f128_pd(even_low, even_high, 0x20);
  block[1] = _mm256_permute2f128_pd(odd_low, odd_high, 0x20);
  block[2] = _mm256_permute2f128_pd(even_low, even_high, 0x31);
  block[3] = _mm256_permute2f128_pd(odd_low, odd_high, 0x31);
}

}  // namespace pack::avx2

namespace pack::avx512 {

constexpr std::size_t lanes = 8;
using Pack = __m512d;
GLMPP_INLINE GLMPP_AVX512 Pack broadcast(double value) { return _mm512_set1_pd(value); }
GLMPP_INLINE GLMPP_AVX512 Pack load(const double* from) { return _mm512_loadu_pd(from); }
GLMPP_INLINE GLMPP_AVX512 void store(double* to, Pack value) { _mm512_storeu_pd(to, value); }
GLMPP_INLINE GLMPP_AVX512 Pack multiply_add(Pack a, Pack b, Pack c) {
  return _mm512_fmadd_pd(a, b, c);
}
GLMPP_INLINE GLMPP_AVX512 Pack product_error(Pack a, Pack b, Pack product) {
  return _mm512_fmsub_pd(a, b, product);
}
// Masked forms because GCC 12 warns of uninitialized values inside the others.
GLMPP_INLINE GLMPP_AVX512 double sum(Pack value) {
  const __m256d half =
      _mm512_maskz_extractf64x4_pd(0xff, value, 0) + _mm512_maskz_extractf64x4_pd(0xff, value, 1);
  const __m128d quarter = _mm256_castpd256_pd128(half) + _mm256_extractf128_pd(half, 1);
  return quarter[0] + quarter[1];
}
GLMPP_INLINE GLMPP_AVX512 Pack square_root(Pack value) { return _mm512_maskz_sqrt_pd(0xff, value); }
GLMPP_INLINE GLMPP_AVX512 void transpose_pairs(Pack& a, Pack& b) {
  const Pack first = a;
  a = _mm512_maskz_unpacklo_pd(0xff, first, b);
  b = _mm512_maskz_unpackhi_pd(0xff, first, b);
}
GLMPP_INLINE GLMPP_AVX512 void transpose_quarters(Pack& a, Pack& b, Pack& c, Pack& d) {
  const Pack ab_even = _mm512_maskz_shuffle_f64x2(0xff, a, b, 0x88);
  const Pack ab_odd = _mm512_maskz_shuffle_f64x2(0xff, a, b, 0xdd);
  const Pack cd_even = _mm512_maskz_shuffle_f64x2(0xff, c, d, 0x88);
  const Pack cd_odd = _mm512_maskz_shuffle_f64x2(0xff, c, d, 0xdd);
  a = _mm512_maskz_shuffle_f64x2(0xff, ab_even, cd_even, 0x88);
  b = _mm512_maskz_shuffle_f64x2(0xff, ab_odd, cd_odd, 0x88);
  c = _mm512_maskz_shuffle_f64x2(0xff, ab_even, cd_even, 0xdd);
  d = _mm512_maskz_shuffle_f64x2(0xff, ab_odd, cd_odd, 0xdd);
}
// Each stage swaps two bits of the element number: pairs, then quarters of a register.
GLMPP_INLINE GLMPP_AVX512 void transpose(Pack* block) {
  transpose_pairs(block[0], block[1]);
  transpose_pairs(block[2], block[3]);
  transpose_pairs(block[4], block[5]);
  transpose_pairs(block[6], block[7]);
  transpose_quarters(block[0], block[2], block[4], block[6]);
  transpose_quarters(block[1], block[3], block[5], block[7]);
}

}  // namespace pack::avx512

#endif

}  // namespace glmpp
