#ifndef GLMPP_SOLVER_PROXIMAL_NEWTON_H
#define GLMPP_SOLVER_PROXIMAL_NEWTON_H

#include <memory>
#include <vector>

#include "objective/objective.h"
#include "penalised_descent.h"
#include "penalised_step.h"

namespace glmpp {

/// Proximal Newton steps (Lee, Sun and Saunders, 2014) by an information matrix, which serves for as long as steps by it still
/// contract, from one lambda to the next too; scores are always those of the point.
class ProximalNewton : public PenalisedDescent {
 public:
  ProximalNewton(Objective& objective, const SeparablePenalty& penalty, ProximalControl control)
      : PenalisedDescent(penalty, std::move(control)), objective_(objective) {}

  /// One pass.
  bool begin(const std::vector<double>& theta, const std::vector<double>& coefficients) override;
  double deviance() const override { return sums_.deviance; }

 protected:
  Outcome step(double lambda, const std::vector<char>& may_move) override;
  void has_moved(double before, double after) override;
  void start_lambda() override { wants_information_ = false; }

 private:
  bool evaluate(const std::vector<double>& coefficients, bool with_information, Sums& sums);
  void read_gradient();
  void read_curvature();
  bool advance(double lambda, const std::vector<char>& may_move);

  Objective& objective_;
  Sums sums_;
  std::unique_ptr<ReducedCurvature> curvature_;
  bool is_current_ = false;  ///< the curvature is that of the point
  bool wants_information_ = false;
};

}  // namespace glmpp

#endif
