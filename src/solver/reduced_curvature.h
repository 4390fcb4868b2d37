#ifndef GLMPP_SOLVER_REDUCED_CURVATURE_H
#define GLMPP_SOLVER_REDUCED_CURVATURE_H

#include <memory>
#include <vector>

#include "linalg/matrix.h"
#include "objective/separable_penalty.h"

namespace glmpp {

/// The information of a model in the coordinates of a penalty, with the free coefficients eliminated: a step of theta is
/// followed by the best one of theirs, so that no intercept slows a descent along coordinates down. With H in blocks,
///   S = H_tt - H_tf H_ff^-1 H_ft,  and of a gradient  g_t - H_tf H_ff^-1 g_f.
class ReducedCurvature {
 public:
  /// The mean information: of all rows, over their weight.
  ReducedCurvature(const Matrix& information, double weight, const SeparablePenalty& penalty);

  const Matrix& schur() const { return schur_; }
  /// The gradient of the reduced problem.
  std::vector<double> reduce(const std::vector<double>& in_theta,
                             const std::vector<double>& in_free) const;
  /// The step of the free coefficients that belongs to one of theta.
  std::vector<double> follow(const std::vector<double>& step_of_theta,
                             const std::vector<double>& in_free) const;

  /// Eigenvalues and vectors of a group's block of S; made when asked for.
  struct Axes {
    std::vector<double> values;
    Matrix vectors;
  };
  const Axes& axes(std::size_t group);

 private:
  void solve_free(double* column) const;

  const SeparablePenalty& penalty_;
  Matrix schur_;
  Matrix root_;  ///< L with L L' = H_ff, over the free columns that are not collinear
  std::vector<std::size_t> usable_;  ///< those, as positions among the free ones
  Matrix follows_;                   ///< H_ff^-1 H_ft
  std::vector<std::unique_ptr<Axes>> axes_;
};

}  // namespace glmpp

#endif
