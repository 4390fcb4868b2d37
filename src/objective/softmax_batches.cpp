#include "softmax_batches.h"

#include <cmath>
#include <limits>
#include <numeric>

namespace glmpp {

SoftmaxBatches::SoftmaxBatches(const Design& design, CategoryResponse response,
                               std::size_t baseline)
    : design_(design),
      response_(response),
      tile_(design),
      weights_(design.tile_rows()),
      trials_(design.tile_rows()),
      softmax_(response.classes, padded_to_8(design.tile_rows())) {
  for (std::size_t k = 0; k < response.classes; ++k)
    if (k != baseline) free_.push_back(k);
}

std::size_t SoftmaxBatches::load(std::size_t tile) {
  range_ = tile_.load(tile);
  response_.prior_weights.read(range_, weights_.data());
  for (std::size_t i = 0; i < range_.count; ++i) {
    trials_[i] = response_.counts ? 0.0 : 1.0;
    if (response_.counts)
      for (std::size_t k = 0; k < response_.classes; ++k) trials_[i] += seen(i, k);
  }
  return range_.count;
}

double SoftmaxBatches::seen(std::size_t i, std::size_t k) const {
  const std::size_t row = range_.begin + i;
  if (response_.counts) return response_.counts[k * design_.rows() + row];
  return static_cast<std::size_t>(response_.codes[row] - 1) == k ? 1.0 : 0.0;
}

void SoftmaxBatches::predict(std::size_t i, const std::vector<double>& coefficients,
                             std::size_t place) {
  for (std::size_t k = 0; k < response_.classes; ++k)
    softmax_.eta(k)[place] =
        response_.offset ? response_.offset[k * design_.rows() + range_.begin + i] : 0.0;
  const std::size_t p = design_.coefficient_count();
  const double* x = tile_.row(i);
  for (std::size_t a = 0; a < free_.size(); ++a)
    softmax_.eta(free_[a])[place] += std::inner_product(x, x + p, coefficients.data() + a * p, 0.0);
}

double SoftmaxBatches::residual(std::size_t i, std::size_t k, std::size_t place) const {
  return weights_[i] * (seen(i, k) - trials_[i] * softmax_.probability(k, place));
}

bool SoftmaxBatches::add_score(const std::size_t* rows, std::size_t count,
                               const std::vector<double>& coefficients,
                               std::vector<double>& score) {
  for (std::size_t i = 0; i < count; ++i) predict(rows[i], coefficients, i);
  if (!softmax_.evaluate(count)) return false;
  const std::size_t p = design_.coefficient_count();
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t a = 0; a < free_.size(); ++a) {
      const double r = residual(rows[i], free_[a], i);
      const double* x = tile_.row(rows[i]);
      for (std::size_t j = 0; j < p; ++j) score[a * p + j] += r * x[j];
    }
  return true;
}

// The root of f(s) = s - residual(eta + reach s). Its derivative is diagonal less a product of two vectors:
// diag(1 + w p reach) - w p (p reach)', inverted by Sherman and Morrison's formula.
bool SoftmaxBatches::update_implicitly(std::size_t i, const std::vector<double>& rate,
                                       std::vector<double>& coefficients) {
  const std::size_t p = design_.coefficient_count(), count = free_.size();
  const double* x = tile_.row(i);
  const double weight = weights_[i] * trials_[i];
  std::vector<double> eta(response_.classes), reach(count, 0.0), s(count, 0.0), change(count);
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t j = 0; j < p; ++j) reach[a] += rate[a * p + j] * x[j] * x[j];
  predict(i, coefficients, 0);
  for (std::size_t k = 0; k < eta.size(); ++k) eta[k] = softmax_.eta(k)[0];

  constexpr int most = 50;
  constexpr double settled = 1e-9;
  double length = 1.0, last = std::numeric_limits<double>::infinity();
  for (int round = 0; round < most; ++round) {
    for (std::size_t k = 0; k < eta.size(); ++k) softmax_.eta(k)[0] = eta[k];
    for (std::size_t a = 0; a < count; ++a) softmax_.eta(free_[a])[0] += reach[a] * s[a];
    if (!softmax_.evaluate(1)) return false;
    double size = 0.0, scale = 0.0;
    for (std::size_t a = 0; a < count; ++a) {
      size += std::fabs(s[a] - residual(i, free_[a], 0));
      scale += std::fabs(s[a]);
    }
    if (size <= settled * scale || size == 0.0) break;
    if (size > last) {  // too far: half way back
      length *= 0.5;
      for (std::size_t a = 0; a < count; ++a) s[a] -= length * change[a];
      continue;
    }
    last = size;
    length = 1.0;
    double above = 0.0, below = 1.0;
    for (std::size_t a = 0; a < count; ++a) {
      const double probability = softmax_.probability(free_[a], 0);
      const double diagonal = 1.0 + weight * probability * reach[a];
      change[a] = (residual(i, free_[a], 0) - s[a]) / diagonal;
      above += probability * reach[a] * change[a];
      below -= weight * probability * probability * reach[a] / diagonal;
    }
    for (std::size_t a = 0; a < count; ++a) {
      const double probability = softmax_.probability(free_[a], 0);
      change[a] += weight * probability / (1.0 + weight * probability * reach[a]) * above / below;
      s[a] += change[a];
    }
  }
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t j = 0; j < p; ++j) coefficients[a * p + j] += s[a] * rate[a * p + j] * x[j];
  return true;
}

}  // namespace glmpp
