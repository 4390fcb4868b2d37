#ifndef GLMPP_LINALG_CHOLESKY_H
#define GLMPP_LINALG_CHOLESKY_H

#include <cstddef>

#include "aligned_buffer.h"

namespace glmpp {

/// A symmetric matrix for cholesky_upper(): column-major, the leading dimension as the kernels like it.
struct SymmetricTile {
  explicit SymmetricTile(std::size_t size_)
      : size(size_),
        leading_dimension(tile_leading_dimension(size_)),
        values(leading_dimension * size_) {}
  double& operator()(std::size_t i, std::size_t j) { return values[i + j * leading_dimension]; }

  std::size_t size;
  std::size_t leading_dimension;
  AlignedBuffer values;
};

/// Replaces the upper triangle of A by R with R'R = A, in blocks of rows that the Gram kernels update;
/// the lower triangle is not read. False when A is not positive definite. The same bits for any
/// number of threads.
bool cholesky_upper(SymmetricTile& matrix, unsigned threads);

}  // namespace glmpp

#endif
