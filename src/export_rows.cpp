#include <Rcpp.h>

#include "convert.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::NumericVector;

// [[Rcpp::export(rng = false)]]
NumericVector linear_predictor_impl(List design, NumericVector coefficients, int threads) {
  const auto columns = as_design(design);
  NumericVector eta(columns->rows());
  add_linear_predictor(*columns, Rcpp::as<std::vector<double>>(coefficients), as_sweep(threads),
                       eta.begin());
  return eta;
}

// [[Rcpp::export(rng = false)]]
NumericVector quadratic_forms_impl(List design, Rcpp::NumericMatrix root,
                                   Rcpp::IntegerVector active, int threads) {
  const auto columns = as_design(design);
  NumericVector forms(columns->rows());
  quadratic_forms(*columns, as_matrix(root), as_positions(active), as_sweep(threads),
                  forms.begin());
  return forms;
}

// Some rows of the design, from 1, as a matrix.
// [[Rcpp::export(rng = false)]]
Rcpp::NumericMatrix design_rows_impl(List design, NumericVector rows) {
  const auto columns = as_design(design);
  const std::size_t p = columns->coefficient_count(), length = columns->tile_rows();
  DesignTile tile = columns->make_tile();
  std::vector<double> expanded(length * p);
  Rcpp::NumericMatrix values(static_cast<int>(rows.size()), static_cast<int>(p));
  for (int k = 0; k < values.nrow(); ++k) {
    columns->load({static_cast<std::size_t>(rows[k]) - 1, 1}, tile);
    columns->expand(tile, expanded.data(), length);
    for (std::size_t j = 0; j < p; ++j) values(k, static_cast<int>(j)) = expanded[j * length];
  }
  return values;
}
