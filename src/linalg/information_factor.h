#ifndef GLMPP_LINALG_INFORMATION_FACTOR_H
#define GLMPP_LINALG_INFORMATION_FACTOR_H

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "bordered_factor.h"
#include "information.h"

namespace glmpp {

/// A column as a combination of others: their numbers, with what each counts.
using Combination = std::vector<std::pair<std::size_t, double>>;

/// The factor of an information over the columns that are not aliased: of a dense one R'R, of a bordered one see BorderedFactor.
class InformationFactor {
 public:
  InformationFactor() = default;

  /// Cholesky factor of the scaled information, restricted to `estimable` columns (ascending). May be
  /// doubtful: collinearity beyond what a Gram matrix can tell. The condition of a bordered one takes about as long as the factor:
  /// who has many to make may have it estimated of the last alone, see judge().
  static InformationFactor from_information(const Information& information,
                                            const std::vector<std::size_t>& estimable,
                                            unsigned threads, bool judged = true);
  bool is_judged() const { return is_judged_; }
  /// Estimates the condition, which may make it doubtful.
  void judge(const Information& information, unsigned threads);
  /// Of a bordered information of which it is known that no other columns are aliased. Where columns are closer to that than
  /// its digits tell, the condition is infinite.
  static InformationFactor from_ranked(const Information& information,
                                       const std::vector<std::size_t>& estimable,
                                       std::vector<Combination> combinations, unsigned threads);

  /// From the triangular root of the information; decides aliasing as glm() does, of columns that are not known to be `aliased`.
  static InformationFactor from_root(const Matrix& root, double rank_tolerance,
                                     const std::vector<std::size_t>& aliased = {});

  /// True when pivots or the condition say that the Gram matrix lost more than half its digits.
  bool doubtful() const { return doubtful_; }
  /// False when pivots were too small, or negative, to go on.
  bool is_positive_definite() const { return !doubtful_ || !root_.empty() || bordered_; }
  std::size_t rank() const { return estimable_.size(); }
  const std::vector<std::size_t>& estimable() const { return estimable_; }
  const std::vector<std::size_t>& aliased() const { return aliased_; }

  /// Estimated 2-norm condition of the column-scaled weighted design.
  double condition() const;

  /// step = (R'R)^-1 score on estimable columns, 0 on aliased ones. Both have one entry per column.
  void solve(const std::vector<double>& score, std::vector<double>& step) const;
  /// Moves what a start holds in aliased columns to the estimable ones; the linear predictor stays.
  void drop_aliased(std::vector<double>& coefficients) const;

  /// Leaves out columns that the information holds apart from all others (their rows and columns are those of the
  /// identity).
  void leave_out(const std::vector<std::size_t>& held);

  /// Column k becomes that of coefficient columns[k] of more.
  void place(const std::vector<std::size_t>& columns);

  /// The factor of `factor` times the information.
  InformationFactor scaled(double factor) const;

  /// rank x p: R over (estimable, aliased) columns, in that order; of a dense information.
  const Matrix& root() const { return root_; }
  /// Null for a dense one.
  const BorderedFactor* bordered() const { return bordered_.get(); }
  /// Of a bordered one: the aliased columns, of estimable ones.
  const std::vector<Combination>& combinations() const { return combinations_; }
  void know(const std::vector<Combination>& combinations) { combinations_ = combinations; }

 private:
  static InformationFactor from_bordered(const Information& information,
                                         const std::vector<std::size_t>& estimable,
                                         double smallest_pivot, unsigned threads, bool judged);
  double estimated_condition() const;  ///< of a dense one
  void estimate_condition_of(const Information& information, unsigned threads);
  void append_aliased_columns(const Matrix& information);

  Matrix root_;
  std::shared_ptr<BorderedFactor> bordered_;
  std::vector<Combination> combinations_;
  std::vector<std::size_t> estimable_;
  std::vector<std::size_t> aliased_;
  mutable double condition_ = 1.0;  ///< of a dense one estimated when it is first asked for
  bool doubtful_ = false;
  bool is_judged_ = true;
};

}  // namespace glmpp

#endif
