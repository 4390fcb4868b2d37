#include <Rcpp.h>

#include "convert.h"

using namespace glmpp;

// What a penalty, as the core takes it, is at some coefficients: its value and its second derivative.
// [[Rcpp::export(rng = false)]]
Rcpp::List penalty_impl(Rcpp::List penalty, std::vector<double> coefficients) {
  const auto made = as_penalty(penalty);
  Matrix curvature(coefficients.size(), coefficients.size());
  made->add_curvature(coefficients, curvature);
  return Rcpp::List::create(Rcpp::Named("value") = made->value(coefficients),
                            Rcpp::Named("curvature") = from_matrix(curvature));
}
