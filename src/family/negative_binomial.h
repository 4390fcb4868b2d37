#ifndef GLMPP_FAMILY_NEGATIVE_BINOMIAL_H
#define GLMPP_FAMILY_NEGATIVE_BINOMIAL_H

#include <memory>
#include <mutex>
#include <vector>

#include "composed_model.h"
#include "variance.h"

namespace glmpp {

/// The negative binomial with variance mu + mu^2 / theta, and theta as a parameter of its own.
class NegativeBinomialModel : public ComposedModel<NegativeBinomialVariance> {
 public:
  NegativeBinomialModel(double theta, std::unique_ptr<Link> link);

  /// What the likelihood has of a count alone: log(Gamma(y + theta) / (Gamma(theta) y!)), and its first and minus its
  /// second derivative in theta.
  struct CountTerms {
    double log_density, score, information;
  };
  CountTerms terms_of(double y) const;

  bool has_parameter() const override { return true; }
  void add_parameter_sums(const Rows& rows, const double* mean, ParameterSums& sums) const override;

 protected:
  double parameter() const { return theta_; }
  /// log(mean), which links may have at hand.
  virtual void log_means(const Rows& rows, const double* mean, double* out) const;

 private:
  CountTerms look_up(double y) const;
  CountTerms compute_terms(double y) const;
  void fill_table() const;

  double theta_;
  mutable std::once_flag filled_;
  mutable std::vector<CountTerms> table_;  ///< of the counts 0, 1, ...
};

}  // namespace glmpp

#endif
