#include <Rcpp.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convert.h"
#include "parallel/huge_pages.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::NumericMatrix;
using Rcpp::NumericVector;

// [[Rcpp::export(rng = false)]]
NumericVector linear_predictor_impl(List design, NumericVector coefficients, int threads) {
  const auto columns = as_design(design);
  NumericVector eta(columns->rows());
  std::vector<std::size_t> used;
  std::vector<double> values;
  for (R_xlen_t j = 0; j < coefficients.size(); ++j) {
    if (coefficients[j] == 0.0) continue;
    used.push_back(static_cast<std::size_t>(j));
    values.push_back(coefficients[j]);
  }
  // Those of a path are mostly zero.
  if (2 * used.size() < static_cast<std::size_t>(coefficients.size()))
    add_linear_predictor(*columns->restricted(used), values, as_sweep(threads), eta.begin());
  else
    add_linear_predictor(*columns, Rcpp::as<std::vector<double>>(coefficients), as_sweep(threads),
                         eta.begin());
  return eta;
}

// X'r.
// [[Rcpp::export(rng = false)]]
NumericVector cross_product_impl(List design, NumericVector residual, int threads) {
  return Rcpp::wrap(cross_product(*as_design(design), residual.begin(), as_sweep(threads)));
}

// X'(w e) of each group of rows, a row for each, of working weights and working residuals; groups count from 1.
// [[Rcpp::export(rng = false)]]
NumericMatrix group_scores_impl(List design, NumericVector weights, NumericVector residuals,
                                Rcpp::IntegerVector group, int groups, int threads) {
  const auto columns = as_design(design);
  const R_xlen_t rows = static_cast<R_xlen_t>(columns->rows());
  if (weights.size() != rows || residuals.size() != rows || group.size() != rows)
    Rcpp::stop("weights, residuals and groups must be as many as the rows");
  NumericMatrix product(groups, static_cast<int>(columns->coefficient_count()));
  group_scores(*columns, weights.begin(), residuals.begin(), group.begin(),
               static_cast<std::size_t>(groups), as_sweep(threads), product.begin());
  return product;
}

// X' diag(w) X, for weights of either sign.
// [[Rcpp::export(rng = false)]]
SEXP weighted_cross_product_impl(List design, NumericVector weights, int threads) {
  return from_information(
      weighted_cross_product(*as_design(design), weights.begin(), as_sweep(threads)));
}

// X' diag(f (w e)^2) X of working weights and working residuals; `leverage`: NULL, or `root`, `pivot`, `weights`, `power`, `relative` and
// `most`, as LeveragePower has them.
// [[Rcpp::export(rng = false)]]
SEXP squared_scores_impl(List design, NumericVector weights, NumericVector residuals, SEXP leverage,
                         int threads) {
  const auto columns = as_design(design);
  const R_xlen_t rows = static_cast<R_xlen_t>(columns->rows());
  if (weights.size() != rows || residuals.size() != rows)
    Rcpp::stop("weights and residuals must be as many as the rows");
  LeveragePower by;
  if (!Rf_isNull(leverage)) {
    const List terms(leverage);
    const NumericVector of_leverage = terms["weights"];
    if (of_leverage.size() != rows) Rcpp::stop("weights must be as many as the rows");
    by.root = as_matrix(terms["root"]);
    by.estimable = as_positions(terms["pivot"]);
    by.weights = of_leverage.begin();
    by.power = terms["power"];
    by.relative = terms["relative"];
    by.most = Rcpp::as<std::vector<double>>(terms["most"]);
  }
  return from_information(squared_scores(*columns, weights.begin(), residuals.begin(),
                                         Rf_isNull(leverage) ? nullptr : &by, as_sweep(threads)));
}

// [[Rcpp::export(rng = false)]]
NumericVector quadratic_forms_impl(List design, NumericMatrix root, Rcpp::IntegerVector estimable,
                                   int threads) {
  const auto columns = as_design(design);
  NumericVector forms(columns->rows());
  quadratic_forms(*columns, as_matrix(root), as_positions(estimable), as_sweep(threads),
                  forms.begin());
  return forms;
}

// `hat`, and with `change` the rows that lm.influence() calls coefficients, of the rows whose prior weight is not 0;
// `residuals` has one element for each of these.
// [[Rcpp::export(rng = false)]]
List influences_impl(List design, NumericMatrix root, Rcpp::IntegerVector estimable,
                     NumericVector weights, NumericVector prior_weights, NumericVector residuals,
                     bool change, int threads) {
  const auto columns = as_design(design);
  std::vector<long> place(columns->rows(), -1);
  if (static_cast<std::size_t>(weights.size()) != place.size() ||
      prior_weights.size() != weights.size())
    Rcpp::stop("weights must be as many as the rows");
  long kept = 0;
  for (std::size_t i = 0; i < place.size(); ++i)
    if (prior_weights[static_cast<R_xlen_t>(i)] != 0.0) place[i] = kept++;
  if (residuals.size() != kept) Rcpp::stop("residuals must be as many as the rows with weight");
  NumericVector hat(kept);
  NumericMatrix changes(Rcpp::no_init(change ? static_cast<int>(kept) : 0,
                                      change ? static_cast<int>(estimable.size()) : 0));
  influences(*columns, as_matrix(root), as_positions(estimable), weights.begin(), residuals.begin(),
             place, static_cast<std::size_t>(kept), as_sweep(threads), hat.begin(),
             change ? changes.begin() : nullptr);
  return List::create(Rcpp::Named("hat") = hat, Rcpp::Named("change") = changes);
}

// What each of `terms` terms adds to the linear predictor, a column for each; with `centred` less its mean. `term`: of each
// coefficient, from 1.
// [[Rcpp::export(rng = false)]]
NumericMatrix term_predictors_impl(List design, NumericVector coefficients,
                                   Rcpp::IntegerVector term, int terms, bool centred, int threads) {
  const auto columns = as_design(design);
  const int rows = static_cast<int>(columns->rows());
  NumericMatrix values(Rcpp::no_init(rows, terms));
  term_predictors(*columns, Rcpp::as<std::vector<double>>(coefficients),
                  Rcpp::as<std::vector<int>>(term), terms, as_sweep(threads), values.begin());
  for (int t = 0; centred && t < terms; ++t) {
    double* column = &values(0, t);
    const double mean = std::accumulate(column, column + rows, 0.0) / rows;
    for (int i = 0; i < rows; ++i) column[i] -= mean;
  }
  return values;
}

// The residual standard deviation without each row: `freedom` degrees of freedom are left.
// [[Rcpp::export(rng = false)]]
NumericVector sigma_without_row_impl(NumericVector residuals, NumericVector hat, double freedom) {
  double total = 0.0;
  for (double residual : residuals) total += residual * residual;
  NumericVector sigma(Rcpp::no_init(residuals.size()));
  for (R_xlen_t i = 0; i < sigma.size(); ++i) {
    const double own = hat[i] < 1.0 ? residuals[i] * residuals[i] / (1.0 - hat[i]) : 0.0;
    sigma[i] = std::sqrt((total - own) / freedom);
  }
  return sigma;
}

// The design as a matrix, each row times its factor, where there are `factors` (else NULL).
// [[Rcpp::export(rng = false)]]
NumericMatrix expand_design_impl(List design, Rcpp::Nullable<NumericVector> factors, int threads) {
  const auto columns = as_design(design);
  const NumericVector given = factors.isNull() ? NumericVector() : NumericVector(factors);
  if (factors.isNotNull() && static_cast<std::size_t>(given.size()) != columns->rows())
    Rcpp::stop("a factor for each row");
  NumericMatrix values(Rcpp::no_init(static_cast<int>(columns->rows()),
                                     static_cast<int>(columns->coefficient_count())));
  advise_huge_pages(values.begin(), static_cast<std::size_t>(values.size()) * sizeof(double));
  expand_design(*columns, factors.isNull() ? nullptr : given.begin(), as_sweep(threads),
                values.begin());
  return values;
}

// Some rows of the design, from 1, as a matrix.
// [[Rcpp::export(rng = false)]]
NumericMatrix design_rows_impl(List design, NumericVector rows) {
  const auto columns = as_design(design);
  const std::size_t p = columns->coefficient_count(), length = columns->tile_rows();
  DesignTile tile = columns->make_tile();
  std::vector<double> expanded(length * p);
  NumericMatrix values(static_cast<int>(rows.size()), static_cast<int>(p));
  // Rows that follow each other are loaded together.
  const int count = values.nrow();
  for (int first = 0; first < count;) {
    int next = first + 1;
    while (next < count && rows[next] == rows[next - 1] + 1.0 &&
           next - first < static_cast<int>(length))
      ++next;
    const std::size_t run = static_cast<std::size_t>(next - first);
    columns->load({static_cast<std::size_t>(rows[first]) - 1, run}, tile);
    columns->expand(tile, expanded.data(), length);
    for (std::size_t j = 0; j < p; ++j)
      std::copy_n(expanded.data() + j * length, run, &values(first, static_cast<int>(j)));
    first = next;
  }
  return values;
}

// Deviance residuals of the rows' deviances, with the attributes of `mean`.
// [[Rcpp::export(rng = false)]]
NumericVector signed_roots_impl(NumericVector deviances, NumericVector y, NumericVector mean,
                                int threads) {
  NumericVector out(Rcpp::no_init(mean.size()));
  if (deviances.size() != mean.size() || y.size() != mean.size())
    Rcpp::stop("deviances, responses and means must be as many");
  signed_roots(deviances.begin(), y.begin(), mean.begin(), static_cast<std::size_t>(mean.size()),
               as_sweep(threads), out.begin());
  SHALLOW_DUPLICATE_ATTRIB(out, mean);
  return out;
}

// Pearson's residuals, with the attributes of `mean`.
// [[Rcpp::export(rng = false)]]
NumericVector pearson_residuals_impl(NumericVector y, NumericVector mean, NumericVector weights,
                                     NumericVector variances, int threads) {
  NumericVector out(Rcpp::no_init(mean.size()));
  for (R_xlen_t size : {y.size(), weights.size(), variances.size()})
    if (size != mean.size()) Rcpp::stop("responses, means, weights and variances must be as many");
  pearson_residuals(y.begin(), mean.begin(), weights.begin(), variances.begin(),
                    static_cast<std::size_t>(mean.size()), as_sweep(threads), out.begin());
  SHALLOW_DUPLICATE_ATTRIB(out, mean);
  return out;
}

namespace {

// measure(i) of each row, with the attributes of `residuals`; what a leverage of 1 makes infinite is NaN, as stats has it.
template <class Measure>
NumericVector row_measures(const NumericVector& residuals, const NumericVector& hat,
                           Measure measure) {
  if (hat.size() != residuals.size()) Rcpp::stop("residuals and leverages must be as many");
  NumericVector out(Rcpp::no_init(residuals.size()));
  for (R_xlen_t i = 0; i < out.size(); ++i) {
    const double value = measure(i);
    out[i] = std::isinf(value) ? R_NaN : value;
  }
  SHALLOW_DUPLICATE_ATTRIB(out, residuals);
  return out;
}

}  // namespace

// Cook's distances of Pearson's residuals.
// [[Rcpp::export(rng = false)]]
NumericVector cooks_distances_impl(NumericVector residuals, NumericVector hat, double dispersion,
                                   double rank) {
  return row_measures(residuals, hat, [&](R_xlen_t i) {
    const double ratio = residuals[i] / (1.0 - hat[i]);
    return ratio * ratio * hat[i] / (dispersion * rank);
  });
}

// [[Rcpp::export(rng = false)]]
NumericVector standardized_residuals_impl(NumericVector residuals, NumericVector hat,
                                          double dispersion) {
  return row_measures(residuals, hat, [&](R_xlen_t i) {
    return residuals[i] / std::sqrt(dispersion * (1.0 - hat[i]));
  });
}

// Of a family whose dispersion is known: an approximation to likelihood residuals.
// [[Rcpp::export(rng = false)]]
NumericVector studentized_residuals_impl(NumericVector deviance, NumericVector pearson,
                                         NumericVector hat) {
  if (pearson.size() != deviance.size()) Rcpp::stop("residuals must be as many");
  return row_measures(deviance, hat, [&](R_xlen_t i) {
    const double size =
        std::sqrt(deviance[i] * deviance[i] + hat[i] * pearson[i] * pearson[i] / (1.0 - hat[i]));
    return ((deviance[i] > 0.0) - (deviance[i] < 0.0)) * size;
  });
}

// change(i, j) / (sigma(i) errors(j)), with the attributes of `change`, which is overwritten with `in_place`.
// [[Rcpp::export(rng = false)]]
NumericMatrix dfbetas_impl(NumericMatrix change, NumericVector sigma, NumericVector errors,
                           bool in_place) {
  if (sigma.size() != change.nrow() || errors.size() != change.ncol())
    Rcpp::stop("sigma and standard errors must be as many as the rows and columns");
  NumericMatrix out = in_place ? change : Rcpp::clone(change);
  const R_xlen_t rows = sigma.size();
  const double* of_row = sigma.begin();
  for (R_xlen_t j = 0; j < errors.size(); ++j) {
    double* column = out.begin() + j * rows;
    const double error = errors[j];
    for (R_xlen_t i = 0; i < rows; ++i) column[i] /= of_row[i] * error;
  }
  return out;
}
