#ifndef GLMPP_SOLVER_FISHER_SCORING_H
#define GLMPP_SOLVER_FISHER_SCORING_H

#include "direction.h"

namespace glmpp {

/// Iteratively reweighted least squares: step = (X'WX)^-1 score. Works on the Gram matrix while that
/// is sure; goes to blockwise QR to decide aliasing and where the condition is high.
class FisherScoring : public Direction {
 public:
  FisherScoring(std::size_t coefficient_count, double rank_tolerance, bool constant_information);

  unsigned need() const override;
  Step propose(Objective& objective, Point& point) override;
  const InformationFactor& factor() const override { return factor_; }

 private:
  void refresh_factor(Objective& objective, Point& point);

  double rank_tolerance_;
  bool constant_information_;
  bool accurate_ = false;
  bool has_factor_ = false;
  std::vector<std::size_t> active_;
  InformationFactor factor_;
};

}  // namespace glmpp

#endif
