#include "start.h"

#include <algorithm>

namespace glmpp {

std::size_t sample_stride(std::size_t rows, std::size_t coefficients) {
  const std::size_t enough = std::max<std::size_t>({8192, 24 * coefficients, rows / 32});
  const std::size_t stride = rows / enough;
  return stride < 8 ? 1 : stride;
}

SampleStart fit_sample(Objective& sample, double sampled_share, const Control& control,
                       const Start& start) {
  Control loose = control;
  loose.epsilon = 1e-3;
  loose.step_tolerance = 0.1;
  loose.iterations = 10;
  loose.halvings = 3;
  loose.report = nullptr;
  loose.progress = nullptr;
  FisherScoring scoring(sample, loose);
  const Solution solution = descend(sample, scoring, start, loose);
  SampleStart found;
  if (solution.reason != StopReason::converged || scoring.is_accurate() ||
      scoring.factor().rank() < sample.coefficient_count())
    return found;
  found.coefficients = solution.point.coefficients;
  // 64 rows per coefficient leave the information of a sample within an eighth of the whole.
  found.lends_factor =
      sample.traits().effective_rows >= 64.0 * static_cast<double>(sample.coefficient_count());
  if (found.lends_factor) found.factor = scoring.factor().scaled(1.0 / sampled_share);
  return found;
}

namespace {

bool is_valid(Objective& objective, const std::vector<double>& coefficients) {
  if (coefficients.empty()) return objective.coefficient_count() == 0;
  Sums sums;
  objective.evaluate(coefficients, need_score, sums);
  return sums.valid;
}

Start one_iteration(Objective& objective, const Start& start, Control control) {
  control.iterations = 1;
  control.report = nullptr;
  FisherScoring scoring(objective, control);
  const Solution solution = descend(objective, scoring, start, control);
  return solution.point.is_start ? start : start_at(solution.point.coefficients);
}

}  // namespace

Start first_coefficients(Objective& objective, bool from_zero, const Start& start,
                         const Control& control) {
  if (start.has_coefficients) return start;
  if (from_zero) {
    const std::vector<double> zero(objective.coefficient_count(), 0.0);
    if (is_valid(objective, zero)) return start_at(zero);
    if (is_valid(objective, start.anchor)) return start_at(start.anchor);
  }
  return one_iteration(objective, start, control);
}

}  // namespace glmpp
