#ifndef GLMPP_OBJECTIVE_OBJECTIVE_H
#define GLMPP_OBJECTIVE_OBJECTIVE_H

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "sums.h"

namespace glmpp {

/// What an objective can do, and at which cost. Fixed when it is made; a decorator starts from those of what it wraps.
struct Traits {
  std::size_t coefficients = 0;
  double effective_rows = 0.0;  ///< rows with a positive weight
  /// The information is the same for all coefficients.
  bool has_constant_information = false;
  /// The deviance is a quadratic function of the coefficients: one step from anywhere is enough. Constant
  /// information alone does not say so: the score may be curved.
  bool is_quadratic = false;
  bool has_observed_information = false;  ///< else `need_observed_information` can't be filled
  bool observes_more = false;  ///< the observed information is there, and not the expected one
  bool gives_root = true;  ///< false where only sums come, from which no triangular root can be had
  double information_share =
      0.0;  ///< of the information and its factor in the cost of a pass that fills everything
  double summing_share = 0.0;  ///< of the information alone, where it is not factored
};

/// The model over its data, wherever they are: given these coefficients, what are the sums?
class Objective {
 public:
  virtual ~Objective() = default;

  const Traits& traits() const { return traits_; }
  std::size_t coefficient_count() const { return traits_.coefficients; }
  /// Fills what `need` asks; the rest of `sums` is left as it was. One pass.
  virtual void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) = 0;
  /// The sums of the starting means: with the working response z, score = X'Wz, so that the first
  /// weighted least squares solution is a step from zero. One pass.
  virtual void evaluate_start(unsigned need, Sums& sums) = 0;
  /// The same design, prior weights and penalty under the normal model with a response of zero, whose deviance at b is the weighted
  /// sum of squares of Xb; null where rows are not at hand.
  virtual std::unique_ptr<Objective> normal_twin() const { return nullptr; }

 protected:
  Objective() = default;
  explicit Objective(Traits traits) : traits_(traits) {}

  Traits traits_;
};

}  // namespace glmpp

#endif
