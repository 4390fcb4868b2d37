#include "vectors.h"

#include <cmath>

#include "../parallel/dispatch.h"

namespace glmpp {

namespace {

#define GLMPP_KERNEL_FILE "linalg/vectors_kernel.inc"
#include "parallel/each_instruction_set.inc"

}  // namespace

double dot(const double* x, const double* v,
           std::size_t count){GLMPP_DISPATCH(dot_product, x, v, count)}

ColumnProducts
    column_products(const double* x, const double* r, const double* w, std::size_t count) {
  GLMPP_DISPATCH(products, x, r, w, count)
}

void standardize(const double* y, const double* mean, const double* weights,
                 const double* variances, std::size_t count, double* out) {
  GLMPP_DISPATCH(scaled_differences, y, mean, weights, variances, count, out)
}

void add_scaled(const double* x, double factor, std::size_t count, double* out) {
  GLMPP_DISPATCH(add_multiple, x, factor, count, out)
}

void add_weighted(const double* x, const double* w, double factor, std::size_t count, double* out) {
  GLMPP_DISPATCH(add_weighted_multiple, x, w, factor, count, out)
}

}  // namespace glmpp
