#ifndef GLMPP_FAMILY_ZERO_TRUNCATED_H
#define GLMPP_FAMILY_ZERO_TRUNCATED_H

#include <cstddef>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

#include "negative_binomial.h"
#include "row_model.h"

namespace glmpp {

/// Counts above zero: a Poisson or negative binomial count, of mean mu, given that it is not 0.
class ZeroTruncatedCount {
 public:
  /// `theta` of the negative binomial; infinity: Poisson.
  explicit ZeroTruncatedCount(double theta) : theta_(theta) {}

  struct Values {
    double excess;   ///< the mean less 1
    double present;  ///< probability of a count above 0, before truncation
    double growth;   ///< d log(mean) / d log(mu)
    double damping;  ///< d (natural parameter) / d log(mu): 1 / (1 + mu / theta)
    double mean() const { return 1.0 + excess; }
    double slope() const { return (1.0 + excess) * growth; }  ///< d mean / d log(mu)
    double variance() const { return slope() / damping; }
  };
  Values at(double mu) const;
  /// The mu of a mean; 0 of a mean of at most 1.
  double untruncated(double mean) const;

  /// What the unit deviance reads of a response, and of mu.
  struct Saturated {
    double mu, log_present;
  };
  Saturated saturated(double y) const;
  double unit_deviance(double y, const Saturated& top, double mu, const Values& at) const;

  bool is_poisson() const { return !(theta_ < std::numeric_limits<double>::infinity()); }
  double theta() const { return theta_; }

 private:
  double hazard(double mu) const;

  double theta_;
};

/// Zero-truncated counts under the log link of mu, the mean before truncation. Poisson ones are a generalized linear model with that as
/// canonical link; so are negative binomial ones with theta given, with another link.
class ZeroTruncatedModel : public RowModel {
 public:
  explicit ZeroTruncatedModel(double theta);

  RowSums evaluate(const Rows& rows, WorkingRows& out) const override;
  void start(const Rows& rows, double* eta) const override;
  double deviance_at(const Rows& rows, double mean) const override;
  bool has_observed_weights() const override { return true; }
  void observed_weights(const Rows& rows, double* weight) const override;
  bool has_parameter() const override { return !count_.is_poisson(); }
  void add_parameter_sums(const Rows& rows, const double* mean, ParameterSums& sums) const override;

 private:
  void fill_table() const;
  ZeroTruncatedCount::Saturated saturated(double y) const;

  ZeroTruncatedCount count_;
  NegativeBinomialModel whole_;  ///< of all counts; not read of Poisson ones
  mutable std::once_flag filled_;
  mutable std::vector<ZeroTruncatedCount::Saturated> table_;  ///< of the counts 0, 1, ...
};

}  // namespace glmpp

#endif
