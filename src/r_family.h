#ifndef GLMPP_R_FAMILY_H
#define GLMPP_R_FAMILY_H

#include <Rcpp.h>

#include "family/row_model.h"

namespace glmpp {

/// Any R `family` object, through its functions. They are called with all rows at once, on the main
/// thread, since a family may hold vectors of its own as long as the data.
class CallbackFamily : public RowModel {
 public:
  explicit CallbackFamily(Rcpp::List functions);

  RowSums evaluate(const Rows& rows, WorkingRows& out) const override;
  void start(const Rows& rows, double* eta) const override;
  double deviance_at(const Rows& rows, double mean) const override;
  bool works_by_ranges() const override { return false; }

 private:
  Rcpp::NumericVector call(const char* name, const Rcpp::NumericVector& argument) const;
  bool is_valid(const char* name, const Rcpp::NumericVector& argument) const;
  double deviance(const Rcpp::NumericVector& y, const Rcpp::NumericVector& mean,
                  const Rcpp::NumericVector& weights) const;

  Rcpp::List functions_;
};

}  // namespace glmpp

#endif
