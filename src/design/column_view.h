#ifndef GLMPP_DESIGN_COLUMN_VIEW_H
#define GLMPP_DESIGN_COLUMN_VIEW_H

#include <cstddef>

#include "linalg/vectors.h"

namespace glmpp {

/// A coefficient's column of the design as it is stored, borrowed: all values, those of some rows (0 in the others), or the
/// constant 1.
struct ColumnView {
  enum class Kind { none, constant, dense, sparse };

  Kind kind = Kind::none;
  std::size_t count = 0;  ///< of values; of a constant or dense column, that of the rows
  const double* values = nullptr;
  const int* rows = nullptr;  ///< ascending, of a sparse column

  static ColumnView constant(std::size_t rows) { return {Kind::constant, rows, nullptr, nullptr}; }
  static ColumnView dense(std::size_t rows, const double* values) {
    return {Kind::dense, rows, values, nullptr};
  }
  static ColumnView sparse(std::size_t count, const int* rows, const double* values) {
    return {Kind::sparse, count, values, rows};
  }

  bool is_at_hand() const { return kind != Kind::none; }

  /// x'v
  double times(const double* v) const {
    if (kind == Kind::dense) return dot(values, v, count);
    // Four chains of additions, which overlap.
    double sums[4] = {};
    std::size_t e = 0;
    if (kind == Kind::constant) {
      for (; e + 4 <= count; e += 4)
        for (std::size_t k = 0; k < 4; ++k) sums[k] += v[e + k];
      for (; e < count; ++e) sums[0] += v[e];
    } else {
      for (; e + 4 <= count; e += 4)
        for (std::size_t k = 0; k < 4; ++k) sums[k] += values[e + k] * v[rows[e + k]];
      for (; e < count; ++e) sums[0] += values[e] * v[rows[e]];
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }

  ColumnProducts products(const double* r, const double* w) const {
    if (kind == Kind::dense) return column_products(values, r, w, count);
    ColumnProducts sums;
    for (std::size_t e = 0; e < count; ++e) {
      const auto i = kind == Kind::sparse ? static_cast<std::size_t>(rows[e]) : e;
      const double value = kind == Kind::sparse ? values[e] : 1.0;
      sums.residual += value * r[i];
      sums.weight += value * w[i];
      sums.square += value * value * w[i];
    }
    return sums;
  }

  /// out += factor x
  void add_to(double factor, double* out) const {
    if (kind == Kind::dense)
      add_scaled(values, factor, count, out);
    else if (kind == Kind::constant)
      for (std::size_t i = 0; i < count; ++i) out[i] += factor;
    else
      for (std::size_t e = 0; e < count; ++e) out[rows[e]] += factor * values[e];
  }

  /// out += factor diag(w) x
  void add_weighted_to(const double* w, double factor, double* out) const {
    if (kind == Kind::dense)
      add_weighted(values, w, factor, count, out);
    else if (kind == Kind::constant)
      add_scaled(w, factor, count, out);
    else
      for (std::size_t e = 0; e < count; ++e) out[rows[e]] += factor * w[rows[e]] * values[e];
  }
};

}  // namespace glmpp

#endif
