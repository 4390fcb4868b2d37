#ifndef GLMPP_FAMILY_CUMULATIVE_MODEL_H
#define GLMPP_FAMILY_CUMULATIVE_MODEL_H

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "linalg/aligned_buffer.h"
#include "link.h"

namespace glmpp {

/// A cumulative link model: P(Y <= k) = F(threshold_k - eta) for k < classes, with F the inverse of
/// "logit", "probit", "cloglog", "loglog" (F(x) = exp(-exp(-x))) or "cauchit".
class CumulativeLink {
 public:
  /// Throws std::invalid_argument, listing the known names, on an unknown one.
  explicit CumulativeLink(const std::string& name);

  /// F, 1 - F, F' and, where `slope` is not null, F'' of some arguments, which are overwritten.
  bool evaluate(double* x, std::size_t count, const LinkValues& out, double* slope) const;
  /// The x with F(x) = probability.
  double quantile(double probability) const;

 private:
  bool is_mirrored_;
  std::unique_ptr<Link> link_;
};

/// What a cumulative link model makes of some rows. Probabilities are differences in the tail that is
/// nearer, so that they keep their digits in both.
class CumulativeRows {
 public:
  /// Room for `most_rows` rows.
  CumulativeRows(const CumulativeLink& link, std::size_t thresholds, std::size_t most_rows);

  /// False when some predictor is not finite.
  bool evaluate(const std::vector<double>& thresholds, const double* eta, std::size_t rows,
                bool with_slopes);

  /// P(Y = k), k from 0.
  double probability(std::size_t k, std::size_t i) const;
  /// F' and F'' at threshold k; 0 beyond the first and the last threshold.
  double density(std::size_t k, std::size_t i) const { return at(density_, k, i); }
  double slope(std::size_t k, std::size_t i) const { return at(slope_, k, i); }

 private:
  double at(const AlignedBuffer& values, std::size_t k, std::size_t i) const {
    return k < thresholds_ ? values[k * length_ + i] : 0.0;
  }

  const CumulativeLink& link_;
  std::size_t thresholds_;
  std::size_t length_;
  AlignedBuffer argument_, lower_, upper_, density_, slope_;
};

}  // namespace glmpp

#endif
