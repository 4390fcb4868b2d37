#ifndef GLMPP_OBJECTIVE_ROW_QUANTITIES_H
#define GLMPP_OBJECTIVE_ROW_QUANTITIES_H

#include <functional>
#include <vector>

#include "design/design.h"
#include "linalg/matrix.h"

namespace glmpp {

/// How a sweep over rows is carried out.
struct Sweep {
  unsigned threads = 1;
  std::function<void()> poll;
};

/// out += X coefficients.
void add_linear_predictor(const Design& design, const std::vector<double>& coefficients,
                          const Sweep& sweep, double* out);

/// out(i) = x_i' (R'R)^-1 x_i over the `active` columns; `root` has R in its first columns.
/// Cost: rows rank^2 operations.
void quadratic_forms(const Design& design, const Matrix& root,
                     const std::vector<std::size_t>& active, const Sweep& sweep, double* out);

/// out(g, .) += sum of x_i' residual_i over the rows of group g; `out` is groups x p, column-major.
/// Cost: rows p operations, on the calling thread.
void add_group_scores(const Design& design, const double* residual, const int* group,
                      std::size_t groups, double* out);

struct ValueRange {
  double least, most;
};

/// Of values without NaN; `count` is at least 1.
ValueRange value_range(const double* values, std::size_t count, const Sweep& sweep);

}  // namespace glmpp

#endif
