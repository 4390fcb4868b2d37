#include "coordinate_descent.h"

#include <algorithm>

#include "stopping.h"

namespace glmpp {

namespace {

// A sweep over the coordinates and back: (D + U)^-1 D (D + L)^-1 rest for the information D + L + U. Columns without
// curvature stay.
std::vector<double> sweep_both_ways(const Matrix& information, const std::vector<double>& rest) {
  const std::size_t p = rest.size();
  std::vector<double> moved(p), left = rest;
  for (std::size_t j = 0; j < p; ++j) {
    const double* column = information.column(j);
    if (!(column[j] > 0.0)) continue;
    moved[j] = left[j] / column[j];
    for (std::size_t i = j + 1; i < p; ++i) left[i] -= moved[j] * column[i];
  }
  for (std::size_t j = 0; j < p; ++j) left[j] = information(j, j) * moved[j];
  for (std::size_t j = p; j-- > 0;) {
    const double* column = information.column(j);
    if (!(column[j] > 0.0)) continue;
    moved[j] = left[j] / column[j];
    for (std::size_t i = 0; i < j; ++i) left[i] -= moved[j] * column[i];
  }
  return moved;
}

}  // namespace

// Sweeps alone gain next to nothing each where columns are nearly collinear, long before the step is done; as directions
// that are conjugate to each other they end after about p of them.
Step CoordinateDescent::propose(Objective&, Point& point) {
  constexpr double share = 1e-3;  // of the step that is left to the next proposal
  constexpr int most_idle = 3;
  const Matrix& information = point.sums.information;
  const std::size_t p = information.cols(), most_sweeps = 10 * p + 50;
  Step step;
  step.change.assign(p, 0.0);
  std::vector<double> rest = point.sums.score;  // score - information change
  std::vector<double> swept = sweep_both_ways(information, rest), direction = swept, image(p);
  double promise = inner_product(rest, swept);
  const double unnoticed = point.is_start ? 0.0 : negligible_decrement(control_, rows_, point);
  int idle = 0;
  for (std::size_t sweep = 0; sweep < most_sweeps && promise > 0.0 && idle < most_idle; ++sweep) {
    std::fill(image.begin(), image.end(), 0.0);
    for (std::size_t j = 0; j < p; ++j)
      for (std::size_t i = 0; i < p; ++i) image[i] += direction[j] * information(i, j);
    const double curvature = inner_product(direction, image);
    if (!(curvature > 0.0)) break;
    const double length = promise / curvature, gained = length * promise;
    for (std::size_t j = 0; j < p; ++j) {
      step.change[j] += length * direction[j];
      rest[j] -= length * image[j];
    }
    step.slope = step.decrement = inner_product(step.change, point.sums.score);
    idle = gained <= share * share * step.decrement || gained <= unnoticed ? idle + 1 : 0;
    swept = sweep_both_ways(information, rest);
    const double next = inner_product(rest, swept);
    for (std::size_t j = 0; j < p; ++j) direction[j] = swept[j] + next / promise * direction[j];
    promise = next;
  }
  return step;
}

}  // namespace glmpp
