#ifndef GLMPP_OPEN_PROBLEM_H
#define GLMPP_OPEN_PROBLEM_H

#include <Rcpp.h>

#include <cstring>
#include <memory>
#include <vector>

#include "convert.h"
#include "objective/model_columns.h"
#include "solver/problem.h"

namespace glmpp {

/// A problem beside the open one, with the objective that it poses.
struct OwnProblem {
  std::unique_ptr<Objective> objective;
  Problem problem;
};

/// A problem that R holds open: the data and the model, for any number of fits and passes. What it borrows from R it
/// keeps. A class for each kind of home; R asks through open_problem_impl(), fit_impl() and evaluate_impl().
class OpenProblem {
 public:
  explicit OpenProblem(const Rcpp::List& description) : description_(description) {}
  virtual ~OpenProblem() = default;

  /// For one fit. `request`: a list of `solver`, whose step_family sgd() follows, `threads`, and what the kind reads besides.
  virtual Problem pose(const Rcpp::List& request) = 0;
  /// The same over some coefficients (ascending), where the others are zero. False, and nothing is posed, where the kind, or the
  /// design, has nothing to gain by it.
  virtual bool pose_some(const Rcpp::List&, const std::vector<std::size_t>&, Problem&) {
    return false;
  }
  /// How many coefficients there are; 0 where that is not at hand.
  virtual std::size_t coefficients() const { return 0; }
  /// What is at hand of the rows at the point evaluated last; handed over, once.
  virtual void add_rows(ListBuilder&) {}
  /// Room that add_rows() takes.
  virtual R_xlen_t row_fields() const { return 0; }

  /// The objective that a question is put to: `question` may have `bend`, `sample`, and `rows`, whether add_rows() will be
  /// called.
  virtual Objective& ask(const Rcpp::List& question) = 0;
  /// The same rows with these prior weights, to be fitted by one thread beside others. `poll` may be null.
  virtual OwnProblem reweighted(const double*, void (*)()) const {
    Rcpp::stop("this kind of problem has no rows at hand");
  }
  /// The same rows, with these prior weights where they are not null, of these coefficients alone (ascending). Null where the kind
  /// has no columns at hand.
  virtual std::unique_ptr<Objective> of_columns(const std::vector<std::size_t>&, const double*,
                                                unsigned, void (*)()) const {
    return nullptr;
  }
  /// The model column by column, in these prior weights likewise; null where the kind has no columns at hand.
  virtual std::unique_ptr<ModelColumns> columns(const double*, unsigned, void (*)()) const {
    return nullptr;
  }
  /// The deviance of rows with these prior weights at each of some coefficients, by one thread beside others; NaN where the model is
  /// not defined.
  virtual std::vector<double> deviances(const double* weights,
                                        const std::vector<std::vector<double>>& coefficients,
                                        void (*poll)()) const;
  virtual std::size_t rows() const { return 0; }
  /// Where R evaluates the model there is one thread, its own.
  virtual bool calls_r() const { return false; }

  /// The deviance of one mean for all rows.
  virtual double deviance_at(double) { Rcpp::stop("this kind of problem has no common mean"); }

 protected:
  const Rcpp::List& description() const { return description_; }

 private:
  Rcpp::List description_;
};

std::unique_ptr<OpenProblem> open_rows(const Rcpp::List& description);
std::unique_ptr<OpenProblem> open_categories(const Rcpp::List& description);
std::unique_ptr<OpenProblem> open_far(const Rcpp::List& description);

/// An element of a list, NULL where there is none.
inline SEXP element(const Rcpp::List& list, const char* name) {
  SEXP names = Rf_getAttrib(list, R_NamesSymbol);
  const R_xlen_t count = Rf_xlength(names);
  for (R_xlen_t k = 0; k < count; ++k)
    if (std::strcmp(CHAR(STRING_ELT(names, k)), name) == 0) return VECTOR_ELT(list, k);
  return R_NilValue;
}
inline bool is_true(const Rcpp::List& list, const char* name) {
  SEXP value = element(list, name);
  return !Rf_isNull(value) && Rf_asLogical(value) == TRUE;
}
Bend as_bend(SEXP bend);
SEXP from_bend(const Bend& bend);

}  // namespace glmpp

#endif
