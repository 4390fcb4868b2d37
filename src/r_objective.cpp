#include "r_objective.h"

#include <cmath>

#include "open_problem.h"

namespace glmpp {

RObjective::RObjective(Rcpp::Function pass, Traits traits, bool is_sample, Bend bend)
    : Objective(traits), pass_(std::move(pass)), is_sample_(is_sample), bend_(from_bend(bend)) {}

void RObjective::evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) {
  ask(coefficients, need, false, sums);
}

void RObjective::evaluate_start(unsigned need, Sums& sums) {
  ask(std::vector<double>(traits_.coefficients, 0.0), need, true, sums);
}

void RObjective::ask(const std::vector<double>& coefficients, unsigned need, bool at_start,
                     Sums& sums) {
  // Sums that come from afar are in working precision.
  need &= ~static_cast<unsigned>(need_exact_score);
  if (bias_.isNULL()) need &= ~static_cast<unsigned>(need_adjustment);
  if (!traits_.has_observed_information) need &= ~static_cast<unsigned>(need_observed_information);
  const Rcpp::List question = Rcpp::List::create(
      Rcpp::Named("coefficients") = Rcpp::NumericVector(coefficients.begin(), coefficients.end()),
      Rcpp::Named("need") = names_of(need), Rcpp::Named("at_start") = at_start,
      Rcpp::Named("sample") = is_sample_, Rcpp::Named("bend") = bend_, Rcpp::Named("bias") = bias_);
  read_sums(pass_(question), need, traits_.coefficients, shape_, sums);
}

}  // namespace glmpp
