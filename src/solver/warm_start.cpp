#include "warm_start.h"

#include <algorithm>

namespace glmpp {

std::size_t sample_stride(std::size_t rows, std::size_t coefficients) {
  const std::size_t enough = std::max<std::size_t>({8192, 24 * coefficients, rows / 32});
  const std::size_t stride = rows / enough;
  return stride < 8 ? 1 : stride;
}

void warm_start(Objective& sample, double sampled_share, const Control& control, Start& start,
                FisherScoring& direction) {
  Control loose = control;
  loose.epsilon = 1e-3;
  loose.step_tolerance = 0.1;
  loose.iterations = 10;
  loose.halvings = 3;
  loose.report = nullptr;
  loose.progress = nullptr;
  FisherScoring on_sample(sample, loose);
  const Solution solution = descend(sample, on_sample, start, loose);
  if (solution.reason != StopReason::converged || on_sample.is_accurate() ||
      on_sample.factor().rank() < sample.coefficient_count())
    return;
  start.has_coefficients = true;
  start.coefficients = solution.point.coefficients;
  // 64 rows per coefficient leave the information of a sample within an eighth of the whole.
  if (sample.traits().effective_rows >= 64.0 * static_cast<double>(sample.coefficient_count()))
    direction.borrow(on_sample.factor().scaled(1.0 / sampled_share));
}

}  // namespace glmpp
