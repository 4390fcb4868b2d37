#include "r_objective.h"

#include <cmath>

#include "convert.h"

namespace glmpp {

namespace {

Rcpp::CharacterVector names_of(unsigned need) {
  Rcpp::CharacterVector names;
  if (need & need_score) names.push_back("score");
  if (need & need_information) names.push_back("information");
  if (need & need_root) names.push_back("root");
  if (need & need_observed_information) names.push_back("observed_information");
  return names;
}

SEXP member(const Rcpp::List& answer, const char* name) {
  if (!answer.containsElementNamed(name)) Rcpp::stop("a pass must return `%s`", name);
  return answer[name];
}

Matrix square(SEXP values, std::size_t size, const char* name) {
  const Rcpp::NumericMatrix matrix(values);
  if (matrix.nrow() != static_cast<int>(size) || matrix.ncol() != static_cast<int>(size))
    Rcpp::stop("a pass must return `%s` as a square matrix, one column per coefficient", name);
  return as_matrix(matrix);
}

}  // namespace

RObjective::RObjective(Rcpp::Function pass, Traits traits, bool is_sample)
    : pass_(std::move(pass)), traits_(traits), is_sample_(is_sample) {}

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
  if (!traits_.has_observed_information) need &= ~static_cast<unsigned>(need_observed_information);
  const Rcpp::List answer =
      pass_(Rcpp::NumericVector(coefficients.begin(), coefficients.end()), names_of(need),
            at_start, is_sample_);
  sums.filled = need;
  sums.deviance = Rcpp::as<double>(member(answer, "deviance"));
  sums.valid = Rcpp::as<bool>(member(answer, "valid")) && std::isfinite(sums.deviance);
  if (need & need_score) {
    sums.score = Rcpp::as<std::vector<double>>(member(answer, "score"));
    if (sums.score.size() != traits_.coefficients)
      Rcpp::stop("a pass must return `score` with one element per coefficient");
    for (double value : sums.score) sums.valid &= std::isfinite(value);
  }
  if (need & need_information)
    sums.information = square(member(answer, "information"), traits_.coefficients, "information");
  if (need & need_root) sums.root = square(member(answer, "root"), traits_.coefficients, "root");
  if (need & need_observed_information)
    sums.observed_information =
        square(member(answer, "observed_information"), traits_.coefficients, "observed_information");
}

}  // namespace glmpp
