#ifndef GLMPP_FAMILY_SOFTMAX_H
#define GLMPP_FAMILY_SOFTMAX_H

#include <cstddef>
#include <vector>

#include "linalg/aligned_buffer.h"

namespace glmpp {

/// The class probabilities p_k = exp(eta_k) / sum_j exp(eta_j) of some rows, with what is needed to
/// take logarithms and complements without cancellation: predictors less their largest, so that
/// log p_k = (eta_k - largest) - log_total, and 1 - p of the largest from the sum of the others.
class SoftmaxRows {
 public:
  /// Room for `most_rows` rows (a multiple of 8).
  SoftmaxRows(std::size_t classes, std::size_t most_rows);

  /// The linear predictors of one class, to be filled before evaluate().
  double* eta(std::size_t k) { return shifted_.data() + k * length_; }
  /// False when some predictor of the first `rows` rows is not finite.
  bool evaluate(std::size_t rows);

  double probability(std::size_t k, std::size_t i) const { return probability_[k * length_ + i]; }
  const double* probabilities(std::size_t k) const { return probability_.data() + k * length_; }
  double log_probability(std::size_t k, std::size_t i) const {
    return shifted_[k * length_ + i] - log_total_[i];
  }
  double complement(std::size_t k, std::size_t i) const {
    return top_[i] == k ? top_complement_[i] : 1.0 - probability(k, i);
  }

 private:
  std::size_t classes_;
  std::size_t length_;
  AlignedBuffer shifted_;
  AlignedBuffer probability_;
  std::vector<double> log_total_;
  std::vector<double> top_complement_;
  std::vector<std::size_t> top_;
};

}  // namespace glmpp

#endif
