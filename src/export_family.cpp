#include <Rcpp.h>

#include "convert.h"
#include "family/link.h"
#include "family/model_factory.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::NumericVector;

// [[Rcpp::export(rng = false)]]
List known_models_impl() {
  return List::create(Rcpp::Named("variances") = known_variances(),
                      Rcpp::Named("links") = known_links());
}

// What a row model makes of some rows: for tests of the tails.
// [[Rcpp::export(rng = false)]]
List row_model_impl(List family, NumericVector eta, NumericVector y, NumericVector weights) {
  const auto model = as_row_model(family);
  const R_xlen_t n = eta.size();
  NumericVector mean(n), weight(n), residual(n), working_residual(n);
  WorkingRows out{mean.begin(), weight.begin(), residual.begin(), working_residual.begin()};
  const RowSums sums =
      model->evaluate({static_cast<std::size_t>(n), eta.begin(), y.begin(), weights.begin()}, out);
  return List::create(Rcpp::Named("mean") = mean, Rcpp::Named("weight") = weight,
                      Rcpp::Named("residual") = residual,
                      Rcpp::Named("working_residual") = working_residual,
                      Rcpp::Named("deviance") = sums.deviance, Rcpp::Named("valid") = sums.valid);
}

// True when the mean is valid for some linear predictors only.
// [[Rcpp::export(rng = false)]]
bool has_bounded_predictor_impl(List family) {
  return as_row_model(family)->valid_range().is_bounded();
}

// How each sum of a pass merges with that of other rows: the names of the rules by those of the fields.
// [[Rcpp::export(rng = false)]]
List sum_fields_impl() {
  const std::vector<SumField>& fields = sum_fields();
  ListBuilder rules(static_cast<R_xlen_t>(fields.size()));
  for (const SumField& field : fields) rules.add(field.name, name_of(field.merge));
  return rules.finish();
}
