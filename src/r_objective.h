#ifndef GLMPP_R_OBJECTIVE_H
#define GLMPP_R_OBJECTIVE_H

#include <Rcpp.h>

#include "objective/objective.h"

namespace glmpp {

/// An objective whose passes an R function answers: `pass(coefficients, need, at_start, sample)`
/// returns a list with `deviance`, `valid` and what `need` names ("score", "information", "root",
/// "observed_information").
class RObjective : public Objective {
 public:
  struct Traits {
    std::size_t coefficients = 0;
    double effective_rows = 0.0;
    bool has_constant_information = false;
    bool has_observed_information = false;
    bool gives_root = true;
  };

  /// With `is_sample`, every pass is over the sample of rows that the home of the data holds.
  RObjective(Rcpp::Function pass, Traits traits, bool is_sample = false);

  std::size_t coefficient_count() const override { return traits_.coefficients; }
  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override;
  void evaluate_start(unsigned need, Sums& sums) override;
  bool has_constant_information() const override { return traits_.has_constant_information; }
  bool has_observed_information() const override { return traits_.has_observed_information; }
  bool gives_root() const override { return traits_.gives_root; }
  double effective_rows() const override { return traits_.effective_rows; }

 private:
  void ask(const std::vector<double>& coefficients, unsigned need, bool at_start, Sums& sums);

  Rcpp::Function pass_;
  Traits traits_;
  bool is_sample_;
};

}  // namespace glmpp

#endif
