#include "barrier_model.h"

#include <cmath>

namespace glmpp {

namespace {

template <class Visit>
void each_end(const PredictorRange& range, double eta, Visit visit) {
  if (std::isfinite(range.least)) visit(eta - range.least, 1.0);
  if (std::isfinite(range.most)) visit(range.most - eta, -1.0);
}

}  // namespace

RowSums BarrierModel::evaluate(const Rows& rows, WorkingRows& out) const {
  RowSums sums = model_.evaluate(rows, out);
  if (!sums.valid) return sums;
  for (std::size_t i = 0; i < rows.count; ++i)
    each_end(range_, rows.eta[i], [&](double distance, double sign) {
      sums.valid &= distance > 0.0;
      sums.deviance -= 2.0 * height_ * std::log(distance);
      out.residual[i] += sign * height_ / distance;
      out.working_weight[i] += height_ / (distance * distance);
    });
  return sums;
}

void BarrierModel::observed_weights(const Rows& rows, double* weight) const {
  model_.observed_weights(rows, weight);
  for (std::size_t i = 0; i < rows.count; ++i)
    each_end(range_, rows.eta[i],
             [&](double distance, double) { weight[i] += height_ / (distance * distance); });
}

}  // namespace glmpp
