#ifndef GLMPP_FAMILY_TWEEDIE_H
#define GLMPP_FAMILY_TWEEDIE_H

#include <memory>
#include <utility>

#include "composed_model.h"
#include "variance.h"

namespace glmpp {

/// Of one response of mean mu and variance dispersion mu^power, 1 < power < 2: its log density, and the first and minus the
/// second derivative of that in log(dispersion). Responses below 0 have log density -infinity. By the series over the number of
/// gamma variables of the sum; Dunn and Smyth (2005), Series evaluation of Tweedie exponential dispersion model densities. Its terms
/// are said by deviances and Stirling's error, so that no large numbers cancel (Loader 2000).
struct TweedieTerms {
  double log_density, score, information;
};
TweedieTerms tweedie_terms(double y, double mu, double dispersion, double power);

/// Variance dispersion mu^power; prior weights divide the dispersion. With a dispersion and 1 < power < 2 it has sums of the
/// likelihood, whose own parameter is log(dispersion).
class TweedieModel : public ComposedModel<PowerVariance> {
 public:
  TweedieModel(double power, double dispersion, std::unique_ptr<Link> link)
      : ComposedModel(PowerVariance(power), std::move(link), false),
        power_(power),
        dispersion_(dispersion) {}

  bool has_parameter() const override { return dispersion_ > 0.0 && power_ > 1.0 && power_ < 2.0; }
  void add_parameter_sums(const Rows& rows, const double* mean, ParameterSums& sums) const override;

 private:
  double power_, dispersion_;
};

}  // namespace glmpp

#endif
