#ifndef GLMPP_SOLVER_FIRST_ORDER_H
#define GLMPP_SOLVER_FIRST_ORDER_H

#include "control.h"
#include "direction.h"

namespace glmpp {

/// A direction from scores alone. How far the optimum still is, it estimates from the score scaled by
/// the diagonal of one point's information; before the loop may stop, the information at the
/// point itself is asked, and the estimate is set right by it.
class FirstOrder : public Direction {
 public:
  explicit FirstOrder(const Control& control) : control_(control) {}

  unsigned need() const override {
    return diagonal_.empty() ? need_score | need_information : need_score;
  }
  Step propose(Objective& objective, Point& point) override;
  Step propose_current(Objective& objective, Point& point) override;
  bool is_current() const override { return is_current_; }
  bool contracts_quadratically() const override { return false; }
  void learn_refusal() override { forget(); }

 protected:
  virtual std::vector<double> direction(const Objective& objective, const Point& point) = 0;
  /// What the step had learnt is of no more use.
  virtual void forget() {}

  /// The diagonal of the information where it was last asked; 1 where that is not positive.
  const std::vector<double>& diagonal() const { return diagonal_; }
  /// Its largest eigenvalue: the Lipschitz constant of the score there.
  double largest_eigenvalue() const { return largest_eigenvalue_; }

 private:
  void measure(Objective& objective, Point& point);
  double scaled_decrement(const Point& point) const;

  const Control& control_;
  bool is_current_ = false;
  double correction_ = 1.0;
  std::vector<double> diagonal_;
  double largest_eigenvalue_ = 0.0;
};

}  // namespace glmpp

#endif
