#ifndef GLMPP_LINALG_CHOLESKY_H
#define GLMPP_LINALG_CHOLESKY_H

#include <cstddef>
#include <vector>

#include "aligned_buffer.h"

namespace glmpp {

/// A symmetric matrix for cholesky_upper(): column-major, the leading dimension as the kernels like it.
struct SymmetricTile {
  explicit SymmetricTile(std::size_t size_)
      : size(size_),
        leading_dimension(tile_leading_dimension(size_)),
        values(leading_dimension * size_) {}
  double& operator()(std::size_t i, std::size_t j) { return values[i + j * leading_dimension]; }
  double operator()(std::size_t i, std::size_t j) const {
    return values[i + j * leading_dimension];
  }

  std::size_t size;
  std::size_t leading_dimension;
  AlignedBuffer values;
};

/// Replaces the upper triangle of A by R with R'R = A, in blocks of rows that the Gram kernels update;
/// the lower triangle is not read. False when A is not positive definite. The same bits for any
/// number of threads.
bool cholesky_upper(SymmetricTile& matrix, unsigned threads);

/// The same of a matrix any of whose columns may be combinations of those before them: columns whose pivot is no more than
/// `smallest_pivot` are left out, and returned, ascending. What is left in their columns has no meaning.
std::vector<std::size_t> cholesky_of_strong(SymmetricTile& matrix, double smallest_pivot,
                                            unsigned threads);

/// out = (R'R)^-1 for an upper triangular R, whose lower triangle is not read: out is R.size x R.size, column-major.
/// 2/3 size^3 multiplications by the Gram kernels; the same bits for any number of threads.
void inverse_of_product(const SymmetricTile& root, unsigned threads, double* out);

/// out = B A B for symmetric matrices of n x n, both triangles of which are read; `out` is column-major.
void symmetric_sandwich(const double* bread, const double* meat, std::size_t n, unsigned threads,
                        double* out);

/// out = X'X of a column-major matrix of rows x cols; `out` is cols x cols, both triangles.
void cross_product_of_columns(const double* x, std::size_t rows, std::size_t cols, unsigned threads,
                              double* out);

}  // namespace glmpp

#endif
