#include "memory_batches.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace glmpp {

MemoryBatches::MemoryBatches(const Design& design, const RowModel& model, const Response& response,
                             std::function<void()> poll)
    : design_(design), model_(model), response_(response), poll_(std::move(poll)), tile_(design) {
  const std::size_t most = design.tile_rows();
  for (auto* vector : {&y_, &weights_, &offset_, &eta_, &chosen_y_, &chosen_weights_, &mean_,
                       &weight_, &residual_, &working_residual_})
    vector->assign(most, 0.0);
}

std::size_t MemoryBatches::load(std::size_t tile) {
  if (poll_) poll_();
  const RowRange range = tile_.load(tile);
  response_.y.read(range, y_.data());
  response_.prior_weights.read(range, weights_.data());
  if (response_.offset) std::copy_n(response_.offset + range.begin, range.count, offset_.data());
  return range.count;
}

double MemoryBatches::predictor(std::size_t i, const std::vector<double>& coefficients) const {
  return std::inner_product(coefficients.begin(), coefficients.end(), tile_.row(i), offset_[i]);
}

RowSums MemoryBatches::evaluate(const std::vector<double>& eta, std::size_t count) {
  WorkingRows out{mean_.data(), weight_.data(), residual_.data(), working_residual_.data()};
  return model_.evaluate({count, eta.data(), chosen_y_.data(), chosen_weights_.data()}, out);
}

bool MemoryBatches::add_score(const std::size_t* rows, std::size_t count,
                              const std::vector<double>& coefficients, std::vector<double>& score) {
  for (std::size_t k = 0; k < count; ++k) {
    eta_[k] = predictor(rows[k], coefficients);
    chosen_y_[k] = y_[rows[k]];
    chosen_weights_[k] = weights_[rows[k]];
  }
  const RowSums sums = evaluate(eta_, count);
  if (!sums.valid || !std::isfinite(sums.deviance)) return false;
  for (std::size_t k = 0; k < count; ++k) {
    const double* x = tile_.row(rows[k]);
    for (std::size_t j = 0; j < score.size(); ++j) score[j] += residual_[k] * x[j];
  }
  return true;
}

// The root of residual(eta + reach s) - s, between 0 and the residual at s = 0, by Newton's method inside
// that bracket: the residual falls as the predictor rises.
bool MemoryBatches::update_implicitly(std::size_t i, const std::vector<double>& rate,
                                      std::vector<double>& coefficients) {
  const double* x = tile_.row(i);
  double reach = 0.0;
  for (std::size_t j = 0; j < rate.size(); ++j) reach += rate[j] * x[j] * x[j];
  const double eta = predictor(i, coefficients);
  chosen_y_[0] = y_[i];
  chosen_weights_[0] = weights_[i];
  eta_[0] = eta;
  RowSums sums = evaluate(eta_, 1);
  if (!sums.valid || !std::isfinite(residual_[0])) return false;
  double low = std::min(0.0, residual_[0]), high = std::max(0.0, residual_[0]), s = 0.0;
  constexpr int most = 30;
  constexpr double settled = 1e-3, straight = 1e-2;  // shifts of eta
  for (int round = 0; round < most; ++round) {
    const double excess = residual_[0] - s;
    (excess > 0.0 ? low : high) = s;
    double next = s + excess / (1.0 + reach * weight_[0]);
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const double moved = std::fabs(next - s);
    s = next;
    if (reach * moved <= settled || reach * std::fabs(s) <= straight) break;
    eta_[0] = eta + reach * s;
    sums = evaluate(eta_, 1);
    if (!sums.valid || !std::isfinite(residual_[0])) return false;
  }
  for (std::size_t j = 0; j < rate.size(); ++j) coefficients[j] += s * rate[j] * x[j];
  return true;
}

}  // namespace glmpp
