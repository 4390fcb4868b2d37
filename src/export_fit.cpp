#include <Rcpp.h>

#include "convert.h"
#include "solver/warm_start.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::NumericVector;

namespace {

double* take(NumericVector& vector) { return vector.begin(); }

List describe(const Solution& solution, const InformationFactor& factor) {
  List result = List::create(
      Rcpp::Named("coefficients") = NumericVector(solution.point.coefficients.begin(),
                                                  solution.point.coefficients.end()),
      Rcpp::Named("deviance") = solution.point.sums.deviance,
      Rcpp::Named("score") = NumericVector(solution.point.sums.score.begin(),
                                           solution.point.sums.score.end()),
      Rcpp::Named("root") = from_matrix(factor.root()),
      Rcpp::Named("active") = from_positions(factor.active()),
      Rcpp::Named("aliased") = from_positions(factor.aliased()),
      Rcpp::Named("condition") = factor.condition(),
      Rcpp::Named("reason") = name_of(solution.reason),
      Rcpp::Named("converged") = solution.converged,
      Rcpp::Named("boundary") = solution.boundary,
      Rcpp::Named("iterations") = solution.iterations,
      Rcpp::Named("passes") = solution.passes);
  return result;
}

}  // namespace

// [[Rcpp::export(rng = false)]]
List fit_impl(List design, List family, List response, List start, List control) {
  const auto columns = as_design(design);
  const auto model = as_row_model(family);
  const R_xlen_t n = static_cast<R_xlen_t>(columns->rows());
  NumericVector eta(Rcpp::no_init(n)), mean(Rcpp::no_init(n)), weight(Rcpp::no_init(n)),
      working_residual(Rcpp::no_init(n));
  MemoryObjective objective(*columns, *model, as_response(response),
                            {take(eta), take(mean), take(weight), take(working_residual)},
                            Rcpp::as<int>(control["threads"]), check_interrupt);
  const Control limits = as_control(control);
  FisherScoring direction(objective, limits);
  Start from = as_start(start);
  const std::size_t stride =
      Rcpp::as<bool>(control["sample"]) && !objective.has_constant_information()
          ? sample_stride(columns->rows(), columns->coefficient_count())
          : 1;
  if (stride > 1) {
    MemoryObjective sample(*columns, *model, as_response(response), {},
                           Rcpp::as<int>(control["threads"]), check_interrupt, stride);
    warm_start(sample, 1.0 / stride, limits, from, direction);
  }
  const Solution solution = descend(objective, direction, from, limits);

  List result = describe(solution, direction.factor());
  result["eta"] = eta;
  result["mean"] = mean;
  result["working_weights"] = weight;
  result["working_residuals"] = working_residual;
  result["effective_rows"] = objective.effective_rows();
  return result;
}
