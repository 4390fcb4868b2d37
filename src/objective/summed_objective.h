#ifndef GLMPP_OBJECTIVE_SUMMED_OBJECTIVE_H
#define GLMPP_OBJECTIVE_SUMMED_OBJECTIVE_H

#include "objective.h"

namespace glmpp {

/// A quadratic objective by what one pass says of it: with the deviance D, score s and information I at b,
///   deviance(b + d) = D - 2 s'd + d'I d,  score(b + d) = s - I d.
/// Where most of the deviance is explained it loses as many digits as that has nines.
class SummedObjective : public Objective {
 public:
  /// One pass of `objective`, which must be quadratic, at `at`; it is not asked again.
  SummedObjective(Objective& objective, std::vector<double> at)
      : Objective(objective.traits()), at_(std::move(at)) {
    objective.evaluate(at_, need_score | need_information, sums_);
  }

  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override {
    const std::size_t p = at_.size();
    sums.filled = need & (need_score | need_information);
    sums.valid = sums_.valid;
    sums.score = sums_.score;
    sums.deviance = sums_.deviance;
    std::vector<double> change(p), image;
    for (std::size_t j = 0; j < p; ++j) change[j] = coefficients[j] - at_[j];
    sums_.information.multiply(change, image);
    for (std::size_t i = 0; i < p; ++i) sums.score[i] -= image[i];
    // -(s + score(b + d))'d
    for (std::size_t j = 0; j < p; ++j)
      sums.deviance -= (sums_.score[j] + sums.score[j]) * change[j];
    if (need & need_information) sums.information = sums_.information;
  }
  void evaluate_start(unsigned need, Sums& sums) override { evaluate(at_, need, sums); }

 private:
  std::vector<double> at_;
  Sums sums_;
};

}  // namespace glmpp

#endif
