#ifndef GLMPP_OBJECTIVE_ROW_QUANTITIES_H
#define GLMPP_OBJECTIVE_ROW_QUANTITIES_H

#include <vector>

#include "design/design.h"
#include "linalg/matrix.h"
#include "sweep.h"

namespace glmpp {

// Products of a design with vectors that are given, an element for each row. The design is not formed, and results are the
// same bits for any number of threads.

/// out += X coefficients.
void add_linear_predictor(const Design& design, const std::vector<double>& coefficients,
                          const Sweep& how, double* out);

/// X'r.
std::vector<double> cross_product(const Design& design, const double* residual, const Sweep& how);

/// out(g, .) = X'(w e) of the rows of group g, with working weights w, of which those that are 0 count for nothing, and working residuals
/// e; `out` is groups x p, column-major, and `group` counts from 1. Memory besides: as much for each lane, of which there are two at
/// least where the rows are many.
void group_scores(const Design& design, const double* weights, const double* residuals,
                  const int* group, std::size_t groups, const Sweep& how, double* out);

/// X' diag(w) X, for weights of either sign.
Information weighted_cross_product(const Design& design, const double* weights, const Sweep& how);

/// What a squared score is multiplied by for the leverage h of its row, v_i x_i' (R'R)^-1 x_i with the weights v: (1 - h)^-d, with
/// d = `power`, or the least of m and `relative` h, summed over the `most` m there are; 0 where h is 1.
struct LeveragePower {
  Matrix root;  ///< R in its first columns
  std::vector<std::size_t> estimable;
  const double* weights = nullptr;
  double power = 0.0;
  double relative = 0.0;
  std::vector<double> most;
  double factor(double leverage) const;
};

/// X' diag(f (w e)^2) X of working weights w, of which those that are 0 count for nothing, and working residuals e; f by `leverage`, or 1
/// where that is null. Cost with it: rows rank^2 operations besides.
Information squared_scores(const Design& design, const double* weights, const double* residuals,
                           const LeveragePower* leverage, const Sweep& how);

/// out(i) = x_i' (R'R)^-1 x_i over the `estimable` columns; `root` has R in its first columns.
/// Cost: rows rank^2 operations.
void quadratic_forms(const Design& design, const Matrix& root,
                     const std::vector<std::size_t>& estimable, const Sweep& how, double* out);

/// Leverages, and what each row adds to the coefficients. With V = (R'R)^-1 over the `estimable` columns:
/// hat(i) = w_i x_i' V x_i, no more than 1; change(i, .) = sqrt(w_i) e_i / (1 - hat(i)) V x_i, 0 where hat(i) is 1. Only rows
/// whose `place` is not negative count: they are written there. `change` may be null; it is `kept_rows` x rank, column-major.
/// Cost: rows rank^2 operations.
void influences(const Design& design, const Matrix& root, const std::vector<std::size_t>& estimable,
                const double* weights, const double* residuals, const std::vector<long>& place,
                std::size_t kept_rows, const Sweep& how, double* hat, double* change);

/// out(i, t) = the sum over the columns of term t of x_ij b_j, for terms counted from 1 in `term`, an element for each
/// coefficient; `out` is rows x terms, column-major.
void term_predictors(const Design& design, const std::vector<double>& coefficients,
                     const std::vector<int>& term, int terms, const Sweep& how, double* out);
/// Several linear predictors, one after the other, by one reading of the rows.
void linear_predictors(const Design& design, const std::vector<std::vector<double>>& coefficients,
                       const Sweep& how, double* out);

/// The design itself, column-major, each row times its factor, where there are any (else null).
void expand_design(const Design& design, const double* factors, const Sweep& how, double* out);

struct ValueRange {
  double least, most;
};

/// Of values without NaN; `count` is at least 1.
ValueRange value_range(const double* values, std::size_t count, const Sweep& how);

struct PearsonSum {
  double total = 0.0;           ///< sum of w r^2 over the rows with w > 0
  std::size_t unused_rows = 0;  ///< those with w = 0
};

/// Of working weights and working residuals.
PearsonSum pearson_sum(const double* weights, const double* residuals, std::size_t count,
                       const Sweep& how);

/// out = sqrt(deviance), or 0 where that is negative, with the sign of y - mean.
void signed_roots(const double* deviances, const double* y, const double* mean, std::size_t count,
                  const Sweep& how, double* out);

/// out = (y - mean) sqrt(weight / variance): Pearson's residuals, of prior weights.
void pearson_residuals(const double* y, const double* mean, const double* weights,
                       const double* variances, std::size_t count, const Sweep& how, double* out);

}  // namespace glmpp

#endif
