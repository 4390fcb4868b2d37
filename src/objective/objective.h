#ifndef GLMPP_OBJECTIVE_OBJECTIVE_H
#define GLMPP_OBJECTIVE_OBJECTIVE_H

#include <cstddef>
#include <vector>

#include "linalg/matrix.h"

namespace glmpp {

/// What a solver may ask of a pass, as bits.
enum Need : unsigned {
  need_deviance = 0,     ///< always filled
  need_score = 1,        ///< X' w (y - mu) (dmu/deta) / V
  need_information = 2,  ///< expected information X'WX, dispersion 1
  need_root = 4,         ///< its triangular root by blockwise QR, at about twice the work
  /// The score once more, from a predictor and sums in twice the working precision, where the
  /// objective can; some ten times the work of the plain one.
  need_exact_score = 8,
  /// X' diag(-d residual / d eta) X, of either sign, where the model knows it.
  need_observed_information = 16
};

/// What a pass returns.
struct Sums {
  double deviance = 0.0;
  bool valid = true;  ///< false when eta or mu left their region, or a sum is not finite
  unsigned filled = need_deviance;
  std::vector<double> score;
  Matrix information;
  Matrix observed_information;
  Matrix root;

  bool has(unsigned need) const { return (filled & need) == need; }
};

/// The model over its data, wherever they are: given these coefficients, what are the sums?
class Objective {
 public:
  virtual ~Objective() = default;

  virtual std::size_t coefficient_count() const = 0;
  /// Fills what `need` asks; the rest of `sums` is left as it was. One pass.
  virtual void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) = 0;
  /// The sums of the starting means: with the working response z, score = X'Wz, so that the first
  /// weighted least squares solution is a step from zero. One pass.
  virtual void evaluate_start(unsigned need, Sums& sums) = 0;
  /// True when the information is the same for all coefficients.
  virtual bool has_constant_information() const { return false; }
  /// False when `need_observed_information` can't be filled.
  virtual bool has_observed_information() const { return false; }
  /// The share of the information in the cost of a pass that fills everything.
  virtual double information_share() const { return 0.0; }
  /// False where only sums come, from which no triangular root can be had.
  virtual bool gives_root() const { return true; }
  /// Rows with a positive weight.
  virtual double effective_rows() const = 0;
};

}  // namespace glmpp

#endif
