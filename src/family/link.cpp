#include "link.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "named_list.h"
#include "vector_math.h"

namespace glmpp {

namespace {

constexpr double pi = 3.141592653589793238462643383280;
constexpr double smallest = std::numeric_limits<double>::min();

void set_complements(std::size_t count, const LinkValues& out) {
  for (std::size_t i = 0; i < count; ++i) out.complement[i] = 1.0 - out.mean[i];
}

bool all_finite(const double* values, std::size_t count) {
  double sum = 0.0;
  for (std::size_t i = 0; i < count; ++i) sum += values[i] * 0.0;
  return sum == 0.0;
}

bool all_positive(const double* values, std::size_t count) {
  bool positive = true;
  for (std::size_t i = 0; i < count; ++i) positive &= values[i] > 0.0;
  return positive && all_finite(values, count);
}

PredictorRange range_between(const Link& link, double least_mean, double most_mean) {
  const double ends[2] = {least_mean, most_mean};
  double eta[2];
  link.forward(ends, 2, eta);
  return {std::min(eta[0], eta[1]), std::max(eta[0], eta[1])};
}

class Identity : public Link {
 public:
  void forward(const double* mean, std::size_t count, double* eta) const override {
    std::copy_n(mean, count, eta);
  }
  bool inverse(const double* eta, std::size_t count, const LinkValues& out) const override {
    std::copy_n(eta, count, out.mean);
    std::fill_n(out.derivative, count, 1.0);
    set_complements(count, out);
    return all_finite(eta, count);
  }
  void second_derivative(const double*, std::size_t count, const LinkValues&,
                         double* out) const override {
    for (std::size_t i = 0; i < count; ++i) out[i] = 0.0;
  }
  PredictorRange range(double least_mean, double most_mean) const override {
    return range_between(*this, least_mean, most_mean);
  }
};

class Log : public Link {
 public:
  void forward(const double* mean, std::size_t count, double* eta) const override {
    log_each(mean, count, eta);
  }
  bool inverse(const double* eta, std::size_t count, const LinkValues& out) const override {
    expm1_each(eta, count, out.complement);
    exp_each(eta, count, out.mean);
    for (std::size_t i = 0; i < count; ++i) {
      out.complement[i] = -out.complement[i];
      out.mean[i] = std::max(out.mean[i], smallest);
      out.derivative[i] = out.mean[i];
    }
    return all_finite(out.mean, count) && all_finite(eta, count);
  }
  void second_derivative(const double*, std::size_t count, const LinkValues& at,
                         double* out) const override {
    for (std::size_t i = 0; i < count; ++i) out[i] = at.derivative[i];
  }
  PredictorRange range(double least_mean, double most_mean) const override {
    return {std::log(std::max(least_mean, 0.0)), std::log(most_mean)};
  }
};

class Logit : public Link {
 public:
  void forward(const double* mean, std::size_t count, double* eta) const override {
    for (std::size_t i = 0; i < count; ++i) eta[i] = mean[i] / (1.0 - mean[i]);
    log_each(eta, count, eta);
  }
  bool inverse(const double* eta, std::size_t count, const LinkValues& out) const override {
    logistic_each(eta, count, out.mean, out.complement, out.derivative);
    for (std::size_t i = 0; i < count; ++i) {
      out.mean[i] = std::max(out.mean[i], smallest);
      out.complement[i] = std::max(out.complement[i], smallest);
      out.derivative[i] = out.mean[i] * out.complement[i];
    }
    return all_finite(eta, count);
  }
  void second_derivative(const double*, std::size_t count, const LinkValues& at,
                         double* out) const override {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = at.derivative[i] * (at.complement[i] - at.mean[i]);
  }
};

class Probit : public Link {
 public:
  void forward(const double* mean, std::size_t count, double* eta) const override {
    for (std::size_t i = 0; i < count; ++i) eta[i] = quantile(mean[i]);
  }
  bool inverse(const double* eta, std::size_t count, const LinkValues& out) const override {
    for (std::size_t i = 0; i < count; ++i) {
      // Beyond this the normal density leaves the range of doubles.
      const double x = std::min(std::max(eta[i], -37.5), 37.5);
      out.mean[i] = 0.5 * std::erfc(-x * std::sqrt(0.5));
      out.complement[i] = 0.5 * std::erfc(x * std::sqrt(0.5));
      out.derivative[i] = density(x);
    }
    return all_finite(eta, count);
  }
  void second_derivative(const double* eta, std::size_t count, const LinkValues& at,
                         double* out) const override {
    for (std::size_t i = 0; i < count; ++i) out[i] = -eta[i] * at.derivative[i];
  }

 private:
  static double density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2.0 * pi); }

  // Newton's method on log Phi, which is concave, so that it converges from 0 for every tail.
  static double quantile(double p) {
    const bool upper = p > 0.5;
    const double tail = upper ? 1.0 - p : p;
    double x = 0.0;
    for (int step = 0; step < 60; ++step) {
      const double cumulative = 0.5 * std::erfc(-x * std::sqrt(0.5));
      const double change = (std::log(cumulative) - std::log(tail)) * cumulative / density(x);
      x -= change;
      if (std::fabs(change) <= 1e-14 * (1.0 + std::fabs(x))) break;
    }
    return upper ? -x : x;
  }
};

class Cloglog : public Link {
 public:
  void forward(const double* mean, std::size_t count, double* eta) const override {
    for (std::size_t i = 0; i < count; ++i) eta[i] = std::log(-std::log1p(-mean[i]));
  }
  bool inverse(const double* eta, std::size_t count, const LinkValues& out) const override {
    for (std::size_t i = 0; i < count; ++i) {
      // exp(6.5) = 665: the complement stays a normal double.
      const double x = std::min(std::max(eta[i], -700.0), 6.5);
      const double hazard = std::exp(x);
      out.mean[i] = -std::expm1(-hazard);
      out.complement[i] = std::exp(-hazard);
      out.derivative[i] = hazard * out.complement[i];
    }
    return all_finite(eta, count);
  }
  void second_derivative(const double* eta, std::size_t count, const LinkValues& at,
                         double* out) const override {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = at.derivative[i] * (1.0 - std::exp(std::min(eta[i], 6.5)));
  }
};

class Cauchit : public Link {
 public:
  void forward(const double* mean, std::size_t count, double* eta) const override {
    for (std::size_t i = 0; i < count; ++i) eta[i] = std::tan(pi * (mean[i] - 0.5));
  }
  bool inverse(const double* eta, std::size_t count, const LinkValues& out) const override {
    for (std::size_t i = 0; i < count; ++i) {
      out.mean[i] = lower_tail(eta[i]);
      out.complement[i] = lower_tail(-eta[i]);
      out.derivative[i] = 1.0 / (pi * (1.0 + eta[i] * eta[i]));
    }
    return all_finite(eta, count);
  }
  void second_derivative(const double* eta, std::size_t count, const LinkValues& at,
                         double* out) const override {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = -2.0 * eta[i] * at.derivative[i] / (1.0 + eta[i] * eta[i]);
  }

 private:
  static double lower_tail(double x) {
    return x < -1.0 ? std::atan(-1.0 / x) / pi : 0.5 + std::atan(x) / pi;
  }
};

class Inverse : public Link {
 public:
  void forward(const double* mean, std::size_t count, double* eta) const override {
    for (std::size_t i = 0; i < count; ++i) eta[i] = 1.0 / mean[i];
  }
  bool inverse(const double* eta, std::size_t count, const LinkValues& out) const override {
    for (std::size_t i = 0; i < count; ++i) {
      out.mean[i] = 1.0 / eta[i];
      out.derivative[i] = -out.mean[i] * out.mean[i];
    }
    set_complements(count, out);
    return all_finite(out.derivative, count) && all_finite(eta, count);
  }
  void second_derivative(const double*, std::size_t count, const LinkValues& at,
                         double* out) const override {
    for (std::size_t i = 0; i < count; ++i) out[i] = 2.0 * at.mean[i] * at.mean[i] * at.mean[i];
  }
  PredictorRange range(double least_mean, double most_mean) const override {
    if (least_mean < 0.0) return {};
    return range_between(*this, least_mean, most_mean);
  }
};

class Sqrt : public Link {
 public:
  void forward(const double* mean, std::size_t count, double* eta) const override {
    for (std::size_t i = 0; i < count; ++i) eta[i] = std::sqrt(mean[i]);
  }
  bool inverse(const double* eta, std::size_t count, const LinkValues& out) const override {
    for (std::size_t i = 0; i < count; ++i) {
      out.mean[i] = eta[i] * eta[i];
      out.derivative[i] = 2.0 * eta[i];
    }
    set_complements(count, out);
    return all_positive(eta, count);
  }
  void second_derivative(const double*, std::size_t count, const LinkValues&,
                         double* out) const override {
    for (std::size_t i = 0; i < count; ++i) out[i] = 2.0;
  }
  PredictorRange range(double least_mean, double most_mean) const override {
    return range_between(*this, std::max(least_mean, 0.0), most_mean);
  }
};

class InverseSquare : public Link {
 public:
  void forward(const double* mean, std::size_t count, double* eta) const override {
    for (std::size_t i = 0; i < count; ++i) eta[i] = 1.0 / (mean[i] * mean[i]);
  }
  bool inverse(const double* eta, std::size_t count, const LinkValues& out) const override {
    for (std::size_t i = 0; i < count; ++i) {
      out.mean[i] = 1.0 / std::sqrt(eta[i]);
      out.derivative[i] = -0.5 * out.mean[i] / eta[i];
    }
    set_complements(count, out);
    return all_positive(eta, count);
  }
  void second_derivative(const double* eta, std::size_t count, const LinkValues& at,
                         double* out) const override {
    for (std::size_t i = 0; i < count; ++i) out[i] = 0.75 * at.mean[i] / (eta[i] * eta[i]);
  }
  PredictorRange range(double least_mean, double most_mean) const override {
    return range_between(*this, std::max(least_mean, 0.0), most_mean);
  }
};

class Power : public Link {
 public:
  explicit Power(double power) : power_(power) {}
  void forward(const double* mean, std::size_t count, double* eta) const override {
    for (std::size_t i = 0; i < count; ++i) eta[i] = std::pow(mean[i], power_);
  }
  bool inverse(const double* eta, std::size_t count, const LinkValues& out) const override {
    for (std::size_t i = 0; i < count; ++i) {
      out.mean[i] = std::max(std::pow(eta[i], 1.0 / power_), smallest);
      out.derivative[i] = out.mean[i] / (power_ * eta[i]);
    }
    set_complements(count, out);
    return all_positive(eta, count) && all_finite(out.mean, count);
  }
  void second_derivative(const double* eta, std::size_t count, const LinkValues& at,
                         double* out) const override {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = at.derivative[i] * (1.0 / power_ - 1.0) / eta[i];
  }
  PredictorRange range(double least_mean, double most_mean) const override {
    return range_between(*this, std::max(least_mean, 0.0), most_mean);
  }

 private:
  double power_;
};

using LinkMaker = std::unique_ptr<Link> (*)(double power);

template <class L>
std::unique_ptr<Link> make_plain(double) {
  return std::make_unique<L>();
}

std::unique_ptr<Link> make_power(double power) { return std::make_unique<Power>(power); }

const NamedList<LinkMaker> links = {
    {"identity", make_plain<Identity>},    {"log", make_plain<Log>},
    {"logit", make_plain<Logit>},          {"probit", make_plain<Probit>},
    {"cloglog", make_plain<Cloglog>},      {"cauchit", make_plain<Cauchit>},
    {"inverse", make_plain<Inverse>},      {"sqrt", make_plain<Sqrt>},
    {"1/mu^2", make_plain<InverseSquare>}, {"power", make_power}};

}  // namespace

std::unique_ptr<Link> make_link(const std::string& name, double power) {
  return find_named(links, name, "link")(power);
}

std::vector<std::string> known_links() { return names_of(links); }

}  // namespace glmpp
