#ifndef GLMPP_FAMILY_GAMMA_FUNCTION_H
#define GLMPP_FAMILY_GAMMA_FUNCTION_H

namespace glmpp {

constexpr double half_log_two_pi = 0.91893853320467274178;

/// log Gamma(x) and its first and second derivative, for x > 0, to about 14 digits. Thread safe. Abramowitz and Stegun (1964),
/// 6.1.15, 6.1.40, 6.3.5, 6.3.18, 6.4.6 and 6.4.12.
double log_gamma(double x);
double digamma(double x);
double trigamma(double x);

/// log(Gamma(x + 1)) - log(sqrt(2 pi x) (x / e)^x), for x > 0; Loader (2000), Fast and accurate computation of binomial probabilities.
double stirling_error(double x);

}  // namespace glmpp

#endif
