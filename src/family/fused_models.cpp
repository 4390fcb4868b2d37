#include "fused_models.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "composed_model.h"
#include "negative_binomial.h"
#include "row_kernel.h"
#include "tweedie.h"
#include "variance.h"
#include "vector_math.h"

namespace glmpp {

namespace {

constexpr double smallest = std::numeric_limits<double>::min();

/// Starts and null deviances are those of the composed pair; the evaluation is overridden.
template <class Variance>
class FusedModel : public ComposedModel<Variance> {
 public:
  explicit FusedModel(const ModelName& name, bool constant_weights)
      : ComposedModel<Variance>(Variance(), make_link(name.link, name.power), constant_weights) {}
};

// log(y / mu), of 1 / mu at y = 0. Returns NaN when some mean or predictor is not finite, else 0.
double fill_log_ratio(const Rows& rows, double* mean, double* log_ratio) {
  KernelSums sums = ratio_rows(rows, mean, log_ratio);
  for (std::size_t i = sums.done; i < rows.count; ++i) {
    mean[i] = std::max(mean[i], smallest);
    log_ratio[i] = (rows.y[i] > 0.0 ? rows.y[i] : 1.0) / mean[i];
    sums.finite += mean[i] * 0.0 + rows.eta[i] * 0.0;
  }
  log_each(log_ratio, rows.count, log_ratio);
  return sums.finite;
}

class GaussianIdentity : public FusedModel<ConstantVariance> {
 public:
  using FusedModel::FusedModel;
  bool is_quadratic() const override { return true; }
  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    KernelSums sums = gaussian_identity_rows(rows, out);
    for (std::size_t i = sums.done; i < rows.count; ++i) {
      const double difference = rows.y[i] - rows.eta[i], prior = rows.prior_weights[i];
      out.mean[i] = rows.eta[i];
      out.working_weight[i] = prior;
      out.residual[i] = prior * difference;
      out.working_residual[i] = difference;
      sums.deviance += prior * difference * difference;
      sums.finite += rows.eta[i] * 0.0;
    }
    return {sums.deviance, sums.finite == 0.0};
  }
};

class BinomialLogit : public FusedModel<BinomialVariance> {
 public:
  using FusedModel::FusedModel;
  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    double* complement = out.residual;
    double* negative_log_mean = out.working_residual;
    logistic_each(rows.eta, rows.count, out.mean, complement, negative_log_mean);
    const BinomialVariance variance;
    KernelSums sums;
    if (is_bernoulli(rows)) sums = bernoulli_logit_rows(rows, out);
    for (std::size_t i = sums.done; i < rows.count; ++i) {
      const double mu = std::max(out.mean[i], smallest), nu = std::max(complement[i], smallest);
      const double prior = rows.prior_weights[i], y = rows.y[i];
      const double difference = variance.difference(y, mu, nu);
      double unit = negative_log_mean[i] + (1.0 - y) * rows.eta[i];
      if (y > 0.0 && y < 1.0) unit = 0.5 * variance.unit_deviance(y, mu, nu);
      sums.deviance += 2.0 * prior * unit;
      out.mean[i] = variance.reported(mu);
      out.working_weight[i] = prior * mu * nu;
      out.residual[i] = prior * difference;
      out.working_residual[i] = difference / (mu * nu);
      sums.finite += rows.eta[i] * 0.0;
    }
    return {sums.deviance, sums.finite == 0.0};
  }

 private:
  static bool is_bernoulli(const Rows& rows) {
    double between[4] = {0.0, 0.0, 0.0, 0.0};
    std::size_t i = 0;
    for (; i + 4 <= rows.count; i += 4)
      for (std::size_t k = 0; k < 4; ++k) between[k] += rows.y[i + k] * (1.0 - rows.y[i + k]);
    for (; i < rows.count; ++i) between[0] += rows.y[i] * (1.0 - rows.y[i]);
    return between[0] + between[1] + between[2] + between[3] == 0.0;
  }
};

class PoissonLog : public FusedModel<PoissonVariance> {
 public:
  using FusedModel::FusedModel;
  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    exp_each(rows.eta, rows.count, out.mean);
    double* log_ratio = out.working_residual;
    const double finite = fill_log_ratio(rows, out.mean, log_ratio);
    KernelSums sums = poisson_log_rows(rows, out);
    for (std::size_t i = sums.done; i < rows.count; ++i) {
      const double mu = out.mean[i], prior = rows.prior_weights[i], y = rows.y[i];
      const double difference = y - mu;
      sums.deviance += 2.0 * prior * (y * log_ratio[i] - difference);
      out.working_weight[i] = prior * mu;
      out.residual[i] = prior * difference;
      out.working_residual[i] = difference / mu;
    }
    return {sums.deviance, finite == 0.0};
  }
};

class GammaLog : public FusedModel<GammaVariance> {
 public:
  using FusedModel::FusedModel;
  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    exp_each(rows.eta, rows.count, out.mean);
    double* log_ratio = out.residual;
    const double finite = fill_log_ratio(rows, out.mean, log_ratio);
    KernelSums sums = gamma_log_rows(rows, out);
    for (std::size_t i = sums.done; i < rows.count; ++i) {
      const double mu = out.mean[i], prior = rows.prior_weights[i];
      const double relative = (rows.y[i] - mu) / mu;
      sums.deviance += 2.0 * prior * (relative - log_ratio[i]);
      out.working_weight[i] = prior;
      out.residual[i] = prior * relative;
      out.working_residual[i] = relative;
    }
    return {sums.deviance, finite == 0.0};
  }
};

class NegativeBinomialLog : public NegativeBinomialModel {
 public:
  explicit NegativeBinomialLog(const ModelName& name)
      : NegativeBinomialModel(name.theta, make_link(name.link, name.power)) {}
  void log_means(const Rows& rows, const double*, double* out) const override {
    std::copy_n(rows.eta, rows.count, out);
  }
  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    const double theta = parameter();
    exp_each(rows.eta, rows.count, out.mean);
    double* log_ratio = out.residual;
    const double finite = fill_log_ratio(rows, out.mean, log_ratio);
    double* log_total = out.working_residual;  // of (y + theta) / (mu + theta)
    for (std::size_t i = 0; i < rows.count; ++i)
      log_total[i] = (rows.y[i] - out.mean[i]) / (out.mean[i] + theta);
    log1p_each(log_total, rows.count, log_total);
    double deviance = 0.0;
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double mu = out.mean[i], prior = rows.prior_weights[i], y = rows.y[i];
      const double difference = y - mu, leverage = prior * (theta / (theta + mu));
      deviance += 2.0 * prior * (y * log_ratio[i] - (y + theta) * log_total[i]);
      out.working_weight[i] = leverage * mu;
      out.residual[i] = leverage * difference;
      out.working_residual[i] = difference / mu;
    }
    return {deviance, finite == 0.0};
  }
};

class PowerLog : public TweedieModel {
 public:
  explicit PowerLog(const ModelName& name)
      : TweedieModel(name.theta, name.dispersion, make_link(name.link, name.power)),
        q_(2.0 - name.theta) {}
  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    exp_each(rows.eta, rows.count, out.mean);
    double* excess = out.residual;  // (y / mu)^q - 1
    const double finite = fill_log_ratio(rows, out.mean, excess);
    double* power = out.working_residual;  // mu^q
    for (std::size_t i = 0; i < rows.count; ++i) {
      excess[i] *= q_;
      power[i] = q_ * rows.eta[i];
    }
    expm1_each(excess, rows.count, excess);
    exp_each(power, rows.count, power);
    double deviance = 0.0;
    const double positive = 2.0 / (q_ * (q_ - 1.0)), zero = 2.0 / q_, negative = 2.0 / (q_ - 1.0);
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double mu = out.mean[i], prior = rows.prior_weights[i], y = rows.y[i];
      const double relative = (y - mu) / mu, leverage = prior * power[i];
      const double unit =
          y > 0.0 ? positive * (excess[i] - q_ * relative) : zero - negative * (y / mu);
      if (prior > 0.0) deviance += leverage * unit;
      out.working_weight[i] = leverage;
      out.residual[i] = leverage * relative;
      out.working_residual[i] = relative;
    }
    return {deviance, finite == 0.0 && std::isfinite(deviance)};
  }

 private:
  double q_;
};

}  // namespace

std::unique_ptr<RowModel> make_fused_model(const ModelName& name) {
  if (name.variance == "constant" && name.link == "identity")
    return std::make_unique<GaussianIdentity>(name, true);
  if (name.variance == "mu(1-mu)" && name.link == "logit")
    return std::make_unique<BinomialLogit>(name, false);
  if (name.variance == "mu" && name.link == "log") return std::make_unique<PoissonLog>(name, false);
  if (name.variance == "mu^2" && name.link == "log") return std::make_unique<GammaLog>(name, true);
  if (name.variance == "mu+mu^2/theta" && name.link == "log")
    return std::make_unique<NegativeBinomialLog>(name);
  if (name.variance == "mu^p" && name.link == "log") return std::make_unique<PowerLog>(name);
  return nullptr;
}

}  // namespace glmpp
