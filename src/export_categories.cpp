#include <Rcpp.h>

#include <algorithm>
#include <memory>
#include <string>

#include "convert.h"
#include "family/cumulative_model.h"
#include "family/softmax.h"
#include "objective/cumulative_objective.h"
#include "objective/held_objective.h"
#include "objective/softmax_batches.h"
#include "objective/softmax_objective.h"
#include "r_trace.h"
#include "solver/solver.h"
#include "solver/stochastic_descent.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::NumericMatrix;
using Rcpp::NumericVector;

namespace {

// A model of categories over a design, with what it borrows.
struct CategoryModel {
  std::unique_ptr<Design> design;
  std::unique_ptr<CumulativeLink> link;
  std::unique_ptr<Objective> objective;
  std::unique_ptr<RowBatches> batches;  ///< of a softmax
};

CategoryResponse as_category_response(const List& response) {
  CategoryResponse borrowed;
  borrowed.classes = Rcpp::as<int>(response["classes"]);
  SEXP codes = response["codes"], counts = response["counts"], offset = response["offset"];
  if (!Rf_isNull(codes)) borrowed.codes = INTEGER(codes);
  if (!Rf_isNull(counts)) borrowed.counts = REAL(counts);
  if (!Rf_isNull(offset)) borrowed.offset = REAL(offset);
  borrowed.weights = as_column(response["weights"]);
  return borrowed;
}

CategoryModel as_category_model(const List& design, const List& family, const List& response,
                                int threads) {
  CategoryModel model;
  model.design = as_design(design);
  const CategoryResponse borrowed = as_category_response(response);
  if (Rcpp::as<std::string>(family["kind"]) == "softmax") {
    const int baseline = family["baseline"];  // from 1; 0 for none
    const std::size_t from_zero = baseline == 0 ? borrowed.classes : baseline - 1;
    model.objective = std::make_unique<SoftmaxObjective>(*model.design, borrowed, from_zero,
                                                         as_positions(family["undetermined"]),
                                                         threads, check_interrupt);
    model.batches = std::make_unique<SoftmaxBatches>(*model.design, borrowed, from_zero);
  } else {
    model.link = std::make_unique<CumulativeLink>(Rcpp::as<std::string>(family["link"]));
    model.objective = std::make_unique<CumulativeObjective>(*model.design, borrowed, *model.link,
                                                            threads, check_interrupt);
  }
  return model;
}

List describe(const Fit& fit) {
  const Solution& solution = fit.solution;
  return List::create(
      Rcpp::Named("coefficients") = solution.point.coefficients,
      Rcpp::Named("deviance") = solution.point.sums.deviance,
      Rcpp::Named("score") = solution.point.sums.score,
      Rcpp::Named("root") = from_matrix(fit.factor.root()),
      Rcpp::Named("active") = from_positions(fit.factor.active()),
      Rcpp::Named("aliased") = from_positions(fit.factor.aliased()),
      Rcpp::Named("condition") = fit.factor.condition(),
      Rcpp::Named("path") = fit.is_accurate ? "qr" : "gram",
      Rcpp::Named("reason") = name_of(solution.reason),
      Rcpp::Named("converged") = solution.converged,
      Rcpp::Named("iterations") = solution.iterations,
      Rcpp::Named("passes") = solution.passes,
      Rcpp::Named("effective_rows") = fit.effective_rows);
}

}  // namespace

// [[Rcpp::export(rng = false)]]
List fit_categories_impl(List design, List family, List response, NumericVector start,
                         List control, List solver, SEXP penalty, List trace) {
  const CategoryModel model =
      as_category_model(design, family, response, Rcpp::as<int>(control["threads"]));
  Start from;
  from.has_coefficients = true;
  from.coefficients.assign(start.begin(), start.end());
  const auto penalised_by = as_penalty(penalty);
  Control read = as_control(control);
  Trace lines(trace);
  lines.listen(read);
  const SolverOptions options = as_solver_options(solver);
  HeldObjective objective(*model.objective, as_positions(family["frozen"]));
  Fit fit;
  if (options.name == "sgd") {
    const StochasticOptions stochastic = as_stochastic_options(solver["options"]);
    LocalEpochs epochs(*model.batches, stochastic, penalised_by.get(), objective.traits().effective_rows);
    fit = descend_stochastically(objective, epochs, stochastic, from, read);
  } else {
    fit = fit_penalized(objective, options, penalised_by.get(), from, read);
  }
  List result = describe(fit);
  result["trace"] = lines.as_list();
  return result;
}

// What a pass returns at some coefficients: deviance, its score (minus half its gradient), and the
// expected and the observed information.
// [[Rcpp::export(rng = false)]]
List category_sums_impl(List design, List family, List response, NumericVector coefficients,
                        int threads) {
  const CategoryModel model = as_category_model(design, family, response, threads);
  Sums sums;
  model.objective->evaluate({coefficients.begin(), coefficients.end()},
                            need_score | need_information | need_observed_information | need_root,
                            sums);
  return List::create(Rcpp::Named("deviance") = sums.deviance, Rcpp::Named("score") = sums.score,
                      Rcpp::Named("information") = from_matrix(sums.information),
                      Rcpp::Named("observed_information") = from_matrix(sums.observed_information),
                      Rcpp::Named("root") = from_matrix(sums.root),
                      Rcpp::Named("valid") = sums.valid);
}

// The class probabilities of rows of linear predictors, one column for each class.
// [[Rcpp::export(rng = false)]]
NumericMatrix softmax_impl(NumericMatrix eta) {
  constexpr std::size_t step = 512;
  const std::size_t classes = eta.ncol(), rows = eta.nrow();
  NumericMatrix probabilities(eta.nrow(), eta.ncol());
  SoftmaxRows softmax(classes, step);
  for (std::size_t begin = 0; begin < rows; begin += step) {
    const std::size_t count = std::min(step, rows - begin);
    for (std::size_t k = 0; k < classes; ++k)
      std::copy_n(eta.begin() + k * rows + begin, count, softmax.eta(k));
    softmax.evaluate(count);
    for (std::size_t k = 0; k < classes; ++k)
      std::copy_n(softmax.probabilities(k), count, probabilities.begin() + k * rows + begin);
  }
  return probabilities;
}

// The class probabilities of a cumulative link model.
// [[Rcpp::export(rng = false)]]
NumericMatrix cumulative_impl(NumericVector eta, NumericVector thresholds, std::string link) {
  constexpr std::size_t step = 512;
  const std::size_t classes = thresholds.size() + 1, rows = eta.size();
  const std::vector<double> limits(thresholds.begin(), thresholds.end());
  const CumulativeLink cumulative(link);
  CumulativeRows model(cumulative, limits.size(), step);
  NumericMatrix probabilities(static_cast<int>(rows), static_cast<int>(classes));
  for (std::size_t begin = 0; begin < rows; begin += step) {
    const std::size_t count = std::min(step, rows - begin);
    model.evaluate(limits, eta.begin() + begin, count, false);
    for (std::size_t k = 0; k < classes; ++k)
      for (std::size_t i = 0; i < count; ++i)
        probabilities[k * rows + begin + i] = model.probability(k, i);
  }
  return probabilities;
}

// The thresholds whose cumulative probabilities are given, at a linear predictor of zero.
// [[Rcpp::export(rng = false)]]
NumericVector thresholds_impl(NumericVector cumulative, std::string link) {
  const CumulativeLink quantiles(link);
  NumericVector thresholds(cumulative.size());
  for (R_xlen_t k = 0; k < cumulative.size(); ++k)
    thresholds[k] = quantiles.quantile(cumulative[k]);
  return thresholds;
}
