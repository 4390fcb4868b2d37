#ifndef GLMPP_FAMILY_VARIANCE_H
#define GLMPP_FAMILY_VARIANCE_H

#include <cmath>
#include <limits>

namespace glmpp {

// A variance function with what belongs to it. Each has: value V(mu); difference y - mu; the unit
// deviance; whether mu is valid; the family's starting mean; the mean as it is reported. The
// derivative V'(mu), and the ends of the means it allows, are read by fallbacks only. The
// complement 1 - mu is passed along because binomial rows need it without cancellation.

/// y log(y / mu), 0 at y = 0.
inline double relative_entropy(double y, double mu) { return y > 0.0 ? y * std::log(y / mu) : 0.0; }

constexpr double infinity = std::numeric_limits<double>::infinity();

struct ConstantVariance {
  static constexpr double least_mean = -infinity, most_mean = infinity;
  double derivative(double, double) const { return 0.0; }
  double value(double, double) const { return 1.0; }
  double difference(double y, double mu, double) const { return y - mu; }
  double unit_deviance(double y, double mu, double) const { return (y - mu) * (y - mu); }
  bool is_valid(double mu, double) const { return std::isfinite(mu); }
  double start(double y, double) const { return y; }
  double reported(double mu) const { return mu; }
};

struct BinomialVariance {
  static constexpr double least_mean = 0.0, most_mean = 1.0;
  double derivative(double mu, double complement) const { return complement - mu; }
  double value(double mu, double complement) const { return mu * complement; }
  double difference(double y, double mu, double complement) const {
    return y * complement - (1.0 - y) * mu;
  }
  double unit_deviance(double y, double mu, double complement) const {
    return 2.0 * (relative_entropy(y, mu) + relative_entropy(1.0 - y, complement));
  }
  bool is_valid(double mu, double complement) const { return mu > 0.0 && complement > 0.0; }
  double start(double y, double weight) const { return (weight * y + 0.5) / (weight + 1.0); }
  // R's links stop here too, so that variance(mu) is never 0.
  double reported(double mu) const {
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    return std::fmin(std::fmax(mu, epsilon), 1.0 - epsilon);
  }
};

struct PositiveMean {
  static constexpr double least_mean = 0.0, most_mean = infinity;
  double difference(double y, double mu, double) const { return y - mu; }
  bool is_valid(double mu, double) const { return mu > 0.0 && std::isfinite(mu); }
  double reported(double mu) const { return mu; }
};

struct PoissonVariance : PositiveMean {
  double derivative(double, double) const { return 1.0; }
  double value(double mu, double) const { return mu; }
  double unit_deviance(double y, double mu, double) const {
    return 2.0 * (relative_entropy(y, mu) - (y - mu));
  }
  double start(double y, double) const { return y + 0.1; }
};

struct GammaVariance : PositiveMean {
  double derivative(double mu, double) const { return 2.0 * mu; }
  double value(double mu, double) const { return mu * mu; }
  double unit_deviance(double y, double mu, double) const {
    return -2.0 * (std::log((y > 0.0 ? y : 1.0) / mu) - (y - mu) / mu);
  }
  double start(double y, double) const { return y > 0.0 ? y : 0.1; }
};

struct InverseGaussianVariance : PositiveMean {
  double derivative(double mu, double) const { return 3.0 * mu * mu; }
  double value(double mu, double) const { return mu * mu * mu; }
  /// At y = 0, which quasi() allows, less what is infinite and the same for every mu.
  double unit_deviance(double y, double mu, double) const {
    return y == 0.0 ? -2.0 / mu : (y - mu) * (y - mu) / (y * mu * mu);
  }
  double start(double y, double) const { return y > 0.0 ? y : 0.1; }
};

/// mu^power, for a power that is none of 0, 1 and 2: Tweedie's. At y <= 0 the deviance is less what is the same for every mu.
struct PowerVariance : PositiveMean {
  explicit PowerVariance(double power_) : power(power_) {}
  double value(double mu, double) const { return std::pow(mu, power); }
  double derivative(double mu, double) const { return power * std::pow(mu, power - 1.0); }
  double unit_deviance(double y, double mu, double) const {
    const double q = 2.0 - power, scale = 2.0 * std::pow(mu, q);
    if (!(y > 0.0)) return scale * (1.0 / q - y / mu / (q - 1.0));
    return scale * (std::expm1(q * std::log(y / mu)) - q * ((y - mu) / mu)) / (q * (q - 1.0));
  }
  double start(double y, double) const { return y > 0.0 ? y : 0.1; }
  double power;
};

struct NegativeBinomialVariance : PositiveMean {
  explicit NegativeBinomialVariance(double theta_) : theta(theta_) {}
  double value(double mu, double) const { return mu + mu * mu / theta; }
  double derivative(double mu, double) const { return 1.0 + 2.0 * mu / theta; }
  double unit_deviance(double y, double mu, double) const {
    return 2.0 * (relative_entropy(y, mu) - (y + theta) * std::log1p((y - mu) / (mu + theta)));
  }
  double start(double y, double) const { return y > 0.0 ? y : 1.0 / 6.0; }
  double theta;
};

}  // namespace glmpp

#endif
