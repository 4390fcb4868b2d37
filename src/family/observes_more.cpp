#include "observes_more.h"

#include <cmath>

namespace glmpp {

// Looked at in two rows that all links have a mean for, or nearly all: where there is none, the weights are no numbers, and the
// link is none of the canonical ones.
bool observes_more(const RowModel& model) {
  if (!model.has_observed_weights() || !model.works_by_ranges()) return false;
  constexpr std::size_t count = 2;
  constexpr double eta[count] = {0.3, 0.7}, y[count] = {0.9, 0.2}, prior[count] = {1.0, 1.0};
  double mean[count], expected[count], residual[count], working_residual[count], observed[count];
  WorkingRows out{mean, expected, residual, working_residual};
  const Rows rows{count, eta, y, prior};
  model.evaluate(rows, out);
  model.observed_weights(rows, observed);
  for (std::size_t i = 0; i < count; ++i)
    if (!(std::fabs(observed[i] - expected[i]) <= 1e-10 * std::fabs(expected[i]))) return true;
  return false;
}

}  // namespace glmpp
