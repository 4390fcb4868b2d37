#include "tweedie.h"

#include <cmath>
#include <initializer_list>
#include <limits>

#include "gamma_function.h"

namespace glmpp {

namespace {

// x log(x / m) - x + m, by its series where x and m are close; Loader (2000).
double poisson_deviance(double x, double m) {
  const double difference = x - m;
  if (!(std::fabs(difference) < 0.1 * (x + m))) return x * std::log(x / m) - difference;
  const double v = difference / (x + m), square = v * v;
  double sum = difference * v, power = 2.0 * x * v;
  for (int k = 3;; k += 2) {
    power *= square;
    const double next = sum + power / k;
    if (next == sum) return sum;
    sum = next;
  }
}

// log(m^x e^-m / Gamma(x + 1)), x > 0.
double log_poisson(double x, double m) {
  return -stirling_error(x) - poisson_deviance(x, m) - half_log_two_pi - 0.5 * std::log(x);
}

// log of a term of the series, of `count` gamma variables.
struct Series {
  double y, rate, shape, scaled;  ///< scaled: y over the scale of the gamma variables
  double term(double count) const {
    const double a = count * shape;
    return log_poisson(count, rate) + log_poisson(a, scaled) + std::log(a / y);
  }
};

constexpr double negligible = 45.0;

// Moments of the count under the terms, whose logs are given less the largest.
struct Moments {
  double total = 0.0, first = 0.0, second = 0.0;
  void add(double rest, double step) {
    const double share = std::exp(rest);
    total += share;
    first += share * step;
    second += share * step * step;
  }
};

}  // namespace

TweedieTerms tweedie_terms(double y, double mu, double dispersion, double power) {
  const double q = 2.0 - power, scale = std::pow(mu, q) / dispersion;
  if (y < 0.0) return {-std::numeric_limits<double>::infinity(), 0.0, 0.0};
  if (y == 0.0) return {-scale / q, scale / q, scale / q};
  const double canonical = scale * (y / mu / (1.0 - power) - 1.0 / q);
  const Series series = {y, scale / q, q / (power - 1.0), y / mu * scale / (power - 1.0)};
  // The largest term is near there (Dunn and Smyth 2005).
  const double middle = std::fmax(1.0, std::round(std::pow(y, q) / (dispersion * q)));
  const double largest = series.term(middle);
  Moments moments;
  moments.add(0.0, 0.0);
  for (const double towards : {1.0, -1.0}) {
    for (double step = towards; middle + step >= 1.0; step += towards) {
      const double rest = series.term(middle + step) - largest;
      moments.add(rest, step);
      if (!(rest > -negligible)) break;
    }
  }
  const double shift = moments.first / moments.total;
  const double spread = moments.second / moments.total - shift * shift;
  const double each = 1.0 / (power - 1.0);  // 1 + shape: a term has dispersion^(-count (1 + shape))
  return {largest + std::log(moments.total), -each * (middle + shift) - canonical,
          -each * each * spread - canonical};
}

void TweedieModel::add_parameter_sums(const Rows& rows, const double* mean,
                                      ParameterSums& sums) const {
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double prior = rows.prior_weights[i];
    if (!(prior > 0.0)) continue;
    const TweedieTerms terms = tweedie_terms(rows.y[i], mean[i], dispersion_ / prior, power_);
    sums.log_likelihood += terms.log_density;
    sums.score += terms.score;
    sums.information += terms.information;
  }
}

}  // namespace glmpp
