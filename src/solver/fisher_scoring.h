#ifndef GLMPP_SOLVER_FISHER_SCORING_H
#define GLMPP_SOLVER_FISHER_SCORING_H

#include <memory>

#include "control.h"
#include "direction.h"
#include "secant_pairs.h"

namespace glmpp {

class ComplementIteration;

struct Refinement {
  int passes = 0;
  bool is_at_rest = false;  ///< its last step was negligible
};

/// Iteratively reweighted least squares: step = (X'WX)^-1 score. Works on the Gram matrix while that
/// is sure; goes to blockwise QR to decide aliasing and where the condition is high. Close to the
/// optimum it borrows the information of the point before, so that passes need the score only
/// (chord steps: Ortega and Rheinboldt 1970, Iterative Solution of Nonlinear Equations, ch. 7; with
/// secants, see SecantPairs). Under links that are not canonical the expected information contracts at a
/// fixed rate: near the optimum its place is taken by the observed one, where that is positive definite;
/// the factor that is left in the end is of the expected information at the last point. Where that factor is nearly all of
/// the cost, and few conjugate gradients do what it does, it is made there alone (inexact Newton steps: Dembo, Eisenstat and
/// Steihaug 1982, SIAM Journal on Numerical Analysis 19).
class FisherScoring : public Direction {
 public:
  FisherScoring(const Objective& objective, const Control& control);
  ~FisherScoring() override;

  /// Starts from the factor of another sample of the same model; it must have full rank.
  void borrow(InformationFactor factor);

  /// Steps may do without a factor: at the end there may be none, see has_factor(). Nor is the condition of one estimated that is
  /// not the last, see judge_factor().
  void allow_shortcuts() {
    may_iterate_ = !constant_information_;
    judges_last_ = true;
  }

  unsigned need() const override;
  Step propose(Objective& objective, Point& point) override;
  Step propose_current(Objective& objective, Point& point) override;
  bool is_current() const override { return constant_information_ || (is_current_ && !iteration_); }
  bool has_curvature(const Point& point) const override {
    return point.sums.has(accurate_ ? need_root : need_information);
  }
  bool would_rather_renew() const override { return !(is_current_ || constant_information_); }
  void learn(const Point& from, const Point& to) override;
  bool has_factor() const { return has_factor_ && !iteration_; }
  /// Estimates the condition of the factor at hand, at the `point` where the descent may end, and finds the rank where the pivots alone
  /// were too sure. False where there was nothing to do.
  bool judge_factor(Objective& objective, const Point& point);
  /// The factor of the information that the last proposal came from.
  const InformationFactor& factor() const { return factor_; }
  bool is_accurate() const { return accurate_; }
  /// The last digits of a converged point: where rows are so few that it goes unnoticed, steps from
  /// the exact score, and the factor by blockwise QR where a Gram matrix costs digits of the
  /// standard errors.
  Refinement refine(Objective& objective, Point& point);

 private:
  void refine_coefficients(Objective& objective, Point& point, Refinement& refinement);
  void refine_factor(const Point& point);
  void rank_bordered(Objective& objective, const Point& point);
  void rank_rows(Objective& objective, const Point& point);
  Step propose(Objective& objective, Point& point, bool with_factor);
  void refresh_factor(Objective& objective, Point& point);
  bool begin_iteration(const Point& point);
  void decide_reuse(const Point& point, double decrement);
  bool is_worth_a_try(const Point& point, double decrement) const;
  void decide_observing(const Point& point, double decrement);
  /// False where the iteration has not got there.
  bool step_by_factor(const Point& point, Step& step) const;
  /// Of a pass without information in the cost of one with it.
  double score_share() const { return 1.0 - (iterates_ ? summing_share_ : factoring_share_); }
  /// A step by the observed information, where it is at hand and positive definite.
  bool propose_observed(const Point& point, Step& step);

  const Control& control_;
  double rows_;
  bool constant_information_;
  double factoring_share_, summing_share_;  ///< see Traits
  bool may_iterate_ = false;
  bool iterates_ = false;                           ///< it has turned out to work
  bool judges_last_ = false;                        ///< and no other, unless there was doubt
  std::unique_ptr<ComplementIteration> iteration_;  ///< in place of a factor
  bool accurate_ = false;
  bool has_factor_ = false;
  bool is_current_ = false;
  bool reuse_ = false;
  int proposals_ = 0;
  SecantPairs since_factor_{20};
  bool may_observe_;
  bool observing_ = false;
  double last_decrement_ = 0.0;
  std::vector<std::size_t> estimable_;
  bool is_ranked_ = false;  ///< with, of a bordered information,
  std::vector<Combination> combinations_;
  std::vector<std::size_t> aliased_of_rows_;  ///< and of a dense one
  InformationFactor factor_;
};

}  // namespace glmpp

#endif
