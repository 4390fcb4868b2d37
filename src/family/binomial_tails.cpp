#include "binomial_tails.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "composed_model.h"
#include "variance.h"

namespace glmpp {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double smallest = std::numeric_limits<double>::min();

struct Tails {
  double mean;
  double log_mean;
  double log_complement;
  double mean_slope;        ///< d log(mu) / d eta
  double complement_slope;  ///< -d log(1 - mu) / d eta
};

struct ProbitTails {
  static Tails at(double eta) {
    const double x = std::fabs(eta);
    const double likely = 0.5 * std::erfc(-x * std::sqrt(0.5));
    const double density = std::exp(-0.5 * x * x) / std::sqrt(2.0 * pi);
    double log_rare, rare_slope;
    if (x < 37.0) {
      const double rare = 0.5 * std::erfc(x * std::sqrt(0.5));
      log_rare = std::log(rare);
      rare_slope = density / rare;
    } else {
      // Mills' ratio: the fifth term is below 1e-14 here.
      const double s = 1.0 / (x * x);
      const double ratio = 1.0 - s * (1.0 - s * (3.0 - s * (15.0 - 105.0 * s)));
      log_rare = -0.5 * x * x - std::log(x * std::sqrt(2.0 * pi)) + std::log(ratio);
      rare_slope = x / ratio;
    }
    const double log_likely = std::log(likely), likely_slope = density / likely;
    if (eta < 0.0) return {std::exp(log_rare), log_rare, log_likely, rare_slope, likely_slope};
    return {likely, log_likely, log_rare, likely_slope, rare_slope};
  }

 private:
  static constexpr double pi = 3.141592653589793238462643383280;
};

struct CloglogTails {
  static Tails at(double eta) {
    const double hazard = std::exp(eta);
    const double mean = std::max(-std::expm1(-hazard), smallest);
    return {mean, std::log(mean), -hazard, hazard * std::exp(-hazard) / mean, hazard};
  }
};

// y log(y / mu), without a division where mu is not a normal number.
double tailed_entropy(double y, double mu, double log_mu) {
  if (y <= 0.0) return 0.0;
  return mu > smallest ? relative_entropy(y, mu) : y * (std::log(y) - log_mu);
}

template <class Link>
class TailedBinomial : public ComposedModel<BinomialVariance> {
 public:
  using ComposedModel::ComposedModel;

  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    RowSums sums;
    for (std::size_t i = 0; i < rows.count; ++i) {
      const Tails tails = Link::at(rows.eta[i]);
      const double prior = rows.prior_weights[i], success = rows.y[i], failure = 1.0 - success;
      const double complement = std::exp(tails.log_complement);
      sums.valid &= std::isfinite(rows.eta[i]) && std::isfinite(tails.log_complement);
      sums.deviance += 2.0 * prior *
                       (tailed_entropy(success, tails.mean, tails.log_mean) +
                        tailed_entropy(failure, complement, tails.log_complement));
      out.mean[i] = BinomialVariance().reported(tails.mean);
      out.working_weight[i] = prior * tails.mean_slope * tails.complement_slope;
      out.residual[i] = prior * (success * tails.mean_slope - failure * tails.complement_slope);
      // As R's links have it: no slope below the machine epsilon.
      const double slope = std::max(tails.mean * tails.mean_slope, epsilon);
      out.working_residual[i] = (success - out.mean[i]) / slope;
      if (slope > epsilon)
        out.working_residual[i] = success / tails.complement_slope - failure / tails.mean_slope;
    }
    return sums;
  }
};

}  // namespace

std::unique_ptr<RowModel> make_tailed_binomial(const ModelName& name) {
  if (name.variance != "mu(1-mu)") return nullptr;
  auto link = make_link(name.link, name.power);
  if (name.link == "probit")
    return std::make_unique<TailedBinomial<ProbitTails>>(BinomialVariance(), std::move(link),
                                                         false);
  if (name.link == "cloglog")
    return std::make_unique<TailedBinomial<CloglogTails>>(BinomialVariance(), std::move(link),
                                                          false);
  return nullptr;
}

}  // namespace glmpp
