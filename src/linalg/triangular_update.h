#ifndef GLMPP_LINALG_TRIANGULAR_UPDATE_H
#define GLMPP_LINALG_TRIANGULAR_UPDATE_H

#include <cstddef>

#include "matrix.h"

namespace glmpp {

/// Replaces the upper triangular `root` by the R factor of `root` stacked on a tile of rows:
/// R'R grows by A'A with the accuracy of Householder QR. The tile (column-major, `rows` x p) is
/// overwritten. Cost: 2 rows p^2 operations.
void absorb_rows(Matrix& root, double* tile, std::size_t leading_dimension, std::size_t rows);

/// The same of another root, which is overwritten: 2/3 p^3 operations.
void absorb_root(Matrix& root, Matrix& other);

}  // namespace glmpp

#endif
