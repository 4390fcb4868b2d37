#include "compensated.h"

#include "../parallel/dispatch.h"

namespace glmpp {

namespace {

#define GLMPP_KERNEL_FILE "linalg/compensated_kernel.inc"
#include "parallel/each_instruction_set.inc"

}  // namespace

void predict_to_twice_the_precision(const double* x, std::size_t ld, std::size_t rows,
                                    std::size_t cols, const double* b, double* eta, double* low) {
  GLMPP_DISPATCH(predict_compensated, x, ld, rows, cols, b, eta, low)
}

void add_products(const double* x, const double* r, std::size_t rows, Compensated& total) {
  GLMPP_DISPATCH(sum_products, x, r, rows, &total)
}

}  // namespace glmpp
