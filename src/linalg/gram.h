#pragma once

#include <cstddef>
#include <vector>

namespace glmpp {

// A tile X is given by the starts of its columns, in which the rows from `rows` to the next multiple of 8 are read too; there
// they or what they meet are zero. Columns that are the kernels' own start on 64 bytes, which is faster, `ld` apart, an odd multiple
// of 8, which keeps them out of each other's cache sets. Every function is safe to call from many threads on distinct outputs.

/// The starts of columns that lie `ld` apart.
std::vector<const double*> columns_of(const double* x, std::size_t ld, std::size_t cols);

/// gram += X' diag(w) X, upper triangle, for one tile X (rows x cols).
/// `w` may be negative; it is aligned, and padded with zeros. `scratch` has `scratch_ld * cols`
/// doubles and is overwritten.
/// Element (i, j), i <= j, is `gram[i + j * gram_ld]`.
void add_weighted_gram(const double* const* x, std::size_t rows, std::size_t cols, const double* w,
                       double* scratch, std::size_t scratch_ld, double* gram, std::size_t gram_ld);

/// out += X'Y for tiles X (rows x xcols) and Y (rows x ycols, `yld` apart), any weights being in Y.
void add_weighted_cross(const double* const* x, std::size_t rows, std::size_t xcols,
                        const double* y, std::size_t yld, std::size_t ycols, double* out,
                        std::size_t out_ld);
/// The same for an X whose columns lie `ld` apart.
void add_weighted_cross(const double* x, std::size_t ld, std::size_t rows, std::size_t xcols,
                        const double* y, std::size_t yld, std::size_t ycols, double* out,
                        std::size_t out_ld);

/// eta += X b; eta is padded to a multiple of 8, and its padding is read and written.
void add_matrix_vector(const double* const* x, std::size_t rows, std::size_t cols, const double* b,
                       double* eta);

/// rows_major[i, j] = w[i] x[i, j], or x[i, j] where `w` is null, for i < rows;
/// columns from `cols` to `row_ld` (a multiple of the lanes of a register) become zero.
void transpose_tile(const double* const* x, std::size_t rows, std::size_t cols, const double* w,
                    double* rows_major, std::size_t row_ld);

/// table[cell[i], ] += multiplier[i] * rows_major[i, ] for the rows of a tile that
/// `transpose_tile()` wrote; a null `multiplier` stands for ones. `table` is row-major,
/// of `cells` rows, with the same `row_ld`.
void add_scaled_rows(const double* rows_major, std::size_t row_ld, std::size_t rows,
                     std::size_t cols, const int* cell, const double* multiplier, double* table,
                     std::size_t cells);

}  // namespace glmpp
