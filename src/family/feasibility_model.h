#ifndef GLMPP_FAMILY_FEASIBILITY_MODEL_H
#define GLMPP_FAMILY_FEASIBILITY_MODEL_H

#include "row_model.h"

namespace glmpp {

/// Squares of what a predictor lacks to a margin inside the valid range, and of its distance to a target
/// under a vanishing weight: every row comes inside wherever some coefficients allow it (the penalty
/// method of phase one; Nocedal and Wright 2006, Numerical Optimization, ch. 17).
class FeasibilityModel : public RowModel {
 public:
  FeasibilityModel(PredictorRange range, double target, double target_weight)
      : range_(range), target_(target), target_weight_(target_weight) {}

  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    RowSums sums;
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double eta = rows.eta[i], lack = lack_of(eta), distance = target_ - eta;
      sums.deviance += lack * lack + target_weight_ * distance * distance;
      sums.valid &= distance - distance == 0.0;
      out.mean[i] = eta;
      out.working_weight[i] = (lack != 0.0) + target_weight_;
      out.residual[i] = lack + target_weight_ * distance;
      out.working_residual[i] = out.residual[i] / out.working_weight[i];
    }
    return sums;
  }
  void start(const Rows& rows, double* eta) const override {
    for (std::size_t i = 0; i < rows.count; ++i) eta[i] = target_;
  }
  double deviance_at(const Rows&, double) const override { return 0.0; }

 private:
  // The margin is half way from the end to the target.
  double lack_of(double eta) const {
    const double short_of = 0.5 * (range_.least + target_) - eta;
    const double beyond = eta - 0.5 * (range_.most + target_);
    return short_of > 0.0 ? short_of : beyond > 0.0 ? -beyond : 0.0;
  }

  PredictorRange range_;
  double target_;
  double target_weight_;
};

}  // namespace glmpp

#endif
