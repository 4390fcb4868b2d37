#ifndef GLMPP_LINALG_BORDERED_FACTOR_H
#define GLMPP_LINALG_BORDERED_FACTOR_H

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "complement_root.h"
#include "information.h"

namespace glmpp {

/// A bordered information [D B; B' C] over some of its coefficients, the inner ones eliminated: D^-1, D^-1 B, and the triangular
/// root of the Schur complement S = C - B' D^-1 B. Coefficients that are left out have zeros.
class BorderedFactor {
 public:
  /// Of the coefficients that `used` marks. Those whose pivot, as a share of their diagonal element, is no more than
  /// `smallest_pivot` are left out too: they are weak().
  BorderedFactor(const Information& information, const std::vector<bool>& used,
                 double smallest_pivot, unsigned threads);
  /// From its parts.
  BorderedFactor(std::shared_ptr<const BorderedShape> shape, std::vector<double> inverse,
                 UnsetVector solved, std::shared_ptr<const ComplementRoot> root);

  const BorderedShape& shape() const { return *shape_; }
  const std::shared_ptr<const BorderedShape>& shared_shape() const { return shape_; }
  const std::vector<double>& inverse() const { return inverse_; }
  const UnsetVector& solved() const { return solved_; }
  const ComplementRoot& root() const { return *root_; }
  const std::vector<std::size_t>& weak() const { return weak_; }

  /// x = I^-1 b, 0 where a coefficient is left out.
  void solve(const std::vector<double>& b, std::vector<double>& x) const;
  /// The diagonal of the inverse.
  std::vector<double> diagonal(unsigned threads) const;
  double log_determinant() const;
  /// What is needed of them becomes zero.
  void leave_out(const std::vector<std::size_t>& coefficients);
  /// The factor of `factor` times the information.
  void scale(double factor);
  /// The information again, of the coefficients that are there.
  Information information() const;

  /// The diagonal of I^-1 M I^-1 for another matrix M of the same shape. `poll` may throw to stop early.
  std::vector<double> sandwich_diagonal(const Information& middle, unsigned threads,
                                        const std::function<void()>& poll) const;

 private:
  void solve_rows(const Information& information);
  std::vector<double> sandwich_by_columns(const Information& middle, unsigned threads,
                                          const std::function<void()>& poll) const;
  Matrix complement(const Information& information, const std::vector<std::size_t>& used,
                    unsigned threads) const;
  void subtract_by_cells(const Information& information, const std::vector<int>& at,
                         unsigned threads, Matrix& left) const;
  void subtract_by_tiles(const Information& information, const std::vector<int>& at,
                         unsigned threads, Matrix& left) const;

  std::shared_ptr<const BorderedShape> shape_;
  unsigned threads_ = 1;
  std::vector<double> inverse_;  ///< D^-1, as the blocks of an Information
  UnsetVector solved_;           ///< D^-1 B, as its rows
  std::shared_ptr<const ComplementRoot> root_;
  std::vector<std::size_t> weak_;
};

}  // namespace glmpp

#endif
