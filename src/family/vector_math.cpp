#include "vector_math.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "../parallel/dispatch.h"
#include "vector_math_pack.h"

namespace glmpp {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// The leading 40 bits of log(2).
constexpr double ln2_high = 0.6931471805592082;

// (exp(r) - 1 - r) / r^2 on |r| <= log(2) / 2, to 2^-61 of r.
constexpr double exp_coefficients[] = {0.5,
                                       0.16666666666666677,
                                       0.0416666666666667,
                                       0.008333333333321598,
                                       0.0013888888888866817,
                                       0.00019841269886210132,
                                       2.4801587360601883e-05,
                                       2.7557244124536515e-06,
                                       2.755724271723721e-07,
                                       2.5109066630474808e-08,
                                       2.092445730134952e-09};

// (2 atanh(s) - 2 s) / s^3 in s^2 on |s| <= (sqrt(2) - 1) / (sqrt(2) + 1), to 2^-59 of 2 s.
constexpr double log_coefficients[] = {0.6666666666666734, 0.3999999999941455,  0.2857142874243226,
                                       0.2222219856735352, 0.18183564684493916, 0.15314040130007128,
                                       0.1479606536723246};

#define GLMPP_KERNEL_FILE "family/vector_math_kernel.inc"
#include "parallel/each_instruction_set.inc"

}  // namespace

void exp_each(const double* x, std::size_t n, double* out) { GLMPP_DISPATCH(each_exp, x, n, out) }

void expm1_each(const double* x, std::size_t n, double* out) {
  GLMPP_DISPATCH(each_expm1, x, n, out)
}

void log_each(const double* x, std::size_t n, double* out) { GLMPP_DISPATCH(each_log, x, n, out) }

void log1p_each(const double* x, std::size_t n, double* out) {
  GLMPP_DISPATCH(each_log1p, x, n, out)
}

void logistic_each(const double* eta, std::size_t n, double* mu, double* complement,
                   double* softplus_negative) {
  GLMPP_DISPATCH(each_logistic, eta, n, mu, complement, softplus_negative)
}

}  // namespace glmpp
