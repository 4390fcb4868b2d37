#ifndef GLMPP_OBJECTIVE_BORDERED_ROWS_H
#define GLMPP_OBJECTIVE_BORDERED_ROWS_H

#include <cstddef>
#include <vector>

#include "design/design.h"
#include "linalg/bordered_factor.h"
#include "sweep.h"

namespace glmpp {

// What rows ask of the inverse V of a bordered information. With the rows H of D^-1 B, a vector x times V is
// ~x - H a over the inner coefficients, where ~x = D^-1 x, and a = S^-1 (x - H'x) over the border. The same bits for any number of
// threads.

/// out(i) = x_i' V x_i. Cost: a row the square of the border.
void quadratic_forms(const Design& design, const BorderedFactor& factor, const Sweep& how,
                     double* out);

/// The diagonal of V M V for M = sum_g s_g s_g', where s_g is the sum of r_i x_i over the rows of group g (from 0; null: each row is
/// one). Cost: a group the square of the border.
std::vector<double> sandwich_diagonal(const Design& design, const BorderedFactor& factor,
                                      const double* r, const int* group, std::size_t groups,
                                      const Sweep& how);

}  // namespace glmpp

#endif
