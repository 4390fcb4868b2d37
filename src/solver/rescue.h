#ifndef GLMPP_SOLVER_RESCUE_H
#define GLMPP_SOLVER_RESCUE_H

#include <functional>
#include <memory>

#include "descent.h"
#include "family/bend.h"
#include "objective/penalty.h"

namespace glmpp {

/// The same data under the model bent, with a penalty or none (null).
using ObjectiveMaker = std::function<std::unique_ptr<Objective>(const Bend&, const Penalty*)>;

/// True when Fisher scoring ended without an optimum though it was given time, or at the end of the
/// valid region, or where the score still promises a lower deviance.
bool needs_rescue(const Solution& solution, const Objective& objective, const Control& control);

/// What Fisher scoring could not solve: a start inside the valid region, a logarithmic barrier that keeps
/// steps inside and falls to nothing, then Newton's method by the observed information. Where that
/// still finds no stationary point, the optimum is at the end of the region: `boundary` says so.
/// (Nocedal and Wright 2006, Numerical Optimization, ch. 3 and 19.)
class Rescue {
 public:
  Rescue(PredictorRange range, ObjectiveMaker make, const Penalty* penalty, const Control& control);

  /// The best point found, with the sums of the model itself; `reason` is no_valid_start when none was.
  Solution run(const Start& start, const Solution& stuck);

 private:
  bool find_inside(const Start& start, const Solution& stuck, std::vector<double>& inside);
  bool is_inside(const std::vector<double>& coefficients);
  bool find_feasible(double target, std::vector<double>& inside);
  void follow_barrier(std::vector<double>& coefficients);
  Solution conclude_from(const std::vector<double>& coefficients);
  Solution newton(const std::vector<double>& from, double height, const Control& control);
  Sums evaluate(const std::vector<double>& coefficients);

  PredictorRange range_;
  ObjectiveMaker make_;
  const Penalty* penalty_;
  Control control_;
  std::unique_ptr<Objective> objective_;
  double deviance_floor_ = 0.1;
  int iterations_ = 0;
  int passes_ = 0;
};

}  // namespace glmpp

#endif
