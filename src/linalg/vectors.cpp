#include "vectors.h"

#include "../parallel/dispatch.h"

namespace glmpp {

namespace {

namespace baseline {
using namespace pack::baseline;
#define GLMPP_KERNEL
#include "vectors_kernel.inc"
#undef GLMPP_KERNEL
}  // namespace baseline

#ifdef GLMPP_X86_PACKS
namespace avx2 {
using namespace pack::avx2;
#define GLMPP_KERNEL GLMPP_AVX2
#include "vectors_kernel.inc"
#undef GLMPP_KERNEL
}  // namespace avx2

namespace avx512 {
using namespace pack::avx512;
#define GLMPP_KERNEL GLMPP_AVX512
#include "vectors_kernel.inc"
#undef GLMPP_KERNEL
}  // namespace avx512
#endif

}  // namespace

double dot(const double* x, const double* v,
           std::size_t count){GLMPP_DISPATCH(dot_product, x, v, count)}

ColumnProducts
    column_products(const double* x, const double* r, const double* w, std::size_t count) {
  GLMPP_DISPATCH(products, x, r, w, count)
}

void add_scaled(const double* x, double factor, std::size_t count, double* out) {
  GLMPP_DISPATCH(add_multiple, x, factor, count, out)
}

void add_weighted(const double* x, const double* w, double factor, std::size_t count, double* out) {
  GLMPP_DISPATCH(add_weighted_multiple, x, w, factor, count, out)
}

}  // namespace glmpp
