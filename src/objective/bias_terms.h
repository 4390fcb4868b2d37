#ifndef GLMPP_OBJECTIVE_BIAS_TERMS_H
#define GLMPP_OBJECTIVE_BIAS_TERMS_H

#include <cstddef>
#include <vector>

#include "linalg/matrix.h"

namespace glmpp {

/// What a pass must be told for `adjustment` and `cubes`. With the factor R of the information, V = (R'R)^-1 over the `estimable`
/// columns, working weights w, and the slopes S and T of log(dmu/deta) and log V(mu) (RowModel::log_slopes):
///   adjustment = sum_i w_i x_i' V x_i (on_slope S_i + on_variance T_i) x_i
///   cubes(j)   = sum_i w_i (T_i / 6 - S_i / 2) (V x_i)_j^3, where `with_cubes`; else 0
/// The first is the adjustment of the score that removes the first term of the mean bias (1/2 and 0), or the derivative of
/// a power a of Jeffreys' prior (2 a and -a); the second, over V_jj, is what median bias needs besides. Firth (1993),
/// Kosmidis and Firth (2009), Kenne Pagui, Salvan and Sartori (2017).
struct BiasTerms {
  Matrix root;  ///< R in its first columns
  std::vector<std::size_t> estimable;
  double on_slope = 0.5, on_variance = 0.0;
  bool with_cubes = false;
};

}  // namespace glmpp

#endif
