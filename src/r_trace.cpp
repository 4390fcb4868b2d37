#include "r_trace.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace glmpp {

using Rcpp::Named;

namespace {

bool names(SEXP trace, const char* word) {
  if (!Rf_isString(trace)) return false;
  for (R_xlen_t k = 0; k < Rf_xlength(trace); ++k)
    if (std::strcmp(CHAR(STRING_ELT(trace, k)), word) == 0) return true;
  return false;
}

}  // namespace

Trace::Trace(SEXP trace, SEXP progress)
    : keep_(Rf_isString(trace) || Rf_asLogical(trace) == TRUE),
      keep_coefficients_(names(trace, "coefficients")),
      print_(names(trace, "print")) {
  if (Rf_isNull(progress)) return;
  const Rcpp::List given(progress);
  tick_ = given["tick"];
  patience_ = given["patience"];
}

void Trace::tick(int iteration) {
  constexpr double pause = 0.2;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin_;
  if (elapsed.count() < patience_ || elapsed.count() < last_tick_ + pause) return;
  last_tick_ = elapsed.count();
  const Rcpp::Function show(tick_);
  show(iteration);
}

void Trace::listen(Control& control) {
  if (!Rf_isNull(tick_)) control.progress = [this](int iteration) { tick(iteration); };
  if (!keep_ && !print_) return;
  control.report = [this](const Progress& progress) {
    const Point& point = *progress.point;
    double norm = 0.0;
    for (double entry : point.sums.score) norm = std::max(norm, std::fabs(entry));
    add(progress.iteration, progress.passes, progress.step_length, progress.deviance,
        point.is_start ? NA_REAL : norm, point.is_start ? nullptr : &point.coefficients);
  };
}

void Trace::add(int iteration, int passes, double step_length, double deviance,
                double gradient_max_norm, const std::vector<double>* coefficients) {
  if (print_ && iteration > 0) {
    if (step_length < 1.0) Rprintf("Step shortened to %g of its length\n", step_length);
    Rprintf("Deviance = %.12g Iterations - %d\n", deviance, iteration);
  }
  if (!keep_) return;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin_;
  iteration_.push_back(iteration);
  passes_.push_back(passes);
  deviance_.push_back(deviance);
  gradient_max_norm_.push_back(gradient_max_norm);
  step_length_.push_back(iteration == 0 ? NA_REAL : step_length);
  seconds_.push_back(elapsed.count());
  if (keep_coefficients_)
    coefficients_.push_back(coefficients ? *coefficients : std::vector<double>());
}

SEXP Trace::as_list() const {
  if (!keep_) return R_NilValue;
  Rcpp::List columns = Rcpp::List::create(
      Named("iteration") = iteration_, Named("deviance") = deviance_,
      Named("gradient_max_norm") = gradient_max_norm_, Named("step_length") = step_length_,
      Named("passes") = passes_, Named("seconds") = seconds_);
  if (!keep_coefficients_) return columns;
  std::size_t width = 0;
  for (const auto& row : coefficients_) width = std::max(width, row.size());
  Rcpp::NumericMatrix rows(static_cast<int>(coefficients_.size()), static_cast<int>(width));
  std::fill(rows.begin(), rows.end(), NA_REAL);
  for (std::size_t i = 0; i < coefficients_.size(); ++i)
    for (std::size_t j = 0; j < coefficients_[i].size(); ++j)
      rows(static_cast<int>(i), static_cast<int>(j)) = coefficients_[i][j];
  columns["coefficients"] = rows;
  return columns;
}

}  // namespace glmpp
