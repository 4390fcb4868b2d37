#ifndef GLMPP_LINALG_LIMITED_PIVOTING_H
#define GLMPP_LINALG_LIMITED_PIVOTING_H

#include <cstddef>
#include <vector>

#include "matrix.h"

namespace glmpp {

/// R factor with aliased columns moved to the end.
struct PivotedRoot {
  Matrix root;                     ///< p x p, columns in pivot order, rows beyond `rank` zero
  std::vector<std::size_t> pivot;  ///< original column of each position
  std::size_t rank = 0;
};

/// Triangularises `root` by Householder reflections, left to right. A column whose norm, after
/// the reflections before it, falls below `tolerance` times its first norm is moved to the end:
/// the choice that glm() makes through LINPACK's dqrdc2 (Dongarra et al. 1979, LINPACK Users' Guide,
/// with R's limited pivoting). So are the columns `aliased`, whatever is left of them.
PivotedRoot limited_pivoting(const Matrix& root, double tolerance,
                             const std::vector<std::size_t>& aliased = {});

}  // namespace glmpp

#endif
