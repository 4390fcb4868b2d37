#include "coordinate_descent.h"

#include "stopping.h"

namespace glmpp {

Step CoordinateDescent::propose(Objective&, Point& point) {
  constexpr int most_sweeps = 100000;
  constexpr double share = 1e-3;  // of the step that is left to the next proposal
  const Matrix& information = point.sums.information;
  const std::size_t p = information.cols();
  Step step;
  step.change.assign(p, 0.0);
  std::vector<double> rest = point.sums.score;  // score - information change
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    double gained = 0.0;
    for (std::size_t j = 0; j < p; ++j) {
      const double curvature = information(j, j);
      if (!(curvature > 0.0)) continue;
      const double change = rest[j] / curvature;
      gained += change * rest[j];
      step.change[j] += change;
      const double* column = information.column(j);
      for (std::size_t i = 0; i < p; ++i) rest[i] -= change * column[i];
    }
    step.slope = step.decrement = inner_product(step.change, point.sums.score);
    const double unnoticed = point.is_start ? 0.0 : negligible_decrement(control_, rows_, point);
    if (gained <= share * share * step.decrement || gained <= unnoticed) break;
  }
  return step;
}

}  // namespace glmpp
