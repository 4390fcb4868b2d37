#include "zero_truncated.h"

#include <algorithm>
#include <cmath>

#include "link.h"
#include "vector_math.h"

namespace glmpp {

namespace {

constexpr std::size_t tabled = 1024;

// exp(x) - 1 - x, without cancellation.
double exp_excess(double x) {
  if (!(std::fabs(x) <= 0.5)) return std::expm1(x) - x;
  double term = 0.5 * x * x, sum = term;
  for (int k = 3;; ++k) {
    term *= x / k;
    const double next = sum + term;
    if (next == sum) return sum;
    sum = next;
  }
}

// t - log(1 + t) and log(1 + t) - t / (1 + t) for t >= 0, without cancellation.
struct LogExcess {
  double over, under;
};
LogExcess log_excess(double t) {
  const double square = t * t / (2.0 + t);
  double rest = 0.0;  // log(1 + t) - 2 t / (2 + t)
  if (!(t <= 0.5)) {
    rest = std::log1p(t) - 2.0 * t / (2.0 + t);
  } else {
    const double v = t / (2.0 + t);
    double power = 2.0 * v;
    for (int k = 3;; k += 2) {
      power *= v * v;
      const double next = rest + power / k;
      if (next == rest) break;
      rest = next;
    }
  }
  return {square - rest, square / (1.0 + t) + rest};
}

}  // namespace

// -log P(0).
double ZeroTruncatedCount::hazard(double mu) const {
  return is_poisson() ? mu : theta_ * std::log1p(mu / theta_);
}

ZeroTruncatedCount::Values ZeroTruncatedCount::at(double mu) const {
  const double h = hazard(mu), absent = std::exp(-h), present = -std::expm1(-h);
  const double t = is_poisson() ? 0.0 : mu / theta_;
  // mu - h, and h - mu / (1 + t)
  const LogExcess excess = is_poisson() ? LogExcess{0.0, 0.0} : log_excess(t);
  const double over = is_poisson() ? 0.0 : theta_ * excess.over;
  const double under = is_poisson() ? 0.0 : theta_ * excess.under;
  Values values;
  values.damping = 1.0 / (1.0 + t);
  values.present = present;
  values.excess = (over + exp_excess(-h)) / present;
  values.growth = h < 1.0 ? (exp_excess(h) + under) * absent / present
                          : 1.0 - values.mean() * values.damping * absent;
  return values;
}

// log(mean) is convex in log(mu), and mu is less than the mean: from there Newton's steps fall towards the root.
double ZeroTruncatedCount::untruncated(double mean) const {
  if (std::isnan(mean)) return mean;
  if (mean <= 1.0) return 0.0;
  constexpr int most = 200;
  double mu = mean;
  for (int round = 0; round < most; ++round) {
    const Values values = at(mu);
    // log(mean of mu) - log(mean)
    const double step = std::log1p((values.excess - (mean - 1.0)) / mean) / values.growth;
    if (!std::isfinite(step)) break;
    mu *= std::exp(-step);
    if (std::fabs(step) < 1e-15) break;
  }
  return mu;
}

ZeroTruncatedCount::Saturated ZeroTruncatedCount::saturated(double y) const {
  const double mu = untruncated(y);
  return {mu, mu > 0.0 ? std::log(at(mu).present) : 0.0};
}

double ZeroTruncatedCount::unit_deviance(double y, const Saturated& top, double mu,
                                         const Values& at) const {
  if (top.mu == 0.0) {
    const double rest = is_poisson() ? 0.0 : std::log1p(mu / theta_);
    return 2.0 * (hazard(mu) + rest - std::log1p(at.excess));
  }
  const double rise =
      is_poisson() ? top.mu - mu : (y + theta_) * std::log1p((top.mu - mu) / (theta_ + mu));
  return 2.0 * (y * std::log(top.mu / mu) - rise - (top.log_present - std::log(at.present)));
}

ZeroTruncatedModel::ZeroTruncatedModel(double theta)
    : count_(theta), whole_(count_.is_poisson() ? 1.0 : theta, make_link("log", 1.0)) {}

void ZeroTruncatedModel::fill_table() const {
  std::call_once(filled_, [this] {
    table_.resize(tabled);
    for (std::size_t k = 0; k < tabled; ++k) table_[k] = count_.saturated(static_cast<double>(k));
  });
}

// The table is there.
ZeroTruncatedCount::Saturated ZeroTruncatedModel::saturated(double y) const {
  const bool is_tabled = y >= 0.0 && y < static_cast<double>(tabled) && y == std::floor(y);
  return is_tabled ? table_[static_cast<std::size_t>(y)] : count_.saturated(y);
}

RowSums ZeroTruncatedModel::evaluate(const Rows& rows, WorkingRows& out) const {
  fill_table();
  RowSums sums;
  exp_each(rows.eta, rows.count, out.mean);
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double mu = out.mean[i], prior = rows.prior_weights[i], y = rows.y[i];
    sums.valid &= mu > 0.0 && std::isfinite(mu);
    const ZeroTruncatedCount::Values at = count_.at(mu);
    const double difference = (y - 1.0) - at.excess, leverage = prior * at.damping;
    if (prior > 0.0) sums.deviance += prior * count_.unit_deviance(y, saturated(y), mu, at);
    out.mean[i] = at.mean();
    out.working_weight[i] = leverage * at.slope();
    out.residual[i] = prior > 0.0 ? leverage * difference : 0.0;
    out.working_residual[i] = difference / at.slope();
  }
  return sums;
}

void ZeroTruncatedModel::start(const Rows& rows, double* eta) const {
  for (std::size_t i = 0; i < rows.count; ++i) eta[i] = std::log(std::max(rows.y[i] - 0.5, 0.5));
}

double ZeroTruncatedModel::deviance_at(const Rows& rows, double mean) const {
  fill_table();
  constexpr double least = 1e-300;
  const double mu = std::max(count_.untruncated(mean), least);
  const ZeroTruncatedCount::Values at = count_.at(mu);
  double deviance = 0.0;
  for (std::size_t i = 0; i < rows.count; ++i)
    if (rows.prior_weights[i] > 0.0)
      deviance +=
          rows.prior_weights[i] * count_.unit_deviance(rows.y[i], saturated(rows.y[i]), mu, at);
  return deviance;
}

// The residual is p (y - mean) damping, and d damping / d log(mu) is -damping (1 - damping).
void ZeroTruncatedModel::observed_weights(const Rows& rows, double* weight) const {
  exp_each(rows.eta, rows.count, weight);
  for (std::size_t i = 0; i < rows.count; ++i) {
    const ZeroTruncatedCount::Values at = count_.at(weight[i]);
    const double prior = rows.prior_weights[i], difference = (rows.y[i] - 1.0) - at.excess;
    weight[i] =
        prior > 0.0 ? prior * at.damping * (at.slope() + difference * (1.0 - at.damping)) : 0.0;
  }
}

// Those of all counts, and of -log(1 - exp(-h)) with h = theta log(1 + mu / theta).
void ZeroTruncatedModel::add_parameter_sums(const Rows& rows, const double*,
                                            ParameterSums& sums) const {
  std::vector<double> mean(rows.count);
  exp_each(rows.eta, rows.count, mean.data());
  whole_.add_parameter_sums(rows, mean.data(), sums);
  const double theta = count_.theta();
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double prior = rows.prior_weights[i], t = mean[i] / theta;
    if (!(prior > 0.0)) continue;
    const double h = theta * std::log1p(t), odds = std::expm1(h);
    const double first = log_excess(t).under, share = t / (1.0 + t);
    const double second = -share * share / theta;
    sums.log_likelihood -= prior * std::log(-std::expm1(-h));
    sums.score -= prior * first / odds;
    sums.information += prior * (second - first * first / -std::expm1(-h)) / odds;
  }
}

}  // namespace glmpp
