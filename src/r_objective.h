#ifndef GLMPP_R_OBJECTIVE_H
#define GLMPP_R_OBJECTIVE_H

#include <Rcpp.h>

#include <memory>
#include <utility>

#include "family/bend.h"
#include "objective/objective.h"

namespace glmpp {

/// An objective whose passes an R function answers: `pass(question)`, a list of `coefficients`, `need`, `at_start`, `sample`
/// and `bend` as new_question() in R/far.R has it, returns a list with `deviance`, `valid` and the fields of Sums that
/// `need` names.
class RObjective : public Objective {
 public:
  /// With `is_sample`, every pass is over the sample of rows that the home of the data holds.
  RObjective(Rcpp::Function pass, Traits traits, bool is_sample = false, Bend bend = {});
  /// What the pass is told of the bias (as_bias_terms()), as R has it.
  void set_bias_terms(SEXP terms) { bias_ = terms; }
  /// That of informations; null: dense.
  void set_shape(std::shared_ptr<const BorderedShape> shape) { shape_ = std::move(shape); }

  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override;
  void evaluate_start(unsigned need, Sums& sums) override;

 private:
  void ask(const std::vector<double>& coefficients, unsigned need, bool at_start, Sums& sums);

  Rcpp::Function pass_;
  bool is_sample_;
  Rcpp::RObject bend_, bias_;
  std::shared_ptr<const BorderedShape> shape_;
};

}  // namespace glmpp

#endif
