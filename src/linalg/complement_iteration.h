#ifndef GLMPP_LINALG_COMPLEMENT_ITERATION_H
#define GLMPP_LINALG_COMPLEMENT_ITERATION_H

#include <Eigen/Core>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "information.h"

namespace glmpp {

/// Solves a bordered system without a factor: conjugate gradients on the Schur complement S = C - B' D^-1 B, which is never made (Golub
/// and Van Loan 2013, Matrix Computations, ch. 11.5). They are preconditioned by the diagonal of S, and by its elements where columns
/// meet that meet most others: the intercept and covariates beside the levels of a factor. Crossed factors whose levels meet at random
/// need some ten iterations.
class ComplementIteration {
 public:
  /// Of the estimable coefficients; the information may go.
  ComplementIteration(const Information& information, const std::vector<std::size_t>& estimable,
                      unsigned threads);

  /// So many iterations cost a good part of what the factor does; 0 where they are not worth a try.
  static std::size_t most_iterations(const BorderedShape& shape);

  /// False where only a factor can tell what is aliased.
  bool is_sure() const { return is_sure_; }
  /// x = I^-1 b, 0 where a coefficient is left out, to six digits. False where most_iterations() do not get there.
  bool solve(const std::vector<double>& b, std::vector<double>& x) const;

 private:
  using Vector = Eigen::VectorXd;

  void read_corner(const Information& information, const std::vector<bool>& used);
  void find_preconditioner(const Information& information);
  void add_cell(std::size_t c, double* diagonal, double* among_broad) const;
  void apply_complement(const Vector& p, Vector& out) const;
  void precondition(const Vector& r, Vector& z) const;
  bool iterate(const Vector& right, Vector& y) const;

  std::shared_ptr<const BorderedShape> shape_;
  unsigned threads_;
  std::vector<double> inverse_;  ///< D^-1, and B, see Information
  UnsetVector rows_;
  /// Of each used column of the corner, the elements that are not zero.
  std::vector<std::vector<std::pair<std::size_t, double>>> corner_;
  std::vector<bool> is_used_;       ///< places in the border
  std::vector<std::size_t> broad_;  ///< those whose columns meet most others
  std::vector<int> among_broad_;    ///< of each place: its number in `broad_`, or -1
  Vector diagonal_;                 ///< of S; 1 where a column is left out
  Eigen::MatrixXd broad_root_;      ///< the Cholesky root of S over `broad_`
  bool is_sure_ = true;
};

}  // namespace glmpp

#endif
