#include "barrier_model.h"

#include <cmath>
#include <vector>

namespace glmpp {

RowSums BarrierModel::evaluate(const Rows& rows, WorkingRows& out) const {
  RowSums sums = model_.evaluate(rows, out);
  if (!sums.valid) return sums;
  if (damping_ < 1.0) {
    std::vector<double> observed(rows.count);
    if (model_.observed_weights(rows, observed.data()))
      for (std::size_t i = 0; i < rows.count; ++i)
        out.weight[i] = damping_ * out.weight[i] + (1.0 - damping_) * observed[i];
  }
  if (height_ > 0.0) add_barrier(rows, out, sums);
  return sums;
}

void BarrierModel::add_barrier(const Rows& rows, WorkingRows& out, RowSums& sums) const {
  auto add_end = [&](std::size_t i, double distance, double sign) {
    if (std::isinf(distance)) return;
    sums.valid &= distance > 0.0;
    sums.deviance -= 2.0 * height_ * std::log(distance);
    out.residual[i] += sign * height_ / distance;
    out.weight[i] += height_ / (distance * distance);
  };
  for (std::size_t i = 0; i < rows.count; ++i) {
    add_end(i, rows.eta[i] - range_.least, 1.0);
    add_end(i, range_.most - rows.eta[i], -1.0);
  }
}

}  // namespace glmpp
