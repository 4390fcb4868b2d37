#pragma once

#include <cstddef>

namespace glmpp {

// Elementary functions of `n` doubles, within 1 ulp, with the limits of <cmath> at signed
// zeros, infinities, NaN, and outside the domain. `out` may be `x`; neither needs an
// alignment. Every function is safe to call from many threads on distinct outputs.

void exp_each(const double* x, std::size_t n, double* out);
void expm1_each(const double* x, std::size_t n, double* out);
void log_each(const double* x, std::size_t n, double* out);
void log1p_each(const double* x, std::size_t n, double* out);

/// mu = 1 / (1 + exp(-eta)), complement = 1 - mu = 1 / (1 + exp(eta)) and
/// softplus_negative = -log(mu) = log(1 + exp(-eta)), each without cancellation in
/// either tail, for one exponential. Any one output may be `eta`.
void logistic_each(const double* eta, std::size_t n, double* mu, double* complement,
                   double* softplus_negative);

}  // namespace glmpp
