#ifndef GLMPP_R_TRACE_H
#define GLMPP_R_TRACE_H

#include <Rcpp.h>

#include <chrono>
#include <vector>

#include "solver/control.h"

namespace glmpp {

/// Prints and keeps what a solver reports of its iterations, as R's `trace` argument asks. Must outlive the
/// control that it listens to.
class Trace {
 public:
  /// `trace`: that of R's glmpp_control(). `progress`: NULL, or a list of `tick`, a function that is called with the iteration, a
  /// few times a second once a fit has taken `patience` seconds, and `patience`.
  Trace(SEXP trace, SEXP progress);

  bool keeps() const { return keep_; }
  void listen(Control& control);
  void add(int iteration, int passes, double step_length, double deviance, double gradient_max_norm,
           const std::vector<double>* coefficients);
  /// A list of equally long vectors and, when they are kept, `coefficients`: a matrix with a row for each.
  /// NULL when nothing is kept.
  SEXP as_list() const;

 private:
  void tick(int iteration);

  bool keep_, keep_coefficients_, print_;
  SEXP tick_ = R_NilValue;
  double patience_ = 0.0;
  double last_tick_ = 0.0;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::vector<int> iteration_, passes_;
  std::vector<double> deviance_, gradient_max_norm_, step_length_, seconds_;
  std::vector<std::vector<double>> coefficients_;
};

}  // namespace glmpp

#endif
