#include "gamma_function.h"

#include <cmath>

namespace glmpp {

namespace {

// From here on the asymptotic series are exact to rounding.
constexpr double far = 12.0;

// Of log Gamma(x + 1) beyond Stirling's formula.
double stirling_series(double x) {
  const double t = 1.0 / (x * x);
  return (1.0 / 12 - t * (1.0 / 360 - t * (1.0 / 1260 - t * (1.0 / 1680 - t * (1.0 / 1188))))) / x;
}

}  // namespace

double log_gamma(double x) {
  double product = 1.0;
  for (; x < far; x += 1.0) product *= x;
  return (x - 0.5) * std::log(x) - x + half_log_two_pi + stirling_series(x) - std::log(product);
}

double digamma(double x) {
  double shift = 0.0;
  for (; x < far; x += 1.0) shift += 1.0 / x;
  const double t = 1.0 / (x * x);
  const double series =
      t *
      (1.0 / 12 -
       t * (1.0 / 120 - t * (1.0 / 252 - t * (1.0 / 240 - t * (1.0 / 132 - t * 691.0 / 32760)))));
  return std::log(x) - 0.5 / x - series - shift;
}

double trigamma(double x) {
  double shift = 0.0;
  for (; x < far; x += 1.0) shift += 1.0 / (x * x);
  const double t = 1.0 / (x * x);
  const double series =
      1.0 / 6 -
      t * (1.0 / 30 - t * (1.0 / 42 - t * (1.0 / 30 - t * (5.0 / 66 - t * 691.0 / 2730))));
  return 1.0 / x + 0.5 * t + t / x * series + shift;
}

double stirling_error(double x) {
  if (x < 15.0) return log_gamma(x + 1.0) - (x + 0.5) * std::log(x) + x - half_log_two_pi;
  return stirling_series(x);
}

}  // namespace glmpp
