#ifndef GLMPP_FAMILY_COMPOSED_MODEL_H
#define GLMPP_FAMILY_COMPOSED_MODEL_H

#include <memory>
#include <utility>
#include <vector>

#include "link.h"
#include "row_model.h"

namespace glmpp {

/// Any variance function under any link: the link is one call per range, the variance inlined.
template <class Variance>
class ComposedModel : public RowModel {
 public:
  ComposedModel(Variance variance, std::unique_ptr<Link> link, bool constant_weights)
      : variance_(variance), link_(std::move(link)), constant_weights_(constant_weights) {}

  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    // The residual arrays lend their room to the link's values until they are filled.
    double* complement = out.residual;
    double* derivative = out.working_residual;
    RowSums sums;
    sums.valid = link_->inverse(rows.eta, rows.count, {out.mean, complement, derivative});
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double mu = out.mean[i], nu = complement[i], slope = derivative[i];
      const double prior = rows.prior_weights[i], y = rows.y[i];
      sums.valid &= variance_.is_valid(mu, nu);
      const double difference = variance_.difference(y, mu, nu);
      const double leverage = prior > 0.0 ? prior * slope / variance_.value(mu, nu) : 0.0;
      if (prior > 0.0) sums.deviance += prior * variance_.unit_deviance(y, mu, nu);
      out.mean[i] = variance_.reported(mu);
      out.working_weight[i] = leverage * slope;
      out.residual[i] = prior > 0.0 ? leverage * difference : 0.0;
      out.working_residual[i] = difference / slope;
    }
    return sums;
  }

  void start(const Rows& rows, double* eta) const override {
    std::vector<double> mean(rows.count);
    for (std::size_t i = 0; i < rows.count; ++i)
      mean[i] = variance_.start(rows.y[i], rows.prior_weights[i]);
    link_->forward(mean.data(), rows.count, eta);
  }

  double deviance_at(const Rows& rows, double mean) const override {
    double deviance = 0.0;
    for (std::size_t i = 0; i < rows.count; ++i)
      if (rows.prior_weights[i] > 0.0)
        deviance += rows.prior_weights[i] * variance_.unit_deviance(rows.y[i], mean, 1.0 - mean);
    return deviance;
  }

  PredictorRange valid_range() const override {
    return link_->range(Variance::least_mean, Variance::most_mean);
  }

  // With r = p (y - mu) mu' / V: -dr/deta = p mu'^2 / V - p (y - mu) (mu'' / V - mu'^2 V' / V^2).
  void observed_weights(const Rows& rows, double* weight) const override {
    std::vector<double> mean(rows.count), complement(rows.count), slope(rows.count);
    const LinkValues values{mean.data(), complement.data(), slope.data()};
    link_->inverse(rows.eta, rows.count, values);
    link_->second_derivative(rows.eta, rows.count, values, weight);
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double mu = mean[i], nu = complement[i], prior = rows.prior_weights[i];
      const double v = variance_.value(mu, nu), square = slope[i] * slope[i] / v;
      const double bend = weight[i] / v - square * variance_.derivative(mu, nu) / v;
      weight[i] =
          prior > 0.0 ? prior * (square - variance_.difference(rows.y[i], mu, nu) * bend) : 0.0;
    }
  }
  bool has_observed_weights() const override { return true; }

  // Where the slope has left the range of doubles, so has the weight of the row.
  void log_slopes(const Rows& rows, double* of_slope, double* of_variance) const override {
    std::vector<double> mean(rows.count), complement(rows.count), slope(rows.count);
    const LinkValues values{mean.data(), complement.data(), slope.data()};
    link_->inverse(rows.eta, rows.count, values);
    link_->second_derivative(rows.eta, rows.count, values, of_slope);
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double mu = mean[i], nu = complement[i];
      const bool is_lost = slope[i] == 0.0;
      of_slope[i] = is_lost ? 0.0 : of_slope[i] / slope[i];
      of_variance[i] =
          is_lost ? 0.0 : variance_.derivative(mu, nu) * slope[i] / variance_.value(mu, nu);
    }
  }
  bool has_log_slopes() const override { return true; }

  bool has_constant_weights() const override { return constant_weights_; }

 private:
  Variance variance_;
  std::unique_ptr<Link> link_;
  bool constant_weights_;
};

}  // namespace glmpp

#endif
